// SPDX-License-Identifier: GPL-2.0
/* Every metric: what it is called, and its samples. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include "exposition_internal.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define SECOND 1e9
#define OF(field) offsetof(struct tct_snapshot, field)

static void put_build_info(const struct tct_page *page)
{
	const struct tct_counters *counters = &page->snapshot->counters;

	fprintf(page->out, "%s%s{", page->name, page->suffix);
	tct_expose_label(page->out, "version", TEXT(TCT_VERSION));
	fputc(',', page->out);
	tct_expose_label(page->out, "kernel", counters->kernel);
	fputc(',', page->out);
	tct_expose_label(page->out, "set_state", counters->set_state);
	fputc(',', page->out);
	tct_expose_label(page->out, "time_wait", counters->time_wait);
	fputc(',', page->out);
	tct_expose_label(page->out, "time_wait_end", counters->time_wait_end);
	fputs("} 1\n", page->out);
}

static void put_ready(const struct tct_page *page)
{
	tct_expose_u64(page, NULL, NULL, NULL, NULL, page->snapshot->counters.ready);
}

static void put_start(const struct tct_page *page)
{
	tct_expose_real(page, NULL, NULL, page->snapshot->start_s);
}

static void put_sockets(const struct tct_page *page)
{
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (s != TCT_NEW_SYN_RECV)
			tct_expose_u64(page, "state", tct_state_name(s), NULL, NULL,
				page->snapshot->sockets[s]);
	}
}

/* Those that Linux makes, with 0 too, so that a first one is a rise; and whatever else came. */
static void put_transitions(const struct tct_page *page)
{
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++) {
			uint64_t count = page->snapshot->counters.transitions[from][to];

			if (count || tct_fsm_step(from, to) != TCT_EDGE_ILLEGAL)
				tct_expose_u64(page, "from", tct_state_name(from), "to",
					tct_state_name(to), count);
		}
	}
}

static void put_states(const struct tct_page *page)
{
	size_t count;
	const double *bounds = tct_histogram_state_bounds(&count);

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (s != TCT_NEW_SYN_RECV)
			tct_expose_histogram(page, "state", tct_state_name(s),
					     &page->snapshot->counters.states[s], bounds, count);
	}
}

static void put_ends(const struct tct_page *page)
{
	size_t count;
	const double *bounds = tct_histogram_time_wait_bounds(&count);

	for (int end = 0; end < TCT_ENDS; end++) {
		if (end != TCT_END_RESET_SENT)	/* counted as TCT_END_RESET, whose name it has */
			tct_expose_histogram(page, "end", tct_end_name(end),
					     &page->snapshot->counters.ends[end], bounds, count);
	}
}

static void put_teardowns(const struct tct_page *page)
{
	for (int kind = 0; kind < TCT_KINDS; kind++) {
		for (int closer = 0; closer < TCT_CLOSERS; closer++) {
			uint64_t count = page->snapshot->counters.teardowns[kind][closer];

			if (count)
				tct_expose_u64(page, "kind", tct_kind_name(kind), "closer",
					tct_closer_name(closer), count);
		}
	}
}

static void put_stuck(const struct tct_page *page)
{
	for (size_t i = 0; i < page->snapshot->service_count; i++) {
		const struct tct_service_row *row = &page->snapshot->services[i];

		for (int s = 0; s < TCT_STATES; s++) {
			if (row->states >> s & 1)
				tct_expose_u64(page, "state", tct_state_name(s), "service", row->name,
					row->stuck[s]);
		}
	}
}

/* One number a service, in so many parts of its unit; what is not known is left out. */
static void put_rows(const struct tct_page *page, size_t offset, double unit)
{
	for (size_t i = 0; i < page->snapshot->service_count; i++) {
		const struct tct_service_row *row = &page->snapshot->services[i];
		int64_t value;

		memcpy(&value, (const char *)row + offset, sizeof(value));
		if (value != TCT_UNKNOWN)
			tct_expose_real(page, "service", row->name, (double)value / unit);
	}
}

static void put_oldest(const struct tct_page *page)
{
	put_rows(page, offsetof(struct tct_service_row, oldest_ns), SECOND);
}

static void put_growth(const struct tct_page *page)
{
	for (size_t i = 0; i < page->snapshot->service_count; i++) {
		const struct tct_service_row *row = &page->snapshot->services[i];

		if (row->states >> TCT_CLOSE_WAIT & 1)
			tct_expose_real(page, "service", row->name, row->growth_per_s);
	}
}

static void put_exhausted(const struct tct_page *page)
{
	put_rows(page, offsetof(struct tct_service_row, eta_ns), SECOND);
}

static void put_descriptors(const struct tct_page *page)
{
	put_rows(page, offsetof(struct tct_service_row, fd_open), 1);
}

static void put_limit(const struct tct_page *page)
{
	put_rows(page, offsetof(struct tct_service_row, fd_limit), 1);
}

static void put_findings(const struct tct_page *page)
{
	for (size_t i = 0; i < page->snapshot->rule_count; i++) {
		const struct tct_rule_count *rule = &page->snapshot->rules[i];

		for (int s = 0; s < TCT_SEVERITIES; s++)
			tct_expose_u64(page, "rule", rule->rule, "severity", tct_severity_name(s),
				rule->open[s]);
	}
}

static void put_finding_sockets(const struct tct_page *page)
{
	const struct tct_snapshot *snapshot = page->snapshot;

	for (size_t i = 0; i < snapshot->service_count; i++) {
		for (size_t cell = 0; cell < snapshot->rule_count * TCT_SEVERITIES; cell++) {
			size_t rule = cell / TCT_SEVERITIES, severity = cell % TCT_SEVERITIES;
			uint32_t count = snapshot->services[i].open[rule][severity];

			if (!count)
				continue;
			fprintf(page->out, "%s{", page->name);
			tct_expose_label(page->out, "rule", snapshot->rules[rule].rule);
			fputc(',', page->out);
			tct_expose_label(page->out, "severity", tct_severity_name(severity));
			fputc(',', page->out);
			tct_expose_label(page->out, "service", snapshot->services[i].name);
			fprintf(page->out, "} %" PRIu32 "\n", count);
		}
	}
}

static void put_lost(const struct tct_page *page)
{
	for (int where = 0; where < TCT_LOSS_PLACES; where++)
		tct_expose_u64(page, "where", tct_loss_where_name(where), NULL, NULL,
			page->snapshot->lost[where]);
}

static void put_run_seconds(const struct tct_page *page)
{
	for (size_t i = 0; i < page->snapshot->cost_count; i++)
		tct_expose_real(page, "prog", page->snapshot->costs[i].prog,
			 (double)page->snapshot->costs[i].run_ns / SECOND);
}

static void put_runs(const struct tct_page *page)
{
	for (size_t i = 0; i < page->snapshot->cost_count; i++)
		tct_expose_u64(page, "prog", page->snapshot->costs[i].prog, NULL, NULL,
			page->snapshot->costs[i].runs);
}

static void put_codes(const struct tct_page *page)
{
	char code[12];

	for (int i = 0; page->codes && i < TCT_HTTP_CODES; i++) {
		snprintf(code, sizeof(code), "%d", i);
		if (page->codes[i])
			tct_expose_u64(page, "code", code, NULL, NULL, page->codes[i]);
	}
}

static void put_execs(const struct tct_page *page)
{
	const struct tct_result_count *execs = page->snapshot->execs;

	for (size_t i = 0; i < page->snapshot->exec_count; i++)
		tct_expose_u64(page, "result", execs[i].result, NULL, NULL, execs[i].count);
}

const struct tct_family tct_families[] = {
	{ "tcpclose_build_info", "gauge", NULL,
	  "Version, kernel, and which provider tells each event", put_build_info, 0 },
	{ "tcpclose_start_time_seconds", "gauge", "seconds", "When the daemon started, Unix time",
	  put_start, 0 },
	{ "tcpclose_ready", "gauge", NULL, "1 once all sockets that were there are known", put_ready, 0 },
	{ "tcpclose_sockets", "gauge", NULL, "TCP sockets on this host by state", put_sockets, 0 },
	{ "tcpclose_transitions", "counter", NULL, "TCP state transitions", put_transitions, 0 },
	{ "tcpclose_illegal_transitions", "counter", NULL,
	  "Transitions that neither the RFC nor Linux allows", NULL, OF(illegal) },
	{ "tcpclose_state_duration_seconds", "histogram", "seconds",
	  "How long sockets were in a state that they have left", put_states, 0 },
	{ "tcpclose_time_wait_duration_seconds", "histogram", "seconds",
	  "How long TIME_WAIT lasted, by what ended it", put_ends, 0 },
	{ "tcpclose_teardowns", "counter", NULL, "Connections by how they ended and who closed first",
	  put_teardowns, 0 },
	{ "tcpclose_stuck_sockets", "gauge", NULL,
	  "Sockets past the threshold of their state, by who holds them", put_stuck, 0 },
	{ "tcpclose_close_wait_oldest_seconds", "gauge", "seconds",
	  "Age of the oldest socket stuck in CLOSE_WAIT", put_oldest, 0 },
	{ "tcpclose_close_wait_growth_per_second", "gauge", NULL,
	  "How many more sockets are stuck in CLOSE_WAIT each second, while their number grows",
	  put_growth, 0 },
	{ "tcpclose_descriptors_exhausted_seconds", "gauge", "seconds",
	  "Until the process that leaks sockets can open no more, at the present rate",
	  put_exhausted, 0 },
	{ "tcpclose_descriptors_open", "gauge", NULL,
	  "Descriptors of the process that holds most of the sockets stuck in CLOSE_WAIT",
	  put_descriptors, 0 },
	{ "tcpclose_descriptors_limit", "gauge", NULL, "RLIMIT_NOFILE of that process", put_limit, 0 },
	{ "tcpclose_findings", "gauge", NULL, "Findings that are open", put_findings, 0 },
	{ "tcpclose_finding_sockets", "gauge", NULL,
	  "Sockets of findings that are open, by who holds them", put_finding_sockets, 0 },
	{ "tcpclose_series_folded", "counter", NULL,
	  "Findings whose service is told as other, since there are too many", NULL, OF(folded) },
	{ "tcpclose_time_wait_ports_max", "gauge", NULL,
	  "Most local ports in TIME_WAIT towards one destination, from one address",
	  NULL, OF(ports_most) },
	{ "tcpclose_ephemeral_ports", "gauge", NULL,
	  "Ports that the kernel chooses from for one destination (ip_local_port_range)",
	  NULL, OF(ports) },
	{ "tcpclose_events", "counter", NULL, "Events told", NULL, OF(events) },
	{ "tcpclose_events_lost", "counter", NULL, "Events or sockets lost, by where", put_lost, 0 },
	{ "tcpclose_floods", "counter", NULL,
	  "Times that transitions were only counted, since more came than could be read",
	  NULL, OF(counters.floods) },
	{ "tcpclose_mirror_sockets", "gauge", NULL, "Sockets in the mirror", NULL, OF(mirrored) },
	{ "tcpclose_audits", "counter", NULL, "Comparisons of mirror and kernel", NULL,
	  OF(counters.audits) },
	{ "tcpclose_mirror_drift_sockets", "gauge", NULL,
	  "Sockets by which mirror and kernel differed in the last audit", NULL, OF(counters.drift) },
	{ "tcpclose_mirror_repaired", "counter", NULL, "Sockets that audits have put right",
	  NULL, OF(repaired) },
	{ "tcpclose_bpf_run_seconds", "counter", "seconds",
	  "Time in our BPF programs (with bpf-stats)", put_run_seconds, 0 },
	{ "tcpclose_bpf_runs", "counter", NULL, "Runs of our BPF programs (with bpf-stats)", put_runs, 0 },
	{ "tcpclose_http_requests", "counter", NULL, "Answers by HTTP status", put_codes, 0 },
	{ "tcpclose_alert_execs", "counter", NULL, "Runs of the [alert] command by result", put_execs, 0 },
};

const size_t tct_family_count = sizeof(tct_families) / sizeof(tct_families[0]);
