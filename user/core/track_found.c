// SPDX-License-Identifier: GPL-2.0
/* What the iterators find: sockets that are there, and who holds them. */
#include "identity.h"
#include "subject.h"
#include "tracker_internal.h"

static void judge_close_wait(struct tct_socket *sock, const struct tct_record_sock *rec)
{
	int32_t unread = (int32_t)(rec->rcv_nxt - rec->copied_seq);	/* the FIN counts as one */

	sock->unread = unread > 1 ? (uint32_t)unread - 1 : 0;
	if (rec->flags & TCT_SOCK_QUEUED)
		sock->verdict = TCT_NOT_ACCEPTED;
	else if (unread > 1)
		sock->verdict = TCT_UNREAD_DATA;
	else
		sock->verdict = unread == 1 ? TCT_EOF_NOT_READ : TCT_EOF_READ_NOT_CLOSED;
}

/*
 * The entry of a state that a segment of the peer made was no later than the last segment from
 * it; all others no later than now.
 */
static uint64_t entered_by(const struct tct_record_sock *rec)
{
	bool by_peer = rec->to == TCT_CLOSE_WAIT || rec->to == TCT_FIN_WAIT2 ||
		       rec->to == TCT_CLOSING;

	if (!by_peer || !(rec->flags & TCT_SOCK_PEER_SEEN) || rec->rcv_age_ns > rec->id.time_ns)
		return rec->id.time_ns;
	return rec->id.time_ns - rec->rcv_age_ns;
}

void tct_tracker_on_sock(struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	struct tct_socket *sock = tct_tracker_find(tracker, &rec->id);

	if (!sock && !tracker->mirror.seeding)
		return;
	if (!sock) {
		sock = tct_tracker_add(tracker, &rec->id);
		if (!sock)
			return;
		sock->flags |= TCT_SOCK_SEEDED;
		sock->seen_ns = rec->id.time_ns;
		tct_tracker_learn_side(tracker, sock, rec);
		tct_mirror_enter(&tracker->mirror, sock, rec->to, entered_by(rec));
	}
	tct_socket_learn(sock, &rec->id);
	if (sock->state == TCT_CLOSE_WAIT && rec->to == TCT_CLOSE_WAIT)
		judge_close_wait(sock, rec);
}

void tct_tracker_on_owner(struct tct_tracker *tracker, const struct tct_record_owner *rec)
{
	struct tct_socket *sock = tct_identity_find(&tracker->mirror, rec->cookie, rec->address,
						    false);

	if (sock && (!sock->owner || sock->source == TCT_OWNER_CLOSE))
		tct_socket_set_owner(&tracker->tasks, sock, rec->pid, rec->comm, TCT_OWNER_ITER);
	tct_owners_add(&tracker->owners, rec);
}
