/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last minutes of a session in memory, and as a recording when a finding opens. They are kept
 * in segments, each with the mirror as it was at its beginning, and with what the last scan before
 * it had read, so that the oldest can be dropped, ages stay exact, and what is told by that scan has
 * its reasons. Bounded in bytes and time.
 */
#ifndef TCT_FLIGHT_H
#define TCT_FLIGHT_H

#include <sys/queue.h>
#include "../session/session.h"

#define TCT_FLIGHT_BYTES (64u << 20)
#define TCT_FLIGHT_SPAN_NS 300000000000ull	/* five minutes */
#define TCT_FLIGHT_REST_NS 60000000000ull	/* between two files */
#define TCT_FLIGHT_FILES 16

struct tct_flight_config {
	const char *dir;
	const struct tct_host *host;
	const struct tct_session *session;
	bool anonymous;
	size_t bytes;
	uint64_t span_ns;
	uint64_t rest_ns;
	/*
	 * A file was written, or that failed with a negative errno; without a path: -E2BIG, the
	 * mirror is too large to be kept.
	 */
	void (*told)(const char *path, int err);
};

struct tct_segment {
	TAILQ_ENTRY(tct_segment) next;
	uint8_t *frames;
	size_t used;
	size_t room;
	size_t events;		/* where the mirror ends, and what happened begins */
	uint64_t since_ns;
};

struct tct_flight {
	struct tct_flight_config config;
	TAILQ_HEAD(tct_segments, tct_segment) segments;
	struct tct_segment scan;	/* the last one that was complete, or none */
	struct tct_segment reading;	/* what the present one has read so far */
	size_t bytes;		/* of all segments */
	uint64_t now_ns;
	uint64_t opened;	/* findings, as of the last look */
	uint64_t next_file_ns;
	unsigned int files;	/* that were written */
	bool seeded;		/* the mirror is whole */
	bool scanning;
	bool said_full;		/* that the mirror is too large */
	bool due;		/* a finding has opened that is in no file */
};

void tct_flight_init(struct tct_flight *flight, const struct tct_flight_config *config);
void tct_flight_fini(struct tct_flight *flight);

/* A session's tee, a struct tct_flight as `ctx`. */
void tct_flight_take(void *ctx, const struct tct_input *input);

#endif
