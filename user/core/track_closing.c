// SPDX-License-Identifier: GPL-2.0
/* How full sockets end: what is remembered of a closing, its teardown, and its reset. */
#include "identity.h"
#include "tracker_internal.h"

static void tell_held(void *ctx, struct tct_teardown *ev)
{
	tct_tracker_tell_teardown(ctx, ev);
}

void tct_tracker_settle(struct tct_tracker *tracker, uint64_t now_ns)
{
	tct_resets_expire(&tracker->resets, now_ns, tell_held, tracker);
}

uint64_t tct_tracker_settles_at(const struct tct_tracker *tracker)
{
	return tct_resets_deadline(&tracker->resets);
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
			closing->dwell_ns[sock->flags & TCT_SOCK_LOCAL_PORT ? TCT_SYN_RECV
									    : TCT_SYN_SENT] =
				(int64_t)sock->handshake_ns;
	}
	return tct_pool_get(&tracker->closings, sock->closing);
}

struct tct_closing *tct_tracker_step_closing(struct tct_tracker *tracker, struct tct_socket *sock,
					     const struct tct_record_sock *rec, int64_t dwell_ns)
{
	struct tct_closing *closing;

	if (is_open(rec->from) && rec->to == TCT_ESTABLISHED && dwell_ns > 0 &&
	    !(sock->flags & TCT_SOCK_SEEDED))
		sock->handshake_ns = (uint64_t)dwell_ns;
	if (rec->h.tag == TCT_REC_STEP || rec->from == TCT_LISTEN || rec->from == TCT_CLOSE ||
	    rec->to == TCT_ESTABLISHED || is_open(rec->to))
		return NULL;
	closing = start_closing(tracker, sock);
	if (closing)
		tct_closing_step(closing, rec, dwell_ns);
	return closing;
}

/* An end without an error, made here: close() and disconnect send the reset only after it. */
static bool awaits_reset(const struct tct_tracker *tracker, const struct tct_teardown *ev,
			 const struct tct_record_sock *rec)
{
	if (!tracker->config.reset_reason || ev->reset_reason || rec->err)
		return false;
	return ev->kind == TCT_KIND_ABORT_UNREAD || ev->kind == TCT_KIND_ABORT_LINGER ||
	       (ev->kind == TCT_KIND_UNKNOWN && rec->from != TCT_LAST_ACK);
}

void tct_tracker_finish(struct tct_tracker *tracker, const struct tct_transition *transition,
			const struct tct_closing *closing, const struct tct_record_sock *rec)
{
	struct tct_teardown ev = { .mono_ns = rec->id.time_ns, .who = transition->who };

	if (!closing)
		return;
	tct_closing_finish(closing, rec, transition->to, &ev);
	if (awaits_reset(tracker, &ev, rec))
		tct_resets_hold(&tracker->resets, &ev, tell_held, tracker);
	else
		tct_tracker_tell_teardown(tracker, &ev);
}

void tct_tracker_on_reset(struct tct_tracker *tracker, const struct tct_record_reset *rec)
{
	const char *reason = tracker->config.reset_reason
				     ? tracker->config.reset_reason(rec->reason) : NULL;
	struct tct_socket *sock = tct_tracker_find(tracker, &rec->id);
	struct tct_closing *closing = sock ? start_closing(tracker, sock) : NULL;

	if (closing)
		closing->reset_reason = reason;
	else
		tct_resets_arrived(&tracker->resets,
				   tct_identity_key(rec->id.cookie, rec->id.address), reason,
				   tell_held, tracker);
}
