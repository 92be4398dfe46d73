// SPDX-License-Identifier: GPL-2.0
/* Connections whose request does not come whole in time are shut down, however slowly it does. */
#include "test.h"

#include <sys/socket.h>
#include <unistd.h>
#include "../../user/serve/patience.h"

#define LIMIT (5 * SECOND)
#define MANY 100

struct connection {
	int ends[2];	/* ours, the client's */
	struct tct_waiting *waiting;
};

struct fixture {
	struct tct_patience patience;
	struct connection connections[MANY];
	int count;
};

static struct connection *begin(struct fixture *f, uint64_t now_ns)
{
	struct connection *connection = &f->connections[f->count++];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, connection->ends), 0);
	connection->waiting = tct_patience_add(&f->patience, connection->ends[0], now_ns);
	assert_non_null(connection->waiting);
	return connection;
}

static void end(struct fixture *f, struct connection *connection)
{
	tct_patience_remove(&f->patience, connection->waiting);
	connection->waiting = NULL;
}

static bool is_shut(const struct connection *connection)
{
	char byte;

	return recv(connection->ends[1], &byte, 1, MSG_DONTWAIT) == 0;
}

static void test_shut_after_the_limit(void **state)
{
	struct fixture *f = *state;
	struct connection *one = begin(f, 1 * SECOND), *other = begin(f, 2 * SECOND);

	tct_patience_tick(&f->patience, 1 * SECOND + LIMIT);
	assert_false(is_shut(one));
	tct_patience_tick(&f->patience, 1 * SECOND + LIMIT + 1);
	assert_true(is_shut(one));
	assert_false(is_shut(other));
	assert_int_equal(f->patience.count, 2);	/* it is the library that closes it */
	tct_patience_tick(&f->patience, 100 * SECOND);
	assert_true(is_shut(other));
}

/* A byte a second is no request. */
static void test_bytes_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct connection *one = begin(f, 0);

	for (uint64_t s = 1; s <= 5; s++) {
		assert_int_equal(send(one->ends[1], "G", 1, 0), 1);
		tct_patience_tick(&f->patience, s * SECOND);
		assert_false(is_shut(one));
	}
	tct_patience_tick(&f->patience, 6 * SECOND);
	assert_true(is_shut(one));
}

static void test_a_request_renews_it(void **state)
{
	struct fixture *f = *state;
	struct connection *one = begin(f, 0);

	for (uint64_t s = 4; s < 100; s += 4) {
		tct_patience_renew(&f->patience, one->waiting, s * SECOND);
		tct_patience_tick(&f->patience, (s + 4) * SECOND);
		assert_false(is_shut(one));
	}
	tct_patience_tick(&f->patience, 1000 * SECOND);
	assert_true(is_shut(one));
}

static void test_removed_in_any_order(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < MANY; i++)
		begin(f, 0);
	for (int i = 0; i < MANY; i += 3)
		end(f, &f->connections[i]);
	for (int i = MANY - 1; i >= 0; i -= 5)
		end(f, &f->connections[i]);
	tct_patience_tick(&f->patience, 10 * SECOND);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(is_shut(&f->connections[i]),
				 f->connections[i].waiting != NULL);
	for (int i = 0; i < MANY; i++)
		end(f, &f->connections[i]);
	assert_int_equal(f->patience.count, 0);
	assert_null(f->patience.first);
}

/* There was no memory to watch it. */
static void test_one_that_is_not_watched(void **state)
{
	struct fixture *f = *state;

	tct_patience_renew(&f->patience, NULL, 5);
	tct_patience_remove(&f->patience, NULL);
	tct_patience_tick(&f->patience, 100 * SECOND);
	assert_int_equal(f->patience.count, 0);
}

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ 0 };
	tct_patience_init(&fixture.patience, LIMIT);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < f->count; i++) {
		end(f, &f->connections[i]);
		close(f->connections[i].ends[0]);
		close(f->connections[i].ends[1]);
	}
	tct_patience_fini(&f->patience);
	return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_shut_after_the_limit),
		TEST(test_bytes_change_nothing),
		TEST(test_a_request_renews_it),
		TEST(test_removed_in_any_order),
		TEST(test_one_that_is_not_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
