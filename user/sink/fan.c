// SPDX-License-Identifier: GPL-2.0
#include "fan.h"

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].ready)
			fan->to[i].ready(fan->to[i].ctx, ev);
	}
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].transition)
			fan->to[i].transition(fan->to[i].ctx, ev);
	}
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].time_wait)
			fan->to[i].time_wait(fan->to[i].ctx, ev);
	}
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].teardown)
			fan->to[i].teardown(fan->to[i].ctx, ev);
	}
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].finding)
			fan->to[i].finding(fan->to[i].ctx, ev);
	}
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].loss)
			fan->to[i].loss(fan->to[i].ctx, ev);
	}
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].difference)
			fan->to[i].difference(fan->to[i].ctx, ev);
	}
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].audit)
			fan->to[i].audit(fan->to[i].ctx, ev);
	}
}

static void on_flood(void *ctx, const struct tct_flood *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].flood)
			fan->to[i].flood(fan->to[i].ctx, ev);
	}
}

static void on_tally(void *ctx, const struct tct_tally *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].tally)
			fan->to[i].tally(fan->to[i].ctx, ev);
	}
}

static void on_summary(void *ctx, const struct tct_summary *ev)
{
	const struct tct_fan *fan = ctx;

	for (size_t i = 0; i < fan->count; i++) {
		if (fan->to[i].summary)
			fan->to[i].summary(fan->to[i].ctx, ev);
	}
}

void tct_fan_init(const struct tct_fan *fan, struct tct_sink *ops)
{
	*ops = (struct tct_sink){
		.ctx = (void *)fan,
		.ready = on_ready,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
		.finding = on_finding,
		.loss = on_loss,
		.difference = on_difference,
		.audit = on_audit,
		.flood = on_flood,
		.tally = on_tally,
		.summary = on_summary,
	};
}
