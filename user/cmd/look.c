// SPDX-License-Identifier: GPL-2.0
#include "look.h"

#include <stdio.h>
#include <string.h>
#include "../log.h"
#include "../source/clock.h"
#include "../live/live.h"

/* What the next record, most likely of the same kind, needs is fetched while this one is taken. */
static int feed(void *ctx, const void *data, size_t len)
{
	const struct tct_input record = { .kind = TCT_IN_RECORD, .data = data, .len = len };
	const struct tct_record_header *h = data;
	struct tct_session *session = ctx;

	if (2u * h->size <= len)
		tct_tracker_foresee(session->shards.shard, (const char *)data + h->size, h->size);
	return tct_session_apply(session, &record);
}

static int tell(struct tct_session *session, enum tct_input_kind kind)
{
	const struct tct_input input = { .kind = kind, .now_ns = tct_clock_mono_ns() };

	return tct_session_apply(session, &input);
}

static int seeded(struct tct_session *session, const struct tct_survey_result *result)
{
	const struct tct_input input = {
		.kind = TCT_IN_SEEDED,
		.now_ns = tct_clock_mono_ns(),
		.which = (uint32_t)result->namespaces.count,
		.value = result->requests,
	};

	if (result->unread)
		fprintf(stderr, "not looked at: %u network namespace%s (%s)\n", result->unread,
			result->unread == 1 ? "" : "s", strerror(-result->unread_err));
	return tct_session_apply(session, &input);
}

static int scan(struct tct_session *session, struct tct_survey *survey)
{
	uint32_t states = tct_stuck_states(&session->shards.stuck);
	const struct tct_survey_job job = {
		.sockets = TCT_SURVEY_FULL,
		.states = states | 1u << TCT_LISTEN,
		.owner_states = states,
	};
	int err;

	tell(session, TCT_IN_SCAN_BEGIN);
	err = tct_survey_run(survey, &job, feed, session);
	if (!err)
		err = seeded(session, tct_survey_result(survey));
	if (!err)
		err = tell(session, TCT_IN_SCAN_END);
	return err;
}

enum tct_exit tct_look_take(struct tct_session *session, const struct tct_run_config *run,
			    const struct tct_host *host, struct tct_survey *survey,
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
		err = scan(session, survey);
	if (!err)
		return TCT_EXIT_OK;
	tct_log_error("reading the kernel's sockets failed: %s", strerror(-err));
	return TCT_EXIT_FAILURE;
}
