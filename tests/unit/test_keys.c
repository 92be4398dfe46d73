// SPDX-License-Identifier: GPL-2.0
/* A bounded set of sockets. */
#include "test.h"

#include "../../user/core/keys.h"

static void test_empty(void **state)
{
	struct tct_keys keys = { 0 };
	size_t at = 0;

	(void)state;
	assert_null(tct_keys_find(&keys, 7, false));
	assert_null(tct_keys_next(&keys, &at));
	tct_keys_clear(&keys);
}

static void test_full_and_mini(void **state)
{
	struct tct_keys keys = { 0 };
	struct tct_key *full = tct_keys_add(&keys, 7, false);

	(void)state;
	full->kind = 3;
	assert_null(tct_keys_find(&keys, 7, true));
	assert_int_equal(tct_keys_add(&keys, 7, false)->kind, 3);
	assert_int_equal(tct_keys_add(&keys, 7, true)->kind, 0);
	assert_int_equal(keys.count, 2);
	tct_keys_clear(&keys);
	assert_null(tct_keys_find(&keys, 7, false));
}

/* Cookies and addresses, many. */
static void test_many(void **state)
{
	struct tct_keys keys = { 0 };
	size_t at = 0, seen = 0;

	(void)state;
	for (uint64_t i = 0; i < 20000; i++)
		tct_keys_add(&keys, i % 2 ? i : 0xffff888000000000ull + i * 0x800, i % 3 == 0);
	while (tct_keys_next(&keys, &at))
		seen++;
	assert_int_equal(seen, 20000);
	for (uint64_t i = 0; i < 20000; i++)
		assert_non_null(tct_keys_find(&keys, i % 2 ? i : 0xffff888000000000ull + i * 0x800,
					      i % 3 == 0));
	assert_null(tct_keys_find(&keys, 20001, false));
	tct_keys_clear(&keys);
}

static void test_bound(void **state)
{
	struct tct_keys keys = { .max = 2 };

	(void)state;
	tct_keys_add(&keys, 1, false);
	tct_keys_add(&keys, 2, false);
	assert_false(keys.overflowed);
	assert_null(tct_keys_add(&keys, 3, false));
	assert_true(keys.overflowed);
	assert_non_null(tct_keys_add(&keys, 2, false));
	tct_keys_clear(&keys);
	assert_false(keys.overflowed);
	assert_int_equal(keys.max, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_full_and_mini),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
