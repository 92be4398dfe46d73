// SPDX-License-Identifier: GPL-2.0
/* The JSON sink's findings: all of the contract's fields, whatever is in them. */
#include "test.h"

#include <jansson.h>
#include <string.h>
#include "../../user/core/facts.h"
#include "field.h"
#include "reader.h"
#include "sample.h"

static void expect_holder(const json_t *holder)
{
	field_expect_int(holder, "pid", 4194304);
	field_expect_str(holder, "comm", "fifteen-letters");
	field_expect_int(holder, "fd", 1048575);
	field_expect_int(holder, "count", 12345678);
	field_expect_str(holder, "fds", "5-9904,9910");
}

static void test_finding(void **state)
{
	struct reader *reader = *state;
	struct tct_finding ev = sample_finding();
	struct tct_holder holders[] = { sample_holder("5-9904,9910"),
					sample_holder("5-9904,9910") };
	json_t *root;

	holders[1].cgroup = NULL;
	ev.holders = holders;
	ev.holder_count = 2;
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_head(root, "finding", ev.mono_ns);
	field_expect_int(root, "id", 17);
	field_expect_str(root, "rule", "stuck-close-wait");
	field_expect_str(root, "severity", "warning");
	field_expect_str(root, "status", "open");
	field_expect_str(root, "state", "CLOSE_WAIT");
	field_expect_str(root, "verdict", "unread-data");
	field_expect_int(root, "count", 12345678);
	field_expect_int(root, "oldest_ns", ev.oldest_ns);
	field_expect_str(root, "confidence", "degraded");
	field_expect_str(root, "advice", ev.advice);
	field_expect_int(root, "netns", 4026531840);
	field_expect_int(field_get(root, "verdicts"), "not-accepted", 12345678 / TCT_VERDICTS);
	assert_int_equal(json_array_size(field_get(root, "owners")), 2);
	expect_holder(json_array_get(field_get(root, "owners"), 0));
	expect_holder(json_array_get(field_get(root, "owners"), 1));
	field_expect_str(json_array_get(field_get(root, "owners"), 0), "cgroup", holders[0].cgroup);
	field_expect_null(json_array_get(field_get(root, "owners"), 1), "cgroup");
	assert_null(json_object_get(root, "lport"));
	json_decref(root);
}

static void test_finding_of_one_socket(void **state)
{
	struct reader *reader = *state;
	struct tct_finding ev = sample_finding();
	struct tct_subject who = sample_subject();
	json_t *root;

	ev.socket = &who;
	ev.count = 1;
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_tuple(root);
	assert_int_equal(json_array_size(field_get(root, "owners")), 0);
	json_decref(root);
}

static void test_finding_why(void **state)
{
	const struct tct_lingering why = { .unacked_bytes = 1448, .zero_window = 1, .orphans = 2,
					   .retransmits = 3, .probes = 4, .limit = 8,
					   .next_ns = -5, .kept_ns = 6 };
	const struct tct_outlook outlook = { .growth_per_s = 12.5, .fd_limit = 1024,
					     .fd_open = 900, .eta_ns = 1500000000 };
	struct reader *reader = *state;
	struct tct_finding ev = sample_finding();
	json_t *root;

	ev.why = &why;
	ev.outlook = &outlook;
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_int(root, "unacked_bytes", 1448);
	field_expect_int(root, "zero_window", 1);
	field_expect_int(root, "orphans", 2);
	field_expect_int(root, "retransmits", 3);
	field_expect_int(root, "probes", 4);
	field_expect_int(root, "retransmits_limit", 8);
	field_expect_int(root, "next_retransmit_ns", -5);
	field_expect_int(root, "kept_ns", 6);
	assert_true(json_real_value(field_get(root, "growth_per_s")) == 12.5);
	field_expect_int(root, "fd_limit", 1024);
	field_expect_int(root, "fd_open", 900);
	assert_true(json_real_value(field_get(root, "eta_s")) == 1.5);
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
	struct reader *reader = *state;
	struct tct_finding ev = sample_finding();
	struct tct_lingering why;
	json_t *root;

	tct_lingering_init(&why);
	ev.why = &why;
	ev.outlook = &outlook;
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
	for (size_t i = 0; i < COUNT(fields); i++)
		field_expect_null(root, fields[i]);
	json_decref(root);
	ev.why = NULL;
	ev.outlook = NULL;
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
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
		"still-receiving",
	};
	struct reader *reader = *state;

	for (int verdict = TCT_VERDICT_NONE + 1; verdict < TCT_VERDICTS; verdict++) {
		struct tct_finding ev = sample_finding();
		json_t *root;

		ev.state = ev.to = TCT_FIN_WAIT1;
		ev.verdict = verdict;
		reader->sink.finding(reader->sink.ctx, &ev);
		root = reader_take(reader);
		field_expect_str(root, "verdict", words[verdict]);
		json_decref(root);
	}
}

/* Resolved: nothing is left to be old, and no verdict is known. */
static void test_finding_resolved(void **state)
{
	struct reader *reader = *state;
	struct tct_finding ev = sample_finding();
	json_t *root;

	ev.status = TCT_RESOLVED;
	ev.count = 0;
	ev.oldest_ns = TCT_UNKNOWN;
	ev.verdict = TCT_VERDICT_NONE;
	memset(ev.verdicts, 0, sizeof(ev.verdicts));
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_str(root, "status", "resolved");
	field_expect_null(root, "oldest_ns");
	field_expect_null(root, "verdict");
	field_expect_int(root, "count", 0);
	json_decref(root);
}

static void test_finding_illegal(void **state)
{
	struct reader *reader = *state;
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
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
	field_expect_str(root, "severity", "critical");
	field_expect_str(root, "state", "ESTABLISHED");
	field_expect_str(root, "to", "LISTEN");
	field_expect_str(root, "confidence", "exact");
	field_expect_null(root, "verdict");
	field_expect_tuple(root);
	json_decref(root);
}

static void test_hostile_holder(void **state)
{
	struct reader *reader = *state;
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("3");
	json_t *root, *owner;

	memcpy(holder.comm, "\"},{\\\n\t\x7f\xff\xc3(\x1b[", 14);
	holder.cgroup = "/a\"b\\c\nd";
	ev.holders = &holder;
	ev.holder_count = 1;
	reader->sink.finding(reader->sink.ctx, &ev);
	root = reader_take(reader);
	owner = json_array_get(field_get(root, "owners"), 0);
	field_expect_str(owner, "comm", "\"},{\\\n\t\x7f\xc3\xbf\xc3\x83(\x1b[");
	field_expect_str(owner, "cgroup", "/a\"b\\c\nd");
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		READER_TEST(test_finding),
		READER_TEST(test_finding_of_one_socket),
		READER_TEST(test_finding_why),
		READER_TEST(test_finding_why_unknown),
		READER_TEST(test_finding_verdicts),
		READER_TEST(test_finding_resolved),
		READER_TEST(test_finding_illegal),
		READER_TEST(test_hostile_holder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
