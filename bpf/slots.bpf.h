/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records in memory that the reader maps, written without a call: on a kernel that guards each
 * return (AMD's "Safe RET") BPF's ring costs more than all else that a brief transition takes.
 * Slots are taken by one atomic add, which keeps the order of a socket's events as the ring's lock
 * does, and a record is whole when the end of each of its slots is written. An end grows and is
 * always in the same place, so what is there from the round before is not taken for it.
 *
 * No wake-up is lost: the add is a full barrier, and the reader, once it has set tct_reader_asleep,
 * does not sleep for long before all that was taken is whole. So who takes a slot after that look
 * sees the flag.
 */
#ifndef TCT_SLOTS_BPF_H
#define TCT_SLOTS_BPF_H

#define BPF_F_MMAPABLE 1024

/* Of all shards, one after the other; the loader sets their number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tct_slot);
} tct_slots SEC(".maps");

struct tct_slot_ends tct_slot_ends[TCT_SHARDS_MAX] __attribute__((aligned(64)));

/* Bytes of a shard's, a power of two, and of that what may wait. Set before load; 0: no slots. */
const volatile __u64 tct_slots_size;
const volatile __u64 tct_slots_room;

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

static __always_inline struct tct_slot *slot_at(const struct tct_slot_ends *ends, __u64 at)
{
	__u64 first = (ends - tct_slot_ends) * tct_slots_size;
	__u32 index = (first + (at & (tct_slots_size - 1))) / sizeof(struct tct_slot);

	return bpf_map_lookup_elem(&tct_slots, &index);
}

/* Up to `end`. Below 0 where others have put more since that was read, and it is read. */
static __always_inline __s64 unread(const struct tct_slot_ends *ends, __u64 end)
{
	return (__s64)(end - ends->consumed);
}

/* Whether they fill faster than the reader rests: looked at every 2 KiB. */
static __always_inline bool slots_fill(const struct tct_slot_ends *ends, __u64 at, __u64 end)
{
	return (at ^ end) >> 11 && unread(ends, end) > (__s64)tct_ring_half;
}

/*
 * `size`: a constant. All that look for room at the same moment may find the last of it:
 * tct_slots_room leaves out as much (TCT_SLOT_WRITERS).
 */
static __always_inline enum put slots_put(const void *record, __u64 size, __u64 cookie)
{
	struct tct_slot_ends *ends = slot_ends(cookie);
	__u64 taken = TCT_SLOT_PARTS(size) * sizeof(struct tct_slot), at;

	if (unread(ends, ends->produced) > (__s64)tct_slots_room)
		return PUT_LOST;
	at = fetch_add(&ends->produced, taken);
#pragma unroll
	for (__u64 i = 0; i < TCT_SLOT_PARTS_MAX && i < TCT_SLOT_PARTS(size); i++) {
		struct tct_slot *slot = slot_at(ends, at + i * sizeof(*slot));
		__u64 done = i * sizeof(slot->part), left = size - done;

		if (!slot)
			return PUT_LOST;
		__builtin_memcpy(slot->part, record + done,
				 left < sizeof(slot->part) ? left : sizeof(slot->part));
		store_release(&slot->end, at + (i + 1) * sizeof(*slot));
	}
	return slots_fill(ends, at, at + taken) ? PUT_FILLING : PUT_DONE;
}

#endif
