// SPDX-License-Identifier: GPL-2.0
#include "listing.h"

void tct_listing_set(struct tct_listing *listing, const uint32_t *netns, size_t count)
{
	tct_listing_clear(listing);
	for (size_t i = 0; i < count; i++)
		tct_keys_add(&listing->there, netns[i], false);
	listing->known = !listing->there.overflowed;
}

void tct_listing_clear(struct tct_listing *listing)
{
	tct_keys_clear(&listing->there);
	listing->known = false;
}

bool tct_listing_may_have(const struct tct_listing *listing, uint32_t netns)
{
	return !listing->known || tct_keys_find(&listing->there, netns, false);
}
