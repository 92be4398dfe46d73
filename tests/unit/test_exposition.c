// SPDX-License-Identifier: GPL-2.0
/* Figures as text: Prometheus 0.0.4 and OpenMetrics 1.0.0, to the letter. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/sink/exposition.h"

#define SERVICES 2

struct page {
	struct tct_snapshot snapshot;
	uint64_t codes[600];
	char *text;
};

static void write_page(struct page *page, bool openmetrics)
{
	size_t len;
	FILE *out;

	free(page->text);
	out = open_memstream(&page->text, &len);
	tct_exposition_write(&page->snapshot, page->codes, openmetrics, out);
	fclose(out);
	assert_int_equal(strlen(page->text), len);
}

/* All lines of a family, from its HELP on; freed by the caller. */
static char *family_of(const struct page *page, const char *name)
{
	char head[128];
	const char *begin, *end;

	snprintf(head, sizeof(head), "# HELP %s ", name);
	begin = strstr(page->text, head);
	if (!begin) {
		fail_msg("no family %s", name);
		return NULL;
	}
	end = strstr(begin + 1, "# HELP ");
	if (!end)
		end = strstr(begin, "# EOF");
	return strndup(begin, end ? (size_t)(end - begin) : strlen(begin));
}

static void expect_family(struct page *page, bool openmetrics, const char *name, const char *wanted)
{
	char *got;

	write_page(page, openmetrics);
	got = family_of(page, name);
	assert_string_equal(got, wanted);
	free(got);
}

static int set_up(void **state)
{
	struct page *page = calloc(1, sizeof(*page));
	struct tct_snapshot *snapshot = &page->snapshot;

	snapshot->services = calloc(SERVICES, sizeof(*snapshot->services));
	for (int i = 0; i < SERVICES; i++)
		snapshot->services[i] = (struct tct_service_row){
			.oldest_ns = TCT_UNKNOWN, .eta_ns = TCT_UNKNOWN,
			.fd_open = TCT_UNKNOWN, .fd_limit = TCT_UNKNOWN,
		};
	strcpy(snapshot->services[0].name, "other");
	strcpy(snapshot->services[1].name, "nginx.service");
	snapshot->service_count = SERVICES;
	snapshot->rules[0] = (struct tct_rule_count){ .rule = "stuck-close-wait" };
	snapshot->rule_count = 1;
	*state = page;
	return 0;
}

static int tear_down(void **state)
{
	struct page *page = *state;

	tct_snapshot_clear(&page->snapshot);
	assert_null(page->snapshot.services);
	free(page->text);
	free(page);
	return 0;
}

static void test_counter(void **state)
{
	struct page *page = *state;

	page->snapshot.events = UINT64_MAX;
	expect_family(page, false, "tcpclose_events_total",
		      "# HELP tcpclose_events_total Events told\n"
		      "# TYPE tcpclose_events_total counter\n"
		      "tcpclose_events_total 18446744073709551615\n");
	expect_family(page, true, "tcpclose_events",
		      "# HELP tcpclose_events Events told\n"
		      "# TYPE tcpclose_events counter\n"
		      "tcpclose_events_total 18446744073709551615\n");
}

static void test_unit(void **state)
{
	struct page *page = *state;

	page->snapshot.cost_count = 1;
	strcpy(page->snapshot.costs[0].prog, "on_set_state");
	page->snapshot.costs[0].run_ns = 1500000000;
	page->snapshot.costs[0].runs = 7;
	expect_family(page, true, "tcpclose_bpf_run_seconds",
		      "# HELP tcpclose_bpf_run_seconds Time in our BPF programs (with bpf-stats)\n"
		      "# TYPE tcpclose_bpf_run_seconds counter\n"
		      "# UNIT tcpclose_bpf_run_seconds seconds\n"
		      "tcpclose_bpf_run_seconds_total{prog=\"on_set_state\"} 1.5\n");
	expect_family(page, false, "tcpclose_bpf_run_seconds_total",
		      "# HELP tcpclose_bpf_run_seconds_total Time in our BPF programs (with "
		      "bpf-stats)\n"
		      "# TYPE tcpclose_bpf_run_seconds_total counter\n"
		      "tcpclose_bpf_run_seconds_total{prog=\"on_set_state\"} 1.5\n");
	expect_family(page, false, "tcpclose_bpf_runs_total",
		      "# HELP tcpclose_bpf_runs_total Runs of our BPF programs (with bpf-stats)\n"
		      "# TYPE tcpclose_bpf_runs_total counter\n"
		      "tcpclose_bpf_runs_total{prog=\"on_set_state\"} 7\n");
}

static void test_gauges_of_services(void **state)
{
	struct page *page = *state;
	struct tct_service_row *row = &page->snapshot.services[1];

	row->states = 1u << TCT_CLOSE_WAIT | 1u << TCT_LAST_ACK;
	row->stuck[TCT_CLOSE_WAIT] = 12;
	row->oldest_ns = 90500000000;
	row->growth_per_s = 0.25;
	expect_family(page, false, "tcpclose_stuck_sockets",
		      "# HELP tcpclose_stuck_sockets Sockets past the threshold of their state, by "
		      "who holds them\n"
		      "# TYPE tcpclose_stuck_sockets gauge\n"
		      "tcpclose_stuck_sockets{state=\"CLOSE_WAIT\",service=\"nginx.service\"} 12\n"
		      "tcpclose_stuck_sockets{state=\"LAST_ACK\",service=\"nginx.service\"} 0\n");
	expect_family(page, true, "tcpclose_close_wait_oldest_seconds",
		      "# HELP tcpclose_close_wait_oldest_seconds Age of the oldest socket stuck in "
		      "CLOSE_WAIT\n"
		      "# TYPE tcpclose_close_wait_oldest_seconds gauge\n"
		      "# UNIT tcpclose_close_wait_oldest_seconds seconds\n"
		      "tcpclose_close_wait_oldest_seconds{service=\"nginx.service\"} 90.5\n");
	write_page(page, false);
	assert_non_null(strstr(page->text, "\ntcpclose_close_wait_growth_per_second{service="
					   "\"nginx.service\"} 0.25\n"));
	assert_null(strstr(page->text, "\ntcpclose_descriptors_open{"));
	assert_null(strstr(page->text, "\ntcpclose_descriptors_exhausted_seconds{"));
}

static void test_outlook(void **state)
{
	struct page *page = *state;
	struct tct_service_row *row = &page->snapshot.services[1];

	row->states = 1u << TCT_CLOSE_WAIT;
	row->eta_ns = 25800000000;
	row->fd_open = 232;
	row->fd_limit = 1048576;
	write_page(page, false);
	assert_non_null(strstr(page->text, "\ntcpclose_descriptors_exhausted_seconds{service="
					   "\"nginx.service\"} 25.8\n"));
	assert_non_null(strstr(page->text, "\ntcpclose_descriptors_open{service="
					   "\"nginx.service\"} 232\n"));
	assert_non_null(strstr(page->text, "\ntcpclose_descriptors_limit{service="
					   "\"nginx.service\"} 1048576\n"));
}

static void test_findings(void **state)
{
	struct page *page = *state;

	page->snapshot.rules[0].open[TCT_WARNING] = 3;
	page->snapshot.services[1].open[0][TCT_WARNING] = 40;
	expect_family(page, false, "tcpclose_findings",
		      "# HELP tcpclose_findings Findings that are open\n"
		      "# TYPE tcpclose_findings gauge\n"
		      "tcpclose_findings{rule=\"stuck-close-wait\",severity=\"info\"} 0\n"
		      "tcpclose_findings{rule=\"stuck-close-wait\",severity=\"warning\"} 3\n"
		      "tcpclose_findings{rule=\"stuck-close-wait\",severity=\"critical\"} 0\n");
	expect_family(page, false, "tcpclose_finding_sockets",
		      "# HELP tcpclose_finding_sockets Sockets of findings that are open, by who "
		      "holds them\n"
		      "# TYPE tcpclose_finding_sockets gauge\n"
		      "tcpclose_finding_sockets{rule=\"stuck-close-wait\",severity=\"warning\","
		      "service=\"nginx.service\"} 40\n");
}

/* A counter that has been 0 from the beginning shows its first rise. */
static void test_transitions_from_zero(void **state)
{
	struct page *page = *state;

	page->snapshot.counters.transitions[TCT_LISTEN][TCT_TIME_WAIT] = 1;
	write_page(page, false);
	assert_non_null(strstr(page->text, "\ntcpclose_transitions_total{from=\"CLOSE_WAIT\","
					   "to=\"LAST_ACK\"} 0\n"));
	assert_non_null(strstr(page->text, "\ntcpclose_transitions_total{from=\"LISTEN\","
					   "to=\"TIME_WAIT\"} 1\n"));
	assert_null(strstr(page->text, "to=\"LISTEN\",to="));
	assert_null(strstr(page->text, "UNKNOWN"));
}

#define EXPIRED "tcpclose_time_wait_duration_seconds"
#define BUCKET(le, n) EXPIRED "_bucket{end=\"expired\",le=\"" le "\"} " n "\n"

static void test_histogram(void **state)
{
	static const char wanted[] =
		BUCKET("0.001", "1") BUCKET("0.01", "1") BUCKET("0.1", "1") BUCKET("1", "1")
		BUCKET("10", "1") BUCKET("30", "1") BUCKET("55", "1") BUCKET("59", "1")
		BUCKET("60", "1") BUCKET("61", "6") BUCKET("63", "6") BUCKET("120", "6")
		BUCKET("+Inf", "8")
		EXPIRED "_sum{end=\"expired\"} 305.000000001\n"
		EXPIRED "_count{end=\"expired\"} 8\n";
	struct page *page = *state;
	struct tct_bars *bars = &page->snapshot.counters.ends[TCT_END_EXPIRED];
	const char *line;
	char *got;

	bars->bars[0] = 1;
	bars->bars[9] = 5;
	bars->bars[12] = 2;
	bars->count = 8;
	bars->sum_ns = 305000000001;
	write_page(page, false);
	got = family_of(page, "tcpclose_time_wait_duration_seconds");
	line = strstr(got, EXPIRED "_bucket{end=\"expired\"");
	assert_non_null(line);
	assert_int_equal(strncmp(line, wanted, strlen(wanted)), 0);
	free(got);
}

/* There a bound is a real number, and the last of a bucket is told. */
static void test_histogram_of_openmetrics(void **state)
{
	struct page *page = *state;
	struct tct_bars *bars = &page->snapshot.counters.states[TCT_CLOSE_WAIT];

	page->snapshot.real_offset_ns = 1700000000000000000;
	bars->bars[3] = bars->count = 1;
	bars->sum_ns = 500000000;
	bars->last[3] = (struct tct_exemplar){ 77, 500000000, 1250000000 };
	write_page(page, true);
#define STATE "\ntcpclose_state_duration_seconds_bucket{state=\"CLOSE_WAIT\",le="
	assert_non_null(strstr(page->text, STATE "\"0.1\"} 0\n"));
	assert_non_null(strstr(page->text, STATE "\"1.0\"} 1 # {cookie=\"77\"} 0.500000000 "
						 "1700000001.250\n"));
	assert_non_null(strstr(page->text, STATE "\"86400.0\"} 1\n"));
	assert_non_null(strstr(page->text, STATE "\"+Inf\"} 1\n"));
	write_page(page, false);
	assert_null(strstr(page->text, "cookie"));
}

/* The names are whatever somebody called a program or a cgroup. */
static void test_hostile_names(void **state)
{
	struct page *page = *state;
	struct tct_service_row *row = &page->snapshot.services[1];

	row->states = 1u << TCT_CLOSE_WAIT;
	strcpy(row->name, "a\"} 1\nb\\c\xff\xc3\t\x7f{x=\"y\"}");
	for (int openmetrics = 0; openmetrics < 2; openmetrics++) {
		write_page(page, openmetrics);
		assert_non_null(strstr(page->text,
				       "\ntcpclose_stuck_sockets{state=\"CLOSE_WAIT\",service="
				       "\"a\\\"} 1\\nb\\\\c????{x=\\\"y\\\"}\"} 0\n"));
	}
}

static void test_build_info(void **state)
{
	struct page *page = *state;
	struct tct_counters *counters = &page->snapshot.counters;
	char *got;

	strcpy(counters->kernel, "6.1.0-\"x\"");
	strcpy(counters->set_state, "fentry");
	write_page(page, false);
	got = family_of(page, "tcpclose_build_info");
	assert_non_null(strstr(got, "\ntcpclose_build_info{version=\""));
	assert_non_null(strstr(got, "\",kernel=\"6.1.0-\\\"x\\\"\",set_state=\"fentry\","
				    "time_wait=\"\",time_wait_end=\"\"} 1\n"));
	free(got);
}

static void test_answers_and_commands(void **state)
{
	struct page *page = *state;

	page->codes[200] = 5;
	page->codes[404] = 1;
	expect_family(page, false, "tcpclose_http_requests_total",
		      "# HELP tcpclose_http_requests_total Answers by HTTP status\n"
		      "# TYPE tcpclose_http_requests_total counter\n"
		      "tcpclose_http_requests_total{code=\"200\"} 5\n"
		      "tcpclose_http_requests_total{code=\"404\"} 1\n");
	assert_null(strstr(page->text, "\ntcpclose_alert_execs_total{"));
	page->snapshot.execs[page->snapshot.exec_count++] = (struct tct_result_count){ "ok", 0 };
	page->snapshot.execs[page->snapshot.exec_count++] = (struct tct_result_count){ "timeout", 2 };
	expect_family(page, false, "tcpclose_alert_execs_total",
		      "# HELP tcpclose_alert_execs_total Runs of the [alert] command by result\n"
		      "# TYPE tcpclose_alert_execs_total counter\n"
		      "tcpclose_alert_execs_total{result=\"ok\"} 0\n"
		      "tcpclose_alert_execs_total{result=\"timeout\"} 2\n");
}

/* As the contract has them. */
static const struct {
	const char *name;
	const char *type;
} contract[] = {
	{ "tcpclose_sockets", "gauge" },
	{ "tcpclose_transitions_total", "counter" },
	{ "tcpclose_illegal_transitions_total", "counter" },
	{ "tcpclose_state_duration_seconds", "histogram" },
	{ "tcpclose_time_wait_duration_seconds", "histogram" },
	{ "tcpclose_teardowns_total", "counter" },
	{ "tcpclose_stuck_sockets", "gauge" },
	{ "tcpclose_close_wait_oldest_seconds", "gauge" },
	{ "tcpclose_close_wait_growth_per_second", "gauge" },
	{ "tcpclose_findings", "gauge" },
	{ "tcpclose_events_total", "counter" },
	{ "tcpclose_events_lost_total", "counter" },
	{ "tcpclose_mirror_sockets", "gauge" },
	{ "tcpclose_mirror_drift_sockets", "gauge" },
	{ "tcpclose_mirror_repaired_total", "counter" },
	{ "tcpclose_bpf_run_seconds_total", "counter" },
	{ "tcpclose_bpf_runs_total", "counter" },
	{ "tcpclose_build_info", "gauge" },
	{ "tcpclose_series_folded_total", "counter" },
	{ "tcpclose_finding_sockets", "gauge" },
	{ "tcpclose_descriptors_exhausted_seconds", "gauge" },
	{ "tcpclose_descriptors_open", "gauge" },
	{ "tcpclose_descriptors_limit", "gauge" },
	{ "tcpclose_time_wait_ports_max", "gauge" },
	{ "tcpclose_ephemeral_ports", "gauge" },
	{ "tcpclose_ready", "gauge" },
	{ "tcpclose_audits_total", "counter" },
	{ "tcpclose_floods_total", "counter" },
	{ "tcpclose_start_time_seconds", "gauge" },
	{ "tcpclose_http_requests_total", "counter" },
	{ "tcpclose_alert_execs_total", "counter" },
};

static void test_every_family_with_its_type(void **state)
{
	struct page *page = *state;
	size_t families = 0;
	char line[128];

	write_page(page, false);
	for (size_t i = 0; i < COUNT(contract); i++) {
		snprintf(line, sizeof(line), "# TYPE %s %s\n", contract[i].name, contract[i].type);
		if (!strstr(page->text, line))
			fail_msg("not there: %s", line);
		snprintf(line, sizeof(line), "# HELP %s ", contract[i].name);
		assert_non_null(strstr(page->text, line));
	}
	for (const char *at = page->text; (at = strstr(at, "# TYPE ")); at++)
		families++;
	assert_int_equal(families, COUNT(contract));
}

/* `line` begins with the name of that family, or with one of its samples'. */
static bool is_of(const char *line, const char *family, const char *type, bool openmetrics)
{
	static const char *const parts[] = { "_bucket", "_sum", "_count" };
	size_t len = strlen(family), name = strcspn(line, "{ ");
	const char *suffix = line + len;

	if (name < len || strncmp(line, family, len))
		return false;
	if (!strcmp(type, "counter") && openmetrics)
		return name == len + 6 && !strncmp(suffix, "_total", 6);
	for (size_t i = 0; !strcmp(type, "histogram") && i < COUNT(parts); i++) {
		if (name == len + strlen(parts[i]) && !strncmp(suffix, parts[i], strlen(parts[i])))
			return true;
	}
	return name == len && strcmp(type, "histogram") != 0;
}

/* HELP, TYPE, perhaps UNIT, then samples of that family and no other. */
static void expect_well_formed(char *text, bool openmetrics)
{
	char family[128] = "", type[32] = "", unit[32], name[128], *line, *rest = text;
	bool ended = false;

	while ((line = strsep(&rest, "\n")) && *line) {
		assert_false(ended);
		if (sscanf(line, "# HELP %127s", family) == 1) {
			type[0] = '\0';
		} else if (sscanf(line, "# TYPE %127s %31s", name, type) == 2) {
			assert_string_equal(name, family);
		} else if (sscanf(line, "# UNIT %127s %31s", name, unit) == 2) {
			assert_true(openmetrics);
			assert_string_equal(name, family);
			assert_true(strlen(name) > strlen(unit));
			assert_string_equal(name + strlen(name) - strlen(unit), unit);
		} else if (!strcmp(line, "# EOF")) {
			ended = true;
		} else if (!is_of(line, family, type, openmetrics)) {
			fail_msg("in %s, a %s: %s", family, type, line);
		}
	}
	assert_true(line && !*line && !rest);	/* it ends with a line end */
	assert_int_equal(ended, openmetrics);
}

static void test_well_formed(void **state)
{
	struct page *page = *state;
	struct tct_service_row *row = &page->snapshot.services[1];

	row->states = 1u << TCT_CLOSE_WAIT;
	row->oldest_ns = row->eta_ns = row->fd_open = row->fd_limit = 1;
	page->snapshot.services[1].open[0][TCT_CRITICAL] = 1;
	page->snapshot.counters.teardowns[TCT_KIND_ORDERLY][TCT_CLOSER_LOCAL] = 1;
	page->snapshot.execs[page->snapshot.exec_count++] = (struct tct_result_count){ "ok", 1 };
	page->snapshot.cost_count = 1;
	strcpy(page->snapshot.costs[0].prog, "p");
	page->codes[200] = 1;
	for (int openmetrics = 0; openmetrics < 2; openmetrics++) {
		write_page(page, openmetrics);
		expect_well_formed(page->text, openmetrics);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_counter),
		TEST(test_unit),
		TEST(test_gauges_of_services),
		TEST(test_outlook),
		TEST(test_findings),
		TEST(test_transitions_from_zero),
		TEST(test_histogram),
		TEST(test_histogram_of_openmetrics),
		TEST(test_hostile_names),
		TEST(test_build_info),
		TEST(test_answers_and_commands),
		TEST(test_every_family_with_its_type),
		TEST(test_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
