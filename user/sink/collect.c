// SPDX-License-Identifier: GPL-2.0
#include "collect.h"

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->events;

	if (sink->transition)
		sink->transition(sink->ctx, ev);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->events;

	if (sink->time_wait)
		sink->time_wait(sink->ctx, ev);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->events;

	if (sink->teardown)
		sink->teardown(sink->ctx, ev);
}

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->messages;

	if (sink->ready)
		sink->ready(sink->ctx, ev);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->messages;

	if (sink->loss)
		sink->loss(sink->ctx, ev);
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->messages;

	if (sink->difference)
		sink->difference(sink->ctx, ev);
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->messages;

	if (sink->audit)
		sink->audit(sink->ctx, ev);
}

static void on_flood(void *ctx, const struct tct_flood *ev)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->messages;

	if (sink->flood)
		sink->flood(sink->ctx, ev);
}

static void on_tally(void *ctx, const struct tct_tally *tally)
{
	const struct tct_sink *sink = &((const struct tct_collect *)ctx)->events;

	if (sink->tally)
		sink->tally(sink->ctx, tally);
}

static void on_summary(void *ctx, const struct tct_summary *ev)
{
	const struct tct_collect *collect = ctx;

	collect->print(collect->ctx, ev->mono_ns);
	if (collect->messages.summary)
		collect->messages.summary(collect->messages.ctx, ev);
}

void tct_collect_init(const struct tct_collect *collect, struct tct_sink *ops)
{
	*ops = (struct tct_sink){
		.ctx = (void *)collect,
		.ready = on_ready,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
		.loss = on_loss,
		.difference = on_difference,
		.audit = on_audit,
		.flood = on_flood,
		.tally = on_tally,
		.summary = on_summary,
	};
}
