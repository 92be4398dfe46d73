// SPDX-License-Identifier: GPL-2.0
/* Thresholds that change while the detector runs: nothing is lost, nothing opens that is off. */
#include "test.h"

#include <string.h>
#include "leak.h"
#include "stream.h"

static void set(struct stream *stream, enum tct_state state, uint64_t threshold_ns)
{
	uint64_t thresholds[TCT_STATES];

	memcpy(thresholds, stream->shards.stuck.config.threshold_ns, sizeof(thresholds));
	thresholds[state] = threshold_ns;
	tct_shards_set_thresholds(&stream->shards, thresholds);
}

static void open_one(struct stream *stream)
{
	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	leak_scan(stream, 7, 7, 1000 + LEAK_LIMIT);
	assert_non_null(strstr(recorder_take(&stream->recorder), "open CLOSE_WAIT count 1"));
}

static void test_lowered(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, 1000);
	assert_false(tct_shards_tick(&stream->shards, 1000 + 10 * SECOND));
	set(stream, TCT_CLOSE_WAIT, 5 * SECOND);
	assert_int_equal(tct_shards_deadline(&stream->shards), 1000 + 5 * SECOND);
	assert_true(tct_shards_tick(&stream->shards, 1000 + 10 * SECOND));
	leak_scan(stream, 7, 7, 1000 + 10 * SECOND);
	stream_expect(stream, "10000001000 finding #1 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 10000000000 local 80 42x1:5 socket 7\n");
}

static void test_raised(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, 1000);
	set(stream, TCT_CLOSE_WAIT, 2 * LEAK_LIMIT);
	assert_false(tct_shards_tick(&stream->shards, 1000 + 2 * LEAK_LIMIT - 1));
	assert_true(tct_shards_tick(&stream->shards, 1000 + 2 * LEAK_LIMIT));
	leak_scan(stream, 7, 7, 1000 + 2 * LEAK_LIMIT);
	assert_non_null(strstr(recorder_take(&stream->recorder), "open CLOSE_WAIT count 1"));
}

/* It was due, and waits for the scan; now it is not due any more. */
static void test_raised_while_it_waits(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	set(stream, TCT_CLOSE_WAIT, 2 * LEAK_LIMIT);
	leak_scan(stream, 7, 7, 1000 + LEAK_LIMIT);
	stream_expect(stream, "");
	assert_int_equal(tct_shards_deadline(&stream->shards), 1000 + 2 * LEAK_LIMIT);
	assert_true(tct_shards_tick(&stream->shards, 1000 + 2 * LEAK_LIMIT));
	leak_scan(stream, 7, 7, 1000 + 2 * LEAK_LIMIT);
	assert_non_null(strstr(recorder_take(&stream->recorder), "open CLOSE_WAIT count 1"));
	assert_int_equal(stream->shards.stuck.opened, 1);
}

static void test_off_while_it_waits(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	set(stream, TCT_CLOSE_WAIT, 0);
	leak_scan(stream, 7, 7, 1000 + LEAK_LIMIT);
	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
	assert_false(tct_shards_tick(&stream->shards, 1000000 * SECOND));
	stream_expect(stream, "");
	/* and it can leave as any other */
	stream_move(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1000000 * SECOND);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_LAST_ACK], 1);
}

/* What is open is watched to its end: who holds it is read, it is told, it is resolved. */
static void test_off_while_it_is_open(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 1000 + LEAK_LIMIT;

	leak_enter(stream, 6, 80, 1000);
	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	leak_scan(stream, 6, 7, now_ns);
	recorder_take(&stream->recorder);
	set(stream, TCT_CLOSE_WAIT, 0);
	assert_int_equal(tct_stuck_states(&stream->shards.stuck) >> TCT_CLOSE_WAIT & 1, 1);
	stream_move(stream, 6, TCT_CLOSE_WAIT, TCT_LAST_ACK, now_ns + 5 * SECOND);
	tct_shards_settle(&stream->shards, now_ns + 5 * SECOND);
	tct_shards_tick(&stream->shards, now_ns + 20 * SECOND);
	leak_scan(stream, 7, 7, now_ns + 20 * SECOND);
	assert_non_null(strstr(recorder_take(&stream->recorder),
			       "update CLOSE_WAIT count 1 oldest 80000000000 local 80 42x1:5"));
	stream_move(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, now_ns + 30 * SECOND);
	tct_shards_settle(&stream->shards, now_ns + 30 * SECOND);
	assert_non_null(strstr(recorder_take(&stream->recorder), "resolved CLOSE_WAIT"));
	assert_int_equal(tct_stuck_states(&stream->shards.stuck) >> TCT_CLOSE_WAIT & 1, 0);
}

static void test_off_opens_no_more(void **state)
{
	struct stream *stream = *state;

	open_one(stream);
	set(stream, TCT_CLOSE_WAIT, 0);
	leak_enter(stream, 8, 443, 2000 + LEAK_LIMIT);
	tct_shards_tick(&stream->shards, 3 * LEAK_LIMIT);
	leak_scan(stream, 7, 8, 3 * LEAK_LIMIT);
	tct_shards_tick(&stream->shards, 4 * LEAK_LIMIT);
	assert_null(strstr(recorder_take(&stream->recorder), "local 443"));
	assert_int_equal(stream->shards.stuck.opened, 1);
}

/* Switched on, it finds what has been there for long, at once. */
static void test_on_again(void **state)
{
	struct stream *stream = *state;

	set(stream, TCT_CLOSE_WAIT, 0);
	leak_enter(stream, 7, 80, 1000);
	assert_false(tct_shards_tick(&stream->shards, 10 * LEAK_LIMIT));
	set(stream, TCT_CLOSE_WAIT, LEAK_LIMIT);
	assert_int_equal(tct_shards_deadline(&stream->shards), 1000 + LEAK_LIMIT);
	assert_true(tct_shards_tick(&stream->shards, 10 * LEAK_LIMIT));
	leak_scan(stream, 7, 7, 10 * LEAK_LIMIT);
	assert_non_null(strstr(recorder_take(&stream->recorder), "open CLOSE_WAIT count 1"));
}

/* The scan that goes on does not read what is switched on meanwhile: it has to wait for the next. */
static void test_on_during_a_scan(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 2 * LEAK_LIMIT;

	set(stream, TCT_CLOSE_WAIT, 0);
	leak_enter(stream, 7, 80, 1000);
	tct_shards_scan_begin(&stream->shards, now_ns);
	set(stream, TCT_CLOSE_WAIT, LEAK_LIMIT);
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	tct_shards_scan_end(&stream->shards, now_ns);
	stream_expect(stream, "");
	assert_true(tct_shards_deadline(&stream->shards) <= now_ns + 2 * SECOND);
	assert_true(tct_shards_tick(&stream->shards, now_ns + 2 * SECOND));
	leak_scan(stream, 7, 7, now_ns + 2 * SECOND);
	assert_non_null(strstr(recorder_take(&stream->recorder), "open CLOSE_WAIT count 1"));
}

/* Scans that take long begin ahead: by the new threshold, too. */
static void test_scan_ahead(void **state)
{
	struct stream *stream = *state;
	uint64_t begin_ns = 1000, took_ns = SECOND;

	tct_pace_started(&stream->shards.stuck.pace, begin_ns, begin_ns + took_ns, SECOND);
	leak_enter(stream, 7, 80, 100 * SECOND);
	assert_in_range(tct_shards_deadline(&stream->shards), 158 * SECOND, 159 * SECOND);
	set(stream, TCT_CLOSE_WAIT, 20 * SECOND);
	assert_in_range(tct_shards_deadline(&stream->shards), 118 * SECOND, 119 * SECOND);
	set(stream, TCT_CLOSE_WAIT, 0);
	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
	set(stream, TCT_CLOSE_WAIT, 30 * SECOND);
	assert_in_range(tct_shards_deadline(&stream->shards), 128 * SECOND, 129 * SECOND);
}

/* Back and forth, with thousands of any age on the lists: each comes out once. */
static void test_many(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 5000 * 1000 + LEAK_LIMIT;

	for (uint64_t cookie = 1; cookie <= 5000; cookie++)
		leak_enter(stream, cookie, 80, 1000 * cookie);
	tct_shards_tick(&stream->shards, now_ns);
	for (int i = 0; i < 5; i++) {
		set(stream, TCT_CLOSE_WAIT, LEAK_LIMIT * 3);
		tct_shards_tick(&stream->shards, now_ns);
		set(stream, TCT_CLOSE_WAIT, LEAK_LIMIT);
		tct_shards_tick(&stream->shards, now_ns);
	}
	leak_scan(stream, 1, 5000, now_ns);
	stream_expect(stream, "60005000000 finding #1 stuck-close-wait open CLOSE_WAIT count 5000 "
			      "oldest 60004999000 local 80 42x5000:5-5004\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lowered),
		TEST(test_raised),
		TEST(test_raised_while_it_waits),
		TEST(test_off_while_it_waits),
		TEST(test_off_while_it_is_open),
		TEST(test_off_opens_no_more),
		TEST(test_on_again),
		TEST(test_on_during_a_scan),
		TEST(test_scan_ahead),
		TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
