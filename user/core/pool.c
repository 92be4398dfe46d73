// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "huge.h"

#define LINE 64
#define SINGLES 8	/* chunks that come one by one, the first */
#define SPAN 64		/* chunks that come at once, on huge pages, after these */

void tct_pool_init(struct tct_pool *pool, size_t element)
{
	*pool = (struct tct_pool){ .element = element, .used = 1 };
}

static bool begins_memory(uint32_t number)
{
	return number < SINGLES || (number - SINGLES) % SPAN == 0;
}

void tct_pool_fini(struct tct_pool *pool)
{
	for (uint32_t i = 0; i < pool->chunk_count && !pool->store; i++) {
		if (begins_memory(i))
			free(pool->chunks[i]);
	}
	free(pool->chunks);
	tct_pool_init(pool, pool->element);
}

static char *chunk_memory(const struct tct_pool *pool)
{
	size_t size = pool->element * TCT_POOL_CHUNK;
	uint32_t number = pool->chunk_count;

	if (pool->store)
		return pool->store->chunk(pool->store->ctx, number);
	if (number < SINGLES)
		return aligned_alloc(LINE, size);
	return begins_memory(number) ? tct_huge_alloc(SPAN * size) : pool->chunks[number - 1] + size;
}

static int add_chunk(struct tct_pool *pool)
{
	char **chunks = realloc(pool->chunks, (pool->chunk_count + 1) * sizeof(*chunks));

	if (!chunks)
		return -1;
	pool->chunks = chunks;
	chunks[pool->chunk_count] = chunk_memory(pool);
	if (!chunks[pool->chunk_count])
		return -1;
	/* nobody's, but looked at: user/core/ahead.c */
	if (!pool->chunk_count++ && !pool->store)
		memset(chunks[0], 0, pool->element);
	return 0;
}

static uint32_t take_free(struct tct_pool *pool)
{
	uint32_t index = pool->free;

	if (index)
		memcpy(&pool->free, tct_pool_get(pool, index), sizeof(pool->free));
	return index;
}

bool tct_pool_has_room(struct tct_pool *pool)
{
	return pool->free || pool->used < pool->chunk_count * TCT_POOL_CHUNK || !add_chunk(pool);
}

uint32_t tct_pool_alloc(struct tct_pool *pool)
{
	uint32_t index;

	if (!tct_pool_has_room(pool))
		return 0;
	index = take_free(pool);
	if (!index)
		index = pool->used++;
	tct_pool_touch(pool, index);
	memset(tct_pool_get(pool, index), 0, pool->element);
	pool->live++;
	return index;
}

static void put_free(struct tct_pool *pool, uint32_t index)
{
	memcpy(tct_pool_get(pool, index), &pool->free, sizeof(pool->free));
	pool->free = index;
}

void tct_pool_free(struct tct_pool *pool, uint32_t index)
{
	if (!index)
		return;
	tct_pool_touch(pool, index);
	put_free(pool, index);
	pool->live--;
}

int tct_pool_reopen(struct tct_pool *pool, uint32_t used)
{
	while (pool->chunk_count * (uint64_t)TCT_POOL_CHUNK < used) {
		if (add_chunk(pool))
			return -ENOMEM;
	}
	pool->used = used > 1 ? used : 1;
	pool->free = 0;
	pool->live = 0;
	return 0;
}

void tct_pool_adopt(struct tct_pool *pool)
{
	pool->live++;
}

void tct_pool_drop(struct tct_pool *pool, uint32_t index)
{
	put_free(pool, index);
}
