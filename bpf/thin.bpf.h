/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Under a flood that lasts the reader sets tct_thin: transitions are sent brief and counted here,
 * mini-sockets and resets are not told. It decides when (user/core/flood.h).
 */
#ifndef TCT_THIN_BPF_H
#define TCT_THIN_BPF_H

__u32 tct_thin;		/* shared with the reader through mmap */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tct_pair_counts);
} tct_pairs SEC(".maps");

/* A softirq may interrupt another program on this CPU: hence the atomic add. */
static __noinline void pair_count(int from, int to)
{
	struct tct_pair_counts *counts;
	__u32 first = 0;

	counts = bpf_map_lookup_elem(&tct_pairs, &first);
	if (counts)
		__sync_fetch_and_add(&counts->of[((__u32)from << TCT_PAIR_SHIFT | (__u32)to) &
						 (TCT_PAIRS - 1)], 1);
}

static __always_inline void thin_count(int from, int to)
{
	if (tct_thin)
		pair_count(from, to);
}

#endif
