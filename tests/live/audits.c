// SPDX-License-Identifier: GPL-2.0
/* Asking a tracer for audits, and what a stream that is too long to be kept says of its mirror. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "audits.h"
#include "event.h"

#define PATIENCE_MS 60000

int64_t audits_drift(const json_t *audit)
{
	return event_number(audit, "missing") + event_number(audit, "ghost") +
	       event_number(audit, "state");
}

bool audits_enter(const json_t *event, void *arg)
{
	struct audits_tally *tally = arg;

	tally->teardowns += event_has_text(event, "type", "teardown");
	tally->findings += event_has_text(event, "type", "finding");
	if (event_has_text(event, "type", "audit")) {
		tally->audits++;
		tally->drift += (uint64_t)audits_drift(event);
	}
	return event_has_text(event, "type", "audit") || event_has_text(event, "type", "loss") ||
	       event_has_text(event, "type", "finding") || event_has_text(event, "type", "flood");
}

static size_t count_asked(const struct tracer *t, const json_t **last)
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

	return count_asked(t, &wait->audit) > wait->before;
}

const json_t *audits_ask(struct tracer *t)
{
	struct wait wait = { 0 };

	wait.before = count_asked(t, &wait.audit);
	kill(tracer_pid(t), SIGUSR1);
	if (!tracer_until(t, has_audited, &wait, PATIENCE_MS))
		fail_msg("no audit within %d ms", PATIENCE_MS);
	return wait.audit;
}

void audits_print(const json_t *audit)
{
	char *line = json_dumps(audit, JSON_COMPACT);

	print_message("%s\n", line);
	free(line);
}

void audits_expect_none(const json_t *audit, int64_t at_least)
{
	audits_print(audit);
	assert_int_equal(audits_drift(audit), 0);
	assert_true(event_flag(audit, "complete"));
	assert_true(event_number(audit, "kernel") >= at_least);
}
