/* SPDX-License-Identifier: GPL-2.0 */
/* The network namespaces that the kernel had at one moment: what is in no other has an end. */
#ifndef TCT_LISTING_H
#define TCT_LISTING_H

#include "keys.h"

/* All zero: not known. */
struct tct_listing {
	struct tct_keys there;
	bool known;
};

/* All of them. Without memory for that they are not known. */
void tct_listing_set(struct tct_listing *listing, const uint32_t *netns, size_t count);

/* Gives the memory back; not known from here on. */
void tct_listing_clear(struct tct_listing *listing);

/* It was there at that moment, or nobody knows. */
bool tct_listing_may_have(const struct tct_listing *listing, uint32_t netns);

#endif
