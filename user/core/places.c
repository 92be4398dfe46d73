// SPDX-License-Identifier: GPL-2.0
#include "places.h"

#include <string.h>

static uint32_t hash(const void *element)
{
	const struct tct_place *place = element;
	uint64_t halves[2];

	memcpy(halves, place->laddr, sizeof(halves));
	return tct_buckets_hash(tct_buckets_hash(halves[0] + place->family) ^ halves[1] ^
				(uint64_t)place->netns << 32);
}

int tct_places_init(struct tct_places *places)
{
	tct_pool_init(&places->pool, sizeof(struct tct_place));
	return tct_buckets_init(&places->buckets, &places->pool, hash);
}

void tct_places_fini(struct tct_places *places)
{
	tct_buckets_fini(&places->buckets);
	tct_pool_fini(&places->pool);
}

static struct tct_place *place_at(const struct tct_places *places, uint32_t index)
{
	return tct_pool_get(&places->pool, index);
}

const struct tct_place *tct_places_get(const struct tct_places *places, uint32_t index)
{
	static const struct tct_place nowhere;

	return index ? place_at(places, index) : &nowhere;
}

static bool is(const void *element, const void *key)
{
	const struct tct_place *place = element, *other = key;

	return place->netns == other->netns && place->family == other->family &&
	       !memcmp(place->laddr, other->laddr, sizeof(place->laddr));
}

static uint32_t add(struct tct_places *places, const struct tct_place *place)
{
	uint32_t index = tct_pool_alloc(&places->pool);

	if (!index)
		return 0;
	*place_at(places, index) = *place;
	if (tct_buckets_link(&places->buckets, index))
		return index;
	tct_pool_free(&places->pool, index);
	return 0;
}

uint32_t tct_places_take(struct tct_places *places, uint32_t netns, uint8_t family,
			 const uint8_t laddr[16])
{
	struct tct_place key = { .netns = netns, .family = family };
	uint32_t index;

	memcpy(key.laddr, laddr, sizeof(key.laddr));
	index = tct_buckets_find(&places->buckets, hash(&key), is, &key);
	if (!index)
		index = add(places, &key);
	if (index)
		place_at(places, index)->refs++;
	return index;
}

void tct_places_drop(struct tct_places *places, uint32_t index)
{
	struct tct_place *place = place_at(places, index);

	if (!place || --place->refs)
		return;
	tct_buckets_unlink(&places->buckets, index);
	tct_pool_free(&places->pool, index);
}

void tct_places_disown(struct tct_places *places)
{
	for (uint32_t i = 1; i < places->pool.used; i++)
		place_at(places, i)->refs = 0;
}

bool tct_places_adopt(struct tct_places *places, uint32_t index)
{
	if (!index || index >= places->pool.used)
		return false;
	if (place_at(places, index)->refs)
		return place_at(places, index)->refs++;
	if (!tct_buckets_link(&places->buckets, index))
		return false;
	place_at(places, index)->refs = 1;
	tct_pool_adopt(&places->pool);
	return true;
}

void tct_places_sweep(struct tct_places *places)
{
	for (uint32_t i = places->pool.used - 1; i > 0; i--) {
		if (!place_at(places, i)->refs)
			tct_pool_drop(&places->pool, i);
	}
}
