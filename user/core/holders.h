/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes hold a group of sockets, and by which descriptors, written as ranges. */
#ifndef TCT_HOLDERS_H
#define TCT_HOLDERS_H

#include "event.h"
#include "lookups.h"
#include "owners.h"

#define TCT_HOLDERS_MAX 64	/* processes told per finding; a prefork server has fewer */

struct tct_holder_fds {
	uint32_t *fds;
	size_t count;
	size_t room;
};

/*
 * Collects one group at a time; all memory is its own. There may be thousands, of one process each.
 */
struct tct_holders {
	struct tct_holder *list;
	struct tct_holder_fds *fds;	/* of each, until it is finished */
	size_t count;
	size_t room;
};

/* Adds every holder of one socket. Call in the order of age: the first fd is the oldest's. */
void tct_holders_add(struct tct_holders *holders, const struct tct_held *held, size_t count);

/* Makes `fds` and `cgroup` of each holder. `lookups` may be NULL. */
void tct_holders_finish(struct tct_holders *holders, const struct tct_lookups *lookups);

void tct_holders_clear(struct tct_holders *holders);

/* "3,5-9904" of unsorted descriptors; cut with "..." at `size`. Sorts `fds`. */
void tct_fd_ranges(uint32_t *fds, size_t count, char *out, size_t size);

#endif
