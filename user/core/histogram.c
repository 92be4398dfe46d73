// SPDX-License-Identifier: GPL-2.0
#include "histogram.h"

#include <string.h>

#define SUB_BITS 5

_Static_assert(1 << SUB_BITS == TCT_HISTOGRAM_SUB, "sub-cells");

static const double time_wait_bounds[] = { 0.001, 0.01, 0.1, 1, 10, 30, 55, 59, 60, 61, 63, 120 };
static const double state_bounds[] = { 0.001, 0.01, 0.1, 1, 5, 15, 60, 300, 900, 3600, 14400,
				       86400 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(COUNT(time_wait_bounds) < TCT_HISTOGRAM_BARS, "bars");
_Static_assert(COUNT(state_bounds) < TCT_HISTOGRAM_BARS, "bars");

const double *tct_histogram_time_wait_bounds(size_t *count)
{
	*count = COUNT(time_wait_bounds);
	return time_wait_bounds;
}

const double *tct_histogram_state_bounds(size_t *count)
{
	*count = COUNT(state_bounds);
	return state_bounds;
}

void tct_histogram_init(struct tct_histogram *histogram, const double *bounds_s, size_t count)
{
	memset(histogram, 0, sizeof(*histogram));
	histogram->bounds_s = bounds_s;
	histogram->bound_count = count;
}

/* Values below 32 have a cell each; above, each power of two has 32 cells. */
static size_t cell_of(uint64_t ns)
{
	unsigned int shift;

	if (ns < TCT_HISTOGRAM_SUB)
		return ns;
	shift = 63 - SUB_BITS - (unsigned int)__builtin_clzll(ns);
	return ((shift + 1) << SUB_BITS) + (ns >> shift) - TCT_HISTOGRAM_SUB;
}

/* The middle of a cell. */
static uint64_t value_of(size_t cell)
{
	unsigned int shift;

	if (cell < TCT_HISTOGRAM_SUB)
		return cell;
	shift = (unsigned int)(cell >> SUB_BITS) - 1;
	return ((uint64_t)(cell % TCT_HISTOGRAM_SUB + TCT_HISTOGRAM_SUB) << shift) +
	       ((1ull << shift) >> 1);
}

void tct_histogram_add(struct tct_histogram *histogram, uint64_t ns)
{
	size_t bar = 0;

	while (bar < histogram->bound_count && (double)ns > histogram->bounds_s[bar] * 1e9)
		bar++;
	histogram->bars[bar]++;
	histogram->cells[cell_of(ns)]++;
	histogram->count++;
	histogram->sum_ns += ns;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
}

uint64_t tct_histogram_percentile(const struct tct_histogram *histogram, double share)
{
	uint64_t rank = (uint64_t)(share * (double)histogram->count);
	uint64_t seen = 0;

	for (size_t cell = 0; cell < TCT_HISTOGRAM_CELLS; cell++) {
		seen += histogram->cells[cell];
		if (seen > rank) {
			uint64_t value = value_of(cell);

			return value < histogram->max_ns ? value : histogram->max_ns;
		}
	}
	return histogram->max_ns;
}
