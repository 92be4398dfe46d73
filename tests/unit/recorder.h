/* SPDX-License-Identifier: GPL-2.0 */
/* A sink that writes each event as a short line: a test compares a whole story at once. */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdio.h>
#include "../../user/core/event.h"

/*
 * What the lines look like; the first word is the time, `?` stands for unknown, a known owner
 * comes last as pid/source:
 *
 *   110 move 7 SYN_SENT>ESTABLISHED 10 42/connect
 *   110 move 7 ESTABLISHED>LISTEN 10 illegal
 *   900 tw 7 TIME_WAIT 600 life 600 expired rearmed 0
 *   210 end 7 orderly local 42/connect
 *   500 finding #1 stuck-close-wait open CLOSE_WAIT count 2 oldest 400 local 80 42x2:5-6
 *   500 loss ring 3
 *   500 drift 7 ghost CLOSE_WAIT>-
 *   600 audit 3 mirrored 3 missing 0 ghosts 1 states 0 races 2 seeded 0 beyond 0 requests 0
 *
 * A lower bound of an age is followed by `+`, a verdict, a confidence that is not exact and a
 * single socket's cookie by their words.
 */
struct recorder {
	FILE *out;
	char *text;
	size_t size;
	char *taken;
	struct tct_teardown teardown;	/* the last one */
	struct tct_finding finding;	/* the last one; its pointers are stale */
};

void recorder_init(struct recorder *recorder, struct tct_sink *ops);
void recorder_fini(struct recorder *recorder);

/* What was written since the last call; valid until the next. */
const char *recorder_take(struct recorder *recorder);

#endif
