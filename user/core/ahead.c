// SPDX-License-Identifier: GPL-2.0
#include "ahead.h"

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
	for (size_t i = 0; at && i < len; i += LINE)
		__builtin_prefetch((const char *)at + i, 1);
}

static ALWAYS_INLINE void fetch_socket(const struct tct_mirror *mirror, uint32_t index)
{
	const struct tct_socket *sock = tct_mirror_at(mirror, index);

	fetch(sock, sizeof(*sock));
}

/* What leaves its list changes its neighbours. */
static ALWAYS_INLINE void fetch_around(const struct tct_mirror *mirror, const struct tct_pool *closings,
			 uint32_t index)
{
	const struct tct_socket *sock = tct_mirror_at(mirror, index);

	if (!sock)
		return;
	if (sock->prev)
		fetch(&tct_mirror_at(mirror, sock->prev)->next, 1);
	if (sock->next)
		fetch(&tct_mirror_at(mirror, sock->next)->prev, 1);
	fetch(tct_pool_get(closings, sock->closing), closings->element);
}

static ALWAYS_INLINE bool is_of_mini(const struct beginning *rec)
{
	return rec->h.tag >= TCT_REC_TW_START && rec->h.tag <= TCT_REC_TW_SOCK ? true
	       : rec->h.tag == TCT_REC_TW_END || rec->h.tag == TCT_REC_TW_REARM;
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
	now->hash = tct_mirror_hash(tct_identity_key(rec->cookie, rec->address), is_of_mini(rec));
	fetch(tct_buckets_of(&mirror->buckets, now->hash), sizeof(struct tct_bucket));
	one->index = tct_buckets_guess(&mirror->buckets, one->hash);
	fetch_socket(mirror, one->index);
	fetch_around(mirror, closings, two->index);
	ahead->at++;
}
