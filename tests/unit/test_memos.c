// SPDX-License-Identifier: GPL-2.0
/* What a session has to be told so that it goes on from another one's mirror. */
#include "test.h"

#include <stdlib.h>
#include "../../user/core/tracker_internal.h"
#include "../../user/session/memos.h"
#include "../../user/session/session.h"
#include "stream.h"

struct pair {
	struct tct_host host;
	struct tct_sink sink;
	struct recorder recorder;
	struct tct_session first, second;
};

static void start(struct pair *pair, struct tct_session *session)
{
	struct tct_session_config config = {
		.host = &pair->host, .sink = &pair->sink, .messages = &pair->sink, .detect = true,
		.select.types = TCT_SELECT_ALL,
	};

	tct_stuck_defaults(&config.stuck);
	assert_int_equal(tct_session_init(session, &config), 0);
}

static int setup(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	pair->host = (struct tct_host){ .start_ns = 100, .hz = 250, .max_sockets = 4 };
	recorder_init(&pair->recorder, &pair->sink);
	start(pair, &pair->first);
	start(pair, &pair->second);
	*state = pair;
	return 0;
}

static int teardown(void **state)
{
	struct pair *pair = *state;

	tct_session_fini(&pair->first);
	tct_session_fini(&pair->second);
	recorder_fini(&pair->recorder);
	free(pair);
	return 0;
}

static void apply(void *ctx, const struct tct_input *input)
{
	assert_int_equal(tct_session_apply(ctx, input), 0);
}

static void tell(struct tct_session *session, enum tct_input_kind kind, uint32_t which,
		 uint64_t value, uint64_t now_ns)
{
	const struct tct_input input = { .kind = kind, .which = which, .value = value,
					 .now_ns = now_ns };

	apply(session, &input);
}

static void move(struct tct_session *session, uint64_t cookie, enum tct_state from,
		 enum tct_state to, uint64_t time_ns)
{
	const struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);
	const struct tct_input input = { .kind = TCT_IN_RECORD, .data = &rec, .len = sizeof(rec) };

	assert_int_equal(tct_session_apply(session, &input), sizeof(rec));
}

static void go_on(struct pair *pair)
{
	tct_memos_tell(&pair->first.shards, apply, &pair->second);
	tell(&pair->second, TCT_IN_SEEDED, 1, 0, 1000);
}

static enum tct_confidence confidence_of(const struct tct_session *session, uint64_t cookie)
{
	const struct tct_tracker *tracker = session->shards.shard;

	return tct_tracker_confidence(tracker, tct_mirror_find(&tracker->mirror, cookie, false));
}

static void test_lost_before(void **state)
{
	struct pair *pair = *state;

	tell(&pair->first, TCT_IN_SEEDED, 1, 0, 100);
	tell(&pair->first, TCT_IN_LOSS, TCT_LOSS_RING, 3, 200);
	go_on(pair);
	assert_int_equal(confidence_of(&pair->second, 7), TCT_DEGRADED);
	assert_int_equal(tct_audit_at(&pair->second.shards), tct_audit_at(&pair->first.shards));
}

/* What entered its state while others were lost; a step that was not seen. */
static void test_repaired_before(void **state)
{
	struct pair *pair = *state;
	const struct tct_socket *first, *second;

	tell(&pair->first, TCT_IN_SEEDED, 1, 0, 100);
	tell(&pair->first, TCT_IN_LOSS, TCT_LOSS_RING, 3, 200);
	move(&pair->first, 7, TCT_CLOSE, TCT_SYN_SENT, 300);
	pair->first.shards.stuck.degraded = false;
	first = tct_mirror_find(&pair->first.shards.shard[0].mirror, 7, false);
	go_on(pair);
	second = tct_mirror_find(&pair->second.shards.shard[0].mirror, 7, false);
	assert_int_equal(confidence_of(&pair->second, 7), TCT_REPAIRED);
	assert_int_equal(second->flags, first->flags);
}

/* What a bound left out is no drift of the next run's. */
static void test_found_no_room_before(void **state)
{
	struct pair *pair = *state;

	tell(&pair->first, TCT_IN_SEEDED, 1, 0, 100);
	for (uint64_t cookie = 1; cookie <= pair->host.max_sockets + 2; cookie++)
		move(&pair->first, cookie, TCT_CLOSE, TCT_SYN_SENT, 100 + cookie);
	go_on(pair);
	assert_int_equal(pair->second.shards.shard[0].beyond, 2);
}

static void test_flood_that_lasts(void **state)
{
	struct pair *pair = *state;

	tell(&pair->first, TCT_IN_SEEDED, 1, 0, 100);
	tell(&pair->first, TCT_IN_FLOOD, 1, 0, 200);
	go_on(pair);
	assert_true(pair->second.shards.flooded);
	assert_int_equal(pair->second.flood_ns, 200);
}

static void test_flood_that_is_over(void **state)
{
	static const uint64_t counts[TCT_STATES][TCT_STATES];
	const struct tct_input over = { .kind = TCT_IN_FLOOD, .now_ns = 300, .data = counts,
					.len = sizeof(counts) };
	struct pair *pair = *state;

	tell(&pair->first, TCT_IN_SEEDED, 1, 0, 100);
	tell(&pair->first, TCT_IN_FLOOD, 1, 0, 200);
	apply(&pair->first, &over);
	go_on(pair);
	assert_false(pair->second.shards.flooded);
	assert_int_equal(tct_shards_doubts(&pair->second.shards), TCT_DOUBT_THINNED);
	assert_int_equal(tct_audit_at(&pair->second.shards), tct_audit_at(&pair->first.shards));
}

/* The mirror was damaged, what all runs received is known. */
static void test_forgotten(void **state)
{
	struct pair *pair = *state;
	struct tct_summary summary;

	tell(&pair->first, TCT_IN_FORGOTTEN, 0, 5000, 100);
	tell(&pair->first, TCT_IN_SEEDED, 1, 0, 100);
	move(&pair->first, 7, TCT_CLOSE, TCT_SYN_SENT, 300);
	tct_shards_summary(&pair->first.shards, 400, &summary);
	assert_int_equal(summary.transitions_total, 5001);
	assert_false(pair->first.continued);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lost_before, setup, teardown),
		cmocka_unit_test_setup_teardown(test_repaired_before, setup, teardown),
		cmocka_unit_test_setup_teardown(test_found_no_room_before, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flood_that_lasts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flood_that_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
