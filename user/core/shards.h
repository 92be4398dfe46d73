/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core: records and times in, events out. Sockets are spread over shards, each of which has its
 * own mirror and may be fed by a thread of its own: tct_tracker_take(). All else here is about
 * all sockets, and called while no shard runs: the detector, scans, audits, what was lost.
 *
 * With one shard it tells the sink at once. With more, what shards tell waits for
 * tct_shards_join(), which puts it in the order of time.
 */
#ifndef TCT_SHARDS_H
#define TCT_SHARDS_H

#include "audit.h"
#include "facts.h"
#include "gather.h"
#include "owners.h"
#include "sides.h"
#include "stuck.h"
#include "tracker.h"

struct tct_shards {
	struct tct_tracker_config config;
	const struct tct_sink *sink;
	struct tct_tracker *shard;
	unsigned int count;
	struct tct_gather gather[TCT_SHARDS_MAX];	/* with more than one: what each told */
	struct tct_sink gathers[TCT_SHARDS_MAX];
	struct tct_scan reading;	/* by the present scan, not in order yet */
	struct tct_scan read;		/* by the last one that came to its end */
	struct tct_stuck stuck;
	struct tct_auditor audit;
	struct tct_sides sides;
	uint64_t losses[TCT_LOSS_PLACES];
	uint64_t lost_ns;	/* when it was last noted that something is */
	uint64_t unseen;	/* gaps that no known loss explains */
	uint64_t unkept;	/* sockets that the kernel side had no room for */
	uint64_t gaps;
	uint64_t repaired;
	bool flooded;		/* transitions come brief, and mini-sockets not at all */
	bool thinned;		/* they did, and no audit has made up for it since */
	uint64_t thinned_ns;	/* when that last began or ended */
};

/* Negative errno. `sink` must outlive it, and it must not move. `count`: 1 to TCT_SHARDS_MAX. */
int tct_shards_init(struct tct_shards *all, const struct tct_tracker_config *config,
		    unsigned int count, const struct tct_sink *sink);
void tct_shards_fini(struct tct_shards *all);

/* The shard of a socket: by its cookie, 0 for none; by its key in the mirror; of a record's. */
struct tct_tracker *tct_shards_of(const struct tct_shards *all, uint64_t cookie);
struct tct_tracker *tct_shards_of_key(const struct tct_shards *all, uint64_t key);
struct tct_tracker *tct_shards_of_record(const struct tct_shards *all,
					 const struct tct_decoded *rec);

/*
 * One record from `data`, 8-byte aligned. Returns its size, or a negative errno: -EBADMSG for
 * bytes that are no record.
 */
int tct_shards_feed(struct tct_shards *all, const void *data, size_t len);

/* All that was told by shards is told, and what follows from it for findings. */
void tct_shards_join(struct tct_shards *all);

/*
 * Around the records of an iterator run. Without the end, owners are learned and no more. A
 * namespace that was read whole, to be told before the end: what is due to be found stuck there is
 * only if this run found it in its state. Where none is told, the mirror is believed.
 */
void tct_shards_scan_begin(struct tct_shards *all, uint64_t now_ns);
void tct_shards_scan_namespace(struct tct_shards *all, uint32_t netns);

/* Likewise: all that the kernel has. Nothing is found stuck any more in one that was another. */
void tct_shards_scan_listed(struct tct_shards *all, const uint32_t *netns, size_t count);
void tct_shards_scan_end(struct tct_shards *all, uint64_t now_ns);

/* Instead of the end, when not all could be read: findings wait for the next one. */
void tct_shards_scan_failed(struct tct_shards *all, uint64_t now_ns);

/*
 * The first scan is over. From here on the events alone add sockets: what a later scan reads of
 * an unknown one is still to come as events. 0 or -ENOMEM.
 */
int tct_shards_seeded(struct tct_shards *all);

/* As tct_stuck_set_thresholds(). */
void tct_shards_set_thresholds(struct tct_shards *all, const uint64_t threshold_ns[TCT_STATES]);

/* Returns whether a scan is wanted now. */
bool tct_shards_tick(struct tct_shards *all, uint64_t now_ns);

/* When to tick next, TCT_STUCK_NEVER for never. */
uint64_t tct_shards_deadline(const struct tct_shards *all);

/* Joins, and tells the teardowns that have waited long enough for what decides them. */
void tct_shards_settle(struct tct_shards *all, uint64_t now_ns);

/* At the end of all records: joins, and tells the rest, without what did not come. */
void tct_shards_flush(struct tct_shards *all);

/* When to settle next, UINT64_MAX for never. */
uint64_t tct_shards_settles_at(const struct tct_shards *all);

/* What the source has lost in one place since the start; tells the sink when that moved. */
void tct_shards_loss(struct tct_shards *all, enum tct_loss_where where, uint64_t lost,
		     uint64_t now_ns);

/*
 * After the losses were brought up to date: transitions that did not start where the mirror was
 * are gaps, and when no loss since the last audit is known, losses themselves. Tells, too, how many
 * sockets found no room.
 */
void tct_shards_judge(struct tct_shards *all, uint64_t now_ns);

/* Transitions that are still to be judged; those that were received, each once. */
uint64_t tct_shards_mismatches(const struct tct_shards *all);
uint64_t tct_shards_received(const struct tct_shards *all);

/*
 * What a mirror that is taken over does not know, and no audit has made up for yet: records were
 * lost; transitions came brief, and mini-sockets not at all. When that was last.
 */
#define TCT_DOUBT_LOST 1
#define TCT_DOUBT_THINNED 2
uint32_t tct_shards_doubts(const struct tct_shards *all);
void tct_shards_doubt(struct tct_shards *all, uint32_t doubts, uint64_t last_ns);

/*
 * A flood begins or is over. While it lasts, the kernel side sends transitions brief, and nothing
 * of mini-sockets: the mirror follows, and nobody is told, neither now nor what would have to be
 * made up later. The audit after it (tct_audit_at()) finds the mini-sockets.
 */
void tct_shards_flood(struct tct_shards *all, bool on, uint64_t now_ns);

/* Events that found no memory to wait for the join, over the whole run. */
uint64_t tct_shards_dropped(const struct tct_shards *all);

/* Sockets in the mirror, in all and by state; by how many it is short, as far as is known. */
uint32_t tct_shards_mirrored(const struct tct_shards *all);
uint32_t tct_shards_in_state(const struct tct_shards *all, enum tct_state state);
uint32_t tct_shards_beyond(const struct tct_shards *all);

/* Findings that have opened, over the whole run. */
uint64_t tct_shards_findings(const struct tct_shards *all);

/* Sockets were accepted whose owners only a look can tell: until that is begun. */
bool tct_shards_unowned(const struct tct_shards *all);
void tct_shards_owners_sought(struct tct_shards *all);

/* The owner as known now; pid 0 when it is not. */
struct tct_task tct_shards_owner(const struct tct_shards *all, uint64_t cookie);

void tct_shards_summary(const struct tct_shards *all, uint64_t now_ns, struct tct_summary *out);

#endif
