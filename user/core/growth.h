/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a count grows without bound, by looks at it from time to time. It does when each of three
 * looks in a row found more than any look before, and until three in a row find no more: what stays
 * bounded runs out of new peaks. A look that finds few makes the next one wait for twice as long, so
 * that a slow leak shows, too; one that finds many makes it come sooner. A peak that was not reached
 * for long is forgotten.
 */
#ifndef TCT_GROWTH_H
#define TCT_GROWTH_H

#include "event.h"

#define TCT_GROWTH_LOOKS 3
#define TCT_GROWTH_FORGETS 16	/* looks below the peak */
#define TCT_GROWTH_SLOWEST 64	/* times the first period */

struct tct_growth {
	uint64_t first_ns;	/* the first period */
	uint64_t period_ns;	/* the present one */
	uint64_t look_ns;	/* when to look next; 0: never */
	uint64_t seen_ns;	/* the last look */
	uint64_t from_ns;	/* since when each look found a new peak */
	uint32_t from_count;
	uint32_t peak;
	uint32_t rises;		/* looks with a new peak since then */
	uint32_t misses;	/* looks in a row without */
	uint32_t recent;	/* the most that these found */
	uint32_t looks;
};

/* The count as it is now; looked at each `period_ns` at first. 0: never. */
void tct_growth_start(struct tct_growth *growth, uint64_t now_ns, uint32_t count,
		      uint64_t period_ns);
bool tct_growth_is_due(const struct tct_growth *growth, uint64_t now_ns);
void tct_growth_look(struct tct_growth *growth, uint64_t now_ns, uint32_t count);

bool tct_growth_proven(const struct tct_growth *growth);

/* Per second; 0 when it does not grow, negative while that is not known. */
double tct_growth_rate(const struct tct_growth *growth);

#endif
