// SPDX-License-Identifier: GPL-2.0
/* Lists of sockets, the oldest first. */
#include <errno.h>
#include <stdlib.h>
#include "mirror.h"

#define STEPS_MAX 64	/* back from the youngest, to find a place */

static void insert_after(struct tct_mirror *mirror, struct tct_list *list,
			 struct tct_socket *after, struct tct_socket *sock)
{
	struct tct_socket *before;

	sock->prev = after ? after->index : 0;
	sock->next = after ? after->next : list->head;
	before = tct_mirror_at(mirror, sock->next);
	*(after ? &after->next : &list->head) = sock->index;
	*(before ? &before->prev : &list->tail) = sock->index;
	if (list->unread == sock->next)
		list->unread = sock->index;
	list->count++;
}

void tct_list_append(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock)
{
	insert_after(mirror, list, tct_mirror_at(mirror, list->tail), sock);
}

void tct_list_insert(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock)
{
	struct tct_socket *after = tct_mirror_at(mirror, list->tail);
	int steps = 0;

	while (after && after->entered_ns > sock->entered_ns && steps++ < STEPS_MAX)
		after = tct_mirror_at(mirror, after->prev);
	if (mirror->seeding || list->loose || steps > STEPS_MAX)
		tct_list_place(mirror, list, sock);
	else
		insert_after(mirror, list, after, sock);
}

void tct_list_remove(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock)
{
	struct tct_socket *prev = tct_mirror_at(mirror, sock->prev);
	struct tct_socket *next = tct_mirror_at(mirror, sock->next);

	if (list->loose == sock->index)
		list->loose = sock->next;
	if (list->unread == sock->index)
		list->unread = sock->next;
	*(prev ? &prev->next : &list->head) = sock->next;
	*(next ? &next->prev : &list->tail) = sock->prev;
	sock->prev = sock->next = 0;
	list->count--;
}

void tct_list_place(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock)
{
	const struct tct_socket *youngest = tct_mirror_at(mirror, list->tail);

	if (!list->loose && youngest && youngest->entered_ns > sock->entered_ns)
		list->loose = sock->index;
	tct_list_append(mirror, list, sock);
}

void tct_list_read(struct tct_mirror *mirror, struct tct_list *list, uint64_t begin_ns)
{
	struct tct_socket *sock = tct_mirror_at(mirror, list->tail);

	list->read_ns = begin_ns;
	if (!begin_ns) {	/* nothing was, of however many there are */
		list->unread = list->head;
		return;
	}
	list->unread = 0;
	for (; sock && sock->entered_ns >= begin_ns; sock = tct_mirror_at(mirror, sock->prev))
		list->unread = sock->index;
}

/* With its age, so that sorting looks at no socket. */
struct loose {
	uint64_t entered_ns;
	struct tct_socket *sock;
};

static uint64_t range_of(const struct loose *list, size_t count, uint64_t *first_ns)
{
	uint64_t last_ns = 0;

	*first_ns = UINT64_MAX;
	for (size_t i = 0; i < count; i++) {
		if (list[i].entered_ns < *first_ns)
			*first_ns = list[i].entered_ns;
		if (list[i].entered_ns > last_ns)
			last_ns = list[i].entered_ns;
	}
	return last_ns - *first_ns;
}

/* By one byte of the age; those with the same stay in order. */
static void spread(const struct loose *from, struct loose *to, size_t count, uint64_t first_ns,
		   unsigned int shift)
{
	size_t places[256] = { 0 }, place = 0;

	for (size_t i = 0; i < count; i++)
		places[(from[i].entered_ns - first_ns) >> shift & 255]++;
	for (int i = 0; i < 256; i++) {
		size_t here = places[i];

		places[i] = place;
		place += here;
	}
	for (size_t i = 0; i < count; i++)
		to[places[(from[i].entered_ns - first_ns) >> shift & 255]++] = from[i];
}

/* At the start there may be a million: a byte at a time, from the last one on. Returns where. */
static struct loose *order(struct loose *list, struct loose *spare, size_t count)
{
	uint64_t first_ns, range_ns = range_of(list, count, &first_ns);

	for (unsigned int shift = 0; shift < 64 && range_ns >> shift; shift += 8) {
		struct loose *ordered = spare;

		spread(list, ordered, count, first_ns, shift);
		spare = list;
		list = ordered;
	}
	return list;
}

static size_t count_loose(struct tct_mirror *mirror, const struct tct_list *list)
{
	size_t count = 0;

	for (uint32_t i = list->loose; i; i = tct_mirror_at(mirror, i)->next)
		count++;
	return count;
}

/* Youngest first, each from where the one before it went. */
static void merge(struct tct_mirror *mirror, struct tct_list *list,
		  const struct loose *loose, size_t count)
{
	struct tct_socket *after = tct_mirror_at(mirror, list->tail);

	while (count--) {
		while (after && after->entered_ns > loose[count].entered_ns)
			after = tct_mirror_at(mirror, after->prev);
		insert_after(mirror, list, after, loose[count].sock);
	}
}

int tct_list_sort(struct tct_mirror *mirror, struct tct_list *list)
{
	size_t count = count_loose(mirror, list);
	struct loose *loose;

	if (!count)
		return 0;
	loose = malloc(2 * count * sizeof(*loose));
	if (!loose)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct tct_socket *sock = tct_mirror_at(mirror, list->loose);

		loose[i] = (struct loose){ .entered_ns = sock->entered_ns, .sock = sock };
		tct_list_remove(mirror, list, sock);
	}
	merge(mirror, list, order(loose, loose + count, count), count);
	tct_list_read(mirror, list, list->read_ns);
	free(loose);
	return 0;
}
