// SPDX-License-Identifier: GPL-2.0
/* The JSON sink: every line is an object with all of the contract's fields, whatever is in it. */
#include "test.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/sink/json.h"
#include "../../user/core/facts.h"
#include "sample.h"

#define REAL_OFFSET_NS 1709210096000000000ull	/* 2024-02-29T12:34:56Z */

struct fixture {
	struct tct_sink_json json;
	struct tct_sink sink;
	char *text;
	size_t size;
	size_t taken;
};

static int setup(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));

	tct_sink_json_init(&fixture->json, open_memstream(&fixture->text, &fixture->size),
			   REAL_OFFSET_NS, &fixture->sink);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	fclose(fixture->json.json.out);
	free(fixture->text);
	test_free(fixture);
	return 0;
}

/* The only line that was written since the last call, as a tree. */
static json_t *take(struct fixture *fixture)
{
	json_error_t error;
	const char *line;
	json_t *root;
	size_t len;

	fflush(fixture->json.json.out);
	line = fixture->text + fixture->taken;
	len = strlen(line);
	fixture->taken += len;
	assert_true(len > 2);
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	root = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s in: %s", error.text, line);
	assert_true(json_is_object(root));
	return root;
}

static json_t *field(const json_t *root, const char *key)
{
	json_t *value = json_object_get(root, key);

	if (!value)
		fail_msg("there is no \"%s\"", key);
	return value;
}

static void expect_str(const json_t *root, const char *key, const char *expected)
{
	assert_true(json_is_string(field(root, key)));
	assert_string_equal(json_string_value(field(root, key)), expected);
}

static void expect_int(const json_t *root, const char *key, int64_t expected)
{
	if (!json_is_integer(field(root, key)))
		fail_msg("\"%s\" is no integer", key);
	assert_int_equal(json_integer_value(field(root, key)), expected);
}

static void expect_bool(const json_t *root, const char *key, bool expected)
{
	assert_true(json_is_boolean(field(root, key)));
	assert_int_equal(json_is_true(field(root, key)), expected);
}

static void expect_null(const json_t *root, const char *key)
{
	if (!json_is_null(field(root, key)))
		fail_msg("\"%s\" is not null", key);
}

static void expect_head(const json_t *root, const char *type, uint64_t mono_ns)
{
	expect_int(root, "v", 1);
	expect_str(root, "type", type);
	expect_int(root, "mono_ns", (int64_t)mono_ns);
	assert_int_equal(strlen(json_string_value(field(root, "ts"))), 30);
}

static void expect_tuple(const json_t *root)
{
	expect_str(root, "family", "ipv6");
	expect_str(root, "laddr", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
	expect_str(root, "raddr", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	expect_int(root, "lport", 65535);
	expect_int(root, "rport", 65535);
	expect_int(root, "netns", 4026531840);
	expect_int(root, "cookie", INT64_MAX);
}

static void expect_task(const json_t *root)
{
	expect_int(root, "pid", 4194304);
	expect_str(root, "comm", "fifteen-letters");
}

static void test_ready(void **state)
{
	struct fixture *fixture = *state;
	struct tct_ready ev = sample_ready();
	json_t *root;

	ev.by_state[TCT_LISTEN] = 0;
	fixture->sink.ready(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_head(root, "ready", ev.mono_ns);
	expect_str(field(root, "probes"), "set_state", "tracepoint");
	expect_str(field(root, "probes"), "time_wait", "tracepoint");
	expect_str(field(root, "probes"), "time_wait_end", "tracepoint");
	expect_str(field(root, "probes"), "reset", "tracepoint");
	expect_int(root, "mirrored", 12345678);
	expect_int(field(root, "by_state"), "CLOSE_WAIT", 12345678);
	assert_null(json_object_get(field(root, "by_state"), "LISTEN"));
	assert_int_equal(json_object_size(field(root, "by_state")), 11);
	expect_str(root, "kernel", "5.15.0-1053-intel-iotg-realtime");
	json_decref(root);
}

static void test_transition(void **state)
{
	struct fixture *fixture = *state;
	struct tct_transition ev = sample_transition();
	json_t *root;

	fixture->sink.transition(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_head(root, "transition", ev.mono_ns);
	expect_tuple(root);
	expect_task(root);
	expect_str(root, "from", "ESTABLISHED");
	expect_str(root, "to", "ESTABLISHED");
	expect_int(root, "dwell_ns", ev.dwell_ns);
	expect_str(root, "owner", "connect");
	expect_bool(root, "legal", false);
	json_decref(root);
}

static void test_transition_unknown(void **state)
{
	struct fixture *fixture = *state;
	struct tct_transition ev = sample_transition();
	json_t *root;

	ev.dwell_ns = TCT_UNKNOWN;
	ev.legal = true;
	ev.who.task = (struct tct_task){ 0 };
	fixture->sink.transition(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_null(root, "dwell_ns");
	expect_null(root, "pid");
	expect_null(root, "comm");
	expect_str(root, "owner", "none");
	expect_bool(root, "legal", true);
	json_decref(root);
}

static void test_ipv4(void **state)
{
	struct fixture *fixture = *state;
	struct tct_transition ev = sample_transition();
	json_t *root;

	ev.who.tuple = (struct tct_tuple){ .family = AF_INET, .lport = 1,
					   .laddr = { 127, 0, 0, 1 }, .raddr = { 10, 0, 0, 255 } };
	ev.dwell_ns = 0;
	fixture->sink.transition(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_str(root, "family", "ipv4");
	expect_str(root, "laddr", "127.0.0.1");
	expect_str(root, "raddr", "10.0.0.255");
	expect_int(root, "lport", 1);
	expect_int(root, "rport", 0);
	expect_int(root, "dwell_ns", 0);
	json_decref(root);
}

static void test_time_wait(void **state)
{
	struct fixture *fixture = *state;
	struct tct_time_wait ev = sample_time_wait();
	json_t *root;

	fixture->sink.time_wait(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_head(root, "time_wait", ev.mono_ns);
	expect_tuple(root);
	expect_task(root);
	expect_str(root, "substate", "FIN_WAIT2");
	expect_int(root, "duration_ns", ev.duration_ns);
	expect_int(root, "life_ns", ev.life_ns);
	expect_str(root, "end", "fin-arrived");
	expect_int(root, "rearmed", 3);
	json_decref(root);
	ev.duration_ns = ev.life_ns = TCT_UNKNOWN;
	fixture->sink.time_wait(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_null(root, "duration_ns");
	expect_null(root, "life_ns");
	json_decref(root);
}

static void test_teardown(void **state)
{
	struct fixture *fixture = *state;
	struct tct_teardown ev = sample_teardown();
	json_t *root;

	fixture->sink.teardown(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_head(root, "teardown", ev.mono_ns);
	expect_tuple(root);
	expect_task(root);
	expect_str(root, "kind", "reset-received");
	expect_str(root, "closer", "remote");
	expect_int(field(root, "dwell_ns"), "ESTABLISHED", 100);
	expect_int(field(root, "dwell_ns"), "FIN_WAIT1", 200);
	assert_int_equal(json_object_size(field(root, "dwell_ns")), 2);
	expect_int(root, "fin_retransmits", 4);
	expect_int(root, "half_close_ns", 5);
	expect_int(root, "bytes_after_fin", 6);
	expect_str(root, "reset_reason", "tcp-disconnect-with-data");
	json_decref(root);
}

/* One that is known by its address has no cookie to show, and its address is nobody's business. */
static void test_no_cookie(void **state)
{
	struct fixture *fixture = *state;
	struct tct_teardown ev = sample_teardown();
	json_t *root;

	ev.who.cookie = TCT_KEY_ADDRESS | 0xffff888000001000ull;
	fixture->sink.teardown(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_null(root, "cookie");
	json_decref(root);
}

static void test_teardown_unknown(void **state)
{
	struct fixture *fixture = *state;
	struct tct_teardown ev = sample_teardown();
	json_t *root;

	ev.fin_retransmits = ev.half_close_ns = ev.bytes_after_fin = TCT_UNKNOWN;
	ev.reset_reason = NULL;
	ev.dwell_ns[TCT_ESTABLISHED] = ev.dwell_ns[TCT_FIN_WAIT1] = TCT_UNKNOWN;
	fixture->sink.teardown(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_null(root, "fin_retransmits");
	expect_null(root, "half_close_ns");
	expect_null(root, "bytes_after_fin");
	expect_null(root, "reset_reason");
	assert_true(json_is_object(field(root, "dwell_ns")));
	assert_int_equal(json_object_size(field(root, "dwell_ns")), 0);
	json_decref(root);
}

/* The contract's words for every kind and closer. */
static void test_teardown_words(void **state)
{
	static const char *const kinds[] = {
		"orderly", "orderly-merged", "simultaneous", "reset-sent", "reset-received",
		"abort-unread", "abort-linger", "timeout", "refused", "never-opened",
		"unreachable", "disconnected", "repair", "destroyed", "reaped", "unknown",
	};
	struct fixture *fixture = *state;
	uint32_t seen = 0;

	for (int kind = 0; kind < TCT_KINDS; kind++) {
		struct tct_teardown ev = sample_teardown();
		json_t *root;
		size_t i = 0;

		ev.kind = kind;
		fixture->sink.teardown(fixture->sink.ctx, &ev);
		root = take(fixture);
		while (i < COUNT(kinds) && strcmp(kinds[i], json_string_value(field(root, "kind"))))
			i++;
		assert_true(i < COUNT(kinds));
		assert_false(seen >> i & 1);	/* no two share a word */
		seen |= 1u << i;
		json_decref(root);
	}
}

static void expect_holder(const json_t *holder)
{
	expect_int(holder, "pid", 4194304);
	expect_str(holder, "comm", "fifteen-letters");
	expect_int(holder, "fd", 1048575);
	expect_int(holder, "count", 12345678);
	expect_str(holder, "fds", "5-9904,9910");
}

static void test_finding(void **state)
{
	struct fixture *fixture = *state;
	struct tct_finding ev = sample_finding();
	struct tct_holder holders[] = { sample_holder("5-9904,9910"),
					sample_holder("5-9904,9910") };
	json_t *root;

	holders[1].cgroup = NULL;
	ev.holders = holders;
	ev.holder_count = 2;
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_head(root, "finding", ev.mono_ns);
	expect_int(root, "id", 17);
	expect_str(root, "rule", "stuck-close-wait");
	expect_str(root, "severity", "warning");
	expect_str(root, "status", "open");
	expect_str(root, "state", "CLOSE_WAIT");
	expect_str(root, "verdict", "unread-data");
	expect_int(root, "count", 12345678);
	expect_int(root, "oldest_ns", ev.oldest_ns);
	expect_str(root, "confidence", "degraded");
	expect_str(root, "advice", ev.advice);
	expect_int(root, "netns", 4026531840);
	expect_int(field(root, "verdicts"), "not-accepted", 12345678 / TCT_VERDICTS);
	assert_int_equal(json_array_size(field(root, "owners")), 2);
	expect_holder(json_array_get(field(root, "owners"), 0));
	expect_holder(json_array_get(field(root, "owners"), 1));
	expect_str(json_array_get(field(root, "owners"), 0), "cgroup", holders[0].cgroup);
	expect_null(json_array_get(field(root, "owners"), 1), "cgroup");
	assert_null(json_object_get(root, "lport"));
	json_decref(root);
}

static void test_finding_of_one_socket(void **state)
{
	struct fixture *fixture = *state;
	struct tct_finding ev = sample_finding();
	struct tct_subject who = sample_subject();
	json_t *root;

	ev.socket = &who;
	ev.count = 1;
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_tuple(root);
	assert_int_equal(json_array_size(field(root, "owners")), 0);
	json_decref(root);
}

static void test_finding_why(void **state)
{
	const struct tct_lingering why = { .unacked_bytes = 1448, .zero_window = 1, .orphans = 2,
					   .retransmits = 3, .probes = 4, .limit = 8,
					   .next_ns = -5, .kept_ns = 6 };
	const struct tct_outlook outlook = { .growth_per_s = 12.5, .fd_limit = 1024,
					     .fd_open = 900, .eta_ns = 1500000000 };
	struct fixture *fixture = *state;
	struct tct_finding ev = sample_finding();
	json_t *root;

	ev.why = &why;
	ev.outlook = &outlook;
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_int(root, "unacked_bytes", 1448);
	expect_int(root, "zero_window", 1);
	expect_int(root, "orphans", 2);
	expect_int(root, "retransmits", 3);
	expect_int(root, "probes", 4);
	expect_int(root, "retransmits_limit", 8);
	expect_int(root, "next_retransmit_ns", -5);
	expect_int(root, "kept_ns", 6);
	assert_true(json_real_value(field(root, "growth_per_s")) == 12.5);
	expect_int(root, "fd_limit", 1024);
	expect_int(root, "fd_open", 900);
	assert_true(json_real_value(field(root, "eta_s")) == 1.5);
	json_decref(root);
}

/* Looked at, and nothing found; or not looked at. */
static void test_finding_why_unknown(void **state)
{
	static const char *const fields[] = { "unacked_bytes", "zero_window", "orphans",
					      "retransmits", "probes", "retransmits_limit",
					      "next_retransmit_ns", "kept_ns", "growth_per_s",
					      "fd_limit", "fd_open", "eta_s" };
	const struct tct_outlook outlook = { .growth_per_s = -1, .fd_limit = TCT_UNKNOWN,
					     .fd_open = TCT_UNKNOWN, .eta_ns = TCT_UNKNOWN };
	struct fixture *fixture = *state;
	struct tct_finding ev = sample_finding();
	struct tct_lingering why;
	json_t *root;

	tct_lingering_init(&why);
	ev.why = &why;
	ev.outlook = &outlook;
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	for (size_t i = 0; i < COUNT(fields); i++)
		expect_null(root, fields[i]);
	json_decref(root);
	ev.why = NULL;
	ev.outlook = NULL;
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	for (size_t i = 0; i < COUNT(fields); i++)
		assert_null(json_object_get(root, fields[i]));
	json_decref(root);
}

/* Every verdict is a word of its own, in every state. */
static void test_finding_verdicts(void **state)
{
	static const char *const words[TCT_VERDICTS] = {
		NULL, "eof-read-not-closed", "eof-not-read", "unread-data", "not-accepted",
		"still-sending", "held-by-child", "held", "orphaned", "zero-window",
		"not-acknowledged",
	};
	struct fixture *fixture = *state;

	for (int verdict = TCT_VERDICT_NONE + 1; verdict < TCT_VERDICTS; verdict++) {
		struct tct_finding ev = sample_finding();
		json_t *root;

		ev.state = ev.to = TCT_FIN_WAIT1;
		ev.verdict = verdict;
		fixture->sink.finding(fixture->sink.ctx, &ev);
		root = take(fixture);
		expect_str(root, "verdict", words[verdict]);
		json_decref(root);
	}
}

/* Resolved: nothing is left to be old, and no verdict is known. */
static void test_finding_resolved(void **state)
{
	struct fixture *fixture = *state;
	struct tct_finding ev = sample_finding();
	json_t *root;

	ev.status = TCT_RESOLVED;
	ev.count = 0;
	ev.oldest_ns = TCT_UNKNOWN;
	ev.verdict = TCT_VERDICT_NONE;
	memset(ev.verdicts, 0, sizeof(ev.verdicts));
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_str(root, "status", "resolved");
	expect_null(root, "oldest_ns");
	expect_null(root, "verdict");
	expect_int(root, "count", 0);
	json_decref(root);
}

static void test_finding_illegal(void **state)
{
	struct fixture *fixture = *state;
	struct tct_finding ev = sample_finding();
	struct tct_subject who = sample_subject();
	json_t *root;

	ev.rule = "illegal-transition";
	ev.severity = TCT_CRITICAL;
	ev.confidence = TCT_EXACT;
	ev.state = TCT_ESTABLISHED;
	ev.to = TCT_LISTEN;
	ev.verdict = TCT_VERDICT_NONE;
	ev.socket = &who;
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_str(root, "severity", "critical");
	expect_str(root, "state", "ESTABLISHED");
	expect_str(root, "to", "LISTEN");
	expect_str(root, "confidence", "exact");
	expect_null(root, "verdict");
	expect_tuple(root);
	json_decref(root);
}

static void test_loss(void **state)
{
	static const char *const places[] = { "ring", "hook", "mirror", "sink" };
	struct fixture *fixture = *state;

	for (int where = 0; where < TCT_LOSS_PLACES; where++) {
		const struct tct_loss ev = { .mono_ns = 5, .where = where, .count = 1ull << 40 };
		json_t *root;

		fixture->sink.loss(fixture->sink.ctx, &ev);
		root = take(fixture);
		expect_head(root, "loss", 5);
		expect_str(root, "where", places[where]);
		expect_int(root, "count", 1ll << 40);
		json_decref(root);
	}
}

static void test_summary(void **state)
{
	struct fixture *fixture = *state;
	struct tct_summary ev = sample_summary();
	json_t *root;

	ev.duration_ns = 1500000000;
	ev.teardowns[TCT_KIND_TIMEOUT] = 0;
	fixture->sink.summary(fixture->sink.ctx, &ev);
	root = take(fixture);
	expect_head(root, "summary", ev.mono_ns);
	expect_int(root, "events", (int64_t)ev.events);
	expect_int(root, "lost", (int64_t)ev.lost);
	expect_int(root, "repaired", 1);
	expect_int(root, "illegal", (int64_t)ev.illegal);
	expect_int(root, "findings", (int64_t)ev.findings);
	expect_int(field(root, "teardowns"), "orderly", (int64_t)ev.teardowns[0]);
	assert_null(json_object_get(field(root, "teardowns"), "timeout"));
	assert_true(json_is_real(field(root, "duration_s")));
	assert_true(json_real_value(field(root, "duration_s")) == 1.5);
	json_decref(root);
}

/* The stamp is made once a second: the ns still go on, over the second's end too. */
static void test_stamps(void **state)
{
	static const struct {
		uint64_t mono_ns;
		const char *stamp;
	} cases[] = {
		{ 0, "2024-02-29T12:34:56.000000000Z" },
		{ 7, "2024-02-29T12:34:56.000000007Z" },
		{ 999999999, "2024-02-29T12:34:56.999999999Z" },
		{ 1000000000, "2024-02-29T12:34:57.000000000Z" },
		{ 999999998, "2024-02-29T12:34:56.999999998Z" },
		{ 41104000000001, "2024-03-01T00:00:00.000000001Z" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct tct_loss ev = { .mono_ns = cases[i].mono_ns };
		json_t *root;

		fixture->sink.loss(fixture->sink.ctx, &ev);
		root = take(fixture);
		expect_str(root, "ts", cases[i].stamp);
		json_decref(root);
	}
}

/* A byte as the code point of the same number, in UTF-8. */
static void expected_name(unsigned char c, char *out)
{
	if (c < 0x80) {
		snprintf(out, 8, "%cx", c);
		return;
	}
	snprintf(out, 8, "%c%cx", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
}

static void test_hostile_comm(void **state)
{
	struct fixture *fixture = *state;

	for (int c = 1; c < 256; c++) {
		struct tct_transition ev = sample_transition();
		char name[8];
		json_t *root;

		ev.who.task.comm[0] = (char)c;
		ev.who.task.comm[1] = 'x';
		ev.who.task.comm[2] = '\0';
		expected_name((unsigned char)c, name);
		fixture->sink.transition(fixture->sink.ctx, &ev);
		root = take(fixture);
		expect_str(root, "comm", name);
		json_decref(root);
	}
}

static void test_hostile_holder(void **state)
{
	struct fixture *fixture = *state;
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("3");
	json_t *root, *owner;

	memcpy(holder.comm, "\"},{\\\n\t\x7f\xff\xc3(\x1b[", 14);
	holder.cgroup = "/a\"b\\c\nd";
	ev.holders = &holder;
	ev.holder_count = 1;
	fixture->sink.finding(fixture->sink.ctx, &ev);
	root = take(fixture);
	owner = json_array_get(field(root, "owners"), 0);
	expect_str(owner, "comm", "\"},{\\\n\t\x7f\xc3\xbf\xc3\x83(\x1b[");
	expect_str(owner, "cgroup", "/a\"b\\c\nd");
	json_decref(root);
}

static void test_lines_follow(void **state)
{
	struct fixture *fixture = *state;
	struct tct_transition transition = sample_transition();
	struct tct_finding finding = sample_finding();
	char *second;
	json_t *root;

	fixture->sink.transition(fixture->sink.ctx, &transition);
	fixture->sink.finding(fixture->sink.ctx, &finding);
	fflush(fixture->json.json.out);
	second = strchr(fixture->text, '\n') + 1;
	root = json_loads(second, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	expect_str(root, "type", "finding");
	json_decref(root);
}

/* All numbers that the writer may be given. */
static void test_writer_numbers(void **state)
{
	struct fixture *fixture = *state;
	struct tct_json *json = &fixture->json.json;

	tct_json_open(json, NULL, '[');
	tct_json_u64(json, NULL, 0);
	tct_json_u64(json, NULL, UINT64_MAX);
	tct_json_i64(json, NULL, INT64_MAX, INT64_MIN);
	tct_json_i64(json, NULL, -1, INT64_MIN);
	tct_json_i64(json, NULL, INT64_MIN, 0);
	tct_json_i64(json, NULL, INT64_MIN, INT64_MIN);
	tct_json_real(json, NULL, 0.001);
	tct_json_real(json, NULL, -1.25);
	tct_json_bool(json, NULL, true);
	tct_json_str(json, NULL, NULL);
	tct_json_str(json, NULL, "");
	tct_json_close(json, ']');
	fflush(json->out);
	assert_string_equal(fixture->text,
			    "[0,18446744073709551615,9223372036854775807,-1,"
			    "-9223372036854775808,null,0.001,-1.250,true,null,\"\"]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ready),
		TEST(test_transition),
		TEST(test_transition_unknown),
		TEST(test_ipv4),
		TEST(test_time_wait),
		TEST(test_teardown),
		TEST(test_teardown_unknown),
		TEST(test_no_cookie),
		TEST(test_teardown_words),
		TEST(test_finding),
		TEST(test_finding_of_one_socket),
		TEST(test_finding_why),
		TEST(test_finding_why_unknown),
		TEST(test_finding_verdicts),
		TEST(test_finding_resolved),
		TEST(test_finding_illegal),
		TEST(test_loss),
		TEST(test_summary),
		TEST(test_stamps),
		TEST(test_hostile_comm),
		TEST(test_hostile_holder),
		TEST(test_lines_follow),
		TEST(test_writer_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
