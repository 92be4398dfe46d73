// SPDX-License-Identifier: GPL-2.0
#include "stuck.h"

#include <stdlib.h>
#include "advice.h"
#include "subject.h"

#define SECOND 1000000000ull
#define SCAN_SHARE 20	/* scans take at most one part in this many of the time */

void tct_stuck_defaults(struct tct_stuck_config *config)
{
	*config = (struct tct_stuck_config){
		.threshold_ns = {
			[TCT_CLOSE_WAIT] = 60 * SECOND,
			[TCT_FIN_WAIT1] = 60 * SECOND,
			[TCT_FIN_WAIT2] = 90 * SECOND,
			[TCT_LAST_ACK] = 60 * SECOND,
			[TCT_CLOSING] = 60 * SECOND,
			[TCT_SYN_RECV] = 60 * SECOND,
		},
		.update_ns = SECOND,
		.update_max_ns = 60 * SECOND,
		.scan_ns = SECOND,
	};
}

void tct_stuck_init(struct tct_stuck *stuck, const struct tct_stuck_config *config,
		    struct tct_mirror *mirror, const struct tct_sink *sink)
{
	*stuck = (struct tct_stuck){ .config = *config, .mirror = mirror, .sink = sink };
	tct_pool_init(&stuck->groups, sizeof(struct tct_group));
}

static struct tct_group *group_at(const struct tct_stuck *stuck, uint32_t index)
{
	return tct_pool_get(&stuck->groups, index);
}

static void drop_holders(struct tct_group *group)
{
	if (group->holders)
		tct_holders_clear(group->holders);
	free(group->holders);
	group->holders = NULL;
}

void tct_stuck_fini(struct tct_stuck *stuck)
{
	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain)
		drop_holders(group_at(stuck, i));
	tct_pool_fini(&stuck->groups);
}

static void count_verdicts(struct tct_stuck *stuck, const struct tct_group *group,
			   struct tct_finding *ev)
{
	uint32_t i = group->list.head;

	while (i) {
		const struct tct_socket *sock = tct_mirror_at(stuck->mirror, i);

		ev->verdicts[sock->verdict]++;
		if (sock->verdict == TCT_UNREAD_DATA)
			ev->unread_bytes += sock->unread;
		if (ev->verdicts[sock->verdict] > ev->verdicts[ev->verdict])
			ev->verdict = sock->verdict;
		i = sock->next;
	}
}

static void tell(struct tct_stuck *stuck, struct tct_group *group, enum tct_status status,
		 uint64_t now_ns)
{
	const struct tct_socket *oldest = tct_mirror_at(stuck->mirror, group->list.head);
	struct tct_subject who;
	struct tct_finding ev = {
		.mono_ns = now_ns,
		.id = group->id,
		.rule = tct_stuck_rule(group->state),
		.severity = TCT_WARNING,
		.status = status,
		.state = group->state,
		.to = group->state,
		.count = group->list.count,
		.oldest_ns = oldest ? (int64_t)(now_ns - oldest->entered_ns) : TCT_UNKNOWN,
		.at_least = oldest && !(oldest->flags & TCT_SOCK_EXACT),
		.first_mono_ns = group->opened_ns ? group->opened_ns : now_ns,
		.netns = group->netns,
		.port = group->port,
		.port_is_local = group->port_is_local,
		.holders = group->holders ? group->holders->list : NULL,
		.holder_count = group->holders ? group->holders->count : 0,
		.confidence = stuck->confidence,
	};

	count_verdicts(stuck, group, &ev);
	ev.advice = tct_advice(group->state, ev.verdict, group->pid != 0);
	if (oldest && group->list.count == 1) {
		who = tct_subject_of(oldest, (struct tct_task){ .pid = group->pid });
		ev.socket = &who;
	}
	group->wait_ns = group->opened_ns ? 2 * group->wait_ns : stuck->config.update_ns;
	if (group->wait_ns > stuck->config.update_max_ns)
		group->wait_ns = stuck->config.update_max_ns;
	group->opened_ns = ev.first_mono_ns;
	group->told_ns = now_ns;
	group->changed = false;
	if (stuck->sink->finding)
		stuck->sink->finding(stuck->sink->ctx, &ev);
}

static void resolve(struct tct_stuck *stuck, struct tct_group *group, uint32_t index,
		    uint64_t now_ns)
{
	uint32_t *link = &stuck->first;

	tell(stuck, group, TCT_RESOLVED, now_ns);
	drop_holders(group);
	while (*link != index)
		link = &group_at(stuck, *link)->chain;
	*link = group->chain;
	tct_pool_free(&stuck->groups, index);
}

void tct_stuck_left(struct tct_stuck *stuck, struct tct_socket *sock, uint64_t now_ns)
{
	uint32_t index = sock->group;
	struct tct_group *group = group_at(stuck, index);
	struct tct_list *list = group ? &group->list : &stuck->fresh;

	if (!(sock->flags & TCT_SOCK_UNLISTED))
		return;
	tct_list_remove(stuck->mirror, list, sock);
	sock->group = 0;
	if (!group)
		return;
	group->changed = true;
	if (!group->list.count)
		resolve(stuck, group, index, now_ns);
}

static uint64_t due_at(const struct tct_stuck *stuck, enum tct_state state)
{
	uint32_t head = stuck->mirror->lists[0][state].head;

	if (!stuck->config.threshold_ns[state] || !head)
		return TCT_STUCK_NEVER;
	return tct_mirror_at(stuck->mirror, head)->entered_ns + stuck->config.threshold_ns[state];
}

static void collect(struct tct_stuck *stuck, enum tct_state state, uint64_t now_ns)
{
	struct tct_list *list = &stuck->mirror->lists[0][state];

	while (due_at(stuck, state) <= now_ns) {
		struct tct_socket *sock = tct_mirror_at(stuck->mirror, list->head);

		tct_list_remove(stuck->mirror, list, sock);
		sock->flags |= TCT_SOCK_UNLISTED;
		tct_list_append(stuck->mirror, &stuck->fresh, sock);
	}
}

/* When the first finding that changed may be told again. */
static uint64_t update_at(const struct tct_stuck *stuck)
{
	uint64_t at = TCT_STUCK_NEVER;

	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain) {
		const struct tct_group *group = group_at(stuck, i);

		if (group->changed && group->told_ns + group->wait_ns < at)
			at = group->told_ns + group->wait_ns;
	}
	return at;
}

bool tct_stuck_tick(struct tct_stuck *stuck, uint64_t now_ns)
{
	for (int state = 0; state < TCT_STATES; state++)
		collect(stuck, state, now_ns);
	if (now_ns < stuck->next_scan_ns)
		return false;
	return stuck->fresh.head || update_at(stuck) <= now_ns;
}

static bool same_group(const struct tct_group *group, const struct tct_group *key)
{
	return group->state == key->state && group->netns == key->netns &&
	       group->pid == key->pid && group->port == key->port &&
	       group->port_is_local == key->port_is_local;
}

static uint32_t group_for(struct tct_stuck *stuck, const struct tct_socket *sock,
			  const struct tct_held *held)
{
	bool local = sock->flags & TCT_SOCK_LOCAL_PORT;
	struct tct_group key = {
		.state = sock->state,
		.netns = sock->netns,
		.pid = held ? held->pid : 0,
		.port = local ? sock->lport : sock->rport,
		.port_is_local = local,
	};
	uint32_t index;

	for (index = stuck->first; index; index = group_at(stuck, index)->chain) {
		if (same_group(group_at(stuck, index), &key))
			return index;
	}
	index = tct_pool_alloc(&stuck->groups);
	if (!index)
		return 0;
	key.id = ++stuck->last_id;
	key.chain = stuck->first;
	stuck->first = index;
	stuck->opened++;
	*group_at(stuck, index) = key;
	return index;
}

/* Without memory for a finding the sockets stay fresh and are tried again at the next scan. */
static void place_fresh(struct tct_stuck *stuck, const struct tct_owners *owners)
{
	while (stuck->fresh.head) {
		struct tct_socket *sock = tct_mirror_at(stuck->mirror, stuck->fresh.head);
		size_t count;
		uint32_t index = group_for(stuck, sock,
					   tct_owners_find(owners, sock->cookie, &count));

		if (!index)
			return;
		tct_list_remove(stuck->mirror, &stuck->fresh, sock);
		sock->group = index;
		tct_list_insert(stuck->mirror, &group_at(stuck, index)->list, sock);
		group_at(stuck, index)->changed = true;
	}
}

static void find_holders(struct tct_stuck *stuck, struct tct_group *group,
			 const struct tct_owners *owners)
{
	drop_holders(group);
	group->holders = calloc(1, sizeof(*group->holders));
	for (uint32_t i = group->list.head; group->holders && i;) {
		const struct tct_socket *sock = tct_mirror_at(stuck->mirror, i);
		size_t count;
		const struct tct_held *held = tct_owners_find(owners, sock->cookie, &count);

		tct_holders_add(group->holders, held, count);
		i = sock->next;
	}
	if (group->holders)
		tct_holders_finish(group->holders, stuck->config.cgroup_of);
}

void tct_stuck_scanned(struct tct_stuck *stuck, const struct tct_owners *owners, uint64_t now_ns,
		       uint64_t took_ns)
{
	uint64_t rest = took_ns * SCAN_SHARE;

	place_fresh(stuck, owners);
	stuck->next_scan_ns = now_ns + (rest > stuck->config.scan_ns ? rest : stuck->config.scan_ns);
	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain) {
		struct tct_group *group = group_at(stuck, i);
		bool opens = !group->opened_ns;

		if (!opens && (!group->changed || group->told_ns + group->wait_ns > now_ns))
			continue;
		find_holders(stuck, group, owners);
		tell(stuck, group, opens ? TCT_OPEN : TCT_UPDATE, now_ns);
	}
}

uint64_t tct_stuck_deadline(const struct tct_stuck *stuck)
{
	uint64_t scan = stuck->fresh.head ? 0 : update_at(stuck);
	uint64_t at = scan < stuck->next_scan_ns ? stuck->next_scan_ns : scan;

	for (int state = 0; state < TCT_STATES; state++) {
		if (due_at(stuck, state) < at)
			at = due_at(stuck, state);
	}
	return at;
}

uint32_t tct_stuck_states(const struct tct_stuck *stuck)
{
	uint32_t states = 0;

	for (int state = 0; state < TCT_STATES; state++) {
		if (stuck->config.threshold_ns[state])
			states |= 1u << state;
	}
	return states;
}
