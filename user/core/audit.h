/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The audit: is the mirror what the kernel has? What iterators read is compared with it; what does
 * not agree is a suspect, and is read again a moment later, since both change while one looks. What
 * then differs in a way that no event since the beginning explains is drift: counted, told, and
 * repaired. All else were races. Nothing is made up: a socket that is repaired tells no transition,
 * one that is dropped no end.
 *
 * The driver, which has the kernel, the clock and the threads, calls in this order:
 *
 *  1. tct_audit_begin() before the first iterator reads; events go on being fed meanwhile.
 *  2. When all namespaces have been read AND every event recorded until then has been fed AND the
 *     losses were brought up to date: tct_audit_namespace() for each that was read whole, and the
 *     records (TCT_REC_PRESENT) to tct_audit_feed(), in as many portions as it likes.
 *  3. tct_audit_sweep() until it returns false.
 *  4. With no suspects: 6. Else at tct_audit_again_at() or later: tct_audit_again(), and iterators
 *     read the sockets that tct_audit_suspect() names (or more; others are ignored) as an ordinary
 *     scan does: TCT_REC_SOCK, TCT_REC_FOUND, TCT_REC_TW_SOCK.
 *  5. Again, when events and losses are up to date: the namespaces that were read whole, and the
 *     records.
 *  6. tct_audit_settle() until it returns false: the last one tells the audit.
 *
 * Or tct_audit_drop() anywhere, when a reading fails. All work of one call is bounded by what it is
 * given. Between the calls events, scans and ticks go on. A record's time is when its socket was
 * read.
 */
#ifndef TCT_AUDIT_H
#define TCT_AUDIT_H

#include "event.h"
#include "keys.h"
#include "listing.h"
#include "mirror.h"

#define TCT_AUDIT_NEVER UINT64_MAX
#define TCT_AUDIT_MOMENT_NS 100000000ull	/* at least, between the two readings */
#define TCT_AUDIT_CONNECT_NS 500000000ull	/* where a connect() may wait for a port */
#define TCT_AUDIT_UNHELD_NS 120000000000ull	/* in a namespace that is not to be found: TIME_WAIT twice */
#define TCT_AUDIT_ENDED_NS 1000000000ull	/* in one that the kernel has no more: its own sockets */
#define TCT_AUDIT_ENDED_MINI_NS 15000000000ull	/* ... and mini-sockets, which it purges */
#define TCT_AUDIT_GONE_NS 3600000000000ull	/* no socket outlives its tasks for so long */
#define TCT_AUDIT_DEPARTED_MAX (1u << 18)
#define TCT_AUDIT_SUSPECTS_MAX (1u << 19)

struct tct_shards;
struct tct_tracker;

enum tct_audit_phase { TCT_AUDIT_IDLE, TCT_AUDIT_COMPARES, TCT_AUDIT_SETTLES };

struct tct_auditor {
	enum tct_audit_phase phase;
	uint8_t number;		/* of this audit: what it found in the kernel bears it */
	bool thinned;			/* mini-sockets went untold before or meanwhile */
	bool connects;			/* a suspect is in SYN_SENT */
	bool doubtful;			/* something cannot be judged, nor the next time */
	bool unfinished;		/* something is left to the next one, at once */
	bool ending;			/* ... or to a later one: in a namespace that is ending */
	uint64_t begun_ns;
	uint64_t done_ns;		/* when the last one that was finished had begun */
	unsigned int shard;		/* of the sweep, and where in it */
	uint64_t cursor;
	size_t settled;			/* of the suspects */
	struct tct_audit told;
	struct tct_keys suspects;
	struct tct_keys read;		/* namespaces, by the present reading */
	struct tct_keys known;		/* namespaces that were read before this audit */
	struct tct_keys novel;		/* those that it was the first to read */
	struct tct_listing listing;	/* by the present reading */
	struct tct_keys ended;		/* that it lacked and the mirror has: `netns` is since when */
};

/* What an audit keeps of one shard: all that is touched while shards run side by side. */
struct tct_audit_part {
	struct tct_keys departed;	/* left since it began */
	bool was_short;			/* the mirror had no room for some, before or meanwhile */
	uint32_t beyond;		/* for so many there is none */
};

/* One socket that mirror and kernel do not agree on, so far. */
struct tct_suspect {
	uint64_t key;		/* cookie, or address: TCT_KEY_IS_ADDRESS() */
	uint32_t netns;
	bool mini;
};

/* With all shards. */
void tct_audit_init(struct tct_shards *all);
void tct_audit_fini(struct tct_shards *all);

/* `asked`: by somebody. One that is under way is dropped. */
void tct_audit_begin(struct tct_shards *all, uint64_t now_ns, bool asked);

void tct_audit_namespace(struct tct_shards *all, uint32_t netns);

/* All that the kernel had when the present reading began. Where it is not told, that is not known. */
void tct_audit_listed(struct tct_shards *all, const uint32_t *netns, size_t count);

/* The size of the record, or -EBADMSG. Those that are not of the present reading are ignored. */
int tct_audit_feed(struct tct_shards *all, const void *data, size_t len);

/*
 * Looks for what the kernel has not, in `count` of the mirror's buckets. `complete`: every namespace
 * that can be found was read. Returns whether there is more to do.
 */
bool tct_audit_sweep(struct tct_shards *all, bool complete, size_t count);

/* One after the other from *at, which begins with 0; false after the last. */
bool tct_audit_suspect(const struct tct_shards *all, size_t *at, struct tct_suspect *out);

uint64_t tct_audit_again_at(const struct tct_shards *all);
void tct_audit_again(struct tct_shards *all);

/*
 * Decides on the next `count` suspects. With the last one the mirror is in order, the audit is told,
 * and when nothing was lost since it began and `complete` (as above, of the second reading; true
 * without one), the mirror is degraded no more. Returns whether there is more to do.
 */
bool tct_audit_settle(struct tct_shards *all, uint64_t now_ns, bool complete, size_t count);

void tct_audit_drop(struct tct_shards *all);

bool tct_audit_is_under_way(const struct tct_shards *all);

/*
 * When an audit is wanted, beside the clock's: records were lost, a flood is over, a socket was not
 * found where the mirror has it, the last one could not judge all. TCT_AUDIT_NEVER: no need, or one
 * is under way. The driver keeps them apart: losses may go on.
 */
uint64_t tct_audit_at(const struct tct_shards *all);

/*
 * For a tracker, also while others run: a mirrored socket leaves; one leaves that was not mirrored;
 * there was no room.
 */
void tct_audit_departed(struct tct_tracker *tracker, const struct tct_socket *sock);
void tct_audit_gone(struct tct_tracker *tracker, uint64_t key, bool mini);
void tct_audit_short(struct tct_tracker *tracker);

#endif
