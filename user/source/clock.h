/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCT_CLOCK_H
#define TCT_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in ns: the clock of bpf_ktime_get_ns(). */
uint64_t tct_clock_mono_ns(void);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, now. */
uint64_t tct_clock_real_offset_ns(void);

/* CLOCK_REALTIME between two looks at CLOCK_MONOTONIC. */
struct tct_clock_reading {
	uint64_t before_ns;
	uint64_t real_ns;
	uint64_t after_ns;
};

/*
 * Whether CLOCK_REALTIME has been set since `*offset_ns` was its distance from CLOCK_MONOTONIC: then
 * that is brought up to date, and what it has moved by is returned; else 0. Both clocks are slewed
 * together; less than a millisecond is no step, nor is what a look finds that was interrupted.
 */
int64_t tct_clock_step(const struct tct_clock_reading *reading, uint64_t *offset_ns);

/* The same, now. */
int64_t tct_clock_follow(uint64_t *offset_ns);

/* Jiffies a second. The coarse clock's resolution is one jiffy (kernel: KTIME_LOW_RES). */
uint32_t tct_clock_hz(void);

#endif
