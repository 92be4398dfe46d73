// SPDX-License-Identifier: GPL-2.0
/* Floods: the stream is thinned while they last, and the kernel counts for it. */
#include <string.h>
#include "../log.h"
#include "live_internal.h"

static void begin(struct live *live, uint64_t now_ns)
{
	const struct tct_input begun = { .kind = TCT_IN_FLOOD, .which = 1, .now_ns = now_ns };

	tct_loader_thin(live->loader, true);
	tct_live_tell(live, &begun);
}

/* The kernel counts on from one flood to the next. */
static void end(struct live *live, uint64_t now_ns)
{
	uint64_t all[TCT_STATES][TCT_STATES], counts[TCT_STATES][TCT_STATES];
	const struct tct_input over = {
		.kind = TCT_IN_FLOOD, .now_ns = now_ns, .data = counts, .len = sizeof(counts),
	};
	int err;

	tct_loader_thin(live->loader, false);
	err = tct_loader_thin_counts(live->loader, all);
	if (err) {
		tct_log_error("reading what was counted failed: %s", strerror(-err));
		memcpy(all, live->flooded, sizeof(all));
	}
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++)
			counts[from][to] = all[from][to] - live->flooded[from][to];
	}
	memcpy(live->flooded, all, sizeof(all));
	tct_live_tell(live, &over);
}

void tct_live_see_flood(struct live *live, uint64_t now_ns)
{
	const struct tct_flood_look look = {
		.now_ns = now_ns,
		.waiting = tct_ring_level(live->ring),
		.room = tct_ring_size(live->ring),
		.attempts = tct_loader_attempts(live->loader),
		.lost = tct_loader_lost_ring(live->loader),
	};

	if (live->summary)
		return;
	switch (tct_flood_see(&live->flood, &look)) {
	case TCT_FLOOD_BEGINS:
		begin(live, now_ns);
		break;
	case TCT_FLOOD_ENDS:
		end(live, now_ns);
		break;
	case TCT_FLOOD_AS_BEFORE:
		break;
	}
}

void tct_live_end_flood(struct live *live, uint64_t now_ns)
{
	if (live->flood.on)
		end(live, now_ns);
	live->flood.on = false;
}
