/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TIME_WAITs of this host that a segment has lately started again. When the other end of the
 * connection is here too and its FIN had to be sent again, this tells that the FIN had arrived: it
 * was the last ACK that was lost (RFC 9293, 3.10.7.4, TIME-WAIT).
 */
#ifndef TCT_REARMS_H
#define TCT_REARMS_H

#include "event.h"

#define TCT_REARMS_MAX 256

struct tct_rearms {
	struct {
		uint64_t mono_ns;
		struct tct_tuple tuple;
	} seen[TCT_REARMS_MAX];		/* a ring */
	unsigned int at;
};

/* `tuple` as the side in TIME_WAIT has it. */
void tct_rearms_add(struct tct_rearms *rearms, const struct tct_tuple *tuple, uint64_t mono_ns);

/* Whether the other end of `tuple` was there at `since_ns` or later. */
bool tct_rearms_of_peer(const struct tct_rearms *rearms, const struct tct_tuple *tuple,
			uint64_t since_ns);

#endif
