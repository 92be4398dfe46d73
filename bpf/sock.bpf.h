/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a kernel socket to a record. `direct` as in READ().
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

static __always_inline void in6_fill(const struct in6_addr *address, __u64 *out)
{
	out[0] = ((__u64 *)address->in6_u.u6_addr32)[0];
	out[1] = ((__u64 *)address->in6_u.u6_addr32)[1];
}

static __always_inline void addresses_fill(const struct sock_common *skc, struct tct_record_id *id)
{
	__u64 *laddr = (__u64 *)id->laddr;
	__u64 *raddr = (__u64 *)id->raddr;

	if (id->family == AF_INET6) {
		in6_fill(&skc->skc_v6_rcv_saddr, laddr);
		in6_fill(&skc->skc_v6_daddr, raddr);
		return;
	}
	laddr[0] = skc->skc_rcv_saddr;
	raddr[0] = skc->skc_daddr;
	laddr[1] = raddr[1] = 0;
}

static __always_inline __u32 netns_of(bool direct, struct sock_common *skc)
{
	struct net *net = READ(direct, skc, skc_net.net);

	return READ(direct, net, ns.inum);
}

/* Larger than any kernel's struct sock_common. */
struct skc_copy {
	__u64 words[20];
};

/*
 * What full and mini-sockets have in the same place: all, but for a full one's local port. Where
 * each read is a call, one reads it all.
 */
static __always_inline void common_fill(bool direct, struct sock_common *skc,
					struct tct_record_id *id)
{
	struct sock_common *from = skc;
	struct skc_copy copy;
	struct net *net;

	if (!direct) {
		bpf_probe_read_kernel(&copy, bpf_core_type_size(struct sock_common), skc);
		from = (struct sock_common *)&copy;
	}
	net = from->skc_net.net;
	id->time_ns = bpf_ktime_get_ns();
	id->cookie = from->skc_cookie.counter;
	id->address = (__u64)skc;
	id->netns = READ(direct, net, ns.inum);
	id->lport = from->skc_num;
	id->rport = htons_ntohs(from->skc_dport);
	id->family = from->skc_family;
	__builtin_memset(id->pad, 0, sizeof(id->pad));
	addresses_fill(from, id);
}

/* skc_num is already 0 when CLOSE is traced, hence inet_sport. */
static __always_inline void sock_identity(bool direct, struct tcp_sock *tp,
					  struct tct_record_id *id)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;

	common_fill(direct, &sk->__sk_common, id);
	id->cookie = fix_cookie(direct, sk, id->cookie);
	id->lport = htons_ntohs(READ(direct, tp, inet_conn.icsk_inet.inet_sport));
}

#define SOCK_HAS(flags, name) ((flags) >> bpf_core_enum_value(enum sock_flags, name) & 1)

static __always_inline __u8 sock_flags(bool direct, struct sock *sk)
{
	unsigned long flags = READ(direct, sk, __sk_common.skc_flags);
	__u8 out = 0;

	if (SOCK_HAS(flags, SOCK_DEAD))
		out |= TCT_SOCK_DEAD;
	else if (!READ(direct, sk, sk_socket))
		out |= TCT_SOCK_QUEUED;
	if (SOCK_HAS(flags, SOCK_LINGER) && !READ(direct, sk, sk_lingertime))
		out |= TCT_SOCK_ABORTS;
	if (SOCK_HAS(flags, SOCK_DONE))
		out |= TCT_SOCK_FIN;
	return out;
}

/* What decides how a socket ends; read at its end only. */
static __always_inline __u8 sock_traits(bool direct, struct tcp_sock *tp)
{
	bool repair = direct ? BPF_CORE_READ_BITFIELD(tp, repair)
			     : BPF_CORE_READ_BITFIELD_PROBED(tp, repair);

	return (READ(direct, tp, linger2) < 0 ? TCT_TRAIT_LINGER2 : 0) |
	       (repair ? TCT_TRAIT_REPAIR : 0);
}

/* Everything but the identity, the transition and the task. */
static __always_inline void sock_numbers(bool direct, struct tcp_sock *tp,
					 struct tct_record_sock *rec)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;

	rec->flags = sock_flags(direct, sk);
	rec->shutdown = READ(direct, sk, sk_shutdown) & 3;
	rec->err = READ(direct, sk, sk_err);
	rec->pid = 0;
	__builtin_memset(rec->comm, 0, sizeof(rec->comm));
	rec->snd_una = READ(direct, tp, snd_una);
	rec->snd_nxt = READ(direct, tp, snd_nxt);
	rec->write_seq = READ(direct, tp, write_seq);
	rec->rcv_nxt = READ(direct, tp, rcv_nxt);
	rec->copied_seq = READ(direct, tp, copied_seq);
	rec->segs_in = READ(direct, tp, segs_in);
	rec->segs_out = READ(direct, tp, segs_out);
	rec->total_retrans = READ(direct, tp, total_retrans);
	rec->bytes_acked = READ(direct, tp, bytes_acked);
	rec->bytes_received = READ(direct, tp, bytes_received);
	rec->rcv_age_ns = 0;
	rec->retransmits = READ(direct, tp, inet_conn.icsk_retransmits);
	rec->probes = READ(direct, tp, inet_conn.icsk_probes_out);
	rec->traits = 0;
	rec->signal = 0;
	__builtin_memset(rec->pad, 0, sizeof(rec->pad));
}

static __always_inline void tw_fill(bool direct, struct inet_timewait_sock *tw,
				    struct tct_record_tw *rec)
{
	struct sock_common *skc = &tw->__tw_common;

	common_fill(direct, skc, &rec->id);
	rec->substate = READ(direct, tw, tw_substate);
	rec->flags = 0;
	__builtin_memset(rec->pad, 0, sizeof(rec->pad));
	rec->left_jiffies = (long)(READ(direct, tw, tw_timer.expires) -
				   (unsigned long)bpf_jiffies64());
}

#endif
