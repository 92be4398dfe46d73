/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --mode=summary: transitions are counted here, and how long sockets stay. The ring gets what the
 * iterator has told the reader about (tct_iter_stays), from then on, and listeners.
 */
#ifndef TCT_SUMMARY_BPF_H
#define TCT_SUMMARY_BPF_H

#include "stay.bpf.h"
#include "tally.bpf.h"

/* Shared with the reader, which sets it while tct_stays has little room left; full, it sets itself. */
__u32 tct_crowded;

/* Set before load. */
const volatile bool tct_tallies;	/* else transitions have no more than their number */

/* Its end, unless a mini-socket goes on with it: as the FIN_WAIT2 that it was, or in TIME_WAIT. */
static __always_inline void end_count(struct sock *sk, int from, __u64 entered_ns, __u64 now_ns,
				      enum writer writer)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;
	struct tct_mini *mini = NULL;
	int to = TCP_CLOSE;

	if (cookie && (from == TCP_FIN_WAIT2 || from == TCP_CLOSING))
		mini = bpf_map_lookup_elem(&tct_minis, &cookie);
	if (mini && !mini->announced) {
		mini->announced = 1;
		to = mini->substate;
	}
	if (to != TCP_FIN_WAIT2)
		count(from, to, entered_ns, now_ns, writer);
	else if (from == TCP_FIN_WAIT2)
		mini->entered_ns = entered_ns;
}

/* From here on its steps are told: a listener's, and those of one that does what no Linux does. */
static __always_inline bool is_to_be_told(int from, int to)
{
	return to == TCP_LISTEN || !edge_of(from, to);
}

/* Its first event that we see. */
static __noinline int stay_begin(__u64 key, int from, int to, __u64 now_ns)
{
	struct tct_stay stay = { .entered_ns = now_ns, .from = from, .to = to };

	if (from == TCP_LISTEN)
		stay.flags = TCT_STAY_PASSIVE;
	if (to == TCP_SYN_SENT)
		stay.flags = TCT_STAY_ACTIVE;
	stay.told = is_to_be_told(from, to);
	if (to == TCP_CLOSE)
		return 0;
	if (!bpf_map_update_elem(&tct_stays, &key, &stay, BPF_ANY)) {
		__sync_fetch_and_add(&this_cpu()->stays, 1);
		return 0;
	}
	tct_crowded = 1;
	if (from == TCP_CLOSE || from == TCP_LISTEN)	/* once: it comes here again */
		count_unkept();
	return 0;
}

static __noinline int stay_forget(__u64 key)
{
	if (!bpf_map_delete_elem(&tct_stays, &key))
		__sync_fetch_and_add(&this_cpu()->stays, -1);
	return 0;
}

/*
 * What is left of one that is CLOSE is for the next one at its address: making it anew would cost
 * as much as all the rest.
 */
static __always_inline void stay_step(struct tct_stay *stay, __u64 key, int from, int to,
				      __u64 now_ns)
{
	if (to == TCP_CLOSE && tct_crowded) {
		stay_forget(key);
		return;
	}
	if (from == TCP_LISTEN)
		stay->flags = TCT_STAY_PASSIVE;
	if (from == TCP_CLOSE)
		stay->flags = to == TCP_SYN_SENT ? TCT_STAY_ACTIVE : 0;
	if (from != to || stay->to != from)
		stay->entered_ns = now_ns;
	if (to == TCP_CLOSE)
		stay->told = 0;
	else if (!stay->told)
		stay->told = is_to_be_told(from, to);
	stay->from = from;
	stay->to = to;
}

/*
 * The second program may get what the first one has counted (see first_set_state()): one pair twice
 * in a row, or the end of one that is gone.
 */
static __always_inline bool is_counted(const struct tct_stay *stay, int from, int to)
{
	return stay ? stay->from == from && stay->to == to : to == TCP_CLOSE;
}

static __always_inline int count_set_state(struct sock *sk, int from, int to, enum writer writer)
{
	__u64 key = (__u64)sk, now_ns, entered_ns;
	struct tct_stay *stay;
	bool known;

	if (sk->sk_protocol != IPPROTO_TCP || !filter_namespace(sk->__sk_common.skc_family,
				     tct_filter.netns ? netns_of(DIRECT, &sk->__sk_common) : 0))
		return 0;
	if (to == TCP_FIN_WAIT1)	/* its mini-socket gets it, too */
		bpf_get_socket_cookie(sk);
	if (!tct_tallies) {
		__sync_fetch_and_add(&this_cpu()->counted, 1);
		return 0;
	}
	stay = bpf_map_lookup_elem(&tct_stays, &key);
	if (writer == BY_SECOND && is_counted(stay, from, to))
		return 0;
	now_ns = bpf_ktime_get_ns();
	/* nobody has been in CLOSE, nor a child in LISTEN */
	known = stay && stay->to == from && from != TCP_CLOSE;
	entered_ns = known ? stay->entered_ns : 0;
	__sync_fetch_and_add(&this_cpu()->counted, 1);
	if (to == TCP_CLOSE)
		end_count(sk, from, entered_ns, now_ns, writer);
	else
		count(from, to, entered_ns, now_ns, writer);
	if ((stay && stay->told) || is_to_be_told(from, to))
		emit_step(DIRECT, sk, from, to, 0, now_ns);
	if (stay)
		stay_step(stay, key, from, to, now_ns);
	else
		stay_begin(key, from, to, now_ns);
	return 0;
}

static __always_inline int first_count(struct sock *sk, int from, int to)
{
	note_event(sk, from, to);
	return count_set_state(sk, from, to, BY_FIRST);
}

static __always_inline int second_count(struct sock *sk, int from, int to)
{
	return take_noted(sk, from, to) ? 0 : count_set_state(sk, from, to, BY_SECOND);
}

#endif
