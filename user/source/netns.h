/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every network namespace that somebody on this host can be asked for: that a thread is in, that is
 * bound to a file in the mount namespace of any thread (as a name of ip-netns(8) is), and that an
 * open file or socket of a process holds.
 */
#ifndef TCT_NETNS_H
#define TCT_NETNS_H

#include <stddef.h>
#include <stdint.h>
#include "inodes.h"
#include "snapshot.h"

/* `fd` is open during the call only. 0, or a negative errno, which ends the walk. */
typedef int (*tct_netns_fn)(void *ctx, int fd, uint32_t inode);

struct tct_netns_walk {
	struct tct_snapshot *snapshot;
	tct_netns_fn visit;
	void *ctx;
	/* the walk's own */
	struct tct_inodes known;	/* visited */
	struct tct_inodes mounts;	/* mount namespaces whose mounts have been read */
	struct tct_inodes refused;	/* that are there and could not be opened, some visited later */
	struct tct_inodes ended;	/* that were listed, and could not be opened any more */
	int err;			/* why the last of the refused could not */
};

/*
 * Visits each once, in the order in which they are found: ours first. What goes away in between is
 * no error. 0, or a negative errno: the visitor's, an iterator's, or -ENOMEM. To be ended in any
 * case.
 */
int tct_netns_walk(struct tct_netns_walk *walk);

/* That one alone, which stays the caller's; the visitor's result. */
int tct_netns_visit(int fd, tct_netns_fn visit, void *ctx);

/* How many are there and have not been visited. */
size_t tct_netns_unvisited(const struct tct_netns_walk *walk);
void tct_netns_end(struct tct_netns_walk *walk);

#endif
