// SPDX-License-Identifier: GPL-2.0
/* Rules in front of the sinks: who is told of, from when on, and what a reload makes of it. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "../../user/serve/copy.h"
#include "../../user/serve/rules.h"
#include "alarm.h"
#include "recorder.h"

#define MINUTE (60 * SECOND)

static struct recorder recorder;
static struct tct_sink next, sink;
static struct tct_rules rules;
static struct alarm alarm_;
static uint64_t thresholds[TCT_STATES];
static struct {
	uint32_t count;
	uint64_t entered_ns;
} now;

static bool look_up(void *ctx, uint32_t id, uint32_t *count, uint64_t *entered_ns)
{
	(void)ctx;
	(void)id;
	*count = now.count;
	*entered_ns = now.entered_ns;
	return now.count;
}

static int setup(void **state)
{
	struct tct_rules_config config = { .next = &next };

	(void)state;
	memset(thresholds, 0, sizeof(thresholds));
	thresholds[TCT_CLOSE_WAIT] = MINUTE;
	recorder_init(&recorder, &next);
	tct_rules_init(&rules, &config, &sink);
	tct_rules_set(&rules, NULL, 0, thresholds, 0);
	alarm_init(&alarm_, 3, MINUTE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tct_rules_fini(&rules);
	recorder_fini(&recorder);
	return 0;
}

static void expect(const char *lines)
{
	assert_string_equal(recorder_take(&recorder), lines);
}

#define WHO " local 80 42x3:5-9\n"

static struct tct_rule rule(void)
{
	return (struct tct_rule){ .name = "a", .severity = TCT_RULE_AS_JUDGED };
}

static void test_without_rules(void **state)
{
	(void)state;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("100000000000 finding #1 stuck-close-wait open CLOSE_WAIT count 3 oldest "
	       "60000000000" WHO);
	assert_int_equal(recorder.finding.first_mono_ns, 100 * SECOND);
	alarm_.ev.oldest_ns += (int64_t)(10 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 110 * SECOND);
	expect("110000000000 finding #1 stuck-close-wait update CLOSE_WAIT count 3 oldest "
	       "70000000000" WHO);
	assert_int_equal(recorder.finding.first_mono_ns, 100 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 120 * SECOND);
	expect("120000000000 finding #1 stuck-close-wait resolved CLOSE_WAIT count 0 oldest ?" WHO);
	assert_int_equal(tct_rules_deadline(&rules), TCT_RULES_NEVER);
}

/* The core's threshold may be lower, for the sake of some other rule. */
static void test_waits_for_its_own_threshold(void **state)
{
	(void)state;
	alarm_init(&alarm_, 3, 10 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("");
	assert_int_equal(tct_rules_deadline(&rules), 150 * SECOND);
	tct_rules_tick(&rules, 150 * SECOND - 1);
	expect("");
	tct_rules_tick(&rules, 150 * SECOND);
	expect("150000000000 finding #1 stuck-close-wait open CLOSE_WAIT count 3 oldest "
	       "60000000000" WHO);
	assert_int_equal(tct_rules_deadline(&rules), TCT_RULES_NEVER);
}

static void test_never_opened_is_never_resolved(void **state)
{
	(void)state;
	alarm_init(&alarm_, 3, 10 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 101 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 102 * SECOND);
	expect("");
	tct_rules_tick(&rules, 1000 * SECOND);
	expect("");
}

static void test_state_is_off(void **state)
{
	(void)state;
	alarm_.ev.state = alarm_.ev.to = TCT_LAST_ACK;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("");
	assert_int_equal(tct_rules_deadline(&rules), TCT_RULES_NEVER);
}

static void test_matches(void **state)
{
	uint64_t ports[TCT_RULE_PORT_WORDS] = { [80 / 64] = 1ull << 80 % 64 };
	uint64_t others[TCT_RULE_PORT_WORDS] = { [81 / 64] = 1ull << 81 % 64 };
	const struct {
		struct tct_rule rule;
		bool ignored;
	} cases[] = {
		{ { .unit = "nginx.service" }, true },
		{ { .unit = "ngin?.*" }, true },
		{ { .unit = "nginx" }, false },
		{ { .cgroup = "/system.slice/*" }, true },
		{ { .cgroup = "/user.slice/*" }, false },
		{ { .comm = "nginx" }, true },
		{ { .comm = "ngin" }, false },
		{ { .states = 1u << TCT_CLOSE_WAIT }, true },
		{ { .states = 1u << TCT_LAST_ACK }, false },
		{ { .ports = ports }, true },
		{ { .ports = others }, false },
		{ { .comm = "nginx", .ports = others }, false },
		{ { .name = "all" }, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tct_rule list = cases[i].rule;

		list.ignore = true;
		list.severity = TCT_RULE_AS_JUDGED;
		tct_rules_set(&rules, &list, 1, thresholds, 0);
		alarm_.ev.id = (uint32_t)i + 1;
		alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
		if (cases[i].ignored != !*recorder_take(&recorder))
			fail_msg("case %zu", i);
		alarm_tell(&alarm_, &sink, TCT_RESOLVED, 100 * SECOND);
		recorder_take(&recorder);
	}
}

static void test_nobody_holds_it(void **state)
{
	struct tct_rule list = { .unit = "none", .ignore = true };

	(void)state;
	tct_rules_set(&rules, &list, 1, thresholds, 0);
	alarm_.holder.pid = 0;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("");
}

static void test_first_match_decides(void **state)
{
	struct tct_rule list[] = { rule(), rule() };

	(void)state;
	list[0].comm = "nginx";	/* as usual, whatever follows */
	list[1].ignore = true;
	tct_rules_set(&rules, list, 2, thresholds, 0);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "open"));
	alarm_.ev.id = 2;
	strcpy(alarm_.holder.comm, "other");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("");
}

static void test_older_than(void **state)
{
	struct tct_rule list = rule();

	(void)state;
	list.older_ns = 5 * MINUTE;
	tct_rules_set(&rules, &list, 1, thresholds, 0);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("");
	assert_int_equal(tct_rules_deadline(&rules), 340 * SECOND);
	/* its oldest has left, the next one is younger */
	alarm_.ev.oldest_ns = (int64_t)(70 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 200 * SECOND);
	assert_int_equal(tct_rules_deadline(&rules), 430 * SECOND);
	tct_rules_tick(&rules, 430 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "open CLOSE_WAIT count 3 oldest 3000000"));
	/* and leaves in its turn: nothing is as old as that any more */
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 440 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "440000000000 finding #1 stuck-close-wait "
			       "resolved CLOSE_WAIT count 0 oldest ?"));
	assert_int_equal(tct_rules_deadline(&rules), 670 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 450 * SECOND);
	expect("");
}

/* What was told is old by then: what there is now decides. */
static void test_looked_up_when_due(void **state)
{
	struct tct_rule list = rule();

	(void)state;
	rules.config.look_up = look_up;
	list.older_ns = 5 * MINUTE;
	tct_rules_set(&rules, &list, 1, thresholds, 0);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	now.count = 2;
	now.entered_ns = 300 * SECOND;
	tct_rules_tick(&rules, 340 * SECOND);
	expect("");
	assert_int_equal(tct_rules_deadline(&rules), 600 * SECOND);
	tct_rules_tick(&rules, 600 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "open CLOSE_WAIT count 2 oldest 3000000"));
	alarm_.ev.id = 2;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 700 * SECOND);
	now.count = 0;
	tct_rules_tick(&rules, 5000 * SECOND);
	expect("");
	assert_int_equal(tct_rules_deadline(&rules), TCT_RULES_NEVER);
}

/* Not with each that comes and goes. */
static void test_min_sockets(void **state)
{
	struct tct_rule list = rule();

	(void)state;
	list.min_sockets = 10;
	tct_rules_set(&rules, &list, 1, thresholds, 0);
	alarm_.ev.count = 9;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("");
	alarm_.ev.count = 10;
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 101 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "open CLOSE_WAIT count 10"));
	alarm_.ev.count = 5;
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 102 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "update CLOSE_WAIT count 5"));
	alarm_.ev.count = 4;
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 103 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "resolved CLOSE_WAIT count 0"));
	alarm_.ev.count = 9;
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 104 * SECOND);
	expect("");
}

static void test_severity(void **state)
{
	struct tct_rule list = rule();

	(void)state;
	list.severity = TCT_CRITICAL;
	tct_rules_set(&rules, &list, 1, thresholds, 0);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	assert_int_equal(recorder.finding.severity, TCT_CRITICAL);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 101 * SECOND);
	assert_int_equal(recorder.finding.severity, TCT_CRITICAL);
	assert_int_equal(recorder.finding.status, TCT_RESOLVED);
}

/* Another process holds most of it now: another rule decides. */
static void test_judged_again(void **state)
{
	struct tct_rule list = rule();

	(void)state;
	list.comm = "nginx";
	list.ignore = true;
	tct_rules_set(&rules, &list, 1, thresholds, 0);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	expect("");
	strcpy(alarm_.holder.comm, "other");
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 101 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "open CLOSE_WAIT"));
	strcpy(alarm_.holder.comm, "nginx");
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 102 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "resolved CLOSE_WAIT"));
}

static void test_reload(void **state)
{
	struct tct_rule list = rule();

	(void)state;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	alarm_.ev.id = 2;
	strcpy(alarm_.holder.comm, "other");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	recorder_take(&recorder);
	list.comm = "nginx";
	list.ignore = true;
	tct_rules_set(&rules, &list, 1, thresholds, 110 * SECOND);
	expect("110000000000 finding #1 stuck-close-wait resolved CLOSE_WAIT count 0 oldest ?" WHO);
	list.ignore = false;
	list.severity = TCT_INFO;
	tct_rules_set(&rules, &list, 1, thresholds, 120 * SECOND);
	expect("120000000000 finding #1 stuck-close-wait open CLOSE_WAIT count 3 oldest "
	       "80000000000" WHO);
	assert_int_equal(recorder.finding.severity, TCT_INFO);
	list.severity = TCT_CRITICAL;
	tct_rules_set(&rules, &list, 1, thresholds, 130 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "#1 stuck-close-wait update"));
	tct_rules_set(&rules, &list, 1, thresholds, 140 * SECOND);
	expect("");
	thresholds[TCT_CLOSE_WAIT] = 10 * MINUTE;
	tct_rules_set(&rules, NULL, 0, thresholds, 150 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "#2 stuck-close-wait resolved"));
	assert_int_equal(tct_rules_deadline(&rules), 640 * SECOND);
}

static void test_illegal_passes(void **state)
{
	struct tct_rule list = rule();

	(void)state;
	list.ignore = true;
	tct_rules_set(&rules, &list, 1, thresholds, 0);
	alarm_.ev.to = TCT_LISTEN;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	assert_non_null(strstr(recorder_take(&recorder), "CLOSE_WAIT>LISTEN"));
	assert_int_equal(rules.entry_count, 0);
}

static void test_the_rest_passes(void **state)
{
	const struct tct_loss loss = { .mono_ns = 1, .where = TCT_LOSS_RING, .count = 3 };

	(void)state;
	sink.loss(sink.ctx, &loss);
	expect("1 loss ring 3\n");
	assert_null(sink.tally);
	assert_non_null(sink.ready);
	assert_non_null(sink.summary);
}

/* In whatever order they come and go. */
static void test_many(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		alarm_.ev.id = (i * 7919) % 1009 + 1;
		alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	}
	assert_int_equal(rules.entry_count, 1000);
	for (size_t i = 1; i < rules.entry_count; i++)
		assert_true(rules.entries[i - 1].id < rules.entries[i].id);
	for (uint32_t i = 0; i < 1000; i++) {
		alarm_.ev.id = (i * 7919) % 1009 + 1;
		alarm_tell(&alarm_, &sink, TCT_RESOLVED, 101 * SECOND);
	}
	assert_int_equal(rules.entry_count, 0);
}

static void test_copy(void **state)
{
	const struct tct_lingering why = { .unacked_bytes = 5 };
	const struct tct_outlook outlook = { .fd_limit = 7 };
	const struct tct_subject who = { .cookie = 9 };
	struct tct_finding *copy;

	(void)state;
	alarm_.ev.holders = &alarm_.holder;
	alarm_.ev.holder_count = 1;
	alarm_.ev.why = &why;
	alarm_.ev.outlook = &outlook;
	alarm_.ev.socket = &who;
	copy = tct_finding_copy(&alarm_.ev);
	alarm_.holder = (struct tct_holder){ 0 };
	assert_int_equal(copy->holders[0].pid, 42);
	assert_string_equal(copy->holders[0].cgroup, "/system.slice/nginx.service");
	assert_string_equal(copy->holders[0].fds, "5-9");
	assert_int_equal(copy->why->unacked_bytes, 5);
	assert_int_equal(copy->outlook->fd_limit, 7);
	assert_int_equal(copy->socket->cookie, 9);
	free(copy);
}

static void test_thresholds(void **state)
{
	struct tct_rule list[] = { rule(), rule(), rule() };
	uint64_t out[TCT_STATES];

	(void)state;
	thresholds[TCT_FIN_WAIT2] = 90 * SECOND;
	tct_rule_thresholds(NULL, 0, thresholds, out);
	assert_memory_equal(out, thresholds, sizeof(out));
	list[0].older_ns = 30 * SECOND;		/* of all that are on */
	list[1].older_ns = 20 * SECOND;
	list[1].states = 1u << TCT_LAST_ACK | 1u << TCT_SYN_RECV | 1u << TCT_NEW_SYN_RECV;
	list[2].older_ns = 1;
	list[2].ignore = true;
	tct_rule_thresholds(list, 3, thresholds, out);
	assert_int_equal(out[TCT_CLOSE_WAIT], 30 * SECOND);
	assert_int_equal(out[TCT_FIN_WAIT2], 30 * SECOND);
	assert_int_equal(out[TCT_LAST_ACK], 20 * SECOND);
	assert_int_equal(out[TCT_SYN_RECV], 20 * SECOND);
	assert_int_equal(out[TCT_NEW_SYN_RECV], 0);
	assert_int_equal(out[TCT_ESTABLISHED], 0);
	assert_int_equal(out[TCT_CLOSING], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_rules),
		TEST(test_waits_for_its_own_threshold),
		TEST(test_never_opened_is_never_resolved),
		TEST(test_state_is_off),
		TEST(test_matches),
		TEST(test_nobody_holds_it),
		TEST(test_first_match_decides),
		TEST(test_older_than),
		TEST(test_looked_up_when_due),
		TEST(test_min_sockets),
		TEST(test_severity),
		TEST(test_judged_again),
		TEST(test_reload),
		TEST(test_illegal_passes),
		TEST(test_the_rest_passes),
		TEST(test_many),
		TEST(test_copy),
		TEST(test_thresholds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
