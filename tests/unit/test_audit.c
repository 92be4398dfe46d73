// SPDX-License-Identifier: GPL-2.0
/* Audits: what is drift and what is a race, and how the mirror is put right. */
#include "test.h"

#include "auditing.h"

#define SECOND 1000000000ull
#define AUDITED "1100001000 audit "

static void lose(struct stream *stream)
{
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, AUDIT_AT - SECOND / 2);
	recorder_take(&stream->recorder);
}

static const struct tct_socket *mirrored(const struct stream *stream, uint64_t cookie, bool mini)
{
	return tct_mirror_find(&stream->shards.shard[0].mirror, cookie, mini);
}

static void test_nothing_differs(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	lose(stream);
	auditing_begin(stream);
	auditing_present(stream, 7, TCT_ESTABLISHED);
	auditing_present(stream, 0, TCT_NEW_SYN_RECV);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 0);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "1 mirrored 1 missing 0 ghosts 0 states 0 races 0 seeded 0 "
			      "beyond 0 requests 1\n");
	assert_false(stream->shards.stuck.degraded);
	assert_true(tct_audit_at(&stream->shards) == TCT_AUDIT_NEVER);
}

static void test_missing(void **state)
{
	struct stream *stream = *state;

	lose(stream);
	auditing_begin(stream);
	auditing_present(stream, 7, TCT_CLOSE_WAIT);
	auditing_swept(stream);
	auditing_again(stream);
	auditing_found(stream, 8, TCT_CLOSE_WAIT);	/* nobody asked for that */
	auditing_found(stream, 7, TCT_CLOSE_WAIT);
	auditing_found(stream, 7, TCT_CLOSE_WAIT);
	auditing_settle(stream);
	stream_expect(stream, "1100000000 drift 7 missing ->CLOSE_WAIT\n"
			      AUDITED "1 mirrored 1 missing 1 ghosts 0 states 0 races 0 seeded 0 "
			      "beyond 0 requests 0\n");
	assert_true(mirrored(stream, 7, false)->flags & TCT_SOCK_REPAIRED);
	assert_true(mirrored(stream, 7, false)->flags & TCT_SOCK_SEEDED);
	assert_int_equal(stream->shards.repaired, 1);
}

/* It closed, known to nobody, after the first reading; or after the second. */
static void test_missing_has_left(void **state)
{
	struct stream *stream = *state;

	auditing_begin(stream);
	auditing_present(stream, 7, TCT_CLOSE_WAIT);
	auditing_present(stream, 8, TCT_CLOSE_WAIT);
	auditing_swept(stream);
	auditing_again(stream);
	stream_move(stream, 8, TCT_LAST_ACK, TCT_CLOSE, AUDIT_AGAIN + 1);
	recorder_take(&stream->recorder);
	auditing_found(stream, 8, TCT_CLOSE_WAIT);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "2 mirrored 0 missing 0 ghosts 0 states 0 races 2 seeded 0 "
			      "beyond 0 requests 0\n");
}

/* What has closed since the audit began is no suspect. */
static void test_departed(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	auditing_begin(stream);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE, AUDIT_READ + 1);
	auditing_present(stream, 7, TCT_ESTABLISHED);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 0);
}

static void test_ghost(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	auditing_begin(stream);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 1);
	auditing_again(stream);
	auditing_settle(stream);
	stream_expect(stream, "1100001000 drift 7 ghost ESTABLISHED>-\n"
			      AUDITED "0 mirrored 0 missing 0 ghosts 1 states 0 races 0 seeded 0 "
			      "beyond 0 requests 0\n");
	stream_expect_empty(stream);
}

/* The first reading passed it by; it began after the audit. */
static void test_no_ghost(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_move(stream, 8, TCT_CLOSE, TCT_SYN_SENT, AUDIT_AT);
	recorder_take(&stream->recorder);
	auditing_begin(stream);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 1);
	auditing_again(stream);
	auditing_found(stream, 7, TCT_ESTABLISHED);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "0 mirrored 2 missing 0 ghosts 0 states 0 races 1 seeded 0 "
			      "beyond 0 requests 0\n");
}

/* Neither reading met it, but it is alive: an event came in between. */
static void test_alive_meanwhile(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	auditing_begin(stream);
	auditing_swept(stream);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, AUDIT_READ + 1);
	recorder_take(&stream->recorder);
	auditing_again(stream);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "0 mirrored 1 missing 0 ghosts 0 states 0 races 1 seeded 0 "
			      "beyond 0 requests 0\n");
}

/* A connect() that looks for a port is in no table: it is given more time. */
static void test_connect_takes_its_time(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, AUDIT_AT - 1);
	auditing_begin(stream);
	auditing_swept(stream);
	assert_true(tct_audit_again_at(&stream->shards) == AUDIT_AT + TCT_AUDIT_CONNECT_NS);
}

static void test_wrong_state(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	auditing_begin(stream);
	auditing_present(stream, 7, TCT_CLOSE_WAIT);
	auditing_swept(stream);
	auditing_again(stream);
	auditing_found(stream, 7, TCT_CLOSE_WAIT);
	auditing_settle(stream);
	stream_expect(stream, "1100000000 drift 7 state ESTABLISHED>CLOSE_WAIT\n"
			      AUDITED "1 mirrored 1 missing 0 ghosts 0 states 1 races 0 seeded 0 "
			      "beyond 0 requests 0\n");
	assert_false(mirrored(stream, 7, false)->flags & TCT_SOCK_EXACT);
	stream_move(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, 2 * SECOND);
	stream_expect(stream, "2000000000 move 7 CLOSE_WAIT>LAST_ACK ? 42/connect\n");
	assert_int_equal(stream->shards.shard[0].mismatches, 0);
}

/* The event is before the store, and the reading in between; or the event is after the reading. */
static void test_state_is_a_race(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, AUDIT_AT - 1);
	stream_connect_at_100(stream, 8);
	auditing_begin(stream);
	stream_move(stream, 8, TCT_ESTABLISHED, TCT_CLOSE_WAIT, AUDIT_READ + 1);
	recorder_take(&stream->recorder);
	auditing_present(stream, 7, TCT_ESTABLISHED);
	auditing_present(stream, 8, TCT_ESTABLISHED);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 1);
	auditing_again(stream);
	auditing_found(stream, 7, TCT_CLOSE_WAIT);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "2 mirrored 2 missing 0 ghosts 0 states 0 races 1 seeded 0 "
			      "beyond 0 requests 0\n");
}

/* The mini-socket is there, and the full one's CLOSE on its way: neither is a ghost. */
static void test_hand_over(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_start(stream, 7, TCT_FIN_WAIT2, AUDIT_AT - 1);
	auditing_begin(stream);
	auditing_present_mini(stream, 7, TCT_FIN_WAIT2);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 1);
	stream_move(stream, 7, TCT_FIN_WAIT2, TCT_CLOSE, AUDIT_AT);
	recorder_take(&stream->recorder);
	auditing_again(stream);
	auditing_found_mini(stream, 7, TCT_FIN_WAIT2);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "1 mirrored 1 missing 0 ghosts 0 states 0 races 1 seeded 0 "
			      "beyond 0 requests 0\n");
	assert_non_null(mirrored(stream, 7, true));
}

/* By its timer alone a FIN may come unseen: told when found, and no drift. */
static void test_unseen_fin(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_FIN_WAIT2, 300);
	recorder_take(&stream->recorder);
	auditing_begin(stream);
	auditing_present_mini(stream, 7, TCT_TIME_WAIT);
	auditing_swept(stream);
	auditing_again(stream);
	auditing_found_mini(stream, 7, TCT_TIME_WAIT);
	auditing_settle(stream);
	stream_expect(stream,
		      "1100000000 tw 7 FIN_WAIT2 ? life 1099999700 fin-arrived rearmed 0 "
		      "42/connect\n"
		      "1100000000 move 7 FIN_WAIT2>TIME_WAIT ? 42/connect\n"
		      "1100000000 end 7 orderly local 42/connect\n"
		      AUDITED "1 mirrored 1 missing 0 ghosts 0 states 0 races 1 seeded 0 "
		      "beyond 0 requests 0\n");
}

/* Up to 6.12 a child is known by its address until its second event. */
static void test_child_by_its_address(void **state)
{
	struct tct_record_sock rec = stream_state(3, TCT_LISTEN, TCT_SYN_RECV, 100);
	struct stream *stream = *state;

	rec.id.rport = 0;
	rec.id.address = 0xffff888000000000ull + 7;
	stream_feed(stream, &rec);
	auditing_begin(stream);
	auditing_present(stream, 7, TCT_SYN_RECV);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 0);
	assert_non_null(mirrored(stream, 7, false));
}

/* Its address may be another's by now. */
static void test_child_at_an_old_address(void **state)
{
	struct tct_record_sock rec = stream_state(3, TCT_LISTEN, TCT_SYN_RECV, AUDIT_READ + 2);
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	auditing_begin(stream);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE, AUDIT_READ + 1);
	rec.id.rport = 0;
	rec.id.address = 0xffff888000000000ull + 7;
	stream_feed(stream, &rec);
	auditing_present(stream, 7, TCT_ESTABLISHED);
	auditing_swept(stream);
	assert_int_equal(auditing_suspects(stream), 0);
	assert_null(mirrored(stream, 7, false));
}

/* A port filter holds a connect's first event back until its second. */
static void test_held_back(void **state)
{
	static const struct tct_tracker_config config = { .holds_back = true };
	struct stream *stream = auditing_new(&config);

	(void)state;
	auditing_begin(stream);
	auditing_present(stream, 7, TCT_SYN_SENT);
	auditing_swept(stream);
	auditing_again(stream);
	auditing_found(stream, 7, TCT_SYN_SENT);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "1 mirrored 0 missing 0 ghosts 0 states 0 races 1 seeded 0 "
			      "beyond 0 requests 0\n");
	stream_free(stream);
}

/* In brief runs mini-sockets are not mirrored; behind a cgroup's filter nobody knows whose it is. */
static void test_minis_that_are_not_mirrored(void **state)
{
	static const struct tct_tracker_config configs[] = { { .brief = true },
							     { .minis_need_socket = true } };

	(void)state;
	for (size_t i = 0; i < COUNT(configs); i++) {
		struct stream *stream = auditing_new(&configs[i]);

		auditing_begin(stream);
		auditing_present_mini(stream, 7, TCT_TIME_WAIT);
		auditing_swept(stream);
		assert_int_equal(auditing_suspects(stream), 0);
		stream_free(stream);
	}
}

/* What nobody has read before is no drift; from then on it is. */
static void test_new_namespace(void **state)
{
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, AUDIT_AGAIN);
	struct tct_record_present present = {
		.h = { .size = sizeof(present), .tag = TCT_REC_PRESENT,
		       .version = TCT_RECORD_VERSION },
		.state = TCT_CLOSE_WAIT, .time_ns = AUDIT_READ, .cookie = 7, .netns = 9,
	};
	struct stream *stream = *state;

	rec.sock.id.netns = 9;
	for (int round = 0; round < 2; round++) {
		auditing_begin(stream);
		tct_audit_namespace(&stream->shards, 9);
		tct_audit_feed(&stream->shards, &present, sizeof(present));
		auditing_swept(stream);
		auditing_again(stream);
		tct_audit_feed(&stream->shards, &rec, sizeof(rec));
		auditing_settle(stream);
		present.cookie = rec.sock.id.cookie = 8;
	}
	stream_expect(stream, AUDITED "1 mirrored 1 missing 0 ghosts 0 states 0 races 0 seeded 1 "
			      "beyond 0 requests 0\n"
			      "1100000000 drift 8 missing ->CLOSE_WAIT\n"
			      AUDITED "1 mirrored 2 missing 1 ghosts 0 states 0 races 0 seeded 0 "
			      "beyond 0 requests 0\n");
	assert_false(mirrored(stream, 7, false)->flags & TCT_SOCK_REPAIRED);
}

/* A namespace that could not be read may have it; nothing is known. */
static void test_unread_namespace(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	recorder_take(&stream->recorder);
	lose(stream);
	tct_audit_begin(&stream->shards, AUDIT_AT, false);
	assert_false(tct_audit_sweep(&stream->shards, false, 1 << 20));
	auditing_settle(stream);
	stream_expect(stream, AUDITED "0 mirrored 1 missing 0 ghosts 0 states 0 races 0 seeded 0 "
			      "beyond 0 requests 0 incomplete\n");
	assert_true(stream->shards.stuck.degraded);
	assert_true(tct_audit_at(&stream->shards) == TCT_AUDIT_NEVER);
}

/* One audit, none of whose readings shows anything, while the kernel lists these namespaces. */
static void audit_listed(struct stream *stream, uint64_t at_ns, const uint32_t *listed, size_t count)
{
	tct_audit_begin(&stream->shards, at_ns, false);
	tct_audit_listed(&stream->shards, listed, count);
	auditing_swept(stream);
	tct_audit_again(&stream->shards);
	tct_audit_listed(&stream->shards, listed, count);
	while (tct_audit_settle(&stream->shards, at_ns + TCT_AUDIT_MOMENT_NS, true, 1))
		;
}

/* A namespace that the kernel has no more had its end; what is left of it later is a ghost. */
static void test_ended_namespace(void **state)
{
	static const uint32_t others[] = { 2, 3 };
	struct stream *stream = *state;
	uint64_t at_ns = AUDIT_AT;

	stream_connect_at_100(stream, 7);
	stream_start(stream, 8, TCT_TIME_WAIT, 200);
	recorder_take(&stream->recorder);
	audit_listed(stream, at_ns, others, COUNT(others));
	assert_non_null(mirrored(stream, 7, false));
	assert_int_equal(tct_audit_at(&stream->shards), 0);
	at_ns += TCT_AUDIT_ENDED_NS;
	recorder_take(&stream->recorder);
	audit_listed(stream, at_ns, others, COUNT(others));
	assert_null(mirrored(stream, 7, false));
	assert_non_null(mirrored(stream, 8, true));	/* its end may be on its way */
	assert_true(tct_audit_at(&stream->shards) == TCT_AUDIT_NEVER);
	audit_listed(stream, AUDIT_AT + TCT_AUDIT_ENDED_MINI_NS, others, COUNT(others));
	assert_null(mirrored(stream, 8, true));
}

/* Its number went to a new one meanwhile. */
static void test_ended_namespace_and_a_new_one(void **state)
{
	static const uint32_t listed[] = { 2, 1 };
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	audit_listed(stream, AUDIT_AT, listed, 1);
	audit_listed(stream, AUDIT_AT + TCT_AUDIT_ENDED_NS, listed, 2);
	assert_non_null(mirrored(stream, 7, false));
	audit_listed(stream, AUDIT_AT + TCT_AUDIT_ENDED_NS + 1, listed, 1);
	assert_non_null(mirrored(stream, 7, false));
	audit_listed(stream, AUDIT_AT + 2 * TCT_AUDIT_ENDED_NS + 1, listed, 1);
	assert_null(mirrored(stream, 7, false));
}

/* Too many have left to remember: nothing that is missing is judged, and another is wanted. */
static void test_overflow(void **state)
{
	struct stream *stream = *state;

	stream->shards.shard[0].audit.departed.max = 1;
	auditing_begin(stream);
	for (uint64_t cookie = 20; cookie < 22; cookie++)
		stream_move(stream, cookie, TCT_LAST_ACK, TCT_CLOSE, AUDIT_READ);
	recorder_take(&stream->recorder);
	auditing_present(stream, 7, TCT_CLOSE_WAIT);
	auditing_swept(stream);
	auditing_again(stream);
	auditing_found(stream, 7, TCT_CLOSE_WAIT);
	auditing_settle(stream);
	stream_expect(stream, AUDITED "1 mirrored 0 missing 0 ghosts 0 states 0 races 0 seeded 0 "
			      "beyond 0 requests 0 incomplete\n");
	assert_int_equal(tct_audit_at(&stream->shards), 0);
}

/* Many come back at once: they are in order afterwards. */
static void test_order_after_repair(void **state)
{
	struct stream *stream = *state;
	const struct tct_mirror *mirror = &stream->shards.shard[0].mirror;
	uint64_t last = 0;

	auditing_begin(stream);
	for (uint64_t cookie = 100; cookie < 200; cookie++)
		auditing_present(stream, cookie, TCT_CLOSE_WAIT);
	auditing_swept(stream);
	auditing_again(stream);
	for (uint64_t cookie = 100; cookie < 200; cookie++) {
		struct tct_record_found rec = stream_found(cookie, TCT_CLOSE_WAIT, AUDIT_AGAIN);

		rec.sock.flags |= TCT_SOCK_PEER_SEEN;
		rec.sock.rcv_age_ns = cookie * 7919 % 1000;
		tct_audit_feed(&stream->shards, &rec, sizeof(rec));
	}
	stream_move(stream, 1, TCT_ESTABLISHED, TCT_CLOSE_WAIT, AUDIT_AGAIN + 1);
	auditing_settle(stream);
	assert_int_equal(mirror->lists[0][TCT_CLOSE_WAIT].count, 101);
	for (uint32_t i = mirror->lists[0][TCT_CLOSE_WAIT].head; i;) {
		const struct tct_socket *sock = tct_mirror_at(mirror, i);

		assert_true(sock->entered_ns >= last);
		last = sock->entered_ns;
		i = sock->next;
	}
	assert_int_equal(last, AUDIT_AGAIN + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, auditing_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_differs),
		TEST(test_missing),
		TEST(test_missing_has_left),
		TEST(test_departed),
		TEST(test_ghost),
		TEST(test_no_ghost),
		TEST(test_alive_meanwhile),
		TEST(test_connect_takes_its_time),
		TEST(test_wrong_state),
		TEST(test_state_is_a_race),
		TEST(test_hand_over),
		TEST(test_unseen_fin),
		TEST(test_child_by_its_address),
		TEST(test_child_at_an_old_address),
		cmocka_unit_test(test_held_back),
		cmocka_unit_test(test_minis_that_are_not_mirrored),
		TEST(test_new_namespace),
		TEST(test_unread_namespace),
		TEST(test_ended_namespace),
		TEST(test_ended_namespace_and_a_new_one),
		TEST(test_overflow),
		TEST(test_order_after_repair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
