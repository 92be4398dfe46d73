/* SPDX-License-Identifier: GPL-2.0 */
/* A sink that counts what is told, for whoever asks from time to time: no more than additions. */
#ifndef TCT_METRICS_H
#define TCT_METRICS_H

#include "../core/event.h"
#include "../core/histogram.h"
#include "ports.h"

#define TCT_CLOSERS 4
#define TCT_PROVIDER_LEN 64

/* One that is in a bar: the last, so that somebody can go and look at it. */
struct tct_exemplar {
	uint64_t cookie;	/* 0: there is none, or it has no cookie */
	uint64_t ns;
	uint64_t mono_ns;
};

/* Bars by the bounds of histogram.h; the last one has none. */
struct tct_bars {
	uint64_t bars[TCT_HISTOGRAM_BARS];
	uint64_t count;
	uint64_t sum_ns;
	struct tct_exemplar last[TCT_HISTOGRAM_BARS];
};

/* All since the start of the run. Has no pointers, so that a copy is a snapshot. */
struct tct_counters {
	bool ready;
	char kernel[TCT_PROVIDER_LEN];
	char set_state[TCT_PROVIDER_LEN];	/* the providers, "" for none */
	char time_wait[TCT_PROVIDER_LEN];
	char time_wait_end[TCT_PROVIDER_LEN];
	uint64_t transitions[TCT_STATES][TCT_STATES];
	uint64_t illegal;
	struct tct_bars states[TCT_STATES];
	struct tct_bars ends[TCT_ENDS];	/* of TIME_WAIT */
	uint64_t teardowns[TCT_KINDS][TCT_CLOSERS];
	uint64_t losses[TCT_LOSS_PLACES];
	uint64_t audits;
	uint64_t audit_ns;	/* that the last one took */
	uint64_t drift;		/* that the last one found */
	uint64_t repaired;
	bool flood;		/* there is one now */
	uint64_t floods;
};

struct tct_metrics {
	struct tct_counters counters;
	struct tct_ports *ports;	/* NULL: nobody counts them */
	/*
	 * They are to be counted anew, and then this is to be cleared: no event told of those that
	 * were there before, nor of any that came or went in a flood or was lost.
	 */
	bool recount;
};

/* `ports`, if there is one, is fed, too; both must outlive `ops`. */
void tct_metrics_init(struct tct_metrics *metrics, struct tct_ports *ports, struct tct_sink *ops);

#endif
