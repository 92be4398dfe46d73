// SPDX-License-Identifier: GPL-2.0
/* How full sockets end: what is remembered of a closing, its teardown, and its reset. */
#include "identity.h"
#include "subject.h"
#include "tracker_internal.h"

#define LOSS_IS_RECENT_NS 1000000000ull	/* losses are noted so late at most */

static uint64_t lost_so_far(const struct tct_tracker *tracker)
{
	return tracker->all->losses[TCT_LOSS_RING] + tracker->all->losses[TCT_LOSS_HOOK];
}

/*
 * What did not come is known not to have been: nothing was lost meanwhile, nor just before, when the
 * mini-socket was made.
 */
static bool is_all(const struct tct_tracker *tracker, const struct tct_ending *ending)
{
	uint64_t lost_ns = tracker->all->lost_ns;
	bool recent = lost_ns && ending->rec.id.time_ns < lost_ns + LOSS_IS_RECENT_NS;

	return ending->lost == lost_so_far(tracker) && !recent && !tracker->all->thinned;
}

static enum tct_reset sure(const struct tct_tracker *tracker, const struct tct_ending *ending,
			   enum tct_reset reset)
{
	if (reset == TCT_RESET_NONE && (!tracker->config.sees_resets || !is_all(tracker, ending)))
		return TCT_RESET_UNKNOWN;
	return reset;
}

static void tell_never_created(struct tct_tracker *tracker, const struct tct_ending *ending,
			       enum tct_state substate)
{
	struct tct_time_wait ev = {
		.mono_ns = ending->rec.id.time_ns,
		.who = ending->who,
		.substate = substate,
		.end = TCT_END_NEVER_CREATED,
	};

	tct_tracker_tell_time_wait(tracker, &ev);
}

/* 0: our FIN was needed once only; 1: the peer, in TIME_WAIT on this host, got it again. */
static int64_t last_ack_lost(const struct tct_tracker *tracker, const struct tct_ending *ending,
			     const struct tct_teardown *ev)
{
	int64_t dwell_ns = ev->dwell_ns[TCT_LAST_ACK];

	if (ending->rec.from != TCT_LAST_ACK || ev->fin_retransmits == TCT_UNKNOWN)
		return TCT_UNKNOWN;
	if (ev->kind != TCT_KIND_ORDERLY && ev->kind != TCT_KIND_ORDERLY_MERGED)
		return TCT_UNKNOWN;
	if (!ev->fin_retransmits)
		return 0;
	if (dwell_ns == TCT_UNKNOWN ||
	    !tct_rearms_of_peer(&tracker->rearms, &ending->who.tuple,
				ev->mono_ns - (uint64_t)dwell_ns))
		return TCT_UNKNOWN;
	return 1;
}

static void tell_ending(void *ctx, struct tct_ending *ending, enum tct_reset reset)
{
	struct tct_tracker *tracker = ctx;
	struct tct_teardown ev = { .mono_ns = ending->rec.id.time_ns, .who = ending->who };
	enum tct_reset known = sure(tracker, ending, reset);
	enum tct_state missing = tct_teardown_never_created(&ending->rec, ending->to, known);

	if (missing && is_all(tracker, ending) && !tracker->beyond)
		tell_never_created(tracker, ending, missing);
	tct_teardown_make(&ending->closing, &ending->rec, ending->to, known, &ev);
	ev.last_ack_lost = last_ack_lost(tracker, ending, &ev);
	tct_tracker_tell_teardown(tracker, &ev);
}

void tct_tracker_settle(struct tct_tracker *tracker, uint64_t now_ns)
{
	tct_pending_expire(&tracker->pending, now_ns, tell_ending, tracker);
}

void tct_tracker_flush(struct tct_tracker *tracker)
{
	tct_pending_flush(&tracker->pending, tell_ending, tracker);
}

void tct_tracker_tell_teardown(struct tct_tracker *tracker, struct tct_teardown *ev)
{
	tracker->totals.teardowns[ev->kind]++;
	if (tracker->sink->teardown)
		tracker->sink->teardown(tracker->sink->ctx, ev);
}

static bool is_open(enum tct_state state)
{
	return state == TCT_SYN_SENT || state == TCT_SYN_RECV;
}

/* What the opening took is kept in the socket until there is a closing to keep it. */
static struct tct_closing *start_closing(struct tct_tracker *tracker, struct tct_socket *sock)
{
	struct tct_closing *closing;

	if (!sock->closing) {
		sock->closing = tct_pool_alloc(&tracker->closings);
		closing = tct_pool_get(&tracker->closings, sock->closing);
		if (!closing)
			return NULL;
		tct_closing_init(closing);
		if (!(sock->flags & TCT_SOCK_SEEDED) && sock->handshake_ns)
			tct_closing_stayed(closing, sock->flags & TCT_SOCK_LOCAL_PORT
							    ? TCT_SYN_RECV : TCT_SYN_SENT,
					   (int64_t)sock->handshake_ns);
	}
	tct_pool_touch(&tracker->closings, sock->closing);
	return tct_pool_get(&tracker->closings, sock->closing);
}

struct tct_closing *tct_tracker_step_closing(struct tct_tracker *tracker, struct tct_socket *sock,
					     const struct tct_record_sock *rec, int64_t dwell_ns)
{
	struct tct_closing *closing;

	if (is_open(rec->from) && rec->to == TCT_ESTABLISHED && dwell_ns > 0 &&
	    !(sock->flags & TCT_SOCK_SEEDED))
		sock->handshake_ns = (uint64_t)dwell_ns;
	if (rec->from == TCT_LISTEN || rec->from == TCT_CLOSE || rec->to == TCT_ESTABLISHED ||
	    is_open(rec->to))
		return NULL;
	if (rec->h.tag == TCT_REC_STEP) {	/* without its numbers it is as good as unseen */
		sock->flags |= TCT_SOCK_GAP;
		return NULL;
	}
	closing = start_closing(tracker, sock);
	if (!closing)
		return NULL;
	if (sock->flags & TCT_SOCK_GAP)
		tct_closing_gap(closing);
	sock->flags &= ~TCT_SOCK_GAP;
	tct_closing_step(closing, rec, dwell_ns);
	return closing;
}

/* A mini-socket that is missing is only known to be when no loss turns up either. */
static bool has_to_wait(const struct tct_tracker *tracker, const struct tct_closing *closing,
			const struct tct_record_sock *rec, enum tct_state to)
{
	if (tct_teardown_never_created(rec, to, TCT_RESET_NONE))
		return true;
	return tracker->config.sees_resets && tct_teardown_awaits_reset(closing, rec, to);
}

static void end(struct tct_tracker *tracker, const struct tct_socket *sock,
		const struct tct_record_sock *rec, enum tct_state to,
		const struct tct_closing *closing, bool waits)
{
	struct tct_ending ending = {
		.who = tct_subject_of(&tracker->mirror, sock, tct_task_of(&tracker->tasks, sock)),
		.to = to,
		.lost = lost_so_far(tracker),
		.rec = *rec,
		.closing = *closing,
	};

	if (waits)
		tct_pending_hold(&tracker->pending, &ending, tell_ending, tracker);
	else
		tell_ending(tracker, &ending, TCT_RESET_UNKNOWN);
}

/* Of one that nobody waits for and nobody takes, only its kind is counted. */
void tct_tracker_finish(struct tct_tracker *tracker, const struct tct_socket *sock,
			const struct tct_record_sock *rec, enum tct_state to,
			const struct tct_closing *closing)
{
	bool waits = closing && has_to_wait(tracker, closing, rec, to);

	if (waits || (closing && tracker->sink->teardown))
		end(tracker, sock, rec, to, closing, waits);
	else if (closing)
		tracker->totals.teardowns[tct_teardown_kind(closing, rec, to,
							    TCT_RESET_UNKNOWN)]++;
}

/* One that is still opening sends resets to segments of others, and goes on. */
void tct_tracker_on_reset(struct tct_tracker *tracker, const struct tct_record_reset *rec)
{
	const char *reason = tracker->config.reset_reason
				     ? tracker->config.reset_reason(rec->reason) : NULL;
	struct tct_socket *sock = tct_tracker_find(tracker, &rec->id);
	struct tct_closing *closing;

	if (!sock) {
		tct_pending_reset(&tracker->pending,
				  tct_identity_key(rec->id.cookie, rec->id.address), reason,
				  tell_ending, tracker);
		return;
	}
	closing = is_open(rec->state) ? NULL : start_closing(tracker, sock);
	if (!closing)
		return;
	closing->reset_reason = reason;
	closing->reset_sent = true;
}
