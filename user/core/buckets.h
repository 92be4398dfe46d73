/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash of a pool's elements. A bucket is a cache line: some bits of the hash of each of its
 * elements, and their indexes, so that looking for one reads one line and, nearly always, no other
 * element. Buckets are added one by one (linear hashing): it never grows all at once.
 */
#ifndef TCT_BUCKETS_H
#define TCT_BUCKETS_H

#include <endian.h>
#include <string.h>
#include "pool.h"

#define TCT_BUCKET_SLOTS 12

struct tct_bucket {
	uint8_t tags[TCT_BUCKET_SLOTS];		/* the highest bits of the hash; 0: free */
	uint32_t more;				/* in the pool of those that are full, 0: none */
	uint32_t index[TCT_BUCKET_SLOTS];
};

_Static_assert(sizeof(struct tct_bucket) == 64, "a cache line");

struct tct_buckets {
	const struct tct_pool *pool;
	uint32_t (*hash)(const void *element);
	struct tct_bucket **segments;	/* all but the first, while it is alone, of one size */
	struct tct_pool more;
	uint32_t count;
	uint32_t mask;		/* the least power of two that is not below count, minus one */
	uint32_t room;		/* of the segments that there are */
	uint32_t linked;	/* elements */
};

/* 0 or -ENOMEM. */
int tct_buckets_init(struct tct_buckets *buckets, const struct tct_pool *pool,
		     uint32_t (*hash)(const void *element));
void tct_buckets_fini(struct tct_buckets *buckets);

/* False: there is no memory. */
bool tct_buckets_link(struct tct_buckets *buckets, uint32_t index);

/* With the hash that it was linked by. */
void tct_buckets_unlink(struct tct_buckets *buckets, uint32_t index);

/*
 * The elements of `count` more buckets, from *cursor on, which begins with 0. Returns whether there
 * are more. `visit` neither links nor unlinks; between two calls anybody may: what is there all the
 * time is visited, and once.
 */
bool tct_buckets_walk(const struct tct_buckets *buckets, uint64_t *cursor, size_t count,
		      void (*visit)(void *ctx, void *element), void *ctx);

/* What it takes. */
size_t tct_buckets_bytes(const struct tct_buckets *buckets);

/*
 * Cookies are small numbers that follow each other, addresses multiples of the element's size: all
 * bits are to depend on all, which takes a second multiplication.
 */
static inline uint32_t tct_buckets_hash(uint64_t key)
{
	key *= 0x9E3779B97F4A7C15ull;
	key ^= key >> 32;
	return key * 0xD6E8FEB86659FD93ull >> 32;
}

/* What follows is here to be compiled into what looks for something: it is done for each record. */

#define TCT_BUCKETS_SEGMENT (1u << 15)	/* buckets: a huge page full */

static inline struct tct_bucket *tct_buckets_at(const struct tct_buckets *buckets, uint32_t number)
{
	return &buckets->segments[number / TCT_BUCKETS_SEGMENT][number % TCT_BUCKETS_SEGMENT];
}

/* A shift, not a choice: which half it is would be guessed wrong as often as not. */
static inline struct tct_bucket *tct_buckets_of(const struct tct_buckets *buckets, uint32_t hash)
{
	unsigned int is_beyond = (hash & buckets->mask) >= buckets->count;

	return tct_buckets_at(buckets, hash & buckets->mask >> is_beyond);
}

static inline struct tct_bucket *tct_buckets_more(const struct tct_buckets *buckets,
						  const struct tct_bucket *bucket)
{
	return tct_pool_get(&buckets->more, bucket->more);
}

static inline uint8_t tct_bucket_tag(uint32_t hash)
{
	return hash < 1u << 24 ? 1 : hash >> 24;
}

/* The highest bit of each byte that is 0. */
static inline uint64_t tct_bucket_zeros(uint64_t bytes)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f;

	return ~(((bytes & low) + low) | bytes | low);
}

/* One bit a slot that has this tag, all twelve at once; tct_bucket_slot() tells which. */
static inline uint64_t tct_bucket_matches(const struct tct_bucket *bucket, uint8_t tag)
{
	const uint64_t tags = tag * 0x0101010101010101u;
	uint64_t first;
	uint32_t rest;

	memcpy(&first, bucket->tags, sizeof(first));
	memcpy(&rest, bucket->tags + sizeof(first), sizeof(rest));
	return tct_bucket_zeros(le64toh(first) ^ tags) >> 7 |
	       (tct_bucket_zeros(le32toh(rest) ^ tags) & UINT32_MAX) >> 3;
}

static inline unsigned int tct_bucket_slot(uint64_t matches)
{
	unsigned int bit = (unsigned int)__builtin_ctzll(matches);

	return bit >> 3 | (bit & 4) << 1;
}

/*
 * What is probably the element with this hash; 0 when none is in its bucket. Without a branch,
 * which would often be guessed wrong: of no match the last of the first eight slots is read.
 */
static inline uint32_t tct_buckets_guess(const struct tct_buckets *buckets, uint32_t hash)
{
	const struct tct_bucket *bucket = tct_buckets_of(buckets, hash);
	uint64_t matches = tct_bucket_matches(bucket, tct_bucket_tag(hash));
	uint32_t index = bucket->index[tct_bucket_slot(matches | 1ull << 56)];

	return index & -(uint32_t)(matches != 0);
}

/* The element of which is() holds; 0 when there is none. */
static inline uint32_t tct_buckets_find(const struct tct_buckets *buckets, uint32_t hash,
					bool (*is)(const void *element, const void *key),
					const void *key)
{
	const struct tct_bucket *bucket = tct_buckets_of(buckets, hash);

	for (; bucket; bucket = tct_buckets_more(buckets, bucket)) {
		uint64_t matches = tct_bucket_matches(bucket, tct_bucket_tag(hash));

		for (; matches; matches &= matches - 1) {
			uint32_t index = bucket->index[tct_bucket_slot(matches)];

			if (is(tct_pool_get(buckets->pool, index), key))
				return index;
		}
	}
	return 0;
}

#endif
