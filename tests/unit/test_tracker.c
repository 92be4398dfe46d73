// SPDX-License-Identifier: GPL-2.0
/* Streams of records of full sockets and the events that they have to make, in order. */
#include "test.h"

#include <errno.h>
#include <string.h>
#include "stream.h"

static void test_active_close(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_TIME_WAIT, 220);
	stream_end(stream, 7, TCT_TIME_WAIT, 60220, "__run_timers");
	stream_expect(stream,
		      "100 move 7 CLOSE>SYN_SENT ? 42/connect\n"
		      "110 move 7 SYN_SENT>ESTABLISHED 10 42/connect\n"
		      "200 move 7 ESTABLISHED>FIN_WAIT1 90 42/connect\n"
		      "210 move 7 FIN_WAIT1>FIN_WAIT2 10 42/connect\n"
		      "221 move 7 FIN_WAIT2>TIME_WAIT 11 42/connect\n"
		      "221 end 7 orderly local 42/connect\n"
		      "60220 tw 7 TIME_WAIT 60000 life 60000 expired rearmed 0 42/connect\n"
		      "60220 move 7 TIME_WAIT>CLOSE 60000 42/connect\n");
	stream_expect_empty(stream);
}

static void test_teardown_has_all_dwells(void **state)
{
	struct stream *stream = *state;
	const struct tct_teardown *ev = &stream->recorder.teardown;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_TIME_WAIT, 220);
	assert_int_equal(ev->dwell_ns[TCT_SYN_SENT], 10);
	assert_int_equal(ev->dwell_ns[TCT_ESTABLISHED], 90);
	assert_int_equal(ev->dwell_ns[TCT_FIN_WAIT1], 10);
	assert_int_equal(ev->dwell_ns[TCT_FIN_WAIT2], 11);
	assert_true(ev->dwell_ns[TCT_SYN_RECV] == TCT_UNKNOWN);
	assert_true(ev->dwell_ns[TCT_CLOSE_WAIT] == TCT_UNKNOWN);
	assert_int_equal(ev->who.tuple.lport, 40000);
	assert_int_equal(ev->who.tuple.rport, 80);
	assert_string_equal(ev->who.task.comm, "curl");
}

/* Accepted, the peer closes first: no mini-socket on this side. */
static void test_passive_close(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 300);

	stream_move(stream, 7, TCT_LISTEN, TCT_SYN_RECV, 100);
	stream_move(stream, 7, TCT_SYN_RECV, TCT_ESTABLISHED, 105);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 200);
	stream_by(&rec, 43, "nginx");
	rec.segs_out = 1;
	stream_feed(stream, &rec);
	stream_move(stream, 7, TCT_LAST_ACK, TCT_CLOSE, 310);
	stream_expect(stream,
		      "100 move 7 LISTEN>SYN_RECV ?\n"
		      "105 move 7 SYN_RECV>ESTABLISHED 5\n"
		      "200 move 7 ESTABLISHED>CLOSE_WAIT 95\n"
		      "300 move 7 CLOSE_WAIT>LAST_ACK 100 43/close\n"
		      "310 move 7 LAST_ACK>CLOSE 10 43/close\n"
		      "310 end 7 orderly remote 43/close\n");
	assert_int_equal(stream->recorder.teardown.dwell_ns[TCT_SYN_RECV], 5);
	assert_int_equal(stream->recorder.teardown.dwell_ns[TCT_CLOSE_WAIT], 100);
	stream_expect_empty(stream);
}

static void test_cookie_reused(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_SYN_SENT, TCT_CLOSE, 150);

	rec.err = ECONNREFUSED;
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 100);
	stream_feed(stream, &rec);
	stream_expect_empty(stream);
	rec = stream_state(7, TCT_CLOSE, TCT_SYN_SENT, 200);
	stream_by(&rec, 42, "curl");
	stream_feed(stream, &rec);
	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 210);
	stream_expect(stream, "100 move 7 CLOSE>SYN_SENT ?\n"
			      "150 move 7 SYN_SENT>CLOSE 50\n"
			      "150 end 7 refused remote\n"
			      "200 move 7 CLOSE>SYN_SENT ? 42/connect\n"
			      "210 move 7 SYN_SENT>ESTABLISHED 10 42/connect\n");
	tct_shards_judge(&stream->shards, 300);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 0);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_ESTABLISHED], 1);
}

#define CHILD 0xffff888000001000ull

/* A child's first event as it is up to 6.12: with its listener's cookie and no peer. */
static void child_is_born(struct stream *stream, uint64_t listener, uint8_t flags)
{
	struct tct_record_sock rec = stream_state(listener, TCT_LISTEN, TCT_SYN_RECV, 200);

	rec.id.address = CHILD;
	rec.id.rport = 0;
	rec.flags |= flags;
	stream_feed(stream, &rec);
}

static void child_moves(struct stream *stream, uint64_t cookie, enum tct_state from,
			enum tct_state to, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);

	rec.id.address = CHILD;
	stream_feed(stream, &rec);
}

/* It is told with the next one, which shows whose it is. */
static void test_listeners_cookie(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_CLOSE, TCT_LISTEN, 100);
	child_is_born(stream, 7, 0);
	child_is_born(stream, 7, TCT_SOCK_SECOND);
	stream_expect(stream, "100 move 7 CLOSE>LISTEN ?\n");
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_LISTEN], 1);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_SYN_RECV], 1);
	child_moves(stream, 8, TCT_SYN_RECV, TCT_ESTABLISHED, 230);
	stream_expect(stream, "200 move 8 LISTEN>SYN_RECV ?\n"
			      "230 move 8 SYN_RECV>ESTABLISHED 30\n");
	assert_true(tct_mirror_find(&stream->shards.shard[0].mirror, 8, false)->flags &
		    TCT_SOCK_LOCAL_PORT);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_SYN_RECV], 0);
	tct_shards_judge(&stream->shards, 300);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 0);
}

/* Its next event was lost, and its place is another's now. */
static void test_listeners_cookie_and_no_more(void **state)
{
	struct stream *stream = *state;

	child_is_born(stream, 7, 0);
	child_is_born(stream, 7, 0);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_SYN_RECV], 1);
	child_moves(stream, 9, TCT_CLOSE, TCT_SYN_SENT, 300);
	stream_expect(stream, "300 move 9 CLOSE>SYN_SENT ?\n");
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_SYN_RECV], 0);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
}

/* The iterator has found the child before its events are looked at. */
static void test_listeners_cookie_of_a_known_child(void **state)
{
	struct stream *stream = *state;

	stream_seed(stream, 8, TCT_ESTABLISHED, 1000);
	child_is_born(stream, 7, 0);
	child_moves(stream, 8, TCT_SYN_RECV, TCT_ESTABLISHED, 230);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	stream_expect(stream, "");
	assert_int_equal(tct_mirror_find(&stream->shards.shard[0].mirror, 8, false)->entered_ns, 230);
}

static void move_again(struct stream *stream, enum tct_state from, enum tct_state to,
		       uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(7, from, to, time_ns);

	rec.flags = TCT_SOCK_SECOND;
	stream_feed(stream, &rec);
}

/* The second program sends what the first one sent before: it is told once. */
static void test_repeats(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	move_again(stream, TCT_SYN_SENT, TCT_ESTABLISHED, 101);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE, 200);
	move_again(stream, TCT_ESTABLISHED, TCT_CLOSE, 201);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "100 move 7 SYN_SENT>ESTABLISHED ?\n"
			      "200 move 7 ESTABLISHED>CLOSE 100\n"
			      "200 end 7 disconnected local\n");
	stream_expect_empty(stream);
}

/* What only the second program got is an event like any other. */
static void test_missed_by_the_first(void **state)
{
	struct stream *stream = *state;

	move_again(stream, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	move_again(stream, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 150);
	move_again(stream, TCT_CLOSE_WAIT, TCT_CLOSE, 200);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "100 move 7 SYN_SENT>ESTABLISHED ?\n"
			      "150 move 7 ESTABLISHED>CLOSE_WAIT 50\n"
			      "200 move 7 CLOSE_WAIT>CLOSE 50\n"
			      "200 end 7 disconnected remote\n");
}

/* The ports are remembered from when they were chosen. */
static void test_tuple_is_remembered(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_SYN_SENT, TCT_CLOSE, 300);

	stream_connect_at_100(stream, 7);
	rec.from = TCT_ESTABLISHED;
	rec.id.lport = rec.id.rport = 0;
	memset(rec.id.laddr, 0, 16);
	memset(rec.id.raddr, 0, 16);
	rec.err = ECONNRESET;
	stream_feed(stream, &rec);
	assert_int_equal(stream->recorder.teardown.who.tuple.lport, 40000);
	assert_int_equal(stream->recorder.teardown.who.tuple.rport, 80);
	assert_int_equal(stream->recorder.teardown.who.tuple.laddr[3], 1);
	assert_int_equal(stream->recorder.teardown.who.tuple.raddr[3], 2);
}

static void test_totals(void **state)
{
	struct stream *stream = *state;
	struct tct_summary summary;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_TIME_WAIT, 220);
	tct_shards_summary(&stream->shards, 300, &summary);
	assert_int_equal(summary.events, 5);
	assert_int_equal(summary.mirrored, 1);
	assert_int_equal(summary.teardowns[TCT_KIND_ORDERLY], 1);
	assert_int_equal(summary.lost, 0);
	assert_int_equal(summary.findings, 0);
	stream_end(stream, 7, TCT_TIME_WAIT, 400, "__run_timers");
	tct_shards_summary(&stream->shards, 400, &summary);
	assert_int_equal(summary.events, 7);
	assert_int_equal(summary.mirrored, 0);
}

/* A sink may leave out any call. */
static void test_deaf_sink(void **state)
{
	static const struct tct_sink deaf;
	struct stream *stream = *state;

	stream->shards.sink = stream->shards.stuck.sink = &deaf;
	stream->shards.shard[0].sink = &deaf;
	stream_mismatch(stream, 8);
	tct_shards_judge(&stream->shards, 300);
	stream_move(stream, 9, TCT_LISTEN, TCT_NEW_SYN_RECV, 300);
	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_TIME_WAIT, 220);
	stream_end(stream, 7, TCT_TIME_WAIT, 400, "__run_timers");
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, 300);
	assert_true(tct_shards_tick(&stream->shards, 1000 * SECOND));
	stream_scan(stream, 1000 * SECOND, NULL, 0);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].totals.illegal, 1);
	assert_int_equal(stream->shards.stuck.opened, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_active_close),
		TEST(test_teardown_has_all_dwells),
		TEST(test_passive_close),
		TEST(test_cookie_reused),
		TEST(test_listeners_cookie),
		TEST(test_listeners_cookie_and_no_more),
		TEST(test_listeners_cookie_of_a_known_child),
		TEST(test_repeats),
		TEST(test_missed_by_the_first),
		TEST(test_tuple_is_remembered),
		TEST(test_totals),
		TEST(test_deaf_sink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
