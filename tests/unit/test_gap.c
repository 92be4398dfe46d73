// SPDX-License-Identifier: GPL-2.0
/* Steps outside the table or missing, with and without losses; losses. */
#include "test.h"

#include <errno.h>
#include "stream.h"

static void test_illegal(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_LISTEN, 200);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream,
		      "200 move 7 ESTABLISHED>LISTEN 90 42/connect illegal\n"
		      "200 finding #1 illegal-transition open ESTABLISHED>LISTEN count 1 oldest ? "
		      "local 40000 socket 7\n");
	assert_int_equal(stream->recorder.finding.severity, TCT_CRITICAL);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 1);
	assert_int_equal(stream->shards.shard[0].totals.findings, 1);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_LISTEN], 1);
}

/* From an unseen state to one that nothing leads to. */
static void test_illegal_of_unknown_socket(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_LISTEN, TCT_NEW_SYN_RECV, 200);
	stream_expect(stream,
		      "200 move 7 LISTEN>NEW_SYN_RECV ? illegal\n"
		      "200 finding #1 illegal-transition open LISTEN>NEW_SYN_RECV count 1 "
		      "oldest ? local 40000 socket 7\n");
}

/* A step is missing and nothing was known to be lost: then that step was. */
static void test_gap_unexplained(void **state)
{
	struct stream *stream = *state;

	stream_mismatch(stream, 7);
	stream_expect(stream, "110 move 7 SYN_SENT>ESTABLISHED ?\n"
			      "210 move 7 FIN_WAIT1>FIN_WAIT2 ?\n");
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "300 loss hook 1\n");
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].totals.illegal, 0);
	assert_int_equal(stream->shards.gaps, 1);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_FIN_WAIT2], 1);
}

static void test_gap_explained(void **state)
{
	struct stream *stream = *state;

	stream_mismatch(stream, 7);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, 300);
	recorder_take(&stream->recorder);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.gaps, 1);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 0);
}

/* Each is one event that was lost; what the kernel counts comes on top. */
static void test_many_gaps_unexplained(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= 70; cookie++)
		stream_mismatch(stream, cookie);
	tct_shards_judge(&stream->shards, 300);
	assert_int_equal(stream->shards.gaps, 70);
	assert_int_equal(stream->shards.losses[TCT_LOSS_HOOK], 70);
	tct_shards_loss(&stream->shards, TCT_LOSS_HOOK, 2, 400);
	assert_int_equal(stream->shards.losses[TCT_LOSS_HOOK], 72);
}

static void test_losses(void **state)
{
	struct stream *stream = *state;
	struct tct_summary summary;

	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 0, 100);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 3, 200);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 3, 300);
	tct_shards_loss(&stream->shards, TCT_LOSS_HOOK, 2, 400);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 4, 500);
	stream_expect(stream, "200 loss ring 3\n400 loss hook 2\n500 loss ring 4\n");
	tct_shards_summary(&stream->shards, 600, &summary);
	assert_int_equal(summary.lost, 6);
	assert_int_equal(summary.mono_ns, 600);
}

/* The same where our FIN is not acknowledged yet: it is no violation of the protocol. */
static void test_unacknowledged_to_itself(void **state)
{
	static const enum tct_state states[] = { TCT_FIN_WAIT1, TCT_LAST_ACK, TCT_CLOSING };
	struct stream *stream = *state;

	for (size_t i = 0; i < COUNT(states); i++)
		stream_move(stream, i + 1, states[i], states[i], 100);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "100 move 1 FIN_WAIT1>FIN_WAIT1 ?\n"
			      "100 move 2 LAST_ACK>LAST_ACK ?\n"
			      "100 move 3 CLOSING>CLOSING ?\n");
}

static void test_close_to_close(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_CLOSE, TCT_CLOSE, 100);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "100 move 7 CLOSE>CLOSE ?\n");
	stream_expect_empty(stream);
}

/* close() after shutdown(): the state goes on, so does its time. */
static void test_fin_wait2_to_itself(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 100);
	stream_move(stream, 7, TCT_FIN_WAIT2, TCT_FIN_WAIT2, 150);
	stream_move(stream, 7, TCT_FIN_WAIT2, TCT_CLOSE, 300);
	stream_expect(stream, "100 move 7 FIN_WAIT1>FIN_WAIT2 ?\n"
			      "150 move 7 FIN_WAIT2>FIN_WAIT2 50\n"
			      "300 move 7 FIN_WAIT2>CLOSE 200\n"
			      "300 end 7 disconnected local\n");
}

/* Its end was lost, and it begins again: not in the state where the first one was left. */
static void test_begun_anew(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 100);
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 500);
	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 510);
	stream_expect(stream, "100 move 7 CLOSE>SYN_SENT ?\n"
			      "500 move 7 CLOSE>SYN_SENT ?\n"
			      "510 move 7 SYN_SENT>ESTABLISHED 10\n");
	assert_int_equal(stream->shards.shard[0].mismatches, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_illegal),
		TEST(test_illegal_of_unknown_socket),
		TEST(test_gap_unexplained),
		TEST(test_gap_explained),
		TEST(test_many_gaps_unexplained),
		TEST(test_losses),
		TEST(test_unacknowledged_to_itself),
		TEST(test_close_to_close),
		TEST(test_fin_wait2_to_itself),
		TEST(test_begun_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
