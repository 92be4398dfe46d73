/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for a condition, never for a time: a deadline and the short nap between two looks. */
#ifndef LIVE_DEADLINE_H
#define LIVE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* How many times as long as usual everything may take: $TCT_PATIENCE, 1 without. For a machine
 * that is emulated. Deadlines below allow for it. */
int deadline_patience(void);

/* CLOCK_MONOTONIC, as the tracer's mono_ns. */
uint64_t deadline_now_ns(void);

/* The moment in so many milliseconds, times the patience. */
uint64_t deadline_in_ms(int ms);

/* Milliseconds left, rounded up; 0 when it has passed. Fit for poll(). */
int deadline_left_ms(uint64_t deadline);

/* Looks every millisecond until `holds` does. False when so many, times the patience, passed first. */
bool deadline_until(bool (*holds)(const void *arg), const void *arg, int timeout_ms);

#endif
