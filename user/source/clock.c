// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <time.h>

#define SECOND 1000000000ull

static uint64_t read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

uint64_t tct_clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t tct_clock_real_offset_ns(void)
{
	return read_ns(CLOCK_REALTIME) - read_ns(CLOCK_MONOTONIC);
}

uint32_t tct_clock_hz(void)
{
	struct timespec ts;

	clock_getres(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint32_t)((SECOND + (uint64_t)ts.tv_nsec / 2) / (uint64_t)ts.tv_nsec);
}
