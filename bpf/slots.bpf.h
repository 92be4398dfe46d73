/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records in memory that the reader maps, written without a call: on a kernel that guards each
 * return (AMD's "Safe RET") the ring's two helpers cost more than all else that a brief transition
 * takes. A slot is taken by one atomic add, which keeps the order of a socket's events as the ring's
 * lock does, and its record is whole when its end is written.
 *
 * No wake-up is lost: the add is a full barrier, and the reader, once it has set tct_reader_asleep,
 * does not sleep for long before all that was taken is whole. So who takes a slot after that look
 * sees the flag.
 */
#ifndef TCT_SLOTS_BPF_H
#define TCT_SLOTS_BPF_H

#define BPF_F_MMAPABLE 1024

/* Of all shards, one after the other. The loader sets their size and number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, TCT_SLOT_FULL);
} tct_slots SEC(".maps");

struct tct_slot_ends tct_slot_ends[TCT_SHARDS_MAX] __attribute__((aligned(64)));

/* Set before load. */
const volatile __u32 tct_slot_shift;	/* bytes of one, as a power of two; 0: the ring is used */
const volatile __u64 tct_slots_size;	/* bytes of a shard's, a power of two */
const volatile __u64 tct_slots_room;	/* bytes of that which may wait */

#ifdef TCT_RING_ONLY
#define FETCH_ADD ""
#define XCHG ""
#else
/* clang has both for -mcpu=v3 only: instruction-set.rst of the kernel, atomic operations. */
#define FETCH_ADD ".8byte 0x00000001000021db"	/* r2 = fetch_add(*(u64 *)r1, r2) */
#define XCHG ".8byte 0x000000e1000021db"	/* r2 = xchg(*(u64 *)r1, r2) */
#endif

static __always_inline __u64 fetch_add(volatile __u64 *at, __u64 value)
{
	register volatile __u64 *place asm("r1") = at;
	register __u64 old asm("r2") = value;

	asm volatile(FETCH_ADD : "+r"(old) : "r"(place) : "memory");
	return old;
}

/* After all that was written before it, as any store is on x86. */
static __always_inline void store_release(volatile __u64 *at, __u64 value)
{
#if defined(__TARGET_ARCH_x86)
	asm volatile("" ::: "memory");
	*at = value;
#else
	register volatile __u64 *place asm("r1") = at;
	register __u64 old asm("r2") = value;

	asm volatile(XCHG : "+r"(old) : "r"(place) : "memory");
#endif
}

static __always_inline struct tct_slot_ends *slot_ends(__u64 cookie)
{
	__u32 shard = tct_shards == 1 ? 0 : tct_shard_of(cookie, tct_shards);

	return &tct_slot_ends[shard & (TCT_SHARDS_MAX - 1)];
}

/*
 * Its record, and where it ends. Those that look for room at the same moment, two on a CPU at most,
 * may all find the last of it: tct_slots_room leaves out as much.
 */
static __always_inline void *slot_take(__u64 cookie, __u64 *end)
{
	struct tct_slot_ends *ends = slot_ends(cookie);
	__u64 size = 1ull << tct_slot_shift, at;
	struct tct_slot *slot;
	__u32 index;

	if (ends->produced - ends->consumed > tct_slots_room)
		return NULL;
	at = fetch_add(&ends->produced, size);
	*end = at + size;
	at &= tct_slots_size - 1;
	index = (at + (ends - tct_slot_ends) * tct_slots_size) >> tct_slot_shift;
	slot = bpf_map_lookup_elem(&tct_slots, &index);
	if (!slot)
		return NULL;
	asm volatile("" : "+r"(slot));	/* the verifier wants the look at it first */
	return slot->record;
}

static __always_inline void slot_give(void *record, __u64 end)
{
	struct tct_slot *slot = record - sizeof(*slot);

	store_release(&slot->end, end);
}

/* One in 32 looks whether they fill faster than the reader rests. */
static __always_inline bool slots_fill(__u64 cookie, __u64 end)
{
	return !(end & (31ull << tct_slot_shift)) &&
	       end - slot_ends(cookie)->consumed > tct_ring_half;
}

#endif
