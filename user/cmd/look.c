// SPDX-License-Identifier: GPL-2.0
#include "look.h"

#include <string.h>
#include "../log.h"
#include "../source/clock.h"
#include "live.h"

static int feed(void *ctx, const void *data, size_t len)
{
	const struct tct_input record = { .kind = TCT_IN_RECORD, .data = data, .len = len };

	return tct_session_apply(ctx, &record);
}

static int tell(struct tct_session *session, enum tct_input_kind kind)
{
	const struct tct_input input = { .kind = kind, .now_ns = tct_clock_mono_ns() };

	return tct_session_apply(session, &input);
}

static int scan(struct tct_session *session, struct tct_snapshot *snapshot)
{
	uint32_t states = tct_stuck_states(&session->tracker.stuck);
	int err;

	tell(session, TCT_IN_SCAN_BEGIN);
	err = tct_snapshot_sockets(snapshot, states | 1u << TCT_LISTEN, feed, session);
	if (!err)
		err = tct_snapshot_owners(snapshot, states, feed, session);
	if (!err)
		err = tell(session, TCT_IN_SEEDED);
	if (!err)
		err = tell(session, TCT_IN_SCAN_END);
	return err;
}

enum tct_exit tct_look_take(struct tct_session *session, const struct tct_run_config *run,
			    const struct tct_host *host, struct tct_snapshot *snapshot,
			    struct tct_recorder *recorder)
{
	struct tct_session_config config;
	int err;

	tct_run_session(run, host, &config);
	config.lookups = tct_live_lookups;
	if (recorder) {
		config.tee = tct_recorder_take;
		config.tee_ctx = recorder;
	}
	err = tct_session_init(session, &config);
	if (!err)
		err = scan(session, snapshot);
	if (!err)
		return TCT_EXIT_OK;
	tct_log_error("reading the kernel's sockets failed: %s", strerror(-err));
	return TCT_EXIT_FAILURE;
}
