/* SPDX-License-Identifier: GPL-2.0 */
/* The places that --netns and --cgroup name, as the numbers that the kernel side compares. */
#ifndef TCT_TARGET_H
#define TCT_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A name below /run/netns, a path, a pid, or an inode number in brackets as in ls -l:
 * "net:[4026531840]". Returns a descriptor of the namespace, the caller's to close, or a negative
 * errno.
 */
int tct_target_netns(const char *text, uint32_t *inode);

/* "net:[4026531840]" alone, whether there is such a namespace here or not. 0 or -EINVAL. */
int tct_target_inode(const char *text, uint32_t *inode);

/* A directory of the cgroup2 hierarchy, absolute or below its mount point. */
int tct_target_cgroup(const char *text, uint64_t *id, uint32_t *level);

/*
 * The cgroup of a process as /proc/PID/cgroup shows it, malloc'd, or NULL: that of version 2, or
 * systemd's own where that says nothing.
 */
char *tct_target_cgroup_of(uint32_t pid);

/* The same of such a file. */
char *tct_target_cgroup_read(FILE *in);

#endif
