// SPDX-License-Identifier: GPL-2.0
#include "memos.h"

#include "../core/memo.h"

struct walk {
	const struct tct_tracker *tracker;
	tct_memos_fn take;
	void *ctx;
};

static void visit(void *ctx, struct tct_socket *sock)
{
	const struct walk *walk = ctx;
	struct tct_memo memo;
	const struct tct_input input = { .kind = TCT_IN_SOCKET, .data = &memo,
					 .len = sizeof(memo) };

	tct_memo_take(walk->tracker, sock, &memo);
	walk->take(walk->ctx, &input);
}

/* A flood that lasts has a beginning, too. */
static void tell_doubts(const struct walk *walk)
{
	const struct tct_tracker *tracker = walk->tracker;
	const struct tct_input beyond = { .kind = TCT_IN_BEYOND, .value = tracker->beyond };
	const struct tct_input lost = { .kind = TCT_IN_DOUBT, .which = TCT_DOUBT_LOST,
					.now_ns = tracker->lost_ns };
	const struct tct_input thinned = { .kind = TCT_IN_DOUBT, .which = TCT_DOUBT_THINNED,
					   .now_ns = tracker->thinned_ns };
	const struct tct_input flood = { .kind = TCT_IN_FLOOD, .which = 1,
					 .now_ns = tracker->thinned_ns };

	if (tracker->beyond)
		walk->take(walk->ctx, &beyond);
	if (tracker->stuck.degraded)
		walk->take(walk->ctx, &lost);
	if (tracker->flooded)
		walk->take(walk->ctx, &flood);
	else if (tracker->thinned)
		walk->take(walk->ctx, &thinned);
}

void tct_memos_tell(const struct tct_tracker *tracker, tct_memos_fn take, void *ctx)
{
	struct walk walk = { tracker, take, ctx };
	uint64_t cursor = 0;

	tct_mirror_walk(&tracker->mirror, &cursor, SIZE_MAX, visit, &walk);
	tell_doubts(&walk);
}
