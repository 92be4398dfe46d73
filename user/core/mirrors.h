/* SPDX-License-Identifier: GPL-2.0 */
/* The mirrors of all shards, for what is about all sockets: each socket is in one of them. */
#ifndef TCT_MIRRORS_H
#define TCT_MIRRORS_H

#include "mirror.h"
#include "tasks.h"

struct tct_mirrors {
	unsigned int count;
	struct tct_mirror *mirror[TCT_SHARDS_MAX];
	const struct tct_tasks *tasks[TCT_SHARDS_MAX];	/* the owners of its sockets */
};

#endif
