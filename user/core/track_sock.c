// SPDX-License-Identifier: GPL-2.0
/*
 * Full sockets: their transitions. What the iterators find of them is in track_found.c, how they
 * end in track_closing.c.
 */
#include <string.h>
#include "identity.h"
#include "subject.h"
#include "tracker_internal.h"

void tct_tracker_tell(struct tct_tracker *tracker, struct tct_transition *ev)
{
	ev->legal = tct_fsm_step(ev->from, ev->to) != TCT_EDGE_ILLEGAL;
	tracker->totals.events++;
	if (tracker->sink->transition)
		tracker->sink->transition(tracker->sink->ctx, ev);
	if (!ev->legal)
		tct_tracker_illegal(tracker, ev);
}

void tct_tracker_forget(struct tct_tracker *tracker, struct tct_socket *sock, uint64_t now_ns)
{
	tct_stuck_left(&tracker->stuck, sock, now_ns);
	tct_tasks_drop(&tracker->tasks, sock->owner);
	tct_pool_free(&tracker->closings, sock->closing);
	tct_mirror_remove(&tracker->mirror, sock);
}

struct tct_socket *tct_tracker_add(struct tct_tracker *tracker, const struct tct_record_id *id)
{
	uint64_t key = tct_identity_key(id->cookie, id->address);
	struct tct_socket *sock = tct_mirror_add(&tracker->mirror, key, false);

	if (!sock)
		tct_tracker_loss(tracker, TCT_LOSS_MIRROR, tracker->losses[TCT_LOSS_MIRROR] + 1,
				 id->time_ns);
	else
		tct_socket_learn(sock, id);
	return sock;
}

struct tct_socket *tct_tracker_find(struct tct_tracker *tracker, const struct tct_record_id *id)
{
	return tct_identity_find(&tracker->mirror, id->cookie, id->address, false);
}

void tct_tracker_learn_side(struct tct_tracker *tracker, struct tct_socket *sock,
			    const struct tct_record_sock *rec)
{
	if (rec->to == TCT_LISTEN)
		tct_sides_listens(&tracker->sides, sock->lport);
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

/*
 * CLOSE of a full socket: its end, or the moment after its hand-over to a mini-socket. A
 * FIN_WAIT2 mini-socket goes on with the connection: it takes the teardown along.
 */
static void leave(struct tct_tracker *tracker, struct tct_socket *sock,
		  const struct tct_record_sock *rec, struct tct_transition *ev,
		  const struct tct_closing *closing)
{
	struct tct_socket *mini = tct_tracker_mini_of(tracker, sock, &rec->id);
	bool hand_over = hands_over(mini, rec);

	if (hand_over) {
		announce(mini, rec->id.time_ns);
		ev->to = mini->state;
	}
	if (hand_over && mini->state == TCT_FIN_WAIT2) {
		mini->closing = sock->closing;
		sock->closing = 0;
	} else {
		tct_tracker_tell(tracker, ev);
		tct_tracker_finish(tracker, ev, closing, rec);
	}
	tracker->ended[tracker->ended_at++ % TCT_ENDED_MAX] = sock->cookie;
	tct_tracker_forget(tracker, sock, rec->id.time_ns);
}

static void enter(struct tct_tracker *tracker, struct tct_socket *sock,
		  const struct tct_record_sock *rec)
{
	tct_stuck_left(&tracker->stuck, sock, rec->id.time_ns);
	tct_mirror_enter(&tracker->mirror, sock, rec->to, rec->id.time_ns);
	tracker->unowned |= rec->to == TCT_ESTABLISHED && !sock->owner;
	sock->flags |= TCT_SOCK_EXACT;
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
		enter(tracker, sock, rec);
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
static bool is_repeat(struct tct_tracker *tracker, const struct tct_socket *sock,
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

/* Up to 6.12 the child's first event shows its listener's cookie, and no peer. */
static bool shows_listener(const struct tct_record_sock *rec)
{
	return rec->from == TCT_LISTEN && rec->to == TCT_SYN_RECV && !rec->id.rport;
}

/* Known by its address until its next event, which shows its own cookie and its peer. */
static void expect_child(struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	struct tct_record_id id = rec->id;
	struct tct_socket *child;

	id.cookie = 0;
	child = tct_tracker_find(tracker, &id);
	if (child && is_repeat(tracker, child, rec))
		return;
	tracker->received++;
	if (child)	/* the end of one that was here before was missed */
		tct_tracker_forget(tracker, child, id.time_ns);
	child = tct_tracker_add(tracker, &id);
	if (!child)
		return;
	tct_tracker_learn_side(tracker, child, rec);
	enter(tracker, child, rec);
	child->flags |= TCT_SOCK_UNTOLD;
}

/* Tells its first event with what this one shows. */
static void tell_birth(struct tct_tracker *tracker, struct tct_socket *child,
		       const struct tct_record_sock *rec)
{
	struct tct_transition ev = {
		.mono_ns = child->entered_ns,
		.who = tct_subject_of(child, tct_task_of(&tracker->tasks, child)),
		.from = TCT_LISTEN,
		.to = TCT_SYN_RECV,
		.dwell_ns = TCT_UNKNOWN,
	};

	child->flags &= ~TCT_SOCK_UNTOLD;
	if (rec->from == TCT_SYN_RECV)
		tct_tracker_tell(tracker, &ev);
}

/* The iterator was faster and found the child itself, by its cookie. */
static void drop_expected(struct tct_tracker *tracker, const struct tct_socket *sock,
			  const struct tct_record_sock *rec)
{
	struct tct_socket *child;

	if (rec->from != TCT_SYN_RECV || !rec->id.cookie || !tracker->mirror.by_address)
		return;
	child = tct_mirror_find(&tracker->mirror, tct_identity_key(0, rec->id.address), false);
	if (child && child != sock && child->flags & TCT_SOCK_UNTOLD)
		tct_tracker_forget(tracker, child, rec->id.time_ns);
}

/* Addresses are used again at once: one that is born was not the one whose end was missed. */
static bool is_another(const struct tct_socket *sock, const struct tct_record_sock *rec)
{
	return (TCT_KEY_IS_ADDRESS(sock->cookie) || sock->flags & TCT_SOCK_UNTOLD) &&
	       rec->from == TCT_CLOSE && rec->to != TCT_CLOSE;
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

void tct_tracker_on_state(struct tct_tracker *tracker, const struct tct_record_sock *rec)
{
	struct tct_transition ev = {
		.mono_ns = rec->id.time_ns,
		.from = rec->from,
		.to = rec->to,
		.dwell_ns = TCT_UNKNOWN,
		.counted = rec->h.tag != TCT_REC_STEP,
		.numbers = numbers_of(rec),
	};
	const struct tct_closing *closing;
	struct tct_socket *sock;
	bool known;

	if (shows_listener(rec)) {
		expect_child(tracker, rec);
		return;
	}
	sock = tct_tracker_find(tracker, &rec->id);
	drop_expected(tracker, sock, rec);
	known = sock;
	if (known && is_stale(sock, rec)) {
		tracker->received += !is_repeat(tracker, sock, rec);
		apply_stale(tracker, sock, rec);
		return;
	}
	if (is_repeat(tracker, sock, rec))
		return;
	tracker->received++;
	if (known && is_another(sock, rec)) {
		tracker->mismatches++;
		tct_tracker_forget(tracker, sock, rec->id.time_ns);
		sock = NULL;
		known = false;
	}
	if (!sock)
		sock = tct_tracker_add(tracker, &rec->id);
	if (!sock)
		return;
	tct_socket_learn(sock, &rec->id);
	tct_tracker_learn_side(tracker, sock, rec);
	if (!known && rec->from == TCT_SYN_RECV)
		sock->flags |= TCT_SOCK_LOCAL_PORT;	/* its first event may have been filtered out */
	if (sock->flags & TCT_SOCK_UNTOLD)
		tell_birth(tracker, sock, rec);
	learn_task(tracker, sock, rec);
	ev.dwell_ns = dwell_of(sock, rec);
	ev.who = tct_subject_of(sock, tct_task_of(&tracker->tasks, sock));
	if (known && sock->state != rec->from)
		tracker->mismatches++;
	closing = tct_tracker_step_closing(tracker, sock, rec, ev.dwell_ns);
	if (rec->to == TCT_CLOSE) {
		leave(tracker, sock, rec, &ev, closing);
		return;
	}
	tct_tracker_tell(tracker, &ev);
	if (rec->to != sock->state)
		enter(tracker, sock, rec);
}

/* A transition without numbers: the same way, but for the teardown. */
void tct_tracker_on_step(struct tct_tracker *tracker, const struct tct_record_step *step)
{
	const struct tct_record_sock rec = {
		.h = step->h,
		.from = step->from,
		.to = step->to,
		.flags = step->flags,
		.id = {
			.time_ns = step->time_ns,
			.cookie = step->cookie,
			.address = step->address,
			.netns = step->netns,
			.lport = step->lport,
			.rport = step->rport,
			.family = step->family,
		},
	};

	tct_tracker_on_state(tracker, &rec);
}
