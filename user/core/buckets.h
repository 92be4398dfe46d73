/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash of a pool's elements, in chains. With each element that is linked there is one bucket more
 * (linear hashing): it never grows all at once, and takes four bytes an element.
 */
#ifndef TCT_BUCKETS_H
#define TCT_BUCKETS_H

#include "pool.h"

struct tct_buckets {
	const struct tct_pool *pool;
	size_t chain;		/* where in an element the uint32_t is that links it */
	uint32_t (*hash)(const void *element);
	uint32_t *heads;
	uint32_t count;
	uint32_t mask;		/* the least power of two that is not below count, minus one */
	uint32_t room;
	uint32_t linked;	/* elements */
};

/* 0 or -ENOMEM. */
int tct_buckets_init(struct tct_buckets *buckets, const struct tct_pool *pool, size_t chain,
		     uint32_t (*hash)(const void *element));
void tct_buckets_fini(struct tct_buckets *buckets);

void tct_buckets_link(struct tct_buckets *buckets, uint32_t index);
void tct_buckets_unlink(struct tct_buckets *buckets, uint32_t index);

/*
 * The elements of `count` more buckets, from *cursor on, which begins with 0. Returns whether there
 * are more. `visit` neither links nor unlinks; between two calls anybody may: what is there all the
 * time is visited, and once.
 */
bool tct_buckets_walk(const struct tct_buckets *buckets, uint64_t *cursor, size_t count,
		      void (*visit)(void *ctx, void *element), void *ctx);

/* Well mixed, of numbers that are near each other or multiples of one (Fibonacci hashing). */
static inline uint32_t tct_buckets_hash(uint64_t key)
{
	return key * 0x9E3779B97F4A7C15ull >> 32;
}

/* Where the chain of all that have this hash begins. */
static inline uint32_t *tct_buckets_head(const struct tct_buckets *buckets, uint32_t hash)
{
	uint32_t at = hash & buckets->mask, below = at & buckets->mask >> 1;

	return &buckets->heads[at < buckets->count ? at : below];
}

#endif
