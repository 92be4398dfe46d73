/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core of one shard: records in, events out. It steps the mirror, asks the FSM and the teardown
 * rules, and calls a sink. No clock, no I/O, no libbpf: live, from a file and under a fuzzer it is
 * the same code. While shards run side by side it touches nothing that is of another; what is about
 * all sockets is in shards.h.
 */
#ifndef TCT_TRACKER_H
#define TCT_TRACKER_H

#include "ahead.h"
#include "audit.h"
#include "decode.h"
#include "end.h"
#include "event.h"
#include "mirror.h"
#include "pending.h"
#include "rearms.h"
#include "repeats.h"
#include "stuck.h"
#include "tasks.h"

struct tct_tracker_config {
	struct tct_stuck_config stuck;
	struct tct_end_symbol end_symbols[TCT_END_SYMBOLS_MAX];
	bool cookieless;	/* records may lack the cookie: then the address tells sockets apart */
	bool sees_resets;	/* that this host sends */
	/* What a kernel's number for a reset reason means; NULL: it tells none. */
	const char *(*reset_reason)(uint32_t reason);
	bool sees_segments;	/* that reach mini-sockets */
	uint32_t hz;		/* of the kernel's jiffies; 0: not known, nor when a mini-socket ends */
	bool minis_need_socket;	/* drop mini-sockets whose full socket was filtered out */
	bool brief;		/* all transitions come brief, mini-sockets not at all */
	bool holds_back;	/* a first event may come with the second only: a filter by port */
	uint32_t max_sockets;	/* the mirror's bound; 0: none */
};

#define TCT_ENDED_MAX 16
#define TCT_UNCLAIMED_MAX 64

struct tct_shards;

struct tct_tracker {
	struct tct_tracker_config config;
	struct tct_shards *all;
	unsigned int shard;		/* its number */
	const struct tct_sink *sink;
	struct tct_mirror mirror;
	struct tct_tasks tasks;
	struct tct_pool closings;
	struct tct_ahead ahead;
	struct tct_pending pending;
	struct tct_rearms rearms;
	struct tct_repeats repeats;
	struct tct_audit_part audit;
	uint64_t received;	/* transitions of full sockets, each once */
	uint64_t mismatches;	/* transitions that did not start where the mirror was, unjudged */
	uint64_t ended[TCT_ENDED_MAX];	/* cookies of full sockets that closed last */
	unsigned int ended_at;
	uint64_t unclaimed[TCT_UNCLAIMED_MAX];	/* minis without a cookie whose full socket is
						   still to close */
	unsigned int unclaimed_at;
	uint64_t unmirrored;	/* sockets that the mirror had no room for, over the whole run */
	uint32_t beyond;	/* by how many it is short now, as far as is known */
	bool unowned;		/* a socket was accepted whose owner only a look can tell */
	struct tct_summary totals;	/* of what it told */
	uint16_t legal[TCT_STATES];	/* the FSM's pairs, a bit for each state to go to */
	struct tct_record_sock step;	/* a brief transition as a full one */
};

/*
 * Of one that is all zero: most of its memory is never touched. Negative errno. `all` and `sink` must
 * outlive it, and it must not move.
 */
int tct_tracker_init(struct tct_tracker *tracker, const struct tct_tracker_config *config,
		     struct tct_shards *all, unsigned int shard, const struct tct_sink *sink);
void tct_tracker_fini(struct tct_tracker *tracker);

/*
 * One record of this shard. A socket that found no memory is counted as lost in the mirror. The
 * iterators' only while no other shard runs.
 */
void tct_tracker_take(struct tct_tracker *tracker, const struct tct_decoded *rec);

/* A record that will be taken soon: nothing changes but that this will take less time. */
void tct_tracker_foresee(struct tct_tracker *tracker, const void *data, size_t len);

#endif
