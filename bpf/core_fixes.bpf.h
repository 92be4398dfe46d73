/* SPDX-License-Identifier: GPL-2.0 */
/* One accessor for each thing that kernels from 5.10 on do not all have, or have elsewhere. */
#ifndef TCT_CORE_FIXES_BPF_H
#define TCT_CORE_FIXES_BPF_H

/*
 * A field of a kernel object. `direct`: the pointer is one that the verifier knows the type of,
 * and this is a plain load; else it is read by a helper. A constant in every caller, so that one
 * of the two is compiled.
 */
#define READ(direct, ptr, field)							\
	({										\
		typeof((ptr)->field) __field;						\
		if (direct)								\
			__field = (ptr)->field;						\
		else									\
			bpf_core_read(&__field, sizeof(__field), &(ptr)->field);	\
		__field;								\
	})

#define DIRECT true
#define PROBE_READ false

/*
 * Whether a program may ask the kernel to make a cookie, and whether it should. Tracing programs
 * have had the helper since 5.12 (commit c5dbb89fc2ac); a read-only flag lets the verifier leave
 * out the call.
 */
const volatile bool tct_make_cookies;

static __always_inline __u64 fix_cookie(bool direct, struct sock *sk, __u64 cookie)
{
	if (cookie || !direct || !tct_make_cookies)
		return cookie;
	return bpf_get_socket_cookie(sk);
}

/* Until 5.14 a word that is a pointer unless one of its two low bits is set (8520e224f547). */
struct sock_cgroup_data___word {
	__u64 val;
} __attribute__((preserve_access_index));

struct sock___word {
	struct sock_cgroup_data___word sk_cgrp_data;
} __attribute__((preserve_access_index));

static __always_inline struct cgroup *fix_cgroup(struct sock *sk)
{
	struct sock___word *old = (void *)sk;
	__u64 word;

	if (!bpf_core_field_exists(old->sk_cgrp_data.val))
		return BPF_CORE_READ(sk, sk_cgrp_data.cgroup);
	word = BPF_CORE_READ(old, sk_cgrp_data.val);
	return word & 3 ? NULL : (struct cgroup *)word;
}

/* Until 6.0 the ids of a cgroup's ancestors, then pointers to them (7f203bc89eb6). */
struct cgroup___ids {
	__u64 ancestor_ids[1];
} __attribute__((preserve_access_index));

static __always_inline __u64 fix_ancestor_id(struct cgroup *cgroup, __u32 level)
{
	struct cgroup___ids *old = (void *)cgroup;
	struct cgroup *ancestor = NULL;
	__u64 id = 0;

	if (bpf_core_field_exists(old->ancestor_ids)) {
		bpf_probe_read_kernel(&id, sizeof(id),
				      (void *)__builtin_preserve_access_index(&old->ancestor_ids) +
				      level * sizeof(id));
		return id;
	}
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor),
			      (void *)__builtin_preserve_access_index(&cgroup->ancestors) +
			      level * sizeof(ancestor));
	return BPF_CORE_READ(ancestor, kn, id);
}

/*
 * When the timer of retransmissions and window probes expires, in jiffies: a field of its own, from
 * 6.17 on the timer's only, from 6.19 on a timer that is elsewhere (9a5e5334adc0).
 */
struct inet_connection_sock___timeout {
	unsigned long icsk_timeout;
} __attribute__((preserve_access_index));

struct inet_connection_sock___timer {
	struct timer_list icsk_retransmit_timer;
} __attribute__((preserve_access_index));

struct sock___timer {
	struct timer_list tcp_retransmit_timer;
} __attribute__((preserve_access_index));

static __always_inline bool fix_retransmit_at(struct tcp_sock *tp, unsigned long *at)
{
	struct inet_connection_sock___timeout *field = (void *)tp;
	struct inet_connection_sock___timer *timer = (void *)tp;
	struct sock___timer *elsewhere = (void *)tp;

	if (bpf_core_field_exists(field->icsk_timeout))
		*at = BPF_CORE_READ(field, icsk_timeout);
	else if (bpf_core_field_exists(timer->icsk_retransmit_timer))
		*at = BPF_CORE_READ(timer, icsk_retransmit_timer.expires);
	else if (bpf_core_field_exists(elsewhere->tcp_retransmit_timer))
		*at = BPF_CORE_READ(elsewhere, tcp_retransmit_timer.expires);
	else
		return false;
	return true;
}

/* The keepalive timer, which also ends orphans in FIN_WAIT2; elsewhere from 6.19 (08dfe370239e). */
struct inet_connection_sock___keepalive {
	struct timer_list icsk_keepalive_timer;
} __attribute__((preserve_access_index));

struct sock___keepalive {
	struct timer_list sk_timer;
} __attribute__((preserve_access_index));

static __always_inline bool fix_keepalive_at(struct tcp_sock *tp, unsigned long *at)
{
	struct inet_connection_sock___keepalive *moved = (void *)tp;
	struct sock___keepalive *old = (void *)tp;

	if (bpf_core_field_exists(moved->icsk_keepalive_timer))
		*at = BPF_CORE_READ(moved, icsk_keepalive_timer.expires);
	else if (bpf_core_field_exists(old->sk_timer))
		*at = BPF_CORE_READ(old, sk_timer.expires);
	else
		return false;
	return true;
}

/* Namespaces have a number that is never used again from 6.18 on. */
struct ns_common___id {
	__u64 ns_id;
} __attribute__((preserve_access_index));

static __always_inline __u64 fix_ns_id(struct ns_common *ns)
{
	struct ns_common___id *numbered = (void *)ns;

	return bpf_core_field_exists(numbered->ns_id) ? BPF_CORE_READ(numbered, ns_id) : 0;
}

/* A sysctl that is an int until 5.12 and one byte later; little endian. */
#define READ_SYSCTL(net, name)								\
	({										\
		__u32 __value = 0;							\
		bpf_probe_read_kernel(&__value, bpf_core_field_size((net)->ipv4.name),	\
				      &(net)->ipv4.name);				\
		__value;								\
	})

#endif
