// SPDX-License-Identifier: GPL-2.0
/* One running tracer: started as a child with --json, its stream kept line by line. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "coverage.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "keep.h"
#include "stream.h"
#include "tracer.h"

#define SHOWN_EVENTS 40

struct tracer {
	struct command command;
	struct stream out;
	bool finished;		/* tracer_finish() was content */
	json_t *events;
	bool (*keep)(const json_t *event, void *arg);
	void *keep_arg;
};

static bool is_of_type(const json_t *event, const void *type)
{
	return event_has_text(event, "type", type);
}

/* Adds --json. */
static struct command launch(const char *const args[], int out)
{
	const char *all[COMMAND_ARGS_MAX];
	int n = command_args(all, args);

	all[n] = "--json";
	all[n + 1] = NULL;
	return command_start(all, out, NULL);
}

/*
 * It says who tells it of each event: in a run for one provider, that and no other. `stuck` wants
 * no mini-sockets: null.
 */
static bool is_told_as_asked(const json_t *ready)
{
	static const char *const points[] = { "set_state", "time_wait", "time_wait_end" };
	const char *wanted = getenv("TCT_PROBES");
	const json_t *probes = event_part(ready, "probes");
	size_t i;

	for (i = 0; wanted && i < sizeof(points) / sizeof(points[0]); i++)
		if (!event_has_text(probes, points[i], wanted) &&
		    !(i && event_is_null(probes, points[i])))
			return false;
	return true;
}

static struct tracer *start(const char *const args[], bool to_file,
			    bool (*keep)(const json_t *, void *), void *arg)
{
	struct tracer *t = calloc(1, sizeof(*t));
	const json_t *ready;
	int out;

	fatal_unless(t, "memory");
	*t = (struct tracer){ .keep = keep, .keep_arg = arg, .events = json_array() };
	out = stream_open(&t->out, to_file);
	t->command = launch(args, out);
	close(out);
	ready = tracer_wait(t, is_of_type, "ready", TRACER_PATIENCE_MS);
	if (!ready || !is_told_as_asked(ready)) {
		tracer_free(t);
		fail_msg("no \"ready\" line from %s, or not the wanted probes in it",
			 command_binary());
	}
	return t;
}

struct tracer *tracer_start(const char *const args[])
{
	return start(args, false, NULL, NULL);
}

struct tracer *tracer_start_to_file(const char *const args[],
				    bool (*keep)(const json_t *, void *), void *arg)
{
	return start(args, true, keep, arg);
}

pid_t tracer_pid(const struct tracer *t)
{
	return t->command.pid;
}

long tracer_memory_kb(const struct tracer *t, const char *what)
{
	char path[32], line[256];
	long kb = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", tracer_pid(t));
	status = fopen(path, "re");
	fatal_unless(status, path);
	while (fgets(line, sizeof(line), status))
		if (!strncmp(line, what, strlen(what)) && line[strlen(what)] == ':')
			kb = strtol(line + strlen(what) + 1, NULL, 10);
	fclose(status);
	return kb;
}

const json_t *tracer_events(const struct tracer *t)
{
	return t->events;
}

bool tracer_is_running(const struct tracer *t)
{
	return t->command.pid > 0;
}

static void take(json_t *event, void *arg)
{
	struct tracer *t = arg;
	bool frame = is_of_type(event, "ready") || is_of_type(event, "summary");

	if (!t->keep || t->keep(event, t->keep_arg) || frame)
		json_array_append(t->events, event);
}

bool tracer_until(struct tracer *t, bool (*done)(struct tracer *t, void *arg), void *arg,
		  int timeout_ms)
{
	uint64_t deadline = deadline_in_ms(timeout_ms);

	while (!done(t, arg)) {
		if (t->out.ended || !deadline_left_ms(deadline))
			return false;
		if (!stream_read(&t->out, take, t) && !t->out.ended)
			stream_rest(&t->out, deadline);
	}
	return true;
}

struct search {
	bool (*match)(const json_t *event, const void *arg);
	const void *arg;
	size_t next;		/* all before it were looked at */
	const json_t *found;
};

static bool search_on(struct tracer *t, void *arg)
{
	struct search *s = arg;

	for (; !s->found && s->next < json_array_size(t->events); s->next++)
		if (s->match(json_array_get(t->events, s->next), s->arg))
			s->found = json_array_get(t->events, s->next);
	return s->found;
}

const json_t *tracer_wait(struct tracer *t, bool (*match)(const json_t *, const void *),
			  const void *arg, int timeout_ms)
{
	struct search s = { .match = match, .arg = arg };

	tracer_until(t, search_on, &s, timeout_ms);
	return s.found;
}

static const json_t *first_of_type(const struct tracer *t, const char *type)
{
	const json_t *event;
	size_t i;

	json_array_foreach(t->events, i, event)
		if (is_of_type(event, type))
			return event;
	return NULL;
}

const json_t *tracer_ready(const struct tracer *t)
{
	return first_of_type(t, "ready");
}

const json_t *tracer_summary(const struct tracer *t)
{
	return first_of_type(t, "summary");
}

int tracer_said(const struct tracer *t, const char *text)
{
	return command_count(t->command.err, text);
}

static bool never(struct tracer *t, void *arg)
{
	(void)t;
	(void)arg;
	return false;
}

/* A pipe must be read to its end before the tracer can exit, a file is read afterwards. */
int tracer_stop(struct tracer *t)
{
	int code;

	if (!tracer_is_running(t))
		return 0;
	kill(t->command.pid, SIGINT);
	if (!t->out.is_file)
		tracer_until(t, never, NULL, TRACER_PATIENCE_MS);
	code = command_wait(&t->command, TRACER_PATIENCE_MS);
	t->out.writer_gone = true;
	tracer_until(t, never, NULL, TRACER_PATIENCE_MS);
	return code;
}

void tracer_kill(struct tracer *t)
{
	kill(t->command.pid, SIGKILL);
	assert_int_equal(command_wait(&t->command, TRACER_PATIENCE_MS), -SIGKILL);
	t->out.writer_gone = true;
	tracer_until(t, never, NULL, TRACER_PATIENCE_MS);
	t->finished = true;
}

static void finish(struct tracer *t, int lost_max, int illegal)
{
	int code = tracer_stop(t);
	const json_t *summary = tracer_summary(t);

	assert_int_equal(code, 0);
	assert_non_null(summary);
	if (event_number(summary, "lost"))
		print_message("%lld events were lost\n",
			      (long long)event_number(summary, "lost"));
	assert_in_range(event_number(summary, "lost"), 0, lost_max);
	assert_int_equal(event_number(summary, "illegal"), illegal);
	assert_in_range(event_number(summary, "repaired"), 0, lost_max);
	t->finished = true;
}

void tracer_finish(struct tracer *t)
{
	tracer_finish_losing(t, 0);
}

void tracer_finish_losing(struct tracer *t, int lost_max)
{
	finish(t, lost_max, 0);
}

void tracer_finish_but_unseen(struct tracer *t)
{
	static const char *const elsewhere[] = { "ring", "mirror", "sink" };
	const json_t *lost;

	tracer_finish_losing(t, TRACER_UNSEEN_MAX);
	lost = event_part(tracer_summary(t), "lost_in");
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		assert_int_equal(event_number(lost, elsewhere[i]), 0);
}

void tracer_finish_accusing(struct tracer *t, int illegal)
{
	finish(t, 0, illegal);
}

static void show_events(const struct tracer *t)
{
	size_t count = json_array_size(t->events);
	size_t i = count > SHOWN_EVENTS ? count - SHOWN_EVENTS : 0;
	char *line;

	for (; i < count; i++) {
		line = json_dumps(json_array_get(t->events, i), JSON_COMPACT);
		print_message("%s\n", line);
		free(line);
	}
}

static void show_errors(const struct tracer *t)
{
	char text[4096];

	command_text(t->command.err, text, sizeof(text));
	print_message("stderr: %s\n", text);
}

void tracer_free(struct tracer *t)
{
	if (!t)
		return;
	if (t->finished) {
		keep_events(t->events);
		if (keep_test())
			coverage_note(t->events, keep_test(), coverage_by_netns, NULL);
	} else {
		show_events(t);
		show_errors(t);
	}
	command_close(&t->command);
	stream_close(&t->out);
	json_decref(t->events);
	free(t);
}
