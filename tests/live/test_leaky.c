// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that leak, written like bugs that people hunted for weeks: found, with the right
 * verdict, as soon as may be.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "chat.h"
#include "child.h"
#include "deadline.h"
#include "event.h"
#include "fixture.h"
#include "netns.h"
#include "service.h"
#include "tracer.h"
#include "watch.h"

#define LEAKY 8070
#define INTERVAL_NS 1000000000LL	/* between two looks of the detector */
#define SLACK_NS 250000000LL		/* one look and the pipe, on a busy machine */

struct leak {
	const char *bug, *says, *verdict;
};

#define LEAKS 20

static uint64_t lose_client(const struct leak *leak)
{
	int fd = chat_open(LEAKY);
	uint64_t now;

	chat_say(fd, leak->says);
	now = deadline_now_ns();
	close(fd);
	return now;
}

static bool has_verdict(const json_t *event, const void *verdict)
{
	return watch_is_finding(event, LEAKY) && event_has_text(event, "verdict", verdict);
}

static const json_t *expect_verdict(struct tracer *t, const struct leak *leak)
{
	const json_t *finding = tracer_wait(t, has_verdict, leak->verdict, WATCH_PATIENCE_MS);

	if (!finding)
		fail_msg("%s was not found", leak->bug);
	assert_string_equal(event_text(finding, "status"), "open");
	assert_int_equal(event_number(finding, "unread_bytes"),
			 event_number(finding, "count") * strlen(leak->says));
	return finding;
}

/*
 * From the moment when the first socket has been there for as long as the threshold. Who asked
 * whether the server listens was there a moment before, and may be one of them.
 */
static void expect_in_time(const struct leak *leak, const json_t *finding, uint64_t lost_ns)
{
	int64_t late = event_number(finding, "mono_ns") - lost_ns - WATCH_THRESHOLD_NS;

	print_message("%s: %s, %.3f s after the threshold\n", leak->bug, leak->verdict, late / 1e9);
	assert_in_range(late + SLACK_NS, 0, deadline_patience() * (INTERVAL_NS + 2 * SLACK_NS));
}

static struct tracer *watch_leaky(void **state, const struct leak *leak)
{
	const char *const argv[] = { "/usr/bin/python3", "tests/real/leaky.py", "8070", leak->bug,
				     NULL };
	struct tracer *t;

	service_need(argv[0]);
	netns_enter();
	t = watch_start(state);
	child_await(service_start(argv, 0));
	return t;
}

static void expect_found(void **state, const struct leak *leak)
{
	struct tracer *t = watch_leaky(state, leak);
	uint64_t first = lose_client(leak);
	int i;

	for (i = 1; i < LEAKS; i++)
		lose_client(leak);
	expect_in_time(leak, expect_verdict(t, leak), first);
	tracer_finish_but_unseen(t);
}

static void test_leak_read_and_never_closed(void **state)
{
	static const struct leak leak = { "forgets-close", "", "eof-read-not-closed" };

	expect_found(state, &leak);
}

static void test_leak_never_looked_at_again(void **state)
{
	static const struct leak leak = { "never-reads", "", "eof-not-read" };

	expect_found(state, &leak);
}

/* 86 bytes were what a proxy's users found unread in each of thousands of sockets. */
static void test_leak_with_86_bytes_unread(void **state)
{
	static const struct leak leak = {
		"never-reads",
		"0123456789012345678901234567890123456789012"
		"0123456789012345678901234567890123456789012", "unread-data",
	};

	assert_int_equal(strlen(leak.says), 86);
	expect_found(state, &leak);
}

static void test_leak_in_the_accept_queue(void **state)
{
	static const struct leak leak = { "stuck-worker", "", "not-accepted" };

	expect_found(state, &leak);
}

static bool is_warning(const json_t *event, const void *none)
{
	(void)none;
	return watch_is_finding(event, LEAKY) && !event_has_text(event, "severity", "info");
}

/* One more socket whenever nothing was told for 50 ms. */
static void test_leak_that_goes_on_is_a_warning(void **state)
{
	static const struct leak leak = { "forgets-close", "", "eof-read-not-closed" };
	struct tracer *t = watch_leaky(state, &leak);
	uint64_t began = deadline_now_ns(), deadline = deadline_in_ms(WATCH_PATIENCE_MS);
	const json_t *finding;

	do {
		lose_client(&leak);
		finding = tracer_wait(t, is_warning, NULL, 50);
	} while (!finding && deadline_left_ms(deadline));
	assert_non_null(finding);
	assert_non_null(strstr(event_text(finding, "advice"), ": a descriptor leak"));
	print_message("a warning at %d sockets, after %.1f s\n",
		      (int)event_number(finding, "count"), (deadline_now_ns() - began) / 1e9);
	tracer_finish_but_unseen(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_leak_read_and_never_closed),
		WATCH_TEST(test_leak_never_looked_at_again),
		WATCH_TEST(test_leak_with_86_bytes_unread),
		WATCH_TEST(test_leak_in_the_accept_queue),
		WATCH_TEST(test_leak_that_goes_on_is_a_warning),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("leaky programs", tests, NULL, NULL);
}
