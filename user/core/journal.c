// SPDX-License-Identifier: GPL-2.0
#include "journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64
#define WORDS_OF_CHUNK (TCT_POOL_CHUNK / WORD_BITS)

/* An element follows, padded to eight bytes. */
struct entry {
	uint32_t pool;
	uint32_t index;
};

void tct_journal_init(struct tct_journal *journal, struct tct_journal_head *head, void *log,
		      uint32_t log_size)
{
	*journal = (struct tct_journal){ .head = head, .log = log, .log_size = log_size };
}

void tct_journal_fini(struct tct_journal *journal)
{
	for (int i = 0; i < TCT_JOURNAL_POOLS; i++)
		free(journal->pools[i].saved);
}

const struct tct_journal_state *tct_journal_state(const struct tct_journal *journal)
{
	return &journal->head->states[journal->head->batch & 1];
}

static size_t entry_size(const struct tct_journal_pool *pool)
{
	return sizeof(struct entry) + ((pool->pool->element + 7) & ~(size_t)7);
}

/* A signal, SIGKILL too, comes between two instructions: only the compiler must keep the order. */
static void in_order(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void log_element(struct tct_journal_pool *pool, uint32_t index, const void *element)
{
	struct tct_journal *journal = pool->journal;
	struct tct_journal_head *head = journal->head;
	struct entry entry = { (uint32_t)(pool - journal->pools), index };
	size_t size = entry_size(pool);
	char *at;

	if (head->log_batch != head->batch) {
		head->log_bytes = 0;
		head->torn = 0;
		in_order();
		head->log_batch = head->batch;
	}
	if (size > journal->log_size - head->log_bytes) {
		head->torn = 1;
		return;
	}
	at = journal->log + head->log_bytes;
	memcpy(at, &entry, sizeof(entry));
	memcpy(at + sizeof(entry), element, pool->pool->element);
	in_order();
	head->log_bytes += (uint32_t)size;
	in_order();
}

/* One that was never used when the batch began is nothing by that alone. */
static void save(void *ctx, uint32_t index, const void *element)
{
	struct tct_journal_pool *pool = ctx;
	uint64_t bit = 1ull << index % WORD_BITS;
	uint64_t *word = &pool->saved[index / WORD_BITS];
	uint32_t which = (uint32_t)(pool - pool->journal->pools);

	if (*word & bit)
		return;
	*word |= bit;
	if (index < tct_journal_state(pool->journal)->used[which])
		log_element(pool, index, element);
}

static void *chunk(void *ctx, uint32_t number)
{
	struct tct_journal_pool *pool = ctx;
	uint32_t words = (number + 1) * WORDS_OF_CHUNK;
	enum tct_journal_pools which = (enum tct_journal_pools)(pool - pool->journal->pools);

	if (words > pool->saved_words) {
		uint64_t *saved = realloc(pool->saved, words * sizeof(*saved));

		if (!saved)
			return NULL;
		memset(saved + pool->saved_words, 0,
		       (words - pool->saved_words) * sizeof(*saved));
		pool->saved = saved;
		pool->saved_words = words;
	}
	return pool->chunk(pool->chunk_ctx, which, number);
}

void tct_journal_watch(struct tct_journal *journal, enum tct_journal_pools which,
		       struct tct_pool *pool,
		       void *(*chunk_of)(void *ctx, enum tct_journal_pools which, uint32_t number),
		       void *ctx)
{
	struct tct_journal_pool *watched = &journal->pools[which];

	free(watched->saved);
	*watched = (struct tct_journal_pool){
		.journal = journal,
		.pool = pool,
		.store = { .chunk = chunk, .save = save, .ctx = watched },
		.chunk = chunk_of,
		.chunk_ctx = ctx,
	};
	pool->store = &watched->store;
}

static bool fits(const struct tct_journal *journal, const struct entry *entry, uint32_t left)
{
	const struct tct_journal_pool *pool;

	if (entry->pool >= TCT_JOURNAL_POOLS)
		return false;
	pool = &journal->pools[entry->pool];
	return entry->index && entry->index < pool->pool->used && entry_size(pool) <= left;
}

int tct_journal_recover(struct tct_journal *journal)
{
	const struct tct_journal_head *head = journal->head;
	struct entry entry;

	if (head->log_batch != head->batch)
		return 0;
	if (head->torn || head->log_bytes > journal->log_size)
		return -EBADMSG;
	for (uint32_t at = 0; at < head->log_bytes;) {
		const struct tct_journal_pool *pool;

		if (head->log_bytes - at < sizeof(entry))
			return -EBADMSG;
		memcpy(&entry, journal->log + at, sizeof(entry));
		if (!fits(journal, &entry, head->log_bytes - at))
			return -EBADMSG;
		pool = &journal->pools[entry.pool];
		memcpy(tct_pool_get(pool->pool, entry.index), journal->log + at + sizeof(entry),
		       pool->pool->element);
		at += (uint32_t)entry_size(pool);
	}
	return 0;
}

bool tct_journal_is_full(const struct tct_journal *journal)
{
	const struct tct_journal_head *head = journal->head;

	return head->log_batch == head->batch && head->log_bytes > journal->log_size / 2;
}

/*
 * Only what was logged, or lies beyond what was used, has its bit set; where the log was too small,
 * any may.
 */
static void forget_saved(struct tct_journal *journal, const struct tct_journal_state *began)
{
	static const struct tct_journal_state nothing;
	const struct tct_journal_head *head = journal->head;
	uint32_t bytes = head->log_batch == head->batch ? head->log_bytes : 0;
	struct entry entry;

	if (head->torn)
		began = &nothing;
	for (uint32_t at = 0; at < bytes; at += (uint32_t)entry_size(&journal->pools[entry.pool])) {
		memcpy(&entry, journal->log + at, sizeof(entry));
		journal->pools[entry.pool].saved[entry.index / WORD_BITS] = 0;
	}
	for (int i = 0; i < TCT_JOURNAL_POOLS; i++) {
		struct tct_journal_pool *pool = &journal->pools[i];
		uint32_t word = began->used[i] / WORD_BITS, last = pool->pool->used / WORD_BITS;

		for (; word <= last && word < pool->saved_words; word++)
			pool->saved[word] = 0;
	}
}

void tct_journal_commit(struct tct_journal *journal, const struct tct_journal_state *state)
{
	struct tct_journal_head *head = journal->head;
	struct tct_journal_state *next = &head->states[(head->batch + 1) & 1];

	*next = *state;
	for (int i = 0; i < TCT_JOURNAL_POOLS; i++)
		next->used[i] = journal->pools[i].pool->used;
	in_order();
	forget_saved(journal, tct_journal_state(journal));
	in_order();
	head->batch++;
	in_order();
}
