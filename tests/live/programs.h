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

/*
 * How often the kernel skipped a program of that name that the process has attached. The kernel keeps
 * 15 bytes of a name.
 */
uint64_t programs_skipped(pid_t pid, const char *name);

#endif
