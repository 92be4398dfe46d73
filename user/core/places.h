/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where sockets are on this host: namespace, family, local address. A host has few of these: each is
 * kept once for as long as a socket refers to it, which takes four bytes of the socket.
 */
#ifndef TCT_PLACES_H
#define TCT_PLACES_H

#include "buckets.h"

struct tct_place {
	uint32_t netns;
	uint32_t refs;
	uint8_t family;
	uint8_t laddr[16];	/* as in struct tct_record_id */
	uint8_t pad[3];
};

struct tct_places {
	struct tct_pool pool;
	struct tct_buckets buckets;
};

/* 0 or -ENOMEM. */
int tct_places_init(struct tct_places *places);
void tct_places_fini(struct tct_places *places);

/* Takes a reference; 0 when there is no memory. */
uint32_t tct_places_take(struct tct_places *places, uint32_t netns, uint8_t family,
			 const uint8_t laddr[16]);
void tct_places_drop(struct tct_places *places, uint32_t index);

/* As tct_tasks_disown() and those after it. */
void tct_places_disown(struct tct_places *places);
bool tct_places_adopt(struct tct_places *places, uint32_t index);
void tct_places_sweep(struct tct_places *places);

/* Index 0 is nowhere: all of it is 0. */
const struct tct_place *tct_places_get(const struct tct_places *places, uint32_t index);

#endif
