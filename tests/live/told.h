/* SPDX-License-Identifier: GPL-2.0 */
/* What a tracer has told of one socket. */
#ifndef LIVE_TOLD_H
#define LIVE_TOLD_H

#include "sockets.h"
#include "tracer.h"

bool told_is_about(const json_t *event, const struct end *end);

/*
 * The nth event of that type, from 0, waiting for it; NULL when it does not come. A socket without
 * a cookie, as it was never accepted and nobody could ask for it, is known by its tuple.
 */
const json_t *told_event(struct tracer *t, const char *type, const struct end *end, int nth,
			 int wait_ms);

int told_count(const struct tracer *t, const char *type, const struct end *end);

/* Of a socket that has ended: whether a transition is missing among those that were told. */
bool told_with_gap(const struct tracer *t, const struct end *end);

bool told_same(const struct end *a, const struct end *b);

/* Prints them all. */
void told_show(const struct tracer *t, const struct end *end);

#endif
