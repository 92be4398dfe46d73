// SPDX-License-Identifier: GPL-2.0
/* The detector: thresholds to the nanosecond, findings by process and port, rates, verdicts. */
#include "test.h"

#include <string.h>
#include "../../user/core/advice.h"
#include "stream.h"

#define LIMIT (60 * SECOND)	/* the default of CLOSE_WAIT */
#define FIRST_WAIT SECOND	/* between a finding's opening and its first update */
#define LOOK (LIMIT / 4)	/* between a finding's opening and the first look at its growth */

/* An accepted connection at a local port that has just got the peer's FIN. */
static void leak(struct stream *stream, uint64_t cookie, uint16_t lport, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_LISTEN, TCT_SYN_RECV, time_ns - 2);

	rec.id.lport = lport;
	stream_feed(stream, &rec);
	rec = stream_state(cookie, TCT_SYN_RECV, TCT_ESTABLISHED, time_ns - 1);
	rec.id.lport = lport;
	stream_feed(stream, &rec);
	rec = stream_state(cookie, TCT_ESTABLISHED, TCT_CLOSE_WAIT, time_ns);
	rec.id.lport = lport;
	stream_feed(stream, &rec);
	recorder_take(&stream->recorder);
}

/* Whoever holds it closes it. */
static void close_leaked(struct stream *stream, uint64_t cookie, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_CLOSE_WAIT, TCT_LAST_ACK, time_ns);

	rec.id.lport = 80;
	stream_feed(stream, &rec);
}

/* The second half of a scan: one process holds cookies `first` to `last` by descriptors from 5 on. */
static void find_owners(struct stream *stream, uint64_t first, uint64_t last, uint64_t time_ns)
{
	for (uint64_t cookie = first; cookie <= last; cookie++) {
		struct tct_record_owner rec = stream_owner(cookie, 42,
							   (uint32_t)(cookie - first) + 5, "leaky");

		stream_feed(stream, &rec);
	}
	tct_tracker_scan_end(&stream->tracker, time_ns);
}

static void scan(struct stream *stream, uint64_t first, uint64_t last, uint64_t time_ns)
{
	tct_tracker_scan_begin(&stream->tracker, time_ns);
	find_owners(stream, first, last, time_ns);
}

static void test_nothing_is_due(void **state)
{
	struct stream *stream = *state;

	assert_true(tct_tracker_deadline(&stream->tracker) == TCT_STUCK_NEVER);
	assert_false(tct_tracker_tick(&stream->tracker, UINT64_MAX - 1));
}

static void test_threshold_exact(void **state)
{
	struct stream *stream = *state;

	leak(stream, 7, 80, 1000);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 1000 + LIMIT);
	assert_false(tct_tracker_tick(&stream->tracker, 1000 + LIMIT - 1));
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 1000 + LIMIT);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	stream_expect(stream, "");
}

static void test_opens_after_the_scan(void **state)
{
	struct stream *stream = *state;

	leak(stream, 7, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	scan(stream, 7, 7, 1000 + LIMIT);
	stream_expect(stream, "60000001000 finding #1 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 60000000000 local 80 42x1:5 socket 7\n");
	assert_int_equal(stream->recorder.finding.severity, TCT_INFO);
	assert_int_equal(stream->recorder.finding.first_mono_ns, 1000 + LIMIT);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 1000 + LIMIT + LOOK);
}

/* Other states run on clocks of their own. */
static void test_thresholds_by_state(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 1, TCT_ESTABLISHED, TCT_FIN_WAIT1, 10);
	stream_move(stream, 2, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 5);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 10 + 60 * SECOND);
	assert_false(tct_tracker_tick(&stream->tracker, 9 + 60 * SECOND));
	stream_move(stream, 1, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 20);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 5 + 90 * SECOND);
}

static void test_established_is_never_stuck(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 1000);
	assert_true(tct_tracker_deadline(&stream->tracker) == TCT_STUCK_NEVER);
	assert_int_equal(tct_stuck_states(&stream->tracker.stuck),
			 1u << TCT_CLOSE_WAIT | 1u << TCT_FIN_WAIT1 | 1u << TCT_FIN_WAIT2 |
			 1u << TCT_LAST_ACK | 1u << TCT_CLOSING | 1u << TCT_SYN_RECV);
}

static void test_thresholds_off(void **state)
{
	struct tct_tracker_config config = { 0 };
	struct stream *stream = stream_new(&config);

	(void)state;
	leak(stream, 7, 80, 1000);
	assert_true(tct_tracker_deadline(&stream->tracker) == TCT_STUCK_NEVER);
	assert_false(tct_tracker_tick(&stream->tracker, 1000000 * SECOND));
	scan(stream, 7, 7, 1000000 * SECOND);
	stream_expect(stream, "");
	assert_int_equal(tct_stuck_states(&stream->tracker.stuck), 0);
	stream_free(stream);
}

static void test_a_thousand_are_one_finding(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= 1000; cookie++)
		leak(stream, cookie, 80, 1000 * cookie);
	assert_true(tct_tracker_tick(&stream->tracker, LIMIT + 1000000));
	scan(stream, 1, 1000, LIMIT + 1000000);
	stream_expect(stream, "60001000000 finding #1 stuck-close-wait open CLOSE_WAIT count 1000 "
			      "oldest 60000999000 local 80 42x1000:5-1004\n");
	assert_int_equal(stream->tracker.stuck.opened, 1);
	assert_int_equal(stream->tracker.mirror.by_state[TCT_CLOSE_WAIT], 1000);
}

static void test_two_ports_are_two_findings(void **state)
{
	struct stream *stream = *state;
	const char *lines;

	leak(stream, 1, 80, 1000);
	leak(stream, 2, 443, 2000);
	leak(stream, 3, 80, 3000);
	assert_true(tct_tracker_tick(&stream->tracker, 3000 + LIMIT));
	scan(stream, 1, 3, 3000 + LIMIT);
	lines = recorder_take(&stream->recorder);
	assert_non_null(strstr(lines, "open CLOSE_WAIT count 2 oldest 60000002000 local 80 "
				      "42x2:5,7\n"));
	assert_non_null(strstr(lines, "open CLOSE_WAIT count 1 oldest 60000001000 local 443 "
				      "42x1:6 socket 2\n"));
	assert_int_equal(stream->tracker.stuck.opened, 2);
}

static void test_two_processes_are_two_findings(void **state)
{
	struct stream *stream = *state;
	const struct tct_record_owner owners[] = { stream_owner(1, 42, 5, "a"),
						   stream_owner(2, 43, 5, "b") };

	leak(stream, 1, 80, 1000);
	leak(stream, 2, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	stream_scan(stream, 1000 + LIMIT, owners, 2);
	assert_int_equal(stream->tracker.stuck.opened, 2);
}

/* What we connected to names the service, not our ephemeral port. */
static void test_service_is_the_peers(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= 2; cookie++) {
		struct tct_record_sock rec = stream_state(cookie, TCT_ESTABLISHED, TCT_CLOSE_WAIT,
							  1000);

		rec.id.lport = (uint16_t)(40000 + cookie);
		stream_feed(stream, &rec);
	}
	recorder_take(&stream->recorder);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	scan(stream, 1, 2, 1000 + LIMIT);
	stream_expect(stream, "60000001000 finding #1 stuck-close-wait open CLOSE_WAIT count 2 "
			      "oldest 60000000000 remote 80 42x2:5-6\n");
}

static void test_nobody_holds_it(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000);
	recorder_take(&stream->recorder);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	stream_scan(stream, 1000 + LIMIT, NULL, 0);
	stream_expect(stream, "60000001000 finding #1 stuck-fin-wait1 open FIN_WAIT1 count 1 "
			      "oldest 60000000000 remote 80 socket 7\n");
	assert_string_equal(stream->recorder.finding.advice,
			    tct_advice(TCT_FIN_WAIT1, TCT_VERDICT_NONE, false));
}

/* What the detector says when its deadline has come, and not one ns before. */
static const char *at_deadline(struct stream *stream, uint64_t deadline_ns)
{
	recorder_take(&stream->recorder);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), deadline_ns);
	assert_false(tct_tracker_tick(&stream->tracker, deadline_ns - 1));
	assert_true(tct_tracker_tick(&stream->tracker, deadline_ns));
	scan(stream, 1, 99, deadline_ns);
	return recorder_take(&stream->recorder);
}

/* Told again when its count has changed, each time after twice the wait. */
static void test_update_rate(void **state)
{
	struct stream *stream = *state;
	const uint64_t opened = 1000 + LIMIT;

	leak(stream, 1, 80, 1000);
	leak(stream, 2, 80, 1000 + SECOND);
	leak(stream, 3, 80, 1000 + 2 * SECOND);
	at_deadline(stream, opened);
	assert_string_equal(at_deadline(stream, opened + SECOND),
			    "61000001000 finding #1 stuck-close-wait update CLOSE_WAIT count 2 "
			    "oldest 61000000000 local 80 42x2:5-6\n");
	/* the third is due, and too early to be told */
	assert_string_equal(at_deadline(stream, opened + 2 * SECOND), "");
	assert_string_equal(at_deadline(stream, opened + 3 * SECOND),
			    "63000001000 finding #1 stuck-close-wait update CLOSE_WAIT count 3 "
			    "oldest 63000000000 local 80 42x3:5-7\n");
	assert_int_equal(tct_tracker_deadline(&stream->tracker), opened + LOOK);
	assert_int_equal(stream->recorder.finding.first_mono_ns, opened);
}

/* However often it has changed: once a minute it may be told. */
static void test_update_rate_has_a_floor(void **state)
{
	struct stream *stream = *state;
	uint64_t told = 1000 + LIMIT, wait = SECOND;

	stream_move(stream, 1, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000);
	at_deadline(stream, told);
	for (uint64_t cookie = 2; cookie <= 10; cookie++) {
		stream_move(stream, cookie, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000 + cookie);
		recorder_take(&stream->recorder);
		tct_tracker_tick(&stream->tracker, told + wait - 1);
		scan(stream, 1, cookie, told + wait - 1);
		stream_expect(stream, "");
		told += wait;
		scan(stream, 1, cookie, told);
		assert_int_equal(stream->recorder.finding.count, cookie);
		assert_int_equal(stream->recorder.finding.mono_ns, told);
		recorder_take(&stream->recorder);
		wait = 2 * wait < 60 * SECOND ? 2 * wait : 60 * SECOND;
	}
	assert_int_equal(wait, 60 * SECOND);
}

static void test_no_update_without_change(void **state)
{
	struct stream *stream = *state;

	leak(stream, 1, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	scan(stream, 1, 1, 1000 + LIMIT);
	recorder_take(&stream->recorder);
	assert_false(tct_tracker_tick(&stream->tracker, 1000 + LIMIT + LOOK - 1));
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT + LOOK));
	scan(stream, 1, 1, 1000 + LIMIT + LOOK);
	/* nothing new: the next look is twice as far */
	assert_false(tct_tracker_tick(&stream->tracker, 1000 + LIMIT + 3 * LOOK - 1));
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT + 3 * LOOK));
	stream_expect(stream, "");
}

/* One of two leaves: an update; the other one too: resolved at once. */
static void test_shrink_and_resolve(void **state)
{
	struct stream *stream = *state;
	const uint64_t opened = 1000 + LIMIT;

	leak(stream, 1, 80, 1000);
	leak(stream, 2, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, opened));
	scan(stream, 1, 2, opened);
	close_leaked(stream, 1, opened + 1);
	recorder_take(&stream->recorder);
	assert_true(tct_tracker_tick(&stream->tracker, opened + FIRST_WAIT));
	scan(stream, 2, 2, opened + FIRST_WAIT);
	stream_expect(stream, "61000001000 finding #1 stuck-close-wait update CLOSE_WAIT count 1 "
			      "oldest 61000000000 local 80 42x1:5 socket 2\n");
	close_leaked(stream, 2, opened + FIRST_WAIT + 1);
	stream_expect(stream, "61000001001 move 2 CLOSE_WAIT>LAST_ACK 61000000001 42/iter\n"
			      "61000001001 finding #1 stuck-close-wait resolved CLOSE_WAIT count 0 "
			      "oldest ? local 80 42x1:5\n");
	assert_int_equal(stream->tracker.stuck.first, 0);
	assert_int_equal(stream->tracker.stuck.groups.live, 0);
}

/* The same process gets stuck again: a new finding with a new number. */
static void test_opens_again(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 1000 + LIMIT;

	leak(stream, 1, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, now_ns));
	scan(stream, 1, 1, now_ns);
	close_leaked(stream, 1, now_ns + 1);
	leak(stream, 2, 80, now_ns + 2);
	now_ns += 2 + LIMIT;
	/* the first is older by one ns, in LAST_ACK */
	assert_true(tct_tracker_tick(&stream->tracker, now_ns));
	stream_move(stream, 1, TCT_LAST_ACK, TCT_CLOSE, now_ns);
	recorder_take(&stream->recorder);
	scan(stream, 2, 2, now_ns);
	stream_expect(stream, "120000001002 finding #2 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 60000000000 local 80 42x1:5 socket 2\n");
	assert_int_equal(stream->tracker.stuck.opened, 2);
}

/* It goes between the tick and the scan: no finding. */
static void test_leaves_while_fresh(void **state)
{
	struct stream *stream = *state;

	leak(stream, 1, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	assert_int_equal(stream->tracker.stuck.fresh.count, 1);
	close_leaked(stream, 1, 1001 + LIMIT);
	assert_int_equal(stream->tracker.stuck.fresh.count, 0);
	assert_int_equal(stream->tracker.mirror.by_state[TCT_CLOSE_WAIT], 0);
	assert_int_equal(stream->tracker.mirror.lists[0][TCT_CLOSE_WAIT].count, 0);
	assert_int_equal(stream->tracker.mirror.lists[0][TCT_LAST_ACK].count, 1);
	stream_expect(stream, "60000001001 move 1 CLOSE_WAIT>LAST_ACK 60000000001\n");
	scan(stream, 1, 1, 1002 + LIMIT);
	stream_expect(stream, "");
}

/* It ends between the tick and the scan, and is gone. */
static void test_ends_while_fresh(void **state)
{
	struct stream *stream = *state;

	leak(stream, 1, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	stream_move(stream, 1, TCT_CLOSE_WAIT, TCT_CLOSE, 1001 + LIMIT);
	recorder_take(&stream->recorder);
	scan(stream, 1, 1, 1002 + LIMIT);
	stream_expect(stream, "");
	assert_int_equal(stream->tracker.mirror.pool.live, 0);
}

/* From one stuck state to the next: the first is resolved, the clock starts anew. */
static void test_stuck_in_the_next_state(void **state)
{
	struct stream *stream = *state;

	leak(stream, 1, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	scan(stream, 1, 1, 1000 + LIMIT);
	close_leaked(stream, 1, 2000 + LIMIT);
	recorder_take(&stream->recorder);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 2000 + 2 * LIMIT);
	assert_true(tct_tracker_tick(&stream->tracker, 2000 + 2 * LIMIT));
	stream_scan(stream, 2000 + 2 * LIMIT, NULL, 0);
	stream_expect(stream, "120000002000 finding #2 stuck-last-ack open LAST_ACK count 1 "
			      "oldest 60000000000 local 80 socket 1\n");
}

/* Found by the iterator: its age is a lower bound, taken from the peer's last segment. */
static void test_at_least(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 100 * SECOND);

	rec.sock.flags = TCT_SOCK_PEER_SEEN;
	rec.sock.rcv_age_ns = 70 * SECOND;
	rec.sock.rcv_nxt = 1;
	stream_feed(stream, &rec);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 90 * SECOND);
	assert_true(tct_tracker_tick(&stream->tracker, 100 * SECOND));
	find_owners(stream, 7, 7, 100 * SECOND);
	stream_expect(stream, "100000000000 finding #1 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 70000000000+ remote 80 42x1:5 eof-not-read socket 7\n");
}

/* Nothing tells since when: the age counts from the first look. */
static void test_at_least_from_the_first_look(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_LAST_ACK, 100 * SECOND);

	rec.sock.flags = TCT_SOCK_PEER_SEEN;
	rec.sock.rcv_age_ns = 70 * SECOND;	/* LAST_ACK is of our own making */
	stream_feed(stream, &rec);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 160 * SECOND);
	rec = stream_found(8, TCT_CLOSE_WAIT, 100 * SECOND);
	stream_feed(stream, &rec);
	assert_false(tct_tracker_tick(&stream->tracker, 160 * SECOND - 1));
}

/* A bound that lies before the clock's start is no bound. */
static void test_at_least_impossible(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 100 * SECOND);

	rec.sock.flags = TCT_SOCK_PEER_SEEN;
	rec.sock.rcv_age_ns = 101 * SECOND;
	stream_feed(stream, &rec);
	assert_int_equal(tct_tracker_deadline(&stream->tracker), 160 * SECOND);
}

static void expect_verdict(struct stream *stream, uint8_t flags, uint32_t unread,
			   enum tct_verdict verdict)
{
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LIMIT);

	leak(stream, 7, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	tct_tracker_scan_begin(&stream->tracker, 1000 + LIMIT);
	rec.sock.flags = flags;
	rec.sock.rcv_nxt = 100;
	rec.sock.copied_seq = 100 - unread;
	stream_feed(stream, &rec);
	find_owners(stream, 7, 7, 1000 + LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, verdict);
	assert_int_equal(stream->recorder.finding.verdicts[verdict], 1);
	assert_string_equal(stream->recorder.finding.advice,
			    tct_advice(TCT_CLOSE_WAIT, verdict, true));
}

static void test_verdict_read(void **state)
{
	expect_verdict(*state, 0, 0, TCT_EOF_READ_NOT_CLOSED);
}

static void test_verdict_not_read(void **state)
{
	expect_verdict(*state, 0, 1, TCT_EOF_NOT_READ);
}

/* The FIN counts as one. */
static void test_verdict_data(void **state)
{
	struct stream *stream = *state;

	expect_verdict(stream, 0, 51, TCT_UNREAD_DATA);
	assert_int_equal(stream->recorder.finding.unread_bytes, 50);
}

static void test_verdict_not_accepted(void **state)
{
	expect_verdict(*state, TCT_SOCK_QUEUED, 1, TCT_NOT_ACCEPTED);
}

/* The most frequent one is the finding's. */
static void test_verdict_of_many(void **state)
{
	struct stream *stream = *state;

	tct_tracker_scan_begin(&stream->tracker, 1000 + LIMIT);
	for (uint64_t cookie = 1; cookie <= 3; cookie++) {
		struct tct_record_found rec = stream_found(cookie, TCT_CLOSE_WAIT, 1000 + LIMIT);

		leak(stream, cookie, 80, 1000);
		rec.sock.rcv_nxt = cookie == 1 ? 101 : 0;
		stream_feed(stream, &rec);
	}
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	find_owners(stream, 1, 3, 1000 + LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, TCT_EOF_READ_NOT_CLOSED);
	assert_int_equal(stream->recorder.finding.verdicts[TCT_EOF_READ_NOT_CLOSED], 2);
	assert_int_equal(stream->recorder.finding.verdicts[TCT_UNREAD_DATA], 1);
	assert_int_equal(stream->recorder.finding.unread_bytes, 100);
}

/* A scan that took 100 ms makes the next wait for twenty times as long. */
static void test_costly_scans_are_rare(void **state)
{
	struct stream *stream = *state;
	const uint64_t now_ns = 1000 + LIMIT;

	leak(stream, 1, 80, 1000);
	leak(stream, 2, 80, 1001);
	assert_true(tct_tracker_tick(&stream->tracker, now_ns));
	tct_tracker_scan_begin(&stream->tracker, now_ns - 100000000);
	tct_tracker_scan_end(&stream->tracker, now_ns);
	assert_false(tct_tracker_tick(&stream->tracker, now_ns + 2 * SECOND - 1));
	assert_int_equal(tct_tracker_deadline(&stream->tracker), now_ns + 2 * SECOND);
	assert_true(tct_tracker_tick(&stream->tracker, now_ns + 2 * SECOND));
}

static void test_confidence(void **state)
{
	struct stream *stream = *state;

	leak(stream, 7, 80, 1000);
	tct_tracker_loss(&stream->tracker, TCT_LOSS_RING, 3, 2000);
	stream_expect(stream, "2000 loss ring 3\n");
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	scan(stream, 7, 7, 1000 + LIMIT);
	stream_expect(stream, "60000001000 finding #1 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 60000000000 local 80 42x1:5 degraded socket 7\n");
}

/* Mini-sockets are the kernel's: they end by themselves. */
static void test_minis_are_not_stuck(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_START, 7, TCT_FIN_WAIT2, 1000);

	stream_feed(stream, &rec);
	assert_true(tct_tracker_deadline(&stream->tracker) == TCT_STUCK_NEVER);
}

/* One more each second from `from` on, all past the threshold when the finding is told. */
static void grow(struct stream *stream, uint64_t from, uint64_t to)
{
	for (uint64_t cookie = from; cookie <= to; cookie++)
		leak(stream, cookie, 80, cookie * SECOND);
}

static void scan_at(struct stream *stream, uint64_t last, uint64_t seconds)
{
	assert_true(tct_tracker_tick(&stream->tracker, seconds * SECOND));
	scan(stream, 1, last, seconds * SECOND);
}

/* Three looks, a quarter of the threshold apart, each with a new peak. */
static void test_growth_is_a_warning(void **state)
{
	struct stream *stream = *state;

	grow(stream, 1, 120);
	for (uint64_t s = 61; s <= 91; s += 15) {
		scan_at(stream, 120, s);
		assert_int_equal(stream->recorder.finding.severity, TCT_INFO);
	}
	scan_at(stream, 120, 106);
	assert_int_equal(stream->recorder.finding.severity, TCT_WARNING);
	assert_int_equal(stream->recorder.finding.status, TCT_UPDATE);
	assert_int_equal(stream->recorder.finding.count, 46);
}

/* It stops growing: told at once, although its count is as it was told last. */
static void test_bounded_is_info(void **state)
{
	struct stream *stream = *state;

	grow(stream, 1, 46);
	for (uint64_t s = 61; s <= 106; s += 15)
		scan_at(stream, 46, s);
	assert_int_equal(stream->recorder.finding.severity, TCT_WARNING);
	recorder_take(&stream->recorder);
	scan_at(stream, 46, 121);
	stream_expect(stream, "121000000000 finding #1 stuck-close-wait update CLOSE_WAIT count 46 "
			      "oldest 120000000000 local 80 42x46:5-50\n");
	assert_int_equal(stream->recorder.finding.severity, TCT_INFO);
}

/* The recorder's copy points to what is gone: kept here. */
static struct tct_outlook outlook;
static struct tct_lingering why;

static void keep_outlook(void *ctx, const struct tct_finding *ev)
{
	((struct recorder *)ctx)->finding = *ev;
	if (ev->outlook)
		outlook = *ev->outlook;
	if (ev->why)
		why = *ev->why;
}

static uint64_t fd_limit;

static bool files_of(uint32_t pid, struct tct_files *out)
{
	assert_int_equal(pid, 42);
	*out = (struct tct_files){ .limit = fd_limit, .open = 50 };
	return true;
}

static struct stream *stream_with_files(uint64_t limit, bool once)
{
	struct tct_tracker_config config = { 0 };
	struct stream *stream;

	fd_limit = limit;
	tct_stuck_defaults(&config.stuck);
	config.stuck.files_of = files_of;
	config.stuck.once = once;
	stream = stream_new(&config);
	stream->sink.finding = keep_outlook;
	return stream;
}

static void test_growth_to_the_limit_is_critical(void **state)
{
	struct stream *stream = stream_with_files(3000, false);

	(void)state;
	grow(stream, 1, 120);
	for (uint64_t s = 61; s <= 106; s += 15)
		scan_at(stream, 120, s);
	assert_int_equal(stream->recorder.finding.severity, TCT_CRITICAL);
	assert_true(outlook.growth_per_s == 1.0);
	assert_int_equal(outlook.fd_limit, 3000);
	assert_int_equal(outlook.fd_open, 50);
	assert_int_equal(outlook.eta_ns, 2950 * SECOND);
	stream_free(stream);
}

static void test_growth_far_from_the_limit(void **state)
{
	struct stream *stream = stream_with_files(50 + 3600, false);

	(void)state;
	grow(stream, 1, 120);
	for (uint64_t s = 61; s <= 106; s += 15)
		scan_at(stream, 120, s);
	assert_int_equal(stream->recorder.finding.severity, TCT_WARNING);
	assert_int_equal(outlook.eta_ns, 3600 * SECOND);
	stream_free(stream);
}

/* Four of five descriptors are stuck ones: it does not matter how fast. */
static void test_nearly_all_descriptors_are_critical(void **state)
{
	struct stream *stream = stream_with_files(50, false);

	(void)state;
	grow(stream, 1, 39);
	scan_at(stream, 39, 99);
	assert_int_equal(stream->recorder.finding.severity, TCT_INFO);
	assert_int_equal(outlook.eta_ns, 0);
	grow(stream, 40, 40);
	scan_at(stream, 40, 114);
	assert_int_equal(stream->recorder.finding.severity, TCT_CRITICAL);
	stream_free(stream);
}

/* One look knows no history: it cannot call it bounded, nor growing. */
static void test_one_look_is_a_warning(void **state)
{
	struct stream *stream = stream_with_files(1000, true);

	(void)state;
	grow(stream, 1, 3);
	scan_at(stream, 3, 99);
	assert_int_equal(stream->recorder.finding.severity, TCT_WARNING);
	assert_true(outlook.growth_per_s < 0);
	assert_int_equal(outlook.eta_ns, TCT_UNKNOWN);
	assert_true(tct_tracker_deadline(&stream->tracker) == TCT_STUCK_NEVER);
	stream_free(stream);
}

/* What it sends is acknowledged a second ago: a tunnel, which stops later. */
static void test_still_sending_until_it_stops(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LIMIT);

	rec.known = TCT_FOUND_SENT;
	rec.sock.flags = TCT_SOCK_PEER_SEEN;
	rec.sent_age_ns = rec.sock.rcv_age_ns = SECOND;
	leak(stream, 7, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	tct_tracker_scan_begin(&stream->tracker, 1000 + LIMIT);
	stream_feed(stream, &rec);
	find_owners(stream, 7, 7, 1000 + LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, TCT_STILL_SENDING);
	assert_int_equal(stream->recorder.finding.severity, TCT_INFO);

	tct_tracker_scan_begin(&stream->tracker, 1000 + LIMIT + LOOK);
	rec.sent_age_ns = rec.sock.rcv_age_ns = LIMIT / 2 + 1;
	stream_feed(stream, &rec);
	find_owners(stream, 7, 7, 1000 + LIMIT + LOOK);
	assert_int_equal(stream->recorder.finding.status, TCT_UPDATE);
	assert_int_equal(stream->recorder.finding.verdict, TCT_EOF_READ_NOT_CLOSED);
}

/* Who held it at the first look holds it no more; another does. */
static void test_held_by_child(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LIMIT);
	const struct tct_record_owner parent = stream_owner(7, 42, 5, "parent");
	const struct tct_record_owner child = stream_owner(7, 43, 5, "child");

	leak(stream, 7, 80, 1000);
	stream_scan(stream, 2000, &parent, 1);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	tct_tracker_scan_begin(&stream->tracker, 1000 + LIMIT);
	stream_feed(stream, &rec);
	stream_feed(stream, &child);
	tct_tracker_scan_end(&stream->tracker, 1000 + LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, TCT_HELD_BY_CHILD);
}

/* Only the child was ever seen to hold it: nobody knows who opened it. */
static void test_held_by_child_is_not_guessed(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LIMIT);
	const struct tct_record_owner child = stream_owner(7, 43, 5, "child");

	leak(stream, 7, 80, 1000);
	assert_true(tct_tracker_tick(&stream->tracker, 1000 + LIMIT));
	tct_tracker_scan_begin(&stream->tracker, 1000 + LIMIT);
	stream_feed(stream, &rec);
	stream_feed(stream, &child);
	tct_tracker_scan_end(&stream->tracker, 1000 + LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, TCT_EOF_READ_NOT_CLOSED);
}

/* A FIN sent three times, each after twice the wait: the age of LAST_ACK has a lower bound. */
static void test_age_of_an_unanswered_fin(void **state)
{
	struct stream *stream = stream_with_files(1000, true);
	struct tct_record_found rec = stream_found(7, TCT_LAST_ACK, 200 * SECOND);

	(void)state;
	rec.known = TCT_FOUND_TIMER | TCT_FOUND_LIMIT;
	rec.limit = 8;
	rec.sock.write_seq = rec.sock.snd_nxt = 1;
	rec.sock.retransmits = 3;
	rec.sock.flags = TCT_SOCK_DEAD;
	rec.rto_ns = 64 * SECOND;
	rec.timer_ns = 60 * SECOND;
	tct_tracker_scan_begin(&stream->tracker, 200 * SECOND);
	stream_feed(stream, &rec);
	assert_true(tct_tracker_tick(&stream->tracker, 200 * SECOND));
	tct_tracker_scan_end(&stream->tracker, 200 * SECOND);
	assert_int_equal(stream->recorder.finding.oldest_ns, (64 - 8 + 4) * SECOND);
	assert_true(stream->recorder.finding.at_least);
	assert_int_equal(stream->recorder.finding.verdict, TCT_NOT_ACKNOWLEDGED);
	assert_int_equal(why.retransmits, 3);
	assert_int_equal(why.limit, 8);
	assert_int_equal(why.next_ns, 60 * SECOND);
	assert_int_equal(why.unacked_bytes, 0);
	assert_int_equal(why.orphans, 1);
	stream_free(stream);
}

static void test_every_threshold_has_a_rule(void **state)
{
	struct tct_stuck_config config;

	(void)state;
	tct_stuck_defaults(&config);
	for (int s = 0; s < TCT_STATES; s++) {
		if (s == TCT_NEW_SYN_RECV)	/* seen in one look only, which has its threshold */
			config.threshold_ns[s] = 1;
		if (!config.threshold_ns[s]) {
			assert_null(tct_stuck_rule(s));
			continue;
		}
		assert_non_null(tct_stuck_rule(s));
		for (int v = 0; v < TCT_VERDICTS; v++) {
			assert_string_not_equal(tct_advice(s, v, true), "");
			assert_string_not_equal(tct_advice(s, v, false), "");
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_due),
		TEST(test_threshold_exact),
		TEST(test_opens_after_the_scan),
		TEST(test_thresholds_by_state),
		TEST(test_established_is_never_stuck),
		cmocka_unit_test(test_thresholds_off),
		TEST(test_a_thousand_are_one_finding),
		TEST(test_two_ports_are_two_findings),
		TEST(test_two_processes_are_two_findings),
		TEST(test_service_is_the_peers),
		TEST(test_nobody_holds_it),
		TEST(test_update_rate),
		TEST(test_update_rate_has_a_floor),
		TEST(test_no_update_without_change),
		TEST(test_shrink_and_resolve),
		TEST(test_opens_again),
		TEST(test_leaves_while_fresh),
		TEST(test_ends_while_fresh),
		TEST(test_stuck_in_the_next_state),
		TEST(test_at_least),
		TEST(test_at_least_from_the_first_look),
		TEST(test_at_least_impossible),
		TEST(test_verdict_read),
		TEST(test_verdict_not_read),
		TEST(test_verdict_data),
		TEST(test_verdict_not_accepted),
		TEST(test_verdict_of_many),
		TEST(test_costly_scans_are_rare),
		TEST(test_confidence),
		TEST(test_minis_are_not_stuck),
		TEST(test_growth_is_a_warning),
		TEST(test_bounded_is_info),
		cmocka_unit_test(test_growth_to_the_limit_is_critical),
		cmocka_unit_test(test_growth_far_from_the_limit),
		cmocka_unit_test(test_nearly_all_descriptors_are_critical),
		cmocka_unit_test(test_one_look_is_a_warning),
		TEST(test_still_sending_until_it_stops),
		TEST(test_held_by_child),
		TEST(test_held_by_child_is_not_guessed),
		cmocka_unit_test(test_age_of_an_unanswered_fin),
		cmocka_unit_test(test_every_threshold_has_a_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
