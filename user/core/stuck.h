/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The detector of sockets that stay in a state for too long.
 *
 * A socket past its state's threshold leaves the head of the state's list. If the last scan has read
 * it, not too long ago and in that state, which it has not left since, it joins the finding of its
 * state, process and port at once; else it moves to `fresh` and waits for a scan that finds it. A
 * finding opens with its first socket, is told again when its count has changed (soon after it
 * opened, ever more rarely later) or its severity, verdict or confidence has, and is resolved with
 * its last. O(1) a transition, no timer a socket.
 *
 * All but tct_stuck_left() is about all shards, and called while none of them runs.
 */
#ifndef TCT_STUCK_H
#define TCT_STUCK_H

#include "facts.h"
#include "groups.h"
#include "judge.h"
#include "mirrors.h"
#include "pace.h"

#define TCT_STUCK_NEVER UINT64_MAX

struct tct_stuck_config {
	uint64_t threshold_ns[TCT_STATES];	/* 0: this state is never stuck */
	uint64_t update_ns;			/* before the first update of a finding; doubles */
	uint64_t update_max_ns;			/* up to this */
	uint64_t scan_ns;			/* least time between two scans */
	bool once;				/* one look and no more: nothing is known of growth */
	const struct tct_lookups *lookups;	/* may be NULL */
};

/* The documented thresholds; all other fields for live use. */
void tct_stuck_defaults(struct tct_stuck_config *config);

struct tct_stuck_part {
	_Alignas(64) struct tct_list fresh;
	bool left;		/* a socket of a finding, since that was last seen to */
};

struct tct_stuck {
	struct tct_stuck_config config;
	struct tct_mirrors mirrors;
	const struct tct_sink *sink;
	struct tct_stuck_part part[TCT_SHARDS_MAX];
	struct tct_groups groups;
	uint32_t last_id;
	uint64_t opened;	/* findings, over the whole run */
	struct tct_pace pace;
	const struct tct_scan *read;	/* by the last scan; NULL: there was none */
	bool joined;		/* a finding, by what that has read: it is to be told */
	bool aged;		/* some finding is */
	bool collected;		/* something has become due since the last scan and waits for one */
	bool opens;		/* some of it may open a finding */
	uint64_t patience_ns;	/* what was not found where the mirror has it is looked for again */
	uint64_t retry_ns;	/* then; 0: all was found */
	bool doubted;		/* twice it was not: the mirror is wrong, or far behind */
	bool degraded;		/* records were lost, and no audit has made up for it yet */
	uint32_t reading;	/* a bit a state that the present or last scan reads */
	uint64_t judged_ns[TCT_STATES];	/* thresholds; of a state that was switched off, its last */
};

void tct_stuck_init(struct tct_stuck *stuck, const struct tct_stuck_config *config,
		    const struct tct_mirrors *mirrors, const struct tct_sink *sink);
void tct_stuck_fini(struct tct_stuck *stuck);

/*
 * Before a socket of this shard leaves its state: lets go of it, so that tct_mirror_enter() or
 * _remove() may follow. Touches nothing of other shards; what follows for its finding is up to
 * tct_stuck_settle().
 */
void tct_stuck_left(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		    uint64_t now_ns);

/* Sees to the findings that sockets have left: resolves those without any. */
void tct_stuck_settle(struct tct_stuck *stuck);

/* Tells or collects what has passed its threshold. Returns whether a scan is wanted now. */
bool tct_stuck_tick(struct tct_stuck *stuck, uint64_t now_ns);

/* `degraded` has changed, or sockets were repaired: findings that say otherwise are told again. */
void tct_stuck_audited(struct tct_stuck *stuck);

/*
 * A scan is complete: judges sockets, opens and updates findings. It is good for what follows until
 * there is another in its place.
 */
void tct_stuck_scanned(struct tct_stuck *stuck, const struct tct_scan *scan, uint64_t now_ns);

/* When a scan is wanted; TCT_STUCK_NEVER while nothing is in sight that needs one. */
uint64_t tct_stuck_wants_scan_at(const struct tct_stuck *stuck);

/* When to tick next; TCT_STUCK_NEVER when nothing can become due by itself. */
uint64_t tct_stuck_deadline(const struct tct_stuck *stuck);

/* A finding that is open, as it stands now, not as it was told last. */
struct tct_standing {
	uint32_t id;
	uint32_t count;
	uint64_t oldest_ns;	/* since when the oldest is in its state; 0: there is none */
};

/* False: there is none with this number. Walks all of them. */
bool tct_stuck_find(const struct tct_stuck *stuck, uint32_t id, struct tct_standing *out);

void tct_stuck_each(const struct tct_stuck *stuck,
		    void (*visit)(void *ctx, const struct tct_standing *standing), void *ctx);

/* One bit a state: which sockets a scan has to read. */
uint32_t tct_stuck_states(const struct tct_stuck *stuck);

/* A scan begins, of the states that tct_stuck_states() has now. */
void tct_stuck_scan_begins(struct tct_stuck *stuck);

/*
 * From now on these are the thresholds. What waits for a scan and is not due any more goes back; a
 * finding stays open until its last socket has left, even of a state that is off from now on.
 */
void tct_stuck_set_thresholds(struct tct_stuck *stuck, const uint64_t threshold_ns[TCT_STATES]);

#endif
