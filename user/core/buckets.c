// SPDX-License-Identifier: GPL-2.0
#include "buckets.h"

#include <errno.h>
#include <stdlib.h>
#include "huge.h"

#define FIRST_COUNT 64
#define FULL 6		/* elements a bucket, on average, at which there is to be one more */
#define SMALL 4096	/* buckets that are not worth a segment of their own */

_Static_assert(TCT_BUCKETS_SEGMENT * sizeof(struct tct_bucket) == TCT_HUGE_PAGE, "a huge page");

static struct tct_bucket *allocate(uint32_t count)
{
	size_t size = count * sizeof(struct tct_bucket);

	return count < TCT_BUCKETS_SEGMENT ? aligned_alloc(sizeof(struct tct_bucket), size)
			       : tct_huge_alloc(size);
}

int tct_buckets_init(struct tct_buckets *buckets, const struct tct_pool *pool,
		     uint32_t (*hash)(const void *element))
{
	*buckets = (struct tct_buckets){ .pool = pool, .hash = hash, .count = FIRST_COUNT,
					 .mask = FIRST_COUNT - 1, .room = FIRST_COUNT };
	tct_pool_init(&buckets->more, sizeof(struct tct_bucket));
	buckets->segments = calloc(1, sizeof(struct tct_bucket *));
	if (!buckets->segments)
		return -ENOMEM;
	buckets->segments[0] = allocate(FIRST_COUNT);
	if (!buckets->segments[0])
		return -ENOMEM;
	memset(buckets->segments[0], 0, FIRST_COUNT * sizeof(struct tct_bucket));
	return 0;
}

void tct_buckets_fini(struct tct_buckets *buckets)
{
	for (uint32_t at = 0; buckets->segments && at < buckets->room; at += TCT_BUCKETS_SEGMENT)
		free(buckets->segments[at / TCT_BUCKETS_SEGMENT]);
	free(buckets->segments);
	buckets->segments = NULL;
	tct_pool_fini(&buckets->more);
}

size_t tct_buckets_bytes(const struct tct_buckets *buckets)
{
	return (buckets->count + (size_t)buckets->more.used) * sizeof(struct tct_bucket);
}

static uint32_t hash_of(const struct tct_buckets *buckets, uint32_t index)
{
	return buckets->hash(tct_pool_get(buckets->pool, index));
}

/* The first segment moves to be larger, until it is a whole one. */
static bool enlarge(struct tct_buckets *buckets, uint32_t room)
{
	struct tct_bucket *first = allocate(room);

	if (!first)
		return false;
	memcpy(first, buckets->segments[0], buckets->count * sizeof(*first));
	free(buckets->segments[0]);
	buckets->segments[0] = first;
	buckets->room = room;
	return true;
}

static bool add_segment(struct tct_buckets *buckets)
{
	uint32_t count = buckets->room / TCT_BUCKETS_SEGMENT;
	struct tct_bucket **segments = realloc(buckets->segments,
					       (count + 1) * sizeof(struct tct_bucket *));

	if (!segments)
		return false;
	buckets->segments = segments;
	segments[count] = allocate(TCT_BUCKETS_SEGMENT);
	if (!segments[count])
		return false;
	buckets->room += TCT_BUCKETS_SEGMENT;
	return true;
}

/* Without memory buckets become fuller, and stay right. */
static bool make_room(struct tct_buckets *buckets)
{
	if (buckets->count < buckets->room)
		return true;
	if (buckets->room < SMALL)
		return enlarge(buckets, 2 * buckets->room);
	if (buckets->room < TCT_BUCKETS_SEGMENT)
		return enlarge(buckets, TCT_BUCKETS_SEGMENT);
	return add_segment(buckets);
}

static bool put(struct tct_buckets *buckets, struct tct_bucket *bucket, uint32_t hash,
		uint32_t index)
{
	uint64_t free;

	while (bucket && !(free = tct_bucket_matches(bucket, 0))) {
		if (!bucket->more)
			bucket->more = tct_pool_alloc(&buckets->more);
		bucket = tct_buckets_more(buckets, bucket);
	}
	if (!bucket)
		return false;
	bucket->index[tct_bucket_slot(free)] = index;
	bucket->tags[tct_bucket_slot(free)] = tct_bucket_tag(hash);
	return true;
}

static bool is_empty(const struct tct_bucket *bucket)
{
	for (int i = 0; i < TCT_BUCKET_SLOTS; i++) {
		if (bucket->tags[i])
			return false;
	}
	return true;
}

static void trim(struct tct_buckets *buckets, struct tct_bucket *bucket)
{
	while (bucket->more) {
		struct tct_bucket *next = tct_buckets_more(buckets, bucket);
		uint32_t index = bucket->more;

		if (is_empty(next)) {
			bucket->more = next->more;
			tct_pool_free(&buckets->more, index);
		} else {
			bucket = next;
		}
	}
}

/* As many slots as the other has: a share of its elements has room. */
static bool match(struct tct_buckets *buckets, const struct tct_bucket *from,
		  struct tct_bucket *fresh)
{
	for (; from->more; from = tct_buckets_more(buckets, from)) {
		fresh->more = tct_pool_alloc(&buckets->more);
		if (!fresh->more)
			return false;
		fresh = tct_buckets_more(buckets, fresh);
	}
	return true;
}

static void move(struct tct_buckets *buckets, struct tct_bucket *from, struct tct_bucket *fresh,
		 uint32_t number)
{
	for (; from; from = tct_buckets_more(buckets, from)) {
		for (int i = 0; i < TCT_BUCKET_SLOTS; i++) {
			uint32_t hash = from->tags[i] ? hash_of(buckets, from->index[i]) : 0;

			if (!from->tags[i] || (hash & buckets->mask) != number)
				continue;
			put(buckets, fresh, hash, from->index[i]);
			from->tags[i] = 0;
		}
	}
}

/* The next bucket gets its share of the one that has had it till now. */
static void split(struct tct_buckets *buckets)
{
	uint32_t number = buckets->count;
	uint32_t mask = number > buckets->mask ? 2 * buckets->mask + 1 : buckets->mask;
	struct tct_bucket *from, *fresh;

	if (!make_room(buckets))
		return;
	from = tct_buckets_at(buckets, number & mask >> 1);
	fresh = tct_buckets_at(buckets, number);
	memset(fresh, 0, sizeof(*fresh));
	if (match(buckets, from, fresh)) {
		buckets->mask = mask;
		buckets->count++;
		move(buckets, from, fresh, number);
		trim(buckets, from);
	}
	trim(buckets, fresh);
}

bool tct_buckets_link(struct tct_buckets *buckets, uint32_t index)
{
	uint32_t hash = hash_of(buckets, index);

	if (!put(buckets, tct_buckets_of(buckets, hash), hash, index))
		return false;
	if (++buckets->linked > FULL * (uint64_t)buckets->count)
		split(buckets);
	return true;
}

static bool clear(struct tct_bucket *bucket, uint8_t tag, uint32_t index)
{
	uint64_t matches = tct_bucket_matches(bucket, tag);

	for (; matches; matches &= matches - 1) {
		unsigned int slot = tct_bucket_slot(matches);

		if (bucket->index[slot] == index) {
			bucket->tags[slot] = 0;
			return true;
		}
	}
	return false;
}

void tct_buckets_unlink(struct tct_buckets *buckets, uint32_t index)
{
	uint32_t hash = hash_of(buckets, index);
	struct tct_bucket *bucket = tct_buckets_of(buckets, hash);

	while (bucket && !clear(bucket, tct_bucket_tag(hash), index))
		bucket = tct_buckets_more(buckets, bucket);
	buckets->linked -= bucket != NULL;
}

static uint32_t reversed(uint32_t bits)
{
	bits = (bits & 0x55555555) << 1 | (bits >> 1 & 0x55555555);
	bits = (bits & 0x33333333) << 2 | (bits >> 2 & 0x33333333);
	bits = (bits & 0x0f0f0f0f) << 4 | (bits >> 4 & 0x0f0f0f0f);
	return __builtin_bswap32(bits);
}

static void visit_all(const struct tct_buckets *buckets, uint32_t number,
		      void (*visit)(void *ctx, void *element), void *ctx)
{
	const struct tct_bucket *bucket = tct_buckets_at(buckets, number);

	for (; bucket; bucket = tct_buckets_more(buckets, bucket)) {
		for (int i = 0; i < TCT_BUCKET_SLOTS; i++) {
			if (bucket->tags[i])
				visit(ctx, tct_pool_get(buckets->pool, bucket->index[i]));
		}
	}
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

		visit_all(buckets, bucket, visit, ctx);
		if (bucket + end < buckets->count)
			visit_all(buckets, (uint32_t)(bucket + end), visit, ctx);
	}
	*cursor = at < end ? at << shift : 0;
	return at < end;
}
