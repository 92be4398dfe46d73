// SPDX-License-Identifier: GPL-2.0
/* What is no finding goes on as it is. */
#include "rules_pass.h"

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->ready(next->ctx, ev);
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->transition(next->ctx, ev);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->time_wait(next->ctx, ev);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->teardown(next->ctx, ev);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->loss(next->ctx, ev);
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->difference(next->ctx, ev);
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->audit(next->ctx, ev);
}

static void on_flood(void *ctx, const struct tct_flood *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->flood(next->ctx, ev);
}

static void on_tally(void *ctx, const struct tct_tally *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->tally(next->ctx, ev);
}

static void on_summary(void *ctx, const struct tct_summary *ev)
{
	const struct tct_sink *next = ((struct tct_rules *)ctx)->config.next;

	next->summary(next->ctx, ev);
}

void tct_rules_pass(struct tct_rules *rules, struct tct_sink *ops)
{
	const struct tct_sink *next = rules->config.next;

	*ops = (struct tct_sink){
		.ctx = rules,
		.ready = next->ready ? on_ready : NULL,
		.transition = next->transition ? on_transition : NULL,
		.time_wait = next->time_wait ? on_time_wait : NULL,
		.teardown = next->teardown ? on_teardown : NULL,
		.loss = next->loss ? on_loss : NULL,
		.difference = next->difference ? on_difference : NULL,
		.audit = next->audit ? on_audit : NULL,
		.flood = next->flood ? on_flood : NULL,
		.tally = next->tally ? on_tally : NULL,
		.summary = next->summary ? on_summary : NULL,
	};
}
