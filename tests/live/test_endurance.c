// SPDX-License-Identifier: GPL-2.0
/*
 * A long run under mixed load, while namespaces come and go: nothing is lost, nothing drifts,
 * memory and descriptors stay as they were. TCT_SOAK_TRANSITIONS for more of them, TCT_SOAK_S for so many
 * seconds of a load that leaves the host some of its CPUs.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "audits.h"
#include "crowd.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"

#define TRANSITIONS 400000
#define STEPS_AN_END 5		/* transitions of one end of a connection, at least */
#define WINDOWS 8
#define WARM (WINDOWS / 2)	/* after so many of them nothing grows any more */
#define HARD_PAUSE_US 150
#define SOFT_PAUSE_US 2000
#define GROWTH_KB 4096		/* room for 8,192 ends that wait is touched as it is used */
#define UNSEEN_IN 2000000	/* README, Limits: one more of so many */
#define PATIENCE_MS 3600000

static struct crowd_run *running;

static int stop(void **state)
{
	if (running)
		crowd_end(running);
	running = NULL;
	return fixture_stop(state);
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

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
	const char *wanted = getenv(variable);

	return wanted ? strtoull(wanted, NULL, 0) : otherwise;
}

struct soak {
	struct audits_tally tally;
	uint64_t transitions;
	uint64_t begun_ns, lasts_ns;	/* 0: until there were so many transitions */
	int windows;			/* that are over */
	long kb[WINDOWS];
	int files[WINDOWS];
};

static bool window_is_over(const struct soak *soak)
{
	uint64_t parts = (uint64_t)soak->windows + 1;

	if (soak->lasts_ns)
		return deadline_now_ns() >= soak->begun_ns + soak->lasts_ns * parts / WINDOWS;
	return soak->tally.teardowns * STEPS_AN_END >= soak->transitions * parts / WINDOWS;
}

static bool is_over(struct tracer *t, void *arg)
{
	struct soak *soak = arg;

	if (!window_is_over(soak))
		return false;
	soak->kb[soak->windows] = tracer_memory_kb(t, "VmRSS");
	soak->files[soak->windows] = descriptors(tracer_pid(t));
	soak->windows++;
	print_message("%llu teardowns, %u audits, drift %llu, %ld kB resident, %d descriptors\n",
		      (unsigned long long)soak->tally.teardowns, soak->tally.audits,
		      (unsigned long long)soak->tally.drift, soak->kb[soak->windows - 1],
		      soak->files[soak->windows - 1]);
	return soak->windows == WINDOWS;
}

/* A sanitizer keeps what was freed for a while. */
static void expect_flat(const struct soak *soak)
{
	assert_in_range(soak->files[WINDOWS - 1], 0, soak->files[WARM - 1] + 1);
	if (!getenv("TCT_SANITIZED"))
		assert_true(soak->kb[WINDOWS - 1] - soak->kb[WARM - 1] < GROWTH_KB);
}

static void test_nothing_grows(void **state)
{
	const char *const args[] = { "--audit", "2s", "-e", "teardown,finding",
				     "--older-than", "1h", NULL };
	struct soak soak = {
		.transitions = number_of("TCT_SOAK_TRANSITIONS",
					 getenv("TCT_SANITIZED") ? TRANSITIONS / 8 : TRANSITIONS),
		.lasts_ns = number_of("TCT_SOAK_S", 0) * 1000000000,
	};
	const struct crowd crowd = { .namespaces = 4, .sockets = 200, .lives = 2000,
				     .pause_us = soak.lasts_ns ? SOFT_PAUSE_US : HARD_PAUSE_US };
	int64_t events, unseen;
	struct tracer *t;

	*state = t = tracer_start_to_file(args, audits_enter, &soak.tally);
	soak.begun_ns = deadline_now_ns();
	running = crowd_start(&crowd);
	if (!tracer_until(t, is_over, &soak, PATIENCE_MS))
		fail_msg("only %llu connections ended", (unsigned long long)soak.tally.teardowns);
	crowd_stop(running);
	audits_print(audits_ask(t));
	events = (int64_t)soak.tally.teardowns * STEPS_AN_END;
	unseen = TRACER_UNSEEN_MAX + events / UNSEEN_IN;
	assert_in_range(soak.tally.drift, 0, unseen);
	assert_int_equal(soak.tally.findings, 0);
	expect_flat(&soak);
	tracer_finish_losing(t, (int)unseen);
	print_message("%lld events, %lld lost\n",
		      (long long)event_number(tracer_summary(t), "events"),
		      (long long)event_number(tracer_summary(t), "lost"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_nothing_grows, fixture_name, stop,
							 (void *)"test_nothing_grows"),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("endurance", tests, NULL, NULL);
}
