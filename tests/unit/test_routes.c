// SPDX-License-Identifier: GPL-2.0
/* What is answered at each address, by a core that is fed by hand. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "../../user/serve/page.h"
#include "field.h"
#include "serving.h"
#include "stream.h"

#define SERVICES 4
#define PORT 8080
#define BEGIN (10 * SECOND)

static int set_up(void **state)
{
	*state = serving_new(1, SERVICES);
	return 0;
}

static int tear_down(void **state)
{
	serving_free(*state);
	return 0;
}

static void expect_text(struct serving *s, const char *path, unsigned int status,
			const char *wanted)
{
	struct tct_reply reply = serving_get(s, path, NULL, NULL);

	assert_int_equal(reply.status, status);
	assert_string_equal(reply.type, "text/plain; charset=utf-8");
	assert_string_equal(reply.body, wanted);
	tct_reply_clear(&reply);
}

static void expect_error(struct serving *s, unsigned int status, const char *path,
			 const char *query)
{
	json_t *root = serving_json(s, status, path, query);

	assert_int_equal(json_object_size(root), 1);
	assert_true(json_is_string(field_get(root, "error")));
	json_decref(root);
}

static void test_health(void **state)
{
	struct serving *s = *state;

	tct_desk_close(&s->desk);
	expect_text(s, "/healthz", 503, "events are not being read\n");
	expect_text(s, "/readyz", 503, "the sockets that are there are still being read\n");
	expect_error(s, 503, "/metrics", NULL);
	expect_error(s, 503, "/api/v1/findings", NULL);
	expect_error(s, 503, "/api/v1/sockets", "state=close-wait");
	expect_error(s, 503, "/api/v1/fsm", NULL);
}

/* Events are read, and what was there at the start is not known yet. */
static void test_ready(void **state)
{
	struct serving *s = *state;
	struct tct_reply reply;

	serving_start_reader(s);
	expect_text(s, "/healthz", 200, "ok\n");
	expect_text(s, "/readyz", 503, "the sockets that are there are still being read\n");
	expect_error(s, 503, "/api/v1/sockets", "state=close-wait");
	reply = serving_get(s, "/metrics", NULL, NULL);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.body, "\ntcpclose_ready 0\n"));
	tct_reply_clear(&reply);
	json_decref(serving_json(s, 200, "/api/v1/findings", NULL));
	json_decref(serving_json(s, 200, "/api/v1/fsm", NULL));
}

static void test_ready_now(void **state)
{
	struct serving *s = *state;
	struct tct_reply reply;

	serving_ready(s);
	serving_start_reader(s);
	expect_text(s, "/readyz", 200, "ready\n");
	reply = serving_get(s, "/metrics", NULL, NULL);
	assert_non_null(strstr(reply.body, "\ntcpclose_ready 1\n"));
	assert_non_null(strstr(reply.body, "kernel=\"6.1.0\",set_state=\"fentry\",time_wait="
					   "\"fentry\",time_wait_end=\"kprobe\"} 1\n"));
	tct_reply_clear(&reply);
}

static void test_formats_of_metrics(void **state)
{
	static const struct {
		const char *accept;
		bool openmetrics;
	} cases[] = {
		{ NULL, false },
		{ "*/*", false },
		{ "text/plain", false },
		{ "application/openmetrics-text", true },
		{ "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;"
		  "version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true },
		{ "text/plain;version=0.0.4,application/openmetrics-text;q=0.1", false },
		{ "application/openmetrics-text;q=0", false },
		{ "\xff\"\n;;,,", false },
	};
	struct serving *s = *state;

	serving_ready(s);
	serving_start_reader(s);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tct_reply reply = serving_get(s, "/metrics", NULL, cases[i].accept);
		const char *end = reply.body + reply.len - strlen("# EOF\n");

		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.type, cases[i].openmetrics ? tct_exposition_openmetrics
								     : tct_exposition_prometheus);
		assert_int_equal(!strcmp(end, "# EOF\n"), cases[i].openmetrics);
		tct_reply_clear(&reply);
	}
}

static void test_page(void **state)
{
	struct tct_reply reply = serving_get(*state, "/", NULL, NULL);
	size_t len;

	assert_int_equal(reply.status, 200);
	assert_ptr_equal(reply.body, tct_page(&len));
	assert_int_equal(reply.len, len);
	assert_true(reply.is_page && reply.is_static);
	assert_string_equal(reply.type, "text/html; charset=utf-8");
}

static void test_no_such_address(void **state)
{
	static const char *const paths[] = {
		"", "/metrics/", "/METRICS", "//", "/api/v1", "/api/v1/sockets/1", "/../etc/passwd",
		"metrics", "/healthz\n", "/api/v2/findings",
	};

	for (size_t i = 0; i < COUNT(paths); i++) {
		struct tct_reply reply = serving_get(*state, paths[i], NULL, NULL);

		assert_int_equal(reply.status, 404);
		tct_reply_clear(&reply);
	}
}

static void test_findings(void **state)
{
	struct serving *s = *state;
	const json_t *finding;
	json_t *root;

	serving_ready(s);
	serving_leak(s, 1, 3, PORT, BEGIN, 42, "leaky");
	serving_start_reader(s);
	root = serving_json(s, 200, "/api/v1/findings", NULL);
	field_expect_str(root, "type", "findings");
	field_expect_int(root, "v", 1);
	field_expect_int(root, "count", 1);
	field_expect_null(root, "next");
	assert_int_equal(json_array_size(field_get(root, "findings")), 1);
	finding = json_array_get(field_get(root, "findings"), 0);
	field_expect_str(finding, "type", "finding");
	field_expect_str(finding, "ts", "2024-02-29T12:37:06.000000000Z");
	field_expect_str(finding, "rule", "stuck-close-wait");
	field_expect_str(finding, "status", "open");
	field_expect_str(finding, "service", "leaky");
	field_expect_int(finding, "service_lport", PORT);
	field_expect_int(finding, "count", 3);
	json_decref(root);
}

static void test_findings_come_and_go(void **state)
{
	struct serving *s = *state;
	struct tct_record_sock rec;
	json_t *root;

	serving_ready(s);
	serving_leak(s, 1, 1, PORT, BEGIN, 42, "leaky");
	rec = stream_state(1, TCT_CLOSE_WAIT, TCT_LAST_ACK, BEGIN + 2 * SERVING_LATER_NS);
	serving_feed(s, &rec);
	tct_shards_settle(&s->shards, BEGIN + 2 * SERVING_LATER_NS);
	serving_start_reader(s);
	root = serving_json(s, 200, "/api/v1/findings", NULL);
	field_expect_int(root, "count", 0);
	assert_int_equal(json_array_size(field_get(root, "findings")), 0);
	json_decref(root);
}

/* Pages of any size have each once, in order of their ids. */
static void test_pages_of_findings(void **state)
{
	struct serving *s = *state;
	int64_t after = 0, last = 0;
	char query[64];

	serving_ready(s);
	for (uint32_t i = 0; i < 10; i++)
		serving_leak(s, 1 + 100 * i, 1, (uint16_t)(PORT + i), BEGIN + i, 42 + i, "leaky");
	serving_start_reader(s);
	for (int pages = 1; ; pages++) {
		json_t *root, *finding;
		size_t i;

		snprintf(query, sizeof(query), "limit=3%s%lld", after ? "&after=" : "&x=",
			 (long long)after);
		root = serving_json(s, 200, "/api/v1/findings", query);
		field_expect_int(root, "count", 10);
		json_array_foreach(field_get(root, "findings"), i, finding)
			field_expect_int(finding, "id", ++last);
		assert_int_equal(i, pages < 4 ? 3 : 1);
		after = json_integer_value(field_get(root, "next"));
		if (json_is_null(field_get(root, "next"))) {
			assert_int_equal(pages, 4);
			json_decref(root);
			break;
		}
		json_decref(root);
	}
	assert_int_equal(last, 10);
}

static void test_hostile_arguments_of_findings(void **state)
{
	static const char *const queries[] = {
		"limit=0", "limit=1001", "limit=-1", "limit=", "limit= 5", "limit=5 ", "limit=1e2",
		"limit=99999999999999999999", "after=0", "after=-1", "after=4294967296", "after=x",
		"after=1.0",
	};
	struct serving *s = *state;

	serving_ready(s);
	serving_start_reader(s);
	for (size_t i = 0; i < COUNT(queries); i++)
		expect_error(s, 400, "/api/v1/findings", queries[i]);
	json_decref(serving_json(s, 200, "/api/v1/findings", "limit=1000&after=4294967295"));
}

static void test_sockets(void **state)
{
	struct serving *s = *state;
	struct tct_record_sock rec = stream_state(7, TCT_SYN_SENT, TCT_ESTABLISHED, 5);
	const json_t *sock;
	json_t *root;

	serving_ready(s);
	stream_by(&rec, 42, "curl");
	serving_feed(s, &rec);
	serving_start_reader(s);
	root = serving_json(s, 200, "/api/v1/sockets", "state=established");
	field_expect_str(root, "type", "sockets");
	field_expect_str(root, "state", "ESTABLISHED");
	field_expect_int(root, "total", 1);
	field_expect_int(root, "count", 1);
	field_expect_null(root, "next");
	assert_int_equal(json_array_size(field_get(root, "sockets")), 1);
	sock = json_array_get(field_get(root, "sockets"), 0);
	field_expect_int(sock, "cookie", 7);
	field_expect_int(sock, "netns", 1);
	field_expect_str(sock, "family", "ipv4");
	field_expect_str(sock, "laddr", "10.0.0.1");
	field_expect_int(sock, "lport", 40000);
	field_expect_str(sock, "raddr", "10.0.0.2");
	field_expect_int(sock, "rport", 80);
	field_expect_str(sock, "state", "ESTABLISHED");
	field_expect_bool(sock, "at_least", false);
	assert_true(json_integer_value(field_get(sock, "age_ns")) > 0);
	field_get(sock, "pid");
	field_get(sock, "comm");
	json_decref(root);
}

static void test_none_in_that_state(void **state)
{
	struct serving *s = *state;
	json_t *root;

	serving_ready(s);
	serving_start_reader(s);
	root = serving_json(s, 200, "/api/v1/sockets", "state=LAST_ACK");
	field_expect_int(root, "total", 0);
	assert_int_equal(json_array_size(field_get(root, "sockets")), 0);
	field_expect_null(root, "next");
	json_decref(root);
}

/* It entered its state after the question was asked. */
static void test_an_age_is_never_negative(void **state)
{
	struct serving *s = *state;
	struct tct_record_sock rec = stream_state(7, TCT_SYN_SENT, TCT_ESTABLISHED, INT64_MAX);
	json_t *root;

	serving_ready(s);
	serving_feed(s, &rec);
	serving_start_reader(s);
	root = serving_json(s, 200, "/api/v1/sockets", "state=established");
	field_expect_int(json_array_get(field_get(root, "sockets"), 0), "age_ns", 0);
	json_decref(root);
}

/* Walks all pages; every cookie from 1 to `count` must come once. */
static void expect_each_once(struct serving *s, uint32_t limit, uint32_t count)
{
	unsigned char *seen = calloc(count + 1, 1);
	char query[128], next[64] = "";
	uint32_t total = 0;
	bool more = true;

	for (int pages = 0; more && pages < 10000; pages++) {
		json_t *root, *sock;
		size_t i;

		snprintf(query, sizeof(query), "state=close-wait&limit=%u%s%s", limit,
			 *next ? "&after=" : "", next);
		root = serving_json(s, 200, "/api/v1/sockets", query);
		field_expect_int(root, "total", count);
		json_array_foreach(field_get(root, "sockets"), i, sock) {
			json_int_t cookie = json_integer_value(field_get(sock, "cookie"));

			assert_in_range(cookie, 1, count);
			assert_int_equal(seen[cookie]++, 0);
		}
		field_expect_int(root, "count", (int64_t)i);
		total += (uint32_t)i;
		more = json_is_string(field_get(root, "next"));
		if (more)
			strcpy(next, json_string_value(field_get(root, "next")));
		json_decref(root);
	}
	assert_false(more);
	assert_int_equal(total, count);
	free(seen);
}

static void test_pages_of_sockets(void **state)
{
	static const unsigned int shards[] = { 1, 2, 8 };
	static const uint32_t limits[] = { 1, 7, 100, 1000 };

	(void)state;
	for (size_t i = 0; i < COUNT(shards); i++) {
		struct serving *s = serving_new(shards[i], SERVICES);

		serving_ready(s);
		for (uint64_t cookie = 1; cookie <= 2500; cookie++) {
			struct tct_record_sock rec = stream_state(cookie, TCT_ESTABLISHED,
								  TCT_CLOSE_WAIT, 5);

			serving_feed(s, &rec);
		}
		serving_start_reader(s);
		for (size_t j = 0; j < COUNT(limits); j++)
			expect_each_once(s, limits[j], 2500);
		serving_free(s);
	}
}

static void test_hostile_arguments_of_sockets(void **state)
{
	static const char *const queries[] = {
		"", "state=", "state=nonsense", "state=close-wait2", "state=close-wait ",
		"state=CLOSE_WAIT&limit=0", "state=close-wait&limit=1001",
		"state=close-wait&limit=-1", "state=close-wait&after=", "state=close-wait&after=0",
		"state=close-wait&after=.", "state=close-wait&after=0.", "state=close-wait&after=.0",
		"state=close-wait&after=-1.0", "state=close-wait&after=+0.0",
		"state=close-wait&after= 0.0", "state=close-wait&after=0. 0",
		"state=close-wait&after=0.0x10", "state=close-wait&after=0.-1",
		"state=close-wait&after=1.0", "state=close-wait&after=8.0",
		"state=close-wait&after=99.0", "state=close-wait&after=100.0",
		"state=close-wait&after=4294967296.0",
		"state=close-wait&after=0.10000000000000000",
		"state=close-wait&after=0.0\"}", "state=unknown", "state=none",
	};
	struct serving *s = *state;

	serving_ready(s);
	serving_leak(s, 1, 3, PORT, BEGIN, 42, "leaky");
	serving_start_reader(s);
	for (size_t i = 0; i < COUNT(queries); i++)
		expect_error(s, 400, "/api/v1/sockets", queries[i]);
}

/* A place that nobody was given, but might have been: some page or none, and an end. */
static void test_places_of_any_kind(void **state)
{
	static const char *const places[] = {
		"0.0", "0.1", "0.ffffffffffffffff", "0.80000000", "0.ffffffff", "0.100000000",
		"00.7fffffffffffffff",
	};
	struct serving *s = *state;
	char query[128];

	serving_ready(s);
	serving_leak(s, 1, 500, PORT, BEGIN, 42, "leaky");
	serving_start_reader(s);
	for (size_t i = 0; i < COUNT(places); i++) {
		json_t *root;

		snprintf(query, sizeof(query), "state=close-wait&after=%s", places[i]);
		root = serving_json(s, 200, "/api/v1/sockets", query);
		assert_in_range(json_array_size(field_get(root, "sockets")), 0, 500);
		json_decref(root);
	}
}

static const json_t *edge_of(const json_t *root, const char *from, const char *to)
{
	const json_t *edge;
	size_t i;

	json_array_foreach(field_get(root, "edges"), i, edge) {
		if (!strcmp(json_string_value(field_get(edge, "from")), from) &&
		    !strcmp(json_string_value(field_get(edge, "to")), to))
			return edge;
	}
	fail_msg("no edge %s to %s", from, to);
	return NULL;
}

static void test_fsm(void **state)
{
	struct serving *s = *state;
	json_t *root, *sockets;

	serving_ready(s);
	serving_leak(s, 1, 3, PORT, BEGIN, 42, "leaky");
	serving_start_reader(s);
	root = serving_json(s, 200, "/api/v1/fsm", NULL);
	field_expect_str(root, "type", "fsm");
	field_expect_int(edge_of(root, "ESTABLISHED", "CLOSE_WAIT"), "count", 3);
	field_expect_int(edge_of(root, "CLOSE_WAIT", "LAST_ACK"), "count", 0);
	field_expect_int(root, "illegal", 0);
	sockets = field_get(root, "sockets");
	field_expect_int(sockets, "CLOSE_WAIT", 3);
	field_expect_int(sockets, "ESTABLISHED", 0);
	assert_int_equal(json_object_size(sockets), TCT_STATES - 2);
	json_decref(root);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_health),
		TEST(test_ready),
		TEST(test_ready_now),
		TEST(test_formats_of_metrics),
		TEST(test_page),
		TEST(test_no_such_address),
		TEST(test_findings),
		TEST(test_findings_come_and_go),
		TEST(test_pages_of_findings),
		TEST(test_hostile_arguments_of_findings),
		TEST(test_sockets),
		TEST(test_none_in_that_state),
		TEST(test_an_age_is_never_negative),
		cmocka_unit_test(test_pages_of_sockets),
		TEST(test_hostile_arguments_of_sockets),
		TEST(test_places_of_any_kind),
		TEST(test_fsm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
