// SPDX-License-Identifier: GPL-2.0
/* What shards told side by side, put in the order of time and told to the sink. */
#include "shards.h"

/* Where shards run side by side, none of them can give it. */
uint32_t tct_shards_next_id(struct tct_shards *all)
{
	return all->count > 1 ? 0 : ++all->stuck.last_id;
}

/* The shard that has the earliest; of the same time, that of the first. NULL: none has any. */
static struct tct_gather *earliest(struct tct_shards *all)
{
	struct tct_gather *first = NULL;
	uint64_t first_ns = UINT64_MAX;

	for (unsigned int i = 0; i < all->count; i++) {
		const struct tct_gathered *next = tct_gather_next(&all->gather[i]);

		if (!next || (first && next->mono_ns >= first_ns))
			continue;
		first = &all->gather[i];
		first_ns = next->mono_ns;
	}
	return first;
}

static bool is_rearmed(const struct tct_shards *all, const struct tct_tuple *tuple,
		       uint64_t since_ns)
{
	for (unsigned int i = 0; i < all->count; i++) {
		if (tct_rearms_of_peer(&all->shard[i].rearms, tuple, since_ns))
			return true;
	}
	return false;
}

/* The other end of the connection may be in another shard. */
static void tell_teardown(const struct tct_shards *all, struct tct_teardown *ev)
{
	int64_t dwell_ns = ev->dwell_ns[TCT_LAST_ACK];
	bool orderly = ev->kind == TCT_KIND_ORDERLY || ev->kind == TCT_KIND_ORDERLY_MERGED;

	if (orderly && ev->last_ack_lost == TCT_UNKNOWN && ev->fin_retransmits > 0 &&
	    dwell_ns != TCT_UNKNOWN &&
	    is_rearmed(all, &ev->who.tuple, ev->mono_ns - (uint64_t)dwell_ns))
		ev->last_ack_lost = 1;
	all->sink->teardown(all->sink->ctx, ev);
}

static void tell(struct tct_shards *all, struct tct_gathered *gathered)
{
	const struct tct_sink *sink = all->sink;

	switch ((enum tct_gathered_kind)gathered->kind) {
	case TCT_GATHERED_TRANSITION:
		sink->transition(sink->ctx, &gathered->transition);
		break;
	case TCT_GATHERED_TIME_WAIT:
		sink->time_wait(sink->ctx, &gathered->time_wait);
		break;
	case TCT_GATHERED_TEARDOWN:
		tell_teardown(all, &gathered->teardown);
		break;
	case TCT_GATHERED_FINDING:
		gathered->finding.id = ++all->stuck.last_id;
		sink->finding(sink->ctx, &gathered->finding);
		break;
	}
}

static void merge(struct tct_shards *all)
{
	struct tct_gather *gather;

	while ((gather = earliest(all))) {
		tell(all, tct_gather_next(gather));
		tct_gather_take(gather);
	}
	for (unsigned int i = 0; i < all->count; i++)
		tct_gather_clear(&all->gather[i]);
}

void tct_shards_join(struct tct_shards *all)
{
	if (all->count > 1)
		merge(all);
	tct_stuck_settle(&all->stuck);
}
