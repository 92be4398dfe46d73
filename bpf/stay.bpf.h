/* SPDX-License-Identifier: GPL-2.0 */
/* --mode=summary: what is kept of each socket, by those who see its steps and who looks for it. */
#ifndef TCT_STAY_BPF_H
#define TCT_STAY_BPF_H

#define TCT_MINIS_MAX (1 << 19)

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, 1 /* BPF_F_NO_PREALLOC */);
	__type(key, int);
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
