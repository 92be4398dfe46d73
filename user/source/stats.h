/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's run-time statistics of BPF programs: kernel-wide, so only where somebody asks. */
#ifndef TCT_STATS_H
#define TCT_STATS_H

#include <stdbool.h>

/*
 * Switches them on until the descriptor is closed, by whatever end. The descriptor, or a negative
 * errno (5.8 and later have it).
 */
int tct_stats_hold(void);

/* Whether they are kept for everybody (kernel.bpf_stats_enabled), which does not tell of the above. */
bool tct_stats_are_kept(void);

#endif
