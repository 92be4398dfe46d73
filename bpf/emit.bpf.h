/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rings and their wake-up protocol.
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

static __always_inline void *ring_of(__u64 cookie)
{
	__u32 shard;

	if (tct_shards == 1)
		return &tct_ring;
	shard = tct_shard_of(cookie, tct_shards);
	return bpf_map_lookup_elem(&tct_rings, &shard);
}

/*
 * `cookie`: the record's. A softirq may interrupt another program on this CPU: hence the
 * atomic adds.
 */
static __always_inline void *ring_reserve(__u64 size, __u64 cookie)
{
	struct tct_cpu_slot *cpu = cpu_slot();
	void *ring = ring_of(cookie), *rec = NULL;

	__sync_fetch_and_add(&cpu->attempts, 1);
	if (ring)
		rec = bpf_ringbuf_reserve(ring, size, 0);
	if (!rec)
		__sync_fetch_and_add(&cpu->lost_ring, 1);
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

static __always_inline void ring_submit(void *rec, __u64 cookie)
{
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	if (tct_reader_asleep || ring_fills(cookie))
		ring_wake();
}

#endif
