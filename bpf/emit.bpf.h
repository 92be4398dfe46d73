/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where records go, and the wake-up protocol: to slots, or to BPF's rings on a kernel whose programs
 * have no fetching atomics.
 *
 * No record wakes the reader by itself. The reader sets tct_reader_asleep just before it sleeps;
 * the first record committed after that finds the flag, clears it and wakes. The flag is looked
 * at after the commit, which is a full barrier, as the reader's own look at the ring comes after
 * its store of the flag: one of the two sees the other, so no wake-up is lost. Two CPUs may both
 * wake it; that is harmless.
 */
#ifndef TCT_EMIT_BPF_H
#define TCT_EMIT_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);	/* unless the loader sets another size */
} tct_ring SEC(".maps");

/*
 * With several shards: one ring for each, tct_ring is the first. With one the verifier leaves out
 * all that chooses, and this is never made.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, TCT_SHARDS_MAX);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_RINGBUF);
		__uint(max_entries, 64 << 10);	/* any: what is put in has its own */
	});
} tct_rings SEC(".maps");

const volatile __u32 tct_shards = 1;	/* set before load */

/* Shared with the reader through mmap. */
__u32 tct_reader_asleep;
__u64 tct_ring_half;		/* bytes; the reader sets it to half of a ring */
struct tct_cpu_slot tct_cpus[TCT_CPU_SLOTS] __attribute__((aligned(64)));
/*
 * Programs are being replaced, those that go and those that come both send every event: marked, so
 * that the reader can drop the one that comes second.
 */
__u32 tct_replacing;

static __always_inline struct tct_cpu_slot *cpu_slot(void)
{
	return &tct_cpus[bpf_get_smp_processor_id() & (TCT_CPU_SLOTS - 1)];
}

#include "slots.bpf.h"

static __always_inline void *ring_of(__u64 cookie)
{
	__u32 shard;

	if (tct_shards == 1)
		return &tct_ring;
	shard = tct_shard_of(cookie, tct_shards);
	return bpf_map_lookup_elem(&tct_rings, &shard);
}

/* A record that is being written, and whose. */
struct emission {
	void *rec;
	__u64 cookie;
	__u64 end;	/* of its slot */
};

/* A softirq may interrupt another program on this CPU: hence the atomic adds, here and below. */
static __noinline void lost(void)
{
	struct tct_cpu_slot *cpu = cpu_slot();

	if (tct_slot_shift)	/* what found one is counted by those that were taken */
		__sync_fetch_and_add(&cpu->attempts, 1);
	__sync_fetch_and_add(&cpu->lost_ring, 1);
}

/* `cookie`: the record's. NULL when there is no room. */
static __always_inline void *emit_begin(struct emission *emission, __u64 size, __u64 cookie)
{
	void *ring, *rec = NULL;

	if (tct_slot_shift) {
		rec = slot_take(cookie, &emission->end);
	} else {
		__sync_fetch_and_add(&cpu_slot()->attempts, 1);
		ring = ring_of(cookie);
		if (ring)
			rec = bpf_ringbuf_reserve(ring, size, 0);
	}
	if (!rec)
		lost();
	emission->cookie = cookie;
	emission->rec = rec;
	return rec;
}

/* The reader waits for all rings: any of them wakes it. */
static __noinline void ring_wake(void)
{
	__u64 *empty = bpf_ringbuf_reserve(&tct_ring, sizeof(*empty), 0);

	tct_reader_asleep = 0;
	if (empty)
		bpf_ringbuf_discard(empty, BPF_RB_FORCE_WAKEUP);
}

/*
 * The reader rests for a few milliseconds between drains. One record in 32 looks whether the ring
 * fills faster than that and wakes it out of its rest.
 */
static __always_inline bool ring_fills(__u64 cookie)
{
	void *ring;

	if (cpu_slot()->attempts & 31)
		return false;
	ring = ring_of(cookie);
	return ring && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > tct_ring_half;
}

static __always_inline void emit_end(const struct emission *emission)
{
	bool fills;

	if (tct_slot_shift) {
		slot_give(emission->rec, emission->end);
		fills = slots_fill(emission->cookie, emission->end);
	} else {
		bpf_ringbuf_submit(emission->rec, BPF_RB_NO_WAKEUP);
		fills = ring_fills(emission->cookie);
	}
	if (tct_reader_asleep || fills)
		ring_wake();
}

#endif
