// SPDX-License-Identifier: GPL-2.0
#include "ahead.h"

#include "closing.h"
#include "identity.h"

#define STEP 6		/* records between two steps: what takes one about as long as memory takes */
#define FEW 8192	/* sockets that are in the cache anyway */
#define LINE 64

/* Of all records of a socket's events; of others it is some other number, and nothing comes of it. */
struct beginning {
	struct tct_record_header h;
	uint32_t other;
	uint64_t time_ns;
	uint64_t cookie;
	uint64_t address;
};

#define BEGINS_ALIKE(type, member) \
	(offsetof(struct type, member) == offsetof(struct beginning, member))

_Static_assert(BEGINS_ALIKE(tct_record_step, cookie) && BEGINS_ALIKE(tct_record_step, address) &&
		       offsetof(struct tct_record_sock, id.cookie) ==
			       offsetof(struct beginning, cookie) &&
		       offsetof(struct tct_record_tw, id.cookie) ==
			       offsetof(struct beginning, cookie),
	       "one place for the cookie");

/*
 * Always inline: the compiler takes a function that only prefetches for one that does nothing, and
 * leaves out the call.
 */
#define ALWAYS_INLINE inline __attribute__((always_inline))

static ALWAYS_INLINE void fetch(const void *at, size_t len)
{
	for (size_t i = 0; i < len; i += LINE)
		__builtin_prefetch((const char *)at + i, 1);
}

/* Of index 0 the element that nobody has: a branch would often be guessed wrong. */
static ALWAYS_INLINE const void *near(const struct tct_pool *pool, uint32_t index)
{
	return pool->chunks[index / TCT_POOL_CHUNK] + (index % TCT_POOL_CHUNK) * pool->element;
}

/* What leaves its list changes its neighbours. */
static ALWAYS_INLINE void fetch_around(const struct tct_mirror *mirror,
				       const struct tct_pool *closings, uint32_t index)
{
	const struct tct_socket *sock = near(&mirror->pool, index);
	const struct tct_socket *prev = near(&mirror->pool, sock->prev);
	const struct tct_socket *next = near(&mirror->pool, sock->next);

	fetch(&prev->next, 1);
	fetch(&next->prev, 1);
	if (closings->chunk_count)
		fetch(near(closings, sock->closing), sizeof(struct tct_closing));
}

static ALWAYS_INLINE bool is_of_mini(uint8_t tag)
{
	const uint32_t minis = 1 << TCT_REC_TW_START | 1 << TCT_REC_TW_SEGMENT |
			       1 << TCT_REC_TW_CANCEL | 1 << TCT_REC_TW_END |
			       1 << TCT_REC_TW_REARM;

	return minis >> tag % 32 & 1;
}

/* The one that was told so many steps ago. */
static struct tct_coming *coming(struct tct_ahead *ahead, unsigned int steps)
{
	return &ahead->coming[(ahead->at - steps * STEP) % TCT_AHEAD_RECORDS];
}

/* An index may be another socket's by now: it is read, and nothing follows from it. */
void tct_ahead_record(struct tct_ahead *ahead, const struct tct_mirror *mirror,
		      const struct tct_pool *closings, const void *data, size_t len)
{
	const struct beginning *rec = data;
	struct tct_coming *now = coming(ahead, 0), *one = coming(ahead, 1), *two = coming(ahead, 2);

	if (mirror->pool.live < FEW || len < sizeof(*rec))
		return;
	now->hash = tct_mirror_hash(tct_identity_key(rec->cookie, rec->address),
				    is_of_mini(rec->h.tag));
	fetch(tct_buckets_of(&mirror->buckets, now->hash), sizeof(struct tct_bucket));
	one->index = tct_buckets_guess(&mirror->buckets, one->hash);
	fetch(near(&mirror->pool, one->index), sizeof(struct tct_socket));
	fetch_around(mirror, closings, two->index);
	ahead->at++;
}
