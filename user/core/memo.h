/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket of a mirror, written down, and a mirror made of such: it goes on as the first did. What
 * is kept of a closing is not among it: of one that was under way the kind will be unknown.
 */
#ifndef TCT_MEMO_H
#define TCT_MEMO_H

#include <stdint.h>
#include "../../bpf/record.h"

/* Fixed widths: a part of the recordings' format. */
struct tct_memo {
	uint64_t cookie;	/* all as in struct tct_socket */
	uint64_t entered_ns;
	uint64_t other_ns;	/* seen_ns, born_ns or handshake_ns */
	uint8_t laddr[16];
	uint8_t raddr[16];
	uint32_t netns;
	uint16_t lport;
	uint16_t rport;
	uint8_t state;
	uint8_t family;
	uint8_t flags;		/* the lower eight */
	uint8_t source;		/* enum tct_owner_source */
	uint32_t rearmed;	/* mini */
	uint32_t pid;		/* 0: no owner is known */
	uint32_t more_flags;	/* the others */
	char comm[TCT_COMM_LEN];
};

_Static_assert(sizeof(struct tct_memo) == 96, "memo");

struct tct_tracker;
struct tct_socket;

void tct_memo_take(const struct tct_tracker *tracker, const struct tct_socket *sock,
		   struct tct_memo *out);

/* Before tct_tracker_seeded(). 0, -ENOMEM, or -EBADMSG for what can be none. */
int tct_memo_restore(struct tct_tracker *tracker, const struct tct_memo *memo);

#endif
