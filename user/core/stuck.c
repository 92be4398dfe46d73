// SPDX-License-Identifier: GPL-2.0
#include "stuck.h"

#define SECOND 1000000000ull
#define SCAN_SHARE 20	/* scans take at most one part in this many of the time */
#define LOOKS_SHARE 4	/* the count is looked at so many times in a threshold, at first */
#define RECENT_SHARE 2	/* what was sent in such a part of the threshold is going on */

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
		    struct tct_mirror *mirror, const struct tct_tasks *tasks,
		    const struct tct_sink *sink)
{
	*stuck = (struct tct_stuck){ .config = *config, .mirror = mirror, .tasks = tasks,
				     .sink = sink };
	tct_pool_init(&stuck->groups, sizeof(struct tct_group));
}

static struct tct_group *group_at(const struct tct_stuck *stuck, uint32_t index)
{
	return tct_pool_get(&stuck->groups, index);
}

void tct_stuck_fini(struct tct_stuck *stuck)
{
	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain)
		tct_group_drop_holders(group_at(stuck, i));
	tct_pool_fini(&stuck->groups);
}

static enum tct_confidence confidence_of(const struct tct_stuck *stuck,
					 const struct tct_group *group)
{
	return stuck->degraded ? TCT_DEGRADED : tct_group_confidence(group, stuck->mirror);
}

static void tell(struct tct_stuck *stuck, struct tct_group *group, struct tct_finding *ev,
		 enum tct_status status)
{
	ev->status = status;
	ev->confidence = confidence_of(stuck, group);
	group->wait_ns = group->opened_ns ? 2 * group->wait_ns : stuck->config.update_ns;
	if (group->wait_ns > stuck->config.update_max_ns)
		group->wait_ns = stuck->config.update_max_ns;
	group->opened_ns = ev->first_mono_ns;
	group->told_ns = ev->mono_ns;
	group->changed = false;
	group->severity = ev->severity;
	group->confidence = ev->confidence;
	group->verdict = ev->verdict;
	if (stuck->sink->finding)
		stuck->sink->finding(stuck->sink->ctx, ev);
}

static void resolve(struct tct_stuck *stuck, struct tct_group *group, uint32_t index,
		    uint64_t now_ns)
{
	const struct tct_telling_config nobody_looked = { 0 };
	uint32_t *link = &stuck->first;
	struct tct_telling telling;

	tct_group_compose(group, stuck->mirror, &nobody_looked, now_ns, &telling);
	tell(stuck, group, &telling.ev, TCT_RESOLVED);
	tct_group_drop_holders(group);
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

static uint64_t due_at(const struct tct_stuck *stuck, enum tct_state state, bool mini)
{
	uint32_t head = stuck->mirror->lists[mini][state].head;

	if (!stuck->config.threshold_ns[state] || !head)
		return TCT_STUCK_NEVER;
	return tct_mirror_at(stuck->mirror, head)->entered_ns + stuck->config.threshold_ns[state];
}

static void collect(struct tct_stuck *stuck, enum tct_state state, bool mini, uint64_t now_ns)
{
	struct tct_list *list = &stuck->mirror->lists[mini][state];

	if (stuck->config.threshold_ns[state])
		tct_list_sort(stuck->mirror, list);
	while (list->head && stuck->config.threshold_ns[state] &&
	       due_at(stuck, state, mini) <= now_ns) {
		struct tct_socket *sock = tct_mirror_at(stuck->mirror, list->head);

		tct_list_remove(stuck->mirror, list, sock);
		sock->flags |= TCT_SOCK_UNLISTED;
		tct_list_append(stuck->mirror, &stuck->fresh, sock);
		stuck->collected = true;
	}
}

/* When the first finding that changed may be told again, or is to be looked at. */
static uint64_t update_at(const struct tct_stuck *stuck)
{
	uint64_t at = TCT_STUCK_NEVER;

	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain) {
		const struct tct_group *group = group_at(stuck, i);

		if (group->changed && group->told_ns + group->wait_ns < at)
			at = group->told_ns + group->wait_ns;
		if (group->growth.look_ns && group->growth.look_ns < at)
			at = group->growth.look_ns;
	}
	return at;
}

/* When what is due but in no finding is to be looked for. */
static uint64_t look_at(const struct tct_stuck *stuck)
{
	if (!stuck->fresh.head)
		return TCT_STUCK_NEVER;
	return stuck->collected ? 0 : stuck->retry_ns;
}

bool tct_stuck_tick(struct tct_stuck *stuck, uint64_t now_ns)
{
	for (int state = 0; state < TCT_STATES; state++) {
		collect(stuck, state, false, now_ns);
		collect(stuck, state, true, now_ns);
	}
	if (now_ns < stuck->next_scan_ns)
		return false;
	return look_at(stuck) <= now_ns || update_at(stuck) <= now_ns;
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
		.netns = tct_mirror_place(stuck->mirror, sock)->netns,
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

/* Found in its state, or out of this scan's reach. */
static bool is_found(const struct tct_stuck *stuck, const struct tct_scan *scan,
		     const struct tct_socket *sock)
{
	uint32_t netns = tct_mirror_place(stuck->mirror, sock)->netns;
	const struct tct_fact *fact = tct_facts_find(scan->facts, sock->cookie);

	if (!scan->namespaces || !tct_keys_find(scan->namespaces, netns, false))
		return true;
	return fact && fact->mini == !!(sock->flags & TCT_SOCK_MINI);
}

static bool place(struct tct_stuck *stuck, struct tct_socket *sock, const struct tct_owners *owners)
{
	size_t count;
	uint32_t index = group_for(stuck, sock, tct_owners_find(owners, sock->cookie, &count));

	if (!index)
		return false;
	tct_list_remove(stuck->mirror, &stuck->fresh, sock);
	sock->group = index;
	tct_list_insert(stuck->mirror, &group_at(stuck, index)->list, sock);
	group_at(stuck, index)->changed = true;
	return true;
}

/*
 * What the scan did not find in its state has left it since, or long ago, unseen: it waits. Without
 * memory for a finding sockets wait too.
 */
static void place_fresh(struct tct_stuck *stuck, const struct tct_scan *scan)
{
	uint32_t next;

	for (uint32_t i = stuck->fresh.head; i; i = next) {
		struct tct_socket *sock = tct_mirror_at(stuck->mirror, i);

		next = sock->next;
		if (is_found(stuck, scan, sock) && !place(stuck, sock, scan->owners))
			return;
	}
}

/* Once may be chance: its event is on the way. */
static void be_patient(struct tct_stuck *stuck, uint64_t now_ns)
{
	stuck->collected = false;
	if (!stuck->fresh.head) {
		stuck->patience_ns = stuck->retry_ns = 0;
		return;
	}
	stuck->doubted |= stuck->patience_ns != 0;
	stuck->patience_ns = stuck->patience_ns ? 2 * stuck->patience_ns : stuck->config.scan_ns;
	if (stuck->patience_ns > stuck->config.update_max_ns)
		stuck->patience_ns = stuck->config.update_max_ns;
	stuck->retry_ns = now_ns + stuck->patience_ns;
}

/* Watches the count of what only the program can end. */
static void look(struct tct_stuck *stuck, struct tct_group *group, uint64_t now_ns)
{
	uint32_t suspects = tct_group_suspects(group, stuck->mirror);
	uint64_t period_ns = stuck->config.threshold_ns[group->state] / LOOKS_SHARE;

	if (group->opened_ns)
		tct_growth_look(&group->growth, now_ns, suspects);
	else if (group->state == TCT_CLOSE_WAIT && !stuck->config.once)
		tct_growth_start(&group->growth, now_ns, suspects, period_ns);
}

static void review(struct tct_stuck *stuck, struct tct_group *group, const struct tct_scan *scan,
		   uint64_t now_ns)
{
	const struct tct_telling_config config = { .facts = scan->facts,
						   .once = stuck->config.once,
						   .lookups = stuck->config.lookups };
	bool due = group->changed && group->told_ns + group->wait_ns <= now_ns;
	bool looks = tct_growth_is_due(&group->growth, now_ns);
	bool opens = !group->opened_ns;
	struct tct_telling telling;

	if (!opens && !due && !looks)
		return;
	tct_judge_list(stuck->mirror, stuck->tasks, &group->list, scan,
		       stuck->config.threshold_ns[group->state] / RECENT_SHARE);
	tct_group_find_holders(group, stuck->mirror, scan->owners, stuck->config.lookups);
	if (opens || looks)
		look(stuck, group, now_ns);
	tct_group_compose(group, stuck->mirror, &config, now_ns, &telling);
	if (opens || due || telling.ev.severity != group->severity ||
	    telling.ev.verdict != group->verdict)
		tell(stuck, group, &telling.ev, opens ? TCT_OPEN : TCT_UPDATE);
}

void tct_stuck_scanned(struct tct_stuck *stuck, const struct tct_scan *scan, uint64_t now_ns,
		       uint64_t took_ns)
{
	uint64_t rest = took_ns * SCAN_SHARE;

	place_fresh(stuck, scan);
	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain)
		tct_list_sort(stuck->mirror, &group_at(stuck, i)->list);
	be_patient(stuck, now_ns);
	stuck->next_scan_ns = now_ns + (rest > stuck->config.scan_ns ? rest : stuck->config.scan_ns);
	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain)
		review(stuck, group_at(stuck, i), scan, now_ns);
}

void tct_stuck_audited(struct tct_stuck *stuck)
{
	for (uint32_t i = stuck->first; i; i = group_at(stuck, i)->chain) {
		struct tct_group *group = group_at(stuck, i);

		group->changed |= confidence_of(stuck, group) != group->confidence;
	}
}

uint64_t tct_stuck_deadline(const struct tct_stuck *stuck)
{
	uint64_t look = look_at(stuck), update = update_at(stuck);
	uint64_t scan = look < update ? look : update;
	uint64_t at = scan < stuck->next_scan_ns ? stuck->next_scan_ns : scan;

	for (int state = 0; state < TCT_STATES; state++) {
		uint64_t full = due_at(stuck, state, false), mini = due_at(stuck, state, true);

		at = full < at ? full : at;
		at = mini < at ? mini : at;
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
