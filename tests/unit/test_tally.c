// SPDX-License-Identifier: GPL-2.0
/* What the kernel side counts, as the histograms and totals that a stream would have made. */
#include "test.h"

#include <string.h>
#include "../../user/core/tally.h"

static struct tct_tally tally;
static struct tct_dwell dwell;

static int setup(void **state)
{
	(void)state;
	memset(&tally, 0, sizeof(tally));
	memset(&dwell, 0, sizeof(dwell));
	return 0;
}

/* Every edge that Linux makes has a row of its own, and nothing else has one. */
static void test_rows(void **state)
{
	bool taken[TCT_DWELLS + 1] = { false };
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	(void)state;
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++) {
			unsigned int row = tct_tally_row(from, to);

			if (tct_fsm_step(from, to) == TCT_EDGE_ILLEGAL) {
				assert_int_equal(row, 0);
				continue;
			}
			assert_in_range(row, 1, count);
			assert_false(taken[row]);
			taken[row] = true;
			assert_int_equal(edges[row - 1].from, from);
			assert_int_equal(edges[row - 1].to, to);
		}
	}
}

static void test_bounds(void **state)
{
	uint64_t bounds_ns[TCT_DWELL_BARS];

	(void)state;
	tct_tally_bounds(bounds_ns);
	assert_true(bounds_ns[0] == 1000000);
	assert_true(bounds_ns[11] == 86400 * SECOND);
	assert_true(bounds_ns[12] == UINT64_MAX);
	assert_true(bounds_ns[TCT_DWELL_BARS - 1] == UINT64_MAX);
}

/* Two CPUs: counts add up, of the greatest one remains. */
static void test_sum(void **state)
{
	unsigned int row = tct_tally_row(TCT_ESTABLISHED, TCT_CLOSE_WAIT) - 1;
	struct tct_histogram histogram;

	(void)state;
	dwell.bars[0] = 3;
	dwell.cells[7] = 3;
	dwell.sum_ns = 21;
	dwell.unknown = 2;
	dwell.max_ns[1] = 9;
	tct_tally_add(&tally, row, &dwell);
	dwell.max_ns[1] = 8;
	tct_tally_add(&tally, row, &dwell);
	assert_int_equal(tally.pairs[TCT_ESTABLISHED][TCT_CLOSE_WAIT], 10);
	assert_int_equal(tct_tally_unknown(&tally, TCT_ESTABLISHED, TCT_CLOSE_WAIT), 4);
	assert_true(tct_tally_histogram(&tally, TCT_ESTABLISHED, TCT_CLOSE_WAIT, &histogram));
	assert_int_equal(histogram.count, 6);
	assert_int_equal(histogram.sum_ns, 42);
	assert_int_equal(histogram.max_ns, 9);
	assert_int_equal(histogram.bars[0], 6);
	assert_int_equal(tct_histogram_percentile(&histogram, .5), 7);
}

static void test_nothing_known(void **state)
{
	unsigned int row = tct_tally_row(TCT_CLOSE, TCT_SYN_SENT) - 1;
	struct tct_histogram histogram;

	(void)state;
	dwell.unknown = 5;
	tct_tally_add(&tally, row, &dwell);
	assert_int_equal(tally.pairs[TCT_CLOSE][TCT_SYN_SENT], 5);
	assert_false(tct_tally_histogram(&tally, TCT_CLOSE, TCT_SYN_SENT, &histogram));
	assert_false(tct_tally_histogram(&tally, TCT_LISTEN, TCT_ESTABLISHED, &histogram));
}

/* What no Linux makes has no row: it is counted by itself, and nobody knows for how long. */
static void test_illegal(void **state)
{
	(void)state;
	tally.pairs[TCT_LISTEN][TCT_ESTABLISHED] = 1;
	assert_int_equal(tct_tally_unknown(&tally, TCT_LISTEN, TCT_ESTABLISHED), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rows, setup),
		cmocka_unit_test_setup(test_bounds, setup),
		cmocka_unit_test_setup(test_sum, setup),
		cmocka_unit_test_setup(test_nothing_known, setup),
		cmocka_unit_test_setup(test_illegal, setup),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
