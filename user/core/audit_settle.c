// SPDX-License-Identifier: GPL-2.0
/* The second reading: what still differs, and how the mirror is put right. */
#include "audit_internal.h"
#include "identity.h"
#include "subject.h"
#include "tracker_internal.h"

/* What an iterator found, whichever record told it. */
struct look {
	const struct tct_record_id *id;
	const struct tct_record_sock *full;	/* or */
	const struct tct_record_tw *mini;
	enum tct_state state;
	uint64_t entered_ns;	/* no later than */
};

static bool look_at(const struct tct_decoded *rec, struct look *out)
{
	switch (rec->tag) {
	case TCT_REC_SOCK:
		*out = (struct look){ .id = &rec->sock->id, .full = rec->sock,
				      .state = rec->sock->to,
				      .entered_ns = rec->sock->id.time_ns };
		return true;
	case TCT_REC_FOUND:
		*out = (struct look){ .id = &rec->found->sock.id, .full = &rec->found->sock,
				      .state = rec->found->sock.to,
				      .entered_ns = tct_tracker_entered_by(rec->found) };
		return out->state != TCT_NEW_SYN_RECV;
	case TCT_REC_TW_SOCK:
		*out = (struct look){ .id = &rec->tw->id, .mini = rec->tw,
				      .state = rec->tw->substate,
				      .entered_ns = rec->tw->id.time_ns };
		return true;
	case TCT_REC_STATE:
	case TCT_REC_STEP:
	case TCT_REC_STAYS:
	case TCT_REC_TW_START:
	case TCT_REC_TW_REARM:
	case TCT_REC_TW_SEGMENT:
	case TCT_REC_TW_CANCEL:
	case TCT_REC_TW_END:
	case TCT_REC_RESET:
	case TCT_REC_OWNER:
	case TCT_REC_PRESENT:
	case TCT_REC_HOLDER:
		break;
	}
	return false;
}

static void tell(struct tct_tracker *tracker, const struct tct_socket *sock, enum tct_drift drift,
		 enum tct_state mirror, enum tct_state kernel, uint64_t now_ns)
{
	const struct tct_difference ev = {
		.mono_ns = now_ns,
		.drift = drift,
		.who = tct_subject_of(&tracker->mirror, sock, tct_task_of(&tracker->tasks, sock)),
		.mirror = mirror,
		.kernel = kernel,
	};
	struct tct_shards *all = tracker->all;

	all->audit.told.drift[drift]++;
	all->repaired++;
	if (all->sink->difference)
		all->sink->difference(all->sink->ctx, &ev);
}

/* Of a namespace that was not read before, or left out knowingly: no fault of the mirror's. */
static bool was_to_be_seeded(const struct tct_tracker *tracker, const struct tct_key *suspect)
{
	const struct tct_auditor *audit = &tracker->all->audit;

	return tracker->audit.was_short || (suspect->mini && audit->thinned) ||
	       !tct_keys_find(&audit->known, suspect->netns, false);
}

static void add(struct tct_tracker *tracker, const struct tct_key *suspect,
		const struct look *look)
{
	struct tct_auditor *audit = &tracker->all->audit;
	struct tct_socket *sock;

	if (!tct_tracker_has_room(tracker, look->state)) {
		tct_audit_short(tracker);
		return;
	}
	sock = look->mini ? tct_tracker_seed_mini(tracker, look->mini)
			  : tct_tracker_seed(tracker, look->full, look->entered_ns);
	if (!sock)
		return;
	tracker->unowned |= look->state == TCT_ESTABLISHED;
	if (tct_sides_guess(&tracker->all->sides, sock->lport, sock->rport))
		sock->flags |= TCT_SOCK_LOCAL_PORT;
	if (was_to_be_seeded(tracker, suspect)) {
		audit->told.seeded++;
	} else {
		sock->flags |= TCT_SOCK_REPAIRED | TCT_SOCK_GAP;
		tell(tracker, sock, TCT_DRIFT_MISSING, TCT_NONE, look->state, look->id->time_ns);
	}
	tct_tracker_trim(tracker, sock, look->id->time_ns);
}

static bool is_held_back(const struct tct_tracker *tracker, const struct look *look)
{
	return tracker->config.holds_back &&
	       (look->state == TCT_SYN_SENT || look->state == TCT_SYN_RECV);
}

static void settle_missing(struct tct_tracker *tracker, const struct tct_key *suspect,
			   const struct look *look)
{
	struct tct_auditor *audit = &tracker->all->audit;

	if (is_held_back(tracker, look) ||
	    tct_audit_has_departed(tracker, look->id->cookie, look->id->address, suspect->mini))
		audit->told.races++;
	else if (!tracker->audit.departed.overflowed)
		add(tracker, suspect, look);
}

/* Silently: who goes on from here does not know how it got there. */
static void put_right(struct tct_tracker *tracker, struct tct_socket *sock,
		      const struct look *look)
{
	tct_stuck_left(&tracker->all->stuck, tracker->shard, sock, look->id->time_ns);
	if (look->mini) {
		tct_pool_free(&tracker->closings, sock->closing);
		sock->closing = 0;
	}
	sock->flags &= ~(TCT_SOCK_EXACT | TCT_SOCK_BORN | TCT_SOCK_UNTOLD);
	sock->flags |= TCT_SOCK_SEEDED | TCT_SOCK_GAP;
	sock->seen_ns = look->id->time_ns;
	sock->verdict = TCT_VERDICT_NONE;
	tct_socket_learn(&tracker->mirror, sock, look->id);
	tct_mirror_seed(&tracker->mirror, sock, look->state, look->entered_ns);
}

/* By the timer alone a FIN that comes to a mini-socket within two seconds is not seen. */
static bool is_unseen_fin(const struct tct_tracker *tracker, const struct tct_socket *sock,
			  const struct look *look)
{
	return look->mini && !tracker->config.sees_segments && sock->state == TCT_FIN_WAIT2 &&
	       look->state == TCT_TIME_WAIT;
}

static void settle_state(struct tct_tracker *tracker, struct tct_socket *sock,
			 const struct look *look)
{
	struct tct_auditor *audit = &tracker->all->audit;
	enum tct_state was = sock->state;

	if (was == look->state || tct_audit_changed_ns(sock) >= audit->begun_ns) {
		audit->told.races++;
	} else if (is_unseen_fin(tracker, sock, look)) {
		audit->told.races++;
		tct_tracker_fin_found(tracker, sock, look->id->time_ns);
	} else {
		put_right(tracker, sock, look);
		if (look->mini && audit->thinned)
			return;
		sock->flags |= TCT_SOCK_REPAIRED;
		tell(tracker, sock, TCT_DRIFT_STATE, was, look->state, look->id->time_ns);
	}
}

static struct tct_key *find_suspect(const struct tct_auditor *audit, const struct look *look)
{
	bool mini = look->mini;
	struct tct_key *suspect = tct_keys_find(&audit->suspects,
						tct_identity_key(look->id->cookie,
								 look->id->address), mini);

	if (suspect || !look->id->cookie)
		return suspect;
	return tct_keys_find(&audit->suspects, tct_identity_key(0, look->id->address), mini);
}

void tct_audit_settle_record(struct tct_tracker *tracker, const struct tct_decoded *rec)
{
	struct tct_key *suspect;
	struct tct_socket *sock;
	struct look look;

	if (!look_at(rec, &look))
		return;
	suspect = find_suspect(&tracker->all->audit, &look);
	if (!suspect || suspect->seen || (look.mini && tracker->all->flooded))
		return;
	suspect->seen = true;
	sock = tct_audit_find(tracker, look.id->cookie, look.id->address, look.mini);
	if (sock)
		settle_state(tracker, sock, &look);
	else
		settle_missing(tracker, suspect, &look);
}

void tct_audit_again(struct tct_shards *all)
{
	tct_keys_clear(&all->audit.read);
	tct_listing_clear(&all->audit.listing);
}

/* Neither reading showed it, and no event since the beginning told of it. */
static void drop_ghost(struct tct_tracker *tracker, struct tct_socket *sock, uint64_t now_ns)
{
	if (!(sock->flags & TCT_SOCK_MINI) || !tracker->all->audit.thinned)
		tell(tracker, sock, TCT_DRIFT_GHOST, sock->state, TCT_NONE, now_ns);
	tct_tracker_forget(tracker, sock, now_ns);
}

static void settle_unseen(struct tct_tracker *tracker, const struct tct_key *suspect,
			  uint64_t now_ns)
{
	struct tct_auditor *audit = &tracker->all->audit;
	struct tct_socket *sock = tct_mirror_find(&tracker->mirror, suspect->key, suspect->mini);

	if (!sock || tct_audit_changed_ns(sock) >= audit->begun_ns)
		audit->told.races++;
	else if (suspect->kind != TCT_DRIFT_GHOST)	/* it is just leaving, or has left unseen */
		audit->unfinished = true;
	else if (!tct_audit_was_read(tracker, sock) || (suspect->mini && tracker->all->flooded))
		audit->doubtful = true;
	else
		drop_ghost(tracker, sock, now_ns);
}

static void learn_namespaces(struct tct_auditor *audit)
{
	const struct tct_key *netns;

	for (size_t at = 0; (netns = tct_keys_next(&audit->novel, &at));)
		tct_keys_add(&audit->known, netns->key, false);
}

/* All was compared: what was lost before it began makes no difference any more. */
static void restore_trust(struct tct_shards *all)
{
	uint64_t begun_ns = all->audit.begun_ns;

	if (all->lost_ns + TCT_STEP_SLACK_NS < begun_ns)
		all->stuck.degraded = false;
	if (!all->flooded && all->thinned_ns + TCT_STEP_SLACK_NS < begun_ns)
		all->thinned = false;
}

static void finish_shard(struct tct_tracker *tracker)
{
	struct tct_auditor *audit = &tracker->all->audit;
	bool overflowed = tracker->audit.departed.overflowed;

	audit->unfinished |= overflowed || tct_mirror_sort(&tracker->mirror);
	audit->told.complete &= !overflowed;
	audit->told.beyond += tracker->audit.beyond;
	tracker->beyond = tracker->audit.beyond;
}

static void finish(struct tct_shards *all, uint64_t now_ns)
{
	struct tct_auditor *audit = &all->audit;

	audit->unfinished |= audit->suspects.overflowed;
	audit->told.complete &= !audit->suspects.overflowed;
	for (unsigned int i = 0; i < all->count; i++)
		finish_shard(&all->shard[i]);
	audit->done_ns = audit->begun_ns;
	learn_namespaces(audit);
	if (!audit->ending)
		tct_keys_clear(&audit->ended);
	if (audit->told.complete && !audit->doubtful && !audit->unfinished)
		restore_trust(all);
	tct_stuck_audited(&all->stuck);
	audit->told.mono_ns = now_ns;
	audit->told.duration_ns = now_ns - audit->begun_ns;
	audit->told.mirrored = tct_shards_mirrored(all);
	if (all->sink->audit)
		all->sink->audit(all->sink->ctx, &audit->told);
	tct_audit_drop(all);
}

bool tct_audit_settle(struct tct_shards *all, uint64_t now_ns, bool complete, size_t count)
{
	struct tct_auditor *audit = &all->audit;
	const struct tct_key *suspect;

	if (audit->phase != TCT_AUDIT_SETTLES)
		return false;
	audit->told.complete &= complete;
	while (count--) {
		suspect = tct_keys_next(&audit->suspects, &audit->settled);
		if (!suspect) {
			finish(all, now_ns);
			return false;
		}
		if (!suspect->seen)
			settle_unseen(tct_shards_of_key(all, suspect->key), suspect, now_ns);
	}
	return true;
}
