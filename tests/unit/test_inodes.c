// SPDX-License-Identifier: GPL-2.0
/* A set of namespaces. */
#include "test.h"

#include <stdlib.h>

#include "../../user/source/inodes.h"

#define MANY 1000

static void test_each_once(void **state)
{
	struct tct_inodes set = { 0 };

	(void)state;
	assert_false(tct_inodes_has(&set, 7));
	assert_int_equal(tct_inodes_add(&set, 7), 1);
	assert_int_equal(tct_inodes_add(&set, 7), 0);
	assert_true(tct_inodes_has(&set, 7));
	assert_int_equal(set.count, 1);
	tct_inodes_clear(&set);
	assert_false(tct_inodes_has(&set, 7));
	tct_inodes_fini(&set);
}

static void test_in_order_whatever_came_first(void **state)
{
	struct tct_inodes set = { 0 };

	(void)state;
	srand(1);
	for (int i = 0; i < MANY; i++)
		tct_inodes_add(&set, (uint32_t)rand() % MANY);
	for (size_t i = 1; i < set.count; i++)
		assert_true(set.list[i - 1] < set.list[i]);
	for (size_t i = 0; i < set.count; i++)
		assert_int_equal(tct_inodes_add(&set, set.list[i]), 0);
	assert_int_equal(tct_inodes_add(&set, UINT32_MAX), 1);
	assert_int_equal(tct_inodes_add(&set, MANY), 1);
	assert_true(tct_inodes_has(&set, UINT32_MAX));
	assert_int_equal(set.list[set.count - 1], UINT32_MAX);
	tct_inodes_fini(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_in_order_whatever_came_first),
	};

	return cmocka_run_group_tests_name("inodes", tests, NULL, NULL);
}
