// SPDX-License-Identifier: GPL-2.0
/* How a connection ended: kind and closer, by what its last transition shows. */
#include "test.h"

#include <errno.h>
#include "ending.h"

/* A connection of one transition to CLOSE. */
static struct end end_at(enum tct_state from, uint32_t err)
{
	struct tct_record_sock rec = ending_record(from, TCT_CLOSE);
	struct end end;

	rec.err = err;
	rec.write_seq += from == TCT_LAST_ACK && err;	/* our FIN, unanswered */
	rec.write_seq += from == TCT_CLOSING && err;
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 50);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	return end;
}

static void expect_error(enum tct_state from, uint32_t err, enum tct_kind kind,
			 enum tct_closer closer)
{
	struct end end = end_at(from, err);

	ending_expect(&end, kind, closer);
}

static void test_errors(void **state)
{
	(void)state;
	expect_error(TCT_SYN_SENT, ECONNREFUSED, TCT_KIND_REFUSED, TCT_CLOSER_REMOTE);
	expect_error(TCT_SYN_SENT, ETIMEDOUT, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE);
	expect_error(TCT_ESTABLISHED, ECONNRESET, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
	expect_error(TCT_ESTABLISHED, ETIMEDOUT, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE);
	expect_error(TCT_ESTABLISHED, ECONNABORTED, TCT_KIND_DESTROYED, TCT_CLOSER_LOCAL);
	expect_error(TCT_ESTABLISHED, EIO, TCT_KIND_UNKNOWN, TCT_CLOSER_NONE);
}

/* Whose reset it was, or that it was nobody's, counts for more than whose FIN came first. */
static void test_errors_after_a_fin(void **state)
{
	(void)state;
	expect_error(TCT_CLOSE_WAIT, EPIPE, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
	expect_error(TCT_FIN_WAIT1, ECONNRESET, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
	expect_error(TCT_FIN_WAIT1, ETIMEDOUT, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE);
	expect_error(TCT_LAST_ACK, ETIMEDOUT, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE);
	expect_error(TCT_CLOSING, ECONNABORTED, TCT_KIND_DESTROYED, TCT_CLOSER_BOTH);
}

static void test_never_opened(void **state)
{
	(void)state;
	expect_error(TCT_SYN_SENT, 0, TCT_KIND_NEVER_OPENED, TCT_CLOSER_LOCAL);
	expect_error(TCT_SYN_RECV, 0, TCT_KIND_NEVER_OPENED, TCT_CLOSER_LOCAL);
}

/* What was before us is not guessed. */
static void test_unobserved(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end = end_at(TCT_LAST_ACK, 0);

	(void)state;
	ending_expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE);
	assert_true(end.got.half_close_ns == TCT_UNKNOWN);
	assert_true(end.got.bytes_after_fin == TCT_UNKNOWN);
	assert_true(end.got.fin_retransmits == TCT_UNKNOWN);
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, TCT_UNKNOWN);
	tct_teardown_make(&end.closing, &rec, TCT_TIME_WAIT, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
	assert_true(end.got.dwell_ns[TCT_FIN_WAIT2] == TCT_UNKNOWN);
}

static struct end abort_at(enum tct_state from, uint32_t unread, uint8_t flags, uint8_t shutdown)
{
	struct tct_record_sock rec = ending_record(from, TCT_CLOSE);
	struct end end;

	rec.shutdown = shutdown;
	rec.flags = flags | (from == TCT_CLOSE_WAIT ? TCT_SOCK_FIN : 0);
	rec.copied_seq = rec.rcv_nxt - unread - (from == TCT_CLOSE_WAIT);
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 50);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	return end;
}

static void test_abort_unread(void **state)
{
	struct end end = abort_at(TCT_ESTABLISHED, 1, 0, BOTH_SHUTDOWN);

	(void)state;
	ending_expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
	end = abort_at(TCT_CLOSE_WAIT, 1, 0, BOTH_SHUTDOWN);
	ending_expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_REMOTE);
	/* only the FIN is unread: that is no data */
	end = abort_at(TCT_CLOSE_WAIT, 0, 0, BOTH_SHUTDOWN);
	ending_expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE);
}

static void test_abort_linger(void **state)
{
	struct end end = abort_at(TCT_ESTABLISHED, 0, TCT_SOCK_ABORTS, BOTH_SHUTDOWN);

	(void)state;
	ending_expect(&end, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL);
	/* tcp_close() looks for unread data first */
	end = abort_at(TCT_ESTABLISHED, 100, TCT_SOCK_ABORTS, BOTH_SHUTDOWN);
	ending_expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
}

/* shutdown(SHUT_WR), then close() with SO_LINGER 0: the FIN was first, the reset is the end. */
static void test_abort_after_half_close(void **state)
{
	struct end end = abort_at(TCT_FIN_WAIT2, 0, TCT_SOCK_ABORTS, BOTH_SHUTDOWN);

	(void)state;
	ending_expect(&end, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL);
	end = abort_at(TCT_FIN_WAIT1, 1, 0, BOTH_SHUTDOWN);
	ending_expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
	/* long after close(): the kernel let go of it, and SO_LINGER says nothing */
	end = abort_at(TCT_FIN_WAIT2, 0, TCT_SOCK_ABORTS | TCT_SOCK_DEAD, BOTH_SHUTDOWN);
	ending_expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
}

/* Unread data and SO_LINGER mean nothing where close() was not called. */
static void test_no_abort(void **state)
{
	struct end end = abort_at(TCT_ESTABLISHED, 100, TCT_SOCK_ABORTS, 0);

	(void)state;
	ending_expect(&end, TCT_KIND_DISCONNECTED, TCT_CLOSER_LOCAL);
	end = abort_at(TCT_CLOSE_WAIT, 100, TCT_SOCK_ABORTS, RCV_SHUTDOWN);
	ending_expect(&end, TCT_KIND_DISCONNECTED, TCT_CLOSER_REMOTE);
	end = abort_at(TCT_FIN_WAIT2, 0, 0, SEND_SHUTDOWN);
	ending_expect(&end, TCT_KIND_DISCONNECTED, TCT_CLOSER_LOCAL);
	/* its listener has closed */
	end = abort_at(TCT_ESTABLISHED, 100, TCT_SOCK_QUEUED, 0);
	ending_expect(&end, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL);
}

/* FIN_WAIT2 of nobody, without an error: what came after says which of three it was. */
static void test_orphan(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end;

	(void)state;
	rec.flags = TCT_SOCK_DEAD;
	rec.shutdown = BOTH_SHUTDOWN;
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 50);
	assert_true(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	ending_expect(&end, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	ending_expect(&end, TCT_KIND_REAPED, TCT_CLOSER_NONE);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_NONE),
			 TCT_FIN_WAIT2);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_UNKNOWN), TCT_NONE);
	rec.traits = TCT_TRAIT_LINGER2;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	ending_expect(&end, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL);
	rec.traits = 0;
	rec.from = TCT_FIN_WAIT1;	/* data comes in FIN_WAIT2; here memory ran out */
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	ending_expect(&end, TCT_KIND_REAPED, TCT_CLOSER_NONE);
}

/* Data after shutdown(SHUT_RDWR) looks like a reset that came, until ours goes out. */
static void test_late_data(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end;

	(void)state;
	rec.err = ECONNRESET;
	rec.shutdown = BOTH_SHUTDOWN;
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 50);
	assert_true(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	ending_expect(&end, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	ending_expect(&end, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
	rec.shutdown = SEND_SHUTDOWN;	/* it still reads: data would have been taken */
	assert_false(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
}

/* Both FINs have come, and no mini-socket: the bucket limit. The close itself was orderly. */
static void test_never_created(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end = ending_active(1, 0, 0, BOTH_SHUTDOWN);

	(void)state;
	rec.flags = TCT_SOCK_FIN;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	ending_expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_NONE),
			 TCT_TIME_WAIT);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_TIME_WAIT, TCT_RESET_NONE), TCT_NONE);
	rec.from = TCT_CLOSING;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	ending_expect(&end, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH);
	rec.from = TCT_LAST_ACK;
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_NONE), TCT_NONE);
}

/* An ICMP error ends a connect; later it only explains why retransmissions gave up. */
static void test_unreachable(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_CLOSE);
	struct end end;

	(void)state;
	expect_error(TCT_SYN_SENT, EHOSTUNREACH, TCT_KIND_UNREACHABLE, TCT_CLOSER_NONE);
	rec.err = EHOSTUNREACH;
	rec.retransmits = 9;
	tct_closing_init(&end.closing);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE);
	assert_int_equal(end.got.retransmits, 9);
	rec.shutdown = BOTH_SHUTDOWN;	/* by close(), whatever had been reported before */
	rec.copied_seq -= 86;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.unread_bytes, 86);
}

static void test_repair(void **state)
{
	struct tct_record_sock rec = ending_record(TCT_ESTABLISHED, TCT_CLOSE);
	struct end end;

	(void)state;
	rec.shutdown = BOTH_SHUTDOWN;
	rec.traits = TCT_TRAIT_REPAIR;
	tct_closing_init(&end.closing);
	assert_false(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	ending_expect(&end, TCT_KIND_REPAIR, TCT_CLOSER_LOCAL);
}

static void expect_mini(enum tct_end reason, enum tct_kind kind, enum tct_closer closer)
{
	struct end end;

	tct_closing_init(&end.closing);
	tct_closing_stayed(&end.closing, TCT_FIN_WAIT2, 3);
	tct_teardown_make_mini(&end.closing, reason, 777, &end.got);
	ending_expect(&end, kind, closer);
	assert_int_equal(end.got.dwell_ns[TCT_FIN_WAIT2], 777);
}

static void test_mini(void **state)
{
	(void)state;
	expect_mini(TCT_END_FIN_ARRIVED, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	expect_mini(TCT_END_RESET, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
	expect_mini(TCT_END_RESET_SENT, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL);
	expect_mini(TCT_END_DESTROYED, TCT_KIND_DESTROYED, TCT_CLOSER_LOCAL);
	expect_mini(TCT_END_EXPIRED, TCT_KIND_REAPED, TCT_CLOSER_NONE);
	expect_mini(TCT_END_PURGED, TCT_KIND_REAPED, TCT_CLOSER_NONE);
	expect_mini(TCT_END_UNKNOWN, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_errors_after_a_fin),
		cmocka_unit_test(test_never_opened),
		cmocka_unit_test(test_unobserved),
		cmocka_unit_test(test_abort_unread),
		cmocka_unit_test(test_abort_linger),
		cmocka_unit_test(test_abort_after_half_close),
		cmocka_unit_test(test_no_abort),
		cmocka_unit_test(test_orphan),
		cmocka_unit_test(test_late_data),
		cmocka_unit_test(test_never_created),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_mini),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
