// SPDX-License-Identifier: GPL-2.0
/* The last minutes of a session: what is written when a finding opens goes on where it began. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../user/record/flight.h"
#include "../../user/record/reader.h"
#include "stream.h"

#define SPAN (8 * SECOND)

struct run {
	struct tct_host host;
	struct tct_session session;
	struct tct_flight flight;
	struct tct_sink sink;
	struct recorder recorder;
	char dir[64];
};

static char written[4096];
static int files, missed;

static void told(const char *path, int err)
{
	if (!path) {
		assert_int_equal(err, -E2BIG);
		missed++;
		return;
	}
	assert_int_equal(err, 0);
	snprintf(written, sizeof(written), "%s", path);
	files++;
}

static char *cgroup_of(void *ctx, uint32_t pid)
{
	(void)ctx;
	(void)pid;
	return strdup("/system.slice");
}

static void start_session(struct tct_session *session, const struct tct_host *host,
			  const struct tct_sink *sink, struct tct_flight *flight)
{
	struct tct_session_config config = {
		.host = host, .sink = sink, .messages = sink, .detect = true,
		.select.types = TCT_SELECT_ALL,
		.lookups.cgroup_of = flight ? cgroup_of : NULL,
		.tee = flight ? tct_flight_take : NULL, .tee_ctx = flight,
	};

	tct_stuck_defaults(&config.stuck);
	assert_int_equal(tct_session_init(session, &config), 0);
}

static int setup(void **state)
{
	struct run *run = calloc(1, sizeof(*run));
	struct tct_flight_config config = {
		.dir = run->dir, .host = &run->host, .session = &run->session,
		.bytes = 1u << 20, .span_ns = SPAN, .rest_ns = SECOND, .told = told,
	};

	snprintf(run->dir, sizeof(run->dir), "/tmp/tct-flight-XXXXXX");
	assert_non_null(mkdtemp(run->dir));
	run->host = (struct tct_host){ .start_ns = 100, .hz = 250, .max_sockets = 1000 };
	stream_symbols(run->host.end_symbols);
	recorder_init(&run->recorder, &run->sink);
	tct_flight_init(&run->flight, &config);
	start_session(&run->session, &run->host, &run->sink, &run->flight);
	files = missed = 0;
	*state = run;
	return 0;
}

static int teardown(void **state)
{
	struct run *run = *state;

	tct_flight_fini(&run->flight);
	tct_session_fini(&run->session);
	recorder_fini(&run->recorder);
	unlink(written);
	rmdir(run->dir);
	free(run);
	return 0;
}

static void tell(struct tct_session *session, enum tct_input_kind kind, uint64_t now_ns)
{
	const struct tct_input input = { .kind = kind, .now_ns = now_ns, .value = now_ns };

	assert_int_equal(tct_session_apply(session, &input), 0);
}

static void move(struct tct_session *session, uint64_t cookie, enum tct_state from,
		 enum tct_state to, uint64_t time_ns)
{
	const struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);
	const struct tct_input input = { .kind = TCT_IN_RECORD, .data = &rec, .len = sizeof(rec) };

	assert_int_equal(tct_session_apply(session, &input), sizeof(rec));
}

static void open_at(struct tct_session *session, uint64_t cookie, uint64_t time_ns)
{
	move(session, cookie, TCT_CLOSE, TCT_SYN_SENT, time_ns);
	move(session, cookie, TCT_SYN_SENT, TCT_ESTABLISHED, time_ns + 10);
}

/* With a holder, whose cgroup is then looked up. */
static void hold(struct tct_session *session, uint64_t cookie)
{
	const struct tct_record_owner rec = stream_owner(cookie, 42, 5, "orders");
	const struct tct_input input = { .kind = TCT_IN_RECORD, .data = &rec, .len = sizeof(rec) };

	assert_int_equal(tct_session_apply(session, &input), sizeof(rec));
}

/* A socket is in CLOSE_WAIT from 2 s on; batches go on until `until_ns`, then a scan. */
static void run_until_finding(struct run *run, uint64_t until_ns)
{
	tell(&run->session, TCT_IN_SEEDED, SECOND);
	open_at(&run->session, 7, 2 * SECOND - 100);
	move(&run->session, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 2 * SECOND);
	for (uint64_t now_ns = 2 * SECOND + 1; now_ns < until_ns; now_ns += SECOND / 2)
		tell(&run->session, TCT_IN_BATCH, now_ns);
	tell(&run->session, TCT_IN_BATCH, until_ns);
	tell(&run->session, TCT_IN_SCAN_BEGIN, until_ns + 1);
	hold(&run->session, 7);
	tell(&run->session, TCT_IN_SCAN_END, until_ns + 2);
}

/* What a session tells of the file that was written. */
static const char *replay(struct recorder *recorder, struct tct_reader *reader)
{
	struct tct_session session;
	struct tct_input input;
	struct tct_sink sink;
	struct tct_host host;
	int got;

	recorder_init(recorder, &sink);
	assert_int_equal(tct_reader_open(reader, written), 0);
	tct_layout_get_host(&reader->host, &host);
	start_session(&session, &host, &sink, NULL);
	while ((got = tct_reader_next(reader, &input)) > 0)
		assert_true(tct_session_apply(&session, &input) >= 0);
	assert_int_equal(got, 0);
	tct_reader_close(reader);
	tct_session_fini(&session);
	return recorder_take(recorder);
}

/* Long after its transition has left the memory, its age is exact: 62 s. */
static void test_age_is_exact(void **state)
{
	struct recorder recorder;
	struct tct_reader reader;
	const char *text;

	run_until_finding(*state, 64 * SECOND);
	assert_int_equal(files, 1);
	text = replay(&recorder, &reader);
	assert_non_null(strstr(text, "stuck-close-wait open CLOSE_WAIT count 1 oldest 62000000002 "));
	assert_null(strstr(text, "move 7"));
	assert_non_null(strstr(text, "42x1:5"));
	assert_true(reader.host.start_ns >= 64 * SECOND - 2 * SPAN);
	recorder_fini(&recorder);
}

/* What happened within the span is there as it happened. */
static void test_events_of_the_span(void **state)
{
	struct run *run = *state;
	struct recorder recorder;
	struct tct_reader reader;
	const char *text;

	tell(&run->session, TCT_IN_SEEDED, SECOND);
	move(&run->session, 7, TCT_CLOSE, TCT_SYN_SENT, 2 * SECOND);
	move(&run->session, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 2 * SECOND + 1);
	move(&run->session, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 2 * SECOND + 2);
	for (uint64_t now_ns = 3 * SECOND; now_ns < 63 * SECOND; now_ns += SECOND / 2)
		tell(&run->session, TCT_IN_BATCH, now_ns);
	open_at(&run->session, 8, 63 * SECOND);
	tell(&run->session, TCT_IN_BATCH, 64 * SECOND);
	tell(&run->session, TCT_IN_SCAN_BEGIN, 64 * SECOND + 1);
	tell(&run->session, TCT_IN_SCAN_END, 64 * SECOND + 2);
	text = replay(&recorder, &reader);
	assert_non_null(strstr(text, "63000000010 move 8 SYN_SENT>ESTABLISHED 10"));
	assert_non_null(strstr(text, "summary"));
	recorder_fini(&recorder);
}

static void test_bounded(void **state)
{
	struct run *run = *state;

	tell(&run->session, TCT_IN_SEEDED, SECOND);
	for (uint64_t i = 0; i < 50000; i++) {
		open_at(&run->session, 7, 2 * SECOND + i * 1000);
		move(&run->session, 7, TCT_ESTABLISHED, TCT_CLOSE, 2 * SECOND + i * 1000 + 20);
		if (i % 10 == 0)
			tell(&run->session, TCT_IN_BATCH, 2 * SECOND + i * 1000 + 30);
		assert_true(run->flight.bytes <= 1u << 20);
	}
	assert_non_null(TAILQ_FIRST(&run->flight.segments));
	assert_non_null(TAILQ_NEXT(TAILQ_FIRST(&run->flight.segments), next));
}

static void test_rests_between_files(void **state)
{
	struct run *run = *state;

	run->flight.config.rest_ns = 1000 * SECOND;
	run_until_finding(run, 64 * SECOND);
	assert_int_equal(files, 1);
	open_at(&run->session, 9, 65 * SECOND);
	move(&run->session, 9, TCT_ESTABLISHED, TCT_FIN_WAIT1, 66 * SECOND);
	tell(&run->session, TCT_IN_BATCH, 130 * SECOND);
	tell(&run->session, TCT_IN_SCAN_BEGIN, 130 * SECOND);
	tell(&run->session, TCT_IN_SCAN_END, 130 * SECOND);
	assert_int_equal(run->session.shards.stuck.opened, 2);
	assert_int_equal(files, 1);
	unlink(written);
	tell(&run->session, TCT_IN_BATCH, 2000 * SECOND);
	assert_int_equal(files, 2);
}

static void test_too_large_is_said_once(void **state)
{
	struct run *run = *state;

	run->flight.config.bytes = 100;
	run_until_finding(run, 64 * SECOND);
	tell(&run->session, TCT_IN_BATCH, 70 * SECOND);
	assert_int_equal(files, 0);
	assert_int_equal(missed, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_age_is_exact),
		TEST(test_events_of_the_span),
		TEST(test_bounded),
		TEST(test_rests_between_files),
		TEST(test_too_large_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
