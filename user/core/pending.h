/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ends of connections that wait for what comes after them. tcp_close() aborts in this order: CLOSE,
 * then the reset (tcp_send_active_reset()), which is where the kernel says why; and data for an end
 * that reads no more looks like a reset that came until ours goes out.
 */
#ifndef TCT_PENDING_H
#define TCT_PENDING_H

#include "teardown.h"

#define TCT_PENDING_MAX 8192	/* as many as a ring of 16 MiB may have, read in one batch */
#define TCT_PENDING_GRACE_NS 10000000	/* both are parts of one call */

/* A connection's last transition, and all that is known of it. */
struct tct_ending {
	struct tct_subject who;
	enum tct_state to;
	uint64_t lost;		/* records, as far as was known then */
	struct tct_record_sock rec;
	struct tct_closing closing;
};

struct tct_pending {
	struct {
		bool waits;
		struct tct_ending ending;
	} held[TCT_PENDING_MAX];	/* a ring, oldest first */
	unsigned int first;
	unsigned int count;
};

typedef void (*tct_pending_tell)(void *ctx, struct tct_ending *ending, enum tct_reset reset);

/*
 * Keeps a copy; the oldest is told when there is no room, as one of which nothing more is known:
 * that nothing came is known only when the losses are.
 */
void tct_pending_hold(struct tct_pending *pending, const struct tct_ending *ending,
		      tct_pending_tell tell, void *ctx);

/* The socket with this identity has sent a reset: its end is told, if one waits. */
void tct_pending_reset(struct tct_pending *pending, uint64_t key, const char *reason,
		       tct_pending_tell tell, void *ctx);

/* Tells those whose grace is over, once the losses of that time have been told. */
void tct_pending_expire(struct tct_pending *pending, uint64_t now_ns, tct_pending_tell tell,
			void *ctx);

/* Tells the rest, of which nothing more will be known. */
void tct_pending_flush(struct tct_pending *pending, tct_pending_tell tell, void *ctx);

/* Copies of those that wait, oldest first, into room for TCT_PENDING_MAX. How many. */
unsigned int tct_pending_copy(const struct tct_pending *pending, struct tct_ending *out);

/* The reverse, into an empty one: of a process that is gone. */
void tct_pending_restore(struct tct_pending *pending, const struct tct_ending *from,
			 unsigned int count);

/* When to expire next, UINT64_MAX for never. */
uint64_t tct_pending_deadline(const struct tct_pending *pending);

#endif
