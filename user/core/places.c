// SPDX-License-Identifier: GPL-2.0
#include "places.h"

#include <string.h>

static uint32_t hash_of(uint32_t netns, uint8_t family, const uint8_t laddr[16])
{
	uint64_t halves[2];

	memcpy(halves, laddr, sizeof(halves));
	return tct_buckets_hash(tct_buckets_hash(halves[0] + family) ^ halves[1] ^
				(uint64_t)netns << 32);
}

static uint32_t hash(const void *element)
{
	const struct tct_place *place = element;

	return hash_of(place->netns, place->family, place->laddr);
}

int tct_places_init(struct tct_places *places)
{
	tct_pool_init(&places->pool, sizeof(struct tct_place));
	return tct_buckets_init(&places->buckets, &places->pool,
				offsetof(struct tct_place, chain), hash);
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

static uint32_t find(const struct tct_places *places, uint32_t netns, uint8_t family,
		     const uint8_t laddr[16])
{
	uint32_t index = *tct_buckets_head(&places->buckets, hash_of(netns, family, laddr));

	for (; index; index = place_at(places, index)->chain) {
		const struct tct_place *place = place_at(places, index);

		if (place->netns == netns && place->family == family &&
		    !memcmp(place->laddr, laddr, sizeof(place->laddr)))
			return index;
	}
	return 0;
}

uint32_t tct_places_take(struct tct_places *places, uint32_t netns, uint8_t family,
			 const uint8_t laddr[16])
{
	uint32_t index = find(places, netns, family, laddr);
	struct tct_place *place;

	if (!index) {
		index = tct_pool_alloc(&places->pool);
		if (!index)
			return 0;
		place = place_at(places, index);
		place->netns = netns;
		place->family = family;
		memcpy(place->laddr, laddr, sizeof(place->laddr));
		tct_buckets_link(&places->buckets, index);
	}
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
	if (place_at(places, index)->refs++)
		return true;
	tct_pool_adopt(&places->pool);
	tct_buckets_link(&places->buckets, index);
	return true;
}

void tct_places_sweep(struct tct_places *places)
{
	for (uint32_t i = places->pool.used - 1; i > 0; i--) {
		if (!place_at(places, i)->refs)
			tct_pool_drop(&places->pool, i);
	}
}
