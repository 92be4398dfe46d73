// SPDX-License-Identifier: GPL-2.0
#include "buckets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_COUNT 1024

int tct_buckets_init(struct tct_buckets *buckets, const struct tct_pool *pool, size_t chain,
		     uint32_t (*hash)(const void *element))
{
	*buckets = (struct tct_buckets){
		.pool = pool, .chain = chain, .hash = hash, .count = FIRST_COUNT,
		.mask = FIRST_COUNT - 1, .room = FIRST_COUNT,
	};
	buckets->heads = calloc(FIRST_COUNT, sizeof(*buckets->heads));
	return buckets->heads ? 0 : -ENOMEM;
}

void tct_buckets_fini(struct tct_buckets *buckets)
{
	free(buckets->heads);
	buckets->heads = NULL;
}

static uint32_t *link_of(const struct tct_buckets *buckets, uint32_t index)
{
	char *element = tct_pool_get(buckets->pool, index);

	return (uint32_t *)(void *)(element + buckets->chain);
}

static uint32_t hash_of(const struct tct_buckets *buckets, uint32_t index)
{
	return buckets->hash(tct_pool_get(buckets->pool, index));
}

/* A large table moves by its pages: nothing is copied. */
static bool make_room(struct tct_buckets *buckets)
{
	uint32_t room = 2 * buckets->room;
	uint32_t *heads;

	if (buckets->count < buckets->room)
		return true;
	heads = room ? realloc(buckets->heads, room * sizeof(*heads)) : NULL;
	if (!heads)
		return false;		/* longer chains, still right */
	buckets->heads = heads;
	buckets->room = room;
	return true;
}

/* The next bucket gets its share of the one that has had it till now. */
static void split(struct tct_buckets *buckets)
{
	uint32_t fresh = buckets->count, *tails[2], next;

	if (!make_room(buckets))
		return;
	if (fresh > buckets->mask)
		buckets->mask = 2 * buckets->mask + 1;
	buckets->count++;
	tails[0] = &buckets->heads[fresh & buckets->mask >> 1];
	tails[1] = &buckets->heads[fresh];
	for (uint32_t i = *tails[0]; i; i = next) {
		bool moves = (hash_of(buckets, i) & buckets->mask) == fresh;

		next = *link_of(buckets, i);
		*tails[moves] = i;
		tails[moves] = link_of(buckets, i);
	}
	*tails[0] = *tails[1] = 0;
}

void tct_buckets_link(struct tct_buckets *buckets, uint32_t index)
{
	uint32_t *head;

	if (++buckets->linked > buckets->count)
		split(buckets);
	head = tct_buckets_head(buckets, hash_of(buckets, index));
	*link_of(buckets, index) = *head;
	*head = index;
}

void tct_buckets_unlink(struct tct_buckets *buckets, uint32_t index)
{
	uint32_t *link = tct_buckets_head(buckets, hash_of(buckets, index));

	while (*link != index)
		link = link_of(buckets, *link);
	*link = *link_of(buckets, index);
	buckets->linked--;
}

static uint32_t reversed(uint32_t bits)
{
	bits = (bits & 0x55555555) << 1 | (bits >> 1 & 0x55555555);
	bits = (bits & 0x33333333) << 2 | (bits >> 2 & 0x33333333);
	bits = (bits & 0x0f0f0f0f) << 4 | (bits >> 4 & 0x0f0f0f0f);
	return __builtin_bswap32(bits);
}

static void visit_chain(const struct tct_buckets *buckets, uint32_t index,
			void (*visit)(void *ctx, void *element), void *ctx)
{
	for (; index; index = *link_of(buckets, index))
		visit(ctx, tct_pool_get(buckets->pool, index));
}

/*
 * In the order of the hash's reversed bits, a bucket together with the one that was split off it:
 * one that is split in between stays at its place of that order.
 */
bool tct_buckets_walk(const struct tct_buckets *buckets, uint64_t *cursor, size_t count,
		      void (*visit)(void *ctx, void *element), void *ctx)
{
	uint32_t low = buckets->count > buckets->mask ? buckets->mask : buckets->mask >> 1;
	int shift = 32 - __builtin_popcount(low);
	uint64_t at = *cursor >> shift, end = (uint64_t)low + 1;

	for (; count && at < end; at++, count--) {
		uint32_t bucket = reversed((uint32_t)(at << shift));

		visit_chain(buckets, buckets->heads[bucket], visit, ctx);
		if (bucket + end < buckets->count)
			visit_chain(buckets, buckets->heads[bucket + end], visit, ctx);
	}
	*cursor = at < end ? at << shift : 0;
	return at < end;
}
