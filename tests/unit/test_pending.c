// SPDX-License-Identifier: GPL-2.0
/* Ends that wait: for the reset that tells their reason, or for a mini-socket that never comes. */
#include "test.h"

#include <string.h>
#include "stream.h"

#define RST_LINGER 12

static const char *name_of(uint32_t reason)
{
	return reason == RST_LINGER ? "tcp-abort-on-linger" : NULL;
}

static const struct tct_tracker_config watched = { .sees_resets = true, .reset_reason = name_of };

static int setup(void **state)
{
	*state = stream_new(&watched);
	return 0;
}

static void reset(struct stream *stream, uint64_t cookie, uint32_t reason, uint64_t time_ns)
{
	struct tct_record_sock like = stream_state(cookie, TCT_ESTABLISHED, TCT_CLOSE, time_ns);
	struct tct_record_reset rec = { .h = like.h, .state = TCT_CLOSE, .id = like.id,
					.reason = reason };

	rec.h.size = sizeof(rec);
	rec.h.tag = TCT_REC_RESET;
	stream_feed(stream, &rec);
}

/* close() with SO_LINGER of 0, at 200. */
static void abort_at_200(struct stream *stream, uint64_t cookie, int err)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_ESTABLISHED, TCT_CLOSE, 200);

	rec.shutdown = err ? 0 : 3;	/* tcp_close() sets both, tcp_abort() none */
	rec.flags = TCT_SOCK_ABORTS;
	rec.err = (uint32_t)err;
	stream_feed(stream, &rec);
}

static const char *reason_of(const struct stream *stream)
{
	return stream->recorder.teardown.reset_reason;
}

static void test_reset_after_close(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	abort_at_200(stream, 7, 0);
	stream_expect(stream, "200 move 7 ESTABLISHED>CLOSE 90 42/connect\n");
	assert_int_equal(tct_shards_settles_at(&stream->shards), 200 + TCT_PENDING_GRACE_NS);
	reset(stream, 7, RST_LINGER, 205);
	stream_expect(stream, "200 end 7 abort-linger local 42/connect\n");
	assert_string_equal(reason_of(stream), "tcp-abort-on-linger");
	assert_int_equal(tct_shards_settles_at(&stream->shards), UINT64_MAX);
}

/* SOCK_DESTROY and keepalive send theirs first: nothing has to wait. */
static void test_reset_before_close(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	reset(stream, 7, RST_LINGER, 195);
	recorder_take(&stream->recorder);
	abort_at_200(stream, 7, 103);
	stream_expect(stream, "200 move 7 ESTABLISHED>CLOSE 90 42/connect\n"
			      "200 end 7 destroyed local 42/connect\n");
	assert_string_equal(reason_of(stream), "tcp-abort-on-linger");
}

static void test_reset_that_never_comes(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	abort_at_200(stream, 7, 0);
	recorder_take(&stream->recorder);
	tct_shards_settle(&stream->shards, 199 + TCT_PENDING_GRACE_NS);
	stream_expect(stream, "");
	tct_shards_settle(&stream->shards, 200 + TCT_PENDING_GRACE_NS);
	stream_expect(stream, "200 end 7 abort-linger local 42/connect\n");
	assert_null(reason_of(stream));
}

/* Each gets its own, in whatever order they come; an unknown number is no name. */
static void test_two_wait(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_connect_at_100(stream, 8);
	abort_at_200(stream, 7, 0);
	abort_at_200(stream, 8, 0);
	recorder_take(&stream->recorder);
	reset(stream, 8, RST_LINGER, 205);
	stream_expect(stream, "200 end 8 abort-linger local 42/connect\n");
	assert_string_equal(reason_of(stream), "tcp-abort-on-linger");
	reset(stream, 7, 99, 206);
	stream_expect(stream, "200 end 7 abort-linger local 42/connect\n");
	assert_null(reason_of(stream));
	assert_int_equal(stream->shards.shard[0].pending.count, 0);
}

/* More than there is room for: the oldest goes without its reason, none is lost. */
static void test_no_room(void **state)
{
	struct stream *stream = *state;
	struct tct_summary summary;

	for (uint64_t cookie = 1; cookie <= TCT_PENDING_MAX + 3; cookie++) {
		stream_connect_at_100(stream, cookie);
		abort_at_200(stream, cookie, 0);
	}
	tct_shards_summary(&stream->shards, 300, &summary);
	assert_int_equal(summary.teardowns[TCT_KIND_ABORT_LINGER], 3);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
	tct_shards_summary(&stream->shards, 300, &summary);
	assert_int_equal(summary.teardowns[TCT_KIND_ABORT_LINGER], TCT_PENDING_MAX + 3);
}

static void test_of_an_unknown_socket(void **state)
{
	struct stream *stream = *state;

	reset(stream, 7, RST_LINGER, 205);
	stream_expect(stream, "");
	stream_expect_empty(stream);
}

/* Where nobody tells of resets, nothing waits for one. */
static void test_not_watched(void **state)
{
	struct stream *stream = stream_new(NULL);

	(void)state;
	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	abort_at_200(stream, 7, 0);
	stream_expect(stream, "200 move 7 ESTABLISHED>CLOSE 90 42/connect\n"
			      "200 end 7 abort-linger local 42/connect\n");
	stream_free(stream);
}

/* In FIN_WAIT2 since 210, nobody's; at 300 it is gone, after the peer's FIN or without. */
static void gone_at_300(struct stream *stream, uint8_t flags)
{
	struct tct_record_sock rec = stream_state(7, TCT_FIN_WAIT2, TCT_CLOSE, 300);

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	recorder_take(&stream->recorder);
	rec.shutdown = 3;
	rec.flags = TCT_SOCK_DEAD | flags;
	rec.segs_in++;
	stream_feed(stream, &rec);
	stream_expect(stream, "300 move 7 FIN_WAIT2>CLOSE 90 42/connect\n");
}

static void test_time_wait_never_created(void **state)
{
	struct stream *stream = *state;

	gone_at_300(stream, TCT_SOCK_FIN);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
	stream_expect(stream,
		      "300 tw 7 TIME_WAIT 0 life 0 never-created rearmed 0 42/connect\n"
		      "300 end 7 orderly local 42/connect\n");
}

static void test_fin_wait2_never_created(void **state)
{
	struct stream *stream = *state;

	gone_at_300(stream, 0);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
	stream_expect(stream,
		      "300 tw 7 FIN_WAIT2 0 life 0 never-created rearmed 0 42/connect\n"
		      "300 end 7 reaped none 42/connect\n");
}

static void test_data_for_an_orphan(void **state)
{
	struct stream *stream = *state;

	gone_at_300(stream, 0);
	reset(stream, 7, RST_LINGER, 301);
	stream_expect(stream, "300 end 7 reset-sent local 42/connect\n");
}

/* One batch is longer than the grace: what it lost is known only when it is over. */
static void test_lost_in_one_batch(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock later = stream_state(8, TCT_FIN_WAIT2, TCT_CLOSE,
						    300 + 2 * TCT_PENDING_GRACE_NS);

	gone_at_300(stream, TCT_SOCK_FIN);
	later.shutdown = 3;
	later.flags = TCT_SOCK_DEAD;
	stream_feed(stream, &later);
	recorder_take(&stream->recorder);
	assert_int_equal(stream->shards.shard[0].pending.count, 2);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, later.id.time_ns + 1);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
	assert_null(strstr(recorder_take(&stream->recorder), "never-created"));
}

/* The mini-socket, or the reset, may have been among what was lost. */
static void test_lost_meanwhile(void **state)
{
	struct stream *stream = *state;

	gone_at_300(stream, TCT_SOCK_FIN);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, 310);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
	stream_expect(stream, "310 loss ring 1\n"
			      "300 end 7 orderly local 42/connect\n");
	gone_at_300(stream, 0);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 2, 310);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
	stream_expect(stream, "310 loss ring 2\n"
			      "300 end 7 unknown local 42/connect\n");
}

/* An orphan in FIN_WAIT2 that goes without a mini-socket, two seconds after it was seen there. */
static void gone_later(struct stream *stream)
{
	struct tct_record_sock rec = stream_state(7, TCT_FIN_WAIT2, TCT_CLOSE, 2000000210);

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	recorder_take(&stream->recorder);
	rec.shutdown = 3;
	rec.flags = TCT_SOCK_DEAD;
	stream_feed(stream, &rec);
	recorder_take(&stream->recorder);
	tct_shards_settle(&stream->shards, UINT64_MAX - 1);
}

/* A loss of long ago does not make everything after it unknown. */
static void test_lost_before(void **state)
{
	struct stream *stream = *state;

	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, 50);
	gone_later(stream);
	stream_expect(stream, "2000000210 tw 7 FIN_WAIT2 0 life 0 never-created rearmed 0 "
			      "42/connect\n"
			      "2000000210 end 7 reaped none 42/connect\n");
}

/* One of just now was noted late: it may have been of the mini-socket. */
static void test_lost_just_before(void **state)
{
	struct stream *stream = *state;

	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, 1500000000);
	gone_later(stream);
	stream_expect(stream, "2000000210 end 7 unknown local 42/connect\n");
}

/* A damaged recording's time: it waited for something to wait. */
static void test_nothing_waits_at_the_end_of_time(void **state)
{
	struct stream *stream = *state;

	tct_shards_settle(&stream->shards, UINT64_MAX);
	stream_expect(stream, "");
	stream_connect_at_100(stream, 7);
	abort_at_200(stream, 7, 0);
	recorder_take(&stream->recorder);
	tct_shards_settle(&stream->shards, UINT64_MAX);
	stream_expect(stream, "200 end 7 abort-linger local 42/connect\n");
	tct_shards_tick(&stream->shards, UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reset_after_close),
		TEST(test_reset_before_close),
		TEST(test_reset_that_never_comes),
		TEST(test_two_wait),
		TEST(test_no_room),
		TEST(test_of_an_unknown_socket),
		TEST(test_time_wait_never_created),
		TEST(test_fin_wait2_never_created),
		TEST(test_data_for_an_orphan),
		TEST(test_lost_in_one_batch),
		TEST(test_lost_meanwhile),
		TEST(test_lost_before),
		TEST(test_nothing_waits_at_the_end_of_time),
		TEST(test_lost_just_before),
		cmocka_unit_test(test_not_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
