// SPDX-License-Identifier: GPL-2.0
/* Findings of a tracer, or of `stuck`, by the socket or the port that they are about. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "command.h"
#include "deadline.h"
#include "event.h"
#include "finding.h"

#define PATIENCE_MS 20000
#define COMMAND_MS 10000

static bool may_be(const json_t *event, const char *field, const char *want)
{
	return !want || event_has_text(event, field, want);
}

static bool is_wanted(const json_t *event, const void *arg)
{
	const struct finding_wanted *want = arg;

	return event_has_text(event, "type", "finding") &&
	       (!want->cookie || event_has_number(event, "cookie", (int64_t)want->cookie)) &&
	       (!want->lport || event_has_number(event, "service_lport", want->lport)) &&
	       (!want->id || event_has_number(event, "id", want->id)) &&
	       (!want->count || event_has_number(event, "count", want->count)) &&
	       may_be(event, "state", want->state) && may_be(event, "verdict", want->verdict) &&
	       may_be(event, "severity", want->severity) && may_be(event, "status", want->status);
}

static const char *or_any(const char *text)
{
	return text ? text : "any";
}

static void fail_wanted(const struct finding_wanted *want)
{
	fail_msg("no finding of socket %" PRIu64 ", port %d, state %s, verdict %s, severity %s, "
		 "status %s", want->cookie, want->lport, or_any(want->state),
		 or_any(want->verdict), or_any(want->severity), or_any(want->status));
}

const json_t *finding_wait(struct tracer *t, struct finding_wanted want)
{
	const json_t *found = tracer_wait(t, is_wanted, &want, PATIENCE_MS);

	if (!found)
		fail_wanted(&want);
	return found;
}

int finding_count(const struct tracer *t, struct finding_wanted want)
{
	const json_t *event;
	int count = 0;
	size_t i;

	json_array_foreach(tracer_events(t), i, event)
		count += is_wanted(event, &want);
	return count;
}

static json_t *find_line(FILE *out, const struct finding_wanted *want)
{
	json_t *event = NULL;
	char *line = NULL;
	size_t room = 0;

	rewind(out);
	while (!event && getline(&line, &room, out) > 0) {
		event = json_loads(line, 0, NULL);
		if (event && !is_wanted(event, want)) {
			json_decref(event);
			event = NULL;
		}
	}
	free(line);
	return event;
}

static json_t *look_once(const char *thresholds, const struct finding_wanted *want)
{
	const char *const args[] = { "stuck", "--stuck", thresholds, "--json", NULL };
	struct command c;
	json_t *found;

	command_run(&c, args, COMMAND_MS);
	found = find_line(c.out, want);
	command_close(&c);
	return found;
}

json_t *finding_stuck(const char *thresholds, struct finding_wanted want)
{
	uint64_t deadline = deadline_in_ms(PATIENCE_MS);
	json_t *found = NULL;

	while (!found && deadline_left_ms(deadline))
		found = look_once(thresholds, &want);
	if (!found)
		fail_wanted(&want);
	return found;
}
