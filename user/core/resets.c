// SPDX-License-Identifier: GPL-2.0
#include "resets.h"

static unsigned int slot(const struct tct_resets *resets, unsigned int i)
{
	return (resets->first + i) % TCT_RESETS_MAX;
}

static void drop_first(struct tct_resets *resets)
{
	resets->first = slot(resets, 1);
	resets->count--;
}

static void tell_first(struct tct_resets *resets, tct_resets_tell tell, void *ctx)
{
	if (resets->held[resets->first].waits)
		tell(ctx, &resets->held[resets->first].ev);
	drop_first(resets);
}

void tct_resets_hold(struct tct_resets *resets, const struct tct_teardown *ev,
		     tct_resets_tell tell, void *ctx)
{
	unsigned int at;

	if (resets->count == TCT_RESETS_MAX)
		tell_first(resets, tell, ctx);
	at = slot(resets, resets->count++);
	resets->held[at].waits = true;
	resets->held[at].ev = *ev;
}

void tct_resets_arrived(struct tct_resets *resets, uint64_t key, const char *reason,
			tct_resets_tell tell, void *ctx)
{
	for (unsigned int i = 0; i < resets->count; i++) {
		unsigned int at = slot(resets, i);

		if (!resets->held[at].waits || resets->held[at].ev.who.cookie != key)
			continue;
		resets->held[at].ev.reset_reason = reason;
		resets->held[at].waits = false;
		tell(ctx, &resets->held[at].ev);
		break;
	}
	while (resets->count && !resets->held[resets->first].waits)
		drop_first(resets);
}

void tct_resets_expire(struct tct_resets *resets, uint64_t now_ns, tct_resets_tell tell, void *ctx)
{
	while (tct_resets_deadline(resets) <= now_ns)
		tell_first(resets, tell, ctx);
}

uint64_t tct_resets_deadline(const struct tct_resets *resets)
{
	if (!resets->count)
		return UINT64_MAX;
	return resets->held[resets->first].ev.mono_ns + TCT_RESETS_GRACE_NS;
}
