// SPDX-License-Identifier: GPL-2.0
/*
 * Mini-sockets. Their hand-over is told when the full socket closes, since that record has the
 * state it left; here are their arrival, the FIN that takes one from FIN_WAIT2 to TIME_WAIT, and
 * their end.
 */
#include "identity.h"
#include "subject.h"
#include "tracker_internal.h"

#define TIME_WAIT_SECONDS 60	/* TCP_TIMEWAIT_LEN */
#define LEFT_SECONDS_MAX 3600	/* no timer of a mini-socket runs for so long */
#define NS_PER_SECOND 1000000000
#define FIRST_SEGMENT_NS 5000000

static struct tct_socket *find(struct tct_tracker *tracker, const struct tct_record_id *id)
{
	return tct_identity_find(&tracker->mirror, id->cookie, id->address, true);
}

static struct tct_socket *add_mini(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	uint64_t key = tct_identity_key(rec->id.cookie, rec->id.address);
	struct tct_socket *mini = tct_mirror_add(&tracker->mirror, key, true);

	if (mini && tct_socket_learn(&tracker->mirror, mini, &rec->id))
		return mini;
	if (mini)
		tct_mirror_remove(&tracker->mirror, mini);
	tct_tracker_miss(tracker);
	return NULL;
}

/* It stays FIN_WAIT2 for the one that was: same owner, same time of entry. */
static void inherit(struct tct_tracker *tracker, struct tct_socket *mini,
		    const struct tct_socket *full, uint64_t time_ns)
{
	const struct tct_owner *owner = full ? tct_tasks_get(&tracker->tasks, full->owner) : NULL;
	bool same_state = full && full->state == mini->state;

	if (owner)
		tct_socket_set_owner(&tracker->tasks, mini, owner->pid, owner->comm, full->source);
	if (full)
		mini->flags |= full->flags & TCT_SOCK_LOCAL_PORT;
	if (same_state && full->flags & TCT_SOCK_EXACT)
		tct_mirror_enter(&tracker->mirror, mini, mini->state, full->entered_ns);
	if (!same_state || full->flags & TCT_SOCK_EXACT)
		mini->flags |= TCT_SOCK_EXACT;
	mini->flags |= TCT_SOCK_BORN;
	mini->born_ns = time_ns;
}

/* Whose mini-socket this is, its full socket's CLOSE will tell: the connection is the same. */
static void await_claim(struct tct_tracker *tracker, const struct tct_socket *mini)
{
	if (tracker->config.cookieless)
		tracker->unclaimed[tracker->unclaimed_at++ % TCT_UNCLAIMED_MAX] = mini->cookie;
}

static struct tct_socket *claim(struct tct_tracker *tracker, const struct tct_socket *full)
{
	if (!tracker->config.cookieless)
		return NULL;
	for (unsigned int i = 0; i < TCT_UNCLAIMED_MAX; i++) {
		uint64_t *key = &tracker->unclaimed[i];
		struct tct_socket *mini = *key ? tct_mirror_find(&tracker->mirror, *key, true) : NULL;

		if (!mini || !tct_identity_same_tuple(mini, full))
			continue;
		*key = 0;
		return mini;
	}
	return NULL;
}

struct tct_socket *tct_tracker_mini_of(struct tct_tracker *tracker, const struct tct_socket *full,
				       const struct tct_record_id *id)
{
	struct tct_socket *mini = claim(tracker, full);

	if (!mini)
		return tct_mirror_find(&tracker->mirror,
				       tct_identity_key(id->cookie, id->address), true);
	if (!(mini->flags & TCT_SOCK_SEEDED))
		inherit(tracker, mini, full, mini->entered_ns);
	return mini;
}

static void found_at(struct tct_socket *mini, uint64_t time_ns)
{
	mini->flags |= TCT_SOCK_SEEDED;
	mini->seen_ns = time_ns;
}

static void begin(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	const struct tct_socket *full = NULL;
	struct tct_socket *mini;

	if (rec->id.cookie)
		full = tct_mirror_find(&tracker->mirror, rec->id.cookie, false);
	/* without a cookie it could be any: one of a namespace that was not read at the start */
	if (!tracker->config.cookieless &&
	    (!rec->id.cookie || (!full && tracker->config.minis_need_socket)))
		return;
	mini = add_mini(tracker, rec);
	if (!mini)
		return;
	tct_mirror_enter(&tracker->mirror, mini, rec->substate, rec->id.time_ns);
	if (!full && rec->id.cookie && tct_tracker_is_unsure(tracker))
		found_at(mini, rec->id.time_ns);	/* it may as well be there for long */
	else if (rec->id.cookie && (full || !tracker->config.cookieless))
		inherit(tracker, mini, full, rec->id.time_ns);
	else
		await_claim(tracker, mini);
	tct_tracker_trim(tracker, mini, rec->id.time_ns);
}

void tct_tracker_tell_time_wait(struct tct_tracker *tracker, const struct tct_time_wait *ev)
{
	tracker->totals.events++;
	if (tracker->sink->time_wait)
		tracker->sink->time_wait(tracker->sink->ctx, ev);
}

static void tell_time_wait(struct tct_tracker *tracker, const struct tct_socket *mini,
			   enum tct_end end, uint64_t now_ns)
{
	bool exact = mini->flags & TCT_SOCK_EXACT;
	bool born = mini->flags & TCT_SOCK_BORN;
	struct tct_time_wait ev;

	if (!tracker->sink->time_wait) {
		tracker->totals.events++;
		return;
	}
	ev = (struct tct_time_wait){
		.mono_ns = now_ns,
		.who = tct_subject_of(&tracker->mirror, mini, tct_task_of(&tracker->tasks, mini)),
		.substate = mini->state,
		.duration_ns = exact ? (int64_t)(now_ns - mini->entered_ns) : TCT_UNKNOWN,
		.life_ns = born ? (int64_t)(now_ns - mini->born_ns) : TCT_UNKNOWN,
		.end = end,
		.rearmed = mini->rearmed,
	};

	tct_tracker_tell_time_wait(tracker, &ev);
}

static void tell_step(struct tct_tracker *tracker, const struct tct_socket *mini,
		      enum tct_state to, uint64_t now_ns)
{
	struct tct_transition ev;

	if (!tct_tracker_is_heard(tracker, mini->state, to)) {
		tracker->totals.events++;
		return;
	}
	ev = (struct tct_transition){
		.mono_ns = now_ns,
		.who = tct_subject_of(&tracker->mirror, mini, tct_task_of(&tracker->tasks, mini)),
		.from = mini->state,
		.to = to,
		.dwell_ns = mini->flags & TCT_SOCK_EXACT ? (int64_t)(now_ns - mini->entered_ns)
							 : TCT_UNKNOWN,
	};

	tct_tracker_tell(tracker, &ev);
}

static void tell_mini_teardown(struct tct_tracker *tracker, struct tct_socket *mini,
			       enum tct_end end, uint64_t now_ns)
{
	const struct tct_closing *closing = tct_pool_get(&tracker->closings, mini->closing);
	struct tct_closing unseen;
	struct tct_teardown ev;

	if (!closing && mini->state != TCT_FIN_WAIT2)
		return;
	ev = (struct tct_teardown){
		.mono_ns = now_ns,
		.who = tct_subject_of(&tracker->mirror, mini, tct_task_of(&tracker->tasks, mini)),
	};
	if (!closing) {		/* it was there before us */
		tct_closing_init(&unseen);
		closing = &unseen;
	}
	tct_teardown_make_mini(closing, end,
				mini->flags & TCT_SOCK_EXACT ? (int64_t)(now_ns - mini->entered_ns)
							     : TCT_UNKNOWN,
				&ev);
	tct_tracker_tell_teardown(tracker, &ev);
	tct_pool_free(&tracker->closings, mini->closing);
	mini->closing = 0;
}

/* `seen` is false when the moment of the FIN was not observed, only that it has come. */
static void fin_arrived(struct tct_tracker *tracker, struct tct_socket *mini, uint64_t now_ns,
			bool seen)
{
	if (!seen)
		mini->flags &= ~TCT_SOCK_EXACT;
	tell_time_wait(tracker, mini, TCT_END_FIN_ARRIVED, now_ns);
	tell_step(tracker, mini, TCT_TIME_WAIT, now_ns);
	tell_mini_teardown(tracker, mini, TCT_END_FIN_ARRIVED, now_ns);
	tct_stuck_left(&tracker->all->stuck, tracker->shard, mini, now_ns);
	tct_mirror_enter(&tracker->mirror, mini, TCT_TIME_WAIT, now_ns);
	mini->rearmed = 0;
	if (seen)
		mini->flags |= TCT_SOCK_EXACT;
}

void tct_tracker_fin_found(struct tct_tracker *tracker, struct tct_socket *mini, uint64_t now_ns)
{
	fin_arrived(tracker, mini, now_ns, false);
}

static void count_rearm(struct tct_tracker *tracker, struct tct_socket *mini, uint64_t now_ns)
{
	const struct tct_subject who = tct_subject_of(&tracker->mirror, mini, (struct tct_task){ 0 });

	mini->rearmed++;
	tct_rearms_add(&tracker->rearms, &who.tuple, now_ns);
}

static void rearm(struct tct_tracker *tracker, struct tct_socket *mini,
		  const struct tct_record_tw *rec)
{
	if (mini->state == TCT_FIN_WAIT2 && rec->substate == TCT_TIME_WAIT)
		fin_arrived(tracker, mini, rec->id.time_ns, true);
	else
		count_rearm(tracker, mini, rec->id.time_ns);
}

/* The iterator has read the mini-socket after this. */
static bool is_stale(const struct tct_socket *mini, const struct tct_record_tw *rec)
{
	return mini->flags & TCT_SOCK_SEEDED && rec->id.time_ns <= mini->seen_ns;
}

/* While programs are replaced, the others may have sent the same. An end is an end once only. */
static bool is_repeat(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	return rec->flags & TCT_TW_SECOND &&
	       tct_repeats_seen(&tracker->repeats,
				tct_identity_key(rec->id.cookie, rec->id.address),
				(uint32_t)rec->h.tag << 16 | rec->substate, rec->id.time_ns);
}

static void forget_missed(struct tct_tracker *tracker, struct tct_socket *mini, uint64_t now_ns)
{
	tracker->mismatches += !tracker->all->thinned;	/* else nobody told its end */
	tct_tracker_forget(tracker, mini, now_ns);
}

void tct_tracker_on_tw_start(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = find(tracker, &rec->id);

	if (is_repeat(tracker, rec))
		return;
	/* addresses are used again at once: not the one that was there, whose end was missed */
	if (mini && !tct_identity_has_tuple(&tracker->mirror, mini, &rec->id)) {
		forget_missed(tracker, mini, rec->id.time_ns);
		mini = NULL;
	}
	if (!mini)
		begin(tracker, rec);
	else if (is_stale(mini, rec))
		await_claim(tracker, mini);
	else if (!tracker->config.sees_segments || mini->state == TCT_FIN_WAIT2)
		rearm(tracker, mini, rec);	/* else by its segment, which is never missed */
}

void tct_tracker_on_tw_rearm(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = find(tracker, &rec->id);

	if (mini && !is_stale(mini, rec) && !is_repeat(tracker, rec))
		rearm(tracker, mini, rec);
}

/* TIME_WAIT was started just now: to the tick, since the segment is seen when it is freed. */
static bool is_new(const struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	int64_t hz = tracker->config.hz;

	return tracker->config.sees_segments && rec->left_jiffies >= TIME_WAIT_SECONDS * hz - 1;
}

/* The FIN that made it TIME_WAIT is itself seen here, after its timer. */
static bool is_first(const struct tct_socket *mini, const struct tct_record_tw *rec)
{
	return mini->flags & TCT_SOCK_EXACT &&
	       rec->id.time_ns < mini->entered_ns + FIRST_SEGMENT_NS;
}

void tct_tracker_on_tw_segment(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = find(tracker, &rec->id);

	if (!mini || rec->substate != TCT_TIME_WAIT || is_stale(mini, rec) ||
	    is_repeat(tracker, rec))
		return;
	if (mini->state == TCT_FIN_WAIT2)
		fin_arrived(tracker, mini, rec->id.time_ns, true);
	else if (is_new(tracker, rec) && !is_first(mini, rec))
		count_rearm(tracker, mini, rec->id.time_ns);
}

/* One whose full socket was filtered out was never told, and is not now. */
static bool was_told(const struct tct_tracker *tracker, const struct tct_socket *mini)
{
	return !tracker->config.minis_need_socket || !tracker->config.cookieless ||
	       mini->flags & TCT_SOCK_ANNOUNCED;
}

static void leave(struct tct_tracker *tracker, struct tct_socket *mini, enum tct_end end,
		  const struct tct_record_tw *rec)
{
	uint64_t now_ns = rec->id.time_ns;

	if (was_told(tracker, mini)) {
		if (mini->state == TCT_FIN_WAIT2 && rec->substate == TCT_TIME_WAIT)
			fin_arrived(tracker, mini, now_ns, false);
		tell_time_wait(tracker, mini, end, now_ns);
		tell_step(tracker, mini, TCT_CLOSE, now_ns);
		tell_mini_teardown(tracker, mini, end, now_ns);
	}
	tct_tracker_forget(tracker, mini, now_ns);
}

static enum tct_end end_of(const struct tct_tracker *tracker,
			   const struct tct_record_tw_cancel *rec)
{
	return tct_end_of_stack(rec->stack, TCT_STACK_DEPTH, rec->tw.substate,
				tracker->config.end_symbols);
}

/* Its event tells it; and of a FIN_WAIT2 it is what decides the connection's kind. */
static bool wants_end(const struct tct_tracker *tracker, const struct tct_socket *mini)
{
	return tracker->sink->time_wait || mini->closing || mini->state == TCT_FIN_WAIT2;
}

/* The mirror had no room for it, or nobody told it. */
static void left_unknown(struct tct_tracker *tracker, const struct tct_record_id *id)
{
	tct_audit_gone(tracker, tct_identity_key(id->cookie, id->address), true);
	if (tracker->beyond)
		tracker->beyond--;
}

void tct_tracker_on_tw_cancel(struct tct_tracker *tracker, const struct tct_record_tw_cancel *rec)
{
	struct tct_socket *mini = find(tracker, &rec->tw.id);
	enum tct_end end = end_of(tracker, rec);

	if (end == TCT_END_REARMED)
		return;
	if (mini)
		leave(tracker, mini, end, &rec->tw);
	else
		left_unknown(tracker, &rec->tw.id);
}

void tct_tracker_on_tw_end(struct tct_tracker *tracker, const struct tct_record_tw_cancel *rec)
{
	struct tct_socket *mini = find(tracker, &rec->tw.id);

	if (mini)
		leave(tracker, mini, wants_end(tracker, mini) ? end_of(tracker, rec)
							      : TCT_END_UNKNOWN, &rec->tw);
	else
		left_unknown(tracker, &rec->tw.id);
}

static int64_t left_ns(const struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	int64_t hz = tracker->config.hz, most = LEFT_SECONDS_MAX * hz;

	if (rec->left_jiffies < -most || rec->left_jiffies > most || !hz)
		return TCT_UNKNOWN;
	return rec->left_jiffies * (NS_PER_SECOND / hz);
}

struct tct_socket *tct_tracker_seed_mini(struct tct_tracker *tracker,
					 const struct tct_record_tw *rec)
{
	struct tct_socket *mini = add_mini(tracker, rec);

	if (!mini)
		return NULL;
	found_at(mini, rec->id.time_ns);
	tct_mirror_seed(&tracker->mirror, mini, rec->substate, rec->id.time_ns);
	return mini;
}

void tct_tracker_on_tw_sock(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = find(tracker, &rec->id);

	if (mini && mini->state == rec->substate)
		tct_facts_add_mini(&tracker->all->reading.facts, tracker->shard, mini,
				   rec->id.time_ns, left_ns(tracker, rec));
	if (mini || !tracker->mirror.seeding || tracker->config.minis_need_socket)
		return;
	if (!tct_tracker_has_room(tracker, rec->substate)) {
		tct_tracker_miss(tracker);
		return;
	}
	mini = tct_tracker_seed_mini(tracker, rec);
	if (mini)
		tct_tracker_trim(tracker, mini, rec->id.time_ns);
}
