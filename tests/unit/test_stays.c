// SPDX-License-Identifier: GPL-2.0
/* --mode=summary: what the iterator tells of a socket, and its steps from then on. */
#include "test.h"

#include "stream.h"

#define READ_AT (100 * SECOND)
#define ENTERED_AT (60 * SECOND)
#define STUCK_AT (120 * SECOND)	/* 60 s later */

static void tell(struct stream *stream, uint64_t cookie, uint64_t entered_ns, uint32_t flags)
{
	struct tct_record_stays rec = {
		.found = stream_found(cookie, TCT_CLOSE_WAIT, READ_AT),
		.entered_ns = entered_ns,
		.flags = flags,
	};

	rec.found.sock.h.tag = TCT_REC_STAYS;
	rec.found.sock.h.size = sizeof(rec);
	stream_feed(stream, &rec);
}

static void step(struct stream *stream, enum tct_state from, enum tct_state to, uint64_t time_ns)
{
	struct tct_record_step rec = stream_step(7, from, to, time_ns);

	stream_feed(stream, &rec);
}

static struct tct_socket *socket_of(struct stream *stream)
{
	return tct_mirror_find(&stream->shards.shard[0].mirror, 7, false);
}

static void test_entry_is_exact(void **state)
{
	struct stream *stream = *state;

	tell(stream, 7, ENTERED_AT, TCT_STAY_PASSIVE);
	assert_non_null(socket_of(stream));
	assert_true(socket_of(stream)->entered_ns == ENTERED_AT);
	assert_true(socket_of(stream)->flags & TCT_SOCK_EXACT);
	assert_true(socket_of(stream)->flags & TCT_SOCK_LOCAL_PORT);
	tell(stream, 7, ENTERED_AT, TCT_STAY_PASSIVE);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 1);
	stream_expect(stream, "");
}

static void test_entry_before_us(void **state)
{
	struct stream *stream = *state;

	tell(stream, 7, 0, TCT_STAY_ACTIVE);
	assert_false(socket_of(stream)->flags & (TCT_SOCK_EXACT | TCT_SOCK_LOCAL_PORT));
	assert_true(socket_of(stream)->entered_ns <= READ_AT);
}

/* Due by its entry, not by when it was read. */
static void test_due_at_the_threshold(void **state)
{
	struct stream *stream = *state;

	tell(stream, 7, ENTERED_AT, TCT_STAY_PASSIVE);
	assert_false(tct_shards_tick(&stream->shards, STUCK_AT - 1));
	assert_true(tct_shards_deadline(&stream->shards) == STUCK_AT);
	assert_true(tct_shards_tick(&stream->shards, STUCK_AT));
}

static void test_steps_are_followed_untold(void **state)
{
	struct stream *stream = *state;

	tell(stream, 7, ENTERED_AT, TCT_STAY_PASSIVE);
	step(stream, TCT_CLOSE_WAIT, TCT_LAST_ACK, READ_AT + SECOND);
	assert_int_equal(socket_of(stream)->state, TCT_LAST_ACK);
	step(stream, TCT_LAST_ACK, TCT_CLOSE, READ_AT + 2 * SECOND);
	stream_expect(stream, "");
	stream_expect_empty(stream);
}

/* Read before the iterator came: what it found is newer. */
static void test_older_step(void **state)
{
	struct stream *stream = *state;

	tell(stream, 7, ENTERED_AT, TCT_STAY_PASSIVE);
	step(stream, TCT_ESTABLISHED, TCT_CLOSE_WAIT, ENTERED_AT);
	assert_int_equal(socket_of(stream)->state, TCT_CLOSE_WAIT);
	assert_true(socket_of(stream)->entered_ns == ENTERED_AT);
}

static void test_illegal_is_told(void **state)
{
	struct stream *stream = *state;

	tell(stream, 7, ENTERED_AT, TCT_STAY_PASSIVE);
	step(stream, TCT_CLOSE_WAIT, TCT_SYN_SENT, READ_AT + SECOND);
	assert_int_equal(stream->shards.shard[0].totals.illegal, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_entry_is_exact, stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(test_entry_before_us, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(test_due_at_the_threshold, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(test_steps_are_followed_untold, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(test_older_step, stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(test_illegal_is_told, stream_setup,
						stream_teardown),
	};

	return cmocka_run_group_tests_name("stays", tests, NULL, NULL);
}
