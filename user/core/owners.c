// SPDX-License-Identifier: GPL-2.0
#include "owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "huge.h"
#include "identity.h"

void tct_owners_clear(struct tct_owners *owners)
{
	owners->count = 0;
	tct_index_fini(&owners->by_cookie);
}

void tct_owners_fini(struct tct_owners *owners)
{
	free(owners->held);
	tct_index_fini(&owners->by_cookie);
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
		tct_huge_hint(held, room * sizeof(*held));
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

static int make_index(struct tct_owners *owners, bool *several)
{
	return tct_index_make(&owners->by_cookie, owners->held, sizeof(*owners->held),
			      owners->count, several);
}

int tct_owners_order(struct tct_owners *owners)
{
	bool several;
	int err = make_index(owners, &several);

	if (err || !several)
		return err;
	qsort(owners->held, owners->count, sizeof(*owners->held), by_cookie);
	return make_index(owners, &several);
}

const struct tct_held *tct_owners_find(const struct tct_owners *owners, uint64_t cookie,
				       size_t *count)
{
	const struct tct_held *first = tct_index_find(&owners->by_cookie, cookie), *held = first;

	while (held && held < owners->held + owners->count && held->cookie == cookie)
		held++;
	*count = (size_t)(held - first);
	return first;
}
