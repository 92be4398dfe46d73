/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sink that keeps a copy of what one shard tells, until all shards are joined. What events point
 * to is kept with them, or outlives them.
 */
#ifndef TCT_GATHER_H
#define TCT_GATHER_H

#include "event.h"

enum tct_gathered_kind {
	TCT_GATHERED_TRANSITION,
	TCT_GATHERED_TIME_WAIT,
	TCT_GATHERED_TEARDOWN,
	TCT_GATHERED_FINDING,
};

struct tct_gathered {
	uint32_t size;		/* of it all, a multiple of 8 */
	uint32_t kind;		/* enum tct_gathered_kind */
	uint64_t mono_ns;
	union {			/* as much of it as the event takes */
		struct tct_transition transition;
		struct tct_time_wait time_wait;
		struct tct_teardown teardown;
		struct {
			struct tct_finding finding;
			struct tct_subject socket;
		};
	};
};

struct tct_gather {
	char *bytes;
	size_t used;
	size_t room;
	size_t at;		/* of the first that was not taken yet */
	uint64_t dropped;	/* for lack of memory, over the whole run */
};

/* `out` has a function for those kinds only for which `real` has one. */
void tct_gather_init(struct tct_gather *gather, const struct tct_sink *real, struct tct_sink *out);
void tct_gather_fini(struct tct_gather *gather);

/* The next one in the order it came in, NULL after the last; it stays until it is taken. */
struct tct_gathered *tct_gather_next(struct tct_gather *gather);
void tct_gather_take(struct tct_gather *gather);

/* After the last: room for what comes next. */
void tct_gather_clear(struct tct_gather *gather);

#endif
