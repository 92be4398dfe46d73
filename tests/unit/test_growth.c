// SPDX-License-Identifier: GPL-2.0
/* When a count is said to grow without bound, and how often it is looked at for that. */
#include "test.h"

#include "../../user/core/growth.h"

#define PERIOD (15 * SECOND)

/* One look when it is due, and not one ns before. */
static void look(struct tct_growth *growth, uint32_t count)
{
	uint64_t due_ns = growth->look_ns;

	assert_false(tct_growth_is_due(growth, due_ns - 1));
	assert_true(tct_growth_is_due(growth, due_ns));
	tct_growth_look(growth, due_ns, count);
}

static struct tct_growth start(uint32_t count)
{
	struct tct_growth growth;

	tct_growth_start(&growth, SECOND, count, PERIOD);
	return growth;
}

static void test_never_looked_at(void **state)
{
	struct tct_growth growth;

	(void)state;
	tct_growth_start(&growth, SECOND, 1, 0);
	assert_false(tct_growth_is_due(&growth, UINT64_MAX));
	assert_false(tct_growth_proven(&growth));
	assert_true(tct_growth_rate(&growth) < 0);
}

static void test_three_peaks_in_a_row(void **state)
{
	struct tct_growth growth = start(10);

	(void)state;
	look(&growth, 11);
	look(&growth, 13);
	assert_false(tct_growth_proven(&growth));
	assert_true(tct_growth_rate(&growth) < 0);
	look(&growth, 19);
	assert_true(tct_growth_proven(&growth));
	assert_true(tct_growth_rate(&growth) == 9 / 45.0);
}

static void test_a_constant_count(void **state)
{
	struct tct_growth growth = start(10);

	(void)state;
	for (int i = 0; i < 3; i++)
		look(&growth, 10);
	assert_false(tct_growth_proven(&growth));
	assert_true(tct_growth_rate(&growth) == 0);
}

/* A pool whose sockets come and go: more than at the last look, but no new peak. */
static void test_up_and_down_is_no_growth(void **state)
{
	static const uint32_t counts[] = { 12, 4, 6, 8, 10, 12, 3, 5, 7, 9, 11 };
	struct tct_growth growth = start(10);

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		look(&growth, counts[i]);
		assert_false(tct_growth_proven(&growth));
	}
}

static void test_growth_ends(void **state)
{
	struct tct_growth growth = start(10);

	(void)state;
	for (uint32_t count = 11; count <= 14; count++)
		look(&growth, count);
	assert_true(tct_growth_proven(&growth));
	look(&growth, 14);	/* one may find none by chance */
	look(&growth, 14);
	assert_true(tct_growth_proven(&growth));
	look(&growth, 14);
	assert_false(tct_growth_proven(&growth));
	assert_true(tct_growth_rate(&growth) == 0);
}

/* All that had come is gone again. */
static void test_growth_is_undone(void **state)
{
	struct tct_growth growth = start(10);

	(void)state;
	for (uint32_t count = 11; count <= 14; count++)
		look(&growth, count);
	look(&growth, 10);
	assert_false(tct_growth_proven(&growth));
}

/* A burst of once does not hide a leak for ever. */
static void test_a_peak_is_forgotten(void **state)
{
	struct tct_growth growth = start(10);
	uint32_t count = 10;

	(void)state;
	look(&growth, 2000);
	for (int i = 0; i <= TCT_GROWTH_FORGETS; i++)
		look(&growth, ++count);
	for (int i = 0; i < TCT_GROWTH_LOOKS; i++)
		look(&growth, ++count);
	assert_true(tct_growth_proven(&growth));
}

/* A leak by chance, one in 30 s on average: once proven it stays so. */
static void test_chance_does_not_flap(void **state)
{
	struct tct_growth growth = start(1);
	uint32_t count = 1, random = 12345;
	uint64_t now_ns = SECOND;
	int changes = 0;

	(void)state;
	for (; now_ns < 24 * 3600 * SECOND; now_ns += SECOND) {
		bool was = tct_growth_proven(&growth);

		random = random * 1103515245 + 12345;
		count += (random >> 16) % 30 == 0;
		if (tct_growth_is_due(&growth, now_ns))
			tct_growth_look(&growth, now_ns, count);
		changes += was != tct_growth_proven(&growth);
	}
	assert_true(tct_growth_proven(&growth));
	assert_in_range(changes, 1, 3);
}

/* One more in ten minutes shows when the looks are that far apart. */
static void test_a_slow_leak(void **state)
{
	struct tct_growth growth = start(1);
	int looks = 0;

	(void)state;
	while (!tct_growth_proven(&growth) && looks++ < 20)
		look(&growth, (uint32_t)(growth.look_ns / (600 * SECOND)) + 1);
	assert_true(tct_growth_proven(&growth));
	assert_true(growth.look_ns < 2 * 3600 * SECOND);
	assert_true(tct_growth_rate(&growth) > 0.5 / 600);
	assert_true(tct_growth_rate(&growth) < 2.0 / 600);
}

/* Twice as far each time, but no further than that. */
static void test_looks_become_rare(void **state)
{
	struct tct_growth growth = start(10);

	(void)state;
	for (uint64_t period = PERIOD; period < TCT_GROWTH_SLOWEST * PERIOD;) {
		look(&growth, 10);
		period *= 2;
		assert_int_equal(growth.period_ns, period);
	}
	look(&growth, 10);
	assert_int_equal(growth.period_ns, TCT_GROWTH_SLOWEST * PERIOD);
}

/* After a quiet night it leaks fast: it is looked at soon again. */
static void test_looks_become_frequent(void **state)
{
	struct tct_growth growth = start(10);

	(void)state;
	for (int i = 0; i < 6; i++)
		look(&growth, 10);
	assert_int_equal(growth.period_ns, 64 * PERIOD);
	look(&growth, 17);
	assert_int_equal(growth.period_ns, 64 * PERIOD);
	look(&growth, 25);
	assert_int_equal(growth.period_ns, 32 * PERIOD);
	look(&growth, 57);
	assert_int_equal(growth.period_ns, 4 * PERIOD);
	look(&growth, 1057);
	assert_int_equal(growth.period_ns, PERIOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_looked_at),
		cmocka_unit_test(test_three_peaks_in_a_row),
		cmocka_unit_test(test_a_constant_count),
		cmocka_unit_test(test_up_and_down_is_no_growth),
		cmocka_unit_test(test_growth_ends),
		cmocka_unit_test(test_growth_is_undone),
		cmocka_unit_test(test_a_peak_is_forgotten),
		cmocka_unit_test(test_chance_does_not_flap),
		cmocka_unit_test(test_a_slow_leak),
		cmocka_unit_test(test_looks_become_rare),
		cmocka_unit_test(test_looks_become_frequent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
