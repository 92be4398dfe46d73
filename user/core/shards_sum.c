// SPDX-License-Identifier: GPL-2.0
/* What all shards come to together. */
#include "shards.h"

#include <string.h>

uint64_t tct_shards_mismatches(const struct tct_shards *all)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->shard[i].mismatches;
	return sum;
}

uint64_t tct_shards_received(const struct tct_shards *all)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->shard[i].received;
	return sum;
}

uint64_t tct_shards_dropped(const struct tct_shards *all)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->gather[i].dropped;
	return sum;
}

uint32_t tct_shards_mirrored(const struct tct_shards *all)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->shard[i].mirror.pool.live;
	return sum;
}

uint32_t tct_shards_in_state(const struct tct_shards *all, enum tct_state state)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->shard[i].mirror.by_state[state];
	return sum;
}

uint32_t tct_shards_beyond(const struct tct_shards *all)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->shard[i].beyond;
	return sum;
}

uint64_t tct_shards_findings(const struct tct_shards *all)
{
	uint64_t sum = all->stuck.opened;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->shard[i].totals.findings;
	return sum;
}

bool tct_shards_unowned(const struct tct_shards *all)
{
	bool any = false;

	for (unsigned int i = 0; i < all->count; i++)
		any |= all->shard[i].unowned;
	return any;
}

void tct_shards_owners_sought(struct tct_shards *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		all->shard[i].unowned = false;
}

static void add(const struct tct_summary *part, struct tct_summary *out)
{
	out->events += part->events;
	out->illegal += part->illegal;
	for (int kind = 0; kind < TCT_KINDS; kind++)
		out->teardowns[kind] += part->teardowns[kind];
}

void tct_shards_summary(const struct tct_shards *all, uint64_t now_ns, struct tct_summary *out)
{
	*out = (struct tct_summary){
		.mono_ns = now_ns,
		.repaired = all->repaired,
		.gaps = all->gaps,
		.findings = tct_shards_findings(all),
		.transitions_total = tct_shards_received(all),
		.mirrored = tct_shards_mirrored(all),
		.shards = all->count,
	};
	for (unsigned int i = 0; i < all->count; i++)
		add(&all->shard[i].totals, out);
	memcpy(out->losses, all->losses, sizeof(out->losses));
	for (int where = 0; where < TCT_LOSS_PLACES; where++)
		out->lost += all->losses[where];
}
