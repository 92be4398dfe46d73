// SPDX-License-Identifier: GPL-2.0
#include "mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "closing.h"

#define FIRST_BITS 10
#define MEMORY_SHARE 16
#define LEAST_BOUND 65536
#define MOST_BOUND (1u << 28)

int tct_mirror_init(struct tct_mirror *mirror)
{
	memset(mirror, 0, sizeof(*mirror));
	tct_pool_init(&mirror->pool, sizeof(struct tct_socket));
	mirror->seeding = true;
	mirror->bucket_bits = FIRST_BITS;
	mirror->buckets = calloc(1u << FIRST_BITS, sizeof(*mirror->buckets));
	return mirror->buckets ? 0 : -ENOMEM;
}

void tct_mirror_fini(struct tct_mirror *mirror)
{
	free(mirror->buckets);
	tct_pool_fini(&mirror->pool);
}

struct tct_socket *tct_mirror_at(const struct tct_mirror *mirror, uint32_t index)
{
	return tct_pool_get(&mirror->pool, index);
}

/* Cookies are small numbers, handed out in batches per CPU: spread them (Fibonacci hashing). */
static uint32_t *bucket_of(const struct tct_mirror *mirror, uint64_t cookie)
{
	return &mirror->buckets[cookie * 0x9E3779B97F4A7C15ull >> (64 - mirror->bucket_bits)];
}

static void link_socket(struct tct_mirror *mirror, struct tct_socket *sock)
{
	uint32_t *bucket = bucket_of(mirror, sock->cookie);

	sock->chain = *bucket;
	*bucket = sock->index;
}

/* Doubling is paid for by the sockets that were added since the last one. */
static void grow(struct tct_mirror *mirror)
{
	uint32_t old_count = 1u << mirror->bucket_bits;
	uint32_t *old = mirror->buckets;
	uint32_t *buckets = calloc(2ul * old_count, sizeof(*buckets));

	if (!buckets)
		return;		/* longer chains, still right */
	mirror->buckets = buckets;
	mirror->bucket_bits++;
	for (uint32_t i = 0; i < old_count; i++) {
		for (uint32_t index = old[i], next; index; index = next) {
			struct tct_socket *sock = tct_mirror_at(mirror, index);

			next = sock->chain;
			link_socket(mirror, sock);
		}
	}
	free(old);
}

struct tct_socket *tct_mirror_find(const struct tct_mirror *mirror, uint64_t cookie, bool mini)
{
	uint32_t index = *bucket_of(mirror, cookie);

	while (index) {
		struct tct_socket *sock = tct_mirror_at(mirror, index);

		if (sock->cookie == cookie && !!(sock->flags & TCT_SOCK_MINI) == mini) {
			tct_pool_touch(&mirror->pool, index);
			return sock;
		}
		index = sock->chain;
	}
	return NULL;
}

struct tct_socket *tct_mirror_add(struct tct_mirror *mirror, uint64_t cookie, bool mini)
{
	uint32_t index;
	struct tct_socket *sock;

	if (mirror->pool.live >= 1u << mirror->bucket_bits)
		grow(mirror);
	index = tct_pool_alloc(&mirror->pool);
	if (!index)
		return NULL;
	sock = tct_mirror_at(mirror, index);
	sock->index = index;
	sock->cookie = cookie;
	mirror->by_address |= TCT_KEY_IS_ADDRESS(cookie);
	sock->flags = mini ? TCT_SOCK_MINI : 0;
	link_socket(mirror, sock);
	return sock;
}

static bool is_sound(const struct tct_mirror *mirror, const struct tct_socket *sock)
{
	return sock->state > TCT_NONE && sock->state < TCT_STATES && sock->cookie &&
	       !tct_mirror_find(mirror, sock->cookie, sock->flags & TCT_SOCK_MINI);
}

bool tct_mirror_adopt(struct tct_mirror *mirror, uint32_t index)
{
	struct tct_socket *sock = tct_mirror_at(mirror, index);

	if (!is_sound(mirror, sock))
		return false;
	if (mirror->pool.live >= 1u << mirror->bucket_bits)
		grow(mirror);
	tct_pool_adopt(&mirror->pool);
	sock->index = index;
	sock->group = 0;
	sock->audited = 0;
	sock->flags &= ~TCT_SOCK_UNLISTED;
	mirror->by_address |= TCT_KEY_IS_ADDRESS(sock->cookie);
	mirror->by_state[sock->state]++;
	link_socket(mirror, sock);
	tct_list_place(mirror, tct_mirror_list(mirror, sock), sock);
	return true;
}

struct tct_list *tct_mirror_list(struct tct_mirror *mirror, const struct tct_socket *sock)
{
	return &mirror->lists[!!(sock->flags & TCT_SOCK_MINI)][sock->state];
}

static void leave_state(struct tct_mirror *mirror, struct tct_socket *sock)
{
	if (sock->state == TCT_NONE)
		return;
	mirror->by_state[sock->state]--;
	if (!(sock->flags & TCT_SOCK_UNLISTED))
		tct_list_remove(mirror, tct_mirror_list(mirror, sock), sock);
}

static void change_state(struct tct_mirror *mirror, struct tct_socket *sock, enum tct_state state,
			 uint64_t entered_ns)
{
	tct_pool_touch(&mirror->pool, sock->index);
	leave_state(mirror, sock);
	sock->flags &= ~TCT_SOCK_UNLISTED;
	sock->state = state;
	sock->entered_ns = entered_ns;
	mirror->by_state[state]++;
}

void tct_mirror_enter(struct tct_mirror *mirror, struct tct_socket *sock, enum tct_state state,
		      uint64_t entered_ns)
{
	change_state(mirror, sock, state, entered_ns);
	tct_list_insert(mirror, tct_mirror_list(mirror, sock), sock);
}

void tct_mirror_seed(struct tct_mirror *mirror, struct tct_socket *sock, enum tct_state state,
		     uint64_t entered_ns)
{
	change_state(mirror, sock, state, entered_ns);
	tct_list_place(mirror, tct_mirror_list(mirror, sock), sock);
}

static void unlink_socket(struct tct_mirror *mirror, struct tct_socket *sock)
{
	uint32_t *link = bucket_of(mirror, sock->cookie);

	while (*link != sock->index)
		link = &tct_mirror_at(mirror, *link)->chain;
	*link = sock->chain;
}

void tct_mirror_rekey(struct tct_mirror *mirror, struct tct_socket *sock, uint64_t cookie)
{
	tct_pool_touch(&mirror->pool, sock->index);
	unlink_socket(mirror, sock);
	sock->cookie = cookie;
	link_socket(mirror, sock);
}

void tct_mirror_remove(struct tct_mirror *mirror, struct tct_socket *sock)
{
	tct_pool_touch(&mirror->pool, sock->index);
	leave_state(mirror, sock);
	unlink_socket(mirror, sock);
	sock->state = TCT_NONE;
	tct_pool_free(&mirror->pool, sock->index);
}

bool tct_mirror_walk(const struct tct_mirror *mirror, uint64_t *cursor, size_t count,
		     void (*visit)(void *ctx, struct tct_socket *sock), void *ctx)
{
	/* the upper bits of the hash, which growing in between does not change */
	uint32_t shift = 64 - mirror->bucket_bits;
	uint64_t bucket = *cursor >> shift, end = 1ull << mirror->bucket_bits;

	for (; count && bucket < end; bucket++, count--) {
		struct tct_socket *sock = tct_mirror_at(mirror, mirror->buckets[bucket]);

		for (; sock; sock = tct_mirror_at(mirror, sock->chain))
			visit(ctx, sock);
	}
	*cursor = bucket < end ? bucket << shift : 0;
	return bucket < end;
}

int tct_mirror_sort(struct tct_mirror *mirror)
{
	int err = 0;

	mirror->seeding = false;
	for (int state = 0; state < TCT_STATES && !err; state++) {
		err = tct_list_sort(mirror, &mirror->lists[0][state]);
		if (!err)
			err = tct_list_sort(mirror, &mirror->lists[1][state]);
	}
	return err;
}

/* With its share of the hash, which is half empty at worst, and of what is kept of its end. */
uint32_t tct_mirror_bound(uint64_t memory)
{
	uint64_t each = sizeof(struct tct_socket) + 2 * sizeof(uint32_t) +
			sizeof(struct tct_closing);
	uint64_t count = memory / MEMORY_SHARE / each;

	if (count < LEAST_BOUND)
		return LEAST_BOUND;
	return count < MOST_BOUND ? (uint32_t)count : MOST_BOUND;
}
