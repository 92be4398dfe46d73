// SPDX-License-Identifier: GPL-2.0
/* Who holds a group of sockets: descriptors as ranges, sockets counted once a process. */
#include "test.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/core/holders.h"

static void expect_ranges(uint32_t *fds, size_t count, const char *expected)
{
	char text[64];

	tct_fd_ranges(fds, count, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_ranges(void **state)
{
	uint32_t none[1], one[] = { 5 }, gap[] = { 3, 5 }, two[] = { 3, 4 };
	uint32_t mixed[] = { 3, 5, 6, 7, 8, 9, 11 };

	(void)state;
	expect_ranges(none, 0, "");
	expect_ranges(one, 1, "5");
	expect_ranges(gap, 2, "3,5");
	expect_ranges(two, 2, "3-4");
	expect_ranges(mixed, COUNT(mixed), "3,5-9,11");
}

static void test_ranges_unsorted(void **state)
{
	uint32_t fds[] = { 9, 3, 7, 5, 8, 6 }, twice[] = { 6, 5, 5, 9 };

	(void)state;
	expect_ranges(fds, COUNT(fds), "3,5-9");
	expect_ranges(twice, COUNT(twice), "5-6,9");
}

static void test_ranges_large(void **state)
{
	static uint32_t fds[100000];

	(void)state;
	for (uint32_t i = 0; i < COUNT(fds); i++)
		fds[i] = (uint32_t)COUNT(fds) - 1 - i + 5;
	expect_ranges(fds, COUNT(fds), "5-100004");
}

static void test_ranges_cut(void **state)
{
	uint32_t fds[] = { 1, 3, 5, 7, 9, 11, 13, 15 };
	char text[16];

	(void)state;
	tct_fd_ranges(fds, COUNT(fds), text, sizeof(text));
	assert_string_equal(text, "1,3,5,7,9,...");
}

/* Whatever the size: nothing is written behind it, and a cut one ends in "...". */
static void test_ranges_cut_anywhere(void **state)
{
	uint32_t fds[40];

	(void)state;
	for (uint32_t i = 0; i < COUNT(fds); i++)
		fds[i] = 1000 * i;
	for (size_t size = 16; size < 200; size++) {
		char *text = test_malloc(size);

		tct_fd_ranges(fds, COUNT(fds), text, size);
		assert_true(strlen(text) < size);
		assert_string_equal(text + strlen(text) - 4, ",...");
		assert_memory_equal(text, "0,1000,", 7);
		test_free(text);
	}
}

static struct tct_held held(uint64_t cookie, uint32_t pid, uint32_t fd, const char *comm)
{
	struct tct_held one = { .cookie = cookie, .pid = pid, .fd = fd };

	snprintf(one.comm, sizeof(one.comm), "%s", comm);
	return one;
}

static int setup(void **state)
{
	*state = test_calloc(1, sizeof(struct tct_holders));
	return 0;
}

static int teardown(void **state)
{
	tct_holders_clear(*state);
	test_free(*state);
	return 0;
}

static void test_one_process(void **state)
{
	struct tct_holders *holders = *state;

	for (uint32_t i = 0; i < 1000; i++) {
		struct tct_held one = held(100 + i, 42, 5 + i, "leaky");

		tct_holders_add(holders, &one, 1);
	}
	tct_holders_finish(holders, NULL);
	assert_int_equal(holders->count, 1);
	assert_int_equal(holders->list[0].pid, 42);
	assert_int_equal(holders->list[0].count, 1000);
	assert_int_equal(holders->list[0].fd, 5);
	assert_string_equal(holders->list[0].comm, "leaky");
	assert_string_equal(holders->list[0].fds, "5-1004");
	assert_null(holders->list[0].cgroup);
}

/* dup() makes another descriptor, not another socket. */
static void test_dup(void **state)
{
	struct tct_holders *holders = *state;
	const struct tct_held both[] = { held(7, 42, 5, "leaky"), held(7, 42, 9, "leaky") };

	tct_holders_add(holders, both, 2);
	tct_holders_finish(holders, NULL);
	assert_int_equal(holders->count, 1);
	assert_int_equal(holders->list[0].count, 1);
	assert_string_equal(holders->list[0].fds, "5,9");
}

static void test_forked(void **state)
{
	struct tct_holders *holders = *state;
	const struct tct_held first[] = { held(7, 42, 5, "parent"), held(7, 43, 5, "child") };
	const struct tct_held second[] = { held(8, 43, 6, "child") };

	tct_holders_add(holders, first, 2);
	tct_holders_add(holders, second, 1);
	tct_holders_finish(holders, NULL);
	assert_int_equal(holders->count, 2);
	assert_int_equal(holders->list[0].count, 1);
	assert_string_equal(holders->list[0].fds, "5");
	assert_string_equal(holders->list[1].comm, "child");
	assert_int_equal(holders->list[1].count, 2);
	assert_string_equal(holders->list[1].fds, "5-6");
}

/* The first added is the oldest: its descriptor is told, not the lowest one. */
static void test_oldest_descriptor(void **state)
{
	struct tct_holders *holders = *state;
	const struct tct_held old = held(7, 42, 90, "leaky"), young = held(8, 42, 3, "leaky");

	tct_holders_add(holders, &old, 1);
	tct_holders_add(holders, &young, 1);
	tct_holders_finish(holders, NULL);
	assert_int_equal(holders->list[0].fd, 90);
	assert_string_equal(holders->list[0].fds, "3,90");
}

static void test_nobody(void **state)
{
	struct tct_holders *holders = *state;

	tct_holders_add(holders, NULL, 0);
	tct_holders_finish(holders, NULL);
	assert_int_equal(holders->count, 0);
}

static void test_too_many_processes(void **state)
{
	struct tct_holders *holders = *state;

	for (uint32_t pid = 1; pid <= TCT_HOLDERS_MAX + 10; pid++) {
		struct tct_held one = held(7, pid, 5, "prefork");

		tct_holders_add(holders, &one, 1);
	}
	tct_holders_finish(holders, NULL);
	assert_int_equal(holders->count, TCT_HOLDERS_MAX);
	assert_int_equal(holders->list[TCT_HOLDERS_MAX - 1].pid, TCT_HOLDERS_MAX);
}

/* One process each: as on a host where every worker has a stuck socket. */
static void test_many_of_one_process(void **state)
{
	enum { MANY = 1000, BYTES_MAX = 512 };
	static struct tct_holders many[MANY];
	const struct tct_held one = held(7, 42, 5, "worker");
	size_t before = mallinfo2().uordblks;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		tct_holders_add(&many[i], &one, 1);
		tct_holders_finish(&many[i], NULL);
	}
	assert_true(sizeof(many) + mallinfo2().uordblks - before < MANY * BYTES_MAX);
	for (int i = 0; i < MANY; i++)
		tct_holders_clear(&many[i]);
}

static char *cgroup_of(void *ctx, uint32_t pid)
{
	char *path = NULL;

	(void)ctx;
	return asprintf(&path, "/system.slice/%u.service", pid) < 0 ? NULL : path;
}

static void test_cgroup(void **state)
{
	struct tct_holders *holders = *state;
	const struct tct_held one = held(7, 42, 5, "leaky");
	const struct tct_lookups lookups = { .cgroup_of = cgroup_of };

	tct_holders_add(holders, &one, 1);
	tct_holders_finish(holders, &lookups);
	assert_string_equal(holders->list[0].cgroup, "/system.slice/42.service");
	tct_holders_clear(holders);
	assert_int_equal(holders->count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_ranges_unsorted),
		cmocka_unit_test(test_ranges_large),
		cmocka_unit_test(test_ranges_cut),
		cmocka_unit_test(test_ranges_cut_anywhere),
		TEST(test_one_process),
		TEST(test_dup),
		TEST(test_forked),
		TEST(test_oldest_descriptor),
		TEST(test_nobody),
		TEST(test_too_many_processes),
		TEST(test_many_of_one_process),
		TEST(test_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
