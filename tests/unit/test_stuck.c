// SPDX-License-Identifier: GPL-2.0
/* The detector: thresholds to the nanosecond, findings by process and port, rates. */
#include "test.h"

#include <string.h>
#include <time.h>
#include "../../user/core/advice.h"
#include "leak.h"
#include "stream.h"

#define FIRST_WAIT SECOND	/* between a finding's opening and its first update */

static void test_nothing_is_due(void **state)
{
	struct stream *stream = *state;

	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
	assert_false(tct_shards_tick(&stream->shards, UINT64_MAX - 1));
}

static void test_threshold_exact(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, 1000);
	assert_int_equal(tct_shards_deadline(&stream->shards), 1000 + LEAK_LIMIT);
	assert_false(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT - 1));
	assert_int_equal(tct_shards_deadline(&stream->shards), 1000 + LEAK_LIMIT);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	stream_expect(stream, "");
}

static void test_opens_after_the_scan(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	leak_scan(stream, 7, 7, 1000 + LEAK_LIMIT);
	stream_expect(stream, "60000001000 finding #1 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 60000000000 local 80 42x1:5 socket 7\n");
	assert_int_equal(stream->recorder.finding.severity, TCT_INFO);
	assert_int_equal(stream->recorder.finding.first_mono_ns, 1000 + LEAK_LIMIT);
	assert_int_equal(tct_shards_deadline(&stream->shards), 1000 + LEAK_LIMIT + LEAK_LOOK);
}

/* Other states run on clocks of their own. */
static void test_thresholds_by_state(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 1, TCT_ESTABLISHED, TCT_FIN_WAIT1, 10);
	stream_move(stream, 2, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 5);
	assert_int_equal(tct_shards_deadline(&stream->shards), 10 + 60 * SECOND);
	assert_false(tct_shards_tick(&stream->shards, 9 + 60 * SECOND));
	stream_move(stream, 1, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 20);
	assert_int_equal(tct_shards_deadline(&stream->shards), 5 + 90 * SECOND);
}

static void test_established_is_never_stuck(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 1000);
	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
	assert_int_equal(tct_stuck_states(&stream->shards.stuck),
			 1u << TCT_CLOSE_WAIT | 1u << TCT_FIN_WAIT1 | 1u << TCT_FIN_WAIT2 |
			 1u << TCT_LAST_ACK | 1u << TCT_CLOSING | 1u << TCT_SYN_RECV);
}

static void test_thresholds_off(void **state)
{
	struct tct_tracker_config config = { 0 };
	struct stream *stream = stream_new(&config);

	(void)state;
	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
	assert_false(tct_shards_tick(&stream->shards, 1000000 * SECOND));
	leak_scan(stream, 7, 7, 1000000 * SECOND);
	stream_expect(stream, "");
	assert_int_equal(tct_stuck_states(&stream->shards.stuck), 0);
	stream_free(stream);
}

static void test_a_thousand_are_one_finding(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= 1000; cookie++)
		leak_enter(stream, cookie, 80, 1000 * cookie);
	assert_true(tct_shards_tick(&stream->shards, LEAK_LIMIT + 1000000));
	leak_scan(stream, 1, 1000, LEAK_LIMIT + 1000000);
	stream_expect(stream, "60001000000 finding #1 stuck-close-wait open CLOSE_WAIT count 1000 "
			      "oldest 60000999000 local 80 42x1000:5-1004\n");
	assert_int_equal(stream->shards.stuck.opened, 1);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_CLOSE_WAIT], 1000);
}

static void test_two_ports_are_two_findings(void **state)
{
	struct stream *stream = *state;
	const char *lines;

	leak_enter(stream, 1, 80, 1000);
	leak_enter(stream, 2, 443, 2000);
	leak_enter(stream, 3, 80, 3000);
	assert_true(tct_shards_tick(&stream->shards, 3000 + LEAK_LIMIT));
	leak_scan(stream, 1, 3, 3000 + LEAK_LIMIT);
	lines = recorder_take(&stream->recorder);
	assert_non_null(strstr(lines, "open CLOSE_WAIT count 2 oldest 60000002000 local 80 "
				      "42x2:5,7\n"));
	assert_non_null(strstr(lines, "open CLOSE_WAIT count 1 oldest 60000001000 local 443 "
				      "42x1:6 socket 2\n"));
	assert_int_equal(stream->shards.stuck.opened, 2);
}

static void test_two_processes_are_two_findings(void **state)
{
	struct stream *stream = *state;
	const struct tct_record_owner owners[] = { stream_owner(1, 42, 5, "a"),
						   stream_owner(2, 43, 5, "b") };

	leak_enter(stream, 1, 80, 1000);
	leak_enter(stream, 2, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	stream_scan(stream, 1000 + LEAK_LIMIT, owners, 2);
	assert_int_equal(stream->shards.stuck.opened, 2);
}

#define MANY 16000

/* From ports 1 to MANY, one each. */
static void leak_everywhere(struct stream *stream, uint64_t cookie, uint64_t time_ns)
{
	for (uint16_t port = 1; port <= MANY; port++)
		leak_enter(stream, cookie++, port, time_ns + port);
}

/* To see that each may join a finding takes less than to get there did, however many there are. */
static void test_many_findings(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 1000 + MANY + LEAK_LIMIT;
	clock_t begin, entered, seen;

	leak_everywhere(stream, 1, 1000);
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	leak_scan(stream, 1, MANY, now_ns);
	assert_int_equal(stream->shards.stuck.opened, MANY);
	begin = clock();
	leak_everywhere(stream, MANY + 1, now_ns);
	entered = clock();
	tct_shards_tick(&stream->shards, now_ns + MANY + LEAK_LIMIT);
	seen = clock();
	assert_int_equal(stream->shards.stuck.part[0].fresh.count, MANY);
	assert_true(seen - entered < 4 * (entered - begin));
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
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	leak_scan(stream, 1, 2, 1000 + LEAK_LIMIT);
	stream_expect(stream, "60000001000 finding #1 stuck-close-wait open CLOSE_WAIT count 2 "
			      "oldest 60000000000 remote 80 42x2:5-6\n");
}

static void test_nobody_holds_it(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000);
	recorder_take(&stream->recorder);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	stream_scan(stream, 1000 + LEAK_LIMIT, NULL, 0);
	stream_expect(stream, "60000001000 finding #1 stuck-fin-wait1 open FIN_WAIT1 count 1 "
			      "oldest 60000000000 remote 80 socket 7\n");
	assert_string_equal(stream->recorder.finding.advice,
			    tct_advice(TCT_FIN_WAIT1, TCT_VERDICT_NONE, false, false));
}

/* What the detector says when its deadline has come, and not one ns before. */
static const char *at_deadline(struct stream *stream, uint64_t deadline_ns)
{
	recorder_take(&stream->recorder);
	assert_int_equal(tct_shards_deadline(&stream->shards), deadline_ns);
	assert_false(tct_shards_tick(&stream->shards, deadline_ns - 1));
	assert_true(tct_shards_tick(&stream->shards, deadline_ns));
	leak_scan(stream, 1, 99, deadline_ns);
	return recorder_take(&stream->recorder);
}

/* Told again when its count has changed, each time after twice the wait. */
static void test_update_rate(void **state)
{
	struct stream *stream = *state;
	const uint64_t opened = 1000 + LEAK_LIMIT;

	leak_enter(stream, 1, 80, 1000);
	leak_enter(stream, 2, 80, 1000 + SECOND);
	leak_enter(stream, 3, 80, 1000 + 2 * SECOND);
	at_deadline(stream, opened);
	assert_string_equal(at_deadline(stream, opened + SECOND),
			    "61000001000 finding #1 stuck-close-wait update CLOSE_WAIT count 2 "
			    "oldest 61000000000 local 80 42x2:5-6\n");
	/* the third is due, and too early to be told */
	assert_string_equal(at_deadline(stream, opened + 2 * SECOND), "");
	assert_string_equal(at_deadline(stream, opened + 3 * SECOND),
			    "63000001000 finding #1 stuck-close-wait update CLOSE_WAIT count 3 "
			    "oldest 63000000000 local 80 42x3:5-7\n");
	assert_int_equal(tct_shards_deadline(&stream->shards), opened + LEAK_LOOK);
	assert_int_equal(stream->recorder.finding.first_mono_ns, opened);
}

/* However often it has changed: once a minute it may be told. */
static void test_update_rate_has_a_floor(void **state)
{
	struct stream *stream = *state;
	uint64_t told = 1000 + LEAK_LIMIT, wait = SECOND;

	stream_move(stream, 1, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000);
	at_deadline(stream, told);
	for (uint64_t cookie = 2; cookie <= 10; cookie++) {
		stream_move(stream, cookie, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000 + cookie);
		recorder_take(&stream->recorder);
		tct_shards_tick(&stream->shards, told + wait - 1);
		leak_scan(stream, 1, cookie, told + wait - 1);
		stream_expect(stream, "");
		told += wait;
		leak_scan(stream, 1, cookie, told);
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

	leak_enter(stream, 1, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	leak_scan(stream, 1, 1, 1000 + LEAK_LIMIT);
	recorder_take(&stream->recorder);
	assert_false(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT + LEAK_LOOK - 1));
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT + LEAK_LOOK));
	leak_scan(stream, 1, 1, 1000 + LEAK_LIMIT + LEAK_LOOK);
	/* nothing new: the next look is twice as far */
	assert_false(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT + 3 * LEAK_LOOK - 1));
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT + 3 * LEAK_LOOK));
	stream_expect(stream, "");
}

/* One of two leaves: an update; the other one too: resolved at once. */
static void test_shrink_and_resolve(void **state)
{
	struct stream *stream = *state;
	const uint64_t opened = 1000 + LEAK_LIMIT;

	leak_enter(stream, 1, 80, 1000);
	leak_enter(stream, 2, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, opened));
	leak_scan(stream, 1, 2, opened);
	leak_close(stream, 1, opened + 1);
	recorder_take(&stream->recorder);
	assert_true(tct_shards_tick(&stream->shards, opened + FIRST_WAIT));
	leak_scan(stream, 2, 2, opened + FIRST_WAIT);
	stream_expect(stream, "61000001000 finding #1 stuck-close-wait update CLOSE_WAIT count 1 "
			      "oldest 61000000000 local 80 42x1:5 socket 2\n");
	leak_close(stream, 2, opened + FIRST_WAIT + 1);
	stream_expect(stream, "61000001001 move 2 CLOSE_WAIT>LAST_ACK 61000000001 42/iter\n"
			      "61000001001 finding #1 stuck-close-wait resolved CLOSE_WAIT count 0 "
			      "oldest ? local 80 42x1:5\n");
	assert_int_equal(stream->shards.stuck.groups.first, 0);
	assert_int_equal(stream->shards.stuck.groups.pool.live, 0);
}

/* The same process gets stuck again: a new finding with a new number. */
static void test_opens_again(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 1000 + LEAK_LIMIT;

	leak_enter(stream, 1, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	leak_scan(stream, 1, 1, now_ns);
	leak_close(stream, 1, now_ns + 1);
	leak_enter(stream, 2, 80, now_ns + 2);
	now_ns += 2 + LEAK_LIMIT;
	/* the first is older by one ns, in LAST_ACK */
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	stream_move(stream, 1, TCT_LAST_ACK, TCT_CLOSE, now_ns);
	recorder_take(&stream->recorder);
	leak_scan(stream, 2, 2, now_ns);
	stream_expect(stream, "120000001002 finding #2 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 60000000000 local 80 42x1:5 socket 2\n");
	assert_int_equal(stream->shards.stuck.opened, 2);
}

/* It goes between the tick and the scan: no finding. */
static void test_leaves_while_fresh(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 1, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	assert_int_equal(stream->shards.stuck.part[0].fresh.count, 1);
	leak_close(stream, 1, 1001 + LEAK_LIMIT);
	assert_int_equal(stream->shards.stuck.part[0].fresh.count, 0);
	assert_int_equal(stream->shards.shard[0].mirror.by_state[TCT_CLOSE_WAIT], 0);
	assert_int_equal(stream->shards.shard[0].mirror.lists[0][TCT_CLOSE_WAIT].count, 0);
	assert_int_equal(stream->shards.shard[0].mirror.lists[0][TCT_LAST_ACK].count, 1);
	stream_expect(stream, "60000001001 move 1 CLOSE_WAIT>LAST_ACK 60000000001\n");
	leak_scan(stream, 1, 1, 1002 + LEAK_LIMIT);
	stream_expect(stream, "");
}

/* It ends between the tick and the scan, and is gone. */
static void test_ends_while_fresh(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 1, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	stream_move(stream, 1, TCT_CLOSE_WAIT, TCT_CLOSE, 1001 + LEAK_LIMIT);
	recorder_take(&stream->recorder);
	leak_scan(stream, 1, 1, 1002 + LEAK_LIMIT);
	stream_expect(stream, "");
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 0);
}

/* From one stuck state to the next: the first is resolved, the clock starts anew. */
static void test_stuck_in_the_next_state(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 1, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	leak_scan(stream, 1, 1, 1000 + LEAK_LIMIT);
	leak_close(stream, 1, 2000 + LEAK_LIMIT);
	recorder_take(&stream->recorder);
	assert_int_equal(tct_shards_deadline(&stream->shards), 2000 + 2 * LEAK_LIMIT);
	assert_true(tct_shards_tick(&stream->shards, 2000 + 2 * LEAK_LIMIT));
	stream_scan(stream, 2000 + 2 * LEAK_LIMIT, NULL, 0);
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
	assert_int_equal(tct_shards_deadline(&stream->shards), 90 * SECOND);
	assert_true(tct_shards_tick(&stream->shards, 100 * SECOND));
	leak_owners(stream, 7, 7, 100 * SECOND);
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
	assert_int_equal(tct_shards_deadline(&stream->shards), 160 * SECOND);
	rec = stream_found(8, TCT_CLOSE_WAIT, 100 * SECOND);
	stream_feed(stream, &rec);
	assert_false(tct_shards_tick(&stream->shards, 160 * SECOND - 1));
}

/* A bound that lies before the clock's start is no bound. */
static void test_at_least_impossible(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 100 * SECOND);

	rec.sock.flags = TCT_SOCK_PEER_SEEN;
	rec.sock.rcv_age_ns = 101 * SECOND;
	stream_feed(stream, &rec);
	assert_int_equal(tct_shards_deadline(&stream->shards), 160 * SECOND);
}

/* A scan that took 100 ms makes the next wait for twenty times as long. */
static void test_costly_scans_are_rare(void **state)
{
	struct stream *stream = *state;
	const uint64_t now_ns = 1000 + LEAK_LIMIT;

	assert_int_equal(tct_shards_seeded(&stream->shards), 0);
	leak_enter(stream, 1, 80, 1000);
	leak_enter(stream, 2, 80, 1001);
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	tct_shards_scan_begin(&stream->shards, now_ns - 100000000);
	tct_shards_scan_end(&stream->shards, now_ns);
	assert_false(tct_shards_tick(&stream->shards, now_ns + 2 * SECOND - 1));
	assert_int_equal(tct_shards_deadline(&stream->shards), now_ns + 2 * SECOND);
	assert_true(tct_shards_tick(&stream->shards, now_ns + 2 * SECOND));
}

static void test_confidence(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, 1000);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 3, 2000);
	stream_expect(stream, "2000 loss ring 3\n");
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	leak_scan(stream, 7, 7, 1000 + LEAK_LIMIT);
	stream_expect(stream, "60000001000 finding #1 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 60000000000 local 80 42x1:5 degraded socket 7\n");
}

/* A mini-socket in TIME_WAIT ends by itself. */
static void test_time_wait_is_not_stuck(void **state)
{
	struct stream *stream = *state;
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_START, 7, TCT_TIME_WAIT, 1000);

	stream_feed(stream, &rec);
	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
}

/* In FIN_WAIT2 it is an orphan like any; it is resolved when the FIN comes. */
static void test_mini_in_fin_wait2(void **state)
{
	const uint64_t due = 1000 + 90 * SECOND;
	struct stream *stream = *state;
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_START, 7, TCT_FIN_WAIT2, 1000);

	stream_feed(stream, &rec);
	assert_int_equal(tct_shards_deadline(&stream->shards), due);
	assert_false(tct_shards_tick(&stream->shards, due - 1));
	assert_true(tct_shards_tick(&stream->shards, due));
	tct_shards_scan_begin(&stream->shards, due);
	rec = stream_tw(TCT_REC_TW_SOCK, 7, TCT_FIN_WAIT2, due);
	stream_feed(stream, &rec);
	tct_shards_scan_end(&stream->shards, due);
	stream_expect(stream, "90000001000 finding #1 stuck-fin-wait2 open FIN_WAIT2 count 1 "
			      "oldest 90000000000 remote 80 orphaned socket 7\n");
	rec = stream_tw(TCT_REC_TW_SEGMENT, 7, TCT_TIME_WAIT, due + 1);
	stream_feed(stream, &rec);
	assert_int_equal(stream->recorder.finding.status, TCT_RESOLVED);
	assert_int_equal(stream->shards.stuck.groups.pool.live, 0);
	assert_int_equal(stream->shards.shard[0].mirror.lists[1][TCT_TIME_WAIT].count, 1);
}

static void test_every_threshold_has_a_rule(void **state)
{
	struct tct_stuck_config config;

	(void)state;
	tct_stuck_defaults(&config);
	for (int s = 0; s < TCT_STATES; s++) {
		if (!config.threshold_ns[s]) {
			assert_null(tct_stuck_rule(s));
			continue;
		}
		assert_non_null(tct_stuck_rule(s));
		for (int v = 0; v < TCT_VERDICTS; v++) {
			assert_string_not_equal(tct_advice(s, v, true, false), "");
			assert_string_not_equal(tct_advice(s, v, false, false), "");
			assert_string_not_equal(tct_advice(s, v, true, true), "");
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
		TEST(test_many_findings),
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
		TEST(test_costly_scans_are_rare),
		TEST(test_confidence),
		TEST(test_time_wait_is_not_stuck),
		TEST(test_mini_in_fin_wait2),
		cmocka_unit_test(test_every_threshold_has_a_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
