// SPDX-License-Identifier: GPL-2.0
#include "tally.h"

unsigned int tct_tally_row(enum tct_state from, enum tct_state to)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count), *edge = tct_fsm_find(from, to);

	if (!edge || tct_fsm_step(from, to) == TCT_EDGE_ILLEGAL || count > TCT_DWELLS)
		return 0;
	return (unsigned int)(edge - edges) + 1;
}

void tct_tally_bounds(uint64_t bounds_ns[TCT_DWELL_BARS])
{
	size_t count;
	const double *bounds_s = tct_histogram_state_bounds(&count);

	for (size_t i = 0; i < TCT_DWELL_BARS; i++)
		bounds_ns[i] = i < count ? (uint64_t)(bounds_s[i] * 1e9) : UINT64_MAX;
}

static uint64_t known(const struct tct_dwell *dwell)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < TCT_DWELL_BARS; i++)
		sum += dwell->bars[i];
	return sum;
}

void tct_tally_add(struct tct_tally *tally, unsigned int row, const struct tct_dwell *dwell)
{
	size_t count;
	const struct tct_edge *edge = &tct_fsm_edges(&count)[row];
	struct tct_dwell *to = &tally->dwells[row];

	tally->pairs[edge->from][edge->to] += known(dwell) + dwell->unknown;
	to->unknown += dwell->unknown;
	to->sum_ns += dwell->sum_ns;
	for (size_t i = 0; i < TCT_DWELL_WRITERS; i++) {
		if (dwell->max_ns[i] > to->max_ns[0])
			to->max_ns[0] = dwell->max_ns[i];
	}
	for (size_t i = 0; i < TCT_DWELL_BARS; i++)
		to->bars[i] += dwell->bars[i];
	for (size_t i = 0; i < TCT_DWELL_CELLS; i++)
		to->cells[i] += dwell->cells[i];
}

bool tct_tally_histogram(const struct tct_tally *tally, enum tct_state from, enum tct_state to,
			 struct tct_histogram *out)
{
	unsigned int row = tct_tally_row(from, to);
	const struct tct_dwell *dwell = row ? &tally->dwells[row - 1] : NULL;
	const double *bounds;
	size_t count;

	if (!dwell || !known(dwell))
		return false;
	bounds = tct_histogram_state_bounds(&count);
	tct_histogram_init(out, bounds, count);
	out->count = known(dwell);
	out->sum_ns = dwell->sum_ns;
	out->max_ns = dwell->max_ns[0];
	for (size_t i = 0; i < TCT_DWELL_BARS; i++)
		out->bars[i] = dwell->bars[i];
	for (size_t i = 0; i < TCT_DWELL_CELLS; i++)
		out->cells[i] = dwell->cells[i];
	return true;
}

uint64_t tct_tally_unknown(const struct tct_tally *tally, enum tct_state from, enum tct_state to)
{
	unsigned int row = tct_tally_row(from, to);

	return row ? tally->dwells[row - 1].unknown : tally->pairs[from][to];
}
