// SPDX-License-Identifier: GPL-2.0
#include "recorder.h"

#include <stdlib.h>

static void put_ns(FILE *out, int64_t ns)
{
	if (ns == TCT_UNKNOWN)
		fprintf(out, " ?");
	else
		fprintf(out, " %lld", (long long)ns);
}

/* "7", or "@1000" for one that is known by its address: the low bytes tell enough. */
static void put_start(FILE *out, uint64_t mono_ns, const char *what, uint64_t cookie)
{
	fprintf(out, "%llu %s ", (unsigned long long)mono_ns, what);
	if (TCT_KEY_IS_ADDRESS(cookie))
		fprintf(out, "@%llx", (unsigned long long)cookie & 0xffff);
	else
		fprintf(out, "%llu", (unsigned long long)cookie);
}

static void put_task(FILE *out, const struct tct_task *task)
{
	if (task->pid)
		fprintf(out, " %u/%s", task->pid, tct_owner_source_name(task->source));
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	FILE *out = ((struct recorder *)ctx)->out;

	put_start(out, ev->mono_ns, "move", ev->who.cookie);
	fprintf(out, " %s>%s", tct_state_name(ev->from), tct_state_name(ev->to));
	put_ns(out, ev->dwell_ns);
	put_task(out, &ev->who.task);
	fprintf(out, "%s\n", ev->legal ? "" : " illegal");
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	FILE *out = ((struct recorder *)ctx)->out;

	put_start(out, ev->mono_ns, "tw", ev->who.cookie);
	fprintf(out, " %s", tct_state_name(ev->substate));
	put_ns(out, ev->duration_ns);
	fprintf(out, " life");
	put_ns(out, ev->life_ns);
	fprintf(out, " %s rearmed %u", tct_end_name(ev->end), ev->rearmed);
	put_task(out, &ev->who.task);
	fputc('\n', out);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct recorder *recorder = ctx;

	recorder->teardown = *ev;
	put_start(recorder->out, ev->mono_ns, "end", ev->who.cookie);
	fprintf(recorder->out, " %s %s", tct_kind_name(ev->kind), tct_closer_name(ev->closer));
	put_task(recorder->out, &ev->who.task);
	fputc('\n', recorder->out);
}

static void put_holders(FILE *out, const struct tct_finding *ev)
{
	for (size_t i = 0; i < ev->holder_count; i++)
		fprintf(out, " %ux%u:%s", ev->holders[i].pid, ev->holders[i].count,
			ev->holders[i].fds);
}

static void put_what(FILE *out, const struct tct_finding *ev)
{
	fprintf(out, "%llu finding #%u %s %s %s", (unsigned long long)ev->mono_ns, ev->id,
		ev->rule, tct_status_name(ev->status), tct_state_name(ev->state));
	if (ev->to != ev->state)
		fprintf(out, ">%s", tct_state_name(ev->to));
	fprintf(out, " count %u oldest", ev->count);
	put_ns(out, ev->oldest_ns);
	fprintf(out, "%s %s %u", ev->at_least ? "+" : "", ev->port_is_local ? "local" : "remote",
		ev->port);
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct recorder *recorder = ctx;
	FILE *out = recorder->out;

	recorder->finding = *ev;
	put_what(out, ev);
	put_holders(out, ev);
	if (ev->verdict)
		fprintf(out, " %s", tct_verdict_name(ev->verdict));
	if (ev->confidence != TCT_EXACT)
		fprintf(out, " %s", tct_confidence_name(ev->confidence));
	if (ev->socket)
		fprintf(out, " socket %llu", (unsigned long long)ev->socket->cookie);
	fputc('\n', out);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	FILE *out = ((struct recorder *)ctx)->out;

	fprintf(out, "%llu loss %s %llu\n", (unsigned long long)ev->mono_ns,
		tct_loss_where_name(ev->where), (unsigned long long)ev->count);
}

/* TCT_NONE is no state. */
static void on_difference(void *ctx, const struct tct_difference *ev)
{
	FILE *out = ((struct recorder *)ctx)->out;

	put_start(out, ev->mono_ns, "drift", ev->who.cookie);
	fprintf(out, " %s %s>%s\n", tct_drift_name(ev->drift),
		ev->mirror ? tct_state_name(ev->mirror) : "-",
		ev->kernel ? tct_state_name(ev->kernel) : "-");
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	FILE *out = ((struct recorder *)ctx)->out;

	fprintf(out, "%llu audit %u mirrored %u missing %u ghosts %u states %u races %u seeded %u "
		"beyond %u requests %u%s\n", (unsigned long long)ev->mono_ns, ev->kernel,
		ev->mirrored, ev->drift[TCT_DRIFT_MISSING], ev->drift[TCT_DRIFT_GHOST],
		ev->drift[TCT_DRIFT_STATE], ev->races, ev->seeded, ev->beyond, ev->requests,
		ev->complete ? "" : " incomplete");
}

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	FILE *out = ((struct recorder *)ctx)->out;

	fprintf(out, "%llu ready %u\n", (unsigned long long)ev->mono_ns, ev->mirrored);
}

static void on_summary(void *ctx, const struct tct_summary *ev)
{
	FILE *out = ((struct recorder *)ctx)->out;

	fprintf(out, "%llu summary %llu\n", (unsigned long long)ev->mono_ns,
		(unsigned long long)ev->events);
}

void recorder_init(struct recorder *recorder, struct tct_sink *ops)
{
	*recorder = (struct recorder){ 0 };
	recorder->out = open_memstream(&recorder->text, &recorder->size);
	*ops = (struct tct_sink){
		.ctx = recorder,
		.ready = on_ready,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
		.finding = on_finding,
		.loss = on_loss,
		.difference = on_difference,
		.audit = on_audit,
		.summary = on_summary,
	};
}

void recorder_fini(struct recorder *recorder)
{
	fclose(recorder->out);
	free(recorder->text);
	free(recorder->taken);
}

const char *recorder_take(struct recorder *recorder)
{
	fclose(recorder->out);
	free(recorder->taken);
	recorder->taken = recorder->text;
	recorder->out = open_memstream(&recorder->text, &recorder->size);
	return recorder->taken;
}
