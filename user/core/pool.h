/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fixed-size elements addressed by a 32-bit index: half a pointer, and stable while the pool
 * grows. Index 0 is none. Freed elements are reused first, so memory stays flat under churn.
 */
#ifndef TCT_POOL_H
#define TCT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory of another's, which may outlive the process; the pool gives none of it back. */
struct tct_pool_store {
	/* TCT_POOL_CHUNK elements, zeroed or as they were left; NULL when there is no memory. */
	void *(*chunk)(void *ctx, uint32_t number);
	/* The element is about to be changed. */
	void (*save)(void *ctx, uint32_t index, const void *element);
	void *ctx;
};

struct tct_pool {
	size_t element;		/* bytes, at least 4 */
	char **chunks;
	uint32_t chunk_count;
	uint32_t used;		/* elements ever handed out */
	uint32_t free;		/* head of the free list */
	uint32_t live;
	const struct tct_pool_store *store;	/* NULL: the heap */
};

void tct_pool_init(struct tct_pool *pool, size_t element);
void tct_pool_fini(struct tct_pool *pool);

/* Whether the next one will be there: gets memory for it if need be. */
bool tct_pool_has_room(struct tct_pool *pool);

/* A zeroed element's index, or 0 when there is no memory. */
uint32_t tct_pool_alloc(struct tct_pool *pool);
void tct_pool_free(struct tct_pool *pool, uint32_t index);

/*
 * Takes elements below `used` as their store has them, none of them live yet: the caller adopts or
 * drops each. 0 or -ENOMEM.
 */
int tct_pool_reopen(struct tct_pool *pool, uint32_t used);
void tct_pool_adopt(struct tct_pool *pool);
void tct_pool_drop(struct tct_pool *pool, uint32_t index);

#define TCT_POOL_CHUNK 4096

static inline void *tct_pool_get(const struct tct_pool *pool, uint32_t index)
{
	if (!index)
		return NULL;
	return pool->chunks[index / TCT_POOL_CHUNK] + (index % TCT_POOL_CHUNK) * pool->element;
}

/* Before an element changes. Not needed after tct_pool_alloc(). */
static inline void tct_pool_touch(const struct tct_pool *pool, uint32_t index)
{
	if (pool->store && index)
		pool->store->save(pool->store->ctx, index, tct_pool_get(pool, index));
}

#endif
