// SPDX-License-Identifier: GPL-2.0
/* TIME_WAIT started again by a segment, and what that tells the side that had to send its FIN again. */
#include "test.h"

#include <string.h>
#include "stream.h"

#define HZ 250
#define MS 1000000ull

static int setup(void **state)
{
	const struct tct_tracker_config config = { .hz = HZ, .sees_resets = true,
						   .sees_segments = true };

	*state = stream_new(&config);
	return 0;
}

/* In TIME_WAIT since 1 ms: 10.0.0.1:40000 to 10.0.0.2:80. */
static void time_wait(struct stream *stream)
{
	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_TIME_WAIT, 1 * MS);
	recorder_take(&stream->recorder);
}

static void segment(struct stream *stream, uint64_t time_ns, int64_t left_jiffies)
{
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_SEGMENT, 7, TCT_TIME_WAIT, time_ns);

	rec.left_jiffies = left_jiffies;
	stream_feed(stream, &rec);
}

static void expect_rearmed(struct stream *stream, const char *count)
{
	const char *told;

	stream_end(stream, 7, TCT_TIME_WAIT, 61000 * MS, "__run_timers");
	told = recorder_take(&stream->recorder);
	assert_non_null(strstr(told, "expired rearmed "));
	assert_int_equal(strncmp(strstr(told, "rearmed ") + 8, count, 1), 0);
}

static void test_by_its_segment(void **state)
{
	time_wait(*state);
	segment(*state, 200 * MS, 60 * HZ);
	segment(*state, 400 * MS, 60 * HZ - 1);
	expect_rearmed(*state, "2");
}

/* One timer was moved far enough to be seen too: that is the same re-arm. */
static void test_once_for_timer_and_segment(void **state)
{
	time_wait(*state);
	stream_start(*state, 7, TCT_TIME_WAIT, 5000 * MS);
	segment(*state, 5000 * MS + 1000, 60 * HZ);
	expect_rearmed(*state, "1");
}

/* A segment that the kernel drops leaves the timer as it is. */
static void test_not_by_every_segment(void **state)
{
	time_wait(*state);
	segment(*state, 2000 * MS, 58 * HZ);
	expect_rearmed(*state, "0");
}

/* The FIN that ends FIN_WAIT2 is seen as a segment after its timer. */
static void test_not_by_the_fin_itself(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_FIN_WAIT2, 1 * MS);
	stream_start(stream, 7, TCT_TIME_WAIT, 3000 * MS);
	segment(stream, 3000 * MS + 2000, 60 * HZ);
	recorder_take(&stream->recorder);
	expect_rearmed(stream, "0");
}

/* The other end, on this host: 10.0.0.2:80 to 10.0.0.1:40000. */
static struct tct_record_sock peer(enum tct_state from, enum tct_state to, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(8, from, to, time_ns);
	struct tct_record_id own = rec.id;

	rec.id.lport = own.rport;
	rec.id.rport = own.lport;
	memcpy(rec.id.laddr, own.raddr, sizeof(own.laddr));
	memcpy(rec.id.raddr, own.laddr, sizeof(own.laddr));
	rec.segs_out = 5;
	return rec;
}

/* Closes at 2 ms, and at `end_ns` after `retrans` retransmissions of its FIN. */
static int64_t last_ack(struct stream *stream, uint64_t end_ns, uint32_t retrans)
{
	struct tct_record_sock rec = peer(TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1 * MS);

	stream_feed(stream, &rec);
	rec = peer(TCT_CLOSE_WAIT, TCT_LAST_ACK, 2 * MS);
	rec.segs_out++;
	stream_feed(stream, &rec);
	rec = peer(TCT_LAST_ACK, TCT_CLOSE, end_ns);
	rec.total_retrans = retrans;
	stream_feed(stream, &rec);
	assert_int_equal(stream->recorder.teardown.kind, TCT_KIND_ORDERLY);
	return stream->recorder.teardown.last_ack_lost;
}

static void test_last_ack_lost(void **state)
{
	time_wait(*state);
	segment(*state, 200 * MS, 60 * HZ);
	assert_int_equal(last_ack(*state, 201 * MS, 1), 1);
}

/* The FIN itself may have been lost, or the peer is elsewhere. */
static void test_last_ack_unknown(void **state)
{
	time_wait(*state);
	assert_true(last_ack(*state, 201 * MS, 1) == TCT_UNKNOWN);
}

static void test_last_ack_came(void **state)
{
	time_wait(*state);
	assert_int_equal(last_ack(*state, 3 * MS, 0), 0);
}

/* What another connection of the same two ends did before does not count. */
static void test_earlier_rearm(void **state)
{
	const struct tct_tuple tuple = { .lport = 1, .rport = 2, .laddr = { 10 }, .raddr = { 11 } };
	const struct tct_tuple other = { .lport = 2, .rport = 1, .laddr = { 11 }, .raddr = { 10 } };
	static struct tct_rearms rearms;

	(void)state;
	tct_rearms_add(&rearms, &tuple, 100);
	assert_true(tct_rearms_of_peer(&rearms, &other, 100));
	assert_false(tct_rearms_of_peer(&rearms, &other, 101));
	assert_false(tct_rearms_of_peer(&rearms, &tuple, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_by_its_segment),
		TEST(test_once_for_timer_and_segment),
		TEST(test_not_by_every_segment),
		TEST(test_not_by_the_fin_itself),
		TEST(test_last_ack_lost),
		TEST(test_last_ack_unknown),
		TEST(test_last_ack_came),
		cmocka_unit_test(test_earlier_rearm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
