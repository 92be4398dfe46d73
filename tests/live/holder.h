/* SPDX-License-Identifier: GPL-2.0 */
/* A process that holds sockets in CLOSE_WAIT, under a name and in a cgroup of the test's choice. */
#ifndef LIVE_HOLDER_H
#define LIVE_HOLDER_H

#include "child.h"

struct holder_wish {
	const char *comm;	/* NULL: the test's own */
	const char *cgroup;	/* a directory that is there; NULL: the test's own */
	int count;		/* sockets */
};

/* Returns when all are held. They end with holder_end(), or the test program. */
struct child holder_start(const struct holder_wish *wish);

/* It closes them and exits. */
void holder_end(struct child *holder);

/*
 * A tree of cgroups of the test's own, below the mount of version 2: makes `path` in it, whose name
 * is valid until the next call. Skips the running test where that may not be done.
 */
const char *holder_cgroup(const char *path);

/* Removes all that were made; their processes must be gone. Harmless when there are none. */
void holder_remove_cgroups(void);

#endif
