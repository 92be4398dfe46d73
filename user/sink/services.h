/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of services as label values: bounded, since each is a series of whoever stores them. One
 * that finds no room is "other". A name that nothing has used for an hour makes room.
 */
#ifndef TCT_SERVICES_H
#define TCT_SERVICES_H

#include "../core/service.h"

#define TCT_SERVICES_DEFAULT 200
#define TCT_SERVICES_OTHER 0	/* its place */

struct tct_service_slot {
	char name[TCT_SERVICE_LEN];
	uint32_t users;		/* findings that are open */
	uint32_t states;	/* one bit a state of those that it ever had */
	uint64_t idle_ns;	/* without users since then */
};

struct tct_services {
	struct tct_service_slot *slots;	/* `other` first */
	uint32_t count;
	uint32_t max;		/* without `other` */
	uint64_t folded;	/* findings that became `other` */
};

/* 0 or -ENOMEM. */
int tct_services_init(struct tct_services *services, uint32_t max);
void tct_services_fini(struct tct_services *services);

/* The place of a name, which has one user more from here on. */
uint32_t tct_services_take(struct tct_services *services, const char *name,
			   enum tct_state state, uint64_t now_ns);
void tct_services_drop(struct tct_services *services, uint32_t place, uint64_t now_ns);

/* Both in one, for a finding that another has now. One that is `other` already is not counted again. */
uint32_t tct_services_move(struct tct_services *services, uint32_t place, const char *name,
			   enum tct_state state, uint64_t now_ns);

#endif
