// SPDX-License-Identifier: GPL-2.0
#include "stuck_internal.h"

#include <string.h>

#define SECOND 1000000000ull

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
	memcpy(stuck->judged_ns, config->threshold_ns, sizeof(stuck->judged_ns));
	tct_stuck_scan_begins(stuck);
}

struct tct_group *tct_stuck_group(const struct tct_stuck *stuck, uint32_t index)
{
	return tct_groups_at(&stuck->groups, index);
}

void tct_stuck_fini(struct tct_stuck *stuck)
{
	tct_groups_fini(&stuck->groups);
}

void tct_stuck_left(struct tct_stuck *stuck, unsigned int shard, struct tct_socket *sock,
		    uint64_t now_ns)
{
	struct tct_stuck_part *part = &stuck->part[shard];
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	struct tct_group *group;

	if (!(sock->flags & TCT_SOCK_UNLISTED))
		return;
	group = tct_stuck_group(stuck, sock->group);
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
		struct tct_group *group = tct_stuck_group(stuck, i);
		uint64_t left_ns = take_left(group);

		next = group->next;
		group->changed |= left_ns != 0;
		if (!tct_group_count(group))
			tct_stuck_resolve(stuck, i, left_ns);
	}
}

static void collect(struct tct_stuck *stuck, unsigned int shard, struct tct_list *list,
		    uint64_t threshold_ns, uint64_t now_ns)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];

	if (!threshold_ns)
		return;
	tct_list_sort(mirror, list);
	while (list->head && tct_stuck_due_at(mirror, list->head, threshold_ns) <= now_ns) {
		struct tct_socket *sock = tct_mirror_at(mirror, list->head);

		tct_list_remove(mirror, list, sock);
		sock->flags |= TCT_SOCK_UNLISTED;
		tct_stuck_take(stuck, shard, sock, now_ns);
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

bool tct_stuck_tick(struct tct_stuck *stuck, uint64_t now_ns)
{
	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		collect_shard(stuck, i, now_ns);
	if (stuck->joined ||
	    (tct_stuck_update_at(stuck) <= now_ns && tct_stuck_tells_as_read(stuck, now_ns)))
		tct_stuck_review(stuck, stuck->read, false, now_ns);
	return tct_stuck_wants_scan_at(stuck) <= now_ns;
}

/* Once may be chance: its event is on the way. */
static void be_patient(struct tct_stuck *stuck, uint64_t now_ns)
{
	stuck->collected = stuck->opens = false;
	if (!tct_stuck_has_fresh(stuck)) {
		stuck->patience_ns = stuck->retry_ns = 0;
		return;
	}
	stuck->doubted |= stuck->patience_ns != 0;
	stuck->patience_ns = stuck->patience_ns ? 2 * stuck->patience_ns : stuck->config.scan_ns;
	if (stuck->patience_ns > stuck->config.update_max_ns)
		stuck->patience_ns = stuck->config.update_max_ns;
	stuck->retry_ns = now_ns + stuck->patience_ns;
}

static void mark_read(struct tct_stuck *stuck, unsigned int shard, uint64_t begin_ns)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];

	for (int state = 0; state < TCT_STATES; state++) {
		if (!(stuck->reading >> state & 1))
			continue;
		tct_list_read(mirror, &mirror->lists[0][state], begin_ns);
		tct_list_read(mirror, &mirror->lists[1][state], begin_ns);
	}
}

void tct_stuck_scanned(struct tct_stuck *stuck, const struct tct_scan *scan, uint64_t now_ns)
{
	for (unsigned int i = 0; i < stuck->mirrors.count; i++) {
		mark_read(stuck, i, scan->begin_ns);
		tct_stuck_place_fresh(stuck, i, scan);
	}
	be_patient(stuck, now_ns);
	stuck->read = scan;
	stuck->aged = false;
	if (stuck->mirrors.mirror[0]->seeding)
		tct_pace_started(&stuck->pace, scan->begin_ns, now_ns, stuck->config.scan_ns);
	else
		tct_pace_scanned(&stuck->pace, scan->begin_ns, now_ns, stuck->config.scan_ns);
	tct_stuck_review(stuck, scan, true, now_ns);
}

void tct_stuck_audited(struct tct_stuck *stuck)
{
	for (uint32_t i = stuck->groups.first; i; i = tct_stuck_group(stuck, i)->next) {
		struct tct_group *group = tct_stuck_group(stuck, i);

		group->changed |= tct_stuck_confidence(stuck, group) != group->confidence;
	}
}

static struct tct_standing standing_of(const struct tct_stuck *stuck,
				       const struct tct_group *group)
{
	return (struct tct_standing){
		.id = group->id,
		.count = tct_group_count(group),
		.oldest_ns = tct_group_oldest(group, &stuck->mirrors),
	};
}

bool tct_stuck_find(const struct tct_stuck *stuck, uint32_t id, struct tct_standing *out)
{
	uint32_t i = stuck->groups.first;

	while (i && tct_stuck_group(stuck, i)->id != id)
		i = tct_stuck_group(stuck, i)->next;
	if (i)
		*out = standing_of(stuck, tct_stuck_group(stuck, i));
	return i != 0;
}

void tct_stuck_each(const struct tct_stuck *stuck,
		    void (*visit)(void *ctx, const struct tct_standing *standing), void *ctx)
{
	for (uint32_t i = stuck->groups.first; i; i = tct_stuck_group(stuck, i)->next) {
		const struct tct_standing standing = standing_of(stuck, tct_stuck_group(stuck, i));

		visit(ctx, &standing);
	}
}

uint32_t tct_stuck_states(const struct tct_stuck *stuck)
{
	uint32_t states = 0;

	for (int state = 0; state < TCT_STATES; state++) {
		if (stuck->config.threshold_ns[state])
			states |= 1u << state;
	}
	for (uint32_t i = stuck->groups.first; i; i = tct_stuck_group(stuck, i)->next)
		states |= 1u << tct_stuck_group(stuck, i)->state;
	return states;
}

void tct_stuck_scan_begins(struct tct_stuck *stuck)
{
	stuck->reading = tct_stuck_states(stuck);
}
