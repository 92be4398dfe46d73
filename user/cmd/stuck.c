// SPDX-License-Identifier: GPL-2.0
/*
 * One shot: what is stuck now, in all network namespaces. Iterators and no hook; the ages are lower
 * bounds, since nobody watched the sockets enter their states.
 */
#include <stdio.h>
#include <string.h>
#include "../log.h"
#include "../source/clock.h"
#include "cmd.h"
#include "../live/live.h"
#include "look.h"
#include "recording.h"
#include "replay.h"

/* Entered by a segment of the peer, or at a time that the kernel keeps. */
static bool has_age(enum tct_state state)
{
	return state == TCT_CLOSE_WAIT || state == TCT_FIN_WAIT2 || state == TCT_CLOSING ||
	       state == TCT_NEW_SYN_RECV;
}

static uint32_t count_unjudged(const struct tct_shards *shards, enum tct_state state)
{
	uint32_t count = 0;

	for (unsigned int i = 0; i < shards->count; i++)
		count += shards->shard[i].mirror.lists[0][state].count;
	return count;
}

/* In a state that can be stuck, and for how long nobody can say. */
static void tell_unknown(const struct tct_shards *shards, bool json)
{
	uint32_t count = 0;
	char names[128] = "";

	for (int s = 0; s < TCT_STATES; s++) {
		uint32_t here = count_unjudged(shards, s);

		if (!shards->config.stuck.threshold_ns[s] || has_age(s) || !here)
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 count ? ", " : "", tct_state_name(s));
		count += here;
	}
	if (count && !json)
		fprintf(stderr, "not judged, age unknown: %u in %s (trace watches them)\n", count,
			names);
}

static enum tct_exit report(const struct tct_options *options, const struct tct_session *session)
{
	enum tct_exit status;

	tell_unknown(&session->shards, options->json);
	if (!session->select.findings && !options->json)
		printf("nothing is stuck in %u network namespace%s\n", session->namespaces,
		       session->namespaces == 1 ? "" : "s");
	status = tct_output_flush();
	return !status && session->select.findings ? TCT_EXIT_FINDINGS : status;
}

static enum tct_exit open_recording(const struct tct_options *options, const struct tct_host *host,
				    struct tct_recorder *recorder)
{
	const struct tct_input nothing_before = { .kind = TCT_IN_FINISH, .now_ns = host->start_ns };
	enum tct_exit status = tct_recording_open(recorder, options, host);

	if (!status)
		tct_recorder_take(recorder, &nothing_before);
	return status;
}

static enum tct_exit look_and_report(const struct tct_run_config *run,
				     const struct tct_host *host, struct tct_survey *survey,
				     struct tct_recorder *recorder)
{
	struct tct_session session = { 0 };
	enum tct_exit status = tct_look_take(&session, run, host, survey, recorder);

	if (!status)
		status = report(run->options, &session);
	tct_session_fini(&session);
	return status;
}

static enum tct_exit run_live(const struct tct_run_config *run)
{
	const struct tct_options *options = run->options;
	const struct tct_host host = {
		.start_ns = tct_clock_mono_ns(), .real_offset_ns = tct_clock_real_offset_ns(),
		.filter = tct_sift_filter(&options->filter),
	};
	const struct tct_snapshot_config reads = {
		.filter = &options->filter, .cookies = true, .once = true,
	};
	struct tct_recorder recorder = { 0 };
	struct tct_survey *survey = NULL;
	enum tct_exit status = tct_live_check_host(options), closed = TCT_EXIT_OK;

	if (!status)
		status = tct_survey_new(&survey, &reads);
	if (status)
		return status;
	if (options->record)
		status = open_recording(options, &host, &recorder);
	if (!status) {
		status = look_and_report(run, &host, survey,
					 options->record ? &recorder : NULL);
		if (options->record)
			closed = tct_recording_close(&recorder, options);
	}
	tct_survey_free(survey);
	return closed ? closed : status;
}

static enum tct_exit run_replay(const struct tct_run_config *run)
{
	struct tct_replay replay;
	enum tct_exit status = tct_replay_run(&replay, run);

	if (!status && !replay.looked) {
		tct_log_error("'%s' ends before its last look: what was stuck then is not known",
			      run->options->replay);
		status = TCT_EXIT_FAILURE;
	}
	if (!status)
		status = report(run->options, &replay.session);
	tct_replay_fini(&replay);
	return status;
}

enum tct_exit tct_cmd_stuck(const struct tct_options *options)
{
	struct tct_options findings = *options;
	struct tct_output output;
	struct tct_sink sink = { 0 };
	const struct tct_run_config run = {
		.options = &findings,
		.output = &output,
		.sink = &sink,
		.messages = &output.messages,
		.detect = true,
		.once = true,
	};

	findings.types = TCT_SELECT_FINDING;
	tct_output_init(&output, options);
	sink.ctx = output.sink.ctx;
	sink.finding = output.sink.finding;
	return options->replay ? run_replay(&run) : run_live(&run);
}
