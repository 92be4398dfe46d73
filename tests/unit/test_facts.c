// SPDX-License-Identifier: GPL-2.0
/* From a found socket to facts, their sum over a finding, and the age that they prove. */
#include "test.h"

#include "../../user/core/facts.h"
#include "stream.h"

#define NOW (1000 * SECOND)

/* The fact of one record. */
static struct tct_fact fact_of(const struct tct_record_found *rec)
{
	const struct tct_socket sock = { .index = 1, .cookie = rec->sock.id.cookie };
	struct tct_facts facts = { 0 };
	struct tct_fact fact;

	assert_int_equal(tct_facts_add(&facts, 0, &sock, rec), 0);
	fact = facts.list[0];
	tct_facts_fini(&facts);
	return fact;
}

static void test_nothing_known(void **state)
{
	struct tct_record_found rec = stream_found(7, TCT_FIN_WAIT1, NOW);
	struct tct_fact fact = fact_of(&rec);

	(void)state;
	assert_int_equal(fact.key, 7);
	assert_int_equal(fact.rcv_age_ns, TCT_UNKNOWN);
	assert_int_equal(fact.data_age_ns, TCT_UNKNOWN);
	assert_int_equal(fact.timer_ns, TCT_UNKNOWN);
	assert_int_equal(fact.kept_ns, TCT_UNKNOWN);
	assert_int_equal(fact.limit, -1);
}

static void test_all_known(void **state)
{
	struct tct_record_found rec = stream_found(7, TCT_FIN_WAIT2, NOW);
	struct tct_fact fact;

	(void)state;
	rec.known = 0xff;
	rec.limit = 8;
	rec.data_age_ns = 1;
	rec.timer_ns = -2;	/* it fires late */
	rec.kept_ns = 3;
	rec.sock.flags = TCT_SOCK_PEER_SEEN | TCT_SOCK_DEAD;
	rec.sock.rcv_age_ns = 4;
	fact = fact_of(&rec);
	assert_int_equal(fact.data_age_ns, 1);
	assert_int_equal(fact.timer_ns, 0);
	assert_int_equal(fact.kept_ns, 3);
	assert_int_equal(fact.rcv_age_ns, 4);
	assert_int_equal(fact.limit, 8);
	assert_true(fact.ulp);
	rec.sock.retransmits = 8;	/* time-outs shorter than usual */
	fact = fact_of(&rec);
	assert_int_equal(fact.limit, -1);
}

/* Sequence numbers wrap; SYN and FIN are no data. */
static void test_bytes(void **state)
{
	static const struct {
		enum tct_state state;
		uint32_t unacked;
	} cases[] = { { TCT_CLOSE_WAIT, 11 }, { TCT_FIN_WAIT1, 10 }, { TCT_CLOSING, 10 },
		      { TCT_LAST_ACK, 10 }, { TCT_SYN_RECV, 10 }, { TCT_FIN_WAIT2, 11 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tct_record_found rec = stream_found(7, cases[i].state, NOW);
		struct tct_fact fact;

		rec.sock.snd_una = (uint32_t)-5;
		rec.sock.snd_nxt = 2;
		rec.sock.write_seq = 6;
		rec.sock.copied_seq = (uint32_t)-1;
		rec.sock.rcv_nxt = 2;
		fact = fact_of(&rec);
		assert_int_equal(fact.unacked, cases[i].unacked);
		assert_int_equal(fact.unsent, 4);
		assert_int_equal(fact.unread, 3);
	}
}

/* copied_seq is one past the FIN once that has been read. */
static void test_fin_read(void **state)
{
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, NOW);

	(void)state;
	rec.sock.rcv_nxt = 10;
	rec.sock.copied_seq = 11;
	assert_int_equal(fact_of(&rec).unread, 0);
}

static struct tct_socket socket_at(uint32_t index, uint64_t cookie)
{
	return (struct tct_socket){ .index = index, .cookie = cookie };
}

/* By the socket's index, in each shard; what has an index now that another had is not found. */
static void test_find(void **state)
{
	struct tct_facts facts = { 0 };
	struct tct_socket sock = socket_at(1, 2), other = socket_at(1, 3);

	(void)state;
	assert_null(tct_facts_find(&facts, 0, &sock));
	for (uint32_t index = 200; index; index--) {
		struct tct_record_found rec = stream_found(2 * index, TCT_CLOSE_WAIT, NOW);

		sock = socket_at(index, 2 * index);
		rec.snd_wnd = index;
		assert_int_equal(tct_facts_add(&facts, index % 2, &sock, &rec), 0);
	}
	for (uint32_t index = 1; index <= 200; index++) {
		sock = socket_at(index, 2 * index);
		assert_int_equal(tct_facts_find(&facts, index % 2, &sock)->snd_wnd, index);
		assert_null(tct_facts_find(&facts, !(index % 2), &sock));
	}
	assert_null(tct_facts_find(&facts, 1, &other));
	sock = socket_at(100000, 2);
	assert_null(tct_facts_find(&facts, 1, &sock));
	tct_facts_clear(&facts);
	sock = socket_at(1, 2);
	assert_null(tct_facts_find(&facts, 1, &sock));
	tct_facts_fini(&facts);
}

static void test_sum(void **state)
{
	const struct tct_fact facts[] = {
		{ .unacked = 10, .retransmits = 1, .limit = 15, .timer_ns = 500, .kept_ns = 7 },
		{ .unacked = 5, .retransmits = 3, .limit = 8, .timer_ns = TCT_UNKNOWN,
		  .kept_ns = TCT_UNKNOWN, .flags = TCT_SOCK_DEAD },
		{ .retransmits = 2, .probes = 4, .limit = 9, .timer_ns = 400, .kept_ns = 9,
		  .unsent = 1 },
	};
	struct tct_lingering why;

	(void)state;
	tct_lingering_init(&why);
	assert_int_equal(why.unacked_bytes, TCT_UNKNOWN);
	assert_int_equal(why.orphans, TCT_UNKNOWN);
	assert_int_equal(why.next_ns, TCT_UNKNOWN);
	for (size_t i = 0; i < 3; i++)
		tct_lingering_add(&why, &facts[i]);
	assert_int_equal(why.unacked_bytes, 15);
	assert_int_equal(why.zero_window, 1);
	assert_int_equal(why.orphans, 1);
	assert_int_equal(why.retransmits, 3);
	assert_int_equal(why.probes, 4);
	assert_int_equal(why.limit, 8);
	assert_int_equal(why.next_ns, 400);
	assert_int_equal(why.kept_ns, 9);
}

/* An unanswered FIN: 0.2, 0.4, 0.8 s waited out, 0.6 s of 1.6 s gone. */
static struct tct_record_found unanswered_fin(enum tct_state state)
{
	struct tct_record_found rec = stream_found(7, state, NOW);

	rec.known = TCT_FOUND_TIMER;
	rec.sock.write_seq = rec.sock.snd_nxt = 1;
	rec.sock.retransmits = 3;
	rec.rto_ns = 16 * SECOND / 10;
	rec.timer_ns = SECOND;
	return rec;
}

static void test_age_of_fin(void **state)
{
	struct tct_record_found rec = unanswered_fin(TCT_FIN_WAIT1);

	(void)state;
	assert_int_equal(tct_found_age(&rec), 14 * SECOND / 10 + 6 * SECOND / 10);
	rec = unanswered_fin(TCT_LAST_ACK);
	assert_int_equal(tct_found_age(&rec), 2 * SECOND);
	rec.known = TCT_FOUND_TIMER | TCT_FOUND_CLAMPED;
	assert_int_equal(tct_found_age(&rec), 14 * SECOND / 10);
	rec.known = 0;
	assert_int_equal(tct_found_age(&rec), 14 * SECOND / 10);
	rec.known = TCT_FOUND_TIMER;
	rec.timer_ns = SECOND / 2;	/* perhaps a local failure: tried again soon */
	assert_int_equal(tct_found_age(&rec), 14 * SECOND / 10);
}

/* Data before it may have waited before the FIN was there. */
static void test_age_of_fin_behind_data(void **state)
{
	struct tct_record_found rec = unanswered_fin(TCT_FIN_WAIT1);

	(void)state;
	rec.sock.write_seq = 2;
	assert_int_equal(tct_found_age(&rec), 0);
	rec = unanswered_fin(TCT_FIN_WAIT1);
	rec.sock.retransmits = 0;
	assert_int_equal(tct_found_age(&rec), 0);
}

static void test_age_by_the_peer(void **state)
{
	static const enum tct_state states[] = { TCT_CLOSE_WAIT, TCT_FIN_WAIT2, TCT_CLOSING };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct tct_record_found rec = stream_found(7, states[i], NOW);

		rec.sock.rcv_age_ns = SECOND;
		assert_int_equal(tct_found_age(&rec), 0);
		rec.sock.flags = TCT_SOCK_PEER_SEEN;
		assert_int_equal(tct_found_age(&rec), SECOND);
	}
}

static void test_age_of_request(void **state)
{
	struct tct_record_found rec = stream_found(7, TCT_NEW_SYN_RECV, NOW);

	(void)state;
	assert_int_equal(tct_found_age(&rec), 0);
	rec.known = TCT_FOUND_AGE;
	rec.age_ns = SECOND;
	assert_int_equal(tct_found_age(&rec), SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_all_known),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_fin_read),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_age_of_fin),
		cmocka_unit_test(test_age_of_fin_behind_data),
		cmocka_unit_test(test_age_by_the_peer),
		cmocka_unit_test(test_age_of_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
