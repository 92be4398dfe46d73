/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where records go: to slots, or to BPF's rings on a kernel whose programs have no fetching
 * atomics, with --pin, and where a small ring is shared by many CPUs. And the wake-up protocol.
 *
 * No record wakes the reader by itself. The reader sets tct_reader_asleep just before it sleeps;
 * the first record committed after that finds the flag, clears it and wakes. The flag is looked
 * at after the commit to a ring, which is a full barrier (slots.bpf.h has it for slots), as the
 * reader's own look at the ring comes after its store of the flag: one of the two sees the other,
 * so no wake-up is lost. Two CPUs may both wake it; that is harmless.
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
struct tct_cpu tct_cpus[TCT_CPUS_MAX] __attribute__((aligned(64)));
/*
 * Programs are being replaced, those that go and those that come both send every event: marked, so
 * that the reader can drop the one that comes second.
 */
__u32 tct_replacing;

static __always_inline struct tct_cpu *this_cpu(void)
{
	return &tct_cpus[bpf_get_smp_processor_id() & (TCT_CPUS_MAX - 1)];
}

/* What has become of a record. */
enum put { PUT_DONE, PUT_FILLING, PUT_LOST };

#include "slots.bpf.h"

static __always_inline void *ring_of(__u64 cookie)
{
	__u32 shard;

	if (tct_shards == 1)
		return &tct_ring;
	shard = tct_shard_of(cookie, tct_shards);
	return bpf_map_lookup_elem(&tct_rings, &shard);
}

/*
 * The reader rests for a few milliseconds between drains. One record in 32 looks whether the ring
 * fills faster than that.
 */
static __always_inline enum put ring_put(const void *record, __u64 size, __u64 cookie)
{
	void *ring = ring_of(cookie);

	if (!ring || bpf_ringbuf_output(ring, (void *)record, size, BPF_RB_NO_WAKEUP))
		return PUT_LOST;
	if (this_cpu()->attempts & 31)
		return PUT_DONE;
	return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > tct_ring_half ? PUT_FILLING : PUT_DONE;
}

/* The reader waits for all rings: any of them wakes it. */
static __noinline void ring_wake(void)
{
	__u64 *empty = bpf_ringbuf_reserve(&tct_ring, sizeof(*empty), 0);

	if (!empty)
		return;
	tct_reader_asleep = 0;
	bpf_ringbuf_discard(empty, BPF_RB_FORCE_WAKEUP);
}

/*
 * `size`: a constant; `cookie`: the record's. A softirq may interrupt another program on this CPU:
 * hence the atomic adds.
 */
static __always_inline int emit(const void *record, __u64 size, __u64 cookie)
{
	struct tct_cpu *cpu = this_cpu();
	enum put put;

	__sync_fetch_and_add(&cpu->attempts, 1);
	put = tct_slots_size ? slots_put(record, size, cookie) : ring_put(record, size, cookie);
	if (put == PUT_LOST)
		__sync_fetch_and_add(&cpu->lost_ring, 1);
	else if (tct_reader_asleep || put == PUT_FILLING)
		ring_wake();
	return 0;
}

#endif
