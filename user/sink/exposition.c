// SPDX-License-Identifier: GPL-2.0
#include "exposition.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define SECOND 1e9
#define CODES 600

const char tct_exposition_prometheus[] = "text/plain; version=0.0.4; charset=utf-8";
const char tct_exposition_openmetrics[] =
	"application/openmetrics-text; version=1.0.0; charset=utf-8";

struct page {
	const struct tct_snapshot *snapshot;
	const uint64_t *codes;
	bool openmetrics;
	FILE *out;
	const char *name;	/* of the family that is being written */
	const char *suffix;	/* of its samples */
};

/* A value in "": names of programs and cgroups are bytes of the user's choice. */
static void put_label(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s=\"", key);
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '\n')
			fputs("\\n", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fputc(c < 0x20 || c >= 0x7f ? '?' : c, out);
	}
	fputc('"', out);
}

/* Up to two labels; a key that is NULL: none. */
static void begin(const struct page *page, const char *suffix, const char *key, const char *value,
		  const char *key2, const char *value2)
{
	fprintf(page->out, "%s%s", page->name, suffix);
	if (!key) {
		fputc(' ', page->out);
		return;
	}
	fputc('{', page->out);
	put_label(page->out, key, value);
	if (key2) {
		fputc(',', page->out);
		put_label(page->out, key2, value2);
	}
	fputs("} ", page->out);
}

static void put_u64(const struct page *page, const char *key, const char *value, const char *key2,
		    const char *value2, uint64_t number)
{
	begin(page, page->suffix, key, value, key2, value2);
	fprintf(page->out, "%" PRIu64 "\n", number);
}

static void put_real(const struct page *page, const char *key, const char *value, double number)
{
	begin(page, page->suffix, key, value, NULL, NULL);
	fprintf(page->out, "%.9g\n", number);
}

/* OpenMetrics alone has them: `explain COOKIE`, or a recording, tells of that socket. */
static void put_exemplar(const struct page *page, const struct tct_exemplar *exemplar)
{
	if (page->openmetrics && exemplar->cookie)
		fprintf(page->out, " # {cookie=\"%" PRIu64 "\"} %.9f %.3f", exemplar->cookie,
			(double)exemplar->ns / SECOND,
			(double)(exemplar->mono_ns + page->snapshot->real_offset_ns) / SECOND);
	fputc('\n', page->out);
}

static void put_histogram(const struct page *page, const char *key, const char *value,
			  const struct tct_bars *bars, const double *bounds_s, size_t count)
{
	uint64_t sum = 0;
	char bound[32];

	for (size_t i = 0; i <= count; i++) {
		sum += bars->bars[i];
		if (i < count)
			snprintf(bound, sizeof(bound), "%g%s", bounds_s[i],
				 page->openmetrics && bounds_s[i] >= 1 ? ".0" : "");
		else
			strcpy(bound, "+Inf");
		begin(page, "_bucket", key, value, "le", bound);
		fprintf(page->out, "%" PRIu64, sum);
		put_exemplar(page, &bars->last[i]);
	}
	begin(page, "_sum", key, value, NULL, NULL);
	fprintf(page->out, "%.9f\n", (double)bars->sum_ns / SECOND);
	begin(page, "_count", key, value, NULL, NULL);
	fprintf(page->out, "%" PRIu64 "\n", bars->count);
}

static void put_build_info(const struct page *page)
{
	const struct tct_counters *counters = &page->snapshot->counters;

	fprintf(page->out, "%s%s{", page->name, page->suffix);
	put_label(page->out, "version", TEXT(TCT_VERSION));
	fputc(',', page->out);
	put_label(page->out, "kernel", counters->kernel);
	fputc(',', page->out);
	put_label(page->out, "set_state", counters->set_state);
	fputc(',', page->out);
	put_label(page->out, "time_wait", counters->time_wait);
	fputc(',', page->out);
	put_label(page->out, "time_wait_end", counters->time_wait_end);
	fputs("} 1\n", page->out);
}

static void put_ready(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->counters.ready);
}

static void put_start(const struct page *page)
{
	begin(page, page->suffix, NULL, NULL, NULL, NULL);
	fprintf(page->out, "%.3f\n", page->snapshot->start_s);
}

static void put_sockets(const struct page *page)
{
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (s != TCT_NEW_SYN_RECV)
			put_u64(page, "state", tct_state_name(s), NULL, NULL,
				page->snapshot->sockets[s]);
	}
}

/* Those that Linux makes, with 0 too, so that a first one is a rise; and whatever else came. */
static void put_transitions(const struct page *page)
{
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++) {
			uint64_t count = page->snapshot->counters.transitions[from][to];

			if (count || tct_fsm_step(from, to) != TCT_EDGE_ILLEGAL)
				put_u64(page, "from", tct_state_name(from), "to",
					tct_state_name(to), count);
		}
	}
}

static void put_illegal(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->illegal);
}

static void put_states(const struct page *page)
{
	size_t count;
	const double *bounds = tct_histogram_state_bounds(&count);

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (s != TCT_NEW_SYN_RECV)
			put_histogram(page, "state", tct_state_name(s),
				      &page->snapshot->counters.states[s], bounds, count);
	}
}

static void put_ends(const struct page *page)
{
	size_t count;
	const double *bounds = tct_histogram_time_wait_bounds(&count);

	for (int end = 0; end < TCT_ENDS; end++) {
		if (end != TCT_END_RESET_SENT)	/* counted as TCT_END_RESET, whose name it has */
			put_histogram(page, "end", tct_end_name(end),
				      &page->snapshot->counters.ends[end], bounds, count);
	}
}

static void put_teardowns(const struct page *page)
{
	for (int kind = 0; kind < TCT_KINDS; kind++) {
		for (int closer = 0; closer < TCT_CLOSERS; closer++) {
			uint64_t count = page->snapshot->counters.teardowns[kind][closer];

			if (count)
				put_u64(page, "kind", tct_kind_name(kind), "closer",
					tct_closer_name(closer), count);
		}
	}
}

static void put_stuck(const struct page *page)
{
	for (size_t i = 0; i < page->snapshot->service_count; i++) {
		const struct tct_service_row *row = &page->snapshot->services[i];

		for (int s = 0; s < TCT_STATES; s++) {
			if (row->states >> s & 1)
				put_u64(page, "state", tct_state_name(s), "service", row->name,
					row->stuck[s]);
		}
	}
}

/* One number a service, in so many parts of its unit; what is not known is left out. */
static void put_rows(const struct page *page, size_t offset, double unit)
{
	for (size_t i = 0; i < page->snapshot->service_count; i++) {
		const struct tct_service_row *row = &page->snapshot->services[i];
		int64_t value;

		memcpy(&value, (const char *)row + offset, sizeof(value));
		if (value != TCT_UNKNOWN)
			put_real(page, "service", row->name, (double)value / unit);
	}
}

static void put_oldest(const struct page *page)
{
	put_rows(page, offsetof(struct tct_service_row, oldest_ns), SECOND);
}

static void put_growth(const struct page *page)
{
	for (size_t i = 0; i < page->snapshot->service_count; i++) {
		const struct tct_service_row *row = &page->snapshot->services[i];

		if (row->states >> TCT_CLOSE_WAIT & 1)
			put_real(page, "service", row->name, row->growth_per_s);
	}
}

static void put_exhausted(const struct page *page)
{
	put_rows(page, offsetof(struct tct_service_row, eta_ns), SECOND);
}

static void put_descriptors(const struct page *page)
{
	put_rows(page, offsetof(struct tct_service_row, fd_open), 1);
}

static void put_limit(const struct page *page)
{
	put_rows(page, offsetof(struct tct_service_row, fd_limit), 1);
}

static void put_findings(const struct page *page)
{
	for (size_t i = 0; i < page->snapshot->rule_count; i++) {
		const struct tct_rule_count *rule = &page->snapshot->rules[i];

		for (int s = 0; s < TCT_SEVERITIES; s++)
			put_u64(page, "rule", rule->rule, "severity", tct_severity_name(s),
				rule->open[s]);
	}
}

static void put_finding_sockets(const struct page *page)
{
	const struct tct_snapshot *snapshot = page->snapshot;

	for (size_t i = 0; i < snapshot->service_count; i++) {
		for (size_t cell = 0; cell < snapshot->rule_count * TCT_SEVERITIES; cell++) {
			size_t rule = cell / TCT_SEVERITIES, severity = cell % TCT_SEVERITIES;
			uint32_t count = snapshot->services[i].open[rule][severity];

			if (!count)
				continue;
			fprintf(page->out, "%s{", page->name);
			put_label(page->out, "rule", snapshot->rules[rule].rule);
			fputc(',', page->out);
			put_label(page->out, "severity", tct_severity_name(severity));
			fputc(',', page->out);
			put_label(page->out, "service", snapshot->services[i].name);
			fprintf(page->out, "} %" PRIu32 "\n", count);
		}
	}
}

static void put_folded(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->folded);
}

static void put_ports_most(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->ports_most);
}

static void put_ports(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->ports);
}

static void put_events(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->events);
}

static void put_lost(const struct page *page)
{
	for (int where = 0; where < TCT_LOSS_PLACES; where++)
		put_u64(page, "where", tct_loss_where_name(where), NULL, NULL,
			page->snapshot->lost[where]);
}

static void put_floods(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->counters.floods);
}

static void put_mirrored(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->mirrored);
}

static void put_audits(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->counters.audits);
}

static void put_drift(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->counters.drift);
}

static void put_repaired(const struct page *page)
{
	put_u64(page, NULL, NULL, NULL, NULL, page->snapshot->repaired);
}

static void put_run_seconds(const struct page *page)
{
	for (size_t i = 0; i < page->snapshot->cost_count; i++)
		put_real(page, "prog", page->snapshot->costs[i].prog,
			 (double)page->snapshot->costs[i].run_ns / SECOND);
}

static void put_runs(const struct page *page)
{
	for (size_t i = 0; i < page->snapshot->cost_count; i++)
		put_u64(page, "prog", page->snapshot->costs[i].prog, NULL, NULL,
			page->snapshot->costs[i].runs);
}

static void put_codes(const struct page *page)
{
	char code[8];

	for (int i = 0; page->codes && i < CODES; i++) {
		snprintf(code, sizeof(code), "%d", i);
		if (page->codes[i])
			put_u64(page, "code", code, NULL, NULL, page->codes[i]);
	}
}

static void put_execs(const struct page *page)
{
	static const char *const results[TCT_EXECS] = { "ok", "failed", "timeout", "limited" };

	for (int i = 0; page->snapshot->has_execs && i < TCT_EXECS; i++)
		put_u64(page, "result", results[i], NULL, NULL, page->snapshot->execs[i]);
}

/* A counter's name is without the _total that its samples have. */
static const struct family {
	const char *name;
	const char *type;
	const char *unit;
	const char *help;
	void (*put)(const struct page *page);
} families[] = {
	{ "tcpclose_build_info", "gauge", NULL,
	  "Version, kernel, and which provider tells each event", put_build_info },
	{ "tcpclose_start_time_seconds", "gauge", "seconds", "When the daemon started, Unix time",
	  put_start },
	{ "tcpclose_ready", "gauge", NULL, "1 once all sockets that were there are known", put_ready },
	{ "tcpclose_sockets", "gauge", NULL, "TCP sockets on this host by state", put_sockets },
	{ "tcpclose_transitions", "counter", NULL, "TCP state transitions", put_transitions },
	{ "tcpclose_illegal_transitions", "counter", NULL,
	  "Transitions that neither the RFC nor Linux allows", put_illegal },
	{ "tcpclose_state_duration_seconds", "histogram", "seconds",
	  "How long sockets were in a state that they have left", put_states },
	{ "tcpclose_time_wait_duration_seconds", "histogram", "seconds",
	  "How long TIME_WAIT lasted, by what ended it", put_ends },
	{ "tcpclose_teardowns", "counter", NULL, "Connections by how they ended and who closed first",
	  put_teardowns },
	{ "tcpclose_stuck_sockets", "gauge", NULL,
	  "Sockets past the threshold of their state, by who holds them", put_stuck },
	{ "tcpclose_close_wait_oldest_seconds", "gauge", "seconds",
	  "Age of the oldest socket stuck in CLOSE_WAIT", put_oldest },
	{ "tcpclose_close_wait_growth_per_second", "gauge", NULL,
	  "How many more sockets are stuck in CLOSE_WAIT each second, while their number grows",
	  put_growth },
	{ "tcpclose_descriptors_exhausted_seconds", "gauge", "seconds",
	  "Until the process that leaks sockets can open no more, at the present rate",
	  put_exhausted },
	{ "tcpclose_descriptors_open", "gauge", NULL,
	  "Descriptors of the process that holds most of the sockets stuck in CLOSE_WAIT",
	  put_descriptors },
	{ "tcpclose_descriptors_limit", "gauge", NULL, "RLIMIT_NOFILE of that process", put_limit },
	{ "tcpclose_findings", "gauge", NULL, "Findings that are open", put_findings },
	{ "tcpclose_finding_sockets", "gauge", NULL,
	  "Sockets of findings that are open, by who holds them", put_finding_sockets },
	{ "tcpclose_series_folded", "counter", NULL,
	  "Findings whose service is told as other, since there are too many", put_folded },
	{ "tcpclose_time_wait_ports_max", "gauge", NULL,
	  "Most local ports in TIME_WAIT towards one destination, from one address",
	  put_ports_most },
	{ "tcpclose_ephemeral_ports", "gauge", NULL,
	  "Ports that the kernel chooses from for one destination (ip_local_port_range)",
	  put_ports },
	{ "tcpclose_events", "counter", NULL, "Events told", put_events },
	{ "tcpclose_events_lost", "counter", NULL, "Events or sockets lost, by where", put_lost },
	{ "tcpclose_floods", "counter", NULL,
	  "Times that transitions were only counted, since more came than could be read",
	  put_floods },
	{ "tcpclose_mirror_sockets", "gauge", NULL, "Sockets in the mirror", put_mirrored },
	{ "tcpclose_audits", "counter", NULL, "Comparisons of mirror and kernel", put_audits },
	{ "tcpclose_mirror_drift_sockets", "gauge", NULL,
	  "Sockets by which mirror and kernel differed in the last audit", put_drift },
	{ "tcpclose_mirror_repaired", "counter", NULL, "Sockets that audits have put right",
	  put_repaired },
	{ "tcpclose_bpf_run_seconds", "counter", "seconds",
	  "Time in our BPF programs (with bpf-stats)", put_run_seconds },
	{ "tcpclose_bpf_runs", "counter", NULL, "Runs of our BPF programs (with bpf-stats)", put_runs },
	{ "tcpclose_http_requests", "counter", NULL, "Answers by HTTP status", put_codes },
	{ "tcpclose_alert_execs", "counter", NULL, "Runs of the [alert] command by result", put_execs },
};

static void put_family(struct page *page, const struct family *family)
{
	bool counter = !strcmp(family->type, "counter");
	const char *meta = counter && !page->openmetrics ? "_total" : "";

	page->name = family->name;
	page->suffix = counter ? "_total" : "";
	fprintf(page->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", family->name, meta, family->help,
		family->name, meta, family->type);
	if (family->unit && page->openmetrics)
		fprintf(page->out, "# UNIT %s %s\n", family->name, family->unit);
	family->put(page);
}

void tct_exposition_write(const struct tct_snapshot *snapshot, const uint64_t *codes,
			  bool openmetrics, FILE *out)
{
	struct page page = {
		.snapshot = snapshot, .codes = codes, .openmetrics = openmetrics, .out = out,
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		put_family(&page, &families[i]);
	if (openmetrics)
		fputs("# EOF\n", out);
}

void tct_snapshot_clear(struct tct_snapshot *snapshot)
{
	free(snapshot->services);
	*snapshot = (struct tct_snapshot){ 0 };
}
