// SPDX-License-Identifier: GPL-2.0
/* The states that one socket was shown to pass through, and what must hold on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "event.h"
#include "netns.h"
#include "path.h"
#include "trail.h"

#define PATH_MAX_TEXT 256
#define DWELL_SLACK_NS 1000000

struct wait {
	const struct end *end;
	size_t steps;
};

static const json_t *next_step(struct trail *trail)
{
	return trail_next(trail, "transition");
}

static size_t steps_in(const char *states)
{
	size_t n = 0;

	for (; *states; states++)
		n += *states == '>';
	return n;
}

static bool has_steps(struct tracer *t, void *arg)
{
	const struct wait *wait = arg;
	struct trail trail = trail_of(t, wait->end);
	size_t n = 0;

	while (next_step(&trail))
		n++;
	return n >= wait->steps;
}

/*
 * Listens and closes. Once that is shown, all that happened before was shown too, so that what
 * is missing will not come.
 */
static void fence(struct tracer *t)
{
	struct end end;
	struct wait wait;

	if (!tracer_is_running(t))
		return;
	end = sockets_end(sockets_listen("127.0.0.1", 0, 1));
	close(end.fd);
	wait = (struct wait){ .end = &end, .steps = 2 };
	if (!tracer_until(t, has_steps, &wait, TRACER_PATIENCE_MS))
		fail_msg("listen and close of the fence was not shown");
}

static void append(char *text, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, PATH_MAX_TEXT - used, "%s", more);
}

/* "A>B>C"; where a step does not start where the one before ended, "A>B|X>C". */
static void path_text(const struct tracer *t, const struct end *end, char text[PATH_MAX_TEXT])
{
	struct trail trail = trail_of(t, end);
	const char *at = NULL, *from;
	const json_t *event;

	text[0] = '\0';
	while ((event = next_step(&trail))) {
		from = event_text(event, "from");
		if (at && strcmp(at, from))
			append(text, "|");
		if (!at || strcmp(at, from))
			append(text, from);
		at = event_text(event, "to");
		append(text, ">");
		append(text, at);
	}
}

/* The kernel chooses an automatic port only after it told of SYN_SENT. */
static bool port_not_chosen(const json_t *event)
{
	return event_has_text(event, "to", "SYN_SENT") && event_has_number(event, "lport", 0);
}

static void expect_tuple(const json_t *event, const struct end *end)
{
	const char *family = end->family == AF_INET ? "ipv4" : "ipv6";

	assert_string_equal(event_text(event, "family"), family);
	assert_string_equal(event_text(event, "laddr"), end->laddr);
	assert_string_equal(event_text(event, "raddr"), end->raddr);
	assert_int_equal(event_number(event, "rport"), end->rport);
	if (!port_not_chosen(event))
		assert_int_equal(event_number(event, "lport"), end->lport);
}

/* dwell_ns is the time in `from`: since the step before, when there was one. */
static void expect_dwell(const json_t *event, const json_t *before)
{
	int64_t gap, dwell;

	if (!before && event_is_null(event, "dwell_ns"))
		return;
	dwell = event_number(event, "dwell_ns");
	assert_true(dwell >= 0);
	if (!before)
		return;
	gap = event_number(event, "mono_ns") - event_number(before, "mono_ns");
	assert_true(gap >= 0);
	assert_true(llabs(gap - dwell) <= DWELL_SLACK_NS * deadline_patience());
}

static void expect_steps_sane(const struct tracer *t, const struct end *end, uint64_t netns)
{
	struct trail trail = trail_of(t, end);
	const json_t *event, *before = NULL;

	while ((event = next_step(&trail))) {
		assert_true(event_flag(event, "legal"));
		assert_int_equal(event_number(event, "netns"), netns);
		expect_tuple(event, end);
		expect_dwell(event, before);
		before = event;
	}
}

void path_expect_in(struct tracer *t, const struct end *end, const char *states, uint64_t netns)
{
	struct wait wait = { .end = end, .steps = steps_in(states) };
	char shown[PATH_MAX_TEXT];

	if (tracer_is_running(t) && tracer_until(t, has_steps, &wait, TRACER_PATIENCE_MS))
		fence(t);
	path_text(t, end, shown);
	assert_string_equal(shown, states);
	expect_steps_sane(t, end, netns);
}

void path_expect(struct tracer *t, const struct end *end, const char *states)
{
	path_expect_in(t, end, states, netns_inode());
}

void path_expect_none(struct tracer *t, const struct end *end)
{
	char shown[PATH_MAX_TEXT];

	fence(t);
	path_text(t, end, shown);
	assert_string_equal(shown, "");
}

/* What has happened to a socket, once it is found. */
struct find {
	const struct end *end;
	const char *type, *field, *value;
	const json_t *found;
};

static bool has_happened(struct tracer *t, void *arg)
{
	struct find *find = arg;
	struct trail trail = trail_of(t, find->end);

	do
		find->found = trail_next(&trail, find->type);
	while (find->found && !event_has_text(find->found, find->field, find->value));
	return find->found;
}

const json_t *path_step(struct tracer *t, const struct end *end, const char *to)
{
	struct find find = { .end = end, .type = "transition", .field = "to", .value = to };

	tracer_until(t, has_happened, &find, TRACER_PATIENCE_MS);
	return find.found;
}

void path_expect_owner(struct tracer *t, const struct end *end, const char *to, pid_t pid)
{
	const json_t *event = path_step(t, end, to);
	char comm[16];

	prctl(PR_GET_NAME, comm);
	assert_non_null(event);
	assert_int_equal(event_number(event, "pid"), pid);
	assert_string_equal(event_text(event, "comm"), comm);
}

uint64_t path_expect_time_wait(struct tracer *t, const struct end *end, const char *substate,
			       const char *how, int timeout_ms)
{
	struct find find = { .end = end, .type = "time_wait", .field = "substate",
			     .value = substate };
	const json_t *event;

	tracer_until(t, has_happened, &find, timeout_ms);
	event = find.found;
	if (!event)
		fail_msg("no time_wait record of substate %s", substate);
	assert_string_equal(event_text(event, "end"), how);
	expect_tuple(event, end);
	assert_true(event_number(event, "duration_ns") > 0);
	assert_true(event_number(event, "rearmed") >= 0);
	return event_number(event, "duration_ns");
}
