// SPDX-License-Identifier: GPL-2.0
#include "groups.h"

void tct_groups_init(struct tct_groups *groups)
{
	*groups = (struct tct_groups){ 0 };
	tct_pool_init(&groups->pool, sizeof(struct tct_group));
}

struct tct_group *tct_groups_at(const struct tct_groups *groups, uint32_t index)
{
	return tct_pool_get(&groups->pool, index);
}

void tct_groups_fini(struct tct_groups *groups)
{
	for (uint32_t i = groups->first; i; i = tct_groups_at(groups, i)->next)
		tct_group_drop_holders(tct_groups_at(groups, i));
	tct_pool_fini(&groups->pool);
}

static size_t bucket_of(const struct tct_group *group)
{
	uint64_t who = (uint64_t)group->netns << 32 | group->pid;
	uint64_t what = (uint64_t)group->port << 16 | (uint64_t)group->state << 1 |
			group->port_is_local;

	return (who * 0x9E3779B97F4A7C15ull ^ what) * 0x9E3779B97F4A7C15ull >> 52;
}

_Static_assert(TCT_GROUPS_BUCKETS == 1 << 12, "twelve bits of the hash");

static bool is_same(const struct tct_group *a, const struct tct_group *b)
{
	return a->state == b->state && a->netns == b->netns && a->pid == b->pid &&
	       a->port == b->port && a->port_is_local == b->port_is_local;
}

uint32_t tct_groups_find(const struct tct_groups *groups, const struct tct_group *key)
{
	uint32_t index = groups->buckets[bucket_of(key)];

	while (index && !is_same(tct_groups_at(groups, index), key))
		index = tct_groups_at(groups, index)->chain;
	return index;
}

uint32_t tct_groups_add(struct tct_groups *groups, const struct tct_group *group)
{
	uint32_t *bucket = &groups->buckets[bucket_of(group)];
	uint32_t index = tct_pool_alloc(&groups->pool);
	struct tct_group *added = tct_groups_at(groups, index);

	if (!added)
		return 0;
	*added = *group;
	added->chain = *bucket;
	*bucket = index;
	added->prev = 0;
	added->next = groups->first;
	if (groups->first)
		tct_groups_at(groups, groups->first)->prev = index;
	groups->first = index;
	return index;
}

void tct_groups_remove(struct tct_groups *groups, uint32_t index)
{
	struct tct_group *group = tct_groups_at(groups, index);
	uint32_t *link = &groups->buckets[bucket_of(group)];

	tct_group_drop_holders(group);
	while (*link != index)
		link = &tct_groups_at(groups, *link)->chain;
	*link = group->chain;
	if (group->prev)
		tct_groups_at(groups, group->prev)->next = group->next;
	else
		groups->first = group->next;
	if (group->next)
		tct_groups_at(groups, group->next)->prev = group->prev;
	tct_pool_free(&groups->pool, index);
}
