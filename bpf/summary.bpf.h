/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --mode=summary: transitions are counted here, and how long sockets stay. The ring gets what the
 * iterator has told the reader about (tct_iter_stays), from then on, and listeners.
 */
#ifndef TCT_SUMMARY_BPF_H
#define TCT_SUMMARY_BPF_H

#include "stay.bpf.h"

/* All set before load. */
const volatile __u64 tct_bounds_ns[TCT_DWELL_BARS];	/* upper ones; behind the last ~0 */
const volatile __u8 tct_edges[TCT_PAIRS];	/* row of `from << TCT_PAIR_SHIFT | to`, from 1; 0: none */
/* Shared with the reader, which sets it while tct_stays has little room left. */
__u32 tct_crowded;

const volatile bool tct_tallies;	/* else transitions have no more than their number */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TCT_DWELLS);
	__type(key, __u32);
	__type(value, struct tct_dwell);
} tct_dwells SEC(".maps");

/* Each program that counts: on a CPU it does not interrupt itself, so its maximum is its own. */
enum writer { BY_FIRST, BY_SECOND, BY_START, BY_CANCEL };

static __always_inline __u32 log2_of(__u64 value)
{
	__u32 log = 0;

	for (__u32 bits = 32; bits; bits >>= 1) {
		if (value >> bits) {
			value >>= bits;
			log += bits;
		}
	}
	return log;
}

/* As cell_of() in user/core/histogram.c. */
static __always_inline __u32 cell_of(__u64 ns)
{
	__u32 shift;

	if (ns < 32)
		return ns;
	shift = log2_of(ns) - 5;
	return (((shift + 1) << 5) + (__u32)(ns >> shift) - 32) & (TCT_DWELL_CELLS - 1);
}

static __always_inline __u32 bar_of(__u64 ns)
{
	__u32 bar = 0;

#pragma unroll
	for (int i = 0; i < TCT_DWELL_BARS - 1; i++) {
		if (ns <= tct_bounds_ns[i])
			break;
		bar++;
	}
	return bar & (TCT_DWELL_BARS - 1);
}

static __always_inline __u32 edge_of(int from, int to)
{
	return tct_edges[((__u32)from << TCT_PAIR_SHIFT | (__u32)to) & (TCT_PAIRS - 1)];
}

static __always_inline struct tct_dwell *dwell_of(int from, int to)
{
	__u32 edge = edge_of(from, to) - 1;

	return bpf_map_lookup_elem(&tct_dwells, &edge);
}

/* By `one`, which is -1 where something is taken back: it was the last that its writer added. */
static __always_inline void dwell_add(struct tct_dwell *dwell, __u64 entered_ns, __u64 now_ns,
				      __s32 one)
{
	__u64 ns = now_ns - entered_ns;

	if (!entered_ns) {
		__sync_fetch_and_add(&dwell->unknown, (__s64)one);
		return;
	}
	__sync_fetch_and_add(&dwell->sum_ns, one * ns);
	__sync_fetch_and_add(&dwell->bars[bar_of(ns)], (__s64)one);
	__sync_fetch_and_add(&dwell->cells[cell_of(ns)], one);
}

static __noinline int dwell_count(__u32 pair, __u64 entered_ns, __u64 now_ns, __u32 writer)
{
	int from = pair >> TCT_PAIR_SHIFT, to = pair & ((1 << TCT_PAIR_SHIFT) - 1);
	struct tct_dwell *dwell = dwell_of(from, to);
	__u64 *max;

	if (!dwell) {
		pair_count(from, to);
		return 0;
	}
	dwell_add(dwell, entered_ns, now_ns, 1);
	max = &dwell->max_ns[writer & (TCT_DWELL_WRITERS - 1)];
	if (entered_ns && now_ns - entered_ns > *max)
		*max = now_ns - entered_ns;
	return 0;
}

static __always_inline void count(int from, int to, __u64 entered_ns, __u64 now_ns,
				  enum writer writer)
{
	dwell_count((__u32)from << TCT_PAIR_SHIFT | (__u32)to, entered_ns, now_ns, writer);
}

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

static __always_inline void count_lost(void)
{
	__sync_fetch_and_add(&cpu_slot()->attempts, 1);
	__sync_fetch_and_add(&cpu_slot()->lost_ring, 1);
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
	if (bpf_map_update_elem(&tct_stays, &key, &stay, BPF_ANY))
		count_lost();
	else
		__sync_fetch_and_add(&cpu_slot()->stays, 1);
	return 0;
}

static __noinline int stay_forget(__u64 key)
{
	if (!bpf_map_delete_elem(&tct_stays, &key))
		__sync_fetch_and_add(&cpu_slot()->stays, -1);
	return 0;
}

/*
 * What is left of one that is CLOSE is for the next one at its address: making it anew would cost as
 * much as all the rest.
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
	stay->told = to == TCP_CLOSE ? 0 : stay->told | is_to_be_told(from, to);
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

static __always_inline void step_tell(struct sock *sk, int from, int to, __u64 now_ns)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (tp)
		emit_step(DIRECT, tp, from, to, 0, now_ns);
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
		__sync_fetch_and_add(&cpu_slot()->counted, 1);
		return 0;
	}
	stay = bpf_map_lookup_elem(&tct_stays, &key);
	if (writer == BY_SECOND && is_counted(stay, from, to))
		return 0;
	now_ns = bpf_ktime_get_ns();
	/* nobody has been in CLOSE, nor a child in LISTEN */
	known = stay && stay->to == from && from != TCP_CLOSE;
	entered_ns = known ? stay->entered_ns : 0;
	__sync_fetch_and_add(&cpu_slot()->counted, 1);
	if (to == TCP_CLOSE)
		end_count(sk, from, entered_ns, now_ns, writer);
	else
		count(from, to, entered_ns, now_ns, writer);
	if (stay ? stay->told : is_to_be_told(from, to))
		step_tell(sk, from, to, now_ns);
	if (stay)
		stay_step(stay, key, from, to, now_ns);
	else
		stay_begin(key, from, to, now_ns);
	return 0;
}

static __always_inline int first_count(struct sock *sk, int from, int to)
{
	struct tct_cpu_slot *cpu = cpu_slot();

	cpu->noted_sk = (__u64)sk;
	cpu->noted_pair = state_pair(from, to);
	return count_set_state(sk, from, to, BY_FIRST);
}

static __always_inline int second_count(struct sock *sk, int from, int to)
{
	struct tct_cpu_slot *cpu = cpu_slot();

	if (cpu->noted_sk == (__u64)sk && cpu->noted_pair == state_pair(from, to))
		return 0;
	return count_set_state(sk, from, to, BY_SECOND);
}

/* The last end that was counted on this CPU: taken back when it was but a timer that moves. */
struct mini_end {
	struct tct_mini mini;
	__u64 address;		/* it may be another's by now: */
	__u64 cookie;
	__u64 time_ns;
	__u64 max_ns;		/* of its state to CLOSE, before it */
	bool known;		/* `mini` is what was kept of it */
	__u32 state;		/* it left; TIME_WAIT when a FIN that nobody saw had come */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mini_end);
} tct_mini_ends SEC(".maps");

static __always_inline void fin_count(struct tct_mini *mini, __u64 now_ns, enum writer writer)
{
	count(TCP_FIN_WAIT2, TCP_TIME_WAIT, mini->entered_ns, now_ns, writer);
	mini->substate = TCP_TIME_WAIT;
	mini->entered_ns = now_ns;
}

/* It was no end: all is again as it was before. */
static __always_inline void end_take_back(struct mini_end *end)
{
	bool unseen = end->state != end->mini.substate;
	struct tct_dwell *dwell = dwell_of(end->state, TCP_CLOSE);
	struct tct_dwell *fin = dwell_of(TCP_FIN_WAIT2, TCP_TIME_WAIT);

	if (!dwell || !fin)
		return;
	dwell_add(dwell, unseen ? 0 : end->mini.entered_ns, end->time_ns, -1);
	dwell->max_ns[BY_CANCEL] = end->max_ns;
	if (unseen)
		dwell_add(fin, 0, 0, -1);
	if (end->known && bpf_map_update_elem(&tct_minis, &end->cookie, &end->mini, BPF_ANY))
		count_lost();
}

static __always_inline bool tw_is_wanted(struct inet_timewait_sock *tw)
{
	if (!tct_filter.family && !tct_filter.netns)
		return true;
	return filter_namespace(READ(PROBE_READ, tw, __tw_common.skc_family),
				netns_of(PROBE_READ, &tw->__tw_common));
}

/* Whether its timer, which has just been cancelled on this CPU, only moves. */
static __always_inline bool end_was_none(struct inet_timewait_sock *tw, __u64 cookie)
{
	__u32 first = 0;
	struct mini_end *end = bpf_map_lookup_elem(&tct_mini_ends, &first);

	if (!end || end->address != (__u64)tw || end->cookie != cookie)
		return false;
	end->address = 0;
	end_take_back(end);
	return true;
}

static __always_inline int count_tw_start(struct inet_timewait_sock *tw)
{
	__u64 cookie = READ(PROBE_READ, tw, __tw_common.skc_cookie.counter);
	bool moved = end_was_none(tw, cookie);
	struct tct_mini *mini, fresh = { .announced = moved };
	__u64 now_ns = bpf_ktime_get_ns();

	if (!cookie || !tw_is_wanted(tw))
		return 0;
	fresh.entered_ns = moved ? 0 : now_ns;
	fresh.substate = READ(PROBE_READ, tw, tw_substate);
	if (!bpf_map_update_elem(&tct_minis, &cookie, &fresh, BPF_NOEXIST))
		return 0;
	mini = bpf_map_lookup_elem(&tct_minis, &cookie);
	if (!mini)
		count_lost();
	else if (mini->substate == TCP_FIN_WAIT2 && fresh.substate == TCP_TIME_WAIT)
		fin_count(mini, now_ns, BY_START);
	return 0;
}

static __always_inline int count_tw_segment(struct inet_timewait_sock *tw)
{
	__u64 cookie = READ(PROBE_READ, tw, __tw_common.skc_cookie.counter);
	struct tct_mini *mini;

	if (READ(PROBE_READ, tw, tw_substate) != TCP_TIME_WAIT)
		return 0;
	mini = bpf_map_lookup_elem(&tct_minis, &cookie);
	if (mini && mini->substate == TCP_FIN_WAIT2)
		fin_count(mini, bpf_ktime_get_ns(), BY_START);
	return 0;
}

static __always_inline int count_tw_cancel(struct inet_timewait_sock *tw)
{
	__u64 cookie = READ(PROBE_READ, tw, __tw_common.skc_cookie.counter);
	unsigned long expires = READ(PROBE_READ, tw, tw_timer.expires);
	struct tct_dwell *dwell;
	struct tct_mini *mini;
	struct mini_end *end;
	__u32 first = 0;
	bool seen;

	end = bpf_map_lookup_elem(&tct_mini_ends, &first);
	if (!end || !tw_is_wanted(tw))
		return 0;
	end->state = READ(PROBE_READ, tw, tw_substate);
	end->mini = (struct tct_mini){ .substate = end->state, .announced = 1 };
	mini = bpf_map_lookup_elem(&tct_minis, &cookie);
	end->cookie = cookie;
	end->known = mini;
	if (mini) {
		end->mini = *mini;
		bpf_map_delete_elem(&tct_minis, &cookie);
	}
	end->address = (long)(expires - (unsigned long)bpf_jiffies64()) > 0 ? (__u64)tw : 0;
	end->time_ns = bpf_ktime_get_ns();
	dwell = dwell_of(end->state, TCP_CLOSE);
	end->max_ns = dwell ? dwell->max_ns[BY_CANCEL] : 0;
	seen = end->state == end->mini.substate;
	if (!seen)
		count(TCP_FIN_WAIT2, TCP_TIME_WAIT, 0, 0, BY_CANCEL);
	count(end->state, TCP_CLOSE, seen ? end->mini.entered_ns : 0, end->time_ns, BY_CANCEL);
	return 0;
}

#endif
