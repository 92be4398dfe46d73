/* SPDX-License-Identifier: GPL-2.0 */
/* --mode=summary: what is kept of each socket, by those who see its steps and who looks for it. */
#ifndef TCT_STAY_BPF_H
#define TCT_STAY_BPF_H

#define TCT_STAYS_MAX (1 << 20)
#define TCT_MINIS_MAX (1 << 19)

/*
 * By the socket's address. The kernel's own storage by socket costs 650 ns each time it is made and
 * freed with its socket.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCT_STAYS_MAX);	/* unless the loader sets another number */
	__uint(map_flags, 1 /* BPF_F_NO_PREALLOC */);
	__type(key, __u64);
	__type(value, struct tct_stay);
} tct_stays SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TCT_MINIS_MAX);
	__uint(map_flags, 1 /* BPF_F_NO_PREALLOC */);
	__type(key, __u64);
	__type(value, struct tct_mini);
} tct_minis SEC(".maps");

#endif
