// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <stdlib.h>
#include <string.h>

void tct_pool_init(struct tct_pool *pool, size_t element)
{
	*pool = (struct tct_pool){ .element = element, .used = 1 };
}

void tct_pool_fini(struct tct_pool *pool)
{
	for (uint32_t i = 0; i < pool->chunk_count; i++)
		free(pool->chunks[i]);
	free(pool->chunks);
	tct_pool_init(pool, pool->element);
}

static int add_chunk(struct tct_pool *pool)
{
	char **chunks = realloc(pool->chunks, (pool->chunk_count + 1) * sizeof(*chunks));

	if (!chunks)
		return -1;
	pool->chunks = chunks;
	chunks[pool->chunk_count] = malloc(pool->element * TCT_POOL_CHUNK);
	if (!chunks[pool->chunk_count])
		return -1;
	pool->chunk_count++;
	return 0;
}

static uint32_t take_free(struct tct_pool *pool)
{
	uint32_t index = pool->free;

	if (index)
		memcpy(&pool->free, tct_pool_get(pool, index), sizeof(pool->free));
	return index;
}

uint32_t tct_pool_alloc(struct tct_pool *pool)
{
	uint32_t index = take_free(pool);

	if (!index) {
		if (pool->used >= pool->chunk_count * TCT_POOL_CHUNK && add_chunk(pool))
			return 0;
		index = pool->used++;
	}
	memset(tct_pool_get(pool, index), 0, pool->element);
	pool->live++;
	return index;
}

void tct_pool_free(struct tct_pool *pool, uint32_t index)
{
	if (!index)
		return;
	memcpy(tct_pool_get(pool, index), &pool->free, sizeof(pool->free));
	pool->free = index;
	pool->live--;
}
