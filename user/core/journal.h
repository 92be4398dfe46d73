/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes elements of pools whose memory outlives the process change from one whole state to the
 * next, whatever instruction the process is killed at.
 *
 * What an element was is logged before it changes for the first time in a batch. A batch is over
 * with one store of a number; until then recovery puts everything back as it was when the batch
 * began, and its records are read again. Links between elements are not kept: restore.h makes
 * them anew.
 */
#ifndef TCT_JOURNAL_H
#define TCT_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "event.h"
#include "pool.h"

enum tct_journal_pools { TCT_JOURNAL_SOCKETS, TCT_JOURNAL_PLACES, TCT_JOURNAL_TASKS,
			 TCT_JOURNAL_CLOSINGS, TCT_JOURNAL_POOLS };

/* What is true at the end of a batch, beside the elements. */
struct tct_journal_state {
	uint64_t position;		/* of the reader, in the ring */
	uint64_t received;		/* transitions of full sockets, each once */
	uint64_t records;		/* of any kind */
	uint64_t losses[TCT_LOSS_PLACES];	/* as the kernel side counted what has been told */
	uint32_t used[TCT_JOURNAL_POOLS];
	uint32_t seeded;		/* what was there at the start is in the mirror */
	uint32_t pending;		/* endings that wait, kept by the caller */
	uint32_t doubts;		/* TCT_DOUBT_* */
	uint32_t beyond;		/* sockets that the mirror is short of, for lack of room */
	uint32_t pad;
};

/* In memory that outlives the process, as the log is; zeroed at first. */
struct tct_journal_head {
	uint64_t batch;			/* in the making; it began with states[batch & 1] */
	struct tct_journal_state states[2];
	uint64_t log_batch;		/* whose the log is */
	uint32_t log_bytes;
	uint32_t torn;			/* the log was too small for its batch */
};

struct tct_journal_pool {
	struct tct_journal *journal;
	struct tct_pool *pool;
	struct tct_pool_store store;
	void *(*chunk)(void *ctx, enum tct_journal_pools which, uint32_t number);
	void *chunk_ctx;
	uint64_t *saved;		/* one bit an element, of this batch */
	uint32_t saved_words;
};

struct tct_journal {
	struct tct_journal_head *head;
	char *log;
	uint32_t log_size;
	struct tct_journal_pool pools[TCT_JOURNAL_POOLS];
};

/* `log` is 8-byte aligned. Both are the caller's. */
void tct_journal_init(struct tct_journal *journal, struct tct_journal_head *head, void *log,
		      uint32_t log_size);
void tct_journal_fini(struct tct_journal *journal);

/*
 * From here on this empty pool lives in chunks of the caller's: chunk() as in struct
 * tct_pool_store.
 */
void tct_journal_watch(struct tct_journal *journal, enum tct_journal_pools which,
		       struct tct_pool *pool,
		       void *(*chunk)(void *ctx, enum tct_journal_pools which, uint32_t number),
		       void *ctx);

/* What the last whole batch ended with. */
const struct tct_journal_state *tct_journal_state(const struct tct_journal *journal);

/*
 * Puts elements back as they were at that time; the pools are open that far (tct_pool_reopen()).
 * -EBADMSG for a log that makes no sense or is incomplete: then nothing is to be relied on.
 */
int tct_journal_recover(struct tct_journal *journal);

/* Whether the batch is to be ended soon, before the next records. */
bool tct_journal_is_full(const struct tct_journal *journal);

/* Ends the batch; `used` of the state is filled in. */
void tct_journal_commit(struct tct_journal *journal, const struct tct_journal_state *state);

#endif
