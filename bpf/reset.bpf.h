/* SPDX-License-Identifier: GPL-2.0 */
/* Resets that this host sends, with the kernel's own reason where it has one. */
#ifndef TCT_RESET_BPF_H
#define TCT_RESET_BPF_H

/* The tracepoint's third argument came with 6.11; set before load. */
const volatile bool tct_reset_reasons;

/*
 * The kernel sends resets for no socket, for requests and for mini-sockets too: those end
 * otherwise. A kernel whose verifier does not know that the socket may be NULL removes the test
 * for it; then the read gives a state of 0.
 */
static __always_inline int on_send_reset(struct sock *sk, int reason)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct tct_record_reset rec;
	__u8 state;

	if (!sk || tct_thin)
		return 0;
	state = READ(PROBE_READ, sk, __sk_common.skc_state);
	if (!state || state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV || state == TCP_LISTEN ||
	    !tcp_of(PROBE_READ, sk))
		return 0;
	sock_identity(PROBE_READ, tp, &rec.id);
	if (filter_sock(sk, &rec.id) != TCT_PASS)
		return 0;
	header_set(&rec.h, TCT_REC_RESET, sizeof(rec));
	rec.state = state;
	__builtin_memset(rec.pad, 0, sizeof(rec.pad));
	rec.reason = reason;
	rec.pad2 = 0;
	return emit(&rec, sizeof(rec), rec.id.cookie);
}

#endif
