// SPDX-License-Identifier: GPL-2.0
/*
 * When to audit, and how its readings come to the session: a step after each batch, so that the
 * events never wait for it. What a step does is bounded.
 */
#include <stdlib.h>
#include <string.h>
#include "../core/audit.h"
#include "../log.h"
#include "../source/clock.h"
#include "live_internal.h"

#define SLICE_CHUNKS 16		/* of records: 64 KiB each */
#define SLICE_BUCKETS 65536	/* of the mirror */
#define SLICE_SUSPECTS 20000
#define REST_NS 100000000ull	/* between two that nobody's clock asked for */
#define READING_SHARE 10	/* reading takes at most one part in so many of the time */

static void tell(struct live *live, enum tct_input_kind kind, uint32_t which, uint64_t value)
{
	const struct tct_input input = {
		.kind = kind, .which = which, .value = value, .now_ns = tct_clock_mono_ns(),
	};

	tct_live_tell(live, &input);
}

static int feed(void *ctx, const void *data, size_t len)
{
	const struct tct_input record = { .kind = TCT_IN_AUDIT_RECORD, .data = data, .len = len };

	return tct_live_tell(ctx, &record);
}

static void end(struct live *live)
{
	struct live_audit *audit = &live->audit;
	uint64_t now_ns = tct_clock_mono_ns();
	uint64_t rest_ns = audit->reading_ns * READING_SHARE;

	tct_chunks_clear(&audit->records);
	audit->step = TCT_AUDIT_RESTS;
	audit->wanted_from_ns = now_ns + (rest_ns > REST_NS ? rest_ns : REST_NS);
	audit->next_ns = live->options->audit_ns ? now_ns + live->options->audit_ns : UINT64_MAX;
}

static void give_up(struct live *live, int err)
{
	tell(live, TCT_IN_AUDIT_DROP, 0, 0);
	tct_log_error("an audit could not read the kernel's sockets: %s", strerror(-err));
	end(live);
}

static void read_with(struct live *live, const struct tct_survey_job *job)
{
	int err = tct_live_look_at(live, TCT_LOOK_AUDIT, job);

	if (err)
		give_up(live, err);
	else
		live->audit.step++;
}

static bool is_due(const struct live *live, uint64_t now_ns)
{
	const struct live_audit *audit = &live->audit;

	if (audit->asked)
		return true;
	if (tct_live_gives_way(live, now_ns))
		return false;
	return now_ns >= audit->next_ns || (now_ns >= audit->wanted_from_ns &&
					    now_ns >= tct_audit_at(&live->session.shards));
}

static void begin(struct live *live, uint64_t now_ns)
{
	static const struct tct_survey_job all = { .sockets = TCT_SURVEY_PRESENT };

	if (!is_due(live, now_ns) || live->look != TCT_LOOK_NONE)
		return;
	tell(live, TCT_IN_AUDIT_BEGIN, live->audit.asked, 0);
	live->audit.asked = false;
	live->audit.reading_ns = 0;
	read_with(live, &all);
}

/*
 * What was read is compared once all events of that time have been applied, losses included. Under
 * a flood that may be long before the ring is empty.
 */
static void await_events(struct live *live)
{
	if (live->backlog.first || !tct_ring_has_passed(live->ring, &live->audit.read_to))
		return;
	tct_live_tell_losses(live, tct_clock_mono_ns(), true);
	live->audit.step++;
}

static void feed_some(struct live *live)
{
	struct tct_chunk *chunk;
	int got = 0;

	for (int i = 0; i < SLICE_CHUNKS; i++) {
		chunk = tct_chunks_pop(&live->audit.records);
		if (!chunk) {
			live->audit.step++;
			return;
		}
		got = tct_chunk_feed(chunk, feed, live);
		free(chunk);
		if (got < 0) {
			give_up(live, got);
			return;
		}
	}
}

static bool has_suspects(const struct live *live)
{
	struct tct_suspect suspect;
	size_t at = 0;

	return tct_audit_suspect(&live->session.shards, &at, &suspect);
}

static void sweep(struct live *live)
{
	tell(live, TCT_IN_AUDIT_SWEEP, live->audit.complete, SLICE_BUCKETS);
	if (!live->session.audit_goes_on)
		live->audit.step = has_suspects(live) ? TCT_AUDIT_WAITS : TCT_AUDIT_SETTLES_ALL;
}

/* Those that did not agree; too many to name them all are looked for among all. */
static void read_again(struct live *live, uint64_t now_ns)
{
	struct tct_survey_job job = { .sockets = TCT_SURVEY_FULL, .states = TCT_ALL_STATES };
	static uint64_t keys[TCT_KEYS_MAX];
	struct tct_suspect suspect;
	size_t at = 0;

	if (now_ns < tct_audit_again_at(&live->session.shards) || live->look != TCT_LOOK_NONE)
		return;
	while (job.key_count <= TCT_KEYS_MAX &&
	       tct_audit_suspect(&live->session.shards, &at, &suspect)) {
		/* an address that the kernel shows with a cookie is found by none */
		if (TCT_KEY_IS_ADDRESS(suspect.key) && !live->host.cookieless)
			job.key_count = TCT_KEYS_MAX;
		if (job.key_count < TCT_KEYS_MAX)
			keys[job.key_count] = suspect.key;
		job.key_count++;
	}
	job.keys = keys;
	if (job.key_count > TCT_KEYS_MAX)
		job.key_count = 0;
	tell(live, TCT_IN_AUDIT_AGAIN, 0, 0);
	read_with(live, &job);
}

static void settle(struct live *live)
{
	tell(live, TCT_IN_AUDIT_SETTLE, live->audit.complete, SLICE_SUSPECTS);
	if (!live->session.audit_goes_on)
		end(live);
}

/* The mirror of --mode=summary is not the kernel's. */
void tct_live_audit(struct live *live, uint64_t now_ns)
{
	if (!live->survey || live->summary)
		return;
	switch (live->audit.step) {
	case TCT_AUDIT_RESTS:
		begin(live, now_ns);
		break;
	case TCT_AUDIT_READS:
	case TCT_AUDIT_READS_AGAIN:
		break;		/* tct_live_audit_has_read() */
	case TCT_AUDIT_AWAITS:
	case TCT_AUDIT_AWAITS_AGAIN:
		await_events(live);
		break;
	case TCT_AUDIT_FEEDS:
	case TCT_AUDIT_FEEDS_AGAIN:
		feed_some(live);
		break;
	case TCT_AUDIT_SWEEPS:
		sweep(live);
		break;
	case TCT_AUDIT_WAITS:
		read_again(live, now_ns);
		break;
	case TCT_AUDIT_SETTLES_ALL:
		settle(live);
		break;
	}
}

int tct_live_audit_keep(void *ctx, const void *data, size_t len)
{
	const struct tct_record_header *h = data;
	int err = tct_chunks_add(&((struct live *)ctx)->audit.records, data, h->size);

	(void)len;
	return err ? err : h->size;
}

void tct_live_audit_has_read(struct live *live, int err)
{
	const struct tct_survey_result *result = tct_survey_result(live->survey);
	struct live_audit *audit = &live->audit;

	if (err) {
		give_up(live, err);
		return;
	}
	tct_live_tell_namespaces(live, TCT_IN_AUDIT_NAMESPACE);
	audit->complete = !result->unread;
	audit->reading_ns += result->end_ns - result->begin_ns;
	audit->read_to = tct_ring_ends(live->ring);
	audit->step++;
}

static uint64_t begins_at(const struct live *live)
{
	const struct live_audit *audit = &live->audit;
	uint64_t wanted_ns = tct_audit_at(&live->session.shards);

	if (audit->asked)
		return 0;
	if (tct_live_gives_way(live, tct_clock_mono_ns()))	/* the scan will wake us */
		return UINT64_MAX;
	if (wanted_ns < audit->wanted_from_ns)
		wanted_ns = audit->wanted_from_ns;
	return wanted_ns < audit->next_ns ? wanted_ns : audit->next_ns;
}

/* The end of a reading, its own or another's, ends the wait by itself, and so does the ring. */
uint64_t tct_live_audit_deadline(const struct live *live)
{
	bool may_read = live->survey && !live->summary && live->look == TCT_LOOK_NONE;

	switch (live->audit.step) {
	case TCT_AUDIT_RESTS:
		return may_read ? begins_at(live) : UINT64_MAX;
	case TCT_AUDIT_WAITS:
		return may_read ? tct_audit_again_at(&live->session.shards) : UINT64_MAX;
	case TCT_AUDIT_READS:
	case TCT_AUDIT_READS_AGAIN:
		return UINT64_MAX;
	case TCT_AUDIT_AWAITS:
	case TCT_AUDIT_AWAITS_AGAIN:
		return tct_ring_is_drained(live->ring) ? 0 : UINT64_MAX;
	case TCT_AUDIT_FEEDS:
	case TCT_AUDIT_SWEEPS:
	case TCT_AUDIT_FEEDS_AGAIN:
	case TCT_AUDIT_SETTLES_ALL:
		break;
	}
	return 0;
}
