// SPDX-License-Identifier: GPL-2.0
/* The readings of a live run: what the iterators tell beside the events. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "../cmd/signals.h"
#include "../log.h"
#include "../source/clock.h"
#include "live_internal.h"

#define BACKLOG_MAX (256u << 20)	/* bytes; what comes then waits in the ring */
#define BACKLOG_CHUNKS (BACKLOG_MAX / TCT_CHUNK_SIZE)
#define CATCH_UP_CHUNKS 64
#define SLICE 20000		/* records of a survey between two looks at the ring */
#define SEED_REST_MS 10
#define OWNER_SHARE 50
#define OWNER_REST_NS 1000000000ull
#define OWNER_REST_SOON_NS 100000000ull

/* A record for the session. */
static int feed(void *ctx, const void *data, size_t len)
{
	const struct tct_input record = { .kind = TCT_IN_RECORD, .data = data, .len = len };
	int err = tct_live_relieve(ctx);

	return err ? err : tct_live_tell(ctx, &record);
}

/* One of several shards may be read side by side with the others. */
static int feed_shard(struct live *live, unsigned int shard, const void *data, size_t len)
{
	int size = tct_session_feed(&live->session, shard, data, len), err = 0;

	if (size > 0 && live->session.config.tee)
		err = tct_chunks_add(&live->tees[shard], data, (size_t)size);
	return err ? err : size;
}

int tct_live_on_event(void *ctx, unsigned int shard, const void *data, size_t len)
{
	const struct tct_record_header *h = data;
	struct live *live = ctx;
	bool whole = tct_ring_at(live->ring, shard) >= live->whole.at[shard];
	int err;

	if (!live->seeding && !live->backlog.first && whole)
		return live->host.shards > 1 ? feed_shard(live, shard, data, len)
					     : feed(ctx, data, len);
	if (len < sizeof(*h) || h->size > len)
		return -EBADMSG;
	if (!whole)
		return h->size;
	err = tct_chunks_add(&live->backlog, data, h->size);
	return err ? err : h->size;
}

void tct_live_foresee(void *ctx, unsigned int shard, const void *data, size_t len)
{
	struct live *live = ctx;

	tct_tracker_foresee(&live->session.shards.shard[shard], data, len);
}

int tct_live_catch_up(struct live *live)
{
	struct tct_chunk *chunk;
	int fed = 0, got;

	for (int i = 0; !live->seeding && i < CATCH_UP_CHUNKS; i++) {
		chunk = tct_chunks_pop(&live->backlog);
		if (!chunk)
			break;
		got = tct_chunk_feed(chunk, feed, live);
		free(chunk);
		if (got < 0)
			return got;
		fed += got;
	}
	return fed;
}

static void tell_at(struct live *live, enum tct_input_kind kind, uint64_t now_ns)
{
	const struct tct_input input = { .kind = kind, .now_ns = now_ns };

	tct_live_tell(live, &input);
}

static void tell(struct live *live, enum tct_input_kind kind)
{
	tell_at(live, kind, tct_clock_mono_ns());
}

static void complain(int err)
{
	tct_log_error("reading the kernel's sockets failed: %s", strerror(-err));
}

static void begin_scan(struct live *live)
{
	tell(live, TCT_IN_SCAN_BEGIN);
	if (live->brief)
		tell(live, TCT_IN_MINIS);
}

static void tell_unread(const struct tct_survey_result *result)
{
	if (result->unread)
		tct_log_error("the sockets of %u network namespace%s could not be read: %s",
			      result->unread, result->unread == 1 ? "" : "s",
			      strerror(-result->unread_err));
}

/* The events wait meanwhile: they belong behind what is read. -ECANCELED when a signal ends it. */
static int read_all(struct live *live)
{
	struct pollfd readable = { .fd = tct_survey_fd(live->survey), .events = POLLIN };
	int more = 1, got = 0;

	live->seeding = true;
	while (more > 0 && got >= 0) {
		if (tct_signals_stop())
			return -ECANCELED;
		poll(&readable, 1, SEED_REST_MS);
		if (live->backlog.count < BACKLOG_CHUNKS)
			got = tct_ring_drain(live->ring, false);
		more = tct_survey_take(live->survey, feed, live, SLICE);
	}
	live->seeding = false;
	return got < 0 ? got : more;
}

static int seed_from(struct live *live)
{
	struct tct_survey_job job = {
		.sockets = TCT_SURVEY_FULL,
		.states = TCT_ALL_STATES,
		.owner_states = TCT_ALL_STATES,
	};
	int err;

	if (live->summary)
		tct_live_stays_job(live, &job);

	begin_scan(live);
	err = tct_survey_start(live->survey, &job);
	if (!err)
		err = read_all(live);
	if (!err)
		tct_live_tell_namespaces(live, TCT_IN_NAMESPACE);
	tell(live, err ? TCT_IN_SCAN_FAILED : TCT_IN_SCAN_END);
	return err;
}

static int seed(struct live *live)
{
	struct tct_input seeded = { .kind = TCT_IN_SEEDED };
	bool reads = live->survey && !live->host.continued;
	int err = reads ? seed_from(live) : 0;

	if (!err && reads) {
		tell_unread(tct_survey_result(live->survey));
		seeded.which = (uint32_t)tct_survey_result(live->survey)->namespaces.count;
		seeded.value = tct_survey_result(live->survey)->requests;
	}
	if (err)
		return err;
	if (live->tallies && reads)
		tct_live_rest_from_stays(live, 0);
	tct_live_begin(live);
	seeded.now_ns = tct_clock_mono_ns();
	return tct_live_tell(live, &seeded);
}

/* What came meanwhile belongs behind what was not read to the end. */
static void drop_events(struct live *live)
{
	live->seeding = true;
	while (tct_ring_drain(live->ring, false) > 0)
		tct_chunks_clear(&live->backlog);
	tct_chunks_clear(&live->backlog);
}

enum tct_exit tct_live_seed(struct live *live)
{
	int err = seed(live);

	live->began = !err;
	if (!err)
		return TCT_EXIT_OK;
	tct_loader_detach(live->loader);
	drop_events(live);
	if (err != -ECANCELED) {
		complain(err);
		return TCT_EXIT_FAILURE;
	}
	tct_log_error("ended while the sockets that are there were read: nothing is told");
	return TCT_EXIT_OK;
}

void tct_live_tell_namespaces(struct live *live, enum tct_input_kind kind)
{
	const struct tct_survey_result *result = tct_survey_result(live->survey);
	const struct tct_inodes *read = &result->namespaces;
	struct tct_input input = { .kind = kind };
	const struct tct_input listed = {
		.kind = kind == TCT_IN_NAMESPACE ? TCT_IN_LISTED : TCT_IN_AUDIT_LISTED,
		.data = result->listed.list, .len = result->listed.count * sizeof(uint32_t),
	};

	for (size_t i = 0; i < read->count; i++) {
		input.which = read->list[i];
		tct_live_tell(live, &input);
	}
	if (result->lists)
		tct_live_tell(live, &listed);
}

int tct_live_look_at(struct live *live, enum tct_live_look what, const struct tct_survey_job *job)
{
	int err = tct_survey_start(live->survey, job);

	if (!err)
		live->look = what;
	return err;
}

/* Owners were looked for from begin_ns on: what came later is judged by the next look. */
static void rest_from_owners(struct live *live)
{
	const struct tct_survey_result *result = tct_survey_result(live->survey);
	uint64_t rest_ns = live->options->pid ? OWNER_REST_SOON_NS : OWNER_REST_NS;

	tell_at(live, TCT_IN_OWNERS, result->begin_ns);
	live->next_owners_ns = result->end_ns +
			       (result->end_ns - result->begin_ns) * OWNER_SHARE + rest_ns;
}

static void finish_look(struct live *live, int err)
{
	enum tct_live_look what = live->look;

	live->look = TCT_LOOK_NONE;
	if (err && what != TCT_LOOK_AUDIT)
		complain(err);
	switch (what) {
	case TCT_LOOK_NONE:
		break;
	case TCT_LOOK_AUDIT:
		tct_live_audit_has_read(live, err);
		break;
	case TCT_LOOK_SCAN:
		if (!err)
			tct_live_tell_namespaces(live, TCT_IN_NAMESPACE);
		tell(live, err ? TCT_IN_SCAN_FAILED : TCT_IN_SCAN_END);
		break;
	case TCT_LOOK_STAYS:
		tct_live_rest_from_stays(live, err);
		break;
	case TCT_LOOK_OWNERS:
		rest_from_owners(live);
		break;
	case TCT_LOOK_MINIS:
		tell(live, TCT_IN_ASKED);
		break;
	}
}

static void look(struct live *live, enum tct_live_look what, const struct tct_survey_job *job)
{
	int err = tct_live_look_at(live, what, job);

	if (!err)
		return;
	live->look = what;
	finish_look(live, err);
}

bool tct_live_gives_way(const struct live *live, uint64_t now_ns)
{
	const struct tct_stuck *stuck = &live->session.shards.stuck;
	uint64_t lead_ns = tct_pace_lead(&stuck->pace);

	return lead_ns && tct_stuck_wants_scan_at(stuck) < now_ns + lead_ns;
}

void tct_live_scan(struct live *live)
{
	uint32_t states = tct_stuck_states(&live->session.shards.stuck);
	const struct tct_survey_job job = {
		.sockets = TCT_SURVEY_FULL, .states = states, .owner_states = states,
	};

	if (!live->survey || live->look != TCT_LOOK_NONE)
		return;
	begin_scan(live);
	look(live, TCT_LOOK_SCAN, &job);
}

static const struct tct_survey_job minis_job = {
	.sockets = TCT_SURVEY_FULL, .states = 1u << TCT_TIME_WAIT,
};

void tct_live_ask(struct live *live)
{
	live->audit.asked = true;
	if (!live->brief || !live->survey || live->look != TCT_LOOK_NONE) {
		tell(live, TCT_IN_ASKED);
		return;
	}
	tell(live, TCT_IN_MINIS);
	look(live, TCT_LOOK_MINIS, &minis_job);
}

void tct_live_take(struct live *live)
{
	int more;

	if (live->look == TCT_LOOK_NONE)
		return;
	more = tct_survey_take(live->survey,
			       live->look == TCT_LOOK_AUDIT ? tct_live_audit_keep : feed, live,
			       SLICE);
	if (more <= 0)
		finish_look(live, more);
}

/*
 * No stock tracepoint tells who accepts a socket: the descriptors are looked at, soon when events
 * wait for their owner (-p), else when something was accepted, so that its later events have one.
 * It takes at most one part in OWNER_SHARE of the time, and none on an idle host.
 */
bool tct_live_wants_owners(const struct live *live)
{
	if (!live->survey || live->summary)
		return false;
	if (tct_select_waits(&live->session.select))
		return true;
	return tct_shards_unowned(&live->session.shards) && live->options->types & ~TCT_SELECT_FINDING;
}

static const struct tct_survey_job owners_job = { .owner_states = TCT_ALL_STATES };

void tct_live_look_for_owners(struct live *live, uint64_t now_ns)
{
	uint64_t rest_ns = live->options->pid ? OWNER_REST_SOON_NS : OWNER_REST_NS;

	if (!tct_live_wants_owners(live)) {
		live->next_owners_ns = now_ns + rest_ns;
		return;
	}
	if (now_ns < live->next_owners_ns || live->look != TCT_LOOK_NONE ||
	    tct_live_gives_way(live, now_ns))
		return;
	tct_shards_owners_sought(&live->session.shards);
	tell(live, TCT_IN_SCAN_BEGIN);
	look(live, TCT_LOOK_OWNERS, &owners_job);
}

/* Nothing comes any more that it could hold up. */
static void run(struct live *live, const struct tct_survey_job *job)
{
	int err = tct_survey_run(live->survey, job, feed, live);

	if (err)
		complain(err);
}

void tct_live_look_last(struct live *live)
{
	struct pollfd readable;

	if (!live->survey)
		return;
	readable = (struct pollfd){ .fd = tct_survey_fd(live->survey), .events = POLLIN };
	while (live->look != TCT_LOOK_NONE) {
		poll(&readable, 1, -1);
		tct_live_take(live);
	}
	tct_live_drain(live);	/* what waited for the reading */
	if (tct_live_wants_owners(live)) {
		tell(live, TCT_IN_SCAN_BEGIN);
		run(live, &owners_job);
		tell(live, TCT_IN_OWNERS);
	}
	if (live->brief) {
		tell(live, TCT_IN_MINIS);
		run(live, &minis_job);
	}
}
