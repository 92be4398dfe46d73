// SPDX-License-Identifier: GPL-2.0
/* Findings are judged by a scan, and told. */
#include "stuck_internal.h"

#define LOOKS_SHARE 4	/* the count is looked at so many times in a threshold, at first */
#define RECENT_SHARE 2	/* what was sent in such a part of the threshold is going on */

static enum tct_confidence confidence(const struct tct_stuck *stuck, bool repaired)
{
	if (stuck->degraded)
		return TCT_DEGRADED;
	return repaired ? TCT_REPAIRED : TCT_EXACT;
}

enum tct_confidence tct_stuck_confidence(const struct tct_stuck *stuck,
					 const struct tct_group *group)
{
	return confidence(stuck, tct_group_is_repaired(group, &stuck->mirrors));
}

static void tell(struct tct_stuck *stuck, struct tct_group *group, struct tct_finding *ev,
		 enum tct_status status)
{
	ev->status = status;
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

void tct_stuck_resolve(struct tct_stuck *stuck, uint32_t index, uint64_t now_ns)
{
	const struct tct_telling_config nobody_looked = { 0 };
	struct tct_group *group = tct_stuck_group(stuck, index);
	struct tct_telling telling;

	tct_group_compose(group, &stuck->mirrors, &nobody_looked, now_ns, &telling);
	telling.ev.confidence = tct_stuck_confidence(stuck, group);
	tell(stuck, group, &telling.ev, TCT_RESOLVED);
	tct_groups_remove(&stuck->groups, index);
}

/* The count of what only the program can end; and what works may work no more. */
static bool wants_looks(const struct tct_group *group, const struct tct_group_sum *sum)
{
	return group->state == TCT_CLOSE_WAIT || sum->verdicts[TCT_STILL_RECEIVING];
}

static void look(struct tct_stuck *stuck, struct tct_group *group, const struct tct_group_sum *sum,
		 uint64_t now_ns)
{
	uint32_t suspects = tct_group_suspects(group, sum);
	uint64_t period_ns = stuck->judged_ns[group->state] / LOOKS_SHARE;

	if (group->opened_ns)
		tct_growth_look(&group->growth, now_ns, suspects);
	else if (wants_looks(group, sum) && !stuck->config.once)
		tct_growth_start(&group->growth, now_ns, suspects, period_ns);
}

/* `again`: there is a new reading of what was told by an old one. */
static void review(struct tct_stuck *stuck, struct tct_group *group, const struct tct_scan *scan,
		   bool again, uint64_t now_ns)
{
	bool due = group->changed && group->told_ns + group->wait_ns <= now_ns;
	bool looks = tct_growth_is_due(&group->growth, now_ns);
	bool opens = !group->opened_ns;
	struct tct_group_sum sum;
	const struct tct_telling_config config = { .sum = &sum,
						   .once = stuck->config.once,
						   .lookups = stuck->config.lookups };
	struct tct_telling telling;

	if (!opens && !due && !looks && !again)
		return;
	tct_group_judge(group, &stuck->mirrors, scan,
			stuck->judged_ns[group->state] / RECENT_SHARE,
			stuck->config.lookups, &sum);
	if (opens || looks)
		look(stuck, group, &sum, now_ns);
	tct_group_compose(group, &stuck->mirrors, &config, now_ns, &telling);
	telling.ev.confidence = confidence(stuck, sum.repaired);
	if (opens || due || telling.ev.severity != group->severity ||
	    telling.ev.verdict != group->verdict)
		tell(stuck, group, &telling.ev, opens ? TCT_OPEN : TCT_UPDATE);
}

static void sort_lists(struct tct_stuck *stuck, struct tct_group *group)
{
	for (unsigned int i = 0; i < stuck->mirrors.count; i++)
		tct_list_sort(stuck->mirrors.mirror[i], &group->part[i].list);
}

void tct_stuck_review(struct tct_stuck *stuck, const struct tct_scan *scan, bool anew,
		       uint64_t now_ns)
{
	stuck->joined = false;
	for (uint32_t i = stuck->groups.first; i; i = tct_stuck_group(stuck, i)->next) {
		struct tct_group *group = tct_stuck_group(stuck, i);
		bool again = anew && group->aged;

		group->aged = group->aged && !anew;
		sort_lists(stuck, group);
		review(stuck, group, scan, again, now_ns);
	}
}
