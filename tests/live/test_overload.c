// SPDX-License-Identifier: GPL-2.0
/* More events than the ring has room for: counted to the last one, and thinned while that lasts. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "counter.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "path.h"
#include "sockets.h"
#include "storm.h"
#include "tracer.h"

#define PATIENCE_MS TRACER_PATIENCE_MS
#define SMALL "64K"		/* holds the records of some forty connections */
#define LOAD 2000
#define HICCUP_NS 20000000	/* a host that has no CPU for the tracer, now and then */
#define FLOOD_MS 30000
#define CALM_MS 20000

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static char here[64];	/* the current namespace, as --netns takes it */

static void enter(void)
{
	netns_enter();
	snprintf(here, sizeof(here), "net:[%llu]", (unsigned long long)netns_inode());
}

static void expect_exact(const json_t *summary)
{
	const json_t *lost = event_part(summary, "lost_in");

	print_message("%lld records, %lld of them received, %lld lost\n",
		      (long long)event_number(summary, "attempts"),
		      (long long)event_number(summary, "received"),
		      (long long)event_number(lost, "ring"));
	assert_true(event_number(lost, "ring") > 0);
	assert_int_equal(event_number(summary, "attempts"),
			 event_number(summary, "received") + event_number(lost, "ring"));
}

static void stop(pid_t pid)
{
	siginfo_t info = { 0 };

	kill(pid, SIGSTOP);
	fatal_unless(!waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT), "stop");
}

static bool is_ring_loss(const json_t *event, const void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "loss") && event_has_text(event, "where", "ring");
}

/* As a laptop that sleeps: what happened meanwhile is lost, and how much is known. */
static void test_stopped_under_load(void **state)
{
	struct tracer *t;
	struct pair p;

	enter();
	*state = t = tracer_start(ARGS("--ring", SMALL, "--netns", here));
	stop(tracer_pid(t));
	storm_run(LOAD);
	kill(tracer_pid(t), SIGCONT);
	assert_non_null(tracer_wait(t, is_ring_loss, NULL, PATIENCE_MS));
	p = sockets_pair("127.0.7.2");
	sockets_close_in_order(&p.client, &p.server);
	path_expect(t, &p.server, "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE");
	assert_int_equal(tracer_stop(t), 0);
	expect_exact(tracer_summary(t));
	assert_true(event_number(tracer_summary(t), "attempts") >= LOAD * STORM_TRANSITIONS);
	tracer_finish_losing(t, INT32_MAX);
}

/* Each transition is one record with -e finding: what others count is what was received or lost. */
static void test_counted_by_others(void **state)
{
	struct counter *counter;
	struct tracer *t;
	uint64_t counted;

	enter();
	*state = t = tracer_start(ARGS("--ring", SMALL, "--netns", here, "-e", "finding"));
	counter = counter_start();
	storm_run(LOAD / 10);
	stop(tracer_pid(t));
	storm_run(LOAD);
	kill(tracer_pid(t), SIGCONT);
	storm_run(LOAD / 10);
	assert_int_equal(tracer_stop(t), 0);
	counted = counter_read(counter);
	counter_end(counter);
	print_message("%llu counted by others\n", (unsigned long long)counted);
	expect_exact(tracer_summary(t));
	assert_int_equal(event_number(tracer_summary(t), "attempts"), counted);
	tracer_finish_losing(t, INT32_MAX);
}

static const json_t *flood(const struct tracer *t, const char *status)
{
	const json_t *event, *found = NULL;
	size_t i;

	json_array_foreach(tracer_events(t), i, event) {
		if (!event_has_text(event, "type", "flood") ||
		    !event_has_text(event, "status", status))
			continue;
		assert_null(found);
		found = event;
	}
	return found;
}

/*
 * The storm makes no TIME_WAIT, so that little is printed. Under load the tracer is not run, again
 * and again, until it has had enough.
 */
static bool has_begun(struct tracer *t, void *arg)
{
	const struct timespec hiccup = { .tv_nsec = HICCUP_NS };

	(void)arg;
	stop(tracer_pid(t));
	nanosleep(&hiccup, NULL);
	kill(tracer_pid(t), SIGCONT);
	nanosleep(&hiccup, NULL);
	return flood(t, "begun");
}

static bool is_over(struct tracer *t, void *arg)
{
	(void)arg;
	return flood(t, "over");
}

static json_int_t sum_of(const json_t *counts)
{
	const char *pair;
	const json_t *n;
	json_int_t sum = 0;

	json_object_foreach((json_t *)counts, pair, n)
		sum += json_integer_value(n);
	return sum;
}

/* As many connections are opened as closed, but for those at the flood's edges. */
static void expect_counts(const json_t *over)
{
	const json_t *counts = event_part(over, "counts");
	int64_t opened = event_number(counts, "SYN_SENT>ESTABLISHED");
	int64_t closed = event_number(counts, "ESTABLISHED>FIN_WAIT1");

	print_message("%lld transitions in %.1f s of flood\n",
		      (long long)event_number(over, "transitions"),
		      (double)event_number(over, "duration_ns") / 1e9);
	assert_int_equal(event_number(over, "transitions"), sum_of(counts));
	assert_true(opened > 0);
	assert_in_range(closed, opened - 10, opened + 10);
}

static void test_flood(void **state)
{
	struct tracer *t;
	struct end end;

	enter();
	*state = t = tracer_start(ARGS("--ring", SMALL, "--netns", here, "-e", "time_wait"));
	storm_start(3);
	assert_true(tracer_until(t, has_begun, NULL, FLOOD_MS));
	storm_stop();
	assert_true(tracer_until(t, is_over, NULL, CALM_MS));
	end = sockets_end(sockets_listen("127.0.7.3", 0, 8));
	close(end.fd);
	assert_int_equal(tracer_stop(t), 0);
	expect_exact(tracer_summary(t));
	expect_counts(flood(t, "over"));
	assert_int_equal(event_number(tracer_summary(t), "findings"), 0);
	assert_int_equal(event_number(tracer_summary(t), "illegal"), 0);
}

/* A flood that the run's end cuts short is over with it. */
static void test_ended_in_a_flood(void **state)
{
	struct tracer *t;

	enter();
	*state = t = tracer_start(ARGS("--ring", SMALL, "--netns", here, "-e", "time_wait"));
	storm_start(3);
	assert_true(tracer_until(t, has_begun, NULL, FLOOD_MS));
	assert_int_equal(tracer_stop(t), 0);
	storm_stop();
	assert_non_null(flood(t, "over"));
	expect_counts(flood(t, "over"));
	expect_exact(tracer_summary(t));
}

static int end_storm(void **state)
{
	storm_stop();
	return fixture_stop(state);
}

#define TEST(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, end_storm, (void *)#test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stopped_under_load),
		TEST(test_counted_by_others),
		TEST(test_flood),
		TEST(test_ended_in_a_flood),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("overload", tests, NULL, NULL);
}
