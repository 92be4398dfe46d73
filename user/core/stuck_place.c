// SPDX-License-Identifier: GPL-2.0
/* Sockets that have passed their threshold: into a finding, or to wait for a scan. */
#include "stuck_internal.h"

/* Of the finding that it would be in. */
static struct tct_group key_of(const struct tct_mirror *mirror, const struct tct_socket *sock,
			       uint32_t pid)
{
	bool local = sock->flags & TCT_SOCK_LOCAL_PORT;

	return (struct tct_group){
		.state = sock->state,
		.netns = tct_mirror_place(mirror, sock)->netns,
		.pid = pid,
		.port = local ? sock->lport : sock->rport,
		.port_is_local = local,
	};
}

static uint32_t group_for(struct tct_stuck *stuck, const struct tct_mirror *mirror,
			  const struct tct_socket *sock, const struct tct_held *held)
{
	struct tct_group key = key_of(mirror, sock, held ? held->pid : 0);
	uint32_t index;

	index = tct_groups_find(&stuck->groups, &key);
	if (index)
		return index;
	key.id = stuck->last_id + 1;
	index = tct_groups_add(&stuck->groups, &key);
	if (!index)
		return 0;
	stuck->last_id++;
	stuck->opened++;
	return index;
}

/* A socket that is on no list becomes one of a finding; false: there is no memory for that. */
static bool join(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		 const struct tct_scan *scan, const struct tct_fact *fact)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	size_t count;
	uint32_t index = group_for(stuck, mirror, sock,
				   tct_scan_held(scan, fact, sock->cookie, &count));
	struct tct_group *group = tct_stuck_group(stuck, index);

	if (!index)
		return false;
	sock->group = index;
	tct_list_insert(mirror, &group->part[shard].list, sock);
	group->changed = true;
	return true;
}

/* As the last scan read it, if it did: in the state that it has not left since. */
static bool join_read(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		      uint64_t now_ns)
{
	const struct tct_fact *fact = NULL;

	if (stuck->read && now_ns < tct_pace_good_until(&stuck->pace))
		fact = tct_facts_find(&stuck->read->facts, shard, sock);
	if (!fact || fact->mini != !!(sock->flags & TCT_SOCK_MINI) ||
	    fact->time_ns < sock->entered_ns || !join(stuck, shard, sock, stuck->read, fact))
		return false;
	if (now_ns - fact->time_ns > tct_pace_lead(&stuck->pace) + stuck->config.scan_ns)
		tct_stuck_group(stuck, sock->group)->aged = stuck->aged = true;
	stuck->joined = true;
	return true;
}

bool tct_stuck_may_open(const struct tct_stuck *stuck, const struct tct_mirror *mirror,
			const struct tct_socket *sock)
{
	const struct tct_group key = key_of(mirror, sock, 0);

	return !tct_groups_has_service(&stuck->groups, &key);
}

static void wait_for_scan(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];

	tct_list_append(mirror, &stuck->part[shard].fresh, sock);
	stuck->collected = true;
	stuck->opens = stuck->opens || tct_stuck_may_open(stuck, mirror, sock);
}

void tct_stuck_take(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		    uint64_t now_ns)
{
	if (!join_read(stuck, shard, sock, now_ns))
		wait_for_scan(stuck, shard, sock);
}

/* A namespace that this scan did not read; one that is gone had nothing to be read. */
static bool is_out_of_reach(const struct tct_scan *scan, const struct tct_socket *sock,
			    uint32_t netns)
{
	return !tct_keys_find(&scan->namespaces, netns, false) &&
	       (tct_listing_may_have(&scan->listing, netns) || sock->entered_ns >= scan->begin_ns);
}

/* Found in its state, or out of this scan's reach. */
static bool is_found(const struct tct_mirror *mirror, const struct tct_scan *scan,
		     const struct tct_socket *sock, const struct tct_fact *fact)
{
	uint32_t netns = tct_mirror_place(mirror, sock)->netns;

	if (is_out_of_reach(scan, sock, netns))
		return true;
	return fact && fact->mini == !!(sock->flags & TCT_SOCK_MINI);
}

/*
 * What the scan did not find in its state has left it since, or long ago, unseen: it waits. Without
 * memory for a finding sockets wait too.
 */
void tct_stuck_place_fresh(struct tct_stuck *stuck, unsigned int shard, const struct tct_scan *scan)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	struct tct_list *fresh = &stuck->part[shard].fresh;
	uint32_t next;

	for (uint32_t i = fresh->head; i; i = next) {
		struct tct_socket *sock = tct_mirror_at(mirror, i);
		const struct tct_fact *fact = tct_facts_find(&scan->facts, shard, sock);

		next = sock->next;
		tct_scan_foresee(scan, mirror, shard, next);
		if (!(stuck->reading >> sock->state & 1) || !is_found(mirror, scan, sock, fact))
			continue;
		tct_list_remove(mirror, fresh, sock);
		if (join(stuck, shard, sock, scan, fact))
			continue;
		tct_list_append(mirror, fresh, sock);
		return;
	}
}
