// SPDX-License-Identifier: GPL-2.0
/* Durations in cells: percentiles within 3.2 %, exact totals, the contract's buckets. */
#include "test.h"

#include <string.h>
#include "../../user/core/histogram.h"

static struct tct_histogram histogram;

static int setup(void **state)
{
	size_t count;
	const double *bounds = tct_histogram_time_wait_bounds(&count);

	(void)state;
	tct_histogram_init(&histogram, bounds, count);
	return 0;
}

static void test_empty(void **state)
{
	(void)state;
	assert_int_equal(tct_histogram_percentile(&histogram, .5), 0);
	assert_int_equal(tct_histogram_percentile(&histogram, .99), 0);
	assert_int_equal(histogram.count, 0);
	assert_int_equal(histogram.max_ns, 0);
}

static void test_one_value(void **state)
{
	(void)state;
	tct_histogram_add(&histogram, 60 * SECOND);
	assert_int_equal(histogram.count, 1);
	assert_int_equal(histogram.sum_ns, 60 * SECOND);
	assert_int_equal(histogram.max_ns, 60 * SECOND);
	assert_in_range(tct_histogram_percentile(&histogram, .5), 58080 * (SECOND / 1000),
			60 * SECOND);
}

static void test_zero(void **state)
{
	(void)state;
	tct_histogram_add(&histogram, 0);
	assert_int_equal(tct_histogram_percentile(&histogram, .5), 0);
	assert_int_equal(histogram.count, 1);
	assert_int_equal(histogram.bars[0], 1);
}

/* A greater value beside it, so that the maximum does not hide the error of the cell. */
static void expect_error_of(uint64_t ns)
{
	double error, got;

	setup(NULL);
	for (int i = 0; i < 9; i++)
		tct_histogram_add(&histogram, ns);
	tct_histogram_add(&histogram, UINT64_MAX);
	got = (double)tct_histogram_percentile(&histogram, .5);
	error = got > (double)ns ? got - (double)ns : (double)ns - got;
	if (error > 0.032 * (double)ns)
		fail_msg("%llu ns was told as %.0f ns", (unsigned long long)ns, got);
}

static void test_percentile_error(void **state)
{
	(void)state;
	for (uint64_t ns = 0; ns < 5000; ns++)
		expect_error_of(ns);
	for (uint64_t ns = 5000; ns < UINT64_MAX / 8; ns += ns / 7)
		expect_error_of(ns);
	for (int bit = 5; bit < 63; bit++) {
		expect_error_of((1ull << bit) - 1);
		expect_error_of(1ull << bit);
		expect_error_of((1ull << bit) + 1);
	}
}

static uint64_t off_by(uint64_t got, uint64_t expected)
{
	return got > expected ? got - expected : expected - got;
}

static void test_percentiles(void **state)
{
	(void)state;
	for (uint64_t ms = 1; ms <= 1000; ms++)
		tct_histogram_add(&histogram, ms * 1000000);
	assert_true(off_by(tct_histogram_percentile(&histogram, .50), 500000000) <= 16000000);
	assert_true(off_by(tct_histogram_percentile(&histogram, .90), 900000000) <= 28800000);
	assert_true(off_by(tct_histogram_percentile(&histogram, .99), 990000000) <= 31680000);
	assert_int_equal(histogram.sum_ns, 500500 * 1000000ull);
}

/* 1 of 100 is far away: p50 and p90 do not see it, p99 does. */
static void test_outlier(void **state)
{
	(void)state;
	for (int i = 0; i < 99; i++)
		tct_histogram_add(&histogram, 20);
	tct_histogram_add(&histogram, 60 * SECOND);
	assert_int_equal(tct_histogram_percentile(&histogram, .50), 20);
	assert_int_equal(tct_histogram_percentile(&histogram, .90), 20);
	assert_true(tct_histogram_percentile(&histogram, .99) > 58 * SECOND);
	assert_int_equal(histogram.max_ns, 60 * SECOND);
}

static void test_never_above_the_greatest(void **state)
{
	(void)state;
	for (uint64_t ns = 1; ns < UINT64_MAX / 2; ns *= 3) {
		setup(NULL);
		tct_histogram_add(&histogram, ns);
		assert_true(tct_histogram_percentile(&histogram, .99) <= ns);
	}
	tct_histogram_add(&histogram, UINT64_MAX);
	assert_int_equal(histogram.max_ns, UINT64_MAX);
}

/* An upper bound belongs to its bucket, one ns more to the next. */
static void test_bounds(void **state)
{
	static const uint64_t ms[] = { 1, 10, 100, 1000, 10000, 30000, 55000, 59000, 60000, 61000,
				       63000, 120000 };

	(void)state;
	assert_int_equal(histogram.bound_count, COUNT(ms));
	for (size_t i = 0; i < COUNT(ms); i++) {
		setup(NULL);
		tct_histogram_add(&histogram, ms[i] * 1000000);
		assert_int_equal(histogram.bars[i], 1);
		tct_histogram_add(&histogram, ms[i] * 1000000 + 1);
		assert_int_equal(histogram.bars[i], 1);
		assert_int_equal(histogram.bars[i + 1], 1);
	}
}

static void test_contract_bounds(void **state)
{
	static const double states[] = { 0.001, 0.01, 0.1, 1, 5, 15, 60, 300, 900, 3600, 14400,
					 86400 };
	size_t count;
	const double *bounds = tct_histogram_state_bounds(&count);

	(void)state;
	assert_int_equal(count, COUNT(states));
	assert_memory_equal(bounds, states, sizeof(states));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_one_value),
		TEST(test_zero),
		TEST(test_percentile_error),
		TEST(test_percentiles),
		TEST(test_outlier),
		TEST(test_never_above_the_greatest),
		TEST(test_bounds),
		TEST(test_contract_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
