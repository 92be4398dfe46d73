/* SPDX-License-Identifier: GPL-2.0 */
/* --mode=summary: transitions and stays, counted by edge. */
#ifndef TCT_TALLY_BPF_H
#define TCT_TALLY_BPF_H

/* All set before load. */
const volatile __u64 tct_bounds_ns[TCT_DWELL_BARS];	/* upper ones; behind the last ~0 */
const volatile __u8 tct_edges[TCT_PAIRS];	/* by pair: its row, from 1; 0: it has none */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TCT_DWELLS);
	__type(key, __u32);
	__type(value, struct tct_dwell);
} tct_dwells SEC(".maps");

/* Each program that counts: on a CPU it does not interrupt itself, so its maximum is its own. */
enum writer { BY_FIRST, BY_SECOND, BY_START, BY_CANCEL, BY_SEGMENT };

static __always_inline __u32 log2_of(__u64 value)
{
	__u32 log = 0;

	for (__u32 bits = 32; bits; bits >>= 1) {
		if (value >> bits) {
			value >>= bits;
			log += bits;
		}
	}
	return log;
}

/* As cell_of() in user/core/histogram.c. */
static __always_inline __u32 cell_of(__u64 ns)
{
	__u32 shift;

	if (ns < 32)
		return ns;
	shift = log2_of(ns) - 5;
	return (((shift + 1) << 5) + (__u32)(ns >> shift) - 32) & (TCT_DWELL_CELLS - 1);
}

static __always_inline __u32 bar_of(__u64 ns)
{
	__u32 bar = 0;

#pragma unroll
	for (int i = 0; i < TCT_DWELL_BARS - 1; i++) {
		if (ns <= tct_bounds_ns[i])
			break;
		bar++;
	}
	return bar & (TCT_DWELL_BARS - 1);
}

static __always_inline __u32 edge_of(int from, int to)
{
	return tct_edges[((__u32)from << TCT_PAIR_SHIFT | (__u32)to) & (TCT_PAIRS - 1)];
}

static __always_inline struct tct_dwell *dwell_of(int from, int to)
{
	__u32 edge = edge_of(from, to) - 1;

	return bpf_map_lookup_elem(&tct_dwells, &edge);
}

/* By `one`, which is -1 where something is taken back: it was the last that its writer added. */
static __always_inline void dwell_add(struct tct_dwell *dwell, __u64 entered_ns, __u64 now_ns,
				      __s32 one)
{
	__u64 ns = now_ns - entered_ns;

	if (!entered_ns) {
		__sync_fetch_and_add(&dwell->unknown, (__s64)one);
		return;
	}
	__sync_fetch_and_add(&dwell->sum_ns, one * ns);
	__sync_fetch_and_add(&dwell->bars[bar_of(ns)], (__s64)one);
	__sync_fetch_and_add(&dwell->cells[cell_of(ns)], one);
}

static __noinline int dwell_count(__u32 pair, __u64 entered_ns, __u64 now_ns, __u32 writer)
{
	int from = pair >> TCT_PAIR_SHIFT, to = pair & ((1 << TCT_PAIR_SHIFT) - 1);
	struct tct_dwell *dwell = dwell_of(from, to);
	__u64 *max;

	if (!dwell) {
		pair_count(from, to);
		return 0;
	}
	dwell_add(dwell, entered_ns, now_ns, 1);
	if (writer >= TCT_DWELL_WRITERS)
		return 0;
	max = &dwell->max_ns[writer];
	if (entered_ns && now_ns - entered_ns > *max)
		*max = now_ns - entered_ns;
	return 0;
}

static __always_inline void count(int from, int to, __u64 entered_ns, __u64 now_ns,
				  enum writer writer)
{
	dwell_count((__u32)from << TCT_PAIR_SHIFT | (__u32)to, entered_ns, now_ns, writer);
}

/* One more that found no room: its transitions are counted, how long it stays is not. */
static __always_inline void count_unkept(void)
{
	__sync_fetch_and_add(&this_cpu()->unkept, 1);
}

#endif
