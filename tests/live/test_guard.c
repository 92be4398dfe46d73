// SPDX-License-Identifier: GPL-2.0
/*
 * The second program on each transition takes what the kernel skips the first one for: here packets
 * of loopback are handed from one processor to the other (RPS), whose softirqs interrupt whatever
 * runs there.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "mounts.h"
#include "netns.h"
#include "programs.h"
#include "storm.h"
#include "tracer.h"

#define RPS "/sys/class/net/lo/queues/rx-0/rps_cpus"
#define FIRST "tct_tp_state"
#define DRIVERS 2
#define SKIPS 100
#define OTHERS_MAX 50
#define SKIPPED_MS 30000

/* From 6.1 on (05b24ff9b2cf): raw tracepoints' programs were not skipped before. */
static bool kernel_skips(void)
{
	struct utsname uts;
	int major = 0, minor = 0;

	fatal_unless(!uname(&uts), "uname");
	sscanf(uts.release, "%d.%d", &major, &minor);
	return major > 6 || (major == 6 && minor > 0);
}

static void hand_packets_over(void)
{
	FILE *file;

	if (!kernel_skips())
		fatal_skip("this kernel skips no program on a tracepoint");
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		fatal_skip("there is one processor: nobody to hand a packet to");
	netns_enter();
	fatal_unless(mounts_private() && !mount("sysfs", "/sys", "sysfs", 0, NULL), "sysfs");
	file = fopen(RPS, "we");
	if (!file)
		fatal_skip("this kernel has no RPS (" RPS ")");
	fatal_unless(fputs("3", file) >= 0, RPS);
	fatal_unless(!fclose(file), RPS);
}

static bool has_skipped(const void *pid)
{
	return programs_calls(*(const pid_t *)pid, FIRST).skipped >= SKIPS;
}

static void skip_unless_stock(const struct tracer *t)
{
	const json_t *hooks = event_part(tracer_ready(t), "probes");

	if (!event_has_text(hooks, "set_state", "tracepoint"))
		fatal_skip("another provider than stock tracepoints tells of transitions");
}

/* One event for each call, run or skipped; and for what others do between the two looks. */
static void test_takes_what_is_skipped(void **state)
{
	const char *const args[] = { "-e", "finding", NULL };
	int counting = programs_count_runs();
	struct programs_calls calls;
	struct tracer *t;
	uint64_t told;
	pid_t pid;

	fatal_unless(counting >= 0, "BPF_ENABLE_STATS");
	hand_packets_over();
	*state = t = tracer_start(args);
	skip_unless_stock(t);
	pid = tracer_pid(t);
	storm_start(DRIVERS);
	assert_true(deadline_until(has_skipped, &pid, SKIPPED_MS));
	storm_stop();
	calls = programs_calls(pid, FIRST);
	close(counting);
	assert_int_equal(tracer_stop(t), 0);
	told = (uint64_t)event_number(tracer_summary(t), "transitions_total");
	print_message("%llu ran, %llu skipped, %llu told\n", (unsigned long long)calls.runs,
		      (unsigned long long)calls.skipped, (unsigned long long)told);
	assert_in_range(told, calls.runs + calls.skipped, calls.runs + calls.skipped + OTHERS_MAX);
	tracer_finish_losing(t, INT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_takes_what_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
