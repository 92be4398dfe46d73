/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of /proc/PID/mountinfo: proc(5). */
#ifndef TCT_MOUNTINFO_H
#define TCT_MOUNTINFO_H

#include <stdint.h>

/*
 * Whether the line is of a network namespace bound to a file: its inode, or 0. `*path` is then the
 * file as its mount namespace's root sees it, without the escapes, in `line`.
 */
uint32_t tct_mountinfo_netns(char *line, char **path);

#endif
