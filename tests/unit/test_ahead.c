// SPDX-License-Identifier: GPL-2.0
/* Findings on time where a scan takes long: it begins ahead, and what it read is told later. */
#include "test.h"

#include "leak.h"
#include "stream.h"

#define TOOK SECOND			/* a scan */
#define LEAD (3 * SECOND / 2 + 20000000)	/* so long before a threshold it begins */
#define REST (20 * SECOND)		/* after each */
#define ENTERED (200 * SECOND)
#define DUE (ENTERED + LEAK_LIMIT)

/* Each socket is another service's. */
static uint16_t port_of(uint64_t cookie)
{
	return (uint16_t)(73 + cookie);
}

/* A scan that is over at this time and finds these sockets in CLOSE_WAIT, held by process 42. */
static void scan_finds(struct stream *stream, uint64_t first, uint64_t last, uint64_t end_ns)
{
	tct_shards_scan_begin(&stream->shards, end_ns - TOOK);
	for (uint64_t cookie = first; cookie <= last; cookie++) {
		struct tct_record_found rec = stream_found(cookie, TCT_CLOSE_WAIT, end_ns - 1);

		rec.sock.id.lport = port_of(cookie);
		stream_feed(stream, &rec);
	}
	tct_shards_scan_namespace(&stream->shards, 1);
	leak_owners(stream, first, last, end_ns);
}

/* The first scan of a host takes a second: it is what later ones are expected to take. */
static struct stream *slow_host(void)
{
	struct stream *stream = stream_new(NULL);

	scan_finds(stream, 1, 0, 100 * SECOND);
	assert_int_equal(tct_shards_seeded(&stream->shards), 0);
	recorder_take(&stream->recorder);
	return stream;
}

static int setup(void **state)
{
	*state = slow_host();
	return 0;
}

static void test_begins_ahead(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, ENTERED);
	assert_int_equal(tct_shards_deadline(&stream->shards), DUE - LEAD);
	assert_false(tct_shards_tick(&stream->shards, DUE - LEAD - 1));
	assert_true(tct_shards_tick(&stream->shards, DUE - LEAD));
	stream_expect(stream, "");
}

/* One whose clock has just begun is no reason to look at all of them for the one before it. */
static void test_short_lived(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, ENTERED);
	leak_enter(stream, 8, 80, ENTERED + SECOND);
	leak_close(stream, 7, ENTERED + 2 * SECOND);
	assert_int_equal(tct_shards_deadline(&stream->shards), DUE + SECOND - LEAD);
	stream_move(stream, 7, TCT_LAST_ACK, TCT_CLOSE, ENTERED + 3 * SECOND);
	leak_close(stream, 8, ENTERED + 4 * SECOND);
	stream_move(stream, 8, TCT_LAST_ACK, TCT_CLOSE, ENTERED + 4 * SECOND);
	assert_true(tct_shards_deadline(&stream->shards) == TCT_STUCK_NEVER);
}

/* To the nanosecond, and no scan for it is wanted any more. */
static void test_opens_at_the_threshold(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, ENTERED);
	assert_true(tct_shards_tick(&stream->shards, DUE - LEAD));
	scan_finds(stream, 7, 7, DUE - LEAD + TOOK);
	assert_int_equal(tct_shards_deadline(&stream->shards), DUE);
	assert_false(tct_shards_tick(&stream->shards, DUE - 1));
	stream_expect(stream, "");
	assert_false(tct_shards_tick(&stream->shards, DUE));
	stream_expect(stream, "260000000000 finding #1 stuck-close-wait open CLOSE_WAIT count 1 "
			      "oldest 60000000000 local 80 42x1:5 eof-read-not-closed socket 7\n");
}

static void test_leaves_before_the_threshold(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, ENTERED);
	assert_true(tct_shards_tick(&stream->shards, DUE - LEAD));
	scan_finds(stream, 7, 7, DUE - LEAD + TOOK);
	leak_close(stream, 7, DUE - 1);
	recorder_take(&stream->recorder);
	assert_false(tct_shards_tick(&stream->shards, DUE));
	stream_expect(stream, "");
	/* what was read of CLOSE_WAIT says nothing of LAST_ACK */
	assert_true(tct_shards_tick(&stream->shards, DUE - 1 + LEAK_LIMIT - LEAD));
	assert_true(tct_shards_tick(&stream->shards, DUE - 1 + LEAK_LIMIT));
	stream_expect(stream, "");
}

/* What the scan did not find is not told by what it found of another. */
static void test_one_not_found(void **state)
{
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, ENTERED);
	leak_enter(stream, 8, 81, ENTERED + 1);
	assert_true(tct_shards_tick(&stream->shards, DUE - LEAD));
	scan_finds(stream, 8, 8, DUE - LEAD + TOOK);
	tct_shards_tick(&stream->shards, DUE + 1);
	assert_int_equal(stream->recorder.finding.count, 1);
	assert_int_equal(stream->shards.stuck.part[0].fresh.count, 1);
}

/* One scan is good for all that is due until the next may be made, and no longer. */
static void test_reach(void **state)
{
	const uint64_t end_ns = DUE - LEAD + TOOK, within_ns = end_ns + REST + LEAD - 1;
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, ENTERED);
	leak_enter(stream, 8, 81, within_ns - LEAK_LIMIT);
	leak_enter(stream, 9, 82, within_ns + 1 - LEAK_LIMIT);
	assert_true(tct_shards_tick(&stream->shards, DUE - LEAD));
	scan_finds(stream, 7, 9, end_ns);
	assert_false(tct_shards_tick(&stream->shards, DUE));
	assert_int_equal(stream->shards.stuck.opened, 1);
	tct_shards_tick(&stream->shards, within_ns);
	assert_int_equal(stream->shards.stuck.opened, 2);
	assert_int_equal(stream->recorder.finding.mono_ns, within_ns);
	/* the third has its own scan, which is late: what is old is told once more, then no more */
	tct_shards_tick(&stream->shards, within_ns + 1);
	assert_int_equal(stream->shards.stuck.opened, 3);
	leak_enter(stream, 10, 83, within_ns);
	assert_true(tct_shards_tick(&stream->shards, within_ns + LEAK_LIMIT));
	assert_int_equal(stream->shards.stuck.opened, 3);
	assert_int_equal(stream->shards.stuck.part[0].fresh.count, 1);
}

/* What was read long before is told, and looked at again as soon as may be. */
static void test_corrected(void **state)
{
	const uint64_t end_ns = DUE - LEAD + TOOK, late_ns = end_ns + REST - SECOND;
	struct tct_record_found rec = stream_found(8, TCT_CLOSE_WAIT, end_ns + REST + TOOK - 1);
	struct stream *stream = *state;

	leak_enter(stream, 7, 80, ENTERED);
	leak_enter(stream, 8, 81, late_ns - LEAK_LIMIT);
	assert_true(tct_shards_tick(&stream->shards, DUE - LEAD));
	scan_finds(stream, 7, 8, end_ns);
	tct_shards_tick(&stream->shards, DUE);
	leak_close(stream, 7, DUE + 1);
	stream_move(stream, 7, TCT_LAST_ACK, TCT_CLOSE, DUE + 2);
	tct_shards_tick(&stream->shards, late_ns);
	assert_int_equal(stream->recorder.finding.verdict, TCT_EOF_READ_NOT_CLOSED);
	assert_false(tct_shards_tick(&stream->shards, end_ns + REST - 1));
	assert_true(tct_shards_tick(&stream->shards, end_ns + REST));
	tct_shards_scan_begin(&stream->shards, end_ns + REST);
	rec.sock.id.lport = port_of(8);
	rec.sock.copied_seq = rec.sock.rcv_nxt - 1;
	stream_feed(stream, &rec);
	tct_shards_scan_namespace(&stream->shards, 1);
	leak_owners(stream, 8, 8, end_ns + REST + TOOK);
	assert_int_equal(stream->recorder.finding.status, TCT_UPDATE);
	assert_int_equal(stream->recorder.finding.verdict, TCT_EOF_NOT_READ);
}

/* A threshold shorter than the rest: a new finding need not wait for it, an update has to. */
static void test_saved_time(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 102 * SECOND;

	stream->shards.stuck.config.threshold_ns[TCT_CLOSE_WAIT] = 2 * SECOND;
	leak_enter(stream, 7, 80, now_ns);
	assert_true(tct_shards_tick(&stream->shards, now_ns + 2 * SECOND - LEAD));
	scan_finds(stream, 7, 7, now_ns + 2 * SECOND - LEAD + TOOK);
	tct_shards_tick(&stream->shards, now_ns + 2 * SECOND);
	assert_int_equal(stream->recorder.finding.mono_ns, now_ns + 2 * SECOND);
	now_ns += 3 * SECOND;
	leak_enter(stream, 8, 80, now_ns);
	assert_false(tct_shards_tick(&stream->shards, now_ns + 2 * SECOND - LEAD));
	leak_enter(stream, 9, 81, now_ns);
	assert_true(tct_shards_tick(&stream->shards, now_ns + 2 * SECOND - LEAD + 1));
}

/* What was saved is spent: then each second of scanning has its twenty of rest. */
static void test_share(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = 100 * SECOND;
	unsigned int scans = 0;

	stream->shards.stuck.config.threshold_ns[TCT_CLOSE_WAIT] = 2 * SECOND;
	for (uint64_t cookie = 1000; now_ns < 700 * SECOND; cookie++, now_ns += SECOND / 2) {
		leak_enter(stream, cookie, port_of(cookie), now_ns);
		if (!tct_shards_tick(&stream->shards, now_ns))
			continue;
		now_ns += TOOK;
		scan_finds(stream, cookie, cookie, now_ns);
		scans++;
	}
	assert_in_range(scans, 600 / 21, (600 + 120) / 20 + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begins_ahead),
		TEST(test_short_lived),
		TEST(test_opens_at_the_threshold),
		TEST(test_leaves_before_the_threshold),
		TEST(test_one_not_found),
		TEST(test_reach),
		TEST(test_corrected),
		TEST(test_saved_time),
		TEST(test_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
