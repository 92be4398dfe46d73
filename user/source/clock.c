// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <time.h>

#define SECOND 1000000000ull
#define SLACK_NS 1000000
#define TRIES 3

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

static struct tct_clock_reading read_both(void)
{
	struct tct_clock_reading reading;

	reading.before_ns = read_ns(CLOCK_MONOTONIC);
	reading.real_ns = read_ns(CLOCK_REALTIME);
	reading.after_ns = read_ns(CLOCK_MONOTONIC);
	return reading;
}

/* To half of the time that the reading took. */
static uint64_t offset_of(const struct tct_clock_reading *reading)
{
	return reading->real_ns - reading->before_ns -
	       (reading->after_ns - reading->before_ns) / 2;
}

/* The best of a few, should one be interrupted. */
uint64_t tct_clock_real_offset_ns(void)
{
	struct tct_clock_reading best = read_both();

	for (int i = 0; i < TRIES; i++) {
		struct tct_clock_reading next = read_both();

		if (next.after_ns - next.before_ns < best.after_ns - best.before_ns)
			best = next;
	}
	return offset_of(&best);
}

int64_t tct_clock_step(const struct tct_clock_reading *reading, uint64_t *offset_ns)
{
	int64_t moved = (int64_t)(offset_of(reading) - *offset_ns);

	if (reading->after_ns - reading->before_ns > SLACK_NS)
		return 0;
	if (moved >= -SLACK_NS && moved <= SLACK_NS)
		return 0;
	*offset_ns += (uint64_t)moved;
	return moved;
}

int64_t tct_clock_follow(uint64_t *offset_ns)
{
	const struct tct_clock_reading reading = read_both();

	return tct_clock_step(&reading, offset_ns);
}

uint32_t tct_clock_hz(void)
{
	struct timespec ts;

	clock_getres(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint32_t)((SECOND + (uint64_t)ts.tv_nsec / 2) / (uint64_t)ts.tv_nsec);
}
