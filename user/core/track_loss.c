// SPDX-License-Identifier: GPL-2.0
/* What was lost, what follows from it, and what was left out on purpose. */
#include "tracker_internal.h"

bool tct_tracker_is_unsure(const struct tct_tracker *tracker)
{
	return tracker->stuck.degraded || tracker->thinned;
}

enum tct_confidence tct_tracker_confidence(const struct tct_tracker *tracker,
					   const struct tct_socket *sock)
{
	if (tracker->stuck.degraded)
		return TCT_DEGRADED;
	return sock && sock->flags & TCT_SOCK_REPAIRED ? TCT_REPAIRED : TCT_EXACT;
}

/* A record that is missing makes the mirror wrong; one that was not mirrored or printed does not. */
static bool degrades(enum tct_loss_where where)
{
	return where == TCT_LOSS_RING || where == TCT_LOSS_HOOK;
}

void tct_tracker_loss(struct tct_tracker *tracker, enum tct_loss_where where, uint64_t total,
		      uint64_t now_ns)
{
	struct tct_loss ev = { .mono_ns = now_ns, .where = where };

	if (where == TCT_LOSS_HOOK)
		total += tracker->unseen;
	ev.count = total;
	if (total <= tracker->losses[where])
		return;
	tracker->losses[where] = total;
	if (degrades(where)) {
		tracker->stuck.degraded = true;
		tracker->lost_ns = now_ns;
	}
	if (tracker->sink->loss)
		tracker->sink->loss(tracker->sink->ctx, &ev);
}

/*
 * A step is missing. Losses since the last audit explain it; where none are known, the step itself
 * was lost: no kernel is accused of what we may have missed.
 */
void tct_tracker_judge(struct tct_tracker *tracker, uint64_t now_ns)
{
	uint64_t gaps = tracker->mismatches;
	uint64_t hook = tracker->losses[TCT_LOSS_HOOK] - tracker->unseen;

	tct_tracker_loss(tracker, TCT_LOSS_MIRROR, tracker->unmirrored, now_ns);
	tracker->totals.gaps += gaps;
	tracker->mismatches = 0;
	if (!gaps || tracker->stuck.degraded)
		return;
	tracker->unseen += gaps;
	tct_tracker_loss(tracker, TCT_LOSS_HOOK, hook, now_ns);
}

uint32_t tct_tracker_doubts(const struct tct_tracker *tracker)
{
	return (tracker->stuck.degraded ? TCT_DOUBT_LOST : 0) |
	       (tracker->thinned ? TCT_DOUBT_THINNED : 0);
}

void tct_tracker_doubt(struct tct_tracker *tracker, uint32_t doubts, uint64_t last_ns)
{
	if (doubts & TCT_DOUBT_LOST) {
		tracker->stuck.degraded = true;
		tracker->lost_ns = last_ns;
	}
	if (doubts & TCT_DOUBT_THINNED) {
		tracker->thinned = true;
		tracker->thinned_ns = last_ns;
	}
}

void tct_tracker_flood(struct tct_tracker *tracker, bool on, uint64_t now_ns)
{
	tracker->flooded = on;
	tracker->thinned |= on;
	tracker->thinned_ns = now_ns;
}
