// SPDX-License-Identifier: GPL-2.0
/*
 * One shot: what is stuck now. Two iterators and no hook; the ages are lower bounds, since nobody
 * watched the sockets enter their states.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../core/tracker.h"
#include "../log.h"
#include "../sink/select.h"
#include "../source/clock.h"
#include "../source/kernel.h"
#include "../source/snapshot.h"
#include "cmd.h"
#include "live.h"
#include "output.h"

static int feed(void *ctx, const void *data, size_t len)
{
	return tct_tracker_feed(ctx, data, len);
}

/* Entered by a segment of the peer, or at a time that the kernel keeps. */
static bool has_age(enum tct_state state)
{
	return state == TCT_CLOSE_WAIT || state == TCT_FIN_WAIT2 || state == TCT_CLOSING ||
	       state == TCT_NEW_SYN_RECV;
}

/* In a state that can be stuck, and for how long nobody can say. */
static void tell_unknown(const struct tct_tracker *tracker, bool json)
{
	uint32_t count = 0;
	char names[128] = "";

	for (int s = 0; s < TCT_STATES; s++) {
		uint32_t here = tracker->mirror.lists[0][s].count;

		if (!tracker->config.stuck.threshold_ns[s] || has_age(s) || !here)
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 count ? ", " : "", tct_state_name(s));
		count += here;
	}
	if (count && !json)
		fprintf(stderr, "not judged, age unknown: %u in %s (trace watches them)\n", count,
			names);
}

static enum tct_exit scan(struct tct_tracker *tracker, struct tct_snapshot *snapshot)
{
	uint32_t states = tct_stuck_states(&tracker->stuck);
	uint32_t with_listeners = states | 1u << TCT_LISTEN;
	int err;

	tct_tracker_scan_begin(tracker, tct_clock_mono_ns());
	err = tct_snapshot_sockets(snapshot, with_listeners, feed, tracker);
	if (!err)
		err = tct_snapshot_owners(snapshot, states, feed, tracker);
	if (err) {
		tct_log_error("reading the kernel's sockets failed: %s", strerror(-err));
		return TCT_EXIT_FAILURE;
	}
	if (tct_tracker_seeded(tracker)) {
		tct_log_error("out of memory");
		return TCT_EXIT_FAILURE;
	}
	tct_tracker_tick(tracker, tct_clock_mono_ns());
	tct_tracker_scan_end(tracker, tct_clock_mono_ns());
	return TCT_EXIT_OK;
}

/* `select` stands before `sink`, and counts what passes. */
static enum tct_exit report(const struct tct_options *options, struct tct_snapshot *snapshot,
			    const struct tct_select *select, const struct tct_sink *sink)
{
	struct tct_tracker_config config = { 0 };
	struct tct_tracker tracker;
	enum tct_exit status;

	tct_stuck_defaults(&config.stuck);
	memcpy(config.stuck.threshold_ns, options->threshold_ns, sizeof(options->threshold_ns));
	config.stuck.lookups = &tct_live_lookups;
	config.stuck.once = true;
	config.stuck.threshold_ns[TCT_NEW_SYN_RECV] = options->threshold_ns[TCT_SYN_RECV];
	if (tct_tracker_init(&tracker, &config, sink)) {
		tct_log_error("out of memory");
		return TCT_EXIT_FAILURE;
	}
	status = scan(&tracker, snapshot);
	if (!status)
		tell_unknown(&tracker, options->json);
	if (!status && !select->findings && !options->json)
		printf("nothing is stuck in this network namespace\n");
	if (!status)
		status = tct_output_flush();
	if (!status && select->findings)
		status = TCT_EXIT_FINDINGS;
	tct_tracker_fini(&tracker);
	return status;
}

enum tct_exit tct_cmd_stuck(const struct tct_options *options)
{
	const struct tct_select_config selection = {
		.types = TCT_SELECT_FINDING, .states = options->states, .pid = options->pid,
	};
	struct tct_snapshot *snapshot;
	struct tct_output output;
	struct tct_select select;
	struct tct_sink selected;
	enum tct_exit status = tct_live_check_host(options);

	if (!status)
		status = tct_snapshot_load(&snapshot, &options->filter, tct_kernel_makes_cookies());
	if (status)
		return status;
	tct_output_init(&output, options);
	if (tct_select_init(&select, &selection, &output.sink, &selected))
		status = TCT_EXIT_FAILURE;
	else
		status = report(options, snapshot, &select, &selected);
	tct_select_fini(&select);
	tct_snapshot_free(snapshot);
	return status;
}
