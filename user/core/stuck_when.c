// SPDX-License-Identifier: GPL-2.0
/* When something is due: a threshold, an update, a scan. */
#include "stuck_internal.h"

#define STEPS_MAX 64

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t tct_stuck_due_at(const struct tct_mirror *mirror, uint32_t index, uint64_t threshold_ns)
{
	const struct tct_socket *sock = tct_mirror_at(mirror, index);

	return sock ? sock->entered_ns + threshold_ns : TCT_STUCK_NEVER;
}

bool tct_stuck_has_fresh(const struct tct_stuck *stuck)
{
	for (unsigned int i = 0; i < stuck->mirrors.count; i++) {
		if (stuck->part[i].fresh.head)
			return true;
	}
	return false;
}

uint64_t tct_stuck_update_at(const struct tct_stuck *stuck)
{
	uint64_t at = TCT_STUCK_NEVER;

	for (uint32_t i = stuck->groups.first; i; i = tct_stuck_group(stuck, i)->next) {
		const struct tct_group *group = tct_stuck_group(stuck, i);

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
	if (!tct_stuck_has_fresh(stuck))
		return TCT_STUCK_NEVER;
	if (stuck->collected)
		return tct_pace_next(&stuck->pace, stuck->opens);
	return later(stuck->retry_ns, tct_pace_next(&stuck->pace, false));
}

bool tct_stuck_tells_as_read(const struct tct_stuck *stuck, uint64_t at_ns)
{
	return stuck->read && at_ns < tct_pace_next(&stuck->pace, false);
}

static uint64_t before(uint64_t at_ns, uint64_t lead_ns)
{
	return at_ns > lead_ns ? at_ns - lead_ns : 0;
}

/*
 * When a scan is to begin, so as to be over when the first of these, from `index` on, passes its
 * threshold. What only adds to a finding waits until it may be made; one that may open another is
 * looked for among the first.
 */
static uint64_t begin_at(const struct tct_stuck *stuck, const struct tct_mirror *mirror,
			 uint32_t index, uint64_t threshold_ns)
{
	uint64_t next_ns = tct_pace_next(&stuck->pace, false);
	uint64_t lead_ns = tct_pace_lead(&stuck->pace);

	for (int steps = 0; index && steps < STEPS_MAX; steps++) {
		uint64_t at = before(tct_stuck_due_at(mirror, index, threshold_ns), lead_ns);
		const struct tct_socket *sock = tct_mirror_at(mirror, index);

		if (at >= next_ns)
			return steps ? next_ns : at;
		if (tct_stuck_may_open(stuck, mirror, sock))
			return later(at, tct_pace_next(&stuck->pace, true));
		index = sock->next;
	}
	return next_ns;
}

/* Of one list: for the first that was not read, and the first for which that will be too old. */
static uint64_t ahead_at(const struct tct_stuck *stuck, const struct tct_mirror *mirror,
			 const struct tct_list *list, uint64_t threshold_ns)
{
	uint64_t old_ns = tct_pace_serves_until(&stuck->pace), at = TCT_STUCK_NEVER;

	if (!threshold_ns || !tct_pace_lead(&stuck->pace))
		return at;
	if (list->unread)
		at = begin_at(stuck, mirror, list->unread, threshold_ns);
	if (list->head && list->head != list->unread &&
	    tct_stuck_due_at(mirror, list->head, threshold_ns) >= old_ns)
		at = earlier(at, begin_at(stuck, mirror, list->head, threshold_ns));
	return at;
}

static uint64_t shard_ahead_at(const struct tct_stuck *stuck, const struct tct_mirror *mirror)
{
	uint64_t at = TCT_STUCK_NEVER;

	for (int state = 0; state < TCT_STATES; state++) {
		uint64_t threshold_ns = stuck->config.threshold_ns[state];

		for (int mini = 0; mini < 2; mini++)
			at = earlier(at, ahead_at(stuck, mirror, &mirror->lists[mini][state],
						  threshold_ns));
	}
	return at;
}

uint64_t tct_stuck_wants_scan_at(const struct tct_stuck *stuck)
{
	uint64_t next_ns = tct_pace_next(&stuck->pace, false);
	uint64_t at = earlier(look_at(stuck), later(tct_stuck_update_at(stuck), next_ns));

	if (stuck->aged)
		at = earlier(at, next_ns);
	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		at = earlier(at, shard_ahead_at(stuck, stuck->mirrors.mirror[i]));
	return at;
}

/* When the next socket passes its threshold. */
static uint64_t passes_at(const struct tct_stuck *stuck, unsigned int shard)
{
	const struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	uint64_t at = TCT_STUCK_NEVER;

	for (int state = 0; state < TCT_STATES; state++) {
		uint64_t threshold_ns = stuck->config.threshold_ns[state];

		for (int mini = 0; mini < 2 && threshold_ns; mini++) {
			uint32_t head = mirror->lists[mini][state].head;

			at = earlier(at, tct_stuck_due_at(mirror, head, threshold_ns));
		}
	}
	return at;
}

uint64_t tct_stuck_deadline(const struct tct_stuck *stuck)
{
	uint64_t at = tct_stuck_wants_scan_at(stuck), update_ns = tct_stuck_update_at(stuck);

	if (tct_stuck_tells_as_read(stuck, update_ns))
		at = earlier(at, update_ns);
	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		at = earlier(at, passes_at(stuck, i));
	return at;
}
