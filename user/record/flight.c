// SPDX-License-Identifier: GPL-2.0
#include "flight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../core/memo.h"
#include "../session/memos.h"
#include "frame.h"
#include "recorder.h"

#define SEGMENTS 4	/* in a span, or in all bytes */
#define SCAN_SHARE 8	/* of all bytes, for one scan */
#define FIRST_ROOM 65536

void tct_flight_init(struct tct_flight *flight, const struct tct_flight_config *config)
{
	*flight = (struct tct_flight){ .config = *config };
	TAILQ_INIT(&flight->segments);
}

static void drop_first(struct tct_flight *flight)
{
	struct tct_segment *segment = TAILQ_FIRST(&flight->segments);

	TAILQ_REMOVE(&flight->segments, segment, next);
	flight->bytes -= segment->room;
	free(segment->frames);
	free(segment);
}

void tct_flight_fini(struct tct_flight *flight)
{
	while (TAILQ_FIRST(&flight->segments))
		drop_first(flight);
	free(flight->scan.frames);
	free(flight->reading.frames);
}

static bool make_room(struct tct_flight *flight, struct tct_segment *segment, size_t size)
{
	size_t room = segment->room ? segment->room : FIRST_ROOM;
	uint8_t *frames;

	while (room < segment->used + size)
		room *= 2;
	if (room == segment->room)
		return true;
	if (flight->bytes - segment->room + room > flight->config.bytes)
		return false;
	frames = realloc(segment->frames, room);
	if (!frames)
		return false;
	flight->bytes += room - segment->room;
	segment->frames = frames;
	segment->room = room;
	return true;
}

/* The oldest make room; when nothing is left that could, all is forgotten. */
static void append(void *ctx, const struct tct_input *input)
{
	struct tct_flight *flight = ctx;
	size_t size = tct_frame_size(input);
	struct tct_segment *segment;

	while ((segment = TAILQ_LAST(&flight->segments, tct_segments))) {
		if (make_room(flight, segment, size)) {
			tct_frame_put(segment->frames + segment->used, input);
			segment->used += size;
			return;
		}
		drop_first(flight);
	}
}

/* All frames of a segment from there on. 0 or a negative errno. */
static int tell_frames(const struct tct_segment *segment, size_t from,
		       void (*fn)(void *ctx, const struct tct_input *input), void *ctx)
{
	struct tct_input input;

	for (size_t at = from; at < segment->used;) {
		int size = tct_frame_get(segment->frames + at, segment->used - at, &input);

		if (size < 0)
			return size;
		fn(ctx, &input);
		at += (size_t)size;
	}
	return 0;
}

static void append_mirror(struct tct_flight *flight)
{
	const struct tct_input seeded = {
		.kind = TCT_IN_SEEDED, .which = flight->config.session->namespaces,
		.now_ns = flight->now_ns,
	};

	tct_memos_tell(&flight->config.session->shards, append, flight);
	append(flight, &seeded);
	tell_frames(&flight->scan, 0, append, flight);
}

static void begin_segment(struct tct_flight *flight)
{
	struct tct_segment *segment = calloc(1, sizeof(*segment));

	if (!segment)
		return;
	segment->since_ns = flight->now_ns;
	TAILQ_INSERT_TAIL(&flight->segments, segment, next);
	append_mirror(flight);
	segment = TAILQ_LAST(&flight->segments, tct_segments);
	if (segment)
		segment->events = segment->used;
}

/* A mirror that would take half of the room leaves too little for what happens. */
static bool has_room(const struct tct_flight *flight)
{
	const size_t each = sizeof(struct tct_layout_input) + sizeof(struct tct_memo);

	return tct_shards_mirrored(&flight->config.session->shards) * each <
	       flight->config.bytes / 2;
}

/* A segment begins where nothing is half told. */
static bool can_begin(const struct tct_flight *flight)
{
	return has_room(flight) && flight->seeded && !flight->scanning &&
	       !tct_audit_is_under_way(&flight->config.session->shards);
}

static bool is_full(const struct tct_flight *flight)
{
	const struct tct_segment *last = TAILQ_LAST(&flight->segments, tct_segments);
	size_t events;

	if (!last)
		return true;
	events = last->used - last->events;
	return flight->now_ns - last->since_ns >= flight->config.span_ns / SEGMENTS ||
	       (events > flight->config.bytes / SEGMENTS / 2 && events > last->events);
}

/* The oldest, once all of the span is in the others. */
static void drop_old(struct tct_flight *flight)
{
	const struct tct_segment *first = TAILQ_FIRST(&flight->segments);
	const struct tct_segment *second = first ? TAILQ_NEXT(first, next) : NULL;

	if (second && flight->now_ns - second->since_ns >= flight->config.span_ns)
		drop_first(flight);
}

static void name_file(const struct tct_flight *flight, char *path, size_t size)
{
	time_t now = (time_t)((flight->now_ns + flight->config.host->real_offset_ns) / 1000000000);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	snprintf(path, size, "%s/finding-%u-%s.tct", flight->config.dir,
		 flight->config.session->shards.stuck.last_id, text);
}

static int write_all(const struct tct_flight *flight, const char *path)
{
	const struct tct_segment *segment, *first = TAILQ_FIRST(&flight->segments);
	const struct tct_input last = { .kind = TCT_IN_FINISH, .now_ns = flight->now_ns,
					.value = flight->now_ns };
	struct tct_host host = *flight->config.host;
	struct tct_recorder recorder;
	int err, closed;

	host.start_ns = first->since_ns;
	err = tct_recorder_open(&recorder, path, &host, flight->config.anonymous);
	if (err)
		return err;
	TAILQ_FOREACH(segment, &flight->segments, next) {
		if (!err)
			err = tell_frames(segment, segment == first ? 0 : segment->events,
					  tct_recorder_take, &recorder);
	}
	tct_recorder_take(&recorder, &last);
	closed = tct_recorder_close(&recorder);
	return err ? err : closed;
}

static void write_file(struct tct_flight *flight)
{
	char path[4096];

	flight->due = false;
	flight->next_file_ns = flight->now_ns + flight->config.rest_ns;
	flight->files++;
	name_file(flight, path, sizeof(path));
	flight->config.told(path, write_all(flight, path));
}

static void look_for_findings(struct tct_flight *flight)
{
	uint64_t opened = tct_shards_findings(&flight->config.session->shards);

	flight->due |= opened != flight->opened;
	flight->opened = opened;
	if (flight->due && !TAILQ_FIRST(&flight->segments) && !has_room(flight) &&
	    !flight->said_full) {
		flight->said_full = true;
		flight->config.told(NULL, -E2BIG);
	}
	if (flight->due && flight->now_ns >= flight->next_file_ns &&
	    flight->files < TCT_FLIGHT_FILES && TAILQ_FIRST(&flight->segments))
		write_file(flight);
}

/* What a scan is made of, among the events that come meanwhile. */
static bool is_of_scan(const struct tct_input *input)
{
	const struct tct_record_header *h = input->data;

	if (input->kind != TCT_IN_RECORD)
		return input->kind == TCT_IN_SCAN_BEGIN || input->kind == TCT_IN_NAMESPACE ||
		       input->kind == TCT_IN_LISTED || input->kind == TCT_IN_SCAN_END;
	return h->tag == TCT_REC_FOUND || h->tag == TCT_REC_TW_SOCK || h->tag == TCT_REC_OWNER;
}

/* One that is too large to be kept is left out, until the next. */
static void keep_scan(struct tct_flight *flight, const struct tct_input *input)
{
	struct tct_segment *reading = &flight->reading, last = flight->scan;
	size_t size = tct_frame_size(input);
	uint8_t *frames;

	if (input->kind == TCT_IN_SCAN_BEGIN)
		reading->used = 0;
	if (!is_of_scan(input) || (!reading->used && input->kind != TCT_IN_SCAN_BEGIN))
		return;
	if (reading->used + size > reading->room) {
		size_t room = 2 * reading->room + FIRST_ROOM;

		frames = room > flight->config.bytes / SCAN_SHARE ? NULL
								  : realloc(reading->frames, room);
		if (!frames) {
			reading->used = 0;
			return;
		}
		reading->frames = frames;
		reading->room = room;
	}
	tct_frame_put(reading->frames + reading->used, input);
	reading->used += size;
	if (input->kind != TCT_IN_SCAN_END)
		return;
	flight->scan = *reading;
	*reading = last;
	reading->used = 0;
}

static void note(struct tct_flight *flight, const struct tct_input *input)
{
	if (input->now_ns)
		flight->now_ns = input->now_ns;
	flight->seeded |= input->kind == TCT_IN_SEEDED;
	if (input->kind == TCT_IN_SCAN_BEGIN)
		flight->scanning = true;
	if (input->kind == TCT_IN_SCAN_END || input->kind == TCT_IN_SCAN_FAILED ||
	    input->kind == TCT_IN_OWNERS)
		flight->scanning = false;
}

void tct_flight_take(void *ctx, const struct tct_input *input)
{
	struct tct_flight *flight = ctx;

	note(flight, input);
	keep_scan(flight, input);
	append(flight, input);
	/* a look-up is told before the input that asked, which opened the finding */
	if (input->kind == TCT_IN_RECORD || input->kind == TCT_IN_CGROUP ||
	    input->kind == TCT_IN_FILES)
		return;
	look_for_findings(flight);
	if (is_full(flight) && can_begin(flight)) {
		begin_segment(flight);
		drop_old(flight);
	}
}
