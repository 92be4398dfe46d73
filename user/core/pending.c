// SPDX-License-Identifier: GPL-2.0
#include "pending.h"

static unsigned int slot(const struct tct_pending *pending, unsigned int i)
{
	return (pending->first + i) % TCT_PENDING_MAX;
}

static void drop_first(struct tct_pending *pending)
{
	pending->first = slot(pending, 1);
	pending->count--;
}

static void tell_first(struct tct_pending *pending, enum tct_reset reset, tct_pending_tell tell,
		       void *ctx)
{
	if (pending->held[pending->first].waits)
		tell(ctx, &pending->held[pending->first].ending, reset);
	drop_first(pending);
}

void tct_pending_hold(struct tct_pending *pending, const struct tct_ending *ending,
		      tct_pending_tell tell, void *ctx)
{
	unsigned int at;

	if (pending->count == TCT_PENDING_MAX)
		tell_first(pending, TCT_RESET_UNKNOWN, tell, ctx);
	at = slot(pending, pending->count++);
	pending->held[at].waits = true;
	pending->held[at].ending = *ending;
}

void tct_pending_reset(struct tct_pending *pending, uint64_t key, const char *reason,
		       tct_pending_tell tell, void *ctx)
{
	for (unsigned int i = pending->count; i--;) {	/* it is nearly always the youngest */
		unsigned int at = slot(pending, i);
		struct tct_ending *ending = &pending->held[at].ending;

		if (!pending->held[at].waits || ending->who.cookie != key)
			continue;
		ending->closing.reset_reason = reason;
		pending->held[at].waits = false;
		tell(ctx, ending, TCT_RESET_SENT);
		break;
	}
	while (pending->count && !pending->held[pending->first].waits)
		drop_first(pending);
}

void tct_pending_expire(struct tct_pending *pending, uint64_t now_ns, tct_pending_tell tell,
			void *ctx)
{
	while (pending->count && tct_pending_deadline(pending) <= now_ns)
		tell_first(pending, TCT_RESET_NONE, tell, ctx);
}

void tct_pending_flush(struct tct_pending *pending, tct_pending_tell tell, void *ctx)
{
	while (pending->count)
		tell_first(pending, TCT_RESET_UNKNOWN, tell, ctx);
}

unsigned int tct_pending_copy(const struct tct_pending *pending, struct tct_ending *out)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < pending->count; i++) {
		unsigned int at = slot(pending, i);

		if (pending->held[at].waits)
			out[count++] = pending->held[at].ending;
	}
	return count;
}

/* The reason of a reset is a string of that process. */
void tct_pending_restore(struct tct_pending *pending, const struct tct_ending *from,
			 unsigned int count)
{
	pending->first = 0;
	pending->count = count < TCT_PENDING_MAX ? count : TCT_PENDING_MAX;
	for (unsigned int i = 0; i < pending->count; i++) {
		pending->held[i].waits = true;
		pending->held[i].ending = from[i];
		pending->held[i].ending.closing.reset_reason = NULL;
	}
}

uint64_t tct_pending_deadline(const struct tct_pending *pending)
{
	if (!pending->count)
		return UINT64_MAX;
	return pending->held[pending->first].ending.rec.id.time_ns + TCT_PENDING_GRACE_NS;
}
