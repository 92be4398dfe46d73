// SPDX-License-Identifier: GPL-2.0
#include "inodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where it is, or would be. */
static size_t place(const struct tct_inodes *inodes, uint32_t inode)
{
	size_t low = 0, high = inodes->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (inodes->list[middle] < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct tct_inodes *inodes, size_t at, uint32_t inode)
{
	return at < inodes->count && inodes->list[at] == inode;
}

bool tct_inodes_has(const struct tct_inodes *inodes, uint32_t inode)
{
	return is_at(inodes, place(inodes, inode), inode);
}

static int grow(struct tct_inodes *inodes)
{
	size_t room = inodes->room ? inodes->room * 2 : 64;
	uint32_t *list = reallocarray(inodes->list, room, sizeof(*list));

	if (!list)
		return -ENOMEM;
	inodes->list = list;
	inodes->room = room;
	return 0;
}

int tct_inodes_add(struct tct_inodes *inodes, uint32_t inode)
{
	size_t at = place(inodes, inode);

	if (is_at(inodes, at, inode))
		return 0;
	if (inodes->count == inodes->room && grow(inodes))
		return -ENOMEM;
	memmove(inodes->list + at + 1, inodes->list + at,
		(inodes->count - at) * sizeof(*inodes->list));
	inodes->list[at] = inode;
	inodes->count++;
	return 1;
}

void tct_inodes_clear(struct tct_inodes *inodes)
{
	inodes->count = 0;
}

void tct_inodes_fini(struct tct_inodes *inodes)
{
	free(inodes->list);
	*inodes = (struct tct_inodes){ 0 };
}
