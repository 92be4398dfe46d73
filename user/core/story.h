/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection's story: what its ends on this host were seen to do, from the first event to the
 * end of TIME_WAIT. A sink that gathers, and hands each finished story over.
 *
 * Two sockets are the ends of one connection when their tuples are mirrored and, where both were
 * seen opening, each one's first sequence number is what the other expects. Across namespaces,
 * where equal addresses prove nothing, they must have been; within one, what began after the other
was there is a later connection.
 */
#ifndef TCT_STORY_H
#define TCT_STORY_H

#include <sys/queue.h>
#include "pick.h"

/* How a state was entered. No connection enters one twice, but for CLOSE. */
struct tct_story_step {
	uint64_t at_ns;		/* 0: was not, or not seen */
	int64_t after_ns;	/* spent in the state before; TCT_UNKNOWN */
	enum tct_state from;
	bool counted;		/* `numbers` are known */
	struct tct_numbers numbers;
};

struct tct_story_end {
	struct tct_subject who;
	enum tct_state state;	/* the last that was entered */
	uint64_t first_ns;	/* its first event */
	struct tct_story_step entered[TCT_STATES];
	bool torn;		/* `teardown` is known */
	bool waited;		/* `time_wait`, the end of its mini-socket's last substate, is known */
	struct tct_teardown teardown;
	struct tct_time_wait time_wait;

	/* the table's own */
	LIST_ENTRY(tct_story_end) by_key;
	LIST_ENTRY(tct_story_end) by_tuple;
	TAILQ_ENTRY(tct_story_end) by_age;
	TAILQ_ENTRY(tct_story_end) by_rest;
	uint64_t rest_ns;	/* since when nothing more is to come */
	bool resting;		/* waits in by_rest */
};

LIST_HEAD(tct_story_list, tct_story_end);
TAILQ_HEAD(tct_story_queue, tct_story_end);

/* ends[1] is NULL when the peer was not seen. The pointers are good for the call. */
struct tct_story {
	const struct tct_story_end *ends[2];
	uint64_t now_ns;
};

struct tct_stories_config {
	struct tct_pick pick;
	uint32_t states;	/* only those that passed through one of these; 0: all */
	uint32_t max;		/* ends at a time; 0: TCT_STORIES_MAX */
	void (*tell)(void *ctx, const struct tct_story *story);
	void *ctx;
};

#define TCT_STORIES_MAX 16384	/* 25 MB */
#define TCT_STORIES_BUCKETS 4096	/* 12 bits */

struct tct_stories {
	struct tct_stories_config config;
	struct tct_story_list *keys;	/* by cookie */
	struct tct_story_list *tuples;	/* by address and port, the same for both ends */
	struct tct_story_queue ages;
	struct tct_story_queue resting;
	uint32_t count;
	uint64_t given_up;	/* ends that had to make room before theirs was known */
	uint64_t left_open;	/* connections that were not over, and not told, when the run ended */
};

/* 0 or -ENOMEM. */
int tct_stories_init(struct tct_stories *stories, const struct tct_stories_config *config,
		     struct tct_sink *ops);
void tct_stories_fini(struct tct_stories *stories);

/*
 * Tells the stories in which nothing more has happened for a moment: the other end's last event
 * may come from another CPU. Returns when it wants to be called again, UINT64_MAX for never.
 */
uint64_t tct_stories_settle(struct tct_stories *stories, uint64_t now_ns);

/*
 * The run ends: tells what is known to be torn down, its TIME_WAIT may last; and what is known of
 * the one connection that was chosen, if one was.
 */
void tct_stories_flush(struct tct_stories *stories, uint64_t now_ns);

#endif
