/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoints. Their format is stable: fields keep name, type, offset and meaning; new ones
 * come only after the last. See events/tcpclose/ in tracefs.
 *
 * Common to all three:
 *   cookie    SO_COOKIE, which a mini-socket takes over; 0 while nobody has asked for it
 *   netns     inode of the network namespace, as in /proc/PID/ns/net
 *   family    AF_INET or AF_INET6, the socket's own
 *   sport     local port, host order; 0 at TCP_CLOSE to TCP_SYN_SENT while none is chosen
 *   dport     remote port, host order
 *   saddr, daddr        IPv4 addresses, network order; 0.0.0.0 for native IPv6
 *   saddr_v6, daddr_v6  IPv6 addresses; IPv4-mapped for AF_INET
 *
 * tcp_set_state: a TCP socket is about to go from oldstate to newstate. MPTCP's own sockets, DCCP
 *   and SCTP are left out; an MPTCP subflow is TCP.
 * tcp_time_wait: a mini-socket takes a TCP socket's place, whose TCP_CLOSE follows (rearm 0); or
 *   the timer of one is about to be armed again (rearm 1).
 *   substate    TCP_TIME_WAIT or TCP_FIN_WAIT2; a rearm shows the new one
 *   timeout_ms  the timer's
 * tcp_time_wait_end: the mini-socket leaves. The kernel stack tells why.
 *   substate    as above
 *   left_ms     until its timer would have ended it; not positive if that is what happened
 *
 * For raw tracepoints and BPF, in order of TP_PROTO: before the store to sk_state; sk is NULL at a
 * rearm, timeo is in jiffies; tw is completely filled in. No softirq nests in one on its CPU.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tcpclose

#if !defined(TCT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TCT_TRACE_H

#include <linux/tracepoint.h>
#include <net/inet_sock.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp_states.h>

/* Whoever uses a tracepoint, tracefs too, holds the module: rmmod is refused. */
int tct_trace_hold(void);
void tct_trace_release(void);

/* The numbers are those of net/tcp_states.h, written out so that perf can read the format. */
#define tct_show_state(state)						\
	__print_symbolic(state,						\
		{ 1, "TCP_ESTABLISHED" }, { 2, "TCP_SYN_SENT" },	\
		{ 3, "TCP_SYN_RECV" }, { 4, "TCP_FIN_WAIT1" },		\
		{ 5, "TCP_FIN_WAIT2" }, { 6, "TCP_TIME_WAIT" },		\
		{ 7, "TCP_CLOSE" }, { 8, "TCP_CLOSE_WAIT" },		\
		{ 9, "TCP_LAST_ACK" }, { 10, "TCP_LISTEN" },		\
		{ 11, "TCP_CLOSING" }, { 12, "TCP_NEW_SYN_RECV" })

#define tct_show_family(family) __print_symbolic(family, { 2, "AF_INET" }, { 10, "AF_INET6" })

#define TCT_TUPLE_FIELDS			\
	__field(__u64, cookie)			\
	__field(__u32, netns)			\
	__field(__u16, family)			\
	__field(__u16, sport)			\
	__field(__u16, dport)			\
	__array(__u8, saddr, 4)			\
	__array(__u8, daddr, 4)			\
	__array(__u8, saddr_v6, 16)		\
	__array(__u8, daddr_v6, 16)

#define TCT_TUPLE_ASSIGN(skc, source_port, source_addr)				\
	do {									\
		__entry->cookie = atomic64_read(&(skc)->skc_cookie);		\
		__entry->netns = read_pnet(&(skc)->skc_net)->ns.inum;		\
		__entry->family = (skc)->skc_family;				\
		__entry->sport = ntohs(source_port);				\
		__entry->dport = ntohs((skc)->skc_dport);			\
		tct_fill_addrs(skc, source_addr, __entry->saddr, __entry->daddr,	\
			       __entry->saddr_v6, __entry->daddr_v6);		\
	} while (0)

#define TCT_TUPLE_FORMAT							\
	"cookie=%llu netns=%u family=%s sport=%hu dport=%hu "			\
	"saddr=%pI4 daddr=%pI4 saddrv6=%pI6c daddrv6=%pI6c "

#define TCT_TUPLE_PRINT								\
	__entry->cookie, __entry->netns, tct_show_family(__entry->family),	\
	__entry->sport, __entry->dport, __entry->saddr, __entry->daddr,		\
	__entry->saddr_v6, __entry->daddr_v6

TRACE_EVENT_FN(tcp_set_state,
	TP_PROTO(const struct sock *sk, int oldstate, int newstate),
	TP_ARGS(sk, oldstate, newstate),
	TP_STRUCT__entry(
		TCT_TUPLE_FIELDS
		__field(int, oldstate)
		__field(int, newstate)
	),
	TP_fast_assign(
		TCT_TUPLE_ASSIGN(&sk->__sk_common, inet_sk(sk)->inet_sport,
				 inet_sk(sk)->inet_saddr);
		__entry->oldstate = oldstate;
		__entry->newstate = newstate;
	),
	TP_printk(TCT_TUPLE_FORMAT "oldstate=%s newstate=%s", TCT_TUPLE_PRINT,
		  tct_show_state(__entry->oldstate), tct_show_state(__entry->newstate)),
	tct_trace_hold, tct_trace_release
);

TRACE_EVENT_FN(tcp_time_wait,
	TP_PROTO(const struct inet_timewait_sock *tw, const struct sock *sk, int timeo),
	TP_ARGS(tw, sk, timeo),
	TP_STRUCT__entry(
		TCT_TUPLE_FIELDS
		__field(int, substate)
		__field(int, rearm)
		__field(unsigned int, timeout_ms)
	),
	TP_fast_assign(
		TCT_TUPLE_ASSIGN(&tw->__tw_common, tw->tw_sport, tw->tw_rcv_saddr);
		__entry->substate = READ_ONCE(tw->tw_substate);
		__entry->rearm = !sk;
		__entry->timeout_ms = jiffies_to_msecs(timeo);
	),
	TP_printk(TCT_TUPLE_FORMAT "substate=%s rearm=%d timeout_ms=%u", TCT_TUPLE_PRINT,
		  tct_show_state(__entry->substate), __entry->rearm, __entry->timeout_ms),
	tct_trace_hold, tct_trace_release
);

TRACE_EVENT_FN(tcp_time_wait_end,
	TP_PROTO(const struct inet_timewait_sock *tw),
	TP_ARGS(tw),
	TP_STRUCT__entry(
		TCT_TUPLE_FIELDS
		__field(int, substate)
		__field(int, left_ms)
	),
	TP_fast_assign(
		TCT_TUPLE_ASSIGN(&tw->__tw_common, tw->tw_sport, tw->tw_rcv_saddr);
		__entry->substate = READ_ONCE(tw->tw_substate);
		__entry->left_ms = tct_left_ms(tw);
	),
	TP_printk(TCT_TUPLE_FORMAT "substate=%s left_ms=%d", TCT_TUPLE_PRINT,
		  tct_show_state(__entry->substate), __entry->left_ms),
	tct_trace_hold, tct_trace_release
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
