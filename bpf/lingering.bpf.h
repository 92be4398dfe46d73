/* SPDX-License-Identifier: GPL-2.0 */
/* Why a socket that lingers does: what only an iterator reads, from trusted pointers. */
#ifndef TCT_LINGERING_BPF_H
#define TCT_LINGERING_BPF_H

#define TIMEWAIT_LEN_S 60	/* TCP_TIMEWAIT_LEN */
#define ORPHAN_RETRIES 8	/* tcp_orphan_retries() where the sysctl is 0 */
#define NS_PER_S 1000000000ULL

#define LINGERING (1U << TCP_CLOSE_WAIT | 1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 |	\
		   1U << TCP_LAST_ACK | 1U << TCP_CLOSING | 1U << TCP_SYN_RECV)

static __always_inline bool lingers(__u8 state)
{
	return LINGERING >> (state & 31) & 1;
}

static __always_inline __s64 left_ns(unsigned long expires)
{
	return (long)(expires - (unsigned long)bpf_jiffies64()) * (__s64)(NS_PER_S / tct_hz);
}

/* tcp_write_timeout() and tcp_fastopen_synack_timer() */
static __always_inline __u32 retries_of(struct tcp_sock *tp, __u8 state, bool dead)
{
	struct net *net = tp->inet_conn.icsk_inet.sk.__sk_common.skc_net.net;
	__u8 own = tp->inet_conn.icsk_syn_retries;
	__u32 retries;

	if (state == TCP_SYN_RECV) {
		if (own)
			return own;
		return tp->fastopen_rsk ? READ_SYSCTL(net, sysctl_tcp_synack_retries) + 1
					: READ_SYSCTL(net, sysctl_tcp_syn_retries);
	}
	if (!dead)
		return READ_SYSCTL(net, sysctl_tcp_retries2);
	retries = READ_SYSCTL(net, sysctl_tcp_orphan_retries);
	return retries ? retries : ORPHAN_RETRIES;
}

/* tcp_fin_time(), in jiffies */
static __always_inline int fin_time(struct tcp_sock *tp)
{
	struct net *net = tp->inet_conn.icsk_inet.sk.__sk_common.skc_net.net;
	int time = tp->linger2 ? tp->linger2 : net->ipv4.sysctl_tcp_fin_timeout;
	int least = (int)(tp->inet_conn.icsk_rto << 2) - (int)(tp->inet_conn.icsk_rto >> 1);

	return time < least ? least : time;
}

/*
 * A FIN_WAIT2 longer than TIME_WAIT waits as a full socket until the keepalive timer ends it, then
 * what is above TIME_WAIT's length once more as a mini-socket (tcp_keepalive_timer()).
 */
static __always_inline void kept_fill(struct tcp_sock *tp, struct tct_record_found *rec)
{
	int more = fin_time(tp) - TIMEWAIT_LEN_S * (int)tct_hz;
	unsigned long at;

	if (!fix_keepalive_at(tp, &at))
		return;
	rec->known |= TCT_FOUND_KEPT;
	rec->kept_ns = left_ns(at);
	if (tp->linger2 >= 0 && more > 0)
		rec->kept_ns += more * (__s64)(NS_PER_S / tct_hz);
}

/* When data was sent, or, where none can be, came in; in jiffies. */
static __always_inline void data_fill(struct tcp_sock *tp, struct tct_record_found *rec)
{
	__u32 at = tp->lsndtime;

	if (rec->sock.to == TCP_FIN_WAIT2)
		at = tp->inet_conn.icsk_ack.lrcvtime;
	rec->known = TCT_FOUND_DATA;
	rec->data_age_ns = (__u32)((__u32)bpf_jiffies64() - at) * (NS_PER_S / tct_hz);
}

/* After sock_numbers(). */
static __always_inline void lingering_fill(struct tcp_sock *tp, struct tct_record_found *rec)
{
	bool dead = rec->sock.flags & TCT_SOCK_DEAD;
	unsigned long at;

	data_fill(tp, rec);
	rec->snd_wnd = tp->snd_wnd;
	rec->rto_ns = tp->inet_conn.icsk_rto * (NS_PER_S / tct_hz);
	rec->limit = retries_of(tp, rec->sock.to, dead);
	/* retransmits_timed_out() counts none where it has a time */
	if (tp->inet_conn.icsk_user_timeout)
		rec->known |= TCT_FOUND_CLAMPED;
	else
		rec->known |= TCT_FOUND_LIMIT;
	if (tp->inet_conn.icsk_ulp_ops)
		rec->known |= TCT_FOUND_ULP;
	if (tp->inet_conn.icsk_pending && fix_retransmit_at(tp, &at)) {
		rec->known |= TCT_FOUND_TIMER;
		rec->timer_ns = left_ns(at);
	}
	if (dead && rec->sock.to == TCP_FIN_WAIT2)
		kept_fill(tp, rec);
}

static __always_inline void request_fill(struct tcp_request_sock *req,
					 struct tct_record_found *rec)
{
	struct sock_common *skc = &req->req.req.__req_common;
	struct inet_connection_sock *listener = (void *)skc->skc_listener;
	__u8 own = 0;

	/* num_retrans counts also those that a repeated SYN asked for, which no limit does */
	rec->sock.retransmits = BPF_CORE_READ_BITFIELD(&req->req.req, num_timeout);
	rec->known = TCT_FOUND_TIMER;
	/* tcp_check_req(): the accept queue is full, or TCP_DEFER_ACCEPT waits for data */
	if (BPF_CORE_READ_BITFIELD(&req->req, acked))
		rec->sock.flags |= TCT_SOCK_QUEUED;
	else
		rec->known |= TCT_FOUND_LIMIT;
	rec->timer_ns = left_ns(req->req.req.rsk_timer.expires);
	bpf_core_read(&own, sizeof(own), &listener->icsk_syn_retries);
	rec->limit = own ? own : READ_SYSCTL(skc->skc_net.net, sysctl_tcp_synack_retries);
	if (req->snt_synack) {	/* in us, by the clock that bpf_ktime_get_ns() reads */
		rec->known |= TCT_FOUND_AGE;
		rec->age_ns = rec->sock.id.time_ns - req->snt_synack * 1000;
	}
}

#endif
