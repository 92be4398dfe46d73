/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a kernel socket to a record. The socket is a BTF pointer in every caller, so that these
 * are plain loads; mini-sockets reached through their timer are not, and are read by probe reads.
 */
#ifndef TCT_SOCK_BPF_H
#define TCT_SOCK_BPF_H

#define htons_ntohs(x) __builtin_bswap16(x)

const volatile __u32 tct_hz = 250;	/* of this kernel; set before load */

static __always_inline void header_set(struct tct_record_header *h, __u8 tag, __u16 size)
{
	h->size = size;
	h->tag = tag;
	h->version = TCT_RECORD_VERSION;
}

/* The helper makes a cookie where nobody asked before; most sockets have one already. */
static __always_inline __u64 sock_cookie(struct tcp_sock *tp)
{
	__u64 cookie = tp->inet_conn.icsk_inet.sk.__sk_common.skc_cookie.counter;

	return cookie ? cookie : bpf_get_socket_cookie(tp);
}

static __always_inline void sock_addresses(struct sock_common *skc, struct tct_record_id *id)
{
	__u32 *laddr = (__u32 *)id->laddr;
	__u32 *raddr = (__u32 *)id->raddr;

	if (id->family == AF_INET6) {
		for (int i = 0; i < 4; i++) {
			laddr[i] = skc->skc_v6_rcv_saddr.in6_u.u6_addr32[i];
			raddr[i] = skc->skc_v6_daddr.in6_u.u6_addr32[i];
		}
		return;
	}
	laddr[0] = skc->skc_rcv_saddr;
	raddr[0] = skc->skc_daddr;
	for (int i = 1; i < 4; i++)
		laddr[i] = raddr[i] = 0;
}

/* skc_num is already 0 when CLOSE is traced, hence inet_sport. */
static __always_inline void sock_identity(struct tcp_sock *tp, struct tct_record_id *id)
{
	struct sock_common *skc = &tp->inet_conn.icsk_inet.sk.__sk_common;

	id->time_ns = bpf_ktime_get_ns();
	id->cookie = sock_cookie(tp);
	id->netns = skc->skc_net.net->ns.inum;
	id->lport = htons_ntohs(tp->inet_conn.icsk_inet.inet_sport);
	id->rport = htons_ntohs(skc->skc_dport);
	id->family = skc->skc_family;
	__builtin_memset(id->pad, 0, sizeof(id->pad));
	sock_addresses(skc, id);
}

#define SOCK_HAS(flags, name) ((flags) >> bpf_core_enum_value(enum sock_flags, name) & 1)

static __always_inline __u8 sock_flags(const struct sock *sk)
{
	unsigned long flags = sk->__sk_common.skc_flags;
	__u8 out = 0;

	if (SOCK_HAS(flags, SOCK_DEAD))
		out |= TCT_SOCK_DEAD;
	else if (!sk->sk_socket)
		out |= TCT_SOCK_QUEUED;
	if (SOCK_HAS(flags, SOCK_LINGER) && !sk->sk_lingertime)
		out |= TCT_SOCK_ABORTS;
	return out;
}

/* Everything but the identity, the transition and the task. */
static __always_inline void sock_numbers(struct tcp_sock *tp, struct tct_record_sock *rec)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;

	rec->flags = sock_flags(sk);
	rec->shutdown = sk->sk_shutdown & 3;
	rec->err = sk->sk_err;
	rec->pid = 0;
	__builtin_memset(rec->comm, 0, sizeof(rec->comm));
	rec->snd_una = tp->snd_una;
	rec->snd_nxt = tp->snd_nxt;
	rec->write_seq = tp->write_seq;
	rec->rcv_nxt = tp->rcv_nxt;
	rec->copied_seq = tp->copied_seq;
	rec->segs_in = tp->segs_in;
	rec->segs_out = tp->segs_out;
	rec->total_retrans = tp->total_retrans;
	rec->bytes_acked = tp->bytes_acked;
	rec->bytes_received = tp->bytes_received;
	rec->rcv_age_ns = 0;
	rec->retransmits = tp->inet_conn.icsk_retransmits;
	__builtin_memset(rec->pad, 0, sizeof(rec->pad));
}

#define TW_READ(tw, field) BPF_CORE_READ(tw, __tw_common.field)

static __always_inline void tw_addresses(struct inet_timewait_sock *tw, struct tct_record_id *id)
{
	__builtin_memset(id->laddr, 0, sizeof(id->laddr));
	__builtin_memset(id->raddr, 0, sizeof(id->raddr));
	if (id->family == AF_INET6) {
		BPF_CORE_READ_INTO(&id->laddr, tw, __tw_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
		BPF_CORE_READ_INTO(&id->raddr, tw, __tw_common.skc_v6_daddr.in6_u.u6_addr8);
		return;
	}
	*(__u32 *)id->laddr = TW_READ(tw, skc_rcv_saddr);
	*(__u32 *)id->raddr = TW_READ(tw, skc_daddr);
}

static __always_inline void tw_fill(struct inet_timewait_sock *tw, struct tct_record_tw *rec)
{
	struct tct_record_id *id = &rec->id;

	id->time_ns = bpf_ktime_get_ns();
	id->cookie = TW_READ(tw, skc_cookie.counter);
	id->netns = BPF_CORE_READ(tw, __tw_common.skc_net.net, ns.inum);
	id->lport = TW_READ(tw, skc_num);
	id->rport = htons_ntohs(TW_READ(tw, skc_dport));
	id->family = TW_READ(tw, skc_family);
	__builtin_memset(id->pad, 0, sizeof(id->pad));
	tw_addresses(tw, id);
	rec->substate = BPF_CORE_READ(tw, tw_substate);
	__builtin_memset(rec->pad, 0, sizeof(rec->pad));
	rec->left_jiffies = (long)(BPF_CORE_READ(tw, tw_timer.expires) - (unsigned long)bpf_jiffies64());
}

#endif
