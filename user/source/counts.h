/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel side counts, summed over all CPUs. */
#ifndef TCT_COUNTS_H
#define TCT_COUNTS_H

#include <stdint.h>
#include "../../bpf/record.h"
#include "../core/tally.h"

/* Since the start; plain memory shared with the programs, no system call. */
uint64_t tct_counts_attempts(const volatile struct tct_cpu cpus[TCT_CPUS_MAX]);
uint64_t tct_counts_lost(const volatile struct tct_cpu cpus[TCT_CPUS_MAX]);

/* Transitions that were counted instead of told. */
uint64_t tct_counts_counted(const volatile struct tct_cpu cpus[TCT_CPUS_MAX]);

/*
 * Sockets that the programs keep, gone ones whose address may be used again among them, less those
 * that the iterator has made; and what they had no room for.
 */
uint64_t tct_counts_stays(const volatile struct tct_cpu cpus[TCT_CPUS_MAX]);
uint64_t tct_counts_unkept(const volatile struct tct_cpu cpus[TCT_CPUS_MAX]);

/* Adds what all CPUs have counted by edges: a map of struct tct_dwell. 0 or a negative errno. */
int tct_counts_dwells(int map_fd, struct tct_tally *tally);

/* The map of struct tct_pair_counts, as counts[from][to]. 0 or a negative errno. */
int tct_counts_pairs(int map_fd, uint64_t counts[TCT_STATES][TCT_STATES]);

/* Runs of a program that the kernel skipped, since it was running on that CPU; 0 if not loaded. */
uint64_t tct_counts_skipped(int program_fd);

#endif
