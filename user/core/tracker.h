/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core: records and times in, events out. It steps the mirror, asks the FSM, the teardown
 * rules and the detectors, and calls a sink. No clock, no I/O, no libbpf: live, from a file and
 * under a fuzzer it is the same code.
 */
#ifndef TCT_TRACKER_H
#define TCT_TRACKER_H

#include "ahead.h"
#include "audit.h"
#include "decode.h"
#include "end.h"
#include "event.h"
#include "facts.h"
#include "mirror.h"
#include "owners.h"
#include "pending.h"
#include "rearms.h"
#include "repeats.h"
#include "sides.h"
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

struct tct_tracker {
	struct tct_tracker_config config;
	const struct tct_sink *sink;
	struct tct_mirror mirror;
	struct tct_tasks tasks;
	struct tct_owners owners;	/* of the last scan */
	struct tct_facts facts;		/* likewise */
	struct tct_pool closings;
	struct tct_ahead ahead;
	struct tct_pending pending;
	struct tct_rearms rearms;
	struct tct_repeats repeats;
	struct tct_stuck stuck;
	uint64_t received;	/* transitions of full sockets, each once */
	uint64_t mismatches;	/* transitions that did not start where the mirror was, unjudged */
	uint64_t unseen;	/* those that no known loss explains */
	uint64_t ended[TCT_ENDED_MAX];	/* cookies of full sockets that closed last */
	unsigned int ended_at;
	uint64_t unclaimed[TCT_UNCLAIMED_MAX];	/* minis without a cookie whose full socket is
						   still to close */
	unsigned int unclaimed_at;
	uint64_t losses[TCT_LOSS_PLACES];
	uint64_t lost_ns;	/* when it was last noted that something is */
	uint64_t unmirrored;	/* sockets that the mirror had no room for, over the whole run */
	uint32_t beyond;	/* by how many it is short now, as far as is known */
	bool flooded;		/* transitions come brief, and mini-sockets not at all */
	bool thinned;		/* they did, and no audit has made up for it since */
	uint64_t thinned_ns;	/* when that last began or ended */
	struct tct_auditor audit;
	struct tct_keys scanned;	/* namespaces, by the present scan */
	uint64_t scan_from_ns;
	bool unowned;		/* a socket was accepted whose owner only a look can tell */
	struct tct_sides sides;
	struct tct_summary totals;
	uint16_t legal[TCT_STATES];	/* the FSM's pairs, a bit for each state to go to */
	struct tct_record_sock step;	/* a brief transition as a full one */
};

/* Negative errno. `sink` must outlive the tracker. */
int tct_tracker_init(struct tct_tracker *tracker, const struct tct_tracker_config *config,
		     const struct tct_sink *sink);
void tct_tracker_fini(struct tct_tracker *tracker);

/*
 * One record from `data`, 8-byte aligned. Returns its size, or a negative errno: -EBADMSG for
 * bytes that are no record. A socket that found no memory is counted as lost in the mirror.
 */
int tct_tracker_feed(struct tct_tracker *tracker, const void *data, size_t len);

/* A record that will be fed soon: nothing changes but that this will take less time. */
void tct_tracker_foresee(struct tct_tracker *tracker, const void *data, size_t len);

/*
 * Around the records of an iterator run. Without the end, owners are learned and no more. A
 * namespace that was read whole, to be told before the end: what is due to be found stuck there is
 * only if this run found it in its state. Where none is told, the mirror is believed.
 */
void tct_tracker_scan_begin(struct tct_tracker *tracker, uint64_t now_ns);
void tct_tracker_scan_namespace(struct tct_tracker *tracker, uint32_t netns);
void tct_tracker_scan_end(struct tct_tracker *tracker, uint64_t now_ns);

/* Instead of the end, when not all could be read: findings wait for the next one. */
void tct_tracker_scan_failed(struct tct_tracker *tracker, uint64_t now_ns);

/*
 * The first scan is over. From here on the events alone add sockets: what a later scan reads of
 * an unknown one is still to come as events. 0 or -ENOMEM.
 */
int tct_tracker_seeded(struct tct_tracker *tracker);

/* Returns whether a scan is wanted now. */
bool tct_tracker_tick(struct tct_tracker *tracker, uint64_t now_ns);

/* When to tick next, TCT_STUCK_NEVER for never. */
uint64_t tct_tracker_deadline(const struct tct_tracker *tracker);

/* Tells the teardowns that have waited long enough for what decides them. */
void tct_tracker_settle(struct tct_tracker *tracker, uint64_t now_ns);

/* At the end of all records: tells the rest, without what did not come. */
void tct_tracker_flush(struct tct_tracker *tracker);

/* When to settle next, UINT64_MAX for never. */
uint64_t tct_tracker_settles_at(const struct tct_tracker *tracker);

/* What has been lost in one place since the start; tells the sink when it moved. */
void tct_tracker_loss(struct tct_tracker *tracker, enum tct_loss_where where, uint64_t total,
		      uint64_t now_ns);

/*
 * After the losses were brought up to date: transitions that did not start where the mirror was
 * are gaps, and when no loss since the last audit is known, losses themselves. Tells, too, how many
 * sockets found no room.
 */
void tct_tracker_judge(struct tct_tracker *tracker, uint64_t now_ns);

/*
 * What a mirror that is taken over does not know, and no audit has made up for yet: records were
 * lost; transitions came brief, and mini-sockets not at all. When that was last.
 */
#define TCT_DOUBT_LOST 1
#define TCT_DOUBT_THINNED 2
uint32_t tct_tracker_doubts(const struct tct_tracker *tracker);
void tct_tracker_doubt(struct tct_tracker *tracker, uint32_t doubts, uint64_t last_ns);

/*
 * A flood begins or is over. While it lasts, the kernel side sends transitions brief, and nothing
 * of mini-sockets: the mirror follows, and nobody is told, neither now nor what would have to be
 * made up later. The audit after it (tct_audit_at()) finds the mini-sockets.
 */
void tct_tracker_flood(struct tct_tracker *tracker, bool on, uint64_t now_ns);

/* The owner as known now; pid 0 when it is not. */
struct tct_task tct_tracker_owner(const struct tct_tracker *tracker, uint64_t cookie);

void tct_tracker_summary(const struct tct_tracker *tracker, uint64_t now_ns,
			 struct tct_summary *out);

#endif
