// SPDX-License-Identifier: GPL-2.0
/*
 * The mirror is what the kernel has: started in the middle of a storm in twenty namespaces, over
 * millions of transitions, and with a ring that overflows. An audit has the last word.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "crowd.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "tracer.h"

#define NAMESPACES 20
#define SOCKETS 5000		/* of each */
#define CROWDS 4
#define STARTS 5		/* for each crowd: younger than its mini-sockets live, see LASTING */
#define LASTING (SOCKETS * 3 / 4)	/* mini-sockets end after a minute, all at once */
#define STORM_PAUSE_US 2000
#define TRANSITIONS 2000000
#define SOAK_PAUSE_US 150
#define FLOOD_S 5
#define AUDIT_MS 60000
#define STEPS_AN_END 5		/* transitions of one end of a connection, at least */
#define SOON_NS 1000000000
#define RSS_GROWTH_KB 4096

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

/* How many of a kind came, in a stream that is too long to be kept. */
struct tally {
	uint64_t teardowns;
	uint64_t findings;
	uint64_t drift;		/* of audits by the clock */
	uint32_t audits;
	json_t *asked;		/* the last audit that was asked for */
};

static int64_t drift_of(const json_t *audit)
{
	return event_number(audit, "missing") + event_number(audit, "ghost") +
	       event_number(audit, "state");
}

static bool enter(const json_t *event, void *arg)
{
	struct tally *tally = arg;

	tally->teardowns += event_has_text(event, "type", "teardown");
	tally->findings += event_has_text(event, "type", "finding");
	if (event_has_text(event, "type", "audit")) {
		tally->audits++;
		tally->drift += (uint64_t)drift_of(event);
	}
	return event_has_text(event, "type", "audit") || event_has_text(event, "type", "loss") ||
	       event_has_text(event, "type", "difference") ||
	       event_has_text(event, "type", "finding") || event_has_text(event, "type", "flood");
}

static size_t audits_asked(const struct tracer *t, const json_t **last)
{
	const json_t *event;
	size_t i, count = 0;

	json_array_foreach(tracer_events(t), i, event)
		if (event_has_text(event, "type", "audit") && event_flag(event, "asked")) {
			count++;
			*last = event;
		}
	return count;
}

struct wait {
	size_t before;
	const json_t *audit;
};

static bool has_audited(struct tracer *t, void *arg)
{
	struct wait *wait = arg;

	return audits_asked(t, &wait->audit) > wait->before;
}

static const json_t *audit(struct tracer *t)
{
	struct wait wait = { 0 };

	wait.before = audits_asked(t, &wait.audit);
	kill(tracer_pid(t), SIGUSR1);
	if (!tracer_until(t, has_audited, &wait, AUDIT_MS))
		fail_msg("no audit within %d ms", AUDIT_MS);
	return wait.audit;
}

static void print_audit(const json_t *audit)
{
	char *line = json_dumps(audit, JSON_COMPACT);

	print_message("%s\n", line);
	free(line);
}

static void expect_no_drift(const json_t *audit, int64_t at_least)
{
	print_audit(audit);
	assert_int_equal(drift_of(audit), 0);
	assert_true(event_flag(audit, "complete"));
	assert_true(event_number(audit, "kernel") >= at_least);
}

static void start_in(void **state, struct tally *tally)
{
	const char *const args[] = { "--older-than", "1h", NULL };
	struct tracer *t = tracer_start_to_file(args, enter, tally);

	*state = t;
	assert_true(event_number(tracer_ready(t), "namespaces") > NAMESPACES);
	assert_true(event_number(tracer_ready(t), "mirrored") >= NAMESPACES * LASTING);
	expect_no_drift(audit(t), NAMESPACES * LASTING);
	tracer_finish_losing(t, TRACER_UNSEEN_MAX);
	assert_int_equal(tally->findings, 0);
}

static void test_started_in_a_storm(void **state)
{
	const struct crowd crowd = { .namespaces = NAMESPACES, .sockets = SOCKETS,
				     .pause_us = STORM_PAUSE_US };
	struct tally tally = { 0 };
	uint64_t made = 0;

	for (int i = 0; i < CROWDS * STARTS; i++) {
		if (i % STARTS == 0)
			run_crowd(&crowd);
		if (*state && i)
			tracer_free(*state);
		start_in(state, &tally);
		if (i % STARTS == STARTS - 1) {
			made += crowd_stop(running);
			end_crowd();
		}
	}
	print_message("%llu connections came and went meanwhile\n", (unsigned long long)made);
}

static long rss_kb(pid_t pid)
{
	char path[32], line[256];
	long kb = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	status = fopen(path, "re");
	fatal_unless(status, path);
	while (!kb && fgets(line, sizeof(line), status))
		sscanf(line, "VmRSS: %ld kB", &kb);
	fclose(status);
	return kb;
}

static int descriptors(pid_t pid)
{
	char path[32];
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	fatal_unless(dir, path);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static uint64_t wanted_transitions(void)
{
	const char *wanted = getenv("TCT_SOAK_TRANSITIONS");

	return wanted ? strtoull(wanted, NULL, 0) : TRANSITIONS;
}

struct milestone {
	const struct tally *tally;
	uint64_t teardowns;
};

static bool is_reached(struct tracer *t, void *arg)
{
	const struct milestone *milestone = arg;

	(void)t;
	return milestone->tally->teardowns >= milestone->teardowns;
}

static void wait_transitions(struct tracer *t, const struct tally *tally, uint64_t transitions)
{
	struct milestone milestone = { tally, transitions / STEPS_AN_END };

	if (!tracer_until(t, is_reached, &milestone, 3600000))
		fail_msg("only %llu connections ended", (unsigned long long)tally->teardowns);
}

/* Namespaces come and go; what was not seen on this host is repaired, and told. */
static void test_two_million_transitions(void **state)
{
	const struct crowd crowd = { .namespaces = 4, .sockets = 200, .pause_us = SOAK_PAUSE_US,
				     .lives = 2000 };
	const char *const args[] = { "--audit", "5s", "-e", "teardown,finding", NULL };
	uint64_t wanted = wanted_transitions();
	struct tally tally = { 0 };
	struct crowd_run *run;
	struct tracer *t;
	long warm_kb, last_kb;
	int warm, last;

	*state = t = tracer_start_to_file(args, enter, &tally);
	run = run_crowd(&crowd);
	wait_transitions(t, &tally, wanted / 2);
	warm_kb = rss_kb(tracer_pid(t));
	warm = descriptors(tracer_pid(t));
	wait_transitions(t, &tally, wanted);
	crowd_stop(run);
	print_audit(audit(t));
	last_kb = rss_kb(tracer_pid(t));
	last = descriptors(tracer_pid(t));
	end_crowd();
	print_message("%llu teardowns, %u audits, drift %llu; resident %ld kB, then %ld; "
		      "%d descriptors, then %d\n", (unsigned long long)tally.teardowns, tally.audits,
		      (unsigned long long)tally.drift, warm_kb, last_kb, warm, last);
	assert_in_range(tally.drift, 0, TRACER_UNSEEN_MAX);
	assert_int_equal(tally.findings, 0);
	if (!getenv("TCT_SANITIZED"))
		assert_true(last_kb - warm_kb < RSS_GROWTH_KB);
	assert_in_range(last, 0, warm);
	tracer_finish_losing(t, TRACER_UNSEEN_MAX);
	print_message("%lld events\n", (long long)event_number(tracer_summary(t), "events"));
	assert_true((uint64_t)event_number(tracer_summary(t), "events") >= wanted);
}

/* More than a ring of 64 KiB can hold: what is lost is counted, repaired, and blamed on nobody. */
static void test_ring_of_64_kib(void **state)
{
	const struct crowd crowd = { .namespaces = 4, .sockets = 1, .starts_idle = true };
	const char *const args[] = { "--ring", "64K", "--older-than", "3s", NULL };
	struct tally tally = { 0 };
	struct crowd_run *run = run_crowd(&crowd);
	const json_t *last, *summary;
	struct tracer *t;
	uint64_t over_ns;

	*state = t = tracer_start_to_file(args, enter, &tally);
	crowd_churn(run);
	sleep(FLOOD_S);		/* a load's length, no condition */
	crowd_stop(run);
	over_ns = deadline_now_ns();
	last = audit(t);
	print_audit(last);
	print_message("the audit was done %.3f s after the load\n",
		      (double)(event_number(last, "mono_ns") - (int64_t)over_ns) / 1e9);
	if (!getenv("TCT_SANITIZED"))
		assert_true(event_number(last, "mono_ns") < (int64_t)over_ns + SOON_NS);
	expect_no_drift(audit(t), 0);
	assert_int_equal(tracer_stop(t), 0);
	summary = tracer_summary(t);
	assert_non_null(summary);
	print_message("%lld attempts, %lld received, %lld lost, %lld repaired\n",
		      (long long)event_number(summary, "attempts"),
		      (long long)event_number(summary, "received"),
		      (long long)event_number(summary, "lost"),
		      (long long)event_number(summary, "repaired"));
	assert_true(event_number(summary, "lost") > 0);
	assert_int_equal(event_number(summary, "illegal"), 0);
	assert_int_equal(tally.findings, 0);
	end_crowd();
}

#define COMPLETE_TEST(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, stop, (void *)#test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COMPLETE_TEST(test_started_in_a_storm),
		COMPLETE_TEST(test_two_million_transitions),
		COMPLETE_TEST(test_ring_of_64_kib),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
