// SPDX-License-Identifier: GPL-2.0
/* What the iterator found, and events from before and after it looked. */
#include "test.h"

#include <errno.h>
#include "stream.h"

/* Found by the iterator: told to nobody; how long it was in its state is not known. */
static void test_seeded(void **state)
{
	struct stream *stream = *state;

	stream_seed(stream, 7, TCT_ESTABLISHED, 1000);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_ESTABLISHED], 1);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1500);
	stream_move(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1700);
	stream_expect(stream, "1500 move 7 ESTABLISHED>CLOSE_WAIT ?\n"
			      "1700 move 7 CLOSE_WAIT>LAST_ACK 200\n");
}

/* Events from before the iterator's read are in what it read; they tell since when. */
static void test_stale_events(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_CLOSE, TCT_SYN_SENT, 800);

	stream_seed(stream, 7, TCT_ESTABLISHED, 1000);
	stream_by(&rec, 42, "curl");
	stream_feed(stream, &rec);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_ESTABLISHED], 1);
	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 900);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1500);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "1500 move 7 ESTABLISHED>CLOSE_WAIT 600 42/connect\n");
}

/* At the very time of the read it is in it, one ns later it is not. */
static void test_stale_to_the_ns(void **state)
{
	struct stream *stream = *state;

	stream_seed(stream, 7, TCT_CLOSE_WAIT, 1000);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1000);
	stream_expect(stream, "");
	stream_move(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1001);
	stream_expect(stream, "1001 move 7 CLOSE_WAIT>LAST_ACK 1\n");
}

/* The iterator may find a socket that events have told of already: nothing changes. */
static void test_seeded_after_its_events(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	stream_seed(stream, 7, TCT_ESTABLISHED, 1000);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1500);
	stream_expect(stream, "1500 move 7 ESTABLISHED>CLOSE_WAIT 1390 42/connect\n");
}

/*
 * Refused, and connected again with the same socket, all before the iterator read it: the first
 * attempt's end is told, nothing is called a gap, and the socket is where the iterator saw it.
 */
static void test_seeded_after_reuse(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_SYN_SENT, TCT_CLOSE, 200);

	stream_seed(stream, 7, TCT_ESTABLISHED, 1000);
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 100);
	rec.err = ECONNREFUSED;
	stream_feed(stream, &rec);
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 300);
	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 310);
	tct_shards_judge(&stream->shards, 300);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 0);
	assert_int_equal(stream->shards.gaps, 0);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_ESTABLISHED], 1);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	recorder_take(&stream->recorder);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1500);
	stream_expect(stream, "1500 move 7 ESTABLISHED>CLOSE_WAIT 1190\n");
}

static void seed_mini(struct stream *stream, enum tct_state substate, uint64_t time_ns)
{
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_SOCK, 7, substate, time_ns);

	stream_feed(stream, &rec);
}

static void test_seeded_mini(void **state)
{
	struct stream *stream = *state;

	seed_mini(stream, TCT_TIME_WAIT, 1000);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_TIME_WAIT], 1);
	stream_end(stream, 7, TCT_TIME_WAIT, 5000, "__run_timers");
	stream_expect(stream, "5000 tw 7 TIME_WAIT ? life ? expired rearmed 0\n"
			      "5000 move 7 TIME_WAIT>CLOSE ?\n");
	stream_expect_empty(stream);
}

/* Its start, still in the ring when the iterator read it, is no re-arm; a later one is. */
static void test_seeded_mini_stale_start(void **state)
{
	struct stream *stream = *state;

	seed_mini(stream, TCT_TIME_WAIT, 1000);
	stream_start(stream, 7, TCT_TIME_WAIT, 900);
	stream_start(stream, 7, TCT_TIME_WAIT, 1001);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	assert_int_equal(tct_mirror_find(&stream->shards.shard[0].mirror, 7, true)->rearmed, 1);
}

/* The hand-over came before the read: it is told as one, though the full socket was not seen. */
static void test_seeded_mini_stale_hand_over(void **state)
{
	struct stream *stream = *state;

	seed_mini(stream, TCT_TIME_WAIT, 1000);
	stream_move(stream, 7, TCT_FIN_WAIT2, TCT_CLOSE, 901);
	stream_expect(stream, "901 move 7 FIN_WAIT2>TIME_WAIT ?\n"
			      "901 end 7 unknown local\n");
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_TIME_WAIT], 1);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
}

/* A mini-socket whose FIN_WAIT2 was not seen to begin. */
static void test_seeded_fin_wait2_mini(void **state)
{
	struct stream *stream = *state;

	seed_mini(stream, TCT_FIN_WAIT2, 1000);
	stream_start(stream, 7, TCT_TIME_WAIT, 2000);
	stream_end(stream, 7, TCT_TIME_WAIT, 62000, "__run_timers");
	stream_expect(stream, "2000 tw 7 FIN_WAIT2 ? life ? fin-arrived rearmed 0\n"
			      "2000 move 7 FIN_WAIT2>TIME_WAIT ?\n"
			      "2000 end 7 orderly local\n"
			      "62000 tw 7 TIME_WAIT 60000 life ? expired rearmed 0\n"
			      "62000 move 7 TIME_WAIT>CLOSE 60000\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_seeded),
		TEST(test_stale_events),
		TEST(test_stale_to_the_ns),
		TEST(test_seeded_after_its_events),
		TEST(test_seeded_after_reuse),
		TEST(test_seeded_mini),
		TEST(test_seeded_mini_stale_start),
		TEST(test_seeded_mini_stale_hand_over),
		TEST(test_seeded_fin_wait2_mini),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
