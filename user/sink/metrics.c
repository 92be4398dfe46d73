// SPDX-License-Identifier: GPL-2.0
#include "metrics.h"

#include <string.h>

static void add(struct tct_bars *bars, const double *bounds_s, size_t count, int64_t ns,
		const struct tct_subject *who, uint64_t mono_ns)
{
	size_t bar = 0;

	if (ns == TCT_UNKNOWN)
		return;
	while (bar < count && (double)ns > bounds_s[bar] * 1e9)
		bar++;
	bars->bars[bar]++;
	bars->count++;
	bars->sum_ns += (uint64_t)ns;
	bars->last[bar] = (struct tct_exemplar){
		.cookie = TCT_KEY_IS_ADDRESS(who->cookie) ? 0 : who->cookie,
		.ns = (uint64_t)ns, .mono_ns = mono_ns,
	};
}

static void copy(const char *name, char out[TCT_PROVIDER_LEN])
{
	strncpy(out, name ? name : "", TCT_PROVIDER_LEN - 1);
}

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	struct tct_metrics *metrics = ctx;
	struct tct_counters *counters = &metrics->counters;

	metrics->recount = true;
	counters->ready = true;
	copy(ev->kernel, counters->kernel);
	copy(ev->set_state, counters->set_state);
	copy(ev->time_wait, counters->time_wait);
	copy(ev->time_wait_end, counters->time_wait_end);
}

static void count_port(struct tct_ports *ports, const struct tct_transition *ev)
{
	if (ev->to == TCT_TIME_WAIT)
		tct_ports_enter(ports, &ev->who);
	else if (ev->from == TCT_TIME_WAIT)
		tct_ports_leave(ports, &ev->who);
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_metrics *metrics = ctx;
	struct tct_counters *counters = &metrics->counters;
	size_t count;
	const double *bounds = tct_histogram_state_bounds(&count);

	counters->transitions[ev->from][ev->to]++;
	counters->illegal += !ev->legal;
	if (ev->from != ev->to)
		add(&counters->states[ev->from], bounds, count, ev->dwell_ns, &ev->who,
		    ev->mono_ns);
	if (metrics->ports)
		count_port(metrics->ports, ev);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_counters *counters = &((struct tct_metrics *)ctx)->counters;
	size_t count;
	const double *bounds = tct_histogram_time_wait_bounds(&count);
	/* two ends with one name are one series */
	enum tct_end end = ev->end == TCT_END_RESET_SENT ? TCT_END_RESET : ev->end;

	add(&counters->ends[end], bounds, count, ev->duration_ns, &ev->who, ev->mono_ns);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_counters *counters = &((struct tct_metrics *)ctx)->counters;

	counters->teardowns[ev->kind][ev->closer]++;
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	struct tct_counters *counters = &((struct tct_metrics *)ctx)->counters;

	counters->losses[ev->where] = ev->count;
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	struct tct_metrics *metrics = ctx;
	struct tct_counters *counters = &metrics->counters;

	metrics->recount = true;
	counters->audits++;
	counters->audit_ns = ev->duration_ns;
	counters->drift = 0;
	for (int d = 0; d < TCT_DRIFTS; d++)
		counters->drift += ev->drift[d];
	counters->repaired += counters->drift;
}

static void on_flood(void *ctx, const struct tct_flood *ev)
{
	struct tct_counters *counters = &((struct tct_metrics *)ctx)->counters;

	counters->flood = !ev->over;
	counters->floods += !ev->over;
	for (int from = 0; ev->over && from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++)
			counters->transitions[from][to] += ev->counts[from][to];
	}
}

void tct_metrics_init(struct tct_metrics *metrics, struct tct_ports *ports, struct tct_sink *ops)
{
	*metrics = (struct tct_metrics){ .ports = ports };
	*ops = (struct tct_sink){
		.ctx = metrics,
		.ready = on_ready,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
		.loss = on_loss,
		.audit = on_audit,
		.flood = on_flood,
	};
}
