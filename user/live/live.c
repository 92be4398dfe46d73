// SPDX-License-Identifier: GPL-2.0
#include "live.h"

#include <stdlib.h>
#include <string.h>
#include "../cmd/look.h"
#include "../cmd/output.h"
#include "../cmd/signals.h"
#include "../log.h"
#include "../source/clock.h"
#include "../source/early.h"
#include "live_internal.h"

#define LOOK_REST_NS 10000000ull

static int tee(void *ctx, const void *data, size_t len)
{
	const struct tct_session_config *config = &((struct live *)ctx)->session.config;
	struct tct_input record = { .kind = TCT_IN_RECORD, .data = data };

	(void)len;
	record.len = ((const struct tct_record_header *)data)->size;
	config->tee(config->tee_ctx, &record);
	return (int)record.len;
}

/* What was read side by side, in the order in which a replay routes it to the same shards. */
static void tell_tees(struct live *live)
{
	for (unsigned int i = 0; i < live->session.shards.count; i++) {
		struct tct_chunk *chunk;

		while ((chunk = tct_chunks_pop(&live->tees[i]))) {
			tct_chunk_feed(chunk, tee, live);
			free(chunk);
		}
	}
}

int tct_live_tell(struct live *live, const struct tct_input *input)
{
	if (live->host.shards > 1)
		tell_tees(live);
	return tct_session_apply(&live->session, input);
}

static void tell_loss(struct live *live, enum tct_loss_where where, uint64_t total, uint64_t now_ns)
{
	const struct tct_input input = {
		.kind = TCT_IN_LOSS, .which = where, .now_ns = now_ns, .value = total,
	};

	if (total == live->losses[where])
		return;
	live->losses[where] = total;
	tct_live_tell(live, &input);
}

void tct_live_tell_losses(struct live *live, uint64_t now_ns, bool at_once)
{
	tell_loss(live, TCT_LOSS_RING, tct_loader_lost_ring(live->loader), now_ns);
	tell_loss(live, TCT_LOSS_MIRROR, tct_live_unkept(live), now_ns);
	tell_loss(live, TCT_LOSS_SINK, live->session.select.overflowed +
		  tct_shards_dropped(&live->session.shards), now_ns);
	if (at_once || now_ns >= live->next_losses_ns) {
		live->next_losses_ns = now_ns + 1000000000ull;
		tell_loss(live, TCT_LOSS_HOOK, tct_loader_lost_hook(live->loader), now_ns);
	}
}

/* What did not come is judged by the time before: who is not run for a while has missed nothing. */
int tct_live_drain(struct live *live)
{
	uint64_t before_ns = tct_clock_mono_ns();
	int got = tct_ring_drain(live->ring, !live->seeding && !live->backlog.first);
	int fed = got < 0 ? got : tct_live_catch_up(live);

	if (fed >= 0 && tct_ring_is_drained(live->ring) && !live->backlog.first)
		live->complete_ns = before_ns;
	return fed < 0 ? fed : got + fed;
}

/* A step is missing, or something is about to be told because nothing came. */
static bool is_in_doubt(const struct live *live)
{
	const struct tct_shards *shards = &live->session.shards;

	return tct_shards_mismatches(shards) ||
	       tct_shards_settles_at(shards) <= live->complete_ns;
}

static void after_batch(struct live *live)
{
	uint64_t now_ns = tct_clock_mono_ns();
	const struct tct_input batch = {
		.kind = TCT_IN_BATCH, .now_ns = now_ns, .value = live->complete_ns,
	};

	tct_live_tell_losses(live, now_ns, is_in_doubt(live));
	tct_live_take(live);
	tct_live_audit(live, now_ns);
	tct_live_see_flood(live, now_ns);
	tct_live_look_for_stays(live, now_ns);
	tct_live_look_for_owners(live, now_ns);
	tct_live_tell_interval(live, now_ns);
	tct_live_tell(live, &batch);
	if (live->session.wants_scan)
		tct_live_scan(live);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t deadline(const struct live *live)
{
	uint64_t at = tct_session_deadline(&live->session);

	if (live->backlog.first && !live->seeding)
		return 0;
	/* what is due by then may have to wait for what is being read */
	if (live->look != TCT_LOOK_NONE)
		at = later(at, tct_clock_mono_ns() + LOOK_REST_NS);
	if (live->options->duration_ns && !live->asked)
		at = earlier(at, live->host.start_ns + live->options->duration_ns);
	if (tct_live_wants_owners(live) && live->look == TCT_LOOK_NONE &&
	    !tct_live_gives_way(live, tct_clock_mono_ns()))
		at = earlier(at, live->next_owners_ns);
	at = earlier(at, tct_live_stays_deadline(live));
	at = earlier(at, tct_flood_deadline(&live->flood));
	at = earlier(at, tct_live_audit_deadline(live));
	at = earlier(at, tct_live_commit_deadline(live));
	if (live->options->record)
		at = earlier(at, tct_writer_deadline(&live->recorder.writer));
	return at;
}

static bool is_over(const struct live *live)
{
	uint64_t duration_ns = live->options->duration_ns;

	return duration_ns && tct_clock_mono_ns() >= live->host.start_ns + duration_ns;
}

/* The command `audit` watches for its duration, and ends with the audit that it asks for then. */
static bool ends_by_clock(struct live *live)
{
	if (!live->audits || live->asked || !is_over(live))
		return !live->audits && is_over(live);
	live->asked = live->audit.asked = true;
	return false;
}

static void tell_counts(struct live *live, uint64_t now_ns)
{
	const struct tct_input attempts = {
		.kind = TCT_IN_ATTEMPTS, .now_ns = now_ns,
		.value = tct_loader_attempts(live->loader),
	};
	const struct tct_input received = {
		.kind = TCT_IN_RECEIVED, .now_ns = now_ns,
		.value = tct_ring_received(live->ring),
	};

	tct_live_tell_tally(live, now_ns);
	tct_live_tell(live, &attempts);
	tct_live_tell(live, &received);
}

/* USR1 asks for the totals so far; all other signals end the run. */
static bool ends(struct live *live)
{
	tct_signals_drain();
	if (tct_signals_take_usr1()) {
		tell_counts(live, tct_clock_mono_ns());
		tct_live_ask(live);
	}
	return tct_signals_stop() || ends_by_clock(live) || live->recorder.failed ||
	       tct_session_has_enough(&live->session);
}

/* Before events are told, or their time of day would be that of before the wall clock was set. */
static void see_clock(struct live *live)
{
	int64_t moved_ns = tct_clock_follow(&live->real_offset_ns);
	const struct tct_input clock = {
		.kind = TCT_IN_CLOCK, .now_ns = tct_clock_mono_ns(), .value = live->real_offset_ns,
	};

	if (!moved_ns)
		return;
	if (moved_ns >= 1000000000 || moved_ns <= -1000000000)
		tct_log_error("the wall clock was set by %+.3fs: times of day follow",
			      (double)moved_ns / 1e9);
	tct_live_tell(live, &clock);
}

static enum tct_exit loop(struct live *live)
{
	int got = 0;

	while (!ends(live)) {
		tct_live_commit(live);
		see_clock(live);
		got = tct_live_drain(live);
		if (got < 0)
			break;
		after_batch(live);
		if (tct_output_flush())
			return TCT_EXIT_FAILURE;
		live->printed = tct_ring_position(live->ring);
		got = tct_ring_wait(live->ring, deadline(live));
		if (got < 0)
			break;
	}
	if (got >= 0)
		return TCT_EXIT_OK;
	tct_log_error("reading events failed: %s", strerror(-got));
	return TCT_EXIT_FAILURE;
}

/* A program that was detached may be writing its last record still. */
static void tell_rest(struct live *live)
{
	const struct tct_input join = { .kind = TCT_IN_JOIN };
	int got;

	if (live->pin) {
		tct_live_drain_last(live);
		return;
	}
	do {
		got = tct_live_drain(live);
		if (live->host.shards > 1)
			tct_live_tell(live, &join);
	} while (got > 0 || (!got && !tct_ring_is_drained(live->ring)));
}

/* What came in between is told before the totals. */
static enum tct_exit finish(struct live *live)
{
	struct tct_input last = { .kind = TCT_IN_FINISH, .which = live->pin != NULL };
	uint64_t now_ns;

	tct_loader_detach(live->loader);
	if (live->began)
		tell_rest(live);
	now_ns = tct_clock_mono_ns();
	if (live->began)
		tct_live_look_last(live);
	tct_live_tell_losses(live, now_ns, true);
	if (live->host.shards > 1)
		tct_log_verbose("read side by side %llu times",
				(unsigned long long)tct_ring_together(live->ring));
	tct_live_end_flood(live, now_ns);
	tell_counts(live, now_ns);
	last.now_ns = now_ns;
	last.value = live->complete_ns;
	tct_live_tell(live, &last);
	if (tct_output_flush())
		return TCT_EXIT_FAILURE;
	return live->began ? tct_live_leave(live) : TCT_EXIT_OK;
}

/* After what the run told, what `stuck` would tell now: a replay has to know who holds what. */
static enum tct_exit finish_recording(struct live *live)
{
	const struct tct_sink nobody = { 0 };
	const struct tct_run_config run = {
		.options = live->options, .sink = &nobody, .messages = &nobody, .once = true,
	};
	enum tct_exit status = TCT_EXIT_OK, closed;
	struct tct_session look = { 0 };

	if (!live->options->record)
		return TCT_EXIT_OK;
	if (live->survey && live->began && !live->recorder.failed) {
		status = tct_look_take(&look, &run, &live->host, live->survey, &live->recorder);
		tct_session_fini(&look);
	}
	closed = tct_recording_close(&live->recorder, live->options);
	return closed ? closed : status;
}

enum tct_exit tct_live_run(const struct tct_run_config *config)
{
	struct live *live = calloc(1, sizeof(*live));
	enum tct_exit status = tct_live_check_host(config->options);
	int stop_fd;

	if (!status)
		status = tct_live_check_mode(config->options);
	if (!status)
		status = tct_recording_check(config->options);
	if (!live || status) {
		free(live);
		return status ? status : TCT_EXIT_FAILURE;
	}
	live->options = config->options;
	live->audits = config->audits;
	live->audit.next_ns = UINT64_MAX;
	tct_live_choose_mode(live, config);
	stop_fd = tct_signals_hold();
	tct_early();	/* the reader has to run before the ring is full */
	status = tct_live_start(live, config, stop_fd);
	tct_signals_release();
	if (!status && config->attached)
		config->attached(config->hooks.ctx, live->loader);
	if (!status)
		status = tct_live_seed(live);
	if (!status && live->began)
		status = loop(live);
	if (!status)
		status = finish(live);
	if (!status)
		status = finish_recording(live);
	tct_ring_free(live->ring);
	tct_loader_free(live->loader);
	tct_survey_free(live->survey);
	tct_chunks_clear(&live->backlog);
	tct_chunks_clear(&live->audit.records);
	for (int i = 0; i < TCT_SHARDS_MAX; i++)
		tct_chunks_clear(&live->tees[i]);
	if (live->options->flight)
		tct_flight_fini(&live->flight);
	tct_session_fini(&live->session);
	tct_pin_close(live->pin);
	free(live);
	return status;
}
