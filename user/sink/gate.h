/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In front of a sink whose output waits in a queue: where there is no room, whole events are left
 * out, before they cost anything, and counted. The stream (transitions, teardowns, ends of
 * TIME_WAIT) is left out from seven eighths on until the queue is half empty again; findings and
 * what is about the run itself only when there is no room at all. What was left out is told as a
 * loss when the stream goes on, and in the summary.
 *
 * Losses are totals, and come with each batch while they last: of each place one a second is told,
 * and what it has come to before a finding, an audit, a flood's line and the summary.
 */
#ifndef TCT_GATE_H
#define TCT_GATE_H

#include "../core/event.h"

struct tct_gate {
	const struct tct_sink *next;
	size_t (*waiting)(void *ctx);	/* bytes in the queue */
	void *ctx;
	size_t room;			/* bytes; 0: nothing is ever left out */
	bool shut;			/* for the stream */
	uint64_t dropped;
	uint64_t told;			/* of those */
	uint64_t before;		/* events that got lost before they came here, in the same place */
	uint64_t held[TCT_LOSS_PLACES];	/* totals that are not told yet; 0: none */
	uint64_t told_ns[TCT_LOSS_PLACES];	/* when the last one was; 0: none was */
};

/* `gate` as above, with `next`, `waiting`, `ctx` and `room` set; it must not move. */
void tct_gate_init(struct tct_gate *gate, struct tct_sink *ops);

/* For what a command prints itself, beside the sink: whether there is room; else it is counted. */
bool tct_gate_admits(struct tct_gate *gate, uint64_t mono_ns);

#endif
