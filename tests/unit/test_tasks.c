// SPDX-License-Identifier: GPL-2.0
/* Processes are kept once, for as long as a socket refers to them. */
#include "test.h"

#include "../../user/core/tasks.h"

static const char curl[TCT_COMM_LEN] = "curl", nginx[TCT_COMM_LEN] = "nginx";

static int setup(void **state)
{
	*state = test_malloc(sizeof(struct tct_tasks));
	tct_tasks_init(*state);
	return 0;
}

static int teardown(void **state)
{
	tct_tasks_fini(*state);
	test_free(*state);
	return 0;
}

static void test_nobody(void **state)
{
	assert_null(tct_tasks_get(*state, 0));
	tct_tasks_drop(*state, 0);
}

static void test_shared(void **state)
{
	struct tct_tasks *tasks = *state;
	uint32_t index = tct_tasks_take(tasks, 42, curl);

	assert_int_not_equal(index, 0);
	assert_int_equal(tct_tasks_take(tasks, 42, curl), index);
	assert_int_equal(tasks->pool.live, 1);
	assert_int_equal(tct_tasks_get(tasks, index)->pid, 42);
	assert_string_equal(tct_tasks_get(tasks, index)->comm, "curl");
	tct_tasks_drop(tasks, index);
	assert_int_equal(tct_tasks_get(tasks, index)->refs, 1);
	tct_tasks_drop(tasks, index);
	assert_int_equal(tasks->pool.live, 0);
}

/* exec() changes the name, a pid comes again: another owner each. */
static void test_distinct(void **state)
{
	struct tct_tasks *tasks = *state;
	uint32_t first = tct_tasks_take(tasks, 42, curl);
	uint32_t second = tct_tasks_take(tasks, 42, nginx);
	uint32_t third = tct_tasks_take(tasks, 43, curl);

	assert_true(first != second && second != third && first != third);
	assert_string_equal(tct_tasks_get(tasks, second)->comm, "nginx");
	assert_int_equal(tct_tasks_get(tasks, third)->pid, 43);
}

/* Pids 1024 apart share a bucket. */
static void test_same_bucket(void **state)
{
	struct tct_tasks *tasks = *state;
	uint32_t index[3];

	for (uint32_t i = 0; i < 3; i++)
		index[i] = tct_tasks_take(tasks, 42 + 1024 * i, curl);
	tct_tasks_drop(tasks, index[1]);
	assert_int_equal(tct_tasks_take(tasks, 42, curl), index[0]);
	assert_int_equal(tct_tasks_take(tasks, 42 + 2048, curl), index[2]);
	assert_int_equal(tasks->pool.live, 2);
}

static void test_comm_without_end(void **state)
{
	char comm[TCT_COMM_LEN];
	uint32_t index;

	for (size_t i = 0; i < sizeof(comm); i++)
		comm[i] = 'x';
	index = tct_tasks_take(*state, 42, comm);
	assert_string_equal(tct_tasks_get(*state, index)->comm, "xxxxxxxxxxxxxxx");
	assert_int_equal(tct_tasks_take(*state, 42, comm), index);
}

static void test_many(void **state)
{
	struct tct_tasks *tasks = *state;
	static uint32_t index[10001];

	for (uint32_t pid = 1; pid <= 10000; pid++)
		index[pid] = tct_tasks_take(tasks, pid, curl);
	assert_int_equal(tasks->pool.live, 10000);
	for (uint32_t pid = 1; pid <= 10000; pid++) {
		assert_int_equal(tct_tasks_get(tasks, index[pid])->pid, pid);
		tct_tasks_drop(tasks, index[pid]);
	}
	assert_int_equal(tasks->pool.live, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nobody),
		TEST(test_shared),
		TEST(test_distinct),
		TEST(test_same_bucket),
		TEST(test_comm_without_end),
		TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
