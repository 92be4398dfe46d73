/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_CORE_H
#define BENCH_CORE_H

#include <stdbool.h>
#include <stdint.h>

#define RING_BYTES (16u << 20)	/* as live */
#define BATCH 65536		/* records between two ticks, as live */
#define ROUNDS_MAX 99

struct tct_tracker_config;

/* Of this thread: others may have the core for a while. */
uint64_t core_cpu_ns(void);
double core_median(double *values, int count);

/* As a host with all hooks has it, or one that sends only brief transitions. */
struct tct_tracker_config core_config(uint32_t sockets, bool brief);

/* Transitions in a second of a thread's CPU time, and how many times as many two threads take. */
struct core_shards {
	double one_per_s;
	double two_ratio;
	double apart_ratio;	/* that share nothing: the most that there is to be had */
};

void core_shards(uint32_t sockets, bool brief, int rounds, uint64_t transitions,
		 struct core_shards *out);

#endif
