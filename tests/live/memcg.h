/* SPDX-License-Identifier: GPL-2.0 */
/* A cgroup whose memory is limited, for the program under test. */
#ifndef LIVE_MEMCG_H
#define LIVE_MEMCG_H

#include <stdbool.h>
#include <stddef.h>

/* Skips the running test where no memory controller can be had. */
void memcg_open(size_t bytes);

/* The calling process moves in: for command_start(). */
bool memcg_join(void);

/* Leaves its processes so many bytes more than they have; no swap helps them. */
void memcg_leave(size_t bytes);

/* Its processes must be gone; harmless when it is not there. */
void memcg_close(void);

#endif
