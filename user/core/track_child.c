// SPDX-License-Identifier: GPL-2.0
/* How a listener's sockets begin, where their first event does not show who they are. */
#include "identity.h"
#include "subject.h"
#include "tracker_internal.h"

/* Up to 6.12 the child's first event shows its listener's cookie, and no peer. */
static bool shows_listener(const struct tct_record_sock *rec)
{
	return rec->from == TCT_LISTEN && rec->to == TCT_SYN_RECV && !rec->id.rport;
}

/* Known by its address until its next event, which shows its own cookie and its peer. */
bool tct_tracker_expect_child(struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	struct tct_record_id id;
	struct tct_socket *child;

	if (!shows_listener(rec))
		return false;
	id = rec->id;
	id.cookie = 0;
	child = tct_tracker_find(tracker, &id);
	if (child && tct_tracker_is_repeat(tracker, child, rec))
		return true;
	tracker->received++;
	if (child)	/* the end of one that was here before was missed */
		tct_tracker_forget(tracker, child, id.time_ns);
	child = tct_tracker_add(tracker, &id);
	if (!child)
		return true;
	tct_tracker_learn_side(tracker, child, rec);
	tct_tracker_enter(tracker, child, rec);
	child->flags |= TCT_SOCK_UNTOLD;
	tct_tracker_trim(tracker, child, id.time_ns);
	return true;
}

void tct_tracker_tell_birth(struct tct_tracker *tracker, struct tct_socket *child,
			    const struct tct_record_sock *rec)
{
	struct tct_transition ev = {
		.mono_ns = child->entered_ns,
		.who = tct_subject_of(&tracker->mirror, child, tct_task_of(&tracker->tasks, child)),
		.from = TCT_LISTEN,
		.to = TCT_SYN_RECV,
		.dwell_ns = TCT_UNKNOWN,
	};

	child->flags &= ~TCT_SOCK_UNTOLD;
	if (rec->from == TCT_SYN_RECV && !tct_tracker_is_thinned(tracker, rec))
		tct_tracker_tell(tracker, &ev);
}

void tct_tracker_drop_expected(struct tct_tracker *tracker, const struct tct_socket *sock,
			       const struct tct_record_sock *rec)
{
	struct tct_socket *child;

	if (rec->from != TCT_SYN_RECV || !rec->id.cookie || !tracker->mirror.by_address)
		return;
	child = tct_mirror_find(&tracker->mirror, tct_identity_key(0, rec->id.address), false);
	if (child && child != sock && child->flags & TCT_SOCK_UNTOLD)
		tct_tracker_forget(tracker, child, rec->id.time_ns);
}
