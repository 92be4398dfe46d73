// SPDX-License-Identifier: GPL-2.0
/* What was lost, what follows from it, and what was left out on purpose. */
#include "tracker_internal.h"

bool tct_tracker_is_unsure(const struct tct_tracker *tracker)
{
	return tracker->all->stuck.degraded || tracker->all->thinned;
}

enum tct_confidence tct_tracker_confidence(const struct tct_tracker *tracker,
					   const struct tct_socket *sock)
{
	if (tracker->all->stuck.degraded)
		return TCT_DEGRADED;
	return sock && sock->flags & TCT_SOCK_REPAIRED ? TCT_REPAIRED : TCT_EXACT;
}

/* A record that is missing makes the mirror wrong; one that was not mirrored or printed does not. */
static bool degrades(enum tct_loss_where where)
{
	return where == TCT_LOSS_RING || where == TCT_LOSS_HOOK;
}

static uint64_t unmirrored(const struct tct_shards *all)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += all->shard[i].unmirrored;
	return sum;
}

/* What the source lost there, and what we know of besides. */
static uint64_t total_of(struct tct_shards *all, enum tct_loss_where where, uint64_t lost)
{
	switch (where) {
	case TCT_LOSS_HOOK:
		return lost + all->unseen;
	case TCT_LOSS_MIRROR:
		all->unkept = lost;
		return lost + unmirrored(all);
	case TCT_LOSS_RING:
	case TCT_LOSS_SINK:
	case TCT_LOSS_PLACES:
		break;
	}
	return lost;
}

void tct_shards_loss(struct tct_shards *all, enum tct_loss_where where, uint64_t lost,
		     uint64_t now_ns)
{
	uint64_t total = total_of(all, where, lost);
	struct tct_loss ev = { .mono_ns = now_ns, .where = where, .count = total };

	if (total <= all->losses[where])
		return;
	all->losses[where] = total;
	if (degrades(where)) {
		all->stuck.degraded = true;
		all->lost_ns = now_ns;
	}
	if (all->sink->loss)
		all->sink->loss(all->sink->ctx, &ev);
}

static uint64_t take_mismatches(struct tct_shards *all)
{
	uint64_t sum = tct_shards_mismatches(all);

	for (unsigned int i = 0; i < all->count; i++)
		all->shard[i].mismatches = 0;
	return sum;
}

/*
 * A step is missing. Losses since the last audit explain it; where none are known, the step itself
 * was lost: no kernel is accused of what we may have missed.
 */
void tct_shards_judge(struct tct_shards *all, uint64_t now_ns)
{
	uint64_t hook = all->losses[TCT_LOSS_HOOK] - all->unseen;
	uint64_t gaps = take_mismatches(all);

	tct_shards_loss(all, TCT_LOSS_MIRROR, all->unkept, now_ns);
	all->gaps += gaps;
	if (!gaps || all->stuck.degraded)
		return;
	all->unseen += gaps;
	tct_shards_loss(all, TCT_LOSS_HOOK, hook, now_ns);
}

uint32_t tct_shards_doubts(const struct tct_shards *all)
{
	return (all->stuck.degraded ? TCT_DOUBT_LOST : 0) |
	       (all->thinned ? TCT_DOUBT_THINNED : 0);
}

void tct_shards_doubt(struct tct_shards *all, uint32_t doubts, uint64_t last_ns)
{
	if (doubts & TCT_DOUBT_LOST) {
		all->stuck.degraded = true;
		all->lost_ns = last_ns;
	}
	if (doubts & TCT_DOUBT_THINNED) {
		all->thinned = true;
		all->thinned_ns = last_ns;
	}
}

void tct_shards_flood(struct tct_shards *all, bool on, uint64_t now_ns)
{
	all->flooded = on;
	all->thinned |= on;
	all->thinned_ns = now_ns;
}
