// SPDX-License-Identifier: GPL-2.0
#include "holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_SIZE 256

/* False: there is no memory, or there are as many as will be told. */
static bool make_room(struct tct_holders *holders)
{
	size_t room = holders->room ? 2 * holders->room : 1;
	struct tct_holder_fds *fds;
	struct tct_holder *list;

	if (holders->count < holders->room)
		return true;
	if (room > TCT_HOLDERS_MAX)
		return false;
	list = realloc(holders->list, room * sizeof(*list));
	if (!list)
		return false;
	holders->list = list;
	fds = realloc(holders->fds, room * sizeof(*fds));
	if (!fds)
		return false;
	memset(fds + holders->room, 0, (room - holders->room) * sizeof(*fds));
	holders->fds = fds;
	holders->room = room;
	return true;
}

static struct tct_holder *holder_of(struct tct_holders *holders, const struct tct_held *held)
{
	struct tct_holder *holder;

	for (size_t i = 0; i < holders->count; i++) {
		if (holders->list[i].pid == held->pid)
			return &holders->list[i];
	}
	if (!make_room(holders))
		return NULL;
	holder = &holders->list[holders->count++];
	*holder = (struct tct_holder){ .pid = held->pid, .fd = held->fd };
	memcpy(holder->comm, held->comm, sizeof(holder->comm));
	return holder;
}

static void remember_fd(struct tct_holder_fds *fds, uint32_t fd)
{
	if (fds->count == fds->room) {
		size_t room = fds->room ? 2 * fds->room : 16;
		uint32_t *grown = realloc(fds->fds, room * sizeof(*grown));

		if (!grown)
			return;
		fds->fds = grown;
		fds->room = room;
	}
	fds->fds[fds->count++] = fd;
}

void tct_holders_add(struct tct_holders *holders, const struct tct_held *held, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct tct_holder *holder = holder_of(holders, &held[i]);

		if (!holder)
			continue;
		if (!i || held[i].pid != held[i - 1].pid)
			holder->count++;	/* sockets, not descriptors: dup() counts once */
		remember_fd(&holders->fds[holder - holders->list], held[i].fd);
	}
}

static char *ranges_of(const struct tct_holder_fds *fds)
{
	char text[RANGES_SIZE];

	tct_fd_ranges(fds->fds, fds->count, text, sizeof(text));
	return strdup(text);
}

static void drop_fds(struct tct_holders *holders)
{
	for (size_t i = 0; holders->fds && i < holders->count; i++)
		free(holders->fds[i].fds);
	free(holders->fds);
	holders->fds = NULL;
}

void tct_holders_finish(struct tct_holders *holders, const struct tct_lookups *lookups)
{
	for (size_t i = 0; i < holders->count; i++) {
		holders->list[i].fds = ranges_of(&holders->fds[i]);
		if (lookups)
			holders->list[i].cgroup = lookups->cgroup_of(lookups->ctx,
								     holders->list[i].pid);
	}
	drop_fds(holders);
}

void tct_holders_clear(struct tct_holders *holders)
{
	for (size_t i = 0; i < holders->count; i++) {
		free((char *)holders->list[i].fds);
		free((char *)holders->list[i].cgroup);
	}
	drop_fds(holders);
	free(holders->list);
	*holders = (struct tct_holders){ 0 };
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

void tct_fd_ranges(uint32_t *fds, size_t count, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	if (count)
		qsort(fds, count, sizeof(*fds), by_number);
	for (size_t i = 0, last; i < count; i = last + 1) {
		char range[32];
		size_t len;

		for (last = i; last + 1 < count && fds[last + 1] <= fds[last] + 1;)
			last++;
		len = snprintf(range, sizeof(range), fds[last] > fds[i] ? "%s%u-%u" : "%s%u",
			       i ? "," : "", fds[i], fds[last]);
		if (used + len + sizeof(",...") > size) {
			memcpy(out + used, ",...", sizeof(",..."));
			return;
		}
		memcpy(out + used, range, len + 1);
		used += len;
	}
}
