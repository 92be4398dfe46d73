// SPDX-License-Identifier: GPL-2.0
/* How a connection ended: kind, closer, and the numbers of its last part. */
#include "test.h"

#include <errno.h>
#include "../../user/core/teardown.h"
#include "stream.h"

#define RCV_SHUTDOWN 1
#define SEND_SHUTDOWN 2
#define BOTH_SHUTDOWN 3

struct end {
	struct tct_closing closing;
	struct tct_teardown got;
};

static struct tct_record_sock record(enum tct_state from, enum tct_state to)
{
	struct tct_record_sock rec = stream_state(7, from, to, 100);

	rec.snd_una = rec.snd_nxt = rec.write_seq = 1000;
	rec.rcv_nxt = rec.copied_seq = 5000;
	rec.segs_in = rec.segs_out = 10;
	return rec;
}

static void expect(const struct end *end, enum tct_kind kind, enum tct_closer closer)
{
	assert_string_equal(tct_kind_name(end->got.kind), tct_kind_name(kind));
	assert_string_equal(tct_closer_name(end->got.closer), tct_closer_name(closer));
}

/* A connection of one transition to CLOSE. */
static struct end end_at(enum tct_state from, uint32_t err)
{
	struct tct_record_sock rec = record(from, TCT_CLOSE);
	struct end end;

	rec.err = err;
	rec.write_seq += from == TCT_LAST_ACK && err;	/* our FIN, unanswered */
	rec.write_seq += from == TCT_CLOSING && err;
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 50);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	return end;
}

static void test_init(void **state)
{
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	for (int s = 0; s < TCT_STATES; s++)
		assert_true(closing.dwell_ns[s] == TCT_UNKNOWN);
	assert_true(closing.fin_retransmits == TCT_UNKNOWN);
	assert_true(closing.bytes_after_fin == TCT_UNKNOWN);
	assert_false(closing.fin_seen);
}

/*
 * Our close, the peer's FIN after `segs` more segments with `bytes` of data in them; ours was
 * sent again `retrans` times.
 */
static struct end active(uint32_t segs, uint32_t bytes, uint32_t retrans, uint8_t shutdown)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct end end;

	tct_closing_init(&end.closing);
	rec.shutdown = shutdown;
	rec.total_retrans = 3;
	tct_closing_step(&end.closing, &rec, 900);
	rec.from = TCT_FIN_WAIT1;
	rec.to = TCT_FIN_WAIT2;
	rec.total_retrans += retrans;
	tct_closing_step(&end.closing, &rec, 20);
	rec.from = TCT_FIN_WAIT2;
	rec.to = TCT_CLOSE;
	rec.segs_in += segs;
	rec.rcv_nxt += bytes + 1;
	tct_closing_step(&end.closing, &rec, 30);
	tct_teardown_make(&end.closing, &rec, TCT_TIME_WAIT, TCT_RESET_UNKNOWN, &end.got);
	return end;
}

static void test_orderly(void **state)
{
	struct end end = active(1, 0, 0, BOTH_SHUTDOWN);

	(void)state;
	expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
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
	struct end end = active(0, 0, 0, BOTH_SHUTDOWN);

	(void)state;
	expect(&end, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.half_close_ns, 0);
}

static void test_fin_retransmitted(void **state)
{
	struct end end = active(1, 0, 2, BOTH_SHUTDOWN);

	(void)state;
	expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.fin_retransmits, 2);
}

/* shutdown(SHUT_WR), then the peer's answer: the half-close lasted as long as FIN_WAIT2. */
static void test_half_close(void **state)
{
	struct end end = active(5, 4321, 0, SEND_SHUTDOWN);

	(void)state;
	expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.half_close_ns, 30);
	assert_int_equal(end.got.bytes_after_fin, 4321);
}

/* Data was in flight with the FIN: what was sent again need not have been the FIN. */
static void test_fin_not_alone(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
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
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_CLOSE_WAIT);
	struct end end;

	tct_closing_init(&end.closing);
	rec.shutdown = RCV_SHUTDOWN;
	tct_closing_step(&end.closing, &rec, 900);
	rec.from = TCT_CLOSE_WAIT;
	rec.to = TCT_LAST_ACK;
	rec.write_seq += bytes;
	rec.snd_una = rec.write_seq;
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
	expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE);
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
	expect(&end, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_REMOTE);
	assert_int_equal(end.got.fin_retransmits, 1);
}

/* Our FIN waited behind data or a closed window: the acknowledgement went before it. */
static void test_passive_fin_waited(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_CLOSE_WAIT);
	struct tct_closing closing;
	struct tct_teardown got;

	(void)state;
	tct_closing_init(&closing);
	tct_closing_step(&closing, &rec, 900);
	rec.from = TCT_CLOSE_WAIT;
	rec.to = TCT_LAST_ACK;
	tct_closing_step(&closing, &rec, 70);
	rec.from = TCT_LAST_ACK;
	rec.to = TCT_CLOSE;
	rec.segs_out += 2;
	tct_closing_step(&closing, &rec, 5);
	tct_teardown_make(&closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &got);
	assert_int_equal(got.kind, TCT_KIND_ORDERLY);
}

/* ACK and FIN waited for a system call: two segments look like one, unless there was but one. */
static void test_backlog(void **state)
{
	for (uint32_t segs = 1; segs <= 2; segs++) {
		struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
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
	expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE);
	assert_int_equal(end.got.half_close_ns, 70);
	assert_int_equal(end.got.bytes_after_fin, 4000);
}

static void test_simultaneous(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
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
	expect(&end, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH);
	assert_int_equal(end.got.dwell_ns[TCT_CLOSING], 10);
}

static void expect_error(enum tct_state from, uint32_t err, enum tct_kind kind,
			 enum tct_closer closer)
{
	struct end end = end_at(from, err);

	expect(&end, kind, closer);
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
	struct tct_record_sock rec = record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end = end_at(TCT_LAST_ACK, 0);

	(void)state;
	expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE);
	assert_true(end.got.half_close_ns == TCT_UNKNOWN);
	assert_true(end.got.bytes_after_fin == TCT_UNKNOWN);
	assert_true(end.got.fin_retransmits == TCT_UNKNOWN);
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, TCT_UNKNOWN);
	tct_teardown_make(&end.closing, &rec, TCT_TIME_WAIT, TCT_RESET_UNKNOWN, &end.got);
	expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
	assert_true(end.got.dwell_ns[TCT_FIN_WAIT2] == TCT_UNKNOWN);
}

static struct end abort_at(enum tct_state from, uint32_t unread, uint8_t flags, uint8_t shutdown)
{
	struct tct_record_sock rec = record(from, TCT_CLOSE);
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
	expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
	end = abort_at(TCT_CLOSE_WAIT, 1, 0, BOTH_SHUTDOWN);
	expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_REMOTE);
	/* only the FIN is unread: that is no data */
	end = abort_at(TCT_CLOSE_WAIT, 0, 0, BOTH_SHUTDOWN);
	expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE);
}

static void test_abort_linger(void **state)
{
	struct end end = abort_at(TCT_ESTABLISHED, 0, TCT_SOCK_ABORTS, BOTH_SHUTDOWN);

	(void)state;
	expect(&end, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL);
	/* tcp_close() looks for unread data first */
	end = abort_at(TCT_ESTABLISHED, 100, TCT_SOCK_ABORTS, BOTH_SHUTDOWN);
	expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
}

/* shutdown(SHUT_WR), then close() with SO_LINGER 0: the FIN was first, the reset is the end. */
static void test_abort_after_half_close(void **state)
{
	struct end end = abort_at(TCT_FIN_WAIT2, 0, TCT_SOCK_ABORTS, BOTH_SHUTDOWN);

	(void)state;
	expect(&end, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL);
	end = abort_at(TCT_FIN_WAIT1, 1, 0, BOTH_SHUTDOWN);
	expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
	/* long after close(): the kernel let go of it, and SO_LINGER says nothing */
	end = abort_at(TCT_FIN_WAIT2, 0, TCT_SOCK_ABORTS | TCT_SOCK_DEAD, BOTH_SHUTDOWN);
	expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
}

/* Unread data and SO_LINGER mean nothing where close() was not called. */
static void test_no_abort(void **state)
{
	struct end end = abort_at(TCT_ESTABLISHED, 100, TCT_SOCK_ABORTS, 0);

	(void)state;
	expect(&end, TCT_KIND_DISCONNECTED, TCT_CLOSER_LOCAL);
	end = abort_at(TCT_CLOSE_WAIT, 100, TCT_SOCK_ABORTS, RCV_SHUTDOWN);
	expect(&end, TCT_KIND_DISCONNECTED, TCT_CLOSER_REMOTE);
	end = abort_at(TCT_FIN_WAIT2, 0, 0, SEND_SHUTDOWN);
	expect(&end, TCT_KIND_DISCONNECTED, TCT_CLOSER_LOCAL);
	/* its listener has closed */
	end = abort_at(TCT_ESTABLISHED, 100, TCT_SOCK_QUEUED, 0);
	expect(&end, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL);
}

/* FIN_WAIT2 of nobody, without an error: what came after says which of three it was. */
static void test_orphan(void **state)
{
	struct tct_record_sock rec = record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end;

	(void)state;
	rec.flags = TCT_SOCK_DEAD;
	rec.shutdown = BOTH_SHUTDOWN;
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 50);
	assert_true(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	expect(&end, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	expect(&end, TCT_KIND_REAPED, TCT_CLOSER_NONE);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_NONE),
			 TCT_FIN_WAIT2);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_UNKNOWN), TCT_NONE);
	rec.traits = TCT_TRAIT_LINGER2;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	expect(&end, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL);
	rec.traits = 0;
	rec.from = TCT_FIN_WAIT1;	/* data comes in FIN_WAIT2; here memory ran out */
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	expect(&end, TCT_KIND_REAPED, TCT_CLOSER_NONE);
}

/* Data after shutdown(SHUT_RDWR) looks like a reset that came, until ours goes out. */
static void test_late_data(void **state)
{
	struct tct_record_sock rec = record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end;

	(void)state;
	rec.err = ECONNRESET;
	rec.shutdown = BOTH_SHUTDOWN;
	tct_closing_init(&end.closing);
	tct_closing_step(&end.closing, &rec, 50);
	assert_true(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_SENT, &end.got);
	expect(&end, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	expect(&end, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	expect(&end, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL);
	rec.shutdown = SEND_SHUTDOWN;	/* it still reads: data would have been taken */
	assert_false(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	expect(&end, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE);
}

/* Both FINs have come, and no mini-socket: the bucket limit. The close itself was orderly. */
static void test_never_created(void **state)
{
	struct tct_record_sock rec = record(TCT_FIN_WAIT2, TCT_CLOSE);
	struct end end = active(1, 0, 0, BOTH_SHUTDOWN);

	(void)state;
	rec.flags = TCT_SOCK_FIN;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	expect(&end, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_NONE),
			 TCT_TIME_WAIT);
	assert_int_equal(tct_teardown_never_created(&rec, TCT_TIME_WAIT, TCT_RESET_NONE), TCT_NONE);
	rec.from = TCT_CLOSING;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_NONE, &end.got);
	expect(&end, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH);
	rec.from = TCT_LAST_ACK;
	assert_int_equal(tct_teardown_never_created(&rec, TCT_CLOSE, TCT_RESET_NONE), TCT_NONE);
}

/* An ICMP error ends a connect; later it only explains why retransmissions gave up. */
static void test_unreachable(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_CLOSE);
	struct end end;

	(void)state;
	expect_error(TCT_SYN_SENT, EHOSTUNREACH, TCT_KIND_UNREACHABLE, TCT_CLOSER_NONE);
	rec.err = EHOSTUNREACH;
	rec.retransmits = 9;
	tct_closing_init(&end.closing);
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	expect(&end, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE);
	assert_int_equal(end.got.retransmits, 9);
	rec.shutdown = BOTH_SHUTDOWN;	/* by close(), whatever had been reported before */
	rec.copied_seq -= 86;
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	expect(&end, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);
	assert_int_equal(end.got.unread_bytes, 86);
}

static void test_repair(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_CLOSE);
	struct end end;

	(void)state;
	rec.shutdown = BOTH_SHUTDOWN;
	rec.traits = TCT_TRAIT_REPAIR;
	tct_closing_init(&end.closing);
	assert_false(tct_teardown_awaits_reset(&end.closing, &rec, TCT_CLOSE));
	tct_teardown_make(&end.closing, &rec, TCT_CLOSE, TCT_RESET_UNKNOWN, &end.got);
	expect(&end, TCT_KIND_REPAIR, TCT_CLOSER_LOCAL);
}

/* What became of the one that closed it. */
static void test_process(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
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

static void expect_mini(enum tct_end reason, enum tct_kind kind, enum tct_closer closer)
{
	struct end end;

	tct_closing_init(&end.closing);
	end.closing.dwell_ns[TCT_FIN_WAIT2] = 3;
	tct_teardown_make_mini(&end.closing, reason, 777, &end.got);
	expect(&end, kind, closer);
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

/* close() after shutdown() sets the same state again: its time goes on. */
static void test_same_state(void **state)
{
	struct tct_record_sock rec = record(TCT_FIN_WAIT2, TCT_FIN_WAIT2);
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	tct_closing_step(&closing, &rec, 40);
	assert_true(closing.dwell_ns[TCT_FIN_WAIT2] == TCT_UNKNOWN);
}

/*
 * shutdown(SHUT_WR), then close() before the FIN was acknowledged: FIN_WAIT1 to FIN_WAIT1. It
 * queues no second FIN: what came and was sent again since the first one counts.
 */
static void test_close_before_fin_acknowledged(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
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
	tct_closing_step(&closing, &rec, 10);
	rec.to = TCT_FIN_WAIT2;
	rec.snd_una = rec.write_seq;
	rec.total_retrans = 5;
	tct_closing_step(&closing, &rec, 20);
	assert_int_equal(closing.fin_retransmits, 5);
	assert_int_equal(closing.dwell_ns[TCT_FIN_WAIT1], 20);
	rec.from = TCT_FIN_WAIT2;
	rec.to = TCT_CLOSE;
	rec.rcv_nxt++;
	tct_closing_step(&closing, &rec, 30);
	assert_int_equal(closing.bytes_after_fin, 50);
}

/* Sequence numbers wrap. */
static void test_wrap(void **state)
{
	struct tct_record_sock rec = record(TCT_ESTABLISHED, TCT_FIN_WAIT1);
	struct tct_closing closing;

	(void)state;
	tct_closing_init(&closing);
	rec.rcv_nxt = 0xfffffff0;
	tct_closing_step(&closing, &rec, 900);
	rec.from = TCT_FIN_WAIT2;
	rec.to = TCT_CLOSE;
	rec.rcv_nxt += 100 + 1;
	tct_closing_step(&closing, &rec, 30);
	assert_int_equal(closing.bytes_after_fin, 100);
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
		cmocka_unit_test(test_passive_half_close),
		cmocka_unit_test(test_simultaneous),
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
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_mini),
		cmocka_unit_test(test_same_state),
		cmocka_unit_test(test_close_before_fin_acknowledged),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
