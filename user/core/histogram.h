/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Durations: exact count, sum, least and greatest; percentiles from log-linear cells within 3 %;
 * and the contract's buckets for the bars.
 */
#ifndef TCT_HISTOGRAM_H
#define TCT_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define TCT_HISTOGRAM_SUB 32	/* cells per power of two */
#define TCT_HISTOGRAM_CELLS (64 * TCT_HISTOGRAM_SUB)
#define TCT_HISTOGRAM_BARS 16

struct tct_histogram {
	const double *bounds_s;	/* upper bounds, ascending; the last bar has none */
	size_t bound_count;
	uint64_t count;
	uint64_t sum_ns;
	uint64_t max_ns;
	uint64_t bars[TCT_HISTOGRAM_BARS];
	uint32_t cells[TCT_HISTOGRAM_CELLS];
};

/* The contract's buckets for TIME_WAIT, and those for all other states. */
const double *tct_histogram_time_wait_bounds(size_t *count);
const double *tct_histogram_state_bounds(size_t *count);

void tct_histogram_init(struct tct_histogram *histogram, const double *bounds_s, size_t count);
void tct_histogram_add(struct tct_histogram *histogram, uint64_t ns);

/* 0 < share < 1; 0 when empty. Never above the greatest value. */
uint64_t tct_histogram_percentile(const struct tct_histogram *histogram, double share);

#endif
