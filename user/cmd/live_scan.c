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
	const struct tct_input record = { .kind = TCT_IN_RECORD, .data = data, .len = len };

	int err = tct_live_relieve(ctx);

	return err ? err : tct_live_tell(ctx, &record);
}

static void tell(struct live *live, enum tct_input_kind kind)
{
	const struct tct_input input = { .kind = kind, .now_ns = tct_clock_mono_ns() };

	tct_live_tell(live, &input);
}

void tct_live_count_minis(struct live *live)
{
	if (!live->brief || !live->snapshot)
		return;
	tell(live, TCT_IN_MINIS);
	tct_snapshot_sockets(live->snapshot, 1u << TCT_TIME_WAIT, tct_live_feed, live);
}

int tct_live_scan(struct live *live, uint32_t states)
{
	int err;

	if (!live->snapshot)
		return 0;
	tell(live, TCT_IN_SCAN_BEGIN);
	if (live->brief)
		tell(live, TCT_IN_MINIS);
	err = tct_snapshot_sockets(live->snapshot, states, tct_live_feed, live);
	if (!err)
		err = tct_snapshot_owners(live->snapshot, states, tct_live_feed, live);
	tell(live, err ? TCT_IN_SCAN_FAILED : TCT_IN_SCAN_END);
	if (err)
		tct_log_error("reading the kernel's sockets failed: %s", strerror(-err));
	return err;
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
	if (tct_select_waits(&live->session.select))
		return true;
	return live->session.tracker.unowned && live->options->types & ~TCT_SELECT_FINDING;
}

void tct_live_look_for_owners(struct live *live, uint64_t now_ns)
{
	uint64_t rest_ns = live->options->pid ? OWNER_REST_SOON_NS : OWNER_REST_NS;
	uint64_t done_ns;

	if (!tct_live_wants_owners(live)) {
		live->next_owners_ns = now_ns + rest_ns;
		return;
	}
	if (now_ns < live->next_owners_ns)
		return;
	live->session.tracker.unowned = false;
	tell(live, TCT_IN_SCAN_BEGIN);
	tct_snapshot_owners(live->snapshot, TCT_ALL_STATES, tct_live_feed, live);
	tell(live, TCT_IN_OWNERS);
	done_ns = tct_clock_mono_ns();
	live->next_owners_ns = done_ns + (done_ns - now_ns) * OWNER_SHARE + rest_ns;
}
