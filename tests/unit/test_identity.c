// SPDX-License-Identifier: GPL-2.0
/* Sockets that have no cookie, or not yet: told apart by their addresses. */
#include "test.h"

#include "../../user/core/identity.h"
#include "stream.h"

#define SK 0xffff888000001000ull
#define OTHER_SK 0xffff888000002000ull
#define TW 0xffff888000009000ull

static const struct tct_tracker_config cookieless = { .cookieless = true };

static int setup(void **state)
{
	*state = stream_new(&cookieless);
	return 0;
}

/* A transition of the socket at this address; cookie 0 while nobody asked for one. */
static void move(struct stream *stream, uint64_t address, uint64_t cookie, enum tct_state from,
		 enum tct_state to, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);

	rec.id.address = address;
	if (to == TCT_SYN_SENT || to == TCT_FIN_WAIT1)
		stream_by(&rec, 42, "curl");
	rec.segs_in = to == TCT_CLOSE;	/* the FIN came in a segment of its own */
	stream_feed(stream, &rec);
}

static void open_and_close(struct stream *stream, uint64_t address)
{
	move(stream, address, 0, TCT_CLOSE, TCT_SYN_SENT, 100);
	move(stream, address, 0, TCT_SYN_SENT, TCT_ESTABLISHED, 110);
	move(stream, address, 0, TCT_ESTABLISHED, TCT_FIN_WAIT1, 200);
	move(stream, address, 0, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 210);
}

/* The beginning of a listener's socket was lost, too: another peer is another socket. */
static void test_another_peer_at_the_address(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(0, TCT_SYN_RECV, TCT_ESTABLISHED, 300);

	open_and_close(stream, SK);
	recorder_take(&stream->recorder);
	rec.id.address = SK;
	rec.id.rport = 50000;
	stream_feed(stream, &rec);
	stream_expect(stream, "300 move @1000 SYN_RECV>ESTABLISHED ?\n");
	assert_int_equal(stream->shards.shard[0].mismatches, 1);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
}

static void mini(struct stream *stream, enum tct_record_tag tag, uint64_t cookie,
		 enum tct_state substate, uint64_t time_ns)
{
	struct tct_record_tw rec = stream_tw(tag, cookie, substate, time_ns);

	rec.id.address = TW;
	stream_feed(stream, &rec);
}

static void mini_ends(struct stream *stream, uint64_t cookie, uint64_t time_ns)
{
	struct tct_record_tw_cancel rec = stream_cancel(cookie, TCT_TIME_WAIT, time_ns,
							"__run_timers");

	rec.tw.h.tag = TCT_REC_TW_END;
	rec.tw.id.address = TW;
	stream_feed(stream, &rec);
}

/* The end of the one before was missed: it is let go of, and told of no more. */
static void test_mini_at_the_same_address(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_START, 0, TCT_TIME_WAIT, 400);

	mini(stream, TCT_REC_TW_START, 0, TCT_TIME_WAIT, 300);
	recorder_take(&stream->recorder);
	rec.id.address = TW;
	rec.id.rport = 81;
	stream_feed(stream, &rec);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	assert_int_equal(stream->shards.shard[0].mismatches, 1);
	mini(stream, TCT_REC_TW_START, 0, TCT_TIME_WAIT, 500);
	assert_int_equal(stream->shards.shard[0].mismatches, 2);
	tct_shards_flood(&stream->shards, true, 510);
	tct_shards_flood(&stream->shards, false, 520);
	stream_feed(stream, &rec);
	assert_int_equal(stream->shards.shard[0].mismatches, 2);
}

static void test_key(void **state)
{
	(void)state;
	assert_int_equal(tct_identity_key(7, SK), 7);
	assert_int_equal(tct_identity_key(0, SK), SK);
	assert_true(TCT_KEY_IS_ADDRESS(tct_identity_key(0, SK)));
	assert_true(TCT_KEY_IS_ADDRESS(tct_identity_key(0, 0)));
	assert_false(TCT_KEY_IS_ADDRESS(tct_identity_key(7, SK)));
}

/* The mini-socket is another object: the connection of both is what ties them. */
static void test_whole_life_without_a_cookie(void **state)
{
	struct stream *stream = *state;

	open_and_close(stream, SK);
	mini(stream, TCT_REC_TW_START, 0, TCT_TIME_WAIT, 220);
	move(stream, SK, 0, TCT_FIN_WAIT2, TCT_CLOSE, 221);
	mini_ends(stream, 0, 60220);
	stream_expect(stream,
		      "100 move @1000 CLOSE>SYN_SENT ? 42/connect\n"
		      "110 move @1000 SYN_SENT>ESTABLISHED 10 42/connect\n"
		      "200 move @1000 ESTABLISHED>FIN_WAIT1 90 42/connect\n"
		      "210 move @1000 FIN_WAIT1>FIN_WAIT2 10 42/connect\n"
		      "221 move @1000 FIN_WAIT2>TIME_WAIT 11 42/connect\n"
		      "221 end @1000 orderly local 42/connect\n"
		      "60220 tw @9000 TIME_WAIT 60000 life 60000 expired rearmed 0 42/connect\n"
		      "60220 move @9000 TIME_WAIT>CLOSE 60000 42/connect\n");
	stream_expect_empty(stream);
}

/* getsockopt(SO_COOKIE) between two events: it goes on under its cookie, as the same socket. */
static void test_cookie_comes_later(void **state)
{
	struct stream *stream = *state;

	open_and_close(stream, SK);
	recorder_take(&stream->recorder);
	mini(stream, TCT_REC_TW_START, 5, TCT_TIME_WAIT, 220);
	move(stream, SK, 5, TCT_FIN_WAIT2, TCT_CLOSE, 221);
	stream_expect(stream, "221 move 5 FIN_WAIT2>TIME_WAIT 11 42/connect\n"
			      "221 end 5 orderly local 42/connect\n");
	mini_ends(stream, 5, 60220);
	stream_expect(stream, "60220 tw 5 TIME_WAIT 60000 life 60000 expired rearmed 0 42/connect\n"
			      "60220 move 5 TIME_WAIT>CLOSE 60000 42/connect\n");
	stream_expect_empty(stream);
}

/* An iterator made the mini-socket's cookie while it waited. */
static void test_mini_gets_its_cookie(void **state)
{
	struct stream *stream = *state;

	open_and_close(stream, SK);
	mini(stream, TCT_REC_TW_START, 0, TCT_TIME_WAIT, 220);
	move(stream, SK, 0, TCT_FIN_WAIT2, TCT_CLOSE, 221);
	recorder_take(&stream->recorder);
	mini_ends(stream, 5, 60220);
	stream_expect(stream, "60220 tw 5 TIME_WAIT 60000 life 60000 expired rearmed 0 42/connect\n"
			      "60220 move 5 TIME_WAIT>CLOSE 60000 42/connect\n");
	stream_expect_empty(stream);
}

/* Slabs recycle at once: the next socket at the address is not the one that closed. */
static void test_address_is_used_again(void **state)
{
	struct stream *stream = *state;

	move(stream, SK, 0, TCT_CLOSE, TCT_SYN_SENT, 100);
	move(stream, SK, 0, TCT_SYN_SENT, TCT_CLOSE, 110);
	move(stream, SK, 0, TCT_CLOSE, TCT_SYN_SENT, 120);
	recorder_take(&stream->recorder);
	move(stream, SK, 0, TCT_SYN_SENT, TCT_ESTABLISHED, 125);
	stream_expect(stream, "125 move @1000 SYN_SENT>ESTABLISHED 5 42/connect\n");
	assert_int_equal(stream->shards.shard[0].mismatches, 0);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
}

/* The same, and the end of the first was lost: a gap, and nothing of it is inherited. */
static void test_address_is_used_again_after_a_gap(void **state)
{
	struct stream *stream = *state;

	open_and_close(stream, SK);
	move(stream, SK, 0, TCT_CLOSE, TCT_SYN_SENT, 300);
	move(stream, SK, 0, TCT_SYN_SENT, TCT_ESTABLISHED, 310);
	assert_int_equal(stream->shards.shard[0].mismatches, 1);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_ESTABLISHED], 1);
}

/* Two mini-sockets wait for their full ones: each takes the one of its own connection. */
static void test_only_the_same_connection_is_claimed(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_START, 0, TCT_TIME_WAIT, 219);

	open_and_close(stream, SK);
	recorder_take(&stream->recorder);
	rec.id.address = OTHER_SK;
	rec.id.lport = 40001;
	stream_feed(stream, &rec);
	move(stream, SK, 0, TCT_FIN_WAIT2, TCT_CLOSE, 221);
	stream_expect(stream, "221 move @1000 FIN_WAIT2>CLOSE 11 42/connect\n"
			      "221 end @1000 disconnected local 42/connect\n");
}

/* With a cgroup filter the mini-socket of a socket that was filtered out is nobody's. */
static void test_unclaimed_with_a_filter(void **state)
{
	static const struct tct_tracker_config config = {
		.cookieless = true, .minis_need_socket = true,
	};
	struct stream *stream = stream_new(&config);

	(void)state;
	mini(stream, TCT_REC_TW_START, 0, TCT_TIME_WAIT, 220);
	mini_ends(stream, 0, 60220);
	stream_expect(stream, "");
	stream_expect_empty(stream);
	stream_free(stream);
}

/* A re-arm of one that was never seen is not its beginning. */
static void test_rearm_of_an_unknown_one(void **state)
{
	struct stream *stream = *state;

	mini(stream, TCT_REC_TW_REARM, 0, TCT_TIME_WAIT, 220);
	mini(stream, TCT_REC_TW_REARM, 5, TCT_TIME_WAIT, 221);
	stream_expect(stream, "");
	stream_expect_empty(stream);
}

static void test_rearm(void **state)
{
	struct stream *stream = *state;

	open_and_close(stream, SK);
	mini(stream, TCT_REC_TW_START, 0, TCT_FIN_WAIT2, 220);
	move(stream, SK, 0, TCT_FIN_WAIT2, TCT_CLOSE, 221);
	recorder_take(&stream->recorder);
	mini(stream, TCT_REC_TW_REARM, 0, TCT_TIME_WAIT, 300);
	mini(stream, TCT_REC_TW_REARM, 0, TCT_TIME_WAIT, 400);
	mini_ends(stream, 0, 60400);
	stream_expect(stream,
		      "300 tw @9000 FIN_WAIT2 90 life 80 fin-arrived rearmed 0 42/connect\n"
		      "300 move @9000 FIN_WAIT2>TIME_WAIT 90 42/connect\n"
		      "300 end @9000 orderly local 42/connect\n"
		      "60400 tw @9000 TIME_WAIT 60100 life 60180 expired rearmed 1 42/connect\n"
		      "60400 move @9000 TIME_WAIT>CLOSE 60100 42/connect\n");
	stream_expect_empty(stream);
}

/* Who holds a socket is found by the address too, and survives the cookie. */
static void test_owner_by_address(void **state)
{
	struct stream *stream = *state;
	struct tct_record_owner owner = stream_owner(0, 42, 3, "curl");

	owner.address = SK;
	move(stream, SK, 0, TCT_SYN_RECV, TCT_ESTABLISHED, 110);
	recorder_take(&stream->recorder);
	stream_feed(stream, &owner);
	owner.cookie = 5;
	stream_feed(stream, &owner);
	move(stream, SK, 5, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 200);
	stream_expect(stream, "200 move 5 ESTABLISHED>CLOSE_WAIT 90 42/iter\n");
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		TEST(test_whole_life_without_a_cookie),
		TEST(test_cookie_comes_later),
		TEST(test_mini_gets_its_cookie),
		TEST(test_address_is_used_again),
		TEST(test_another_peer_at_the_address),
		TEST(test_mini_at_the_same_address),
		TEST(test_address_is_used_again_after_a_gap),
		TEST(test_only_the_same_connection_is_claimed),
		cmocka_unit_test(test_unclaimed_with_a_filter),
		TEST(test_rearm_of_an_unknown_one),
		TEST(test_rearm),
		TEST(test_owner_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
