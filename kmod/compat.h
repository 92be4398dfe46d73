/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that differs between kernel versions, configurations and architectures, each difference
 * with the release that made it. Nothing else in kmod/ asks for a version.
 */
#ifndef TCT_COMPAT_H
#define TCT_COMPAT_H

#include <linux/ftrace.h>
#include <linux/ptrace.h>
#include <linux/bottom_half.h>
#include <linux/version.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "tcpclose.ko needs Linux 5.10 or later"
#endif

#if !defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) && !defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
#error "tcpclose.ko needs a kernel with CONFIG_DYNAMIC_FTRACE_WITH_ARGS or _REGS"
#endif

/*
 * What an ftrace callback gets: pt_regs, from 5.11 ftrace_regs. The function's arguments are in
 * it always from 6.2 where the architecture says so, else only when all registers are saved.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define tct_regs pt_regs
#define TCT_FTRACE_REGS FTRACE_OPS_FL_SAVE_REGS
#define tct_argument(regs, n) regs_get_kernel_argument(regs, n)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0) || !defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
#define tct_regs ftrace_regs
#define TCT_FTRACE_REGS FTRACE_OPS_FL_SAVE_REGS
#define tct_argument(regs, n) regs_get_kernel_argument(ftrace_get_regs(regs), n)
#else
#define tct_regs ftrace_regs
#define TCT_FTRACE_REGS 0
#define tct_argument(regs, n) ftrace_regs_get_argument(regs, n)
#endif

/* Protection against recursion was the default, and is asked for from 5.11. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define TCT_FTRACE_RECURSION 0
#else
#define TCT_FTRACE_RECURSION FTRACE_OPS_FL_RECURSION
#endif

/* PERMANENT: kernel.ftrace_enabled=0 is refused for as long as it would silence us. */
#define TCT_FTRACE_FLAGS (TCT_FTRACE_REGS | TCT_FTRACE_RECURSION | FTRACE_OPS_FL_PERMANENT)

/* Where TCP's mini-sockets are accounted: a pointer from 5.18 up to 6.0, embedded otherwise. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define tct_tcp_death_row(net) ((net)->ipv4.tcp_death_row)
#else
#define tct_tcp_death_row(net) (&(net)->ipv4.tcp_death_row)
#endif

/*
 * While a tracepoint runs no softirq may interrupt it to run it again on this CPU: BPF skips a
 * program that is running there already. On PREEMPT_RT softirqs are threads and cannot.
 */
#ifdef CONFIG_PREEMPT_RT
#define tct_softirq_off() do { } while (0)
#define tct_softirq_on() do { } while (0)
#else
#define tct_softirq_off() local_bh_disable()
#define tct_softirq_on() local_bh_enable()
#endif

#endif
