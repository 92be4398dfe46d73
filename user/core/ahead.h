/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the records that come next are about, on its way into the cache while those before them are
 * worked on: bucket, socket, neighbours on its list, what is kept of its end, each a step later than
 * what leads to it. Changes nothing but the time that it takes: with many sockets nearly all of it is
 * waiting for memory.
 */
#ifndef TCT_AHEAD_H
#define TCT_AHEAD_H

#include "mirror.h"

#define TCT_AHEAD_RECORDS 16	/* by which a record is told before it is handed on, at best */

struct tct_coming {
	uint32_t hash;
	uint32_t index;		/* of what is likely to be it */
};

struct tct_ahead {
	struct tct_coming coming[TCT_AHEAD_RECORDS];	/* a ring */
	unsigned int at;
};

/* One more record, as it is in the ring: nothing about it was checked yet. */
void tct_ahead_record(struct tct_ahead *ahead, const struct tct_mirror *mirror,
		      const struct tct_pool *closings, const void *data, size_t len);

#endif
