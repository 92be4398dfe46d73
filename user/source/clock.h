/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCT_CLOCK_H
#define TCT_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in ns: the clock of bpf_ktime_get_ns(). */
uint64_t tct_clock_mono_ns(void);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, now. */
uint64_t tct_clock_real_offset_ns(void);

/* Jiffies a second. The coarse clock's resolution is one jiffy (kernel: KTIME_LOW_RES). */
uint32_t tct_clock_hz(void);

#endif
