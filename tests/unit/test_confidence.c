// SPDX-License-Identifier: GPL-2.0
/* How far a finding can be trusted, and none that is made up from a gap. */
#include "test.h"

#include "auditing.h"

#define SECOND 1000000000ull
#define DUE (61 * SECOND)

static void scan(struct stream *stream, const struct tct_record_found *rec, uint64_t now_ns)
{
	tct_shards_scan_begin(&stream->shards, now_ns);
	if (rec)
		stream_feed(stream, rec);
	tct_shards_scan_namespace(&stream->shards, 1);
	tct_shards_scan_end(&stream->shards, now_ns);
}

static void find_stuck(struct stream *stream, uint64_t cookie, uint64_t now_ns)
{
	struct tct_record_found rec = stream_found(cookie, TCT_CLOSE_WAIT, now_ns);

	assert_true(tct_shards_tick(&stream->shards, now_ns));
	scan(stream, &rec, now_ns);
}

static void audit_all_there(struct stream *stream, uint64_t cookie)
{
	auditing_begin(stream);
	auditing_present(stream, cookie, TCT_CLOSE_WAIT);
	auditing_swept(stream);
	auditing_again(stream);
	auditing_found(stream, cookie, TCT_CLOSE_WAIT);
	auditing_settle(stream);
	recorder_take(&stream->recorder);
}

static enum tct_confidence told(const struct stream *stream)
{
	return stream->recorder.finding.confidence;
}

/* Not audited yet. */
static void test_degraded(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, SECOND);
	find_stuck(stream, 7, DUE);
	assert_int_equal(told(stream), TCT_DEGRADED);
}

/* What found no room in the mirror or in the output makes no finding wrong. */
static void test_other_losses(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	tct_shards_loss(&stream->shards, TCT_LOSS_SINK, 1, SECOND);
	tct_shards_loss(&stream->shards, TCT_LOSS_MIRROR, 1, SECOND);
	find_stuck(stream, 7, DUE);
	assert_int_equal(told(stream), TCT_EXACT);
	assert_true(tct_audit_at(&stream->shards) == TCT_AUDIT_NEVER);
}

/* Its entry was seen, before the loss: the audit says that nothing has changed since. */
static void test_exact_again(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 4);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, SECOND / 2);
	assert_true(tct_audit_at(&stream->shards) < AUDIT_AT);
	audit_all_there(stream, 7);
	find_stuck(stream, 7, DUE);
	assert_int_equal(told(stream), TCT_EXACT);
}

/* Its entry came while nobody knew what else was lost; or it was not seen at all. */
static void test_repaired(void **state)
{
	struct stream *stream = *state;

	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, SECOND / 4);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	audit_all_there(stream, 7);
	find_stuck(stream, 7, DUE);
	assert_int_equal(told(stream), TCT_REPAIRED);
	stream_move(stream, 7, TCT_CLOSE_WAIT, TCT_LAST_ACK, DUE + 1);
	audit_all_there(stream, 8);
	find_stuck(stream, 8, DUE + 2 * SECOND);
	assert_int_equal(told(stream), TCT_REPAIRED);
}

/* A finding that was told while in doubt is told again when there is none. */
static void test_told_again(void **state)
{
	struct stream *stream = *state;
	struct tct_record_found rec = stream_found(7, TCT_CLOSE_WAIT, AUDIT_AT + SECOND);

	stream->shards.stuck.config.threshold_ns[TCT_CLOSE_WAIT] = SECOND / 2;
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1000);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, SECOND / 4);
	find_stuck(stream, 7, SECOND / 2 + 1000);
	assert_int_equal(told(stream), TCT_DEGRADED);
	audit_all_there(stream, 7);
	assert_true(tct_shards_tick(&stream->shards, AUDIT_AT + SECOND));
	scan(stream, &rec, AUDIT_AT + SECOND);
	assert_int_equal(told(stream), TCT_EXACT);
	assert_int_equal(stream->recorder.finding.status, TCT_UPDATE);
}

/* It has left, and that was lost: no finding, and soon an audit. */
static void test_not_found(void **state)
{
	struct stream *stream = *state;
	uint64_t now_ns = DUE;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	recorder_take(&stream->recorder);
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	scan(stream, NULL, now_ns);
	assert_true(tct_audit_at(&stream->shards) == TCT_AUDIT_NEVER);
	assert_false(tct_shards_tick(&stream->shards, now_ns + SECOND - 1));
	now_ns = tct_shards_deadline(&stream->shards);
	assert_true(tct_shards_tick(&stream->shards, now_ns));
	scan(stream, NULL, now_ns);
	stream_expect(stream, "");
	assert_int_equal(tct_audit_at(&stream->shards), 0);
	find_stuck(stream, 7, tct_shards_deadline(&stream->shards));	/* only late, after all */
	assert_int_equal(told(stream), TCT_EXACT);
	assert_int_equal(stream->recorder.finding.count, 1);
}

/* Found, but elsewhere: its event is on the way. Nor is a mini-socket its full one. */
static void test_found_elsewhere(void **state)
{
	struct tct_record_found rec = stream_found(7, TCT_LAST_ACK, DUE);
	struct tct_record_tw tw = stream_tw(TCT_REC_TW_SOCK, 8, TCT_FIN_WAIT2, 91 * SECOND);
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	stream_move(stream, 8, TCT_FIN_WAIT1, TCT_FIN_WAIT2, SECOND / 2);
	recorder_take(&stream->recorder);
	assert_true(tct_shards_tick(&stream->shards, DUE));
	scan(stream, &rec, DUE);
	stream_move(stream, 7, TCT_CLOSE_WAIT, TCT_CLOSE, DUE + 1);
	stream_start(stream, 8, TCT_FIN_WAIT2, 91 * SECOND - 1);
	recorder_take(&stream->recorder);
	assert_true(tct_shards_tick(&stream->shards, 91 * SECOND));
	tct_shards_scan_begin(&stream->shards, 91 * SECOND);
	stream_feed(stream, &tw);
	tct_shards_scan_namespace(&stream->shards, 1);
	tct_shards_scan_end(&stream->shards, 91 * SECOND);
	assert_int_equal(stream->recorder.finding.count, 1);
	assert_true(tct_mirror_find(&stream->shards.shard[0].mirror, 8, true)->group);
	assert_false(tct_mirror_find(&stream->shards.shard[0].mirror, 8, false)->group);
}

/* Of a namespace that this scan did not read the mirror is believed. */
static void test_out_of_reach(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	assert_true(tct_shards_tick(&stream->shards, DUE));
	tct_shards_scan_begin(&stream->shards, DUE);
	tct_shards_scan_namespace(&stream->shards, 2);
	tct_shards_scan_end(&stream->shards, DUE);
	assert_int_equal(stream->recorder.finding.count, 1);
}

/* Its namespace is no more, so it cannot be there: no finding, and soon an audit. */
static void test_namespace_has_gone(void **state)
{
	const uint32_t others[] = { 2, 3 };
	struct stream *stream = *state;
	uint64_t now_ns = DUE;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	recorder_take(&stream->recorder);
	for (int i = 0; i < 2; i++, now_ns = tct_shards_deadline(&stream->shards)) {
		assert_true(tct_shards_tick(&stream->shards, now_ns));
		tct_shards_scan_begin(&stream->shards, now_ns);
		tct_shards_scan_namespace(&stream->shards, 2);
		tct_shards_scan_listed(&stream->shards, others, COUNT(others));
		tct_shards_scan_end(&stream->shards, now_ns);
	}
	stream_expect(stream, "");
	assert_int_equal(stream->recorder.finding.count, 0);
	assert_int_equal(tct_audit_at(&stream->shards), 0);
}

/* There, but not to be read; or newer than the list. */
static void test_namespace_is_listed(void **state)
{
	const uint32_t listed[] = { 2, 1 };
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, SECOND / 2);
	assert_true(tct_shards_tick(&stream->shards, DUE));
	tct_shards_scan_begin(&stream->shards, DUE);
	tct_shards_scan_listed(&stream->shards, listed, 2);
	tct_shards_scan_end(&stream->shards, DUE);
	assert_true(tct_mirror_find(&stream->shards.shard[0].mirror, 7, false)->group);
	stream->shards.stuck.config.threshold_ns[TCT_CLOSE_WAIT] = 1;
	tct_shards_scan_begin(&stream->shards, 2 * DUE);
	stream_move(stream, 8, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 2 * DUE + 1);
	tct_shards_tick(&stream->shards, 2 * DUE + 3);
	tct_shards_scan_listed(&stream->shards, listed, 1);
	tct_shards_scan_end(&stream->shards, 2 * DUE + 3);
	assert_true(tct_mirror_find(&stream->shards.shard[0].mirror, 8, false)->group);
}

/* The leaving of one that is in a finding was lost: the audit resolves it. */
static void test_ghost_in_a_finding(void **state)
{
	struct stream *stream = *state;

	stream->shards.stuck.config.threshold_ns[TCT_CLOSE_WAIT] = SECOND / 2;
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1000);
	find_stuck(stream, 7, SECOND / 2 + 1000);
	recorder_take(&stream->recorder);
	auditing_begin(stream);
	auditing_swept(stream);
	auditing_again(stream);
	auditing_settle(stream);
	tct_shards_join(&stream->shards);
	assert_int_equal(stream->recorder.finding.status, TCT_RESOLVED);
	stream_expect_empty(stream);
}

/* After an audit a gap is a loss of its own. */
static void test_gap_after_an_audit(void **state)
{
	struct stream *stream = *state;

	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, SECOND / 2);
	auditing_begin(stream);
	auditing_swept(stream);
	auditing_settle(stream);
	stream_mismatch(stream, 7);
	recorder_take(&stream->recorder);
	tct_shards_judge(&stream->shards, 2 * SECOND);
	stream_expect(stream, "2000000000 loss hook 1\n");
	assert_true(stream->shards.stuck.degraded);
	assert_true(tct_audit_at(&stream->shards) > 2 * SECOND);
}

/* What was lost after the audit began, it may not have seen. */
static void test_loss_meanwhile(void **state)
{
	struct stream *stream = *state;

	auditing_begin(stream);
	tct_shards_loss(&stream->shards, TCT_LOSS_RING, 1, AUDIT_AT + 1);
	auditing_swept(stream);
	auditing_settle(stream);
	assert_true(stream->shards.stuck.degraded);
	assert_true(tct_audit_at(&stream->shards) < AUDIT_AT + SECOND);
}

/* LAST_ACK was entered unseen: whether the FINs went in three segments or four nobody knows. */
static void test_end_with_a_gap(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_LAST_ACK, TCT_CLOSE, 300);

	stream_connect_at_100(stream, 7);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 200);
	recorder_take(&stream->recorder);
	stream_feed(stream, &rec);
	tct_shards_flush(&stream->shards);
	stream_expect(stream, "300 move 7 LAST_ACK>CLOSE ? 42/connect\n"
			      "300 end 7 unknown remote 42/connect\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, auditing_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_degraded),
		TEST(test_other_losses),
		TEST(test_exact_again),
		TEST(test_repaired),
		TEST(test_told_again),
		TEST(test_not_found),
		TEST(test_found_elsewhere),
		TEST(test_out_of_reach),
		TEST(test_namespace_has_gone),
		TEST(test_namespace_is_listed),
		TEST(test_ghost_in_a_finding),
		TEST(test_gap_after_an_audit),
		TEST(test_loss_meanwhile),
		TEST(test_end_with_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
