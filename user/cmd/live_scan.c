// SPDX-License-Identifier: GPL-2.0
/* The readings of a live run: what the iterators tell beside the events. */
#include <string.h>
#include "../log.h"
#include "../source/clock.h"
#include "live_internal.h"

#define OWNER_SHARE 50
#define OWNER_REST_NS 1000000000ull
#define OWNER_REST_SOON_NS 100000000ull

int tct_live_feed(void *ctx, const void *data, size_t len)
{
	return tct_tracker_feed(&((struct live *)ctx)->tracker, data, len);
}

/*
 * Brief: nobody watches the mini-sockets, so the mirror gets none, and they are counted. Which
 * cgroup they were in, nobody can tell.
 */
static int feed_or_count(void *ctx, const void *data, size_t len)
{
	const struct tct_record_header *h = data;
	struct live *live = ctx;
	struct tct_decoded rec;
	int size;

	if (h->tag != TCT_REC_TW_SOCK)
		return tct_live_feed(ctx, data, len);
	size = tct_decode(data, len, &rec);
	if (size > 0 && !live->config->options->filter.filter.by_cgroup)
		live->minis[rec.tw->substate]++;
	return size;
}

void tct_live_count_minis(struct live *live)
{
	memset(live->minis, 0, sizeof(live->minis));
	if (live->brief && live->snapshot)
		tct_snapshot_sockets(live->snapshot, 1u << TCT_TIME_WAIT, feed_or_count, live);
}

int tct_live_scan(struct live *live, uint32_t states)
{
	tct_record_fn take = live->brief ? feed_or_count : tct_live_feed;
	int err;

	if (!live->snapshot)
		return 0;
	tct_tracker_scan_begin(&live->tracker, tct_clock_mono_ns());
	err = tct_snapshot_sockets(live->snapshot, states, take, live);
	if (!err)
		err = tct_snapshot_owners(live->snapshot, states, tct_live_feed, live);
	if (!err) {
		tct_tracker_scan_end(&live->tracker, tct_clock_mono_ns());
		return 0;
	}
	tct_tracker_scan_failed(&live->tracker, tct_clock_mono_ns());
	tct_log_error("reading the kernel's sockets failed: %s", strerror(-err));
	return err;
}

static struct tct_task owner_of(void *ctx, uint64_t cookie)
{
	return tct_tracker_owner(ctx, cookie);
}

/*
 * No stock tracepoint tells who accepts a socket: the descriptors are looked at, soon when events
 * wait for their owner (-p), else when something was accepted, so that its later events have one.
 * It takes at most one part in OWNER_SHARE of the time, and none on an idle host.
 */
bool tct_live_wants_owners(const struct live *live)
{
	if (!live->snapshot)
		return false;
	if (tct_select_waits(&live->select))
		return true;
	return live->tracker.unowned && live->config->options->types & ~TCT_SELECT_FINDING;
}

void tct_live_look_for_owners(struct live *live, uint64_t now_ns)
{
	uint64_t rest_ns = live->config->options->pid ? OWNER_REST_SOON_NS : OWNER_REST_NS;
	uint64_t done_ns;

	if (!tct_live_wants_owners(live)) {
		live->next_owners_ns = now_ns + rest_ns;
		return;
	}
	if (now_ns < live->next_owners_ns)
		return;
	live->tracker.unowned = false;
	tct_tracker_scan_begin(&live->tracker, now_ns);
	tct_snapshot_owners(live->snapshot, TCT_ALL_STATES, tct_live_feed, live);
	done_ns = tct_clock_mono_ns();
	live->next_owners_ns = done_ns + (done_ns - now_ns) * OWNER_SHARE + rest_ns;
	tct_select_flush(&live->select, owner_of, &live->tracker, done_ns);
}
