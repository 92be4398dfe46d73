/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF programs of ours that the kernel holds: whether a tracer left something attached. */
#ifndef LIVE_PROGRAMS_H
#define LIVE_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How many programs whose name starts as ours do no living process holds. */
int programs_orphaned(void);

/* Waits until there are none: the kernel frees them some time after the exit. */
bool programs_settle(int timeout_ms);

/* The kernel counts how often programs run while this descriptor is open; negative: it does not. */
int programs_count_runs(void);

struct programs_calls {
	uint64_t runs;		/* if they were counted */
	uint64_t skipped;	/* since it ran on that CPU already */
};

/* Of the program of that name that the process has attached. The kernel keeps 15 bytes of a name. */
struct programs_calls programs_calls(pid_t pid, const char *name);

#endif
