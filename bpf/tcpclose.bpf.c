// SPDX-License-Identifier: GPL-2.0
/*
 * Thin wrappers: for each event one for each provider that can tell it. The loader chooses
 * (user/source/hooks.c); state.bpf.h and timewait.bpf.h do the work. In tp_btf and fentry
 * programs pointers have types and are read directly; elsewhere by probe reads.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "record.h"
#include "core_fixes.bpf.h"
#include "filter.bpf.h"
#include "emit.bpf.h"
#include "sock.bpf.h"
#include "thin.bpf.h"
#include "state.bpf.h"
#include "timewait.bpf.h"
#include "reset.bpf.h"
#include "summary.bpf.h"
#include "summary_tw.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Frames of the kernel stack down to __run_timers() when a timer ends its mini-socket. */
#define FRAMES_CANCEL 5
#define FRAMES_KILL 10

/* Bytes above a bool argument are garbage. */
#define IS_TRUE(argument) ((__u8)(argument) != 0)

static __always_inline int sk_state(bool direct, struct sock *sk)
{
	return READ(direct, sk, __sk_common.skc_state);
}

/* The kernel's own tracepoints. */

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tct_tp_state, struct sock *sk, int from, int to)
{
	return first_set_state(DIRECT, sk, from, to);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tct_tp_state_second, struct sock *sk, int from, int to)
{
	return second_set_state(DIRECT, sk, from, to);
}

SEC("tp_btf/timer_start")
int BPF_PROG(tct_tp_timer_start, struct timer_list *timer)
{
	struct inet_timewait_sock *tw = tw_of(DIRECT, timer);

	return tw ? on_tw_start(PROBE_READ, tw) : 0;
}

SEC("tp_btf/timer_cancel")
int BPF_PROG(tct_tp_timer_cancel, struct timer_list *timer)
{
	struct inet_timewait_sock *tw = tw_of(DIRECT, timer);

	return tw ? on_tw_stop(PROBE_READ, ctx, tw, TCT_REC_TW_CANCEL, FRAMES_CANCEL, 0) : 0;
}

/*
 * A FIN that takes a mini-socket from FIN_WAIT2 to TIME_WAIT within the timer wheel's bucket
 * moves no timer. The segment itself is seen when it is freed, where the kernel says for which
 * socket it was (6.11 and later; the loader leaves this program out elsewhere).
 */
SEC("tp_btf/kfree_skb")
int BPF_PROG(tct_tp_kfree_skb, struct sk_buff *skb, void *location, int reason, struct sock *rx_sk)
{
	if (!rx_sk || sk_state(DIRECT, rx_sk) != TCP_TIME_WAIT)
		return 0;
	return on_tw_segment(PROBE_READ, (struct inet_timewait_sock *)rx_sk);
}

/*
 * It fires where a reset is sent indeed; the functions around it are also called for resets that
 * then are not. The socket may be NULL, which not every kernel tells the verifier.
 */
SEC("tp_btf/tcp_send_reset")
int tct_tp_send_reset(__u64 *ctx)
{
	return on_send_reset((struct sock *)ctx[0], tct_reset_reasons ? (int)ctx[2] : -1);
}

/* --mode=summary. */

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tct_tp_count, struct sock *sk, int from, int to)
{
	return first_count(sk, from, to);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tct_tp_count_second, struct sock *sk, int from, int to)
{
	return second_count(sk, from, to);
}

SEC("tp_btf/timer_start")
int BPF_PROG(tct_tp_count_start, struct timer_list *timer)
{
	struct inet_timewait_sock *tw = tw_of(DIRECT, timer);

	return tw ? count_tw_start(tw) : 0;
}

SEC("tp_btf/timer_cancel")
int BPF_PROG(tct_tp_count_cancel, struct timer_list *timer)
{
	struct inet_timewait_sock *tw = tw_of(DIRECT, timer);

	return tw ? count_tw_cancel(tw) : 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(tct_tp_count_segment, struct sk_buff *skb, void *location, int reason,
	     struct sock *rx_sk)
{
	if (!rx_sk || sk_state(DIRECT, rx_sk) != TCP_TIME_WAIT)
		return 0;
	return count_tw_segment((struct inet_timewait_sock *)rx_sk);
}

/* The same for a kernel that shows no BTF of its own. */

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(tct_raw_state, struct sock *sk, int from, int to)
{
	return first_set_state(PROBE_READ, sk, from, to);
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(tct_raw_state_second, struct sock *sk, int from, int to)
{
	return second_set_state(PROBE_READ, sk, from, to);
}

SEC("raw_tp/timer_start")
int BPF_PROG(tct_raw_timer_start, struct timer_list *timer)
{
	struct inet_timewait_sock *tw = tw_of(PROBE_READ, timer);

	return tw ? on_tw_start(PROBE_READ, tw) : 0;
}

SEC("raw_tp/timer_cancel")
int BPF_PROG(tct_raw_timer_cancel, struct timer_list *timer)
{
	struct inet_timewait_sock *tw = tw_of(PROBE_READ, timer);

	return tw ? on_tw_stop(PROBE_READ, ctx, tw, TCT_REC_TW_CANCEL, FRAMES_CANCEL, 0) : 0;
}

SEC("raw_tp/tcp_send_reset")
int BPF_PROG(tct_raw_send_reset, struct sock *sk)
{
	return on_send_reset(sk, -1);
}

/*
 * Our module's tracepoints: kmod/trace.h. It keeps softirqs off while they fire, so that no program
 * is interrupted by an event of its own.
 */

SEC("raw_tp/tcp_set_state")
int BPF_PROG(tct_kmod_state, struct sock *sk, int from, int to)
{
	return on_set_state(PROBE_READ, sk, from, to, 0);
}

SEC("raw_tp/tcp_time_wait")
int BPF_PROG(tct_kmod_time_wait, struct inet_timewait_sock *tw, struct sock *sk, int timeo)
{
	return on_tw_arm(PROBE_READ, tw, timeo, sk ? TCT_REC_TW_START : TCT_REC_TW_REARM);
}

SEC("raw_tp/tcp_time_wait_end")
int BPF_PROG(tct_kmod_time_wait_end, struct inet_timewait_sock *tw)
{
	return on_tw_stop(PROBE_READ, ctx, tw, TCT_REC_TW_END, TCT_STACK_DEPTH, 0);
}

/* fentry on the functions: every state of a socket passes through one of the first two. */

SEC("fentry/inet_sk_set_state")
int BPF_PROG(tct_fentry_set, struct sock *sk, int to)
{
	return first_set_state(DIRECT, sk, sk_state(DIRECT, sk), to);
}

SEC("fentry/inet_sk_set_state")
int BPF_PROG(tct_fentry_set_second, struct sock *sk, int to)
{
	return second_set_state(DIRECT, sk, sk_state(DIRECT, sk), to);
}

SEC("fentry/inet_sk_state_store")
int BPF_PROG(tct_fentry_store, struct sock *sk, int to)
{
	return first_set_state(DIRECT, sk, sk_state(DIRECT, sk), to);
}

SEC("fentry/inet_sk_state_store")
int BPF_PROG(tct_fentry_store_second, struct sock *sk, int to)
{
	return second_set_state(DIRECT, sk, sk_state(DIRECT, sk), to);
}

/* Until 6.10 the timer is armed first. */
SEC("fentry/inet_twsk_hashdance")
int BPF_PROG(tct_fentry_hashdance, struct inet_timewait_sock *tw)
{
	return on_tw_start(DIRECT, tw);
}

SEC("fentry/inet_twsk_hashdance_schedule")
int BPF_PROG(tct_fentry_hashdance_schedule, struct inet_timewait_sock *tw, struct sock *sk,
	     struct inet_hashinfo *hashinfo, int timeo)
{
	return on_tw_arm(DIRECT, tw, timeo, TCT_REC_TW_START);
}

SEC("fentry/__inet_twsk_schedule")
int BPF_PROG(tct_fentry_rearm, struct inet_timewait_sock *tw, int timeo, bool rearm)
{
	return IS_TRUE(rearm) ? on_tw_arm(DIRECT, tw, timeo, TCT_REC_TW_REARM) : 0;
}

SEC("fentry/inet_twsk_kill")
int BPF_PROG(tct_fentry_kill, struct inet_timewait_sock *tw)
{
	return on_tw_stop(DIRECT, ctx, tw, TCT_REC_TW_END, FRAMES_KILL, 0);
}

/* kprobes on the same functions. */

SEC("kprobe/inet_sk_set_state")
int BPF_KPROBE(tct_kprobe_set, struct sock *sk, int to)
{
	return on_set_state(PROBE_READ, sk, sk_state(PROBE_READ, sk), to, 0);
}

SEC("kprobe/inet_sk_state_store")
int BPF_KPROBE(tct_kprobe_store, struct sock *sk, int to)
{
	return on_set_state(PROBE_READ, sk, sk_state(PROBE_READ, sk), to, 0);
}

SEC("kprobe/inet_twsk_hashdance")
int BPF_KPROBE(tct_kprobe_hashdance, struct inet_timewait_sock *tw)
{
	return on_tw_start(PROBE_READ, tw);
}

SEC("kprobe/inet_twsk_hashdance_schedule")
int BPF_KPROBE(tct_kprobe_hashdance_schedule, struct inet_timewait_sock *tw, struct sock *sk,
	       struct inet_hashinfo *hashinfo, int timeo)
{
	return on_tw_arm(PROBE_READ, tw, timeo, TCT_REC_TW_START);
}

SEC("kprobe/__inet_twsk_schedule")
int BPF_KPROBE(tct_kprobe_rearm, struct inet_timewait_sock *tw, int timeo, bool rearm)
{
	return IS_TRUE(rearm) ? on_tw_arm(PROBE_READ, tw, timeo, TCT_REC_TW_REARM) : 0;
}

/*
 * A function has made no frame yet when its kprobe runs. Where its return address is in a register
 * till then, a walk by frames goes from it to its caller's caller; elsewhere this is 0.
 */
static __always_inline __u64 unseen_caller(struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_arm64)
	return PT_REGS_RET(ctx);
#else
	return 0;
#endif
}

SEC("kprobe/inet_twsk_kill")
int BPF_KPROBE(tct_kprobe_kill, struct inet_timewait_sock *tw)
{
	return on_tw_stop(PROBE_READ, ctx, tw, TCT_REC_TW_END, FRAMES_KILL, unseen_caller(ctx));
}
