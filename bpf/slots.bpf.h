/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Brief transitions, where nothing else is sent: into memory that the reader maps, without a call.
 * On a kernel that guards each return (AMD's "Safe RET") the ring's two helpers cost more than all
 * the rest. A slot is taken by one atomic add, which keeps the order of a socket's events as the
 * ring's lock does, and is whole when its end is written.
 *
 * No wake-up is lost: the add is a full barrier, and the reader, once it has set tct_reader_asleep,
 * does not sleep for long before all that was taken is whole. So who takes a slot after that look
 * sees the flag.
 */
#ifndef TCT_SLOTS_BPF_H
#define TCT_SLOTS_BPF_H

#define TCT_BPF_F_MMAPABLE 1024

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, TCT_BPF_F_MMAPABLE);
	__uint(max_entries, 1);		/* the loader sets their number: all shards, one by one */
	__type(key, __u32);
	__type(value, struct tct_slot);
} tct_slots SEC(".maps");

struct tct_slot_ends tct_slot_ends[TCT_SHARDS_MAX] __attribute__((aligned(64)));

/* Set before load, in bytes of each shard: a power of two, and what may wait to be read. */
const volatile __u64 tct_slots_size = 64;
const volatile __u64 tct_slots_room;

/* Both are in clang for -mcpu=v3 only: see the kernel's instruction-set.rst, atomic operations. */
#define ATOMIC_FETCH_ADD ".8byte 0x00000001000021db"	/* r2 = fetch_add(*(u64 *)r1, r2) */
#define ATOMIC_XCHG ".8byte 0x000000e1000021db"		/* r2 = xchg(*(u64 *)r1, r2) */

static __always_inline __u64 fetch_add(volatile __u64 *at, __u64 value)
{
	register volatile __u64 *place asm("r1") = at;
	register __u64 old asm("r2") = value;

	asm volatile(ATOMIC_FETCH_ADD : "+r"(old) : "r"(place) : "memory");
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

	asm volatile(ATOMIC_XCHG : "+r"(old) : "r"(place) : "memory");
#endif
}

static __noinline int slot_lost(void)
{
	struct tct_cpu_slot *cpu = cpu_slot();

	__sync_fetch_and_add(&cpu->attempts, 1);
	__sync_fetch_and_add(&cpu->lost_ring, 1);
	return 0;
}

/* One in 32 looks whether they fill faster than the reader rests. */
static __always_inline bool slots_fill(const struct tct_slot_ends *ends, __u64 at)
{
	return !(at & (31 * sizeof(struct tct_slot))) && at - ends->consumed > tct_ring_half;
}

/*
 * Those that look for room at the same moment, two on a CPU at most, may all find the last of it:
 * tct_slots_room leaves out as much.
 */
static __always_inline int slot_fill(struct sock *sk, int from, int to, __u8 flags)
{
	__u64 cookie = sock_cookie(DIRECT, sk), at;
	__u32 shard = tct_shards == 1 ? 0 : tct_shard_of(cookie, tct_shards) & (TCT_SHARDS_MAX - 1);
	struct tct_slot_ends *ends = &tct_slot_ends[shard];
	struct tct_slot *slot;
	__u32 index;

	if (ends->produced - ends->consumed > tct_slots_room)
		return slot_lost();
	at = fetch_add(&ends->produced, sizeof(*slot));
	index = (shard * tct_slots_size + (at & (tct_slots_size - 1))) / sizeof(*slot);
	slot = bpf_map_lookup_elem(&tct_slots, &index);
	if (!slot)
		return 0;
	step_fill(DIRECT, sk, from, to, flags, clock_tick_ns(), &slot->step);
	store_release(&slot->end, at + sizeof(*slot));
	if (tct_reader_asleep || slots_fill(ends, at))
		ring_wake();
	return 0;
}

static __always_inline int on_step(struct sock *sk, int from, int to, __u8 flags)
{
	if (sk->sk_protocol != IPPROTO_TCP || is_filtered_out(DIRECT, sk, from, to))
		return 0;
	thin_count(from, to);
	return slot_fill(sk, from, to, flags);
}

static __always_inline int first_step(struct sock *sk, int from, int to)
{
	note_event(sk, from, to);
	return on_step(sk, from, to, 0);
}

static __always_inline int second_step(struct sock *sk, int from, int to)
{
	return is_noted(sk, from, to) ? 0 : on_step(sk, from, to, TCT_SOCK_SECOND);
}

#endif
