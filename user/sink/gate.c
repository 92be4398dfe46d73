// SPDX-License-Identifier: GPL-2.0
#include "gate.h"

#define LOSS_REST_NS 1000000000ull

static void tell_dropped(struct tct_gate *gate, uint64_t mono_ns)
{
	const struct tct_loss ev = {
		.mono_ns = mono_ns,
		.where = TCT_LOSS_SINK,
		.count = gate->before + gate->dropped,
	};

	if (gate->dropped == gate->told)
		return;
	gate->told = gate->dropped;
	if (gate->next->loss)
		gate->next->loss(gate->next->ctx, &ev);
}

static bool drop(struct tct_gate *gate)
{
	gate->dropped++;
	return false;
}

/* How much waits now; what was left out is told once the stream may go on. */
static size_t look(struct tct_gate *gate, uint64_t mono_ns)
{
	size_t waiting = gate->waiting(gate->ctx);

	if (waiting >= gate->room / 8 * 7)
		gate->shut = true;
	else if (waiting <= gate->room / 2)
		gate->shut = false;
	if (!gate->shut)
		tell_dropped(gate, mono_ns);
	return waiting;
}

bool tct_gate_admits(struct tct_gate *gate, uint64_t mono_ns)
{
	if (!gate->room)
		return true;
	look(gate, mono_ns);
	return !gate->shut || drop(gate);
}

/* What matters more than the stream. */
static bool admits_rest(struct tct_gate *gate, uint64_t mono_ns)
{
	return !gate->room || look(gate, mono_ns) < gate->room || drop(gate);
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_gate *gate = ctx;

	if (gate->next->transition && tct_gate_admits(gate, ev->mono_ns))
		gate->next->transition(gate->next->ctx, ev);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_gate *gate = ctx;

	if (gate->next->time_wait && tct_gate_admits(gate, ev->mono_ns))
		gate->next->time_wait(gate->next->ctx, ev);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_gate *gate = ctx;

	if (gate->next->teardown && tct_gate_admits(gate, ev->mono_ns))
		gate->next->teardown(gate->next->ctx, ev);
}

static void tell_held(struct tct_gate *gate, enum tct_loss_where where, uint64_t mono_ns)
{
	const struct tct_loss ev = {
		.mono_ns = mono_ns, .where = where, .count = gate->held[where],
	};

	if (!ev.count)
		return;
	gate->held[where] = 0;
	gate->told_ns[where] = mono_ns;
	if (gate->next->loss)
		gate->next->loss(gate->next->ctx, &ev);
}

/* Before what follows from them. */
static void tell_losses(struct tct_gate *gate, uint64_t mono_ns)
{
	for (int w = 0; w < TCT_LOSS_PLACES; w++) {
		if (gate->held[w] && admits_rest(gate, mono_ns))
			tell_held(gate, w, mono_ns);
	}
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_gate *gate = ctx;

	tell_losses(gate, ev->mono_ns);
	if (gate->next->finding && admits_rest(gate, ev->mono_ns))
		gate->next->finding(gate->next->ctx, ev);
}

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	struct tct_gate *gate = ctx;

	if (gate->next->ready && admits_rest(gate, ev->mono_ns))
		gate->next->ready(gate->next->ctx, ev);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	struct tct_gate *gate = ctx;
	uint64_t told_ns = gate->told_ns[ev->where];

	gate->held[ev->where] = ev->count;
	if (ev->where == TCT_LOSS_SINK) {
		gate->before = ev->count;
		gate->told = gate->dropped;
		gate->held[ev->where] += gate->dropped;
	}
	if (told_ns && ev->mono_ns < told_ns + LOSS_REST_NS)
		return;
	if (admits_rest(gate, ev->mono_ns))
		tell_held(gate, ev->where, ev->mono_ns);
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	struct tct_gate *gate = ctx;

	if (gate->next->difference && admits_rest(gate, ev->mono_ns))
		gate->next->difference(gate->next->ctx, ev);
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	struct tct_gate *gate = ctx;

	tell_losses(gate, ev->mono_ns);
	if (gate->next->audit && admits_rest(gate, ev->mono_ns))
		gate->next->audit(gate->next->ctx, ev);
}

static void on_flood(void *ctx, const struct tct_flood *ev)
{
	struct tct_gate *gate = ctx;

	tell_losses(gate, ev->mono_ns);
	if (gate->next->flood && admits_rest(gate, ev->mono_ns))
		gate->next->flood(gate->next->ctx, ev);
}

/* The last word: it always goes out. */
static void on_summary(void *ctx, const struct tct_summary *ev)
{
	struct tct_gate *gate = ctx;
	struct tct_summary all = *ev;

	all.lost += gate->dropped;
	all.losses[TCT_LOSS_SINK] += gate->dropped;
	for (int w = 0; w < TCT_LOSS_PLACES; w++)
		tell_held(gate, w, ev->mono_ns);
	tell_dropped(gate, ev->mono_ns);
	if (gate->next->summary)
		gate->next->summary(gate->next->ctx, &all);
}

void tct_gate_init(struct tct_gate *gate, struct tct_sink *ops)
{
	*ops = (struct tct_sink){
		.ctx = gate,
		.ready = on_ready,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
		.finding = on_finding,
		.loss = on_loss,
		.difference = on_difference,
		.audit = on_audit,
		.flood = on_flood,
		.summary = on_summary,
	};
}
