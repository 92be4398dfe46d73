/* SPDX-License-Identifier: GPL-2.0 */
/* A network namespace of the test's own, entered and left by the test program itself. */
#ifndef LIVE_NETNS_H
#define LIVE_NETNS_H

#include <stdbool.h>
#include <stdint.h>

/* Into a new namespace with lo up. Skips the running test where that is not permitted. */
void netns_enter(void);

/* lo of the current one. */
void netns_up(void);

/* Back to where the program started; harmless when it never left. The namespace ends with
 * its last socket and process. */
void netns_leave(void);

/* The inode that names the current one, as the tracer shows it. */
uint64_t netns_inode(void);

/* Whether this program started in that one or has entered it. */
bool netns_is_ours(uint64_t inode);

/* Writes a sysctl of the current namespace: path below /proc/sys. */
void netns_set(const char *path, const char *value);

#endif
