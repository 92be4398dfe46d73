// SPDX-License-Identifier: GPL-2.0
/* What a finding says of its sockets, from the records of a scan on: verdict, growth, severity. */
#include "test.h"

#include "../../user/core/advice.h"
#include "leak.h"
#include "stream.h"

static void expect_verdict(struct stream *stream, uint8_t flags, uint32_t unread,
			   enum tct_verdict verdict)
{
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LEAK_LIMIT);

	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	tct_shards_scan_begin(&stream->shards, 1000 + LEAK_LIMIT);
	rec.sock.flags = flags;
	rec.sock.rcv_nxt = 100;
	rec.sock.copied_seq = 100 - unread;
	stream_feed(stream, &rec);
	leak_owners(stream, 7, 7, 1000 + LEAK_LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, verdict);
	assert_int_equal(stream->recorder.finding.verdicts[verdict], 1);
	assert_string_equal(stream->recorder.finding.advice,
			    tct_advice(TCT_CLOSE_WAIT, verdict, true, false));
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

	tct_shards_scan_begin(&stream->shards, 1000 + LEAK_LIMIT);
	for (uint64_t cookie = 1; cookie <= 3; cookie++) {
		struct tct_record_found rec = stream_found(cookie, TCT_CLOSE_WAIT, 1000 + LEAK_LIMIT);

		leak_enter(stream, cookie, 80, 1000);
		rec.sock.rcv_nxt = cookie == 1 ? 101 : 0;
		stream_feed(stream, &rec);
	}
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	leak_owners(stream, 1, 3, 1000 + LEAK_LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, TCT_EOF_READ_NOT_CLOSED);
	assert_int_equal(stream->recorder.finding.verdicts[TCT_EOF_READ_NOT_CLOSED], 2);
	assert_int_equal(stream->recorder.finding.verdicts[TCT_UNREAD_DATA], 1);
	assert_int_equal(stream->recorder.finding.unread_bytes, 100);
}

/* One more each second from `from` on, all past the threshold when the finding is told. */
static void grow(struct stream *stream, uint64_t from, uint64_t to)
{
	for (uint64_t cookie = from; cookie <= to; cookie++)
		leak_enter(stream, cookie, 80, cookie * SECOND);
}

static void scan_at(struct stream *stream, uint64_t last, uint64_t seconds)
{
	assert_true(tct_shards_tick(&stream->shards, seconds * SECOND));
	leak_scan(stream, 1, last, seconds * SECOND);
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

/* As many as were due by then, found with the EOF read; the first ones still send. */
static void scan_tunnels(struct stream *stream, uint64_t tunnels, uint64_t last, uint64_t seconds)
{
	uint64_t now_ns = seconds * SECOND;

	assert_true(tct_shards_tick(&stream->shards, now_ns));
	tct_shards_scan_begin(&stream->shards, now_ns);
	for (uint64_t cookie = 1; cookie <= last; cookie++) {
		struct tct_record_found rec = stream_found(cookie, TCT_CLOSE_WAIT, now_ns);

		rec.known = cookie <= tunnels ? TCT_FOUND_DATA : 0;
		rec.sock.flags = TCT_SOCK_PEER_SEEN;
		rec.data_age_ns = rec.sock.rcv_age_ns = SECOND;
		stream_feed(stream, &rec);
	}
	leak_owners(stream, 1, last, now_ns);
}

static void expect_told(const struct stream *stream, enum tct_severity severity,
			enum tct_verdict verdict, bool leaks)
{
	const struct tct_finding *ev = &stream->recorder.finding;

	assert_int_equal(ev->severity, severity);
	assert_int_equal(ev->verdict, verdict);
	assert_string_equal(ev->advice, tct_advice(TCT_CLOSE_WAIT, verdict, true, leaks));
}

/* Who has read the EOF may be at work: it is called a leak when there are ever more. */
static void test_leak_is_said_of_what_grows(void **state)
{
	struct stream *stream = *state;

	assert_string_not_equal(tct_advice(TCT_CLOSE_WAIT, TCT_EOF_READ_NOT_CLOSED, true, true),
				tct_advice(TCT_CLOSE_WAIT, TCT_EOF_READ_NOT_CLOSED, true, false));
	grow(stream, 1, 120);
	scan_tunnels(stream, 0, 120, 61);
	expect_told(stream, TCT_INFO, TCT_EOF_READ_NOT_CLOSED, false);
	for (uint64_t s = 76; s <= 106; s += 15)
		scan_tunnels(stream, 0, 120, s);
	expect_told(stream, TCT_WARNING, TCT_EOF_READ_NOT_CLOSED, true);
}

/* A hundred that send, and beside them one more each second that does not. */
static void test_tunnels_hide_no_leak(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= 100; cookie++)
		leak_enter(stream, cookie, 80, SECOND);
	for (uint64_t s = 1; s <= 60; s++)
		leak_enter(stream, 100 + s, 80, s * SECOND);
	for (uint64_t s = 61; s <= 91; s += 15) {
		scan_tunnels(stream, 100, 160, s);
		expect_told(stream, TCT_INFO, TCT_STILL_SENDING, false);
	}
	scan_tunnels(stream, 100, 160, 106);
	expect_told(stream, TCT_WARNING, TCT_EOF_READ_NOT_CLOSED, true);
	assert_int_equal(stream->recorder.finding.verdicts[TCT_STILL_SENDING], 100);
	assert_int_equal(stream->recorder.finding.verdicts[TCT_EOF_READ_NOT_CLOSED], 46);
}

/* It stops growing: told after three looks, although its count is as it was told last. */
static void test_bounded_is_info(void **state)
{
	struct stream *stream = *state;

	grow(stream, 1, 46);
	for (uint64_t s = 61; s <= 106; s += 15)
		scan_at(stream, 46, s);
	assert_int_equal(stream->recorder.finding.severity, TCT_WARNING);
	recorder_take(&stream->recorder);
	scan_at(stream, 46, 121);
	scan_at(stream, 46, 151);
	stream_expect(stream, "");
	scan_at(stream, 46, 211);
	stream_expect(stream, "211000000000 finding #1 stuck-close-wait update CLOSE_WAIT count 46 "
			      "oldest 210000000000 local 80 42x46:5-50\n");
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

static bool files_of(void *ctx, uint32_t pid, struct tct_files *out)
{
	(void)ctx;
	assert_int_equal(pid, 42);
	*out = (struct tct_files){ .limit = fd_limit, .open = 50 };
	return true;
}

static char *no_cgroup(void *ctx, uint32_t pid)
{
	(void)ctx;
	(void)pid;
	return NULL;
}

static struct stream *stream_with_files(uint64_t limit, bool once)
{
	static const struct tct_lookups lookups = { .cgroup_of = no_cgroup,
						    .files_of = files_of };
	struct tct_tracker_config config = { 0 };
	struct stream *stream;

	fd_limit = limit;
	tct_stuck_defaults(&config.stuck);
	config.stuck.lookups = &lookups;
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
	scan_tunnels(stream, 0, 3, 99);
	expect_told(stream, TCT_WARNING, TCT_EOF_READ_NOT_CLOSED, false);
	assert_true(outlook.growth_per_s < 0);
	assert_int_equal(outlook.eta_ns, TCT_UNKNOWN);
	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
	stream_free(stream);
}

/* What it sends is acknowledged a second ago: a tunnel, which stops later. */
static void test_still_sending_until_it_stops(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LEAK_LIMIT);

	rec.known = TCT_FOUND_DATA;
	rec.sock.flags = TCT_SOCK_PEER_SEEN;
	rec.data_age_ns = rec.sock.rcv_age_ns = SECOND;
	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	tct_shards_scan_begin(&stream->shards, 1000 + LEAK_LIMIT);
	stream_feed(stream, &rec);
	leak_owners(stream, 7, 7, 1000 + LEAK_LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, TCT_STILL_SENDING);
	assert_int_equal(stream->recorder.finding.severity, TCT_INFO);

	tct_shards_scan_begin(&stream->shards, 1000 + LEAK_LIMIT + LEAK_LOOK);
	rec.data_age_ns = rec.sock.rcv_age_ns = LEAK_LIMIT / 2 + 1;
	stream_feed(stream, &rec);
	leak_owners(stream, 7, 7, 1000 + LEAK_LIMIT + LEAK_LOOK);
	assert_int_equal(stream->recorder.finding.status, TCT_UPDATE);
	assert_int_equal(stream->recorder.finding.verdict, TCT_EOF_READ_NOT_CLOSED);
}

/* Two that were shut down 90 s ago: data came to the first `receiving` of them a second ago. */
static void expect_half_closed(struct stream *stream, uint64_t receiving, uint64_t now_ns,
			       enum tct_severity severity, enum tct_verdict verdict)
{
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	tct_shards_scan_begin(&stream->shards, now_ns);
	for (uint64_t cookie = 1; cookie <= 2; cookie++) {
		struct tct_record_found rec = stream_found(cookie, TCT_FIN_WAIT2, now_ns);

		rec.known = TCT_FOUND_DATA;
		rec.data_age_ns = cookie <= receiving ? SECOND : 80 * SECOND;
		stream_feed(stream, &rec);
	}
	leak_owners(stream, 1, 2, now_ns);
	assert_int_equal(stream->recorder.finding.state, TCT_FIN_WAIT2);
	assert_int_equal(stream->recorder.finding.severity, severity);
	assert_int_equal(stream->recorder.finding.verdict, verdict);
}

/* The other half of a tunnel, until nothing comes any more. */
static void test_still_receiving(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= 2; cookie++)
		stream_move(stream, cookie, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000);
	expect_half_closed(stream, 2, 1000 + 90 * SECOND, TCT_INFO, TCT_STILL_RECEIVING);
	expect_half_closed(stream, 0, 1000 + 113 * SECOND, TCT_WARNING, TCT_HELD);
}

static void test_one_receives_the_other_does_not(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= 2; cookie++)
		stream_move(stream, cookie, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000);
	expect_half_closed(stream, 1, 1000 + 90 * SECOND, TCT_WARNING, TCT_HELD);
}

/* Who held it at the first look holds it no more; another does. */
static void test_held_by_child(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LEAK_LIMIT);
	const struct tct_record_owner parent = stream_owner(7, 42, 5, "parent");
	const struct tct_record_owner child = stream_owner(7, 43, 5, "child");

	leak_enter(stream, 7, 80, 1000);
	stream_scan(stream, 2000, &parent, 1);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	tct_shards_scan_begin(&stream->shards, 1000 + LEAK_LIMIT);
	stream_feed(stream, &rec);
	stream_feed(stream, &child);
	tct_shards_scan_end(&stream->shards, 1000 + LEAK_LIMIT);
	assert_int_equal(stream->recorder.finding.verdict, TCT_HELD_BY_CHILD);
}

/* Only the child was ever seen to hold it: nobody knows who opened it. */
static void test_held_by_child_is_not_guessed(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, 1000 + LEAK_LIMIT);
	const struct tct_record_owner child = stream_owner(7, 43, 5, "child");

	leak_enter(stream, 7, 80, 1000);
	assert_true(tct_shards_tick(&stream->shards, 1000 + LEAK_LIMIT));
	tct_shards_scan_begin(&stream->shards, 1000 + LEAK_LIMIT);
	stream_feed(stream, &rec);
	stream_feed(stream, &child);
	tct_shards_scan_end(&stream->shards, 1000 + LEAK_LIMIT);
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
	tct_shards_scan_begin(&stream->shards, 200 * SECOND);
	stream_feed(stream, &rec);
	assert_true(tct_shards_tick(&stream->shards, 200 * SECOND));
	tct_shards_scan_end(&stream->shards, 200 * SECOND);
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

/* A request of which the kernel knows when its SYN,ACK was sent first. */
static struct tct_record_found request(uint64_t address)
{
	struct tct_record_found rec = stream_found(0, TCT_NEW_SYN_RECV, 100 * SECOND);

	rec.sock.id.address = address;
	rec.known = TCT_FOUND_AGE | TCT_FOUND_LIMIT;
	rec.age_ns = 61 * SECOND;
	rec.limit = 5;
	return rec;
}

static void test_requests_in_one_look(void **state)
{
	struct tct_tracker_config config = { 0 };
	struct tct_record_found rec = request(0x1000);
	struct stream *stream;

	(void)state;
	tct_stuck_defaults(&config.stuck);
	config.stuck.once = true;
	config.stuck.threshold_ns[TCT_NEW_SYN_RECV] = 60 * SECOND;
	stream = stream_new(&config);
	tct_shards_scan_begin(&stream->shards, 100 * SECOND);
	stream_feed(stream, &rec);
	assert_true(tct_shards_tick(&stream->shards, 100 * SECOND));
	tct_shards_scan_end(&stream->shards, 100 * SECOND);
	stream_expect(stream, "100000000000 finding #1 stuck-syn-recv open NEW_SYN_RECV count 1 "
			      "oldest 61000000000 local 40000 not-acknowledged "
			      "socket 9223372036854779904\n");
	stream_free(stream);
}

/* Where events tell of the others' ends, nothing tells of theirs. */
static void test_requests_are_not_mirrored(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = request(0x1000);

	stream_feed(stream, &rec);
	stream_expect_empty(stream);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_verdict_read),
		TEST(test_verdict_not_read),
		TEST(test_verdict_data),
		TEST(test_verdict_not_accepted),
		TEST(test_verdict_of_many),
		cmocka_unit_test(test_requests_in_one_look),
		TEST(test_requests_are_not_mirrored),
		TEST(test_growth_is_a_warning),
		TEST(test_bounded_is_info),
		TEST(test_leak_is_said_of_what_grows),
		TEST(test_tunnels_hide_no_leak),
		cmocka_unit_test(test_growth_to_the_limit_is_critical),
		cmocka_unit_test(test_growth_far_from_the_limit),
		cmocka_unit_test(test_nearly_all_descriptors_are_critical),
		cmocka_unit_test(test_one_look_is_a_warning),
		TEST(test_still_sending_until_it_stops),
		TEST(test_still_receiving),
		TEST(test_one_receives_the_other_does_not),
		TEST(test_held_by_child),
		TEST(test_held_by_child_is_not_guessed),
		cmocka_unit_test(test_age_of_an_unanswered_fin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
