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
		    const struct tct_mirrors *mirrors, const struct tct_sink *sink)
{
	*stuck = (struct tct_stuck){ .config = *config, .mirrors = *mirrors, .sink = sink };
	tct_groups_init(&stuck->groups);
}

static struct tct_group *group_at(const struct tct_stuck *stuck, uint32_t index)
{
	return tct_groups_at(&stuck->groups, index);
}

void tct_stuck_fini(struct tct_stuck *stuck)
{
	tct_groups_fini(&stuck->groups);
}

static enum tct_confidence confidence_of(const struct tct_stuck *stuck,
					 const struct tct_group *group)
{
	return stuck->degraded ? TCT_DEGRADED : tct_group_confidence(group, &stuck->mirrors);
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

static void resolve(struct tct_stuck *stuck, uint32_t index, uint64_t now_ns)
{
	const struct tct_telling_config nobody_looked = { 0 };
	struct tct_group *group = group_at(stuck, index);
	struct tct_telling telling;

	tct_group_compose(group, &stuck->mirrors, &nobody_looked, now_ns, &telling);
	tell(stuck, group, &telling.ev, TCT_RESOLVED);
	tct_groups_remove(&stuck->groups, index);
}

void tct_stuck_left(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		    uint64_t now_ns)
{
	struct tct_stuck_part *part = &stuck->part[shard];
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	struct tct_group *group;

	if (!(sock->flags & TCT_SOCK_UNLISTED))
		return;
	group = group_at(stuck, sock->group);
	tct_list_remove(mirror, group ? &group->part[shard].list : &part->fresh, sock);
	sock->group = 0;
	if (!group)
		return;
	group->part[shard].left_ns = now_ns;
	part->left = true;
}

/* When the last socket left; 0: none has. */
static uint64_t take_left(struct tct_group *group)
{
	uint64_t left_ns = 0;

	for (unsigned int i = 0; i < TCT_SHARDS_MAX; i++) {
		if (group->part[i].left_ns > left_ns)
			left_ns = group->part[i].left_ns;
		group->part[i].left_ns = 0;
	}
	return left_ns;
}

static bool take_notes(struct tct_stuck *stuck)
{
	bool left = false;

	for (unsigned int i = 0; i < stuck->mirrors.count; i++) {
		left |= stuck->part[i].left;
		stuck->part[i].left = false;
	}
	return left;
}

void tct_stuck_settle(struct tct_stuck *stuck)
{
	uint32_t next;

	if (!take_notes(stuck))
		return;
	for (uint32_t i = stuck->groups.first; i; i = next) {
		struct tct_group *group = group_at(stuck, i);
		uint64_t left_ns = take_left(group);

		next = group->next;
		group->changed |= left_ns != 0;
		if (!tct_group_count(group))
			resolve(stuck, i, left_ns);
	}
}

static uint64_t due_at(const struct tct_mirror *mirror, const struct tct_list *list,
		       uint64_t threshold_ns)
{
	const struct tct_socket *oldest = tct_mirror_at(mirror, list->head);

	return oldest ? oldest->entered_ns + threshold_ns : TCT_STUCK_NEVER;
}

static void collect(struct tct_stuck *stuck, unsigned int shard, struct tct_list *list,
		    uint64_t threshold_ns, uint64_t now_ns)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];

	if (!threshold_ns)
		return;
	tct_list_sort(mirror, list);
	while (list->head && due_at(mirror, list, threshold_ns) <= now_ns) {
		struct tct_socket *sock = tct_mirror_at(mirror, list->head);

		tct_list_remove(mirror, list, sock);
		sock->flags |= TCT_SOCK_UNLISTED;
		tct_list_append(mirror, &stuck->part[shard].fresh, sock);
		stuck->collected = true;
	}
}

static void collect_shard(struct tct_stuck *stuck, unsigned int shard, uint64_t now_ns)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];

	for (int state = 0; state < TCT_STATES; state++) {
		uint64_t threshold_ns = stuck->config.threshold_ns[state];

		collect(stuck, shard, &mirror->lists[0][state], threshold_ns, now_ns);
		collect(stuck, shard, &mirror->lists[1][state], threshold_ns, now_ns);
	}
}

static bool has_fresh(const struct tct_stuck *stuck)
{
	for (unsigned int i = 0; i < stuck->mirrors.count; i++) {
		if (stuck->part[i].fresh.head)
			return true;
	}
	return false;
}

/* When the first finding that changed may be told again, or is to be looked at. */
static uint64_t update_at(const struct tct_stuck *stuck)
{
	uint64_t at = TCT_STUCK_NEVER;

	for (uint32_t i = stuck->groups.first; i; i = group_at(stuck, i)->next) {
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
	if (!has_fresh(stuck))
		return TCT_STUCK_NEVER;
	return stuck->collected ? 0 : stuck->retry_ns;
}

bool tct_stuck_tick(struct tct_stuck *stuck, uint64_t now_ns)
{
	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		collect_shard(stuck, i, now_ns);
	if (now_ns < stuck->next_scan_ns)
		return false;
	return look_at(stuck) <= now_ns || update_at(stuck) <= now_ns;
}

static uint32_t group_for(struct tct_stuck *stuck, const struct tct_mirror *mirror,
			  const struct tct_socket *sock, const struct tct_held *held)
{
	bool local = sock->flags & TCT_SOCK_LOCAL_PORT;
	struct tct_group key = {
		.state = sock->state,
		.netns = tct_mirror_place(mirror, sock)->netns,
		.pid = held ? held->pid : 0,
		.port = local ? sock->lport : sock->rport,
		.port_is_local = local,
	};
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

/* Found in its state, or out of this scan's reach. */
static bool is_found(const struct tct_mirror *mirror, const struct tct_scan *scan,
		     const struct tct_socket *sock)
{
	uint32_t netns = tct_mirror_place(mirror, sock)->netns;
	const struct tct_fact *fact = tct_facts_find(scan->facts, sock->cookie);

	if (!scan->namespaces || !tct_keys_find(scan->namespaces, netns, false))
		return true;
	return fact && fact->mini == !!(sock->flags & TCT_SOCK_MINI);
}

static bool place(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		  const struct tct_owners *owners)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	size_t count;
	uint32_t index = group_for(stuck, mirror, sock,
				   tct_owners_find(owners, sock->cookie, &count));

	if (!index)
		return false;
	tct_list_remove(mirror, &stuck->part[shard].fresh, sock);
	sock->group = index;
	tct_list_insert(mirror, &group_at(stuck, index)->part[shard].list, sock);
	group_at(stuck, index)->changed = true;
	return true;
}

/*
 * What the scan did not find in its state has left it since, or long ago, unseen: it waits. Without
 * memory for a finding sockets wait too.
 */
static void place_fresh(struct tct_stuck *stuck, unsigned int shard, const struct tct_scan *scan)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	uint32_t next;

	for (uint32_t i = stuck->part[shard].fresh.head; i; i = next) {
		struct tct_socket *sock = tct_mirror_at(mirror, i);

		next = sock->next;
		if (is_found(mirror, scan, sock) && !place(stuck, shard, sock, scan->owners))
			return;
	}
}

/* Once may be chance: its event is on the way. */
static void be_patient(struct tct_stuck *stuck, uint64_t now_ns)
{
	stuck->collected = false;
	if (!has_fresh(stuck)) {
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
	uint32_t suspects = tct_group_suspects(group, &stuck->mirrors);
	uint64_t period_ns = stuck->config.threshold_ns[group->state] / LOOKS_SHARE;

	if (group->opened_ns)
		tct_growth_look(&group->growth, now_ns, suspects);
	else if (group->state == TCT_CLOSE_WAIT && !stuck->config.once)
		tct_growth_start(&group->growth, now_ns, suspects, period_ns);
}

static void judge(struct tct_stuck *stuck, struct tct_group *group, const struct tct_scan *scan)
{
	uint64_t recent_ns = stuck->config.threshold_ns[group->state] / RECENT_SHARE;

	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		tct_judge_list(stuck->mirrors.mirror[i], stuck->mirrors.tasks[i],
			       &group->part[i].list, scan, recent_ns);
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
	judge(stuck, group, scan);
	tct_group_find_holders(group, &stuck->mirrors, scan->owners, stuck->config.lookups);
	if (opens || looks)
		look(stuck, group, now_ns);
	tct_group_compose(group, &stuck->mirrors, &config, now_ns, &telling);
	if (opens || due || telling.ev.severity != group->severity ||
	    telling.ev.verdict != group->verdict)
		tell(stuck, group, &telling.ev, opens ? TCT_OPEN : TCT_UPDATE);
}

static void sort_lists(struct tct_stuck *stuck, struct tct_group *group)
{
	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		tct_list_sort(stuck->mirrors.mirror[i], &group->part[i].list);
}

void tct_stuck_scanned(struct tct_stuck *stuck, const struct tct_scan *scan, uint64_t now_ns,
		       uint64_t took_ns)
{
	uint64_t rest = took_ns * SCAN_SHARE;

	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		place_fresh(stuck, i, scan);
	for (uint32_t i = stuck->groups.first; i; i = group_at(stuck, i)->next)
		sort_lists(stuck, group_at(stuck, i));
	be_patient(stuck, now_ns);
	stuck->next_scan_ns = now_ns + (rest > stuck->config.scan_ns ? rest : stuck->config.scan_ns);
	for (uint32_t i = stuck->groups.first; i; i = group_at(stuck, i)->next)
		review(stuck, group_at(stuck, i), scan, now_ns);
}

void tct_stuck_audited(struct tct_stuck *stuck)
{
	for (uint32_t i = stuck->groups.first; i; i = group_at(stuck, i)->next) {
		struct tct_group *group = group_at(stuck, i);

		group->changed |= confidence_of(stuck, group) != group->confidence;
	}
}

/* When the next socket passes its threshold. */
static uint64_t passes_at(const struct tct_stuck *stuck, unsigned int shard)
{
	const struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	uint64_t at = TCT_STUCK_NEVER;

	for (int state = 0; state < TCT_STATES; state++) {
		uint64_t threshold_ns = stuck->config.threshold_ns[state];

		for (int mini = 0; mini < 2 && threshold_ns; mini++) {
			uint64_t due = due_at(mirror, &mirror->lists[mini][state], threshold_ns);

			at = due < at ? due : at;
		}
	}
	return at;
}

uint64_t tct_stuck_deadline(const struct tct_stuck *stuck)
{
	uint64_t look = look_at(stuck), update = update_at(stuck);
	uint64_t scan = look < update ? look : update;
	uint64_t at = scan < stuck->next_scan_ns ? stuck->next_scan_ns : scan;

	for (unsigned int i = 0; i < stuck->mirrors.count; i++) {
		uint64_t passes = passes_at(stuck, i);

		at = passes < at ? passes : at;
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
