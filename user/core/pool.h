/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fixed-size elements addressed by a 32-bit index: half a pointer, and stable while the pool
 * grows. Index 0 is none. Freed elements are reused first, so memory stays flat under churn.
 */
#ifndef TCT_POOL_H
#define TCT_POOL_H

#include <stddef.h>
#include <stdint.h>

struct tct_pool {
	size_t element;		/* bytes, at least 4 */
	char **chunks;
	uint32_t chunk_count;
	uint32_t used;		/* elements ever handed out */
	uint32_t free;		/* head of the free list */
	uint32_t live;
};

void tct_pool_init(struct tct_pool *pool, size_t element);
void tct_pool_fini(struct tct_pool *pool);

/* A zeroed element's index, or 0 when there is no memory. */
uint32_t tct_pool_alloc(struct tct_pool *pool);
void tct_pool_free(struct tct_pool *pool, uint32_t index);

#define TCT_POOL_CHUNK 4096

static inline void *tct_pool_get(const struct tct_pool *pool, uint32_t index)
{
	if (!index)
		return NULL;
	return pool->chunks[index / TCT_POOL_CHUNK] + (index % TCT_POOL_CHUNK) * pool->element;
}

#endif
