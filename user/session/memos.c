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

static void tell_shard(const struct tct_tracker *tracker, tct_memos_fn take, void *ctx)
{
	const struct tct_input beyond = { .kind = TCT_IN_BEYOND, .which = tracker->shard,
					  .value = tracker->beyond };
	struct walk walk = { tracker, take, ctx };
	uint64_t cursor = 0;

	tct_mirror_walk(&tracker->mirror, &cursor, SIZE_MAX, visit, &walk);
	if (tracker->beyond)
		take(ctx, &beyond);
}

/* A flood that lasts has a beginning, too. */
static void tell_doubts(const struct tct_shards *shards, tct_memos_fn take, void *ctx)
{
	const struct tct_input lost = { .kind = TCT_IN_DOUBT, .which = TCT_DOUBT_LOST,
					.now_ns = shards->lost_ns };
	const struct tct_input thinned = { .kind = TCT_IN_DOUBT, .which = TCT_DOUBT_THINNED,
					   .now_ns = shards->thinned_ns };
	const struct tct_input flood = { .kind = TCT_IN_FLOOD, .which = 1,
					 .now_ns = shards->thinned_ns };

	if (shards->stuck.degraded)
		take(ctx, &lost);
	if (shards->flooded)
		take(ctx, &flood);
	else if (shards->thinned)
		take(ctx, &thinned);
}

void tct_memos_tell(const struct tct_shards *shards, tct_memos_fn take, void *ctx)
{
	for (unsigned int i = 0; i < shards->count; i++)
		tell_shard(&shards->shard[i], take, ctx);
	tell_doubts(shards, take, ctx);
}
