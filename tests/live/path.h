/* SPDX-License-Identifier: GPL-2.0 */
/* The states that one socket was shown to pass through, and what must hold on the way. */
#ifndef LIVE_PATH_H
#define LIVE_PATH_H

#include "sockets.h"
#include "tracer.h"

/*
 * states is the whole way, such as "CLOSE>LISTEN>CLOSE". Waits until as many transitions of that
 * cookie are there, then until the tracer has shown something that happened later, and
 * asserts: exactly these pairs, each legal, the tuple, the family and the namespace right,
 * dwell_ns as the time stamps say. After tracer_stop() it only asserts.
 */
void path_expect(struct tracer *t, const struct end *end, const char *states);

/* The same in another namespace than the current one. */
void path_expect_in(struct tracer *t, const struct end *end, const char *states,
		    uint64_t netns);

/* No transition of that socket was shown, although something that happened later was. */
void path_expect_none(struct tracer *t, const struct end *end);

/* The transition to that state names pid, and comm as the test program's. */
void path_expect_owner(struct tracer *t, const struct end *end, const char *to, pid_t pid);

/* Its transition to that state, waiting for it; NULL when it does not come. */
const json_t *path_step(struct tracer *t, const struct end *end, const char *to);

/* The time_wait record of that substate, which ended so. Waits for it and asserts its tuple;
 * returns its duration. */
uint64_t path_expect_time_wait(struct tracer *t, const struct end *end, const char *substate,
			       const char *how, int timeout_ms);

#endif
