// SPDX-License-Identifier: GPL-2.0
#include "group.h"

#include <stdlib.h>
#include "advice.h"
#include "subject.h"

#define SECOND 1000000000.0
#define SOON_NS (3600 * (int64_t)1000000000)	/* to the descriptor limit: critical */
#define NEARLY(count, limit) ((count) * 5 >= (limit) * 4)

void tct_group_drop_holders(struct tct_group *group)
{
	if (group->holders)
		tct_holders_clear(group->holders);
	free(group->holders);
	group->holders = NULL;
}

void tct_group_find_holders(struct tct_group *group, const struct tct_mirror *mirror,
			    const struct tct_owners *owners, const struct tct_lookups *lookups)
{
	tct_group_drop_holders(group);
	group->holders = calloc(1, sizeof(*group->holders));
	for (uint32_t i = group->list.head; group->holders && i;) {
		const struct tct_socket *sock = tct_mirror_at(mirror, i);
		size_t count;
		const struct tct_held *held = tct_owners_find(owners, sock->cookie, &count);

		tct_holders_add(group->holders, held, count);
		i = sock->next;
	}
	if (group->holders)
		tct_holders_finish(group->holders, lookups);
}

enum tct_confidence tct_group_confidence(const struct tct_group *group,
					 const struct tct_mirror *mirror)
{
	for (uint32_t i = group->list.head; i; i = tct_mirror_at(mirror, i)->next) {
		if (tct_mirror_at(mirror, i)->flags & TCT_SOCK_REPAIRED)
			return TCT_REPAIRED;
	}
	return TCT_EXACT;
}

uint32_t tct_group_suspects(const struct tct_group *group, const struct tct_mirror *mirror)
{
	uint32_t count = 0;

	for (uint32_t i = group->list.head; i; i = tct_mirror_at(mirror, i)->next)
		count += tct_mirror_at(mirror, i)->verdict != TCT_STILL_SENDING;
	return count;
}

static void count_verdicts(const struct tct_group *group, const struct tct_mirror *mirror,
			   struct tct_finding *ev)
{
	for (uint32_t i = group->list.head; i; i = tct_mirror_at(mirror, i)->next) {
		const struct tct_socket *sock = tct_mirror_at(mirror, i);

		ev->verdicts[sock->verdict]++;
		if (sock->verdict == TCT_UNREAD_DATA)
			ev->unread_bytes += sock->unread;
		if (ev->verdicts[sock->verdict] > ev->verdicts[ev->verdict])
			ev->verdict = sock->verdict;
	}
}

static void sum_up(const struct tct_group *group, const struct tct_mirror *mirror,
		   const struct tct_facts *facts, struct tct_lingering *why)
{
	tct_lingering_init(why);
	for (uint32_t i = group->list.head; i; i = tct_mirror_at(mirror, i)->next) {
		const struct tct_fact *fact = tct_facts_find(facts,
							     tct_mirror_at(mirror, i)->cookie);

		if (fact)
			tct_lingering_add(why, fact);
	}
}

/* The process that holds most of them; NULL when none does. */
static const struct tct_holder *main_holder(const struct tct_group *group)
{
	const struct tct_holder *most = NULL;

	for (size_t i = 0; group->holders && i < group->holders->count; i++) {
		const struct tct_holder *holder = &group->holders->list[i];

		if (!most || holder->count > most->count)
			most = holder;
	}
	return most;
}

/* Until all descriptors are open; unknown when that is not in sight. */
static int64_t time_left(const struct tct_files *files, double growth_per_s)
{
	double ns;

	if (files->open >= files->limit)
		return 0;
	if (growth_per_s <= 0)
		return TCT_UNKNOWN;
	ns = (double)(files->limit - files->open) / growth_per_s * SECOND;
	return ns < (double)INT64_MAX ? (int64_t)ns : TCT_UNKNOWN;
}

static void look_out(const struct tct_group *group, const struct tct_telling_config *config,
		     struct tct_outlook *out)
{
	const struct tct_holder *holder = main_holder(group);
	const struct tct_lookups *lookups = config->lookups;
	struct tct_files files;

	*out = (struct tct_outlook){ .growth_per_s = -1, .fd_limit = TCT_UNKNOWN,
				     .fd_open = TCT_UNKNOWN, .eta_ns = TCT_UNKNOWN };
	if (!config->once)
		out->growth_per_s = tct_growth_rate(&group->growth);
	if (!holder || !lookups || !lookups->files_of(lookups->ctx, holder->pid, &files))
		return;
	out->fd_limit = (int64_t)files.limit;
	out->fd_open = (int64_t)files.open;
	out->eta_ns = time_left(&files, out->growth_per_s);
}

/*
 * CLOSE_WAIT only: a pool may keep some that are idle. What grows is a leak; near the descriptor
 * limit, or soon there, it is about to stop the process. Where nobody watches, what stays bounded
 * cannot be told from what grows.
 */
static enum tct_severity weigh(const struct tct_group *group, const struct tct_telling *told,
			       bool once)
{
	const struct tct_outlook *outlook = &told->outlook;
	const struct tct_holder *holder = main_holder(group);

	if (group->state != TCT_CLOSE_WAIT)
		return TCT_WARNING;
	if (told->ev.verdict == TCT_STILL_SENDING)
		return TCT_INFO;
	if (outlook->fd_limit != TCT_UNKNOWN && NEARLY((int64_t)holder->count, outlook->fd_limit))
		return TCT_CRITICAL;
	if (tct_growth_proven(&group->growth))
		return outlook->eta_ns != TCT_UNKNOWN && outlook->eta_ns < SOON_NS ? TCT_CRITICAL
										 : TCT_WARNING;
	return once || told->ev.verdict == TCT_NOT_ACCEPTED ? TCT_WARNING : TCT_INFO;
}

static void compose_event(const struct tct_group *group, const struct tct_mirror *mirror,
			  uint64_t now_ns, struct tct_telling *out)
{
	const struct tct_socket *oldest = tct_mirror_at(mirror, group->list.head);
	bool request = group->state == TCT_NEW_SYN_RECV;

	out->ev = (struct tct_finding){
		.mono_ns = now_ns,
		.id = group->id,
		.rule = tct_stuck_rule(request ? TCT_SYN_RECV : group->state),
		.severity = group->severity,
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
	};
	if (oldest && group->list.count == 1) {
		out->who = tct_subject_of(mirror, oldest, (struct tct_task){ .pid = group->pid });
		out->ev.socket = &out->who;
	}
}

void tct_group_compose(const struct tct_group *group, const struct tct_mirror *mirror,
		       const struct tct_telling_config *config, uint64_t now_ns,
		       struct tct_telling *out)
{
	compose_event(group, mirror, now_ns, out);
	count_verdicts(group, mirror, &out->ev);
	out->ev.advice = tct_advice(group->state, out->ev.verdict, group->pid != 0);
	if (!config->facts)
		return;
	sum_up(group, mirror, config->facts, &out->why);
	out->ev.why = &out->why;
	if (group->state == TCT_CLOSE_WAIT) {
		look_out(group, config, &out->outlook);
		out->ev.outlook = &out->outlook;
	}
	out->ev.severity = weigh(group, out, config->once);
}
