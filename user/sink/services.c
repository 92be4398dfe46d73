// SPDX-License-Identifier: GPL-2.0
#include "services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_NS (3600 * 1000000000ull)

int tct_services_init(struct tct_services *services, uint32_t max)
{
	*services = (struct tct_services){
		.slots = calloc((size_t)max + 1, sizeof(*services->slots)), .count = 1, .max = max,
	};
	if (!services->slots)
		return -ENOMEM;
	stpcpy(services->slots[TCT_SERVICES_OTHER].name, "other");
	return 0;
}

void tct_services_fini(struct tct_services *services)
{
	free(services->slots);
}

static bool is_over(const struct tct_service_slot *slot, uint64_t now_ns)
{
	return !slot->users && now_ns - slot->idle_ns >= KEPT_NS;
}

/* A place for a new name; TCT_SERVICES_OTHER when there is none. */
static uint32_t make_room(struct tct_services *services, uint64_t now_ns)
{
	uint32_t place = services->count;

	if (services->count <= services->max) {
		services->count++;
		return place;
	}
	while (--place && !is_over(&services->slots[place], now_ns))
		;
	if (place)
		services->slots[place] = (struct tct_service_slot){ 0 };
	return place;
}

uint32_t tct_services_take(struct tct_services *services, const char *name,
			   enum tct_state state, uint64_t now_ns)
{
	uint32_t place = services->count;

	while (--place && strcmp(services->slots[place].name, name))
		;
	if (!place && strcmp(name, services->slots[TCT_SERVICES_OTHER].name)) {
		place = make_room(services, now_ns);
		if (place)
			stpncpy(services->slots[place].name, name, TCT_SERVICE_LEN - 1);
		else
			services->folded++;
	}
	services->slots[place].users++;
	services->slots[place].states |= 1u << state;
	return place;
}

void tct_services_drop(struct tct_services *services, uint32_t place, uint64_t now_ns)
{
	struct tct_service_slot *slot = &services->slots[place];

	if (slot->users && !--slot->users)
		slot->idle_ns = now_ns;
}

uint32_t tct_services_move(struct tct_services *services, uint32_t place, const char *name,
			   enum tct_state state, uint64_t now_ns)
{
	uint64_t folded = services->folded;
	bool was_other = place == TCT_SERVICES_OTHER;

	tct_services_drop(services, place, now_ns);
	place = tct_services_take(services, name, state, now_ns);
	if (was_other)
		services->folded = folded;
	return place;
}
