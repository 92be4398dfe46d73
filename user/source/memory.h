/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory there is for this process. */
#ifndef TCT_MEMORY_H
#define TCT_MEMORY_H

#include <stdint.h>

/* Bytes: the machine's, or less where this process's cgroup, or one above it, has a limit. */
uint64_t tct_memory_bytes(void);

#endif
