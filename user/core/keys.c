// SPDX-License-Identifier: GPL-2.0
#include "keys.h"

#include <stdlib.h>

#define FIRST_BITS 6

static size_t slots_of(const struct tct_keys *keys)
{
	return keys->slots ? (size_t)1 << keys->bits : 0;
}

/* The slot that has it, or the free one where it belongs. */
static struct tct_key *slot_of(const struct tct_keys *keys, uint64_t key, bool mini)
{
	size_t mask = slots_of(keys) - 1;
	size_t at = ((key << 1 | mini) * 0x9E3779B97F4A7C15ull) >> (64 - keys->bits);

	while (keys->slots[at].used && (keys->slots[at].key != key || keys->slots[at].mini != mini))
		at = (at + 1) & mask;
	return &keys->slots[at];
}

/* At most half full. */
static bool make_room(struct tct_keys *keys)
{
	struct tct_keys bigger = *keys;

	if (keys->slots && 2 * keys->count < slots_of(keys))
		return true;
	bigger.bits = keys->slots ? keys->bits + 1 : FIRST_BITS;
	bigger.slots = calloc((size_t)1 << bigger.bits, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < slots_of(keys); i++) {
		if (keys->slots[i].used)
			*slot_of(&bigger, keys->slots[i].key, keys->slots[i].mini) = keys->slots[i];
	}
	free(keys->slots);
	*keys = bigger;
	return true;
}

struct tct_key *tct_keys_find(const struct tct_keys *keys, uint64_t key, bool mini)
{
	struct tct_key *slot = keys->slots ? slot_of(keys, key, mini) : NULL;

	return slot && slot->used ? slot : NULL;
}

struct tct_key *tct_keys_add(struct tct_keys *keys, uint64_t key, bool mini)
{
	struct tct_key *slot = tct_keys_find(keys, key, mini);

	if (slot)
		return slot;
	if ((keys->max && keys->count >= keys->max) || !make_room(keys)) {
		keys->overflowed = true;
		return NULL;
	}
	slot = slot_of(keys, key, mini);
	*slot = (struct tct_key){ .key = key, .mini = mini, .used = true };
	keys->count++;
	return slot;
}

struct tct_key *tct_keys_next(const struct tct_keys *keys, size_t *at)
{
	while (*at < slots_of(keys)) {
		struct tct_key *slot = &keys->slots[(*at)++];

		if (slot->used)
			return slot;
	}
	return NULL;
}

void tct_keys_clear(struct tct_keys *keys)
{
	free(keys->slots);
	*keys = (struct tct_keys){ .max = keys->max };
}
