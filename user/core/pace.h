/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When scans are made. Of the time they take at most one part in twenty, over minutes: what was
 * saved of it in the last two may be spent on what opens a finding. Where a scan takes long it
 * begins ahead of the threshold that it is for, and what it has read is good for all that passes
 * one until the next may be made.
 */
#ifndef TCT_PACE_H
#define TCT_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Times are CLOCK_MONOTONIC ns. All zero: there was no scan. */
struct tct_pace {
	uint64_t took_ns;	/* the last one */
	uint64_t rests_ns;	/* until then there is none, whatever for */
	uint64_t paid_ns;	/* then all so far have had their rest */
};

/* One took from begin_ns to now_ns; `least_ns` between two. */
void tct_pace_scanned(struct tct_pace *pace, uint64_t begin_ns, uint64_t now_ns,
		      uint64_t least_ns);

/* The same of the first one, which is no detector's. */
void tct_pace_started(struct tct_pace *pace, uint64_t begin_ns, uint64_t now_ns,
		      uint64_t least_ns);

/* None was made, and is not to be tried again for so long. */
void tct_pace_failed(struct tct_pace *pace, uint64_t now_ns, uint64_t least_ns);

/* When the next one may begin; for what opens a finding, out of what was saved. */
uint64_t tct_pace_next(const struct tct_pace *pace, bool opens);

/* How long before a threshold the scan for it begins; 0: it is short enough to begin then. */
uint64_t tct_pace_lead(const struct tct_pace *pace);

/*
 * What passes its threshold before the first is told as the last scan read it, and no other is
 * made for that; before the second if no other is there yet.
 */
uint64_t tct_pace_serves_until(const struct tct_pace *pace);
uint64_t tct_pace_good_until(const struct tct_pace *pace);

#endif
