// SPDX-License-Identifier: GPL-2.0
/* `check` and what really happens agree, on whatever kernel this is: which provider tells what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "command.h"
#include "event.h"
#include "fixture.h"
#include "tracer.h"

#define EXIT_KERNEL 5
#define PROVIDERS 4
#define PATIENCE_MS (6 * TRACER_PATIENCE_MS)	/* each provider of each event is loaded alone */

static const char *const providers[PROVIDERS] = { "kmod", "fentry", "kprobe", "tracepoint" };
static const char *const points[] = { "set_state", "time_wait", "time_wait_end", "reset" };

#define POINTS (sizeof(points) / sizeof(points[0]))
#define FORCED 3	/* the last has one provider only */

static json_t *report;

static int read_report(void **state)
{
	static char text[1 << 16];
	struct command c;

	(void)state;
	unsetenv("TCT_PROBES");		/* these are about choosing one */
	if (command_run(&c, (const char *const[]){ "check", "--json", NULL }, PATIENCE_MS))
		return -1;
	command_text(c.out, text, sizeof(text));
	command_close(&c);
	report = json_loads(text, 0, NULL);
	return report ? 0 : -1;
}

static int drop_report(void **state)
{
	(void)state;
	json_decref(report);
	return 0;
}

static const json_t *row_of(const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(event_part(report, "hooks"), i, row) {
		if (event_has_text(row, "name", name))
			return row;
	}
	fail_msg("check says nothing of %s", name);
	return NULL;
}

static const json_t *provider_of(const json_t *row, size_t i)
{
	return json_array_get(event_part(row, "providers"), i);
}

/* The first that works, in the order of preference; each other one has its reason. */
static void test_first_that_works(void **state)
{
	(void)state;
	for (size_t p = 0; p < POINTS; p++) {
		const json_t *row = row_of(points[p]);
		const char *first = NULL;

		for (size_t i = 0; i < PROVIDERS; i++) {
			const json_t *provider = provider_of(row, i);

			assert_string_equal(event_text(provider, "name"), providers[i]);
			if (!event_flag(provider, "works"))
				assert_true(strlen(event_text(provider, "why_not")) > 0);
			else if (!first)
				first = providers[i];
		}
		if (first)
			assert_string_equal(event_text(row, "provider"), first);
		else
			assert_true(event_flag(row, "optional"));
	}
}

static void expect_provider(const json_t *probes, const char *point, const char *provider)
{
	assert_string_equal(event_text(probes, point), provider);
}

/* What `check` would choose is what a run uses. */
static void test_run_uses_them(void **state)
{
	const json_t *probes;

	*state = tracer_start((const char *const[]){ "--probes=auto", NULL });
	probes = event_part(tracer_ready(*state), "probes");
	for (size_t p = 0; p < POINTS; p++) {
		const json_t *row = row_of(points[p]);

		if (event_is_null(row, "provider"))
			assert_true(event_is_null(probes, points[p]));
		else
			expect_provider(probes, points[p], event_text(row, "provider"));
	}
	tracer_finish(*state);
}

static void expect_refused(const char *option, const char *why)
{
	const char *const args[] = { option, "-d", "1", NULL };
	struct command c;

	assert_int_equal(command_run(&c, args, PATIENCE_MS), EXIT_KERNEL);
	assert_int_equal(command_lines(c.err), 1);
	assert_int_equal(command_lines(c.out), 0);
	if (!command_said(c.err, why))
		fail_msg("%s was refused without its reason: %s", option, why);
	command_close(&c);
}

/* --probes forces one: it tells everything that it can tell, or the run ends with the reason. */
static void test_forced(void **state)
{
	const json_t *row = row_of("set_state"), *probes;
	char option[32] = "--probes=";

	for (size_t i = 0; i < PROVIDERS; i++) {
		const json_t *provider = provider_of(row, i);

		strcpy(option + 9, providers[i]);
		if (!event_flag(provider, "works")) {
			expect_refused(option, event_text(provider, "why_not"));
			continue;
		}
		*state = tracer_start((const char *const[]){ option, NULL });
		probes = event_part(tracer_ready(*state), "probes");
		for (size_t p = 0; p < FORCED; p++)
			expect_provider(probes, points[p], providers[i]);
		tracer_finish(*state);
		tracer_free(*state);
		*state = NULL;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_that_works),
		LIVE_TEST_ALONE(test_run_uses_them),
		LIVE_TEST_ALONE(test_forced),
	};

	return cmocka_run_group_tests_name("check", tests, read_report, drop_report);
}
