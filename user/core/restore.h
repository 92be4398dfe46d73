/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tracker that goes on from the elements of another one, which was killed: sockets, their places and owners
 * and what is remembered of their closings. Lists, hash and references are made anew; what a
 * detector had found is found again.
 */
#ifndef TCT_RESTORE_H
#define TCT_RESTORE_H

#include "journal.h"
#include "tracker.h"

/* Of the elements. All here is of one shard. */
void tct_restore_sizes(uint64_t sizes[TCT_JOURNAL_POOLS]);

/* The pools of a tracker that is still empty go into memory of the caller's. */
void tct_restore_watch(struct tct_journal *journal, struct tct_tracker *tracker,
		       void *(*chunk)(void *ctx, enum tct_journal_pools which, uint32_t number),
		       void *ctx);

/*
 * After tct_restore_watch(). 0, -ENOMEM, or -EBADMSG when the elements are not to be relied on:
 * then the tracker is to be thrown away.
 */
int tct_restore(struct tct_journal *journal, struct tct_tracker *tracker);

/* Their namespaces had been read: what is missing there is amiss. */
void tct_restore_know(struct tct_tracker *tracker);

/* Lets go of the sockets that are not to be kept: nobody will tell of them any more. */
void tct_restore_prune(struct tct_tracker *tracker,
		       bool (*keep)(const void *ctx, const struct tct_socket *sock),
		       const void *ctx);

#endif
