// SPDX-License-Identifier: GPL-2.0
/*
 * Full sockets: their transitions. How a listener's begin is in track_child.c, what the iterators
 * find of them in track_found.c, how they end in track_closing.c.
 */
#include <string.h>
#include "identity.h"
#include "subject.h"
#include "tracker_internal.h"

bool tct_tracker_is_thinned(const struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	return rec->h.tag == TCT_REC_STEP && !tracker->config.brief;
}

static bool is_legal(const struct tct_tracker *tracker, enum tct_state from, enum tct_state to)
{
	return tracker->legal[from] >> to & 1;
}

bool tct_tracker_is_heard(const struct tct_tracker *tracker, enum tct_state from,
			  enum tct_state to)
{
	return tracker->sink->transition || !is_legal(tracker, from, to);
}

void tct_tracker_tell(struct tct_tracker *tracker, struct tct_transition *ev)
{
	ev->legal = is_legal(tracker, ev->from, ev->to);
	tracker->totals.events++;
	if (tracker->sink->transition)
		tracker->sink->transition(tracker->sink->ctx, ev);
	if (!ev->legal)
		tct_tracker_illegal(tracker, ev);
}

void tct_tracker_forget(struct tct_tracker *tracker, struct tct_socket *sock, uint64_t now_ns)
{
	tct_audit_departed(tracker, sock);
	tct_stuck_left(&tracker->all->stuck, tracker->shard, sock, now_ns);
	tct_tasks_drop(&tracker->tasks, sock->owner);
	tct_pool_free(&tracker->closings, sock->closing);
	tct_mirror_remove(&tracker->mirror, sock);
}

struct tct_socket *tct_tracker_add(struct tct_tracker *tracker, const struct tct_record_id *id)
{
	uint64_t key = tct_identity_key(id->cookie, id->address);
	struct tct_socket *sock = tct_mirror_add(&tracker->mirror, key, false);

	if (sock && tct_socket_learn(&tracker->mirror, sock, id))
		return sock;
	if (sock)
		tct_mirror_remove(&tracker->mirror, sock);
	tct_tracker_miss(tracker);
	return NULL;
}

struct tct_socket *tct_tracker_find(struct tct_tracker *tracker, const struct tct_record_id *id)
{
	return tct_identity_find(&tracker->mirror, id->cookie, id->address, false);
}

void tct_tracker_learn_side(struct tct_tracker *tracker, struct tct_socket *sock,
			    const struct tct_record_sock *rec)
{
	if (rec->to == TCT_LISTEN)
		tct_sides_listens(&tracker->all->sides, sock->lport);
	if (rec->from == TCT_LISTEN || rec->to == TCT_LISTEN)
		sock->flags |= TCT_SOCK_LOCAL_PORT;
}

static enum tct_owner_source source_of(enum tct_state to)
{
	if (to == TCT_SYN_SENT)
		return TCT_OWNER_CONNECT;
	return to == TCT_LISTEN ? TCT_OWNER_LISTEN : TCT_OWNER_CLOSE;
}

/* The one that opened a socket stays its owner; one that closes it is the better than none. */
static void learn_task(struct tct_tracker *tracker, struct tct_socket *sock,
		       const struct tct_record_sock *rec)
{
	enum tct_owner_source source = source_of(rec->to);

	if (!(rec->flags & TCT_SOCK_TASK) || (sock->owner && source == TCT_OWNER_CLOSE))
		return;
	tct_socket_set_owner(&tracker->tasks, sock, rec->pid, rec->comm, source);
}

static int64_t dwell_of(const struct tct_socket *sock, const struct tct_record_sock *rec)
{
	if (sock->state != rec->from || !(sock->flags & TCT_SOCK_EXACT))
		return TCT_UNKNOWN;
	return (int64_t)(rec->id.time_ns - sock->entered_ns);
}

/* A seeded mini-socket may be older than us: then only an event from before it was seen is its. */
static bool hands_over(const struct tct_socket *mini, const struct tct_record_sock *rec)
{
	if (!mini || mini->flags & TCT_SOCK_ANNOUNCED)
		return false;
	return !(mini->flags & TCT_SOCK_SEEDED) || rec->id.time_ns <= mini->seen_ns;
}

/* One that the iterator saw before we saw its beginning has one now. */
static void announce(struct tct_socket *mini, uint64_t time_ns)
{
	mini->flags |= TCT_SOCK_ANNOUNCED;
	if (!(mini->flags & TCT_SOCK_SEEDED))
		return;
	mini->flags &= ~TCT_SOCK_SEEDED;
	mini->flags |= TCT_SOCK_BORN;
	mini->born_ns = time_ns;
	if (mini->state == TCT_TIME_WAIT) {
		mini->entered_ns = time_ns;
		mini->flags |= TCT_SOCK_EXACT;
	}
}

static struct tct_numbers numbers_of(const struct tct_record_sock *rec)
{
	return (struct tct_numbers){
		.snd_una = rec->snd_una,
		.snd_nxt = rec->snd_nxt,
		.write_seq = rec->write_seq,
		.rcv_nxt = rec->rcv_nxt,
		.copied_seq = rec->copied_seq,
		.segs_in = rec->segs_in,
		.segs_out = rec->segs_out,
		.bytes_acked = rec->bytes_acked,
		.bytes_received = rec->bytes_received,
		.total_retrans = rec->total_retrans,
		.err = rec->err,
		.shutdown = rec->shutdown,
	};
}

static struct tct_transition transition_of(const struct tct_tracker *tracker,
					   const struct tct_socket *sock,
					   const struct tct_record_sock *rec)
{
	return (struct tct_transition){
		.mono_ns = rec->id.time_ns,
		.who = tct_subject_of(&tracker->mirror, sock, tct_task_of(&tracker->tasks, sock)),
		.from = rec->from,
		.to = rec->to,
		.dwell_ns = TCT_UNKNOWN,
		.counted = rec->h.tag != TCT_REC_STEP,
		.numbers = numbers_of(rec),
	};
}

/* Its way into `to`, which the mirror has not gone yet. */
static void tell(struct tct_tracker *tracker, const struct tct_socket *sock,
		 const struct tct_record_sock *rec, enum tct_state to, int64_t dwell_ns)
{
	struct tct_transition ev;

	if (!tct_tracker_is_heard(tracker, rec->from, to)) {
		tracker->totals.events++;
		return;
	}
	ev = transition_of(tracker, sock, rec);
	ev.to = to;
	ev.dwell_ns = dwell_ns;
	tct_tracker_tell(tracker, &ev);
}

/* Of steps that nobody is told, those that no correct kernel makes are findings all the same. */
static void accuse(struct tct_tracker *tracker, const struct tct_socket *sock,
		   const struct tct_record_sock *rec)
{
	const struct tct_transition ev = transition_of(tracker, sock, rec);

	tct_tracker_illegal(tracker, &ev);
}

/*
 * CLOSE of a full socket: its end, or the moment after its hand-over to a mini-socket. A
 * FIN_WAIT2 mini-socket goes on with the connection: it takes the teardown along.
 */
static void leave(struct tct_tracker *tracker, struct tct_socket *sock,
		  const struct tct_record_sock *rec, int64_t dwell_ns,
		  const struct tct_closing *closing)
{
	struct tct_socket *mini = tct_tracker_mini_of(tracker, sock, &rec->id);
	bool hand_over = hands_over(mini, rec);
	bool thinned = tct_tracker_is_thinned(tracker, rec);
	enum tct_state to = rec->to;

	if (hand_over) {
		announce(mini, rec->id.time_ns);
		to = mini->state;
	}
	if (hand_over && mini->state == TCT_FIN_WAIT2) {
		mini->closing = sock->closing;
		sock->closing = 0;
	} else if (!thinned) {
		tell(tracker, sock, rec, to, dwell_ns);
		tct_tracker_finish(tracker, sock, rec, to, closing);
	}
	tracker->ended[tracker->ended_at++ % TCT_ENDED_MAX] = sock->cookie;
	tct_tracker_forget(tracker, sock, rec->id.time_ns);
}

void tct_tracker_enter(struct tct_tracker *tracker, struct tct_socket *sock,
		       const struct tct_record_sock *rec)
{
	tct_stuck_left(&tracker->all->stuck, tracker->shard, sock, rec->id.time_ns);
	tct_mirror_enter(&tracker->mirror, sock, rec->to, rec->id.time_ns);
	tracker->unowned |= rec->to == TCT_ESTABLISHED && !sock->owner;
	sock->flags |= TCT_SOCK_EXACT;
	sock->flags &= ~TCT_SOCK_REPAIRED;
	if (tracker->all->stuck.degraded)
		sock->flags |= TCT_SOCK_REPAIRED;
	sock->verdict = TCT_VERDICT_NONE;
}

/*
 * The iterator read the socket after this event: its state is in the mirror. What the event adds
 * is the true time of entry. Where the times are too close to tell, an event that starts where the
 * mirror is came after.
 */
static bool is_stale(const struct tct_socket *sock, const struct tct_record_sock *rec)
{
	uint64_t slack_ns = rec->h.tag == TCT_REC_STEP ? TCT_STEP_SLACK_NS : 0;

	if (!(sock->flags & TCT_SOCK_SEEDED) || rec->id.time_ns > sock->seen_ns + slack_ns)
		return false;
	if (rec->id.time_ns + slack_ns < sock->seen_ns)
		return true;
	return rec->from != sock->state;
}

static void apply_stale(struct tct_tracker *tracker, struct tct_socket *sock,
			const struct tct_record_sock *rec)
{
	tct_tracker_learn_side(tracker, sock, rec);
	learn_task(tracker, sock, rec);
	if (rec->to == sock->state)
		tct_tracker_enter(tracker, sock, rec);
}

static bool ended_just_now(const struct tct_tracker *tracker, uint64_t cookie)
{
	for (size_t i = 0; i < TCT_ENDED_MAX; i++) {
		if (tracker->ended[i] == cookie)
			return true;
	}
	return false;
}

/*
 * The second program may have sent what the first one sent a moment ago; and while programs are
 * replaced, the others may.
 */
bool tct_tracker_is_repeat(struct tct_tracker *tracker, const struct tct_socket *sock,
			   const struct tct_record_sock *rec)
{
	uint64_t key = tct_identity_key(rec->id.cookie, rec->id.address);
	uint32_t pair = (uint32_t)rec->from << 8 | rec->to;
	bool seen;

	if (!(rec->flags & TCT_SOCK_SECOND))
		return false;
	if (rec->from == rec->to)
		return tct_repeats_seen(&tracker->repeats, key, pair, rec->id.time_ns);
	if (sock && sock->state == rec->to)
		return true;
	if (rec->to != TCT_CLOSE)
		return false;
	seen = tct_repeats_once(&tracker->repeats, key, pair) || ended_just_now(tracker, key);
	return seen && !sock;
}

/*
 * Addresses are used again at once: one that is born, or has another peer, was not the one whose
 * end was missed.
 */
static bool is_another(const struct tct_socket *sock, const struct tct_record_sock *rec)
{
	bool born = rec->from == TCT_CLOSE && rec->to != TCT_CLOSE;
	bool elsewhere = sock->rport && rec->id.rport && sock->rport != rec->id.rport;

	return (TCT_KEY_IS_ADDRESS(sock->cookie) || sock->flags & TCT_SOCK_UNTOLD) &&
	       (born || elsewhere);
}

/* Of one that was not mirrored, or is another than was. */
static struct tct_socket *begin(struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	bool was_missed = rec->from != TCT_CLOSE && rec->from != TCT_LISTEN && tracker->beyond;
	struct tct_socket *sock = tct_tracker_add(tracker, &rec->id);

	if (!sock && was_missed) {	/* and was counted then */
		tracker->unmirrored--;
		tracker->beyond--;
	}
	if (!sock)
		return NULL;
	if (rec->from == TCT_SYN_RECV)	/* its first event may have been filtered out */
		sock->flags |= TCT_SOCK_LOCAL_PORT;
	if (was_missed) {
		tracker->beyond--;
		sock->flags |= TCT_SOCK_MISSED;
	}
	return sock;
}

/* NULL when there is nothing to step: what the event tells is known, or there is no memory. */
static struct tct_socket *find_or_begin(struct tct_tracker *tracker,
					const struct tct_record_sock *rec)
{
	struct tct_socket *sock = tct_tracker_find(tracker, &rec->id);

	tct_tracker_drop_expected(tracker, sock, rec);
	if (sock && is_stale(sock, rec)) {
		tracker->received += !tct_tracker_is_repeat(tracker, sock, rec);
		apply_stale(tracker, sock, rec);
		return NULL;
	}
	if (tct_tracker_is_repeat(tracker, sock, rec))
		return NULL;
	tracker->received++;
	if (sock && is_another(sock, rec)) {
		tracker->mismatches++;
		tct_tracker_forget(tracker, sock, rec->id.time_ns);
		sock = NULL;
	}
	return sock ? sock : begin(tracker, rec);
}

static bool is_closing(enum tct_state state)
{
	return state == TCT_FIN_WAIT1 || state == TCT_FIN_WAIT2 || state == TCT_CLOSE_WAIT ||
	       state == TCT_LAST_ACK || state == TCT_CLOSING;
}

/* The mirror was elsewhere: a step is missing, and what is kept of its end may have a hole. */
static void note_gap(struct tct_tracker *tracker, struct tct_socket *sock,
		     const struct tct_record_sock *rec)
{
	if (sock->state == TCT_NONE || sock->state == rec->from)
		return;
	tracker->mismatches++;
	if (is_closing(rec->from))
		sock->flags |= TCT_SOCK_GAP;
}

void tct_tracker_on_state(struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	const struct tct_closing *closing;
	struct tct_socket *sock;
	int64_t dwell_ns;

	if (tct_tracker_expect_child(tracker, rec))
		return;
	sock = find_or_begin(tracker, rec);
	if (!sock)
		return;
	tct_socket_learn(&tracker->mirror, sock, &rec->id);
	tct_tracker_learn_side(tracker, sock, rec);
	if (sock->flags & TCT_SOCK_UNTOLD)
		tct_tracker_tell_birth(tracker, sock, rec);
	learn_task(tracker, sock, rec);
	dwell_ns = dwell_of(sock, rec);
	note_gap(tracker, sock, rec);
	closing = tct_tracker_step_closing(tracker, sock, rec, dwell_ns);
	if (rec->to == TCT_CLOSE) {
		leave(tracker, sock, rec, dwell_ns, closing);
		return;
	}
	if (!tct_tracker_is_thinned(tracker, rec))
		tell(tracker, sock, rec, rec->to, dwell_ns);
	else if (tct_fsm_step(rec->from, rec->to) == TCT_EDGE_ILLEGAL)
		accuse(tracker, sock, rec);
	if (rec->from != rec->to || rec->to != sock->state)
		tct_tracker_enter(tracker, sock, rec);
	tct_tracker_trim(tracker, sock, rec->id.time_ns);
}

/*
 * A transition without numbers: the same way, but for the teardown. All that such a record does not
 * have is 0, and stays so.
 */
void tct_tracker_on_step(struct tct_tracker *tracker, const struct tct_record_step *step)
{
	struct tct_record_sock *rec = &tracker->step;

	rec->h = step->h;
	rec->from = step->from;
	rec->to = step->to;
	rec->flags = step->flags;
	rec->id.time_ns = step->time_ns;
	rec->id.cookie = step->cookie;
	rec->id.address = step->address;
	rec->id.netns = step->netns;
	rec->id.lport = step->lport;
	rec->id.rport = step->rport;
	rec->id.family = step->family;
	tct_tracker_on_state(tracker, rec);
}
