// SPDX-License-Identifier: GPL-2.0
/* The mirror's bound: who finds room, who makes room, and what is said of the others. */
#include "test.h"

#include "auditing.h"

#define BOUND 4

static int setup(void **state)
{
	static struct tct_tracker_config config = { .max_sockets = BOUND };

	tct_stuck_defaults(&config.stuck);
	*state = auditing_new(&config);
	return 0;
}

static bool has(const struct stream *stream, uint64_t cookie)
{
	return tct_mirror_find(&stream->shards.shard[0].mirror, cookie, false);
}

static uint32_t count(const struct stream *stream)
{
	return stream->shards.shard[0].mirror.pool.live;
}

static void fill(struct stream *stream)
{
	for (uint64_t cookie = 1; cookie <= BOUND; cookie++)
		stream_move(stream, cookie, TCT_SYN_SENT, TCT_ESTABLISHED, 100 + cookie);
	recorder_take(&stream->recorder);
}

/* Its events are told all the same; the loss once a batch, with the exact count. */
static void test_new_ones_find_no_room(void **state)
{
	struct stream *stream = *state;

	fill(stream);
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 200);
	stream_move(stream, 8, TCT_CLOSE, TCT_SYN_SENT, 201);
	stream_expect(stream, "200 move 7 CLOSE>SYN_SENT ?\n201 move 8 CLOSE>SYN_SENT ?\n");
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "300 loss mirror 2\n");
	tct_shards_judge(&stream->shards, 400);
	stream_expect(stream, "");
	assert_int_equal(count(stream), BOUND);
	assert_int_equal(stream->shards.shard[0].beyond, 2);
	assert_false(stream->shards.stuck.degraded);
	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 450);
	tct_shards_judge(&stream->shards, 460);
	stream_expect(stream, "450 move 7 SYN_SENT>ESTABLISHED ?\n");
	assert_int_equal(stream->shards.shard[0].beyond, 2);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE, 500);
	assert_int_equal(stream->shards.shard[0].beyond, 1);
	assert_int_equal(count(stream), BOUND);
}

/* --mode=summary: what the kernel side had no room for is one sum with what the mirror had none for. */
static void test_those_of_the_kernel_side(void **state)
{
	struct stream *stream = *state;

	fill(stream);
	tct_shards_loss(&stream->shards, TCT_LOSS_MIRROR, 3, 150);
	stream_expect(stream, "150 loss mirror 3\n");
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 200);
	recorder_take(&stream->recorder);
	tct_shards_judge(&stream->shards, 300);
	stream_expect(stream, "300 loss mirror 4\n");
	tct_shards_judge(&stream->shards, 400);
	stream_expect(stream, "");
	tct_shards_loss(&stream->shards, TCT_LOSS_MIRROR, 5, 500);
	stream_expect(stream, "500 loss mirror 6\n");
}

/* However many of its events come. */
static void test_each_is_counted_once(void **state)
{
	struct stream *stream = *state;

	fill(stream);
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 200);
	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 210);
	assert_int_equal(stream->shards.shard[0].unmirrored, 1);
	assert_int_equal(stream->shards.shard[0].beyond, 1);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_FIN_WAIT1, 220);	/* in place of another */
	assert_int_equal(stream->shards.shard[0].unmirrored, 2);
	assert_int_equal(stream->shards.shard[0].beyond, 1);
	stream_move(stream, 7, TCT_FIN_WAIT1, TCT_CLOSE, 230);
	assert_int_equal(count(stream), BOUND - 1);
	assert_int_equal(stream->shards.shard[0].beyond, 1);
}

/* The youngest that is established goes. */
static void test_lingering_ones_do(void **state)
{
	struct stream *stream = *state;

	fill(stream);
	stream_move(stream, 7, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 200);
	assert_int_equal(count(stream), BOUND);
	assert_true(has(stream, 7));
	assert_false(has(stream, BOUND));
	assert_true(has(stream, BOUND - 1));
}

static void test_not_for_a_younger_one(void **state)
{
	struct stream *stream = *state;

	for (uint64_t cookie = 1; cookie <= BOUND + 1; cookie++)
		stream_move(stream, cookie, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 100 + cookie);
	assert_int_equal(count(stream), BOUND);
	assert_false(has(stream, BOUND + 1));
	assert_int_equal(stream->shards.shard[0].beyond, 1);
}

/* Mini-sockets go first, but not in the middle of a hand-over, which would tell another end. */
static void test_minis_go_first(void **state)
{
	struct stream *stream = *state;
	const struct tct_mirror *mirror = &stream->shards.shard[0].mirror;

	stream_move(stream, 1, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	stream_move(stream, 2, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 110);
	stream_hand_over(stream, 2, TCT_TIME_WAIT, 120);
	stream_move(stream, 3, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 130);
	stream_start(stream, 3, TCT_TIME_WAIT, 140);
	recorder_take(&stream->recorder);
	stream_move(stream, 4, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 150);
	assert_null(tct_mirror_find(mirror, 2, true));
	stream_move(stream, 3, TCT_FIN_WAIT2, TCT_CLOSE, 160);
	stream_expect(stream, "150 move 4 ESTABLISHED>CLOSE_WAIT ?\n"
			      "160 move 3 FIN_WAIT2>TIME_WAIT 30\n"
			      "160 end 3 orderly local\n");
	assert_true(has(stream, 1));
}

static void test_churn_stays_bounded(void **state)
{
	static const enum tct_state path[] = { TCT_CLOSE, TCT_SYN_SENT, TCT_ESTABLISHED,
					       TCT_FIN_WAIT1, TCT_FIN_WAIT2 };
	struct stream *stream = *state;

	for (uint64_t i = 0; i < 4000; i++) {
		uint64_t cookie = 10 + i % 40, step = i / 40 % (COUNT(path) - 1);

		stream_move(stream, cookie, path[step], path[step + 1], 1000 + i);
		assert_true(count(stream) <= BOUND);
	}
}

/* What is beyond is no drift, and is not read back while there is no room; then it is. */
static void test_audits(void **state)
{
	struct stream *stream = *state;

	fill(stream);
	stream_move(stream, 7, TCT_CLOSE, TCT_SYN_SENT, 200);
	stream_move(stream, 7, TCT_SYN_SENT, TCT_ESTABLISHED, 210);
	recorder_take(&stream->recorder);
	for (int round = 0; round < 2; round++) {
		auditing_begin(stream);
		for (uint64_t cookie = 1 + round; cookie <= BOUND; cookie++)
			auditing_present(stream, cookie, TCT_ESTABLISHED);
		auditing_present(stream, 7, TCT_ESTABLISHED);
		auditing_swept(stream);
		assert_int_equal(auditing_suspects(stream), round);
		auditing_again(stream);
		auditing_found(stream, 7, TCT_ESTABLISHED);
		auditing_settle(stream);
		assert_int_equal(stream->shards.shard[0].beyond, 1 - round);
		if (!round)
			stream_move(stream, 1, TCT_ESTABLISHED, TCT_CLOSE, AUDIT_AT - 1);
	}
	stream_expect(stream, "1100001000 audit 5 mirrored 4 missing 0 ghosts 0 states 0 races 0 "
			      "seeded 0 beyond 1 requests 0\n"
			      "999999999 move 1 ESTABLISHED>CLOSE 999999898\n"
			      "999999999 end 1 disconnected local\n"
			      "1100001000 audit 4 mirrored 4 missing 0 ghosts 0 states 0 races 0 "
			      "seeded 1 beyond 0 requests 0\n");
}

static void test_seeding(void **state)
{
	static const struct tct_tracker_config config = { .max_sockets = BOUND };
	struct stream *stream = stream_new(&config);

	(void)state;
	for (uint64_t cookie = 1; cookie <= 10; cookie++)
		stream_seed(stream, cookie, TCT_ESTABLISHED, 100);
	for (uint64_t cookie = 11; cookie <= 12; cookie++)
		stream_seed(stream, cookie, TCT_CLOSE_WAIT, 100);
	assert_int_equal(tct_shards_seeded(&stream->shards), 0);
	assert_int_equal(count(stream), BOUND);
	assert_true(has(stream, 11) && has(stream, 12));
	assert_int_equal(stream->shards.shard[0].beyond, 8);
	tct_shards_judge(&stream->shards, 200);
	stream_expect(stream, "200 loss mirror 8\n");
	stream_free(stream);
}

static void *no_memory(void *ctx, uint32_t number)
{
	(void)ctx;
	(void)number;
	return NULL;
}

static void save_nothing(void *ctx, uint32_t index, const void *element)
{
	(void)ctx;
	(void)index;
	(void)element;
}

/* As a bound that moves: each is counted once, and an audit that finds it finds no drift. */
static void test_out_of_memory(void **state)
{
	static const struct tct_pool_store none = { .chunk = no_memory, .save = save_nothing };
	struct stream *stream = stream_new(NULL);
	struct tct_record_tw mini = stream_tw(TCT_REC_TW_SOCK, 2, TCT_TIME_WAIT, 100);

	(void)state;
	stream->shards.shard[0].mirror.pool.store = &none;
	stream_seed(stream, 1, TCT_CLOSE_WAIT, 100);
	stream_feed(stream, &mini);
	assert_int_equal(tct_shards_seeded(&stream->shards), 0);
	tct_shards_judge(&stream->shards, 200);
	stream_expect(stream, "200 loss mirror 2\n");
	stream_move(stream, 3, TCT_CLOSE, TCT_SYN_SENT, 300);
	assert_int_equal(stream->shards.shard[0].beyond, 3);
	stream_move(stream, 1, TCT_CLOSE_WAIT, TCT_LAST_ACK, 310);
	assert_int_equal(stream->shards.shard[0].beyond, 3);
	stream->shards.shard[0].mirror.pool.store = NULL;
	tct_audit_begin(&stream->shards, AUDIT_AT, false);
	assert_true(stream->shards.shard[0].audit.was_short);
	stream_free(stream);
}

/* All but one place are kept: that one is for who comes, and its events are told. */
static void test_no_more_memory(void **state)
{
	static const struct tct_pool_store none = { .chunk = no_memory, .save = save_nothing };
	struct stream *stream = *state;
	uint64_t cookie = 1;

	stream->shards.shard[0].config.max_sockets = 0;
	for (; cookie < TCT_POOL_CHUNK - 1; cookie++)
		stream_move(stream, cookie, TCT_SYN_SENT, TCT_ESTABLISHED, 100 + cookie);
	recorder_take(&stream->recorder);
	stream->shards.shard[0].mirror.pool.store = &none;
	assert_int_equal(count(stream), TCT_POOL_CHUNK - 2);
	stream_move(stream, 9001, TCT_CLOSE, TCT_SYN_SENT, 9001);
	stream_move(stream, 9001, TCT_SYN_SENT, TCT_ESTABLISHED, 9002);
	stream_expect(stream, "9001 move 9001 CLOSE>SYN_SENT ?\n"
			      "9002 move 9001 SYN_SENT>ESTABLISHED ?\n");
	assert_int_equal(stream->shards.shard[0].beyond, 1);
	stream_move(stream, 9002, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 9003);
	assert_true(has(stream, 9002));
	assert_int_equal(count(stream), TCT_POOL_CHUNK - 2);
	stream->shards.shard[0].mirror.pool.store = NULL;
}

static void test_of_memory(void **state)
{
	const uint64_t gib = 1ull << 30;

	(void)state;
	assert_int_equal(tct_mirror_bound(0), 65536);
	assert_int_equal(tct_mirror_bound(gib / 16), 65536);
	assert_true(tct_mirror_bound(4 * gib) * sizeof(struct tct_socket) < 4 * gib / 16);
	assert_true(tct_mirror_bound(4 * gib) > 500000);
	assert_int_equal(tct_mirror_bound(UINT64_MAX), 1 << 28);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_new_ones_find_no_room),
		TEST(test_those_of_the_kernel_side),
		TEST(test_each_is_counted_once),
		TEST(test_lingering_ones_do),
		TEST(test_not_for_a_younger_one),
		TEST(test_minis_go_first),
		TEST(test_churn_stays_bounded),
		TEST(test_audits),
		cmocka_unit_test(test_seeding),
		cmocka_unit_test(test_out_of_memory),
		TEST(test_no_more_memory),
		cmocka_unit_test(test_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
