/* SPDX-License-Identifier: GPL-2.0 */
/* Transitions of full sockets: filtered, held back while a port is not known yet, sent. */
#ifndef TCT_STATE_BPF_H
#define TCT_STATE_BPF_H

#define TCT_HELD_MAX 65536	/* connects in flight at one moment */

/* First events that a port filter cannot judge yet, by socket, until the next event of each. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCT_HELD_MAX);
	__uint(map_flags, 1 /* BPF_F_NO_PREALLOC */);
	__type(key, __u64);
	__type(value, struct tct_record_sock);
} tct_held SEC(".maps");

/*
 * An end without an error, of a socket that somebody still held: close() or disconnect, which lock
 * it (a softirq does not), or its listener's, for one that is still queued.
 */
static __always_inline bool is_aborted(bool direct, struct tcp_sock *tp,
				       const struct tct_record_sock *rec)
{
	if (rec->err || rec->flags & TCT_SOCK_DEAD)
		return false;
	if (!(rec->flags & TCT_SOCK_QUEUED) &&
	    !READ(direct, tp, inet_conn.icsk_inet.sk.sk_lock.owned))
		return false;
	return rec->from == TCP_ESTABLISHED || rec->from == TCP_CLOSE_WAIT ||
	       rec->from == TCP_SYN_SENT || rec->from == TCP_FIN_WAIT1;
}

/*
 * What only a system call on the socket makes: connect, listen, close, shutdown. In all else the
 * current task is whoever the softirq interrupted.
 */
static __always_inline bool in_own_context(bool direct, struct tcp_sock *tp,
					   const struct tct_record_sock *rec)
{
	switch (rec->to) {
	case TCP_SYN_SENT:
	case TCP_LISTEN:
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		return true;
	case TCP_CLOSE:
		return rec->from == TCP_LISTEN || is_aborted(direct, tp, rec);
	default:
		return false;
	}
}

/* The helper for it costs 45 ns. What follows the end of the name may be left of a longer one. */
static __always_inline void comm_fill(bool typed, struct task_struct *task, char *out)
{
	if (!typed) {
		bpf_get_current_comm(out, TCT_COMM_LEN);
		return;
	}
	((__u64 *)out)[0] = ((__u64 *)task->comm)[0];
	((__u64 *)out)[1] = ((__u64 *)task->comm)[1];
}

/*
 * A kernel thread may open a socket of its own; when it closes one, it does so for a process
 * that is already gone (delayed fput, the MPTCP worker), and is not its holder.
 */
static __always_inline void task_fill(bool direct, struct tct_record_sock *rec)
{
	bool typed = direct && tct_make_cookies;	/* later than the helper, from 5.11 on */
	struct task_struct *task = typed ? bpf_get_current_task_btf()
					 : (void *)bpf_get_current_task();
	unsigned int flags = READ(typed, task, flags);

	if (flags & PF_KTHREAD && rec->to != TCP_SYN_SENT && rec->to != TCP_LISTEN)
		return;
	rec->flags |= TCT_SOCK_TASK;
	rec->pid = bpf_get_current_pid_tgid() >> 32;
	comm_fill(typed, task, rec->comm);
	if (flags & PF_EXITING) {
		rec->traits |= TCT_TRAIT_EXITING;
		rec->signal = READ(typed, task, exit_code) & 0x7f;
	}
}

static __always_inline void state_fill(bool direct, struct tcp_sock *tp, int from, int to,
				       struct tct_record_sock *rec)
{
	header_set(&rec->h, TCT_REC_STATE, sizeof(*rec));
	rec->from = from;
	rec->to = to;
	sock_numbers(direct, tp, rec);
	if (to == TCP_CLOSE)
		rec->traits = sock_traits(direct, tp);
	if (to == TCP_FIN_WAIT2 && READ(direct, tp, inet_conn.icsk_inet.sk.sk_backlog.len))
		rec->flags |= TCT_SOCK_BACKLOG;
	if (in_own_context(direct, tp, rec))
		task_fill(direct, rec);
}

/* Rare, and one for all providers: hence by probe reads. `rec` has its identity. */
static __noinline void held_store(struct tcp_sock *tp, struct tct_record_sock *rec, int from,
				  int to)
{
	__u64 key = (__u64)tp;

	state_fill(false, tp, from, to, rec);
	if (!bpf_map_update_elem(&tct_held, &key, rec, BPF_ANY))
		return;
	__sync_fetch_and_add(&this_cpu()->attempts, 1);
	__sync_fetch_and_add(&this_cpu()->lost_held, 1);
}

/* Its port is known now: let the held event go before this one, or forget it. */
static __noinline void held_release(struct tcp_sock *tp, bool pass)
{
	__u64 key = (__u64)tp;
	struct tct_record_sock *held = bpf_map_lookup_elem(&tct_held, &key);

	if (!held)
		return;
	if (pass) {
		thin_count(held->from, held->to);
		if (tct_replacing)
			held->flags |= TCT_SOCK_SECOND;
		emit(held, sizeof(*held), held->id.cookie);
	}
	bpf_map_delete_elem(&tct_held, &key);
}

/*
 * Undecided until its next event: an auto-bound connect has no local port at CLOSE to SYN_SENT, and
 * up to 6.12 a listener's child no peer at LISTEN to SYN_RECV. Returns whether the event goes to
 * the ring.
 */
static __always_inline bool state_passes(struct tcp_sock *tp, struct tct_record_sock *rec,
					 int from, int to)
{
	enum tct_verdict verdict = filter_sock(&tp->inet_conn.icsk_inet.sk, &rec->id);

	if (!tct_filter.by_lport && !tct_filter.by_rport)
		return verdict == TCT_PASS;
	if (tct_filter.by_rport && !rec->id.rport && to == TCP_SYN_RECV)
		held_store(tp, rec, from, to);
	else if (verdict == TCT_UNDECIDED && to == TCP_SYN_SENT)
		held_store(tp, rec, from, to);
	else if (from == TCP_SYN_SENT || from == TCP_SYN_RECV)
		held_release(tp, verdict == TCT_PASS);
	return verdict == TCT_PASS;
}

static __always_inline bool filter_in_use(void)
{
	return tct_filter.by_lport || tct_filter.by_rport || tct_filter.family ||
	       tct_filter.netns || tct_filter.by_cgroup;
}

/* Set before load: only findings are wanted, so transitions are sent brief. */
const volatile bool tct_brief;

/* Set before load: a tick of this kernel. To divide by tct_hz here would cost 10 ns. */
const volatile __u64 tct_tick_ns = 4000000;

__u64 tct_tick_base;	/* CLOCK_MONOTONIC at jiffy 0, to half a tick */

/*
 * The true clock costs several tens of ns, the count of ticks next to nothing; it follows
 * CLOCK_MONOTONIC exactly. Two CPUs may both set the base: to the same, within a tick.
 */
static __always_inline __u64 clock_tick_ns(void)
{
	__u64 ticks_ns = bpf_jiffies64() * tct_tick_ns;

	if (!tct_tick_base)
		tct_tick_base = bpf_ktime_get_ns() - ticks_ns - tct_tick_ns / 2;
	return tct_tick_base + ticks_ns;
}

/* NULL for MPTCP's own socket, SCTP, DCCP. */
static __always_inline struct tcp_sock *tcp_of(bool direct, struct sock *sk)
{
	if (direct)
		return bpf_skc_to_tcp_sock(sk);
	return READ(direct, sk, sk_protocol) == IPPROTO_TCP ? (struct tcp_sock *)sk : NULL;
}

/*
 * From what all sockets have in common, where it is 0 at CLOSE: the mirror knows it by then. One
 * that has no cookie is known by its ports: then it is looked up as TCP's, which costs 9 ns.
 */
static __always_inline __u16 step_lport(bool direct, struct sock *sk)
{
	struct tcp_sock *tp;

	if (direct && tct_make_cookies)
		return sk->__sk_common.skc_num;
	tp = direct ? bpf_skc_to_tcp_sock(sk) : (struct tcp_sock *)sk;
	return tp ? htons_ntohs(READ(direct, tp, inet_conn.icsk_inet.inet_sport)) : 0;
}

static __always_inline int emit_step(bool direct, struct sock *sk, int from, int to, __u8 flags,
				     __u64 time_ns)
{
	struct sock_common *skc = &sk->__sk_common;
	struct tct_record_step rec = {
		.from = from,
		.to = to,
		.flags = flags,
		.family = READ(direct, skc, skc_family),
		.time_ns = time_ns,
		.cookie = fix_cookie(direct, sk, READ(direct, skc, skc_cookie.counter)),
		.address = (__u64)sk,
		.netns = netns_of(direct, skc),
		.lport = step_lport(direct, sk),
		.rport = htons_ntohs(READ(direct, skc, skc_dport)),
	};

	header_set(&rec.h, TCT_REC_STEP, sizeof(rec));
	return emit(&rec, sizeof(rec), rec.cookie);
}

/* `rec` is room for what is held back. */
static __always_inline bool is_filtered_out(bool direct, struct sock *sk, int from, int to,
					    struct tct_record_sock *rec)
{
	struct tcp_sock *tp;

	if (!filter_in_use())
		return false;
	tp = tcp_of(direct, sk);
	if (!tp)
		return true;
	sock_identity(direct, tp, &rec->id);
	return !state_passes(tp, rec, from, to);
}

static __always_inline int on_set_state(bool direct, struct sock *sk, int from, int to, __u8 flags)
{
	struct tct_record_sock rec;
	struct tcp_sock *tp;

	if (READ(direct, sk, sk_protocol) != IPPROTO_TCP ||
	    is_filtered_out(direct, sk, from, to, &rec))
		return 0;
	thin_count(from, to);
	if (tct_replacing)
		flags |= TCT_SOCK_SECOND;
	if (tct_brief || tct_thin)
		return emit_step(direct, sk, from, to, flags, clock_tick_ns());
	tp = tcp_of(direct, sk);
	if (!tp)
		return 0;
	sock_identity(direct, tp, &rec.id);
	state_fill(direct, tp, from, to, &rec);
	rec.flags |= flags;
	return emit(&rec, sizeof(rec), rec.id.cookie);
}

static __always_inline __u32 state_pair(int from, int to)
{
	return (__u32)from << 8 | (__u32)to;
}

/*
 * The kernel skips a program on a CPU where it is running already: an event in a softirq that
 * interrupts it in process context would go unseen, a few times in a million. So there are two.
 * The first notes each event that it gets; the second takes what is not the one noted last, and
 * forgets that: else a softirq that comes just before the first has noted its own would find the one
 * before, and sockets at one address pass the same states again and again. When a softirq comes
 * just between the two, an event is sent twice: the second is marked, and user space knows what to
 * drop. A softirq is not interrupted by another, so there is no third.
 */
static __always_inline void note_event(struct sock *sk, int from, int to)
{
	struct tct_cpu *cpu = this_cpu();

	cpu->noted_sk = (__u64)sk;
	cpu->noted_pair = state_pair(from, to);
}

static __always_inline bool take_noted(struct sock *sk, int from, int to)
{
	struct tct_cpu *cpu = this_cpu();

	if (cpu->noted_sk != (__u64)sk || cpu->noted_pair != state_pair(from, to))
		return false;
	cpu->noted_sk = 0;
	return true;
}

static __always_inline int first_set_state(bool direct, struct sock *sk, int from, int to)
{
	note_event(sk, from, to);
	return on_set_state(direct, sk, from, to, 0);
}

static __always_inline int second_set_state(bool direct, struct sock *sk, int from, int to)
{
	if (take_noted(sk, from, to))
		return 0;
	return on_set_state(direct, sk, from, to, TCT_SOCK_SECOND);
}

#endif
