// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the transitions of one network namespace's TCP sockets. The kernel skips a program on a
 * CPU where it runs already, when a softirq interrupts it: so there are two, and each event that
 * the first has counted is noted until the second has seen it too. A softirq may come in between:
 * there are two places for a note.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define TCP 6
#define CPUS 1024

struct note {
	__u64 sk;
	__u32 pair;
};

struct notes {
	struct note outer, inner;
};

const volatile __u32 counter_netns;
__u64 counter_counts[CPUS][8];	/* a cache line each */
static struct notes notes[CPUS];

static __always_inline bool is_counted(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) == counter_netns &&
	       BPF_CORE_READ(sk, sk_protocol) == TCP;
}

static __always_inline __u32 here(void)
{
	return bpf_get_smp_processor_id() & (CPUS - 1);
}

static __always_inline bool is_of(const struct note *note, struct sock *sk, __u32 pair)
{
	return note->sk == (__u64)sk && note->pair == pair;
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(counter_first, struct sock *sk, int from, int to)
{
	const struct note now = { (__u64)sk, (__u32)from << 8 | to };
	__u32 cpu = here();

	if (!is_counted(sk))
		return 0;
	__sync_fetch_and_add(&counter_counts[cpu][0], 1);
	if (notes[cpu].outer.sk)
		notes[cpu].inner = now;
	else
		notes[cpu].outer = now;
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(counter_second, struct sock *sk, int from, int to)
{
	__u32 pair = (__u32)from << 8 | to, cpu = here();

	if (!is_counted(sk))
		return 0;
	if (is_of(&notes[cpu].inner, sk, pair)) {
		notes[cpu].inner.sk = 0;
	} else if (is_of(&notes[cpu].outer, sk, pair)) {
		notes[cpu].outer.sk = 0;
		notes[cpu].inner.sk = 0;
	} else {
		__sync_fetch_and_add(&counter_counts[cpu][0], 1);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
