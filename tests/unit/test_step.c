// SPDX-License-Identifier: GPL-2.0
/* Brief transitions: mirrored and judged as the full ones, without a teardown. */
#include "test.h"

#include "stream.h"

#define SLACK TCT_STEP_SLACK_NS

static void step(struct stream *stream, uint64_t cookie, enum tct_state from, enum tct_state to,
		 uint64_t time_ns)
{
	struct tct_record_step rec = stream_step(cookie, from, to, time_ns);

	stream_feed(stream, &rec);
}

static void test_passive_close(void **state)
{
	struct stream *stream = *state;

	step(stream, 7, TCT_LISTEN, TCT_SYN_RECV, 100);
	step(stream, 7, TCT_SYN_RECV, TCT_ESTABLISHED, 110);
	step(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 200);
	step(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 300);
	step(stream, 7, TCT_LAST_ACK, TCT_CLOSE, 310);
	stream_expect(stream, "100 move 7 LISTEN>SYN_RECV ?\n"
			      "110 move 7 SYN_RECV>ESTABLISHED 10\n"
			      "200 move 7 ESTABLISHED>CLOSE_WAIT 90\n"
			      "300 move 7 CLOSE_WAIT>LAST_ACK 100\n"
			      "310 move 7 LAST_ACK>CLOSE 10\n");
	stream_expect_empty(stream);
}

static void test_illegal(void **state)
{
	struct stream *stream = *state;

	step(stream, 7, TCT_LISTEN, TCT_ESTABLISHED, 100);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 1);
}

/* Well before the iterator's read: it is in it. Well after: it is not. */
static void test_far_from_the_read(void **state)
{
	struct stream *stream = *state;

	stream_seed(stream, 7, TCT_CLOSE_WAIT, 5 * SLACK);
	step(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 2 * SLACK);
	stream_expect(stream, "");
	step(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 8 * SLACK);
	stream_expect(stream, "80000000 move 7 CLOSE_WAIT>LAST_ACK 60000000\n");
}

/* Too close to tell by the time: the state tells. */
static void test_close_to_the_read(void **state)
{
	struct stream *stream = *state;

	stream_seed(stream, 7, TCT_CLOSE_WAIT, 5 * SLACK);
	step(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 5 * SLACK + 1);
	stream_expect(stream, "");
	step(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 5 * SLACK - 1);
	tct_shards_judge(&stream->shards, 300);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_LAST_ACK], 1);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 0);
}

static int setup(void **state)
{
	static const struct tct_tracker_config brief = { .brief = true };

	*state = stream_new(&brief);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_passive_close),
		TEST(test_illegal),
		TEST(test_far_from_the_read),
		TEST(test_close_to_the_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
