// SPDX-License-Identifier: GPL-2.0
/* When the wall clock was set, and when it only was read badly. */
#include "test.h"

#include "../../user/source/clock.h"

#define MS 1000000
#define OFFSET (1700000000 * SECOND)

/* A reading that took so long, of a wall clock that is so far from OFFSET. */
static struct tct_clock_reading reading(int64_t took_ns, int64_t moved_ns)
{
	struct tct_clock_reading r = { .before_ns = 50 * SECOND };

	r.after_ns = r.before_ns + (uint64_t)took_ns;
	r.real_ns = r.before_ns + (uint64_t)took_ns / 2 + OFFSET + (uint64_t)moved_ns;
	return r;
}

static void expect(int64_t took_ns, int64_t moved_ns, int64_t seen_ns)
{
	struct tct_clock_reading r = reading(took_ns, moved_ns);
	uint64_t offset_ns = OFFSET;

	assert_int_equal(tct_clock_step(&r, &offset_ns), seen_ns);
	assert_int_equal(offset_ns, OFFSET + (uint64_t)seen_ns);
}

static void test_steps(void **state)
{
	(void)state;
	expect(100, 3600 * (int64_t)SECOND, 3600 * (int64_t)SECOND);
	expect(100, -3600 * (int64_t)SECOND, -3600 * (int64_t)SECOND);
	expect(100, 2 * MS, 2 * MS);
	expect(100, -2 * MS, -2 * MS);
}

static void test_less_is_none(void **state)
{
	(void)state;
	expect(100, 0, 0);
	expect(100, MS, 0);
	expect(100, -MS, 0);
}

/* Interrupted between two of its three looks, it cannot tell: the next one will. */
static void test_interrupted(void **state)
{
	(void)state;
	expect(500 * MS, 250 * MS, 0);
	expect(500 * MS, -250 * MS, 0);
	expect(500 * MS, 3600 * (int64_t)SECOND, 0);
	expect(MS, 2 * MS, 2 * MS);
}

static void test_this_host(void **state)
{
	uint64_t offset_ns = tct_clock_real_offset_ns();
	uint64_t wrong_ns = offset_ns + 10 * SECOND;

	(void)state;
	assert_int_equal(tct_clock_follow(&offset_ns), 0);
	assert_in_range(-tct_clock_follow(&wrong_ns), 9 * SECOND, 11 * SECOND);
	assert_in_range(wrong_ns, offset_ns - SECOND, offset_ns + SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_less_is_none),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
