/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A leak of our own that must be found. Whoever was in CLOSE_WAIT before it has been there past the
 * threshold once it is found, so that what was not told until then is no finding.
 */
#ifndef LIVE_CANARY_H
#define LIVE_CANARY_H

struct tracer;

/* See watch_start(): no canary is there yet. */
struct tracer *canary_watch(void **state);

/* Everybody has been there for longer than the threshold, and only the canary is a leak. */
void canary_expect_alone(struct tracer *t);

/* The same of the one shot, once the canary is in. */
void canary_expect_alone_at_once(void);

#endif
