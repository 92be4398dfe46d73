// SPDX-License-Identifier: GPL-2.0
/* What the numbers of a closing tell: three segments or four, half-closes, retransmissions. */
#include "test.h"

#include "ending.h"

static void test_init(void **state)
{
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	for (int s = 0; s < TCT_STATES; s++)
		assert_true(tct_closing_dwell(&closing, s) == TCT_UNKNOWN);
	assert_true(closing.fin_retransmits == TCT_UNKNOWN);
	assert_true(closing.bytes_after_fin == TCT_UNKNOWN);
	assert_false(closing.fin_seen);
}

static void test_orderly(void **state)
{
	struct end end = ending_active(1, 0, 0, BOTH_SHUTDOWN);

	(void)state;
	ending_expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.dwell_ns[TCT_ESTABLISHED], 900);
	assert_int_equal(end.got.dwell_ns[TCT_FIN_WAIT1], 20);
	assert_int_equal(end.got.dwell_ns[TCT_FIN_WAIT2], 30);
	assert_true(end.got.dwell_ns[TCT_TIME_WAIT] == TCT_UNKNOWN);
	assert_int_equal(end.got.fin_retransmits, 0);
	assert_int_equal(end.got.half_close_ns, 0);
	assert_int_equal(end.got.bytes_after_fin, 0);
}

static void test_orderly_merged(void **state)
{
	struct end end = ending_active(0, 0, 0, BOTH_SHUTDOWN);

	(void)state;
	ending_expect(&end, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.half_close_ns, 0);
}

static void test_fin_retransmitted(void **state)
{
	struct end end = ending_active(1, 0, 2, BOTH_SHUTDOWN);

	(void)state;
	ending_expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.fin_retransmits, 2);
}

/* shutdown(SHUT_WR), then the peer's answer: the half-close lasted as long as FIN_WAIT2. */
static void test_half_close(void **state)
{
	struct end end = ending_active(5, 4321, 0, SEND_SHUTDOWN);

	(void)state;
	ending_expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.half_close_ns, 30);
	assert_int_equal(end.got.bytes_after_fin, 4321);
}

/* Data was in flight with the FIN: what was sent again need not have been the FIN. */
static void test_fin_not_alone(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	rec.write_seq = rec.snd_una + 100;
	tct_closing_step(&closing, &rec, 900);
	rec.from = TCT_FIN_WAIT1;
	rec.to = TCT_FIN_WAIT2;
	rec.total_retrans = 2;
	tct_closing_step(&closing, &rec, 20);
	assert_true(closing.fin_retransmits == TCT_UNKNOWN);
}

static struct end passive(uint32_t segs, uint32_t bytes, uint32_t retrans)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_CLOSE_WAIT);
	struct end end;

	tct_closing_init(&end.closing);
	rec.shutdown = RCV_SHUTDOWN;
	tct_closing_step(&end.closing, &rec, 900);
	rec.from = TCT_CLOSE_WAIT;
	rec.to = TCT_LAST_ACK;
	rec.write_seq += bytes;
	rec.snd_una = rec.snd_nxt = rec.write_seq;
	rec.bytes_acked += bytes;
	rec.segs_out += segs;
	tct_closing_step(&end.closing, &rec, 70);
	rec.from = TCT_LAST_ACK;
	rec.to = TCT_CLOSE;
	rec.total_retrans = retrans;
	rec.segs_out += 1 + retrans;
	tct_closing_step(&end.closing, &rec, 5);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	return end;
}

static void test_passive(void **state)
{
	struct end end = passive(1, 0, 0);

	(void)state;
	ending_expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE);
	assert_int_equal(end.got.dwell_ns[TCT_CLOSE_WAIT], 70);
	assert_int_equal(end.got.dwell_ns[TCT_LAST_ACK], 5);
	assert_int_equal(end.got.fin_retransmits, 0);
	assert_int_equal(end.got.half_close_ns, 0);
	assert_int_equal(end.got.bytes_after_fin, 0);
}

/* No ACK of its own went out before our FIN. */
static void test_passive_merged(void **state)
{
	struct end end = passive(0, 0, 1);

	(void)state;
	ending_expect(&end, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_REMOTE);
	assert_int_equal(end.got.fin_retransmits, 1);
}

/* Two segments in LAST_ACK, `unsent` bytes before our FIN, which was sent again `again` times. */
static enum tct_kind two_in_last_ack(uint32_t unsent, uint32_t again)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_CLOSE_WAIT);
	struct tct_closing closing;
	struct tct_teardown got;

	tct_closing_init(&closing);
	tct_closing_step(&closing, &rec, 900);
	rec.from = TCT_CLOSE_WAIT;
	rec.to = TCT_LAST_ACK;
	rec.write_seq += unsent;
	tct_closing_step(&closing, &rec, 70);
	rec.from = TCT_LAST_ACK;
	rec.to = TCT_CLOSE;
	rec.snd_una = rec.snd_nxt = rec.write_seq;
	rec.total_retrans += again;
	rec.segs_out += 2 + again;
	tct_closing_step(&closing, &rec, 5);
	tct_teardown_make(&closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &got);
	return got.kind;
}

/*
 * Behind data the acknowledgement went before our FIN. Else the other segment may as well have been
 * the answer to a FIN that the peer sent again.
 */
static void test_passive_fin_waited(void **state)
{
	(void)state;
	assert_int_equal(two_in_last_ack(100, 0), TCT_KIND_ORDERLY);
	assert_int_equal(two_in_last_ack(0, 0), TCT_KIND_UNKNOWN);
	assert_int_equal(two_in_last_ack(100, 1), TCT_KIND_UNKNOWN);
}

/* GRO makes one segment of several that carry data: the FIN need not have come with the ACK. */
static void test_data_with_the_fin(void **state)
{
	for (uint32_t segs = 1; segs <= 2; segs++) {
		struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
		struct tct_closing closing;
		struct tct_teardown got;

		tct_closing_init(&closing);
		tct_closing_step(&closing, &rec, 900);
		rec.from = TCT_FIN_WAIT1;
		rec.to = TCT_FIN_WAIT2;
		rec.segs_in += segs;
		tct_closing_step(&closing, &rec, 20);
		rec.from = TCT_FIN_WAIT2;
		rec.to = TCT_CLOSE;
		rec.rcv_nxt += 2 * 1448 + 1;
		tct_closing_step(&closing, &rec, 30);
		tct_teardown_make(&closing, &rec, TCT_TIME_WAIT, TCT_RESET_UNKNOWN, &got);
		assert_int_equal(got.kind, segs == 1 ? TCT_KIND_ORDERLY_MERGED : TCT_KIND_UNKNOWN);
	}
	(void)state;
}

/* ACK and FIN waited for a system call: two segments look like one, unless there was but one. */
static void test_backlog(void **state)
{
	for (uint32_t segs = 1; segs <= 2; segs++) {
		struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
		struct tct_closing closing;
		struct tct_teardown got;

		tct_closing_init(&closing);
		tct_closing_step(&closing, &rec, 900);
		rec.from = TCT_FIN_WAIT1;
		rec.to = TCT_FIN_WAIT2;
		rec.segs_in += segs;
		rec.flags = TCT_SOCK_BACKLOG;
		tct_closing_step(&closing, &rec, 20);
		rec.from = TCT_FIN_WAIT2;
		rec.to = TCT_CLOSE;
		rec.flags = 0;
		rec.rcv_nxt++;
		tct_closing_step(&closing, &rec, 30);
		tct_teardown_make(&closing, &rec, TCT_TIME_WAIT, TCT_RESET_UNKNOWN, &got);
		assert_int_equal(got.kind, segs == 1 ? TCT_KIND_ORDERLY_MERGED : TCT_KIND_UNKNOWN);
	}
	(void)state;
}

/* We went on sending after the peer's FIN. */
static void test_passive_half_close(void **state)
{
	struct end end = passive(4, 4000, 0);

	(void)state;
	ending_expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE);
	assert_int_equal(end.got.half_close_ns, 70);
	assert_int_equal(end.got.bytes_after_fin, 4000);
}

static void test_simultaneous(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct end end;

	(void)state;
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 900);
	rec.from = TCT_FIN_WAIT1;
	rec.to = TCT_CLOSING;
	tct_closing_step(&end.closing, &rec, 20);
	rec.from = TCT_CLOSING;
	rec.to = TCT_CLOSE;
	tct_closing_step(&end.closing, &rec, 10);
	tct_teardown_make(&end.closing, &rec, TCT_TIME_WAIT, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH);
	assert_int_equal(end.got.dwell_ns[TCT_CLOSING], 10);
}

/* What became of the one that closed it. */
static void test_process(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	tct_closing_step(&closing, &rec, 10);
	assert_int_equal(closing.process, TCT_PROCESS_UNKNOWN);
	rec.flags = TCT_SOCK_TASK;
	tct_closing_step(&closing, &rec, 10);
	assert_int_equal(closing.process, TCT_PROCESS_RUNS);
	rec.traits = TCT_TRAIT_EXITING;
	tct_closing_step(&closing, &rec, 10);
	assert_int_equal(closing.process, TCT_PROCESS_EXITED);
	rec.signal = 9;
	tct_closing_step(&closing, &rec, 10);
	assert_int_equal(closing.process, TCT_PROCESS_KILLED);
	assert_int_equal(closing.signal, 9);
}

/* close() after shutdown() sets the same state again: its time goes on. */
static void test_same_state(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_FIN_WAIT2, TCT_FIN_WAIT2);
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	tct_closing_step(&closing, &rec, 40);
	assert_true(tct_closing_dwell(&closing, TCT_FIN_WAIT2) == TCT_UNKNOWN);
}

/*
 * shutdown(SHUT_WR), then close() before the FIN was acknowledged: FIN_WAIT1 to FIN_WAIT1. It
 * queues no second FIN: what came and was sent again since the first one counts.
 */
static void test_close_before_fin_acknowledged(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	rec.shutdown = SEND_SHUTDOWN;
	tct_closing_step(&closing, &rec, 900);
	rec.from = TCT_FIN_WAIT1;
	rec.shutdown = BOTH_SHUTDOWN;
	rec.write_seq++;	/* the FIN takes a number, and is not acknowledged */
	rec.total_retrans = 2;
	rec.rcv_nxt += 50;
	rec.bytes_received += 50;
	tct_closing_step(&closing, &rec, 10);
	rec.to = TCT_FIN_WAIT2;
	rec.snd_una = rec.write_seq;
	rec.total_retrans = 5;
	tct_closing_step(&closing, &rec, 20);
	assert_int_equal(closing.fin_retransmits, 5);
	assert_int_equal(tct_closing_dwell(&closing, TCT_FIN_WAIT1), 20);
	rec.from = TCT_FIN_WAIT2;
	rec.to = TCT_CLOSE;
	rec.rcv_nxt++;
	rec.bytes_received++;
	rec.flags = TCT_SOCK_FIN;
	tct_closing_step(&closing, &rec, 30);
	assert_int_equal(closing.bytes_after_fin, 50);
}

/* Sequence numbers wrap; no FIN has come. */
static void test_wrap(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	rec.rcv_nxt = 0xfffffff0;
	tct_closing_step(&closing, &rec, 900);
	rec.from = TCT_FIN_WAIT2;
	rec.to = TCT_CLOSE;
	rec.rcv_nxt += 100;
	rec.bytes_received += (5ULL << 30) + 100;
	tct_closing_step(&closing, &rec, 30);
	assert_int_equal(closing.bytes_after_fin, (5LL << 30) + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_orderly),
		cmocka_unit_test(test_orderly_merged),
		cmocka_unit_test(test_fin_retransmitted),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_fin_not_alone),
		cmocka_unit_test(test_passive),
		cmocka_unit_test(test_passive_merged),
		cmocka_unit_test(test_passive_fin_waited),
		cmocka_unit_test(test_backlog),
		cmocka_unit_test(test_data_with_the_fin),
		cmocka_unit_test(test_passive_half_close),
		cmocka_unit_test(test_simultaneous),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_same_state),
		cmocka_unit_test(test_close_before_fin_acknowledged),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
