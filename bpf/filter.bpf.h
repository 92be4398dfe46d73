/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filters that the kernel decides: ports, family, namespace, cgroup. All settings are
 * read-only data set before load, so that the verifier removes every test that is not in use.
 */
#ifndef TCT_FILTER_BPF_H
#define TCT_FILTER_BPF_H

enum tct_verdict { TCT_DROP, TCT_PASS, TCT_UNDECIDED };

#define TCT_PORT_WORDS (65536 / 64)

const volatile struct tct_filter tct_filter;
/* One bit a port. */
const volatile __u64 tct_lports[TCT_PORT_WORDS];
const volatile __u64 tct_rports[TCT_PORT_WORDS];

static __always_inline bool port_in(const volatile __u64 *set, __u16 port)
{
	return set[(port >> 6) & (TCT_PORT_WORDS - 1)] >> (port & 63) & 1;
}

/* Ports, family and namespace: what both full and mini-sockets carry. */
static __always_inline bool filter_namespace(__u16 family, __u32 netns)
{
	if (tct_filter.family && tct_filter.family != family)
		return false;
	return !tct_filter.netns || tct_filter.netns == netns;
}

static __always_inline bool filter_ports(__u16 lport, __u16 rport)
{
	if (tct_filter.by_lport && !port_in(tct_lports, lport))
		return false;
	return !tct_filter.by_rport || port_in(tct_rports, rport);
}

/* In the wanted cgroup or below it. */
static __always_inline bool filter_cgroup(struct sock *sk)
{
	__u32 level = tct_filter.cgroup_level;
	struct cgroup *cgroup;

	if (!tct_filter.by_cgroup)
		return true;
	cgroup = fix_cgroup(sk);
	if (!cgroup || BPF_CORE_READ(cgroup, level) < (int)level)
		return false;
	return fix_ancestor_id(cgroup, level) == tct_filter.cgroup;
}

/*
 * An auto-bound connect has no local port at CLOSE to SYN_SENT: undecided until its next event.
 */
static __always_inline enum tct_verdict filter_sock(struct sock *sk, const struct tct_record_id *id)
{
	if (!filter_namespace(id->family, id->netns) || !filter_cgroup(sk))
		return TCT_DROP;
	if (tct_filter.by_lport && !id->lport)
		return TCT_UNDECIDED;
	return filter_ports(id->lport, id->rport) ? TCT_PASS : TCT_DROP;
}

static __always_inline bool filter_tw(const struct tct_record_id *id)
{
	return filter_namespace(id->family, id->netns) && filter_ports(id->lport, id->rport);
}

#endif
