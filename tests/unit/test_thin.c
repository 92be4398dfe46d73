// SPDX-License-Identifier: GPL-2.0
/* A flood: transitions come brief and untold, mini-sockets not at all; then it is over. */
#include "test.h"

#include "auditing.h"

#define FLOOD_AT 150
#define OVER_AT 100000000ull

static void step(struct stream *stream, uint64_t cookie, enum tct_state from, enum tct_state to,
		 uint64_t time_ns)
{
	struct tct_record_step rec = stream_step(cookie, from, to, time_ns);

	stream_feed(stream, &rec);
}

/* Connected before the flood. */
static void begin(struct stream *stream, uint64_t cookie)
{
	stream_connect_at_100(stream, cookie);
	recorder_take(&stream->recorder);
	tct_shards_flood(&stream->shards, true, FLOOD_AT);
}

static void test_mirrored_and_untold(void **state)
{
	struct stream *stream = *state;

	begin(stream, 7);
	step(stream, 7, TCT_ESTABLISHED, TCT_FIN_WAIT1, 200);
	step(stream, 7, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 210);
	step(stream, 8, TCT_LISTEN, TCT_SYN_RECV, 220);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_FIN_WAIT2], 1);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_SYN_RECV], 1);
	step(stream, 7, TCT_FIN_WAIT2, TCT_CLOSE, 230);
	step(stream, 8, TCT_SYN_RECV, TCT_CLOSE, 240);
	stream_expect(stream, "");
	stream_expect_empty(stream);
	assert_int_equal(stream->shards.shard[0].mismatches, 0);
	assert_true(tct_audit_at(&stream->shards) == TCT_AUDIT_NEVER);
}

/* What the flood hid is not made up: neither the kind of its end nor a mini-socket that was not. */
static void test_end_after_it(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_FIN_WAIT2, TCT_CLOSE, OVER_AT + 1);

	begin(stream, 7);
	step(stream, 7, TCT_ESTABLISHED, TCT_FIN_WAIT1, 200);
	step(stream, 7, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 210);
	tct_shards_flood(&stream->shards, false, OVER_AT);
	rec.flags = TCT_SOCK_DEAD | TCT_SOCK_FIN;
	stream_feed(stream, &rec);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
	stream_expect(stream, "100000001 move 7 FIN_WAIT2>CLOSE 99999791 42/connect\n"
			      "100000001 end 7 unknown local 42/connect\n");
}

static void test_findings_go_on(void **state)
{
	const uint64_t due = 61000000000ull;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, due);
	struct stream *stream = *state;

	begin(stream, 7);
	step(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 200);
	assert_true(tct_shards_tick(&stream->shards, due));
	tct_shards_scan_begin(&stream->shards, due);
	stream_feed(stream, &rec);
	tct_shards_scan_end(&stream->shards, due);
	assert_int_equal(stream->recorder.finding.count, 1);
	assert_int_equal(stream->recorder.finding.confidence, TCT_EXACT);
}

/* One went untold, another came: the audit after the flood finds both, and neither is drift. */
static void test_audit_after_it(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 8);
	stream_close_at_200(stream, 8);
	stream_hand_over(stream, 8, TCT_TIME_WAIT, 300);
	begin(stream, 7);
	tct_shards_flood(&stream->shards, false, OVER_AT);
	assert_true(tct_audit_at(&stream->shards) < AUDIT_AT);
	auditing_begin(stream);
	auditing_present(stream, 7, TCT_ESTABLISHED);
	auditing_present_mini(stream, 9, TCT_TIME_WAIT);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 2);
	auditing_again(stream);
	auditing_found_mini(stream, 9, TCT_TIME_WAIT);
	auditing_settle(stream);
	stream_expect(stream, "1100001000 audit 2 mirrored 2 missing 0 ghosts 0 states 0 races 0 "
			      "seeded 1 beyond 0 requests 0\n");
	assert_non_null(tct_mirror_find(&stream->shards.shard[0].mirror, 9, true));
	assert_false(stream->shards.thinned);
	assert_true(tct_audit_at(&stream->shards) == TCT_AUDIT_NEVER);
}

/* While it lasts, an audit leaves mini-sockets alone: nobody would tell when they end. */
static void test_audit_during_it(void **state)
{
	struct stream *stream = *state;

	begin(stream, 7);
	auditing_begin(stream);
	auditing_present(stream, 7, TCT_ESTABLISHED);
	auditing_present_mini(stream, 9, TCT_TIME_WAIT);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 0);
	auditing_settle(stream);
	assert_true(stream->shards.thinned);
}

/* A timer that starts may be started again: of one that the flood hid, its age is not known. */
static void test_mini_after_it(void **state)
{
	struct stream *stream = *state;

	begin(stream, 7);
	tct_shards_flood(&stream->shards, false, OVER_AT);
	stream_start(stream, 9, TCT_TIME_WAIT, OVER_AT + 1);
	stream_end(stream, 9, TCT_TIME_WAIT, OVER_AT + 5, "__run_timers");
	stream_expect(stream, "100000005 tw 9 TIME_WAIT ? life ? expired rearmed 0\n"
			      "100000005 move 9 TIME_WAIT>CLOSE ?\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, auditing_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mirrored_and_untold),
		TEST(test_end_after_it),
		TEST(test_findings_go_on),
		TEST(test_audit_after_it),
		TEST(test_audit_during_it),
		TEST(test_mini_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
