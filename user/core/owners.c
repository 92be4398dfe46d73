// SPDX-License-Identifier: GPL-2.0
#include "owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "identity.h"

void tct_owners_clear(struct tct_owners *owners)
{
	owners->count = 0;
}

void tct_owners_fini(struct tct_owners *owners)
{
	free(owners->held);
	memset(owners, 0, sizeof(*owners));
}

int tct_owners_add(struct tct_owners *owners, const struct tct_record_owner *rec)
{
	struct tct_held *held;

	if (owners->count == owners->room) {
		size_t room = owners->room ? 2 * owners->room : 256;

		held = realloc(owners->held, room * sizeof(*held));
		if (!held)
			return -ENOMEM;
		owners->held = held;
		owners->room = room;
	}
	held = &owners->held[owners->count++];
	*held = (struct tct_held){ .cookie = tct_identity_key(rec->cookie, rec->address),
				   .pid = rec->pid, .fd = rec->fd };
	memcpy(held->comm, rec->comm, sizeof(held->comm) - 1);
	return 0;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int by_cookie(const void *left, const void *right)
{
	const struct tct_held *a = left, *b = right;

	if (a->cookie != b->cookie)
		return COMPARE(a->cookie, b->cookie);
	if (a->pid != b->pid)
		return COMPARE(a->pid, b->pid);
	return COMPARE(a->fd, b->fd);
}

void tct_owners_sort(struct tct_owners *owners)
{
	if (owners->count)
		qsort(owners->held, owners->count, sizeof(*owners->held), by_cookie);
}

const struct tct_held *tct_owners_find(const struct tct_owners *owners, uint64_t cookie,
				       size_t *count)
{
	size_t low = 0, high = owners->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (owners->held[middle].cookie < cookie)
			low = middle + 1;
		else
			high = middle;
	}
	for (high = low; high < owners->count && owners->held[high].cookie == cookie;)
		high++;
	*count = high - low;
	return *count ? &owners->held[low] : NULL;
}
