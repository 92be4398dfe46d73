// SPDX-License-Identifier: GPL-2.0
/*
 * Mini-sockets. Their hand-over is told when the full socket closes, since that record has the
 * state it left; here are their arrival, the FIN that takes one from FIN_WAIT2 to TIME_WAIT, and
 * their end.
 */
#include "subject.h"
#include "tracker_internal.h"

static struct tct_socket *add_mini(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = tct_mirror_add(&tracker->mirror, rec->id.cookie, true);

	if (!mini) {
		tct_tracker_loss(tracker, TCT_LOSS_MIRROR, tracker->losses[TCT_LOSS_MIRROR] + 1,
				 rec->id.time_ns);
		return NULL;
	}
	tct_socket_learn(mini, &rec->id);
	return mini;
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

static void begin(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	const struct tct_socket *full = tct_mirror_find(&tracker->mirror, rec->id.cookie, false);
	struct tct_socket *mini;

	/* without a cookie it could be any: one of a namespace that was not read at the start */
	if (!rec->id.cookie || (!full && tracker->config.minis_need_socket))
		return;
	mini = add_mini(tracker, rec);
	if (!mini)
		return;
	tct_mirror_enter(&tracker->mirror, mini, rec->substate, rec->id.time_ns);
	inherit(tracker, mini, full, rec->id.time_ns);
}

static void tell_time_wait(struct tct_tracker *tracker, const struct tct_socket *mini,
			   enum tct_end end, uint64_t now_ns)
{
	bool exact = mini->flags & TCT_SOCK_EXACT;
	bool born = mini->flags & TCT_SOCK_BORN;
	struct tct_time_wait ev = {
		.mono_ns = now_ns,
		.who = tct_subject_of(mini, tct_task_of(&tracker->tasks, mini)),
		.substate = mini->state,
		.duration_ns = exact ? (int64_t)(now_ns - mini->entered_ns) : TCT_UNKNOWN,
		.life_ns = born ? (int64_t)(now_ns - mini->born_ns) : TCT_UNKNOWN,
		.end = end,
		.rearmed = mini->rearmed,
	};

	tracker->totals.events++;
	if (tracker->sink->time_wait)
		tracker->sink->time_wait(tracker->sink->ctx, &ev);
}

static void tell_step(struct tct_tracker *tracker, const struct tct_socket *mini,
		      enum tct_state to, uint64_t now_ns)
{
	struct tct_transition ev = {
		.mono_ns = now_ns,
		.who = tct_subject_of(mini, tct_task_of(&tracker->tasks, mini)),
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
	struct tct_teardown ev = { .mono_ns = now_ns,
				   .who = tct_subject_of(mini, tct_task_of(&tracker->tasks, mini)) };

	if (!closing)
		return;
	tct_closing_finish_mini(closing, end,
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
	tct_mirror_enter(&tracker->mirror, mini, TCT_TIME_WAIT, now_ns);
	mini->rearmed = 0;
	if (seen)
		mini->flags |= TCT_SOCK_EXACT;
}

void tct_tracker_on_tw_start(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = tct_mirror_find(&tracker->mirror, rec->id.cookie, true);

	if (!mini) {
		begin(tracker, rec);
		return;
	}
	/* the iterator found it after this, its start */
	if (mini->flags & TCT_SOCK_SEEDED && rec->id.time_ns <= mini->seen_ns)
		return;
	if (mini->state == TCT_FIN_WAIT2 && rec->substate == TCT_TIME_WAIT)
		fin_arrived(tracker, mini, rec->id.time_ns, true);
	else
		mini->rearmed++;
}

void tct_tracker_on_tw_segment(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = tct_mirror_find(&tracker->mirror, rec->id.cookie, true);

	if (mini && mini->state == TCT_FIN_WAIT2 && rec->substate == TCT_TIME_WAIT)
		fin_arrived(tracker, mini, rec->id.time_ns, true);
}

void tct_tracker_on_tw_cancel(struct tct_tracker *tracker, const struct tct_record_tw_cancel *rec)
{
	uint64_t now_ns = rec->tw.id.time_ns;
	struct tct_socket *mini = tct_mirror_find(&tracker->mirror, rec->tw.id.cookie, true);
	enum tct_end end = tct_end_of_stack(rec->stack, TCT_STACK_DEPTH, rec->tw.substate,
					    tracker->config.end_symbols);

	if (!mini || end == TCT_END_REARMED)
		return;
	if (mini->state == TCT_FIN_WAIT2 && rec->tw.substate == TCT_TIME_WAIT)
		fin_arrived(tracker, mini, now_ns, false);
	tell_time_wait(tracker, mini, end, now_ns);
	tell_step(tracker, mini, TCT_CLOSE, now_ns);
	tell_mini_teardown(tracker, mini, end, now_ns);
	tct_tracker_forget(tracker, mini, now_ns);
}

void tct_tracker_on_tw_sock(struct tct_tracker *tracker, const struct tct_record_tw *rec)
{
	struct tct_socket *mini = tct_mirror_find(&tracker->mirror, rec->id.cookie, true);

	if (mini || !tracker->mirror.seeding || tracker->config.minis_need_socket)
		return;
	mini = add_mini(tracker, rec);
	if (!mini)
		return;
	mini->flags |= TCT_SOCK_SEEDED;
	mini->seen_ns = rec->id.time_ns;
	tct_mirror_enter(&tracker->mirror, mini, rec->substate, rec->id.time_ns);
}
