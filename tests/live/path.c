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

#include "event.h"
#include "netns.h"
#include "path.h"

#define PATH_MAX_TEXT 256
#define DWELL_SLACK_NS 1000000

struct wait {
	uint64_t cookie;
	size_t steps;
};

static bool is_step_of(const json_t *event, uint64_t cookie)
{
	return event_is(event, "transition", cookie);
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
	const json_t *event;
	size_t i, n = 0;

	json_array_foreach(tracer_events(t), i, event)
		n += is_step_of(event, wait->cookie);
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
	wait = (struct wait){ .cookie = end.cookie, .steps = 2 };
	if (!tracer_until(t, has_steps, &wait, TRACER_PATIENCE_MS))
		fail_msg("listen and close of the fence was not shown");
}

static void append(char *text, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, PATH_MAX_TEXT - used, "%s", more);
}

/* "A>B>C"; where a step does not start where the one before ended, "A>B|X>C". */
static void path_text(const struct tracer *t, uint64_t cookie, char text[PATH_MAX_TEXT])
{
	const char *at = NULL, *from;
	const json_t *event;
	size_t i;

	text[0] = '\0';
	json_array_foreach(tracer_events(t), i, event) {
		if (!is_step_of(event, cookie))
			continue;
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
	assert_true(llabs(gap - dwell) <= DWELL_SLACK_NS);
}

static void expect_steps_sane(const struct tracer *t, const struct end *end, uint64_t netns)
{
	const json_t *event, *before = NULL;
	size_t i;

	json_array_foreach(tracer_events(t), i, event) {
		if (!is_step_of(event, end->cookie))
			continue;
		assert_true(event_flag(event, "legal"));
		assert_int_equal(event_number(event, "netns"), netns);
		expect_tuple(event, end);
		expect_dwell(event, before);
		before = event;
	}
}

void path_expect_in(struct tracer *t, const struct end *end, const char *states, uint64_t netns)
{
	struct wait wait = { .cookie = end->cookie, .steps = steps_in(states) };
	char shown[PATH_MAX_TEXT];

	if (tracer_is_running(t) && tracer_until(t, has_steps, &wait, TRACER_PATIENCE_MS))
		fence(t);
	path_text(t, end->cookie, shown);
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
	path_text(t, end->cookie, shown);
	assert_string_equal(shown, "");
}

struct step {
	uint64_t cookie;
	const char *to;
};

static bool is_step_to(const json_t *event, const void *arg)
{
	const struct step *step = arg;

	return is_step_of(event, step->cookie) && event_has_text(event, "to", step->to);
}

const json_t *path_step(struct tracer *t, const struct end *end, const char *to)
{
	struct step step = { .cookie = end->cookie, .to = to };

	return tracer_wait(t, is_step_to, &step, TRACER_PATIENCE_MS);
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

struct ending {
	uint64_t cookie;
	const char *substate;
};

static bool is_ending(const json_t *event, const void *arg)
{
	const struct ending *e = arg;

	return event_is(event, "time_wait", e->cookie) &&
	       event_has_text(event, "substate", e->substate);
}

uint64_t path_expect_time_wait(struct tracer *t, const struct end *end, const char *substate,
			       const char *how, int timeout_ms)
{
	struct ending ending = { .cookie = end->cookie, .substate = substate };
	const json_t *event = tracer_wait(t, is_ending, &ending, timeout_ms);

	if (!event)
		fail_msg("no time_wait record of substate %s", substate);
	assert_string_equal(event_text(event, "end"), how);
	expect_tuple(event, end);
	assert_true(event_number(event, "duration_ns") > 0);
	assert_true(event_number(event, "rearmed") >= 0);
	return event_number(event, "duration_ns");
}
