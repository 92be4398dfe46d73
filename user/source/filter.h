/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel side is told before it loads, for the hooks and the iterators alike. */
#ifndef TCT_FILTER_H
#define TCT_FILTER_H

#include <stdbool.h>
#include <stdint.h>
#include "../../bpf/record.h"

#define TCT_PORT_WORDS (65536 / 64)

struct tct_filter_config {
	struct tct_filter filter;
	int netns_fd;				/* where the iterators read; 0: where we are */
	uint64_t lports[TCT_PORT_WORDS];	/* one bit a port */
	uint64_t rports[TCT_PORT_WORDS];
};

#endif
