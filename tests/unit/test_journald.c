// SPDX-License-Identifier: GPL-2.0
/* Findings as fields of the journal, and which of them are worth a message. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../user/core/advice.h"
#include "../../user/sink/journald.h"
#include "alarm.h"

static char told[4096];
static unsigned int messages;
static int answer;

static int take(void *ctx, const struct iovec *fields, int count)
{
	char *at = told;

	(void)ctx;
	messages++;
	for (int i = 0; i < count; i++) {
		at = mempcpy(at, fields[i].iov_base, fields[i].iov_len);
		*at++ = '\n';
	}
	*at = '\0';
	return answer;
}

static struct tct_journald journald;
static struct tct_sink sink;
static struct alarm alarm_;

static int setup(void **state)
{
	const struct tct_journald_config config = {
		.send = take,
		.remind = { .least = TCT_WARNING, .first_ns = 60 * SECOND,
			    .max_ns = 120 * SECOND },
	};

	(void)state;
	messages = 0;
	answer = 0;
	told[0] = '\0';
	tct_journald_init(&journald, &config, &sink);
	alarm_init(&alarm_, 3, 62 * SECOND);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tct_journald_fini(&journald);
	return 0;
}

static void test_fields(void **state)
{
	char id[64];

	(void)state;
	alarm_.ev.verdict = TCT_EOF_READ_NOT_CLOSED;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	snprintf(id, sizeof(id), "MESSAGE_ID=%s\n", tct_journald_message_id("stuck-close-wait"));
	assert_non_null(strstr(told, id));
	assert_non_null(strstr(told, "MESSAGE=nginx.service (pid 42, port 80): 3 sockets in "
			       "CLOSE_WAIT, the oldest for "));
	assert_non_null(strstr(told, ": close it\n"));
	assert_non_null(strstr(told, "\nPRIORITY=4\n"));
	assert_non_null(strstr(told, "\nTCPCLOSE_RULE=stuck-close-wait\nTCPCLOSE_SEVERITY=warning\n"
			       "TCPCLOSE_STATUS=open\nTCPCLOSE_STATE=CLOSE_WAIT\n"
			       "TCPCLOSE_VERDICT=eof-read-not-closed\nTCPCLOSE_COUNT=3\n"
			       "TCPCLOSE_OLDEST_NS=62000000000\nTCPCLOSE_SERVICE=nginx.service\n"
			       "TCPCLOSE_PID=42\nTCPCLOSE_COMM=nginx\nTCPCLOSE_PORT=80\n"
			       "TCPCLOSE_FINDING=1\nTCPCLOSE_ADVICE=close it\n"));
}

static void test_resolved(void **state)
{
	(void)state;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 101 * SECOND);
	assert_int_equal(messages, 2);
	assert_non_null(strstr(told, "\nPRIORITY=5\n"));
	assert_non_null(strstr(told, "\nTCPCLOSE_STATUS=resolved\n"));
	assert_null(strstr(told, "OLDEST_NS"));
	assert_null(strstr(told, "VERDICT"));
}

static void test_illegal(void **state)
{
	(void)state;
	alarm_.ev.rule = "illegal-transition";
	alarm_.ev.severity = TCT_CRITICAL;
	alarm_.ev.to = TCT_LISTEN;
	alarm_.ev.oldest_ns = TCT_UNKNOWN;
	alarm_.holder.pid = 0;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	assert_non_null(strstr(told, "MESSAGE=none (nobody holds it, port 80): illegal transition "
			       "from CLOSE_WAIT to LISTEN: close it\n"));
	assert_non_null(strstr(told, "\nPRIORITY=2\n"));
	assert_null(strstr(told, "TCPCLOSE_PID"));
}

/* A name is a program's choice. */
static void test_hostile_name(void **state)
{
	(void)state;
	strcpy(alarm_.holder.comm, "a\nPRIORITY=0");
	alarm_.holder.cgroup = NULL;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	assert_non_null(strstr(told, "MESSAGE=a?PRIORITY=0 (pid 42, port 80)"));
}

static void test_every_rule_has_an_id(void **state)
{
	static const char *const rules[] = {
		"stuck-close-wait", "stuck-fin-wait1", "stuck-fin-wait2", "stuck-last-ack",
		"stuck-closing", "stuck-syn-recv", "illegal-transition",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		const char *id = tct_journald_message_id(rules[i]);

		assert_int_equal(strlen(id), 32);
		assert_int_equal(strspn(id, "0123456789abcdef"), 32);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(id, tct_journald_message_id(rules[j]));
	}
	for (int s = 0; s < TCT_STATES; s++) {
		if (tct_stuck_rule(s))
			assert_non_null(tct_journald_message_id(tct_stuck_rule(s)));
	}
	assert_null(tct_journald_message_id("other"));
}

static void test_what_lasts_is_told_now_and_then(void **state)
{
	(void)state;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	for (uint64_t at = 101; at < 1000; at++)
		alarm_tell(&alarm_, &sink, TCT_UPDATE, at * SECOND);
	assert_int_equal(messages, 1 + 7);	/* at 160, then every 120 s */
	alarm_.ev.severity = TCT_CRITICAL;
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 1001 * SECOND);
	assert_int_equal(messages, 9);
	alarm_.ev.severity = TCT_WARNING;
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 1002 * SECOND);
	alarm_.ev.severity = TCT_CRITICAL;	/* as it was said to be */
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 1003 * SECOND);
	assert_int_equal(messages, 9);
}

static void test_what_is_less_is_not_told(void **state)
{
	(void)state;
	alarm_.ev.severity = TCT_INFO;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 101 * SECOND);
	assert_int_equal(messages, 0);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 102 * SECOND);
	alarm_.ev.severity = TCT_WARNING;
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 103 * SECOND);
	assert_int_equal(messages, 1);
	alarm_.ev.severity = TCT_INFO;
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 104 * SECOND);
	assert_int_equal(messages, 2);
}

static void test_refused(void **state)
{
	(void)state;
	answer = -2;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	assert_int_equal(journald.failed, 1);
}

static void test_is_there(void **state)
{
	char text[64];
	struct stat st;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_false(tct_journald_is_there());
	fstat(STDERR_FILENO, &st);
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
	assert_true(tct_journald_is_there());
	setenv("JOURNAL_STREAM", "1:1", 1);
	assert_false(tct_journald_is_there());
	setenv("JOURNAL_STREAM", "nonsense", 1);
	assert_false(tct_journald_is_there());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_resolved),
		TEST(test_illegal),
		TEST(test_hostile_name),
		TEST(test_every_rule_has_an_id),
		TEST(test_what_lasts_is_told_now_and_then),
		TEST(test_what_is_less_is_not_told),
		TEST(test_refused),
		TEST(test_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
