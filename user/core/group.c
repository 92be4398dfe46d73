// SPDX-License-Identifier: GPL-2.0
#include "group.h"

#include <stdlib.h>
#include <string.h>
#include "advice.h"
#include "subject.h"

#define SECOND 1000000000.0
#define SOON_NS (3600 * (int64_t)1000000000)	/* to the descriptor limit: critical */
#define NEARLY(count, limit) ((count) * 5 >= (limit) * 4)

/* The sockets of all shards, the oldest first. */
struct walk {
	const struct tct_mirrors *mirrors;
	uint32_t at[TCT_SHARDS_MAX];
	unsigned int from;	/* the shard of the socket that came last */
};

static struct walk walk_of(const struct tct_group *group, const struct tct_mirrors *mirrors)
{
	struct walk walk = { .mirrors = mirrors };

	for (unsigned int i = 0; i < mirrors->count; i++)
		walk.at[i] = group->part[i].list.head;
	return walk;
}

static struct tct_socket *next_of(struct walk *walk)
{
	struct tct_socket *oldest = NULL;

	for (unsigned int i = 0; i < walk->mirrors->count; i++) {
		struct tct_socket *sock = tct_mirror_at(walk->mirrors->mirror[i], walk->at[i]);

		if (!sock || (oldest && oldest->entered_ns <= sock->entered_ns))
			continue;
		oldest = sock;
		walk->from = i;
	}
	if (oldest)
		walk->at[walk->from] = oldest->next;
	return oldest;
}

uint32_t tct_group_count(const struct tct_group *group)
{
	uint32_t count = 0;

	for (unsigned int i = 0; i < TCT_SHARDS_MAX; i++)
		count += group->part[i].list.count;
	return count;
}

uint64_t tct_group_oldest(const struct tct_group *group, const struct tct_mirrors *mirrors)
{
	struct walk walk = walk_of(group, mirrors);
	const struct tct_socket *oldest = next_of(&walk);

	return oldest ? oldest->entered_ns : 0;
}

void tct_group_drop_holders(struct tct_group *group)
{
	if (group->holders)
		tct_holders_clear(group->holders);
	free(group->holders);
	group->holders = NULL;
}

bool tct_group_is_repaired(const struct tct_group *group, const struct tct_mirrors *mirrors)
{
	struct walk walk = walk_of(group, mirrors);
	const struct tct_socket *sock;

	while ((sock = next_of(&walk))) {
		if (sock->flags & TCT_SOCK_REPAIRED)
			return true;
	}
	return false;
}

uint32_t tct_group_suspects(const struct tct_group *group, const struct tct_group_sum *sum)
{
	return tct_group_count(group) - sum->verdicts[TCT_STILL_SENDING];
}

static void add_up(struct tct_group_sum *sum, const struct tct_socket *sock,
		   const struct tct_fact *fact)
{
	sum->verdicts[sock->verdict]++;
	sum->repaired |= !!(sock->flags & TCT_SOCK_REPAIRED);
	if (sock->verdict == TCT_UNREAD_DATA)
		sum->unread_bytes += sock->unread;
	if (sum->verdicts[sock->verdict] > sum->verdicts[sum->verdict])
		sum->verdict = sock->verdict;
	if (fact)
		tct_lingering_add(&sum->why, fact);
}

void tct_group_judge(struct tct_group *group, const struct tct_mirrors *mirrors,
		     const struct tct_scan *scan, uint64_t recent_ns,
		     const struct tct_lookups *lookups, struct tct_group_sum *out)
{
	struct walk walk = walk_of(group, mirrors);
	struct tct_socket *sock;

	*out = (struct tct_group_sum){ 0 };
	tct_lingering_init(&out->why);
	tct_group_drop_holders(group);
	group->holders = calloc(1, sizeof(*group->holders));
	while ((sock = next_of(&walk))) {
		const struct tct_fact *fact = tct_facts_find(&scan->facts, walk.from, sock);
		size_t count;
		const struct tct_held *held = tct_scan_held(scan, fact, sock->cookie, &count);

		tct_scan_foresee(scan, mirrors->mirror[walk.from], walk.from, walk.at[walk.from]);
		tct_judge_socket(mirrors->tasks[walk.from], sock, fact, held, count, recent_ns);
		add_up(out, sock, fact);
		if (group->holders)
			tct_holders_add(group->holders, held, count);
	}
	if (group->holders)
		tct_holders_finish(group->holders, lookups);
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
		return told->ev.verdict == TCT_STILL_RECEIVING ? TCT_INFO : TCT_WARNING;
	if (told->ev.verdict == TCT_STILL_SENDING)
		return TCT_INFO;
	if (outlook->fd_limit != TCT_UNKNOWN && NEARLY((int64_t)holder->count, outlook->fd_limit))
		return TCT_CRITICAL;
	if (tct_growth_proven(&group->growth))
		return outlook->eta_ns != TCT_UNKNOWN && outlook->eta_ns < SOON_NS ? TCT_CRITICAL
										 : TCT_WARNING;
	return once || told->ev.verdict == TCT_NOT_ACCEPTED ? TCT_WARNING : TCT_INFO;
}

static void compose_event(const struct tct_group *group, const struct tct_mirrors *mirrors,
			  uint64_t now_ns, struct tct_telling *out)
{
	struct walk walk = walk_of(group, mirrors);
	const struct tct_socket *oldest = next_of(&walk);
	bool request = group->state == TCT_NEW_SYN_RECV;

	out->ev = (struct tct_finding){
		.mono_ns = now_ns,
		.id = group->id,
		.rule = tct_stuck_rule(request ? TCT_SYN_RECV : group->state),
		.severity = group->severity,
		.state = group->state,
		.to = group->state,
		.count = tct_group_count(group),
		.oldest_ns = oldest ? (int64_t)(now_ns - oldest->entered_ns) : TCT_UNKNOWN,
		.at_least = oldest && !(oldest->flags & TCT_SOCK_EXACT),
		.first_mono_ns = group->opened_ns ? group->opened_ns : now_ns,
		.netns = group->netns,
		.port = group->port,
		.port_is_local = group->port_is_local,
		.holders = group->holders ? group->holders->list : NULL,
		.holder_count = group->holders ? group->holders->count : 0,
	};
	if (oldest && out->ev.count == 1) {
		out->who = tct_subject_of(mirrors->mirror[walk.from], oldest,
					  (struct tct_task){ .pid = group->pid });
		out->ev.socket = &out->who;
	}
}

/*
 * The most frequent one. Where ever more of them do not send, or any does not receive, the most
 * frequent of those.
 */
static enum tct_verdict verdict_of(const struct tct_group *group, const struct tct_group_sum *sum)
{
	enum tct_verdict most = TCT_VERDICT_NONE, works = sum->verdict;

	if (works != TCT_STILL_RECEIVING &&
	    (works != TCT_STILL_SENDING || !tct_growth_proven(&group->growth)))
		return works;
	for (int v = TCT_VERDICT_NONE + 1; v < TCT_VERDICTS; v++) {
		if (v != (int)works && sum->verdicts[v] > sum->verdicts[most])
			most = v;
	}
	return sum->verdicts[most] ? most : works;
}

static void say_why(const struct tct_group *group, const struct tct_telling_config *config,
		    struct tct_telling *out)
{
	const struct tct_group_sum *sum = config->sum;

	memcpy(out->ev.verdicts, sum->verdicts, sizeof(out->ev.verdicts));
	out->ev.verdict = verdict_of(group, sum);
	out->ev.unread_bytes = sum->unread_bytes;
	out->why = sum->why;
	out->ev.why = &out->why;
	if (group->state == TCT_CLOSE_WAIT) {
		look_out(group, config, &out->outlook);
		out->ev.outlook = &out->outlook;
	}
	out->ev.severity = weigh(group, out, config->once);
}

void tct_group_compose(const struct tct_group *group, const struct tct_mirrors *mirrors,
		       const struct tct_telling_config *config, uint64_t now_ns,
		       struct tct_telling *out)
{
	compose_event(group, mirrors, now_ns, out);
	if (config->sum)
		say_why(group, config, out);
	out->ev.advice = tct_advice(group->state, out->ev.verdict, group->pid != 0,
				    out->ev.severity > (config->once ? TCT_WARNING : TCT_INFO));
}
