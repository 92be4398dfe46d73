/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Teardowns that wait for their reset. tcp_close() aborts in this order: CLOSE, then the reset
 * (tcp_send_active_reset()), which is where the kernel says why.
 */
#ifndef TCT_RESETS_H
#define TCT_RESETS_H

#include "event.h"

#define TCT_RESETS_MAX 64
#define TCT_RESETS_GRACE_NS 10000000	/* both are parts of one system call */

struct tct_resets {
	struct {
		bool waits;
		struct tct_teardown ev;
	} held[TCT_RESETS_MAX];		/* a ring, oldest first */
	unsigned int first;
	unsigned int count;
};

typedef void (*tct_resets_tell)(void *ctx, struct tct_teardown *ev);

/* Keeps a copy; the oldest is told when there is no room. */
void tct_resets_hold(struct tct_resets *resets, const struct tct_teardown *ev,
		     tct_resets_tell tell, void *ctx);

/* The reset of the socket with this identity has come: its teardown is told, if one waits. */
void tct_resets_arrived(struct tct_resets *resets, uint64_t key, const char *reason,
			tct_resets_tell tell, void *ctx);

/* Tells those whose grace is over. */
void tct_resets_expire(struct tct_resets *resets, uint64_t now_ns, tct_resets_tell tell,
		       void *ctx);

/* When to expire next, UINT64_MAX for never. */
uint64_t tct_resets_deadline(const struct tct_resets *resets);

#endif
