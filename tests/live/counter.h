/* SPDX-License-Identifier: GPL-2.0 */
/* The transitions of the current namespace, counted by programs of the test's own. */
#ifndef LIVE_COUNTER_H
#define LIVE_COUNTER_H

#include <stdint.h>

struct counter;

/* From here on. Skips the running test where no such program can be loaded. */
struct counter *counter_start(void);

/* So far. */
uint64_t counter_read(const struct counter *counter);

void counter_end(struct counter *counter);

#endif
