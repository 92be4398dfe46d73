// SPDX-License-Identifier: GPL-2.0
/* Whose socket it is: from connect, listen, close, or the iterator. */
#include "test.h"

#include "stream.h"

static void expect_owner(const struct stream *stream, uint32_t pid, const char *comm,
			 enum tct_owner_source source)
{
	struct tct_task task = tct_shards_owner(&stream->shards, 7);

	assert_int_equal(task.pid, pid);
	assert_string_equal(task.comm, comm);
	assert_int_equal(task.source, source);
}

static void move_by(struct stream *stream, enum tct_state from, enum tct_state to, uint32_t pid,
		    const char *comm)
{
	struct tct_record_sock rec = stream_state(7, from, to, 100);

	stream_by(&rec, pid, comm);
	stream_feed(stream, &rec);
}

static void find_owner(struct stream *stream, uint32_t pid, const char *comm)
{
	struct tct_record_owner rec = stream_owner(7, pid, 3, comm);

	stream_scan(stream, 200, &rec, 1);
}

/* The one who connected stays the owner, whoever closes it or holds it too. */
static void test_owner_by_connect(void **state)
{
	struct stream *stream = *state;

	move_by(stream, TCT_CLOSE, TCT_SYN_SENT, 42, "curl");
	expect_owner(stream, 42, "curl", TCT_OWNER_CONNECT);
	move_by(stream, TCT_ESTABLISHED, TCT_FIN_WAIT1, 43, "other");
	find_owner(stream, 44, "third");
	expect_owner(stream, 42, "curl", TCT_OWNER_CONNECT);
}

static void test_owner_by_listen(void **state)
{
	struct stream *stream = *state;

	move_by(stream, TCT_CLOSE, TCT_LISTEN, 43, "nginx");
	expect_owner(stream, 43, "nginx", TCT_OWNER_LISTEN);
}

/* The one who closes is better than none, and worse than the one who holds it. */
static void test_owner_by_close(void **state)
{
	struct stream *stream = *state;

	stream_move(stream, 7, TCT_SYN_RECV, TCT_ESTABLISHED, 50);
	expect_owner(stream, 0, "", TCT_OWNER_NONE);
	move_by(stream, TCT_ESTABLISHED, TCT_FIN_WAIT1, 43, "helper");
	expect_owner(stream, 43, "helper", TCT_OWNER_CLOSE);
	find_owner(stream, 42, "nginx");
	expect_owner(stream, 42, "nginx", TCT_OWNER_ITER);
	assert_int_equal(stream->shards.shard[0].tasks.pool.live, 1);
}

static void test_owner_by_iterator(void **state)
{
	struct stream *stream = *state;

	stream_seed(stream, 7, TCT_ESTABLISHED, 100);
	find_owner(stream, 42, "nginx");
	expect_owner(stream, 42, "nginx", TCT_OWNER_ITER);
	/* the first to be found stays */
	find_owner(stream, 43, "other");
	expect_owner(stream, 42, "nginx", TCT_OWNER_ITER);
}

/* In a softirq the current task is anybody. */
static void test_owner_not_the_interrupted(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_CLOSE, TCT_SYN_SENT, 100);

	stream_by(&rec, 42, "victim");
	rec.flags = 0;
	stream_feed(stream, &rec);
	expect_owner(stream, 0, "", TCT_OWNER_NONE);
}

static void test_owner_of_unknown_socket(void **state)
{
	struct stream *stream = *state;

	find_owner(stream, 42, "nginx");
	expect_owner(stream, 0, "", TCT_OWNER_NONE);
	stream_expect_empty(stream);
}

/* The owner goes along to the mini-socket, and is forgotten with it. */
static void test_owner_of_mini(void **state)
{
	struct stream *stream = *state;

	stream_connect_at_100(stream, 7);
	stream_close_at_200(stream, 7);
	stream_hand_over(stream, 7, TCT_TIME_WAIT, 220);
	assert_null(tct_mirror_find(&stream->shards.shard[0].mirror, 7, false));
	expect_owner(stream, 42, "curl", TCT_OWNER_CONNECT);
	stream_end(stream, 7, TCT_TIME_WAIT, 300, "__run_timers");
	expect_owner(stream, 0, "", TCT_OWNER_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_owner_by_connect),
		TEST(test_owner_by_listen),
		TEST(test_owner_by_close),
		TEST(test_owner_by_iterator),
		TEST(test_owner_not_the_interrupted),
		TEST(test_owner_of_unknown_socket),
		TEST(test_owner_of_mini),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
