// SPDX-License-Identifier: GPL-2.0
/* The JSON sink: every line is an object with all of the contract's fields, whatever is in it. */
#include "test.h"

#include <arpa/inet.h>
#include <float.h>
#include <jansson.h>
#include <string.h>
#include "field.h"
#include "reader.h"
#include "sample.h"

static void test_ready(void **state)
{
	struct reader *reader = *state;
	struct tct_ready ev = sample_ready();
	json_t *root;

	ev.by_state[TCT_LISTEN] = 0;
	reader->sink.ready(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_head(root, "ready", ev.mono_ns);
	field_expect_str(field_get(root, "probes"), "set_state", "tracepoint");
	field_expect_str(field_get(root, "probes"), "time_wait", "tracepoint");
	field_expect_str(field_get(root, "probes"), "time_wait_end", "tracepoint");
	field_expect_str(field_get(root, "probes"), "reset", "tracepoint");
	field_expect_int(root, "mirrored", 12345678);
	field_expect_int(field_get(root, "by_state"), "CLOSE_WAIT", 12345678);
	assert_null(json_object_get(field_get(root, "by_state"), "LISTEN"));
	assert_int_equal(json_object_size(field_get(root, "by_state")), 11);
	field_expect_str(root, "kernel", "5.15.0-1053-intel-iotg-realtime");
	json_decref(root);
}

static void test_transition(void **state)
{
	struct reader *reader = *state;
	struct tct_transition ev = sample_transition();
	json_t *root;

	reader->sink.transition(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_head(root, "transition", ev.mono_ns);
	field_expect_tuple(root);
	field_expect_task(root);
	field_expect_str(root, "from", "ESTABLISHED");
	field_expect_str(root, "to", "ESTABLISHED");
	field_expect_int(root, "dwell_ns", ev.dwell_ns);
	field_expect_str(root, "owner", "connect");
	field_expect_bool(root, "legal", false);
	json_decref(root);
}

static void test_transition_unknown(void **state)
{
	struct reader *reader = *state;
	struct tct_transition ev = sample_transition();
	json_t *root;

	ev.dwell_ns = TCT_UNKNOWN;
	ev.legal = true;
	ev.who.task = (struct tct_task){ 0 };
	reader->sink.transition(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_null(root, "dwell_ns");
	field_expect_null(root, "pid");
	field_expect_null(root, "comm");
	field_expect_str(root, "owner", "none");
	field_expect_bool(root, "legal", true);
	json_decref(root);
}

static void test_ipv4(void **state)
{
	struct reader *reader = *state;
	struct tct_transition ev = sample_transition();
	json_t *root;

	ev.who.tuple = (struct tct_tuple){ .family = AF_INET, .lport = 1,
					   .laddr = { 127, 0, 0, 1 }, .raddr = { 10, 0, 0, 255 } };
	ev.dwell_ns = 0;
	reader->sink.transition(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_str(root, "family", "ipv4");
	field_expect_str(root, "laddr", "127.0.0.1");
	field_expect_str(root, "raddr", "10.0.0.255");
	field_expect_int(root, "lport", 1);
	field_expect_int(root, "rport", 0);
	field_expect_int(root, "dwell_ns", 0);
	json_decref(root);
}

static void test_time_wait(void **state)
{
	struct reader *reader = *state;
	struct tct_time_wait ev = sample_time_wait();
	json_t *root;

	reader->sink.time_wait(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_head(root, "time_wait", ev.mono_ns);
	field_expect_tuple(root);
	field_expect_task(root);
	field_expect_str(root, "substate", "FIN_WAIT2");
	field_expect_int(root, "duration_ns", ev.duration_ns);
	field_expect_int(root, "life_ns", ev.life_ns);
	field_expect_str(root, "end", "fin-arrived");
	field_expect_int(root, "rearmed", 3);
	json_decref(root);
	ev.duration_ns = ev.life_ns = TCT_UNKNOWN;
	reader->sink.time_wait(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_null(root, "duration_ns");
	field_expect_null(root, "life_ns");
	json_decref(root);
}

static void test_teardown(void **state)
{
	struct reader *reader = *state;
	struct tct_teardown ev = sample_teardown();
	json_t *root;

	reader->sink.teardown(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_head(root, "teardown", ev.mono_ns);
	field_expect_tuple(root);
	field_expect_task(root);
	field_expect_str(root, "kind", "reset-received");
	field_expect_str(root, "closer", "remote");
	field_expect_int(field_get(root, "dwell_ns"), "ESTABLISHED", 100);
	field_expect_int(field_get(root, "dwell_ns"), "FIN_WAIT1", 200);
	assert_int_equal(json_object_size(field_get(root, "dwell_ns")), 2);
	field_expect_int(root, "fin_retransmits", 4);
	field_expect_int(root, "half_close_ns", 5);
	field_expect_int(root, "bytes_after_fin", 6);
	field_expect_str(root, "reset_reason", "tcp-disconnect-with-data");
	json_decref(root);
}

static void test_teardown_unknown(void **state)
{
	struct reader *reader = *state;
	struct tct_teardown ev = sample_teardown();
	json_t *root;

	ev.fin_retransmits = ev.half_close_ns = ev.bytes_after_fin = TCT_UNKNOWN;
	ev.reset_reason = NULL;
	ev.dwell_ns[TCT_ESTABLISHED] = ev.dwell_ns[TCT_FIN_WAIT1] = TCT_UNKNOWN;
	reader->sink.teardown(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_null(root, "fin_retransmits");
	field_expect_null(root, "half_close_ns");
	field_expect_null(root, "bytes_after_fin");
	field_expect_null(root, "reset_reason");
	assert_true(json_is_object(field_get(root, "dwell_ns")));
	assert_int_equal(json_object_size(field_get(root, "dwell_ns")), 0);
	json_decref(root);
}

/* One that is known by its address has no cookie to show, and its address is nobody's business. */
static void test_no_cookie(void **state)
{
	struct reader *reader = *state;
	struct tct_teardown ev = sample_teardown();
	json_t *root;

	ev.who.cookie = TCT_KEY_ADDRESS | 0xffff888000001000ull;
	reader->sink.teardown(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_null(root, "cookie");
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
	struct reader *reader = *state;
	uint32_t seen = 0;

	for (int kind = 0; kind < TCT_KINDS; kind++) {
		struct tct_teardown ev = sample_teardown();
		json_t *root;
		size_t i = 0;

		ev.kind = kind;
		reader->sink.teardown(reader->sink.ctx, &ev);
		root = reader_take(reader);
		while (i < COUNT(kinds) &&
		       strcmp(kinds[i], json_string_value(field_get(root, "kind"))))
			i++;
		assert_true(i < COUNT(kinds));
		assert_false(seen >> i & 1);	/* no two share a word */
		seen |= 1u << i;
		json_decref(root);
	}
}

static void test_loss(void **state)
{
	static const char *const places[] = { "ring", "hook", "mirror", "sink" };
	struct reader *reader = *state;

	for (int where = 0; where < TCT_LOSS_PLACES; where++) {
		const struct tct_loss ev = { .mono_ns = 5, .where = where, .count = 1ull << 40 };
		json_t *root;

		reader->sink.loss(reader->sink.ctx, &ev);
		root = reader_take(reader);
		field_expect_head(root, "loss", 5);
		field_expect_str(root, "where", places[where]);
		field_expect_int(root, "count", 1ll << 40);
		json_decref(root);
	}
}

static void test_summary(void **state)
{
	struct reader *reader = *state;
	struct tct_summary ev = sample_summary();
	json_t *root;

	ev.duration_ns = 1500000000;
	ev.teardowns[TCT_KIND_TIMEOUT] = 0;
	reader->sink.summary(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_head(root, "summary", ev.mono_ns);
	field_expect_int(root, "events", (int64_t)ev.events);
	field_expect_int(root, "lost", (int64_t)ev.lost);
	field_expect_int(root, "repaired", 1);
	field_expect_int(root, "illegal", (int64_t)ev.illegal);
	field_expect_int(root, "findings", (int64_t)ev.findings);
	field_expect_int(field_get(root, "teardowns"), "orderly", (int64_t)ev.teardowns[0]);
	assert_null(json_object_get(field_get(root, "teardowns"), "timeout"));
	assert_true(json_is_real(field_get(root, "duration_s")));
	assert_true(json_real_value(field_get(root, "duration_s")) == 1.5);
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
	struct reader *reader = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct tct_loss ev = { .mono_ns = cases[i].mono_ns };
		json_t *root;

		reader->sink.loss(reader->sink.ctx, &ev);
		root = reader_take(reader);
		field_expect_str(root, "ts", cases[i].stamp);
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
	struct reader *reader = *state;

	for (int c = 1; c < 256; c++) {
		struct tct_transition ev = sample_transition();
		char name[8];
		json_t *root;

		ev.who.task.comm[0] = (char)c;
		ev.who.task.comm[1] = 'x';
		ev.who.task.comm[2] = '\0';
		expected_name((unsigned char)c, name);
		reader->sink.transition(reader->sink.ctx, &ev);
		root = reader_take(reader);
		field_expect_str(root, "comm", name);
		json_decref(root);
	}
}

static void test_lines_follow(void **state)
{
	struct reader *reader = *state;
	struct tct_transition transition = sample_transition();
	struct tct_finding finding = sample_finding();
	char *second;
	json_t *root;

	reader->sink.transition(reader->sink.ctx, &transition);
	reader->sink.finding(reader->sink.ctx, &finding);
	fflush(reader->json.json.out);
	second = strchr(reader->text, '\n') + 1;
	root = json_loads(second, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	field_expect_str(root, "type", "finding");
	json_decref(root);
}

/* All numbers that the writer may be given. */
static void test_writer_numbers(void **state)
{
	struct reader *reader = *state;
	struct tct_json *json = &reader->json.json;

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
	tct_json_end(json);
	fflush(json->out);
	assert_string_equal(reader->text,
			    "[0,18446744073709551615,9223372036854775807,-1,"
			    "-9223372036854775808,null,0.001,-1.250,true,null,\"\"]\n");
}

/* Of a line that is longer than what the writer keeps of it nothing gets lost. */
static void test_writer_long(void **state)
{
	static char value[3 * TCT_JSON_PART];
	struct reader *reader = *state;
	struct tct_json *json = &reader->json.json;
	json_t *root;

	for (size_t i = 0; i < sizeof(value) - 1; i++)
		value[i] = i % 11 ? (char)('a' + i % 26) : '"';
	tct_json_open(json, NULL, '{');
	tct_json_str(json, "long", value);
	tct_json_open(json, "list", '[');
	for (int i = 0; i < TCT_JSON_PART; i++)
		tct_json_i64(json, NULL, i, -1);
	tct_json_close(json, ']');
	tct_json_close(json, '}');
	tct_json_end(json);
	root = reader_take(reader);
	field_expect_str(root, "long", value);
	assert_int_equal(json_array_size(json_object_get(root, "list")), TCT_JSON_PART);
	for (int i = 0; i < TCT_JSON_PART; i++)
		assert_int_equal(json_integer_value(json_array_get(json_object_get(root, "list"),
								   (size_t)i)), i);
	json_decref(root);
}

/* Wherever a part of a line ends: in a string, behind a key, in a number, before a bracket. */
static void test_writer_parts(void **state)
{
	static const char plain[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static char value[TCT_JSON_PART + 16];
	struct reader *reader = *state;
	struct tct_json *json = &reader->json.json;

	for (size_t len = TCT_JSON_PART - TCT_JSON_FIELD - 128; len < sizeof(value); len++) {
		json_t *root;

		memset(value, 'a', len);
		value[len - 1] = '\n';
		tct_json_open(json, NULL, '{');
		tct_json_str(json, "value", value);
		tct_json_real(json, "real", -DBL_MAX);
		tct_json_plain(json, "plain", plain, strlen(plain));
		tct_json_open(json, "list", '[');
		tct_json_i64(json, NULL, INT64_MIN, 0);
		tct_json_close(json, ']');
		tct_json_bool(json, "bool", false);
		tct_json_close(json, '}');
		tct_json_end(json);
		root = reader_take(reader);
		field_expect_str(root, "value", value);
		field_expect_str(root, "plain", plain);
		field_expect_bool(root, "bool", false);
		assert_true(json_real_value(field_get(root, "real")) == -DBL_MAX);
		assert_true(json_integer_value(json_array_get(field_get(root, "list"), 0)) ==
			    INT64_MIN);
		json_decref(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		READER_TEST(test_ready),
		READER_TEST(test_transition),
		READER_TEST(test_transition_unknown),
		READER_TEST(test_ipv4),
		READER_TEST(test_time_wait),
		READER_TEST(test_teardown),
		READER_TEST(test_teardown_unknown),
		READER_TEST(test_no_cookie),
		READER_TEST(test_teardown_words),
		READER_TEST(test_loss),
		READER_TEST(test_summary),
		READER_TEST(test_stamps),
		READER_TEST(test_hostile_comm),
		READER_TEST(test_lines_follow),
		READER_TEST(test_writer_numbers),
		READER_TEST(test_writer_long),
		READER_TEST(test_writer_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
