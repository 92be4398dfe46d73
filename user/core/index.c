// SPDX-License-Identifier: GPL-2.0
#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "huge.h"

static const char *element_at(const struct tct_index *index, uint32_t slot)
{
	return slot ? index->elements + (slot - 1) * index->size : NULL;
}

static uint64_t key_of(const char *element)
{
	uint64_t key;

	memcpy(&key, element, sizeof(key));
	return key;
}

/* The one with this key, or the empty one where it belongs: half of all are empty. */
static uint32_t *slot_of(const struct tct_index *index, uint64_t key)
{
	size_t last = ((size_t)1 << index->bits) - 1;
	size_t at = key * 0x9E3779B97F4A7C15ull >> (64 - index->bits);

	while (index->slots[at] && key_of(element_at(index, index->slots[at])) != key)
		at = (at + 1) & last;
	return &index->slots[at];
}

int tct_index_make(struct tct_index *index, const void *elements, size_t size, size_t count,
		   bool *several)
{
	tct_index_fini(index);
	*several = false;
	if (!count)
		return 0;
	index->elements = elements;
	index->size = size;
	for (index->bits = 1; (size_t)1 << index->bits < 2 * count;)
		index->bits++;
	index->slots = calloc((size_t)1 << index->bits, sizeof(*index->slots));
	if (!index->slots)
		return -ENOMEM;
	tct_huge_hint(index->slots, sizeof(*index->slots) << index->bits);
	for (size_t i = 0; i < count; i++) {
		uint32_t *slot = slot_of(index, key_of(index->elements + i * size));

		if (*slot)
			*several = true;
		else
			*slot = (uint32_t)i + 1;
	}
	return 0;
}

const void *tct_index_find(const struct tct_index *index, uint64_t key)
{
	return index->slots ? element_at(index, *slot_of(index, key)) : NULL;
}

void tct_index_fini(struct tct_index *index)
{
	free(index->slots);
	*index = (struct tct_index){ 0 };
}
