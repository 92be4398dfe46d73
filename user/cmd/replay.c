// SPDX-License-Identifier: GPL-2.0
#include "replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../log.h"
#include "output.h"

/* A core asks for a reason by its number alone. */
static const struct tct_layout_host *recorded;

static const char *reset_reason(uint32_t reason)
{
	static char name[TCT_LAYOUT_REASONS][TCT_LAYOUT_REASON_LEN];

	if (reason >= TCT_LAYOUT_REASONS || !recorded->reasons[reason][0])
		return NULL;
	snprintf(name[reason], sizeof(name[reason]), "%.*s", TCT_LAYOUT_REASON_LEN - 1,
		 recorded->reasons[reason]);
	return name[reason];
}

static enum tct_exit start(struct tct_replay *replay, const struct tct_run_config *run)
{
	const char *path = run->options->replay;
	struct tct_session_config config;

	if (tct_reader_open(&replay->reader, path)) {
		tct_log_error("'%s' cannot be replayed: %s", path, replay->reader.why);
		return TCT_EXIT_FAILURE;
	}
	if (replay->reader.host.flags & TCT_LAYOUT_ANONYMOUS)
		tct_log_error("'%s': addresses and names of cgroups are not the real ones", path);
	recorded = &replay->reader.host;
	tct_layout_get_host(recorded, &replay->host);
	replay->host.reset_reason = reset_reason;
	replay->now_ns = replay->host.start_ns;
	tct_run_session(run, &replay->host, &config);
	if (!tct_sift_init(&replay->sift, &run->options->filter, replay->host.filter) &&
	    !tct_session_init(&replay->session, &config))
		return TCT_EXIT_OK;
	tct_log_error("out of memory");
	return TCT_EXIT_FAILURE;
}

/*
 * After a batch a live run looks whether it goes on: so what it did once more is done here, too. The
 * audit of the command `audit` comes after its time.
 */
static bool is_over(const struct tct_replay *replay, const struct tct_run_config *run)
{
	uint64_t duration_ns = run->options->duration_ns;

	return tct_session_has_enough(&replay->session) ||
	       (duration_ns && !run->audits && replay->now_ns - replay->host.start_ns >= duration_ns);
}

static int apply(void *ctx, const struct tct_input *input)
{
	int got = tct_session_apply(&((struct tct_replay *)ctx)->session, input);

	return got < 0 ? got : 0;
}

static int finish(struct tct_replay *replay)
{
	const struct tct_input last = {
		.kind = TCT_IN_FINISH, .now_ns = replay->now_ns, .value = replay->complete_ns,
	};

	replay->finished = true;
	return apply(replay, &last);
}

static int take(struct tct_replay *replay, const struct tct_run_config *run,
		const struct tct_input *input)
{
	if (input->now_ns)
		replay->now_ns = input->now_ns;
	if (input->kind == TCT_IN_BATCH)
		replay->complete_ns = input->value;
	if (run->once && !replay->finished) {
		replay->finished = input->kind == TCT_IN_FINISH;
		return 0;
	}
	replay->looked |= replay->finished && input->kind == TCT_IN_SCAN_END;
	replay->finished |= input->kind == TCT_IN_FINISH;
	return tct_sift_pass(&replay->sift, input, apply, replay);
}

/* 1 for more, 0 at the end, or a negative errno. */
static int step(struct tct_replay *replay, const struct tct_run_config *run)
{
	struct tct_input input;
	int got = tct_reader_next(&replay->reader, &input);

	if (got <= 0)
		return got;
	if (replay->over && input.kind == TCT_IN_BATCH) {
		got = finish(replay);
		return got < 0 ? got : 0;
	}
	got = take(replay, run, &input);
	if (got < 0)
		return got;
	if (input.kind == TCT_IN_BATCH)
		replay->over = is_over(replay, run);
	return run->once || !replay->finished;
}

/* What was read is shown, with its totals, whatever may be wrong with the rest. */
static enum tct_exit end(struct tct_replay *replay, const struct tct_run_config *run, int err)
{
	const char *path = run->options->replay;
	bool early = !replay->finished && !run->once;

	if (early)
		finish(replay);
	if (err == -ENOMEM) {
		tct_log_error("out of memory");
	} else if (err) {
		tct_log_error("'%s' is replayed no further: %s", path,
			      replay->reader.why[0] ? replay->reader.why : "it is damaged");
	} else if (early) {
		tct_log_error("the recording ends early: '%s' %s", path,
			      replay->reader.cut ? "stops within a block" : "was not finished");
	}
	return err ? TCT_EXIT_FAILURE : TCT_EXIT_OK;
}

enum tct_exit tct_replay_run(struct tct_replay *replay, const struct tct_run_config *run)
{
	enum tct_exit status, flushed;
	int got = 1;

	memset(replay, 0, sizeof(*replay));
	status = start(replay, run);
	if (status)
		return status;
	while (got > 0 && !ferror(stdout))
		got = step(replay, run);
	if (got <= 0)	/* else nobody reads what is printed */
		status = end(replay, run, got);
	flushed = tct_output_flush();
	return flushed ? flushed : status;
}

void tct_replay_fini(struct tct_replay *replay)
{
	if (replay->session.config.host)
		tct_session_fini(&replay->session);
	if (replay->reader.frames)
		tct_reader_close(&replay->reader);
	tct_sift_fini(&replay->sift);
}
