/* SPDX-License-Identifier: GPL-2.0 */
/* Where records are, if they go to slots: see bpf/slots.bpf.h. */
#ifndef TCT_SLOTS_H
#define TCT_SLOTS_H

#include <stddef.h>
#include "../../bpf/record.h"

struct tct_slots {
	int map_fd;			/* of all shards, one after the other; the loader's */
	size_t size;			/* of each shard, in bytes; 0: rings are used */
	struct tct_slot_ends *ends;	/* of each shard, shared with the kernel side */
};

#endif
