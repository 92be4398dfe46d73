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

void tct_memos_tell(const struct tct_tracker *tracker, tct_memos_fn take, void *ctx)
{
	struct walk walk = { tracker, take, ctx };
	uint64_t cursor = 0;

	tct_mirror_walk(&tracker->mirror, &cursor, SIZE_MAX, visit, &walk);
}
