// SPDX-License-Identifier: GPL-2.0
#include "judge.h"

static bool is_recent(const struct tct_case *c, int64_t age_ns)
{
	return age_ns != TCT_UNKNOWN && age_ns <= (int64_t)c->recent_ns;
}

/* Data goes out and the peer takes it. */
static bool is_sending(const struct tct_case *c)
{
	const struct tct_fact *fact = c->fact;

	return is_recent(c, fact->data_age_ns) && is_recent(c, fact->rcv_age_ns) &&
	       !fact->retransmits && fact->snd_wnd;
}

/*
 * Our side's turn. What it sends goes first: a tunnel that sends is no leak, whoever holds it. Data
 * that waits for the peer is why a program that has read the EOF may not have closed yet.
 */
static enum tct_verdict judge_close_wait(const struct tct_case *c)
{
	const struct tct_fact *fact = c->fact;

	if (fact->flags & TCT_SOCK_QUEUED)
		return TCT_NOT_ACCEPTED;
	if (is_sending(c))
		return TCT_STILL_SENDING;
	if (c->passed_on)
		return TCT_HELD_BY_CHILD;
	if (fact->ulp)
		return TCT_VERDICT_NONE;
	if (fact->unread > 1)
		return TCT_UNREAD_DATA;
	if (fact->unread)
		return TCT_EOF_NOT_READ;
	if (tct_fact_zero_window(fact))
		return TCT_ZERO_WINDOW;
	return fact->unacked && fact->retransmits ? TCT_NOT_ACKNOWLEDGED : TCT_EOF_READ_NOT_CLOSED;
}

/* Our FIN, behind our data, is on its way. */
static enum tct_verdict judge_closed(const struct tct_case *c)
{
	if (tct_fact_zero_window(c->fact))
		return TCT_ZERO_WINDOW;
	return c->fact->unacked && is_sending(c) ? TCT_STILL_SENDING : TCT_NOT_ACKNOWLEDGED;
}

static enum tct_verdict judge_fin_wait2(const struct tct_case *c)
{
	if (c->fact->flags & TCT_SOCK_DEAD)
		return TCT_ORPHANED;
	if (!c->held)
		return TCT_VERDICT_NONE;
	return is_recent(c, c->fact->data_age_ns) ? TCT_STILL_RECEIVING : TCT_HELD;
}

enum tct_verdict tct_judge(const struct tct_case *c)
{
	switch (c->state) {
	case TCT_CLOSE_WAIT:
		return judge_close_wait(c);
	case TCT_FIN_WAIT1:
	case TCT_CLOSING:
	case TCT_LAST_ACK:
		return judge_closed(c);
	case TCT_FIN_WAIT2:
		return judge_fin_wait2(c);
	case TCT_SYN_RECV:
	case TCT_NEW_SYN_RECV:
		return c->fact->flags & TCT_SOCK_QUEUED ? TCT_NOT_ACCEPTED : TCT_NOT_ACKNOWLEDGED;
	case TCT_NONE:
	case TCT_ESTABLISHED:
	case TCT_SYN_SENT:
	case TCT_TIME_WAIT:
	case TCT_CLOSE:
	case TCT_LISTEN:
	case TCT_STATES:
		break;
	}
	return TCT_VERDICT_NONE;
}

/* The one that opened or accepted it was seen to hold it, and does no more, but others do. */
static bool is_passed_on(const struct tct_tasks *tasks, const struct tct_socket *sock,
			 const struct tct_held *held, size_t count)
{
	const struct tct_owner *owner = tct_tasks_get(tasks, sock->owner);

	if (!owner || (sock->source != TCT_OWNER_CONNECT && sock->source != TCT_OWNER_ITER))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (held[i].pid == owner->pid)
			return false;
	}
	return count;
}

/*
 * All at once, where none waits for the one before it: among what each socket is judged by, every
 * look-up would wait for memory.
 */
static void tie(struct tct_scan *scan)
{
	for (uint32_t i = 0; i < scan->facts.count; i++) {
		struct tct_fact *fact = &scan->facts.list[i];
		size_t count;

		fact->held = tct_owners_find(&scan->owners, fact->key, &count);
		fact->held_count = (uint32_t)count;
	}
}

void tct_scan_order(struct tct_scan *scan)
{
	tct_owners_order(&scan->owners);
	tie(scan);
}

const struct tct_held *tct_scan_held(const struct tct_scan *scan, const struct tct_fact *fact,
				     uint64_t key, size_t *count)
{
	if (!fact)
		return tct_owners_find(&scan->owners, key, count);
	*count = fact->held_count;
	return fact->held;
}

void tct_scan_foresee(const struct tct_scan *scan, const struct tct_mirror *mirror,
		      unsigned int shard, uint32_t index)
{
	if (!index)
		return;
	__builtin_prefetch(tct_mirror_at(mirror, index), 1);
	__builtin_prefetch(&tct_mirror_at(mirror, index)->next, 1);
	tct_facts_foresee(&scan->facts, shard, index);
}

void tct_scan_fini(struct tct_scan *scan)
{
	tct_owners_fini(&scan->owners);
	tct_facts_fini(&scan->facts);
	tct_keys_clear(&scan->namespaces);
	tct_listing_clear(&scan->listing);
	scan->begin_ns = 0;
}

/*
 * A scan may be ahead of the threshold: of what went on before the socket came into its state it is
 * not to be said that it still does.
 */
static uint64_t recent_of(const struct tct_socket *sock, const struct tct_fact *fact,
			  uint64_t recent_ns)
{
	uint64_t half_ns = (fact->time_ns - sock->entered_ns) / 2;

	if (!(sock->flags & TCT_SOCK_EXACT) || fact->time_ns < sock->entered_ns)
		return recent_ns;
	return half_ns < recent_ns ? half_ns : recent_ns;
}

void tct_judge_socket(const struct tct_tasks *tasks, struct tct_socket *sock,
		      const struct tct_fact *fact, const struct tct_held *held, size_t count,
		      uint64_t recent_ns)
{
	struct tct_case c = {
		.state = sock->state,
		.fact = fact,
		.held = count,
		.passed_on = is_passed_on(tasks, sock, held, count),
	};

	if (!fact)
		return;
	c.recent_ns = recent_of(sock, fact, recent_ns);
	sock->verdict = tct_judge(&c);
	if (sock->state == TCT_CLOSE_WAIT)
		sock->unread = fact->unread ? fact->unread - 1 : 0;
}
