// SPDX-License-Identifier: GPL-2.0
/*
 * The mirror is what the kernel has: started in the middle of a storm in twenty namespaces, and
 * with a ring that overflows. An audit has the last word. TCT_STARTS for more starts, TCT_FLOOD_S
 * for so many seconds of overflow.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "audits.h"
#include "crowd.h"
#include "deadline.h"
#include "event.h"
#include "fixture.h"

#define NAMESPACES 20
#define SOCKETS 5000		/* of each */
#define STARTS 6
#define AT_ONCE 3		/* of one crowd: younger than its mini-sockets live, see LASTING */
#define LASTING (SOCKETS * 3 / 4)	/* mini-sockets end after a minute, all at once */
#define STORM_PAUSE_US 2000
#define FLOOD_S 5
#define FLOOD_LIVES 2000	/* connections of a namespace, which then goes */
#define PATIENCE_MS 3600000
/* orphans that other tests have left in namespaces of theirs are stuck indeed */
#define NOBODY_ELSES "close-wait=3s,fin-wait1=off,fin-wait2=off,last-ack=off,closing=off,syn-recv=off"
#define SECOND_NS 1000000000
#define SOON_NS 3000000000	/* it is one second; the figure is printed, a slow machine is no failure */
#define SETTLED_MS 5000

static struct crowd_run *running;

static struct crowd_run *run_crowd(const struct crowd *crowd)
{
	running = crowd_start(crowd);
	return running;
}

static void end_crowd(void)
{
	if (running)
		crowd_end(running);
	running = NULL;
}

static int stop(void **state)
{
	end_crowd();
	return fixture_stop(state);
}

static int number_of(const char *variable, int otherwise)
{
	const char *wanted = getenv(variable);

	return wanted ? atoi(wanted) : otherwise;
}

static void start_in(void **state, struct audits_tally *tally)
{
	const char *const args[] = { "--older-than", "1h", "-e", "teardown", NULL };
	struct tracer *t = tracer_start_to_file(args, audits_enter, tally);

	*state = t;
	assert_true(event_number(tracer_ready(t), "namespaces") > NAMESPACES);
	assert_true(event_number(tracer_ready(t), "mirrored") >= NAMESPACES * LASTING);
	audits_expect_none(audits_ask(t), NAMESPACES * LASTING);
	tracer_finish_but_unseen(t);
	assert_int_equal(tally->findings, 0);
}

static void test_started_in_a_storm(void **state)
{
	const struct crowd crowd = { .namespaces = NAMESPACES, .sockets = SOCKETS,
				     .pause_us = STORM_PAUSE_US };
	int starts = number_of("TCT_STARTS", getenv("TCT_SANITIZED") ? 1 : STARTS);
	struct audits_tally tally = { 0 };
	uint64_t made = 0;

	for (int i = 0; i < starts; i++) {
		if (i % AT_ONCE == 0)
			run_crowd(&crowd);
		if (*state && i)
			tracer_free(*state);
		start_in(state, &tally);
		if (i % AT_ONCE == AT_ONCE - 1 || i == starts - 1) {
			made += crowd_stop(running);
			end_crowd();
		}
	}
	print_message("%llu connections came and went meanwhile\n", (unsigned long long)made);
}

/* There should be none: each says why it is there. */
static void print_findings(const struct tracer *t)
{
	const json_t *event;
	size_t i;

	json_array_foreach(tracer_events(t), i, event)
		if (event_has_text(event, "type", "finding"))
			audits_print(event);
}

static bool is_over(struct tracer *t, void *end_ns)
{
	(void)t;
	return deadline_now_ns() >= *(const uint64_t *)end_ns;
}

/* What is lost is known to the last record, and nothing was made up from it. */
static void expect_exact(const json_t *summary)
{
	int64_t lost = event_number(event_part(summary, "lost_in"), "ring");

	print_message("%lld attempts, %lld received, %lld lost, %lld repaired\n",
		      (long long)event_number(summary, "attempts"),
		      (long long)event_number(summary, "received"), (long long)lost,
		      (long long)event_number(summary, "repaired"));
	assert_true(lost > 0);
	assert_int_equal(event_number(summary, "attempts"),
			 event_number(summary, "received") + lost);
	assert_int_equal(event_number(summary, "illegal"), 0);
}

/*
 * The kernel takes the last namespaces of the load apart after its end, some tenths of a second
 * each, and so many mini-sockets end at once that this ring loses some of them, too.
 */
static void settle(struct tracer *t)
{
	uint64_t deadline = deadline_in_ms(SETTLED_MS);
	const json_t *audit = audits_ask(t);

	while (audits_drift(audit) && deadline_now_ns() < deadline)
		audit = audits_ask(t);
	audits_expect_none(audit, 0);
}

/* More than a ring of 64 KiB can hold: what is lost is counted, repaired, and blamed on nobody. */
static void test_ring_of_64_kib(void **state)
{
	const struct crowd crowd = { .namespaces = 4, .sockets = 1, .lives = FLOOD_LIVES,
				     .starts_idle = true };
	const char *const args[] = { "--ring", "64K", "--stuck", NOBODY_ELSES,
				     "-e", "teardown,finding", NULL };
	struct audits_tally tally = { 0 };
	struct crowd_run *run = run_crowd(&crowd);
	const json_t *last;
	struct tracer *t;
	uint64_t over_ns, made;

	*state = t = tracer_start_to_file(args, audits_enter, &tally);
	crowd_churn(run);
	over_ns = deadline_now_ns() + (uint64_t)number_of("TCT_FLOOD_S", FLOOD_S) * SECOND_NS;
	assert_true(tracer_until(t, is_over, &over_ns, PATIENCE_MS));
	made = crowd_stop(run);
	over_ns = deadline_now_ns();
	last = audits_ask(t);
	audits_print(last);
	print_message("%llu connections; the audit was done %.3f s after the load\n",
		      (unsigned long long)made,
		      (double)(event_number(last, "mono_ns") - (int64_t)over_ns) / SECOND_NS);
	if (!getenv("TCT_SANITIZED"))
		assert_true(event_number(last, "mono_ns") < (int64_t)over_ns + SOON_NS);
	settle(t);
	audits_expect_none(audits_ask(t), 0);
	assert_int_equal(tracer_stop(t), 0);
	expect_exact(tracer_summary(t));
	print_findings(t);
	assert_int_equal(tally.findings, 0);
	end_crowd();
}

#define COMPLETE_TEST(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, stop, (void *)#test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COMPLETE_TEST(test_started_in_a_storm),
		COMPLETE_TEST(test_ring_of_64_kib),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
