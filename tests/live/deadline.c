// SPDX-License-Identifier: GPL-2.0
/* Waiting for a condition, never for a time: a deadline and the short nap between two looks. */
#include <stdlib.h>
#include <time.h>

#include "deadline.h"

#define NS_PER_MS 1000000ULL

int deadline_patience(void)
{
	const char *text = getenv("TCT_PATIENCE");
	int times = text ? atoi(text) : 1;

	return times > 0 ? times : 1;
}

uint64_t deadline_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

uint64_t deadline_in_ms(int ms)
{
	return deadline_now_ns() + deadline_patience() * ms * NS_PER_MS;
}

int deadline_left_ms(uint64_t deadline)
{
	uint64_t now = deadline_now_ns();

	return now >= deadline ? 0 : (int)((deadline - now + NS_PER_MS - 1) / NS_PER_MS);
}

bool deadline_until(bool (*holds)(const void *arg), const void *arg, int timeout_ms)
{
	const struct timespec nap = { .tv_nsec = NS_PER_MS };
	uint64_t deadline = deadline_in_ms(timeout_ms);

	while (!holds(arg)) {
		if (!deadline_left_ms(deadline))
			return holds(arg);
		nanosleep(&nap, NULL);
	}
	return true;
}
