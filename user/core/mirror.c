// SPDX-License-Identifier: GPL-2.0
#include "mirror.h"

#include <errno.h>
#include <string.h>
#include "closing.h"

#define MEMORY_SHARE 16
#define LEAST_BOUND 65536
#define MOST_BOUND (1u << 28)

static uint32_t hash(const void *element)
{
	const struct tct_socket *sock = element;

	return tct_mirror_hash(sock->cookie, sock->flags & TCT_SOCK_MINI);
}

int tct_mirror_init(struct tct_mirror *mirror)
{
	int err;

	memset(mirror, 0, sizeof(*mirror));
	tct_pool_init(&mirror->pool, sizeof(struct tct_socket));
	mirror->seeding = true;
	err = tct_buckets_init(&mirror->buckets, &mirror->pool, hash);
	return err ? err : tct_places_init(&mirror->places);
}

void tct_mirror_fini(struct tct_mirror *mirror)
{
	tct_places_fini(&mirror->places);
	tct_buckets_fini(&mirror->buckets);
	tct_pool_fini(&mirror->pool);
}

struct key {
	uint64_t cookie;
	bool mini;
};

static bool is(const void *element, const void *of)
{
	const struct tct_socket *sock = element;
	const struct key *key = of;

	return sock->cookie == key->cookie && !!(sock->flags & TCT_SOCK_MINI) == key->mini;
}

struct tct_socket *tct_mirror_find(const struct tct_mirror *mirror, uint64_t cookie, bool mini)
{
	const struct key key = { cookie, mini };
	uint32_t index = tct_buckets_find(&mirror->buckets, tct_mirror_hash(cookie, mini), is, &key);

	tct_pool_touch(&mirror->pool, index);
	return tct_mirror_at(mirror, index);
}

struct tct_socket *tct_mirror_add(struct tct_mirror *mirror, uint64_t cookie, bool mini)
{
	uint32_t index = tct_pool_alloc(&mirror->pool);
	struct tct_socket *sock = tct_mirror_at(mirror, index);

	if (!sock)
		return NULL;
	sock->index = index;
	sock->cookie = cookie;
	sock->flags = mini ? TCT_SOCK_MINI : 0;
	if (!tct_buckets_link(&mirror->buckets, index)) {
		tct_pool_free(&mirror->pool, index);
		return NULL;
	}
	mirror->by_address |= TCT_KEY_IS_ADDRESS(cookie);
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

	if (!is_sound(mirror, sock) || !tct_places_adopt(&mirror->places, sock->place))
		return false;
	if (!tct_buckets_link(&mirror->buckets, index)) {
		tct_places_drop(&mirror->places, sock->place);
		return false;
	}
	tct_pool_adopt(&mirror->pool);
	sock->index = index;
	sock->group = 0;
	sock->audited = 0;
	sock->flags &= ~TCT_SOCK_UNLISTED;
	mirror->by_address |= TCT_KEY_IS_ADDRESS(sock->cookie);
	mirror->by_state[sock->state]++;
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

void tct_mirror_rekey(struct tct_mirror *mirror, struct tct_socket *sock, uint64_t cookie)
{
	uint64_t before = sock->cookie;

	tct_pool_touch(&mirror->pool, sock->index);
	tct_buckets_unlink(&mirror->buckets, sock->index);
	sock->cookie = cookie;
	if (tct_buckets_link(&mirror->buckets, sock->index))
		return;
	sock->cookie = before;		/* its place there is free */
	tct_buckets_link(&mirror->buckets, sock->index);
}

void tct_mirror_remove(struct tct_mirror *mirror, struct tct_socket *sock)
{
	tct_pool_touch(&mirror->pool, sock->index);
	leave_state(mirror, sock);
	tct_buckets_unlink(&mirror->buckets, sock->index);
	tct_places_drop(&mirror->places, sock->place);
	sock->state = TCT_NONE;
	tct_pool_free(&mirror->pool, sock->index);
}

struct walk {
	void (*visit)(void *ctx, struct tct_socket *sock);
	void *ctx;
};

static void visit(void *ctx, void *element)
{
	const struct walk *walk = ctx;

	walk->visit(walk->ctx, element);
}

bool tct_mirror_walk(const struct tct_mirror *mirror, uint64_t *cursor, size_t count,
		     void (*visit_socket)(void *ctx, struct tct_socket *sock), void *ctx)
{
	struct walk walk = { visit_socket, ctx };

	return tct_buckets_walk(&mirror->buckets, cursor, count, visit, &walk);
}

bool tct_mirror_put(struct tct_mirror *mirror, struct tct_socket *sock, uint32_t netns,
		    uint8_t family, const uint8_t laddr[16])
{
	uint32_t place = tct_places_take(&mirror->places, netns, family, laddr);

	if (!place)
		return false;
	tct_places_drop(&mirror->places, sock->place);
	sock->place = place;
	return true;
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

/* With its share of the buckets, which are half full, and what is kept of its end. */
uint32_t tct_mirror_bound(uint64_t memory)
{
	uint64_t each = sizeof(struct tct_socket) + 2 * sizeof(struct tct_bucket) / TCT_BUCKET_SLOTS +
			sizeof(struct tct_closing);
	uint64_t count = memory / MEMORY_SHARE / each;

	if (count < LEAST_BOUND)
		return LEAST_BOUND;
	return count < MOST_BOUND ? (uint32_t)count : MOST_BOUND;
}
