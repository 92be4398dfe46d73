// SPDX-License-Identifier: GPL-2.0
/* tcpclose.bpf.c for a kernel that refuses what slots are taken with: the same but for that. */
#define TCT_RING_ONLY
#include "tcpclose.bpf.c"
