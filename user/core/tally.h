/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel side has counted since the start, in --mode=summary. */
#ifndef TCT_TALLY_H
#define TCT_TALLY_H

#include <stdbool.h>
#include "../../bpf/record.h"
#include "fsm.h"
#include "histogram.h"

_Static_assert(TCT_DWELL_CELLS == TCT_HISTOGRAM_CELLS, "the same cells");
_Static_assert(TCT_DWELL_BARS == TCT_HISTOGRAM_BARS, "the same bars");

struct tct_tally {
	uint64_t received;	/* transitions of full sockets */
	uint64_t pairs[TCT_STATES][TCT_STATES];	/* all, as the stream would tell them */
	struct tct_dwell dwells[TCT_DWELLS];	/* of legal ones, by row of tct_fsm_edges() */
};

/* The row of a pair that Linux makes, from 1; 0: there is none. */
unsigned int tct_tally_row(enum tct_state from, enum tct_state to);

/* Upper bounds of the bars, in ns; the rest is UINT64_MAX. */
void tct_tally_bounds(uint64_t bounds_ns[TCT_DWELL_BARS]);

/* Adds what one CPU has counted of one edge. */
void tct_tally_add(struct tct_tally *tally, unsigned int row, const struct tct_dwell *dwell);

/* Of one edge, with the bounds of states. Whether any stay of a known length was counted. */
bool tct_tally_histogram(const struct tct_tally *tally, enum tct_state from, enum tct_state to,
			 struct tct_histogram *out);

/* Stays whose beginning was not seen. */
uint64_t tct_tally_unknown(const struct tct_tally *tally, enum tct_state from, enum tct_state to);

#endif
