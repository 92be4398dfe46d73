/* SPDX-License-Identifier: GPL-2.0 */
/* The stuck sockets of one state, process and port: what one finding is about, and is told of. */
#ifndef TCT_GROUP_H
#define TCT_GROUP_H

#include "facts.h"
#include "growth.h"
#include "holders.h"
#include "judge.h"
#include "mirrors.h"

/* Those of one shard: all that is touched while shards run side by side. */
struct tct_group_part {
	struct tct_list list;	/* by age */
	uint64_t left_ns;	/* when the last one left, since that was last seen to; 0: none has */
};

struct tct_group {
	enum tct_state state;
	uint32_t netns;
	uint32_t pid;		/* lowest of those that hold its sockets; 0: none does */
	uint16_t port;
	bool port_is_local;
	bool changed;		/* its count, since it was last told */
	bool aged;		/* some of it was told as a scan long before had read it */
	uint32_t id;
	uint32_t next;		/* of all groups; 0: the last */
	uint32_t prev;
	uint32_t chain;		/* of its hash bucket */
	uint32_t chain_next;	/* of its bucket by all but the process, both ways: */
	uint32_t chain_prev;	/* many processes may be of one service */
	uint64_t opened_ns;	/* 0: not told yet */
	uint64_t told_ns;
	uint64_t wait_ns;	/* before it is told again */
	enum tct_severity severity;	/* as it was last told, and what follows */
	enum tct_confidence confidence;
	enum tct_verdict verdict;
	struct tct_growth growth;
	struct tct_group_part part[TCT_SHARDS_MAX];
	struct tct_holders *holders;
};

/* A finding as it would be told now, with all that it points to but the group's holders. */
struct tct_telling {
	struct tct_finding ev;
	struct tct_subject who;
	struct tct_lingering why;
	struct tct_outlook outlook;
};

/* What a scan makes of its sockets, all together. */
struct tct_group_sum {
	uint32_t verdicts[TCT_VERDICTS];
	enum tct_verdict verdict;	/* the most frequent one */
	uint64_t unread_bytes;
	bool repaired;			/* tct_group_is_repaired() */
	struct tct_lingering why;
};

/*
 * `sum` as made by tct_group_judge(), NULL: nobody looked. `once`: no history will ever be known.
 * `lookups` may be NULL.
 */
struct tct_telling_config {
	const struct tct_group_sum *sum;
	bool once;
	const struct tct_lookups *lookups;
};

/* All but `status` and `confidence`. Points into `out`, which must not move. */
void tct_group_compose(const struct tct_group *group, const struct tct_mirrors *mirrors,
		       const struct tct_telling_config *config, uint64_t now_ns,
		       struct tct_telling *out);

/* Whether of any of them not all was seen. */
bool tct_group_is_repaired(const struct tct_group *group, const struct tct_mirrors *mirrors);

/* How many they are. */
uint32_t tct_group_count(const struct tct_group *group);

/* Since when the oldest of them is in its state; 0: there is none. */
uint64_t tct_group_oldest(const struct tct_group *group, const struct tct_mirrors *mirrors);

/* How many of them may be a leak: not those that still send. */
uint32_t tct_group_suspects(const struct tct_group *group, const struct tct_group_sum *sum);

/*
 * Judges each of its sockets and finds who holds them, in one walk: there may be hundreds of
 * thousands. `lookups` may be NULL.
 */
void tct_group_judge(struct tct_group *group, const struct tct_mirrors *mirrors,
		     const struct tct_scan *scan, uint64_t recent_ns,
		     const struct tct_lookups *lookups, struct tct_group_sum *out);
void tct_group_drop_holders(struct tct_group *group);

#endif
