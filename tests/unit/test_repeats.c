// SPDX-License-Identifier: GPL-2.0
/* While programs are replaced each event comes twice, marked, and is told once. */
#include "test.h"

#include "stream.h"

static void feed_marked(struct stream *stream, uint64_t cookie, enum tct_state from,
			enum tct_state to, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);

	rec.flags |= TCT_SOCK_SECOND;
	stream_feed(stream, &rec);
}

static void feed_twice(struct stream *stream, uint64_t cookie, enum tct_state from,
		       enum tct_state to, uint64_t time_ns)
{
	feed_marked(stream, cookie, from, to, time_ns);
	feed_marked(stream, cookie, from, to, time_ns + 1);
}

static void feed_tw_twice(struct stream *stream, enum tct_record_tag tag, uint64_t time_ns)
{
	struct tct_record_tw rec = stream_tw(tag, 7, TCT_TIME_WAIT, time_ns);

	rec.flags = TCT_TW_SECOND;
	stream_feed(stream, &rec);
	rec.id.time_ns++;
	stream_feed(stream, &rec);
}

static void test_a_whole_life(void **state)
{
	struct stream *stream = *state;

	feed_twice(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 100);
	feed_twice(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 110);
	feed_twice(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 200);
	feed_twice(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 300);
	feed_twice(stream, 7, TCT_LAST_ACK, TCT_CLOSE, 400);
	stream_expect(stream, "100 move 7 CLOSE>SYN_SENT ?\n"
			      "110 move 7 SYN_SENT>ESTABLISHED 10\n"
			      "200 move 7 ESTABLISHED>CLOSE_WAIT 90\n"
			      "300 move 7 CLOSE_WAIT>LAST_ACK 100\n"
			      "400 move 7 LAST_ACK>CLOSE 100\n"
			      "400 end 7 orderly-merged remote\n");
	assert_int_equal(stream->shards.shard[0].received, 5);
	stream_expect_empty(stream);
}

/* The other CPUs close many sockets between the two. */
static void test_close_long_after(void **state)
{
	struct stream *stream = *state;

	feed_marked(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 100);
	feed_marked(stream, 7, TCT_SYN_SENT, TCT_CLOSE, 200);
	for (uint64_t cookie = 1000; cookie < 1100; cookie++) {
		feed_marked(stream, cookie, TCT_CLOSE, TCT_SYN_SENT, 300);
		feed_marked(stream, cookie, TCT_SYN_SENT, TCT_CLOSE, 300);
	}
	recorder_take(&stream->recorder);
	feed_marked(stream, 7, TCT_SYN_SENT, TCT_CLOSE, 201);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].received, 202);
	stream_expect_empty(stream);
}

/* connect() to AF_UNSPEC ends it, and it connects again: no repeat. */
static void test_closes_again(void **state)
{
	struct stream *stream = *state;

	for (uint64_t time_ns = 100; time_ns < 400; time_ns += 100) {
		feed_twice(stream, 7, TCT_CLOSE, TCT_SYN_SENT, time_ns);
		feed_twice(stream, 7, TCT_SYN_SENT, TCT_CLOSE, time_ns + 50);
	}
	assert_int_equal(stream->shards.shard[0].received, 6);
	stream_expect_empty(stream);
}

/* close() after shutdown(): from FIN_WAIT2 to FIN_WAIT2. */
static void test_no_change(void **state)
{
	struct stream *stream = *state;

	feed_marked(stream, 7, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 100);
	recorder_take(&stream->recorder);
	feed_twice(stream, 7, TCT_FIN_WAIT2, TCT_FIN_WAIT2, 200);
	stream_expect(stream, "200 move 7 FIN_WAIT2>FIN_WAIT2 100\n");
	feed_twice(stream, 7, TCT_FIN_WAIT2, TCT_FIN_WAIT2, 300);
	stream_expect(stream, "300 move 7 FIN_WAIT2>FIN_WAIT2 200\n");
	assert_int_equal(stream->shards.shard[0].received, 3);
}

/* A second start is no re-arm; a re-arm is one. */
static void test_mini_socket(void **state)
{
	struct stream *stream = *state;
	const struct tct_socket *mini;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	feed_tw_twice(stream, TCT_REC_TW_START, 300);
	mini = tct_mirror_find(&stream->shards.shard[0].mirror, 7, true);
	assert_non_null(mini);
	assert_int_equal(mini->rearmed, 0);
	feed_tw_twice(stream, TCT_REC_TW_REARM, 400);
	assert_int_equal(mini->rearmed, 1);
	feed_tw_twice(stream, TCT_REC_TW_REARM, 500);
	assert_int_equal(mini->rearmed, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_whole_life, stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(test_close_long_after, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(test_closes_again, stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(test_no_change, stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(test_mini_socket, stream_setup, stream_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
