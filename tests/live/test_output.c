// SPDX-License-Identifier: GPL-2.0
/* Whoever reads the output, or does not: events are taken, what was not printed is counted. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "sockets.h"
#include "storm.h"
#include "tracer.h"

#define EXIT_RUNTIME 1
#define PATIENCE_MS TRACER_PATIENCE_MS
#define MANY 12000		/* connections: their lines are more than the queue takes */
#define SOME 500		/* theirs wait in it */
#define SMALL_PIPE 4096

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static char here[64];	/* the current namespace, as --netns takes it */

static void enter(void)
{
	netns_enter();
	snprintf(here, sizeof(here), "net:[%llu]", (unsigned long long)netns_inode());
}

static bool close_output(void)
{
	return !close(STDOUT_FILENO);
}

static bool output_full(void)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	return full >= 0 && dup2(full, STDOUT_FILENO) >= 0;
}

/* One line that says so, and no more than that. */
static void expect_failure(bool (*prepare)(void), const char *why)
{
	struct command c = command_start(ARGS("--json"), -1, prepare);
	char text[4096];

	assert_int_equal(command_wait(&c, PATIENCE_MS), EXIT_RUNTIME);
	command_text(c.err, text, sizeof(text));
	if (command_lines(c.err) != 1 || !strstr(text, "output") || !strstr(text, why))
		fail_msg("not one line with \"%s\":\n%s", why, text);
	assert_int_equal(command_lines(c.out), 0);
	command_close(&c);
}

static void test_closed(void **state)
{
	(void)state;
	expect_failure(close_output, "Bad file descriptor");
}

static void test_full(void **state)
{
	(void)state;
	expect_failure(output_full, "No space left");
}

static bool is_sink_loss(const json_t *event, const void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "loss") && event_has_text(event, "where", "sink");
}

static uint32_t count(const struct tracer *t, const char *type)
{
	const json_t *event;
	uint32_t n = 0;
	size_t i;

	json_array_foreach(tracer_events(t), i, event)
		n += event_has_text(event, "type", type);
	return n;
}

/* The stream goes on where there is room again. */
static bool goes_on(struct tracer *t, void *arg)
{
	static uint32_t seen;
	const json_t *events = tracer_events(t);
	size_t n = json_array_size(events);

	(void)arg;
	storm_run(1);
	for (; seen < n; seen++)
		if (is_sink_loss(json_array_get(events, seen), NULL))
			return true;
	return false;
}

/* Nobody reads while more happens than there is room for; then somebody does. */
static void test_reader_comes_back(void **state)
{
	const json_t *summary, *lost;
	struct tracer *t;
	uint32_t printed;

	enter();
	*state = t = tracer_start(ARGS("-e", "transition,time_wait", "--netns", here));
	storm_run(MANY);
	assert_true(tracer_until(t, goes_on, NULL, PATIENCE_MS));
	assert_int_equal(tracer_stop(t), 0);
	summary = tracer_summary(t);
	lost = event_part(summary, "lost_in");
	printed = count(t, "transition") + count(t, "time_wait");
	print_message("%u printed, %lld left out of %lld\n", printed,
		      (long long)event_number(lost, "sink"),
		      (long long)event_number(summary, "events"));
	assert_true(event_number(lost, "sink") > 0);
	assert_int_equal(event_number(lost, "ring"), 0);
	assert_int_equal(event_number(summary, "events"),
			 printed + event_number(lost, "sink"));
	assert_in_range(event_number(summary, "events"),
			MANY * STORM_TRANSITIONS - TRACER_UNSEEN_MAX, UINT32_MAX);
	tracer_finish_losing(t, INT32_MAX);
}

/* What waits is written out at the end, to a reader that reads. */
static void test_nothing_left_out_at_the_end(void **state)
{
	struct tracer *t;

	enter();
	*state = t = tracer_start(ARGS("-e", "transition", "--netns", here));
	storm_run(SOME);
	tracer_finish_but_unseen(t);
	assert_in_range(count(t, "transition"), SOME * STORM_TRANSITIONS + 2 - TRACER_UNSEEN_MAX,
			SOME * STORM_TRANSITIONS + 2);
}

/* The run, its output a pipe that nobody reads on after the first line. */
static struct command start_unread(int *reader)
{
	char text[SMALL_PIPE];
	struct command c;
	int ends[2];

	fatal_unless(!pipe2(ends, O_CLOEXEC), "pipe");
	fatal_unless(fcntl(ends[1], F_SETPIPE_SZ, SMALL_PIPE) == SMALL_PIPE, "F_SETPIPE_SZ");
	c = command_start(ARGS("--json", "-e", "transition", "--netns", here), ends[1], NULL);
	close(ends[1]);
	fatal_unless(read(ends[0], text, sizeof(text)) > 0, "ready");
	*reader = ends[0];
	return c;
}

static int lines_in(const char *text, size_t size)
{
	int lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

static bool one_pipe(void)
{
	return dup2(STDOUT_FILENO, STDERR_FILENO) >= 0;
}

/* What is said on stderr goes into the same pipe, and waits like the rest. */
static void test_messages_wait_too(void **state)
{
	struct command c;
	char byte;
	int ends[2];

	(void)state;
	enter();
	fatal_unless(!pipe2(ends, O_CLOEXEC), "pipe");
	fatal_unless(fcntl(ends[1], F_SETPIPE_SZ, SMALL_PIPE) == SMALL_PIPE, "F_SETPIPE_SZ");
	c = command_start(ARGS("--netns", here, "--ring", "64K"), ends[1], one_pipe);
	close(ends[1]);
	fatal_unless(read(ends[0], &byte, 1) == 1, "first byte");
	storm_run(MANY);
	kill(c.pid, SIGUSR1);
	kill(c.pid, SIGTERM);
	assert_int_equal(command_wait(&c, PATIENCE_MS), 0);
	close(ends[0]);
	command_close(&c);
}

struct slow {
	int fd;
	const pid_t *pid;
	char text[1 << 16];
	size_t used;
	uint64_t next_ns;
};

static struct slow slow;

/* A kilobyte a second, until the writer is gone. */
static bool has_read_slowly(const void *arg)
{
	ssize_t n;

	(void)arg;
	if (deadline_now_ns() < slow.next_ns)
		return false;
	slow.next_ns = deadline_now_ns() + 1000000000;
	n = read(slow.fd, slow.text + slow.used, 1024);
	fatal_unless(n >= 0, "read");
	slow.used += (size_t)n;
	return !n || slow.used + 1024 > sizeof(slow.text);
}

/* The numbers in "... takes nothing: 12 lines that waited were dropped, and 3 events before". */
static int told_as_dropped(struct command *c)
{
	char text[4096];
	const char *told;
	int lines = 0, events = 0;

	command_text(c->err, text, sizeof(text));
	told = strstr(text, "takes nothing: ");
	if (!told || sscanf(told, "takes nothing: %d lines that waited were dropped, and %d",
			    &lines, &events) != 2)
		fail_msg("not said what was dropped:\n%s", text);
	return lines + events;
}

/* Whole lines in the pipe, and all others counted: they and the summary. */
static void expect_all_accounted(struct command *c, const char *text, size_t size)
{
	assert_true(size > 0);
	assert_int_equal(text[size - 1], '\n');
	assert_in_range(lines_in(text, size) + told_as_dropped(c),
			SOME * STORM_TRANSITIONS + 2 + 1 - TRACER_UNSEEN_MAX,
			SOME * STORM_TRANSITIONS + 2 + 1 + TRACER_UNSEEN_MAX);
}

/* The pipe has its first lines; it has no room for all. */
static bool has_some(const void *fd)
{
	int waiting = 0;

	fatal_unless(!ioctl(*(const int *)fd, FIONREAD, &waiting), "FIONREAD");
	return waiting > 0;
}

static void test_ended_while_nobody_reads(void **state)
{
	char text[2 * SMALL_PIPE];
	uint64_t begun_ns;
	struct command c;
	int fd;
	ssize_t n;

	(void)state;
	enter();
	c = start_unread(&fd);
	storm_run(SOME);
	assert_true(deadline_until(has_some, &fd, PATIENCE_MS));
	begun_ns = deadline_now_ns();
	kill(c.pid, SIGTERM);
	assert_int_equal(command_wait(&c, PATIENCE_MS), 0);
	assert_true(deadline_now_ns() - begun_ns >= 2000000000);
	n = read(fd, text, sizeof(text));
	fatal_unless(n >= 0, "read");
	expect_all_accounted(&c, text, (size_t)n);
	close(fd);
	command_close(&c);
}

/* It takes a little now and then: no reason to wait for hours. */
static void test_ended_while_somebody_reads_slowly(void **state)
{
	struct command c;

	(void)state;
	enter();
	c = start_unread(&slow.fd);
	storm_run(SOME);
	assert_true(deadline_until(has_some, &slow.fd, PATIENCE_MS));
	kill(c.pid, SIGINT);
	assert_true(deadline_until(has_read_slowly, NULL, 2 * PATIENCE_MS));
	assert_int_equal(command_wait(&c, PATIENCE_MS), 0);
	expect_all_accounted(&c, slow.text, slow.used);
	close(slow.fd);
	command_close(&c);
}

/* A result is waited for, however long its reader looks at the first page. */
static void test_result_waits_for_its_reader(void **state)
{
	const char *const args[] = { "fsm", "--live", "-d", "1", "--svg", NULL };
	static char text[1 << 18];
	struct command c;
	int ends[2];
	size_t used = 0;
	ssize_t n = 1;

	(void)state;
	fatal_unless(!pipe2(ends, O_CLOEXEC), "pipe");
	fatal_unless(fcntl(ends[1], F_SETPIPE_SZ, SMALL_PIPE) == SMALL_PIPE, "F_SETPIPE_SZ");
	c = command_start(args, ends[1], NULL);
	close(ends[1]);
	assert_true(deadline_until(has_some, &ends[0], PATIENCE_MS));
	assert_int_equal(kill(c.pid, 0), 0);
	slow = (struct slow){ .next_ns = deadline_now_ns() + 3000000000 };
	while (deadline_now_ns() < slow.next_ns)	/* longer than a stream would be waited for */
		usleep(10000);
	for (; n > 0; used += (size_t)n)
		n = read(ends[0], text + used, sizeof(text) - used);
	assert_int_equal(command_wait(&c, PATIENCE_MS), 0);
	assert_true(used > SMALL_PIPE);
	assert_non_null(memmem(text, used, "</svg>", 6));
	close(ends[0]);
	command_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_full),
		LIVE_TEST_ALONE(test_reader_comes_back),
		LIVE_TEST_ALONE(test_nothing_left_out_at_the_end),
		LIVE_TEST_ALONE(test_ended_while_nobody_reads),
		LIVE_TEST_ALONE(test_messages_wait_too),
		LIVE_TEST_ALONE(test_ended_while_somebody_reads_slowly),
		cmocka_unit_test(test_result_waits_for_its_reader),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
