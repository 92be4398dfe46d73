// SPDX-License-Identifier: GPL-2.0
#include "remind.h"

#include <stdlib.h>

void tct_remind_init(struct tct_remind *remind, const struct tct_remind_config *config)
{
	*remind = (struct tct_remind){ .config = *config };
}

void tct_remind_fini(struct tct_remind *remind)
{
	free(remind->entries);
	*remind = (struct tct_remind){ 0 };
}

void tct_remind_set(struct tct_remind *remind, const struct tct_remind_config *config)
{
	remind->config = *config;
}

static struct tct_remind_entry *find(struct tct_remind *remind, uint32_t id)
{
	for (size_t i = 0; i < remind->count; i++) {
		if (remind->entries[i].id == id)
			return &remind->entries[i];
	}
	return NULL;
}

static void add(struct tct_remind *remind, const struct tct_finding *ev)
{
	size_t room = remind->room ? 2 * remind->room : 16;
	struct tct_remind_entry *more;

	if (remind->count == remind->room) {
		more = reallocarray(remind->entries, room, sizeof(*more));
		if (!more)
			return;
		remind->entries = more;
		remind->room = room;
	}
	remind->entries[remind->count++] = (struct tct_remind_entry){
		.id = ev->id,
		.severity = ev->severity,
		.told_ns = ev->mono_ns,
		.wait_ns = remind->config.first_ns,
	};
}

static bool is_worth_another(struct tct_remind *remind, struct tct_remind_entry *entry,
			     const struct tct_finding *ev)
{
	bool worse = ev->severity > entry->severity;

	if (!worse && ev->mono_ns < entry->told_ns + entry->wait_ns)
		return false;
	if (worse)
		entry->severity = ev->severity;
	entry->told_ns = ev->mono_ns;
	entry->wait_ns *= 2;
	if (entry->wait_ns > remind->config.max_ns)
		entry->wait_ns = remind->config.max_ns;
	return true;
}

bool tct_remind_wants(struct tct_remind *remind, const struct tct_finding *ev)
{
	struct tct_remind_entry *entry;

	if (ev->to != ev->state)	/* illegal: nothing follows */
		return ev->severity >= remind->config.least;
	entry = find(remind, ev->id);
	if (ev->status == TCT_RESOLVED) {
		if (entry)
			*entry = remind->entries[--remind->count];
		return entry;
	}
	if (entry)
		return is_worth_another(remind, entry, ev);
	if (ev->severity < remind->config.least)
		return false;
	add(remind, ev);
	return true;
}
