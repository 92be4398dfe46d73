// SPDX-License-Identifier: GPL-2.0
/* Mini-sockets: hand-over, FIN_WAIT2, re-arms, and every way to end. */
#include "test.h"

#include <stdio.h>
#include "stream.h"

/* close() handed a FIN_WAIT2 over: no event yet, the connection goes on in the mini-socket. */
static void fin_wait2_mini(struct stream *stream)
{
	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	recorder_take(&stream->recorder);
	stream_hand_over(stream, 7, TCT_FIN_WAIT2, 220);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_FIN_WAIT2], 1);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
}

#define FIN_AT_300                                                       \
	"300 tw 7 FIN_WAIT2 90 life 80 fin-arrived rearmed 0 42/connect\n" \
	"300 move 7 FIN_WAIT2>TIME_WAIT 90 42/connect\n"                   \
	"300 end 7 orderly local 42/connect\n"

static void test_fin_by_segment(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw fin = stream_tw(TCT_REC_TW_SEGMENT, 7, TCT_TIME_WAIT, 300);

	fin_wait2_mini(stream);
	stream_feed(stream, &fin);
	stream_expect(stream, FIN_AT_300);
	assert_int_equal(stream->recorder.teardown.dwell_ns[TCT_FIN_WAIT2], 90);
	stream_end(stream, 7, TCT_TIME_WAIT, 60300, "__run_timers");
	stream_expect(stream,
		      "60300 tw 7 TIME_WAIT 60000 life 60080 expired rearmed 0 42/connect\n"
		      "60300 move 7 TIME_WAIT>CLOSE 60000 42/connect\n");
	stream_expect_empty(stream);
}

/* The timer is stopped and started again, with the new substate. */
static void test_fin_by_rearm(void **state)
{
	struct stream *stream = *state;

	fin_wait2_mini(stream);
	stream_end(stream, 7, TCT_TIME_WAIT, 299, "__mod_timer");
	stream_start(stream, 7, TCT_TIME_WAIT, 300);
	stream_expect(stream, FIN_AT_300);
	stream_end(stream, 7, TCT_TIME_WAIT, 60300, "__run_timers");
	stream_expect(stream,
		      "60300 tw 7 TIME_WAIT 60000 life 60080 expired rearmed 0 42/connect\n"
		      "60300 move 7 TIME_WAIT>CLOSE 60000 42/connect\n");
	stream_expect_empty(stream);
}

/* The kernel shows both for one FIN: it is told once. */
static void test_fin_by_rearm_and_segment(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw fin = stream_tw(TCT_REC_TW_SEGMENT, 7, TCT_TIME_WAIT, 301);

	fin_wait2_mini(stream);
	stream_start(stream, 7, TCT_TIME_WAIT, 300);
	stream_feed(stream, &fin);
	stream_expect(stream, FIN_AT_300);
}

/* The end alone tells that a FIN had come; when is not known. */
static void test_fin_seen_at_the_end(void **state)
{
	struct stream *stream = *state;

	fin_wait2_mini(stream);
	stream_end(stream, 7, TCT_TIME_WAIT, 60220, "__run_timers");
	stream_expect(stream,
		      "60220 tw 7 FIN_WAIT2 ? life 60000 fin-arrived rearmed 0 42/connect\n"
		      "60220 move 7 FIN_WAIT2>TIME_WAIT ? 42/connect\n"
		      "60220 end 7 orderly local 42/connect\n"
		      "60220 tw 7 TIME_WAIT ? life 60000 expired rearmed 0 42/connect\n"
		      "60220 move 7 TIME_WAIT>CLOSE ? 42/connect\n");
	assert_true(stream->recorder.teardown.dwell_ns[TCT_FIN_WAIT2] == TCT_UNKNOWN);
	stream_expect_empty(stream);
}

/* A segment without a FIN changes nothing. */
static void test_segment_without_fin(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw data = stream_tw(TCT_REC_TW_SEGMENT, 7, TCT_FIN_WAIT2, 300);

	fin_wait2_mini(stream);
	stream_feed(stream, &data);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_FIN_WAIT2], 1);
}

/* tcp_fin_timeout: the peer never closed. */
static void test_fin_wait2_expires(void **state)
{
	struct stream *stream = *state;

	fin_wait2_mini(stream);
	stream_end(stream, 7, TCT_FIN_WAIT2, 60220, "__run_timers");
	stream_expect(stream,
		      "60220 tw 7 FIN_WAIT2 60010 life 60000 expired rearmed 0 42/connect\n"
		      "60220 move 7 FIN_WAIT2>CLOSE 60010 42/connect\n"
		      "60220 end 7 reaped none 42/connect\n");
	stream_expect_empty(stream);
}

/* Data into it: the kernel answers with a reset. */
static void test_fin_wait2_reset(void **state)
{
	struct stream *stream = *state;

	fin_wait2_mini(stream);
	stream_end(stream, 7, TCT_FIN_WAIT2, 500, "tcp_v4_rcv");
	stream_expect(stream,
		      "500 tw 7 FIN_WAIT2 290 life 280 reset rearmed 0 42/connect\n"
		      "500 move 7 FIN_WAIT2>CLOSE 290 42/connect\n"
		      "500 end 7 reset-sent local 42/connect\n");
	stream_expect_empty(stream);
}

static void test_rearm_count(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_TIME_WAIT, 220);
	recorder_take(&stream->recorder);
	for (uint64_t time_ns = 300; time_ns < 303; time_ns++) {
		stream_end(stream, 7, TCT_TIME_WAIT, time_ns, "__mod_timer");
		stream_start(stream, 7, TCT_TIME_WAIT, time_ns);
	}
	stream_expect(stream, "");
	stream_end(stream, 7, TCT_TIME_WAIT, 60302, "__run_timers");
	stream_expect(stream,
		      "60302 tw 7 TIME_WAIT 60082 life 60082 expired rearmed 3 42/connect\n"
		      "60302 move 7 TIME_WAIT>CLOSE 60082 42/connect\n");
}

/* Each substate counts its own re-arms. */
static void test_rearm_count_by_substate(void **state)
{
	struct stream *stream = *state;

	fin_wait2_mini(stream);
	stream_start(stream, 7, TCT_FIN_WAIT2, 250);
	stream_start(stream, 7, TCT_TIME_WAIT, 300);
	stream_start(stream, 7, TCT_TIME_WAIT, 310);
	stream_start(stream, 7, TCT_TIME_WAIT, 320);
	stream_end(stream, 7, TCT_TIME_WAIT, 400, "__run_timers");
	stream_expect(stream,
		      "300 tw 7 FIN_WAIT2 90 life 80 fin-arrived rearmed 1 42/connect\n"
		      "300 move 7 FIN_WAIT2>TIME_WAIT 90 42/connect\n"
		      "300 end 7 orderly local 42/connect\n"
		      "400 tw 7 TIME_WAIT 100 life 180 expired rearmed 2 42/connect\n"
		      "400 move 7 TIME_WAIT>CLOSE 100 42/connect\n");
}

static void expect_early_end(struct stream *stream, uint64_t cookie, const char *symbol,
			     const char *reason)
{
	char expected[160];

	stream_start(stream, cookie, TCT_TIME_WAIT, 220);
	recorder_take(&stream->recorder);
	stream_end(stream, cookie, TCT_TIME_WAIT, 1220, symbol);
	snprintf(expected, sizeof(expected),
		 "1220 tw %llu TIME_WAIT 1000 life 1000 %s rearmed 0\n"
		 "1220 move %llu TIME_WAIT>CLOSE 1000\n",
		 (unsigned long long)cookie, reason, (unsigned long long)cookie);
	stream_expect(stream, expected);
}

static void test_early_ends(void **state)
{
	struct stream *stream = *state;

	expect_early_end(stream, 1, "__inet_check_established", "reused-out");
	expect_early_end(stream, 2, "__inet6_check_established", "reused-out");
	expect_early_end(stream, 3, "tcp_v4_rcv", "reused-in");
	expect_early_end(stream, 4, "tcp_v6_rcv", "reused-in");
	expect_early_end(stream, 5, "tcp_timewait_state_process", "reset");
	expect_early_end(stream, 6, "inet_twsk_purge", "purged");
	expect_early_end(stream, 7, "tcp_abort", "destroyed");
	expect_early_end(stream, 8, NULL, "unknown");
	stream_expect_empty(stream);
}

static void test_end_of_an_unknown_mini(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw segment = stream_tw(TCT_REC_TW_SEGMENT, 7, TCT_TIME_WAIT, 100);

	stream_end(stream, 7, TCT_TIME_WAIT, 100, "__run_timers");
	stream_feed(stream, &segment);
	stream_expect(stream, "");
	stream_expect_empty(stream);
}

/* With a cgroup filter a mini-socket without its full socket is somebody else's. */
static void test_minis_need_socket(void **state)
{
	struct tct_tracker_config config = { .minis_need_socket = true };
	struct stream *stream = stream_new(&config);

	(void)state;
	stream_start(stream, 7, TCT_TIME_WAIT, 220);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 0);
	stream_connect_at_100(stream, 8);
	stream_start(stream, 8, TCT_TIME_WAIT, 220);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 2);
	stream_free(stream);
}

static void test_both_in_the_mirror_meanwhile(void **state)
{
	struct stream *stream = *state;
	const struct tct_mirror *mirror = &stream->shards.shard[0].mirror;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_start(stream, 7, TCT_TIME_WAIT, 220);
	assert_int_equal(mirror->by_state[TCT_FIN_WAIT2], 1);
	assert_int_equal(mirror->by_state[TCT_TIME_WAIT], 1);
	stream_move(stream, 7, TCT_FIN_WAIT2, TCT_CLOSE, 221);
	assert_int_equal(mirror->by_state[TCT_FIN_WAIT2], 0);
	assert_int_equal(mirror->by_state[TCT_TIME_WAIT], 1);
	assert_int_equal(mirror->by_state[TCT_CLOSE], 0);
	assert_int_equal(mirror->pool.live, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fin_by_segment),
		TEST(test_fin_by_rearm),
		TEST(test_fin_by_rearm_and_segment),
		TEST(test_fin_seen_at_the_end),
		TEST(test_segment_without_fin),
		TEST(test_fin_wait2_expires),
		TEST(test_fin_wait2_reset),
		TEST(test_rearm_count),
		TEST(test_rearm_count_by_substate),
		TEST(test_early_ends),
		TEST(test_end_of_an_unknown_mini),
		cmocka_unit_test(test_minis_need_socket),
		TEST(test_both_in_the_mirror_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
