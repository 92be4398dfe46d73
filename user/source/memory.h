/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory there is for this process. */
#ifndef TCT_MEMORY_H
#define TCT_MEMORY_H

#include <stdint.h>

/* Bytes: the machine's, or less where this process's cgroup, or one above it, has a limit. */
uint64_t tct_memory_bytes(void);

/*
 * The least limit of a process's cgroups, of either version's controller; UINT64_MAX without one.
 * The files are /proc/PID/cgroup and /proc/PID/mounts.
 */
uint64_t tct_memory_limit(const char *cgroups, const char *mounts);

#endif
