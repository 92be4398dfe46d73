// SPDX-License-Identifier: GPL-2.0
#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include "huge.h"

/* The one with this key, or the empty one where it belongs: half of all are empty. */
static struct tct_index_slot *slot_of(const struct tct_index *index, uint64_t key)
{
	size_t last = ((size_t)1 << index->bits) - 1;
	size_t at = key * 0x9E3779B97F4A7C15ull >> (64 - index->bits);

	while (index->slots[at].place && index->slots[at].key != key)
		at = (at + 1) & last;
	return &index->slots[at];
}

int tct_index_reset(struct tct_index *index, size_t count)
{
	tct_index_fini(index);
	if (!count)
		return 0;
	for (index->bits = 1; (size_t)1 << index->bits < 2 * count;)
		index->bits++;
	index->slots = calloc((size_t)1 << index->bits, sizeof(*index->slots));
	tct_huge_hint(index->slots, sizeof(*index->slots) << index->bits);
	return index->slots ? 0 : -ENOMEM;
}

bool tct_index_put(struct tct_index *index, uint64_t key, size_t place)
{
	struct tct_index_slot *slot = index->slots ? slot_of(index, key) : NULL;

	if (!slot || slot->place)
		return false;
	*slot = (struct tct_index_slot){ .key = key, .place = (uint32_t)place + 1 };
	return true;
}

bool tct_index_find(const struct tct_index *index, uint64_t key, size_t *place)
{
	const struct tct_index_slot *slot = index->slots ? slot_of(index, key) : NULL;

	if (!slot || !slot->place)
		return false;
	*place = slot->place - 1;
	return true;
}

void tct_index_fini(struct tct_index *index)
{
	free(index->slots);
	*index = (struct tct_index){ 0 };
}
