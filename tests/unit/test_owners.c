// SPDX-License-Identifier: GPL-2.0
/* The descriptors of one scan, found by the cookie of their socket. */
#include "test.h"

#include "../../user/core/owners.h"
#include "stream.h"

static void add(struct tct_owners *owners, uint64_t cookie, uint32_t pid, uint32_t fd)
{
	struct tct_record_owner rec = stream_owner(cookie, pid, fd, "curl");

	assert_int_equal(tct_owners_add(owners, &rec), 0);
}

static void test_empty(void **state)
{
	struct tct_owners owners = { 0 };
	size_t count = 99;

	(void)state;
	assert_int_equal(tct_owners_order(&owners), 0);
	assert_null(tct_owners_find(&owners, 7, &count));
	assert_int_equal(count, 0);
	tct_owners_fini(&owners);
}

/* All descriptors of one socket come together, the lowest pid first. */
static void test_find(void **state)
{
	struct tct_owners owners = { 0 };
	const struct tct_held *held;
	size_t count;

	(void)state;
	add(&owners, 8, 42, 3);
	add(&owners, 7, 43, 5);
	add(&owners, 7, 42, 9);
	add(&owners, 6, 1, 1);
	add(&owners, 7, 42, 4);
	assert_int_equal(tct_owners_order(&owners), 0);
	held = tct_owners_find(&owners, 7, &count);
	assert_int_equal(count, 3);
	assert_int_equal(held[0].pid, 42);
	assert_int_equal(held[0].fd, 4);
	assert_int_equal(held[1].fd, 9);
	assert_int_equal(held[2].pid, 43);
	assert_string_equal(held[2].comm, "curl");
	assert_null(tct_owners_find(&owners, 9, &count));
	assert_null(tct_owners_find(&owners, 0, &count));
	assert_int_equal(tct_owners_find(&owners, 8, &count)->fd, 3);
	assert_int_equal(count, 1);
	tct_owners_fini(&owners);
}

static void test_many(void **state)
{
	struct tct_owners owners = { 0 };
	size_t count;

	(void)state;
	for (uint64_t cookie = 10000; cookie >= 1; cookie--)
		add(&owners, 2 * cookie, 42, (uint32_t)cookie);
	assert_int_equal(tct_owners_order(&owners), 0);
	for (uint64_t cookie = 1; cookie <= 10000; cookie++) {
		assert_int_equal(tct_owners_find(&owners, 2 * cookie, &count)->fd, cookie);
		assert_null(tct_owners_find(&owners, 2 * cookie + 1, &count));
	}
	tct_owners_clear(&owners);
	assert_null(tct_owners_find(&owners, 2, &count));
	tct_owners_fini(&owners);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
