// SPDX-License-Identifier: GPL-2.0
/*
 * States come from the kernel's own tracepoint; mini-sockets, which have none, from the entries
 * of the functions that make, re-arm and end them.
 *
 * All are attached for as long as the module is loaded, and leave at a static key while nobody
 * listens. Attaching in a tracepoint's reg() would cost nothing then, but cannot be done right:
 * reg() runs under tracepoints_mutex and attaching takes ftrace_lock (a kprobe's would, too), while
 * the function graph tracer takes tracepoints_mutex under ftrace_lock. Left to a worker it could
 * be late, and the first events would be missing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <linux/tracepoint.h>
#include <net/sock.h>
#include "hook.h"
#include "probe.h"
#include "trace.h"

/* DCCP has mini-sockets made by the same functions. */
static bool is_tcp(const struct inet_timewait_sock *tw)
{
	return tw->tw_dr == tct_tcp_death_row(twsk_net(tw));
}

static void report_begin(const struct inet_timewait_sock *tw, const struct sock *sk, int timeo)
{
	if (!is_tcp(tw))
		return;
	tct_softirq_off();
	trace_tcp_time_wait(tw, sk, timeo);
	tct_softirq_on();
}

/* inet_twsk_hashdance_schedule(tw, sk, hashinfo, timeo), 6.11 and later: arms the timer itself. */
static void notrace on_begin(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct tct_regs *regs)
{
	if (trace_tcp_time_wait_enabled())
		report_begin((void *)tct_argument(regs, 0), (void *)tct_argument(regs, 1),
			     (int)tct_argument(regs, 3));
}

/* inet_twsk_hashdance(tw, sk, hashinfo), earlier: the timer was armed just before. */
static void notrace on_begin_armed(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct tct_regs *regs)
{
	const struct inet_timewait_sock *tw;

	if (!trace_tcp_time_wait_enabled())
		return;
	tw = (void *)tct_argument(regs, 0);
	report_begin(tw, (void *)tct_argument(regs, 1), (int)(tw->tw_timer.expires - jiffies));
}

/* __inet_twsk_schedule(tw, timeo, rearm): a bool argument has only its low byte defined. */
static void notrace on_rearm(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct tct_regs *regs)
{
	if (trace_tcp_time_wait_enabled() && (u8)tct_argument(regs, 2))
		report_begin((void *)tct_argument(regs, 0), NULL, (int)tct_argument(regs, 1));
}

/* inet_twsk_kill(tw): called once for each, softirqs off. */
static void notrace on_end(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct tct_regs *regs)
{
	const struct inet_timewait_sock *tw;

	if (!trace_tcp_time_wait_end_enabled())
		return;
	tw = (void *)tct_argument(regs, 0);
	if (is_tcp(tw))
		trace_tcp_time_wait_end(tw);
}

static struct tct_hook hook_end = TCT_HOOK("inet_twsk_kill", on_end);
static struct tct_hook hook_rearm = TCT_HOOK("__inet_twsk_schedule", on_rearm);
static struct tct_hook hook_begin = TCT_HOOK("inet_twsk_hashdance_schedule", on_begin);
static struct tct_hook hook_begin_armed = TCT_HOOK("inet_twsk_hashdance", on_begin_armed);

static int attach(struct tct_hook *hook)
{
	int err;

	err = tct_hook_attach(hook);
	if (err)
		pr_err("not loaded: cannot trace the kernel's function %s (error %d)\n",
		       hook->symbol, err);
	return err;
}

int tct_probe_minis_attach(void)
{
	int err;

	err = attach(&hook_end);
	if (!err)
		err = attach(&hook_rearm);
	if (!err)
		err = attach(tct_hook_exists(&hook_begin) ? &hook_begin : &hook_begin_armed);
	if (err)
		tct_probe_minis_detach();
	return err;
}

void tct_probe_minis_detach(void)
{
	tct_hook_detach(&hook_begin_armed);
	tct_hook_detach(&hook_begin);
	tct_hook_detach(&hook_rearm);
	tct_hook_detach(&hook_end);
}

/* MPTCP's own sockets, DCCP and SCTP pass here, too. */
static void on_state(void *data, const struct sock *sk, const int oldstate, const int newstate)
{
	if (!trace_tcp_set_state_enabled() || sk->sk_protocol != IPPROTO_TCP)
		return;
	tct_softirq_off();
	trace_tcp_set_state(sk, oldstate, newstate);
	tct_softirq_on();
}

static const char state_source_name[] = "inet_sock_set_state";
static struct tracepoint *state_source;

static void find_state_source(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, state_source_name))
		*(struct tracepoint **)found = tp;
}

int tct_probe_states_attach(void)
{
	int err = -ENOENT;

	for_each_kernel_tracepoint(find_state_source, &state_source);
	if (state_source)
		err = tracepoint_probe_register(state_source, on_state, NULL);
	if (err)
		pr_err("not loaded: cannot use the kernel's tracepoint %s (error %d)\n",
		       state_source_name, err);
	return err;
}

void tct_probe_states_detach(void)
{
	tracepoint_probe_unregister(state_source, on_state, NULL);
	tracepoint_synchronize_unregister();
}
