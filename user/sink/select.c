// SPDX-License-Identifier: GPL-2.0
#include "select.h"

#include <errno.h>
#include <stdlib.h>

#define HELD_MAX 8192
#define PATIENCE_NS 5000000000ull	/* an accept queue is left by then, or never */

struct tct_select_held {
	unsigned int type;
	union {
		struct tct_transition transition;
		struct tct_time_wait time_wait;
		struct tct_teardown teardown;
	};
};

static struct tct_subject *who_of(struct tct_select_held *held)
{
	switch (held->type) {
	case TCT_SELECT_TRANSITION:
		return &held->transition.who;
	case TCT_SELECT_TIME_WAIT:
		return &held->time_wait.who;
	default:
		return &held->teardown.who;
	}
}

static uint64_t time_of(const struct tct_select_held *held)
{
	switch (held->type) {
	case TCT_SELECT_TRANSITION:
		return held->transition.mono_ns;
	case TCT_SELECT_TIME_WAIT:
		return held->time_wait.mono_ns;
	default:
		return held->teardown.mono_ns;
	}
}

static void pass(struct tct_select *select, const struct tct_select_held *held)
{
	const struct tct_sink *next = select->next;

	if (held->type == TCT_SELECT_TRANSITION && next->transition)
		next->transition(next->ctx, &held->transition);
	if (held->type == TCT_SELECT_TIME_WAIT && next->time_wait)
		next->time_wait(next->ctx, &held->time_wait);
	if (held->type == TCT_SELECT_TEARDOWN && next->teardown)
		next->teardown(next->ctx, &held->teardown);
}

/* A socket's owner has become known: what waits of it goes first. */
static void settle(struct tct_select *select, uint64_t cookie, const struct tct_task *task)
{
	size_t kept = 0;

	for (size_t i = 0; i < select->held_count; i++) {
		struct tct_select_held *held = &select->held[i];

		if (who_of(held)->cookie != cookie) {
			select->held[kept++] = *held;
			continue;
		}
		who_of(held)->task = *task;
		if (task->pid == select->config.pid)
			pass(select, held);
	}
	select->held_count = kept;
}

/* With -p; without, events pass uncopied. */
static void by_owner(struct tct_select *select, const struct tct_select_held *event)
{
	struct tct_select_held copy = *event;
	const struct tct_subject *who = who_of(&copy);

	if (!who->task.pid) {
		if (select->held_count < HELD_MAX)
			select->held[select->held_count++] = copy;
		else
			select->overflowed++;
		return;
	}
	if (select->held_count)
		settle(select, who->cookie, &who->task);
	if (who->task.pid == select->config.pid)
		pass(select, event);
}

static bool state_wanted(const struct tct_select *select, enum tct_state a, enum tct_state b)
{
	return !select->config.states || select->config.states & (1u << a | 1u << b);
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_select *select = ctx;
	struct tct_select_held event;

	if (!(select->config.types & TCT_SELECT_TRANSITION) ||
	    !state_wanted(select, ev->from, ev->to))
		return;
	if (select->config.pid) {
		event = (struct tct_select_held){ .type = TCT_SELECT_TRANSITION,
						  .transition = *ev };
		by_owner(select, &event);
	} else if (select->next->transition) {
		select->next->transition(select->next->ctx, ev);
	}
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_select *select = ctx;
	struct tct_select_held event;

	if (!(select->config.types & TCT_SELECT_TIME_WAIT) ||
	    !state_wanted(select, ev->substate, ev->substate))
		return;
	if (select->config.pid) {
		event = (struct tct_select_held){ .type = TCT_SELECT_TIME_WAIT, .time_wait = *ev };
		by_owner(select, &event);
	} else if (select->next->time_wait) {
		select->next->time_wait(select->next->ctx, ev);
	}
}

/* A teardown is about a whole connection, not about a state: -s leaves it out. */
static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_select *select = ctx;
	struct tct_select_held event;

	if (!(select->config.types & TCT_SELECT_TEARDOWN) || select->config.states)
		return;
	if (select->config.pid) {
		event = (struct tct_select_held){ .type = TCT_SELECT_TEARDOWN, .teardown = *ev };
		by_owner(select, &event);
	} else if (select->next->teardown) {
		select->next->teardown(select->next->ctx, ev);
	}
}

static bool held_by(const struct tct_finding *ev, uint32_t pid)
{
	for (size_t i = 0; i < ev->holder_count; i++) {
		if (ev->holders[i].pid == pid)
			return true;
	}
	return ev->socket && ev->socket->task.pid == pid;
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_select *select = ctx;

	if (!(select->config.types & TCT_SELECT_FINDING) || !select->next->finding)
		return;
	if (!state_wanted(select, ev->state, ev->to))
		return;
	if (select->config.pid && !held_by(ev, select->config.pid))
		return;
	select->findings++;
	select->next->finding(select->next->ctx, ev);
}

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	const struct tct_sink *next = ((struct tct_select *)ctx)->next;

	if (next->ready)
		next->ready(next->ctx, ev);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	const struct tct_sink *next = ((struct tct_select *)ctx)->next;

	if (next->loss)
		next->loss(next->ctx, ev);
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	const struct tct_sink *next = ((struct tct_select *)ctx)->next;

	if (next->difference)
		next->difference(next->ctx, ev);
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	const struct tct_sink *next = ((struct tct_select *)ctx)->next;

	if (next->audit)
		next->audit(next->ctx, ev);
}

static void on_flood(void *ctx, const struct tct_flood *ev)
{
	const struct tct_sink *next = ((struct tct_select *)ctx)->next;

	if (next->flood)
		next->flood(next->ctx, ev);
}

static void on_tally(void *ctx, const struct tct_tally *tally)
{
	const struct tct_sink *next = ((struct tct_select *)ctx)->next;

	if (next->tally)
		next->tally(next->ctx, tally);
}

static void on_summary(void *ctx, const struct tct_summary *ev)
{
	const struct tct_sink *next = ((struct tct_select *)ctx)->next;

	if (next->summary)
		next->summary(next->ctx, ev);
}

/* What nobody will get, the core need not even put together. */
static bool is_wanted(const struct tct_select *select, uint32_t type, bool taken)
{
	return select->config.types & type && (taken || select->config.pid);
}

int tct_select_init(struct tct_select *select, const struct tct_select_config *config,
		    const struct tct_sink *next, struct tct_sink *ops)
{
	*select = (struct tct_select){ .config = *config, .next = next };
	if (config->pid) {
		select->held = calloc(HELD_MAX, sizeof(*select->held));
		if (!select->held)
			return -ENOMEM;
	}
	*ops = (struct tct_sink){
		.ctx = select,
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
	if (!is_wanted(select, TCT_SELECT_TRANSITION, next->transition))
		ops->transition = NULL;
	if (!is_wanted(select, TCT_SELECT_TIME_WAIT, next->time_wait))
		ops->time_wait = NULL;
	if (!is_wanted(select, TCT_SELECT_TEARDOWN, next->teardown) || select->config.states)
		ops->teardown = NULL;
	return 0;
}

void tct_select_fini(struct tct_select *select)
{
	free(select->held);
	select->held = NULL;
}

bool tct_select_waits(const struct tct_select *select)
{
	return select->held_count;
}

void tct_select_flush(struct tct_select *select, tct_owner_of owner_of, void *ctx,
		      uint64_t now_ns)
{
	size_t count = select->held_count;

	select->held_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct tct_select_held *held = &select->held[i];
		struct tct_task task = owner_of(ctx, who_of(held)->cookie);

		if (!task.pid && now_ns - time_of(held) < PATIENCE_NS)
			select->held[select->held_count++] = *held;
		who_of(held)->task = task;
		if (task.pid && task.pid == select->config.pid)
			pass(select, held);
	}
}
