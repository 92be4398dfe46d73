// SPDX-License-Identifier: GPL-2.0
/* What the iterators find: sockets that are there, and who holds them. */
#include "identity.h"
#include "shards.h"
#include "subject.h"
#include "tracker_internal.h"

struct tct_socket *tct_tracker_seed(struct tct_tracker *tracker, const struct tct_record_sock *rec,
				    uint64_t entered_ns)
{
	struct tct_socket *sock = tct_tracker_add(tracker, &rec->id);

	if (!sock)
		return NULL;
	sock->flags |= TCT_SOCK_SEEDED;
	sock->seen_ns = rec->id.time_ns;
	tct_tracker_learn_side(tracker, sock, rec);
	tct_mirror_seed(&tracker->mirror, sock, rec->to, entered_ns);
	return sock;
}

/*
 * A child that is known by its address may have left it to the one that was found there, when the
 * events that tell so are still on their way. Audits, which wait for these, tie the two.
 */
static bool may_be_another(const struct tct_tracker *tracker, const struct tct_record_id *id)
{
	const struct tct_socket *child;

	if (!id->cookie || !tracker->mirror.by_address ||
	    tct_mirror_find(&tracker->mirror, id->cookie, false))
		return false;
	child = tct_mirror_find(&tracker->mirror, tct_identity_key(0, id->address), false);
	return child && child->flags & TCT_SOCK_UNTOLD;
}

static struct tct_socket *find_or_seed(struct tct_tracker *tracker,
				       const struct tct_record_sock *rec, uint64_t entered_ns)
{
	struct tct_socket *sock;

	if (!tracker->mirror.seeding && may_be_another(tracker, &rec->id))
		return NULL;
	sock = tct_tracker_find(tracker, &rec->id);
	if (sock) {
		tct_socket_learn(&tracker->mirror, sock, &rec->id);
		return sock;
	}
	if (!tracker->mirror.seeding)
		return NULL;
	if (!tct_tracker_has_room(tracker, rec->to)) {
		tct_tracker_miss(tracker);
		return NULL;
	}
	sock = tct_tracker_seed(tracker, rec, entered_ns);
	if (sock)
		tct_tracker_trim(tracker, sock, rec->id.time_ns);
	return sock;
}

/* What was there before us was in its state no later than this. */
uint64_t tct_tracker_entered_by(const struct tct_record_found *rec)
{
	uint64_t age_ns = tct_found_age(rec), now_ns = rec->sock.id.time_ns;

	return age_ns < now_ns ? now_ns - age_ns : now_ns;
}

void tct_tracker_on_sock(struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	find_or_seed(tracker, rec, rec->id.time_ns);
}

/* By the scan that goes on, for findings. */
static bool is_read(const struct tct_tracker *tracker, enum tct_state state)
{
	return tracker->all->stuck.reading >> state & 1;
}

/*
 * Without memory it has no verdict: nothing is known of it. A request has no events: nobody would
 * tell that it is gone, so only one look shows it.
 */
void tct_tracker_on_found(struct tct_tracker *tracker, const struct tct_record_found *rec)
{
	const struct tct_record_sock *found = &rec->sock;
	struct tct_socket *sock;

	if (found->to == TCT_NEW_SYN_RECV && !tracker->config.stuck.once)
		return;
	sock = find_or_seed(tracker, found, tct_tracker_entered_by(rec));
	if (!sock || sock->state != found->to)
		return;
	if (sock->state == TCT_NEW_SYN_RECV)	/* its age is no bound, its port the listener's */
		sock->flags |= TCT_SOCK_EXACT | TCT_SOCK_LOCAL_PORT;
	if (is_read(tracker, sock->state))
		tct_facts_add(&tracker->all->reading.facts, tracker->shard, sock, rec);
}

/* Which port is the service's: what was not seen opening it is guessed, at the start all at once. */
static bool is_passive(const struct tct_tracker *tracker, const struct tct_record_stays *rec)
{
	const struct tct_record_id *id = &rec->found.sock.id;

	if (rec->flags & (TCT_STAY_PASSIVE | TCT_STAY_ACTIVE))
		return rec->flags & TCT_STAY_PASSIVE;
	return !tracker->mirror.seeding &&
	       tct_sides_guess(&tracker->all->sides, id->lport, id->rport);
}

void tct_tracker_on_stays(struct tct_tracker *tracker, const struct tct_record_stays *rec)
{
	const struct tct_record_sock *found = &rec->found.sock;
	struct tct_socket *sock = tct_tracker_find(tracker, &found->id);
	uint64_t entered_ns = rec->entered_ns ? rec->entered_ns
					      : tct_tracker_entered_by(&rec->found);

	if (sock)
		return;
	if (!tct_tracker_has_room(tracker, found->to)) {
		tct_tracker_miss(tracker);
		return;
	}
	sock = tct_tracker_seed(tracker, found, entered_ns);
	if (!sock)
		return;
	if (rec->entered_ns)
		sock->flags |= TCT_SOCK_EXACT;
	if (is_passive(tracker, rec))
		sock->flags |= TCT_SOCK_LOCAL_PORT;
	tct_tracker_trim(tracker, sock, found->id.time_ns);
}

/*
 * Who holds what can be stuck is kept until the scan ends; of all others, which on a large host are
 * nearly all, the mirror has one owner. One look asks for the first only, and for nothing else.
 */
void tct_tracker_on_owner(struct tct_tracker *tracker, const struct tct_record_owner *rec)
{
	struct tct_socket *sock;

	if (tracker->config.stuck.once) {
		tct_owners_add(&tracker->all->reading.owners, rec);
		return;
	}
	sock = tct_identity_find(&tracker->mirror, rec->cookie, rec->address, false);
	if (!sock)
		return;
	if (!sock->owner || sock->source == TCT_OWNER_CLOSE)
		tct_socket_set_owner(&tracker->tasks, sock, rec->pid, rec->comm, TCT_OWNER_ITER);
	if (is_read(tracker, sock->state))
		tct_owners_add(&tracker->all->reading.owners, rec);
}
