// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <string.h>
#include "../core/service.h"
#include "format.h"

#define SECOND 1000000000ull
#define SCHEMA 1

/* A calendar date costs more than all the rest of a line: it is made once a second. */
static void put_time(struct tct_sink_json *sink, uint64_t mono_ns)
{
	uint64_t real_ns = mono_ns + sink->real_offset_ns;

	if (real_ns / SECOND != sink->stamp_second || !sink->stamp[0]) {
		sink->stamp_second = real_ns / SECOND;
		tct_format_rfc3339(real_ns, sink->stamp, sizeof(sink->stamp));
	}
	tct_format_digits(real_ns % SECOND, 9, sink->stamp + strlen("2026-01-01T00:00:00."));
	tct_json_plain(&sink->json, "ts", sink->stamp, strlen("2026-01-01T00:00:00.123456789Z"));
}

void tct_sink_json_begin(struct tct_sink_json *sink, const char *type, uint64_t mono_ns)
{
	tct_json_open(&sink->json, NULL, '{');
	tct_json_u64(&sink->json, "v", SCHEMA);
	tct_json_str(&sink->json, "type", type);
	put_time(sink, mono_ns);
	tct_json_u64(&sink->json, "mono_ns", mono_ns);
}

void tct_sink_json_end(struct tct_sink_json *sink)
{
	tct_json_close(&sink->json, '}');
	tct_json_end(&sink->json);
}

static void put_ns(struct tct_json *json, const char *key, int64_t ns)
{
	tct_json_i64(json, key, ns, TCT_UNKNOWN);
}

static void put_flag(struct tct_json *json, const char *key, int64_t flag)
{
	if (flag == TCT_UNKNOWN)
		tct_json_str(json, key, NULL);
	else
		tct_json_bool(json, key, flag);
}

static void put_address(struct tct_json *json, const char *key, const uint8_t *address,
			uint8_t family)
{
	char text[TCT_ADDRESS_LEN];
	const char *end = tct_format_address(address, family, text);

	tct_json_plain(json, key, text, (size_t)(end - text));
}

void tct_sink_json_subject(struct tct_json *json, const struct tct_subject *who)
{
	if (TCT_KEY_IS_ADDRESS(who->cookie))
		tct_json_str(json, "cookie", NULL);
	else
		tct_json_u64(json, "cookie", who->cookie);
	tct_json_u64(json, "netns", who->netns);
	tct_json_str(json, "family", who->tuple.family == 2 ? "ipv4" : "ipv6");
	put_address(json, "laddr", who->tuple.laddr, who->tuple.family);
	tct_json_u64(json, "lport", who->tuple.lport);
	put_address(json, "raddr", who->tuple.raddr, who->tuple.family);
	tct_json_u64(json, "rport", who->tuple.rport);
}

void tct_sink_json_task(struct tct_json *json, const struct tct_task *task)
{
	tct_json_i64(json, "pid", task->pid, 0);
	tct_json_str(json, "comm", task->pid ? task->comm : NULL);
	tct_json_str(json, "owner", tct_owner_source_name(task->source));
}

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "ready", ev->mono_ns);
	tct_json_open(json, "probes", '{');
	tct_json_str(json, "set_state", ev->set_state);
	tct_json_str(json, "time_wait", ev->time_wait);
	tct_json_str(json, "time_wait_end", ev->time_wait_end);
	tct_json_str(json, "reset", ev->reset);
	tct_json_close(json, '}');
	tct_json_u64(json, "mirrored", ev->mirrored);
	tct_json_open(json, "by_state", '{');
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (ev->by_state[s])
			tct_json_u64(json, tct_state_name(s), ev->by_state[s]);
	}
	tct_json_close(json, '}');
	tct_json_u64(json, "requests", ev->requests);
	tct_json_u64(json, "namespaces", ev->namespaces);
	tct_json_bool(json, "continued", ev->continued);
	tct_json_u64(json, "waited", ev->waited);
	tct_json_u64(json, "transitions_total", ev->transitions_total);
	tct_json_str(json, "kernel", ev->kernel);
	tct_sink_json_end(sink);
	fflush(json->out);
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "transition", ev->mono_ns);
	tct_sink_json_subject(json, &ev->who);
	tct_json_str(json, "from", tct_state_name(ev->from));
	tct_json_str(json, "to", tct_state_name(ev->to));
	put_ns(json, "dwell_ns", ev->dwell_ns);
	tct_sink_json_task(json, &ev->who.task);
	tct_json_bool(json, "legal", ev->legal);
	tct_sink_json_end(sink);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "time_wait", ev->mono_ns);
	tct_sink_json_subject(json, &ev->who);
	tct_json_str(json, "substate", tct_state_name(ev->substate));
	put_ns(json, "duration_ns", ev->duration_ns);
	put_ns(json, "life_ns", ev->life_ns);
	tct_json_str(json, "end", tct_end_name(ev->end));
	tct_json_u64(json, "rearmed", ev->rearmed);
	tct_sink_json_task(json, &ev->who.task);
	tct_sink_json_end(sink);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "teardown", ev->mono_ns);
	tct_sink_json_subject(json, &ev->who);
	tct_json_str(json, "kind", tct_kind_name(ev->kind));
	tct_json_str(json, "closer", tct_closer_name(ev->closer));
	tct_json_open(json, "dwell_ns", '{');
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (ev->dwell_ns[s] != TCT_UNKNOWN)
			put_ns(json, tct_state_name(s), ev->dwell_ns[s]);
	}
	tct_json_close(json, '}');
	put_ns(json, "fin_retransmits", ev->fin_retransmits);
	put_ns(json, "half_close_ns", ev->half_close_ns);
	put_ns(json, "bytes_after_fin", ev->bytes_after_fin);
	put_ns(json, "retransmits", ev->retransmits);
	put_ns(json, "probes", ev->probes);
	put_ns(json, "unread_bytes", ev->unread_bytes);
	put_flag(json, "last_ack_lost", ev->last_ack_lost);
	tct_json_str(json, "process", tct_process_name(ev->process));
	tct_json_i64(json, "signal", ev->signal, 0);
	tct_json_str(json, "reset_reason", ev->reset_reason);
	tct_sink_json_task(json, &ev->who.task);
	tct_sink_json_end(sink);
}

static void put_holders(struct tct_json *json, const struct tct_finding *ev)
{
	tct_json_open(json, "owners", '[');
	for (size_t i = 0; i < ev->holder_count; i++) {
		const struct tct_holder *holder = &ev->holders[i];

		tct_json_open(json, NULL, '{');
		tct_json_u64(json, "pid", holder->pid);
		tct_json_str(json, "comm", holder->comm);
		tct_json_u64(json, "fd", holder->fd);
		tct_json_str(json, "cgroup", holder->cgroup);
		tct_json_u64(json, "count", holder->count);
		tct_json_str(json, "fds", holder->fds);
		tct_json_close(json, '}');
	}
	tct_json_close(json, ']');
}

static void put_verdict(struct tct_json *json, const struct tct_finding *ev)
{
	bool judged = false;

	for (int v = TCT_VERDICT_NONE + 1; v < TCT_VERDICTS; v++)
		judged |= ev->verdicts[v];
	tct_json_str(json, "verdict", ev->verdict ? tct_verdict_name(ev->verdict) : NULL);
	if (!judged)
		return;
	tct_json_open(json, "verdicts", '{');
	for (int v = 0; v < TCT_VERDICTS; v++) {
		if (ev->verdicts[v])
			tct_json_u64(json, tct_verdict_name(v), ev->verdicts[v]);
	}
	tct_json_close(json, '}');
	if (ev->state == TCT_CLOSE_WAIT)
		tct_json_u64(json, "unread_bytes", ev->unread_bytes);
}

static void put_why(struct tct_json *json, const struct tct_lingering *why)
{
	put_ns(json, "unacked_bytes", why->unacked_bytes);
	put_ns(json, "zero_window", why->zero_window);
	put_ns(json, "orphans", why->orphans);
	put_ns(json, "retransmits", why->retransmits);
	put_ns(json, "probes", why->probes);
	put_ns(json, "retransmits_limit", why->limit);
	put_ns(json, "next_retransmit_ns", why->next_ns);
	put_ns(json, "kept_ns", why->kept_ns);
}

static void put_outlook(struct tct_json *json, const struct tct_outlook *outlook)
{
	if (outlook->growth_per_s < 0)
		tct_json_str(json, "growth_per_s", NULL);
	else
		tct_json_real(json, "growth_per_s", outlook->growth_per_s);
	put_ns(json, "fd_limit", outlook->fd_limit);
	put_ns(json, "fd_open", outlook->fd_open);
	if (outlook->eta_ns == TCT_UNKNOWN)
		tct_json_str(json, "eta_s", NULL);
	else
		tct_json_real(json, "eta_s", (double)outlook->eta_ns / SECOND);
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;
	char service[TCT_SERVICE_LEN];

	tct_service_of(ev, service);
	tct_sink_json_begin(sink, "finding", ev->mono_ns);
	tct_json_u64(json, "id", ev->id);
	tct_json_str(json, "rule", ev->rule);
	tct_json_str(json, "severity", tct_severity_name(ev->severity));
	tct_json_str(json, "status", tct_status_name(ev->status));
	tct_json_str(json, "state", tct_state_name(ev->state));
	if (ev->to != ev->state)
		tct_json_str(json, "to", tct_state_name(ev->to));
	put_verdict(json, ev);
	tct_json_u64(json, "count", ev->count);
	put_ns(json, "oldest_ns", ev->oldest_ns);
	tct_json_bool(json, "oldest_at_least", ev->at_least);
	tct_json_u64(json, ev->port_is_local ? "service_lport" : "service_rport", ev->port);
	tct_json_str(json, "service", service);
	put_holders(json, ev);
	if (ev->why)
		put_why(json, ev->why);
	if (ev->outlook)
		put_outlook(json, ev->outlook);
	if (ev->socket)
		tct_sink_json_subject(json, ev->socket);
	else
		tct_json_u64(json, "netns", ev->netns);
	tct_json_str(json, "confidence", tct_confidence_name(ev->confidence));
	tct_json_str(json, "advice", ev->advice);
	tct_sink_json_end(sink);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	struct tct_sink_json *sink = ctx;

	tct_sink_json_begin(sink, "loss", ev->mono_ns);
	tct_json_str(&sink->json, "where", tct_loss_where_name(ev->where));
	tct_json_u64(&sink->json, "count", ev->count);
	tct_sink_json_end(sink);
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "difference", ev->mono_ns);
	tct_json_str(json, "drift", tct_drift_name(ev->drift));
	tct_sink_json_subject(json, &ev->who);
	tct_json_str(json, "mirror", ev->mirror == TCT_NONE ? NULL : tct_state_name(ev->mirror));
	tct_json_str(json, "kernel", ev->kernel == TCT_NONE ? NULL : tct_state_name(ev->kernel));
	tct_sink_json_end(sink);
}

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "audit", ev->mono_ns);
	tct_json_bool(json, "asked", ev->asked);
	tct_json_u64(json, "kernel", ev->kernel);
	tct_json_u64(json, "mirrored", ev->mirrored);
	tct_json_u64(json, "requests", ev->requests);
	tct_json_u64(json, "namespaces", ev->namespaces);
	for (int d = 0; d < TCT_DRIFTS; d++)
		tct_json_u64(json, tct_drift_name(d), ev->drift[d]);
	tct_json_u64(json, "races", ev->races);
	tct_json_u64(json, "seeded", ev->seeded);
	tct_json_u64(json, "beyond", ev->beyond);
	tct_json_bool(json, "complete", ev->complete);
	put_ns(json, "duration_ns", (int64_t)ev->duration_ns);
	tct_sink_json_end(sink);
}

void tct_sink_json_init(struct tct_sink_json *sink, FILE *out, uint64_t real_offset_ns,
			struct tct_sink *ops)
{
	*sink = (struct tct_sink_json){ .json = { .out = out }, .real_offset_ns = real_offset_ns };
	*ops = (struct tct_sink){
		.ctx = sink,
		.ready = on_ready,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
		.finding = on_finding,
		.loss = on_loss,
		.difference = on_difference,
		.audit = on_audit,
		.flood = tct_sink_json_flood,
		.summary = tct_sink_json_summary,
	};
}
