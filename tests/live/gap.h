/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page that is not there until somebody serves it: who touches it waits, and so does what the
 * kernel holds for him, such as a socket that recv() reads from.
 */
#ifndef LIVE_GAP_H
#define LIVE_GAP_H

#include <stddef.h>

struct gap {
	int handler;
	char *page;
	size_t size;
};

/* Skips the running test without userfaultfd. */
void gap_open(struct gap *gap);

/* Until somebody waits for it. */
void gap_await_touch(const struct gap *gap);

/* Lets him go on. */
void gap_fill(const struct gap *gap);

#endif
