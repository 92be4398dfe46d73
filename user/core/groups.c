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

static size_t bucket_with(const struct tct_group *group, uint32_t pid)
{
	uint64_t who = (uint64_t)group->netns << 32 | pid;
	uint64_t what = (uint64_t)group->port << 16 | (uint64_t)group->state << 1 |
			group->port_is_local;

	return (who * 0x9E3779B97F4A7C15ull ^ what) * 0x9E3779B97F4A7C15ull >> 52;
}

_Static_assert(TCT_GROUPS_BUCKETS == 1 << 12, "twelve bits of the hash");

static size_t bucket_of(const struct tct_group *group)
{
	return bucket_with(group, group->pid);
}

static bool same_service(const struct tct_group *a, const struct tct_group *b)
{
	return a->state == b->state && a->netns == b->netns && a->port == b->port &&
	       a->port_is_local == b->port_is_local;
}

static bool is_same(const struct tct_group *a, const struct tct_group *b)
{
	return a->pid == b->pid && same_service(a, b);
}

bool tct_groups_has_service(const struct tct_groups *groups, const struct tct_group *key)
{
	uint32_t index = groups->services[bucket_with(key, 0)];

	while (index && !same_service(tct_groups_at(groups, index), key))
		index = tct_groups_at(groups, index)->chain_next;
	return index;
}

static void link_service(struct tct_groups *groups, uint32_t index)
{
	struct tct_group *group = tct_groups_at(groups, index);
	uint32_t *bucket = &groups->services[bucket_with(group, 0)];

	group->chain_prev = 0;
	group->chain_next = *bucket;
	if (*bucket)
		tct_groups_at(groups, *bucket)->chain_prev = index;
	*bucket = index;
}

static void unlink_service(struct tct_groups *groups, const struct tct_group *group)
{
	if (group->chain_prev)
		tct_groups_at(groups, group->chain_prev)->chain_next = group->chain_next;
	else
		groups->services[bucket_with(group, 0)] = group->chain_next;
	if (group->chain_next)
		tct_groups_at(groups, group->chain_next)->chain_prev = group->chain_prev;
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
	link_service(groups, index);
	return index;
}

void tct_groups_remove(struct tct_groups *groups, uint32_t index)
{
	struct tct_group *group = tct_groups_at(groups, index);
	uint32_t *link = &groups->buckets[bucket_of(group)];

	tct_group_drop_holders(group);
	unlink_service(groups, group);
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
