/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Joins two sinks for commands that print totals, not events: one collects the events, the other
 * tells what is about the run itself. What was collected is printed before the summary.
 */
#ifndef TCT_COLLECT_H
#define TCT_COLLECT_H

#include "../core/event.h"

struct tct_collect {
	struct tct_sink events;
	struct tct_sink messages;
	void (*print)(void *ctx, uint64_t now_ns);
	void *ctx;
};

/* `collect` must outlive `ops`. */
void tct_collect_init(const struct tct_collect *collect, struct tct_sink *ops);

#endif
