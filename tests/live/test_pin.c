// SPDX-License-Identifier: GPL-2.0
/* What --pin keeps outlives any end, and what comes after goes on from there. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "audits.h"
#include "bpffs.h"
#include "command.h"
#include "counter.h"
#include "deadline.h"
#include "event.h"
#include "finding.h"
#include "fatal.h"
#include "fixture.h"
#include "memcg.h"
#include "mill.h"
#include "netns.h"
#include "path.h"
#include "preload.h"
#include "programs.h"
#include "sockets.h"
#include "tracer.h"

#define HERE "/proc/self/ns/net"
#define KILLS 50
#define CHANGES 8
#define LIFE_MIN_MS 20
#define LIFE_MAX_MS 600
#define UNREAD 300		/* connections, of which a pipe has no room for a quarter */
#define PIPE_HALF (32 << 10)
#define UNREAD_MANY 4000	/* whose lines are more than CGROUP_LEFT, and fewer than half a ring */
#define CGROUP_BYTES (1 << 30)
#define CGROUP_LEFT (4 << 20)
#define NAMES_MIN 10		/* of a start, in bpffs: links alone are as many */
#define NAMES_MAX 100
#define VERSION_OFFSET 8	/* of the records, in the map `meta` */

static char dir[256];

/* Runs, and says whether its stderr has that text. */
static void expect_refusal(const char *const args[], int code, const char *text)
{
	struct command c;
	char said[1024];
	int got = command_run(&c, args, TRACER_PATIENCE_MS);

	command_text(c.err, said, sizeof(said));
	command_close(&c);
	if (got != code || !strstr(said, text))
		fail_msg("exit %d, wanted %d with \"%s\": %s", got, code, text, said);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void unpin(void)
{
	const char *const args[] = { "--pin", dir, "--unpin", NULL };
	struct command c;

	assert_int_equal(command_run(&c, args, TRACER_PATIENCE_MS), 0);
	command_close(&c);
	assert_int_equal(bpffs_entries(dir), -1);
}

/* Into a namespace of its own, where no test that failed has left anything. */
static void enter(void)
{
	const char *const args[] = { "--pin", dir, "--unpin", NULL };
	struct command c;

	netns_enter();
	if (bpffs_entries(dir) < 0)
		return;
	command_run(&c, args, TRACER_PATIENCE_MS);
	command_close(&c);
}

static struct tracer *start_pinned(const char *option)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--audit", "off", "--ring", "64M",
				     option, NULL };

	return tracer_start(args);
}

static bool is_pinned_by_none(const void *arg)
{
	(void)arg;
	return !programs_orphaned();
}

/* What happened while nobody ran is told as if somebody had; ages go on. */
static void test_continues(void **state)
{
	struct tracer *t;
	struct pair leaky, busy, born;
	const json_t *ready, *finding, *step;
	uint64_t established, half_closed;

	enter();
	*state = t = start_pinned(NULL);
	assert_false(event_flag(tracer_ready(t), "continued"));
	leaky = sockets_pair("127.0.0.1");
	busy = sockets_pair("127.0.0.1");
	shutdown(leaky.client.fd, SHUT_WR);
	half_closed = event_number(path_step(t, &leaky.server, "CLOSE_WAIT"), "mono_ns");
	established = event_number(path_step(t, &busy.client, "ESTABLISHED"), "mono_ns");
	path_step(t, &busy.server, "ESTABLISHED");
	tracer_kill(t);
	tracer_free(t);
	*state = NULL;

	sockets_close_in_order(&busy.client, &busy.server);
	born = sockets_pair("127.0.0.1");
	*state = t = start_pinned("--stuck=close-wait=1s");
	ready = tracer_ready(t);
	assert_true(event_flag(ready, "continued"));
	assert_true(event_number(ready, "waited") >= 9);
	step = path_step(t, &busy.client, "FIN_WAIT1");
	assert_int_equal(event_number(step, "dwell_ns"),
			 event_number(step, "mono_ns") - established);
	path_step(t, &born.server, "ESTABLISHED");
	path_expect(t, &born.client, "CLOSE>SYN_SENT>ESTABLISHED");
	finding = finding_wait(t, (struct finding_wanted){ .cookie = leaky.server.cookie,
							   .state = "CLOSE_WAIT" });
	assert_int_equal(event_number(finding, "mono_ns") - event_number(finding, "oldest_ns"),
			 half_closed);
	tracer_finish(t);
	close(leaky.client.fd);
	close(leaky.server.fd);
	close(born.client.fd);
	close(born.server.fd);
	unpin();
	assert_true(deadline_until(is_pinned_by_none, NULL, TRACER_PATIENCE_MS));
}

/* Each transition as one number. */
struct told {
	uint64_t *list;
	size_t count, room;
};

static void note(struct told *told, const json_t *event)
{
	uint64_t from = event_text(event, "from")[0] * 31 + event_text(event, "from")[4];
	uint64_t to = event_text(event, "to")[0] * 31 + event_text(event, "to")[4];

	if (told->count == told->room) {
		told->room = told->room ? 2 * told->room : 1 << 16;
		told->list = realloc(told->list, told->room * sizeof(*told->list));
		assert_non_null(told->list);
	}
	to ^= strlen(event_text(event, "to")) << 12 ^ strlen(event_text(event, "from")) << 17;
	told->list[told->count++] = (uint64_t)event_number(event, "cookie") << 24 ^ from << 12 ^ to;
}

/* Whole lines; the last one may have been cut by the kill. */
static void note_all(struct told *told, FILE *out)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	rewind(out);
	while ((len = getline(&line, &room, out)) > 0 && line[len - 1] == '\n') {
		json_t *event;

		/* the hand-over to TIME_WAIT, or from it: the mini-socket's, not the load's count */
		if (!strstr(line, "\"type\":\"transition\"") || strstr(line, "\"from\":\"TIME_WAIT\""))
			continue;
		event = json_loads(line, 0, NULL);
		assert_non_null(event);
		note(told, event);
		json_decref(event);
	}
	free(line);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t different(struct told *told)
{
	size_t count = 0;

	qsort(told->list, told->count, sizeof(*told->list), by_value);
	for (size_t i = 0; i < told->count; i++)
		count += !i || told->list[i] != told->list[i - 1];
	return count;
}

static void rest_ms(int ms)
{
	const struct timespec nap = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&nap, NULL);
}

/* A life that ends anywhere: before it has begun to read, or in the middle of it. */
static void live_and_die(struct told *told)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--audit", "off", "--ring",
				     "64M", "--json", NULL };
	struct command c = command_start(args, -1, NULL);
	char said[512];

	rest_ms(LIFE_MIN_MS + rand() % (LIFE_MAX_MS - LIFE_MIN_MS));
	kill(c.pid, SIGKILL);
	assert_int_equal(command_wait(&c, TRACER_PATIENCE_MS), -SIGKILL);
	note_all(told, c.out);
	command_text(c.err, said, sizeof(said));
	assert_string_equal(said, "");
	command_close(&c);
}

/* README, Limits: the kernel itself may run no program for the events of a softirq. */
static void expect_all(int64_t got, int64_t expected)
{
	if (got != expected)
		print_message("%lld transitions of %lld\n", (long long)got, (long long)expected);
	assert_in_range(got, expected - TRACER_UNSEEN_MAX, expected);
}

static void test_killed_under_load(void **state)
{
	struct told told = { 0 };
	struct counter *counter;
	struct tracer *t;
	struct mill mill;
	int64_t expected;
	int connections;

	enter();
	mill = mill_open();
	*state = t = start_pinned(NULL);
	tracer_kill(t);
	tracer_free(t);
	*state = NULL;
	counter = counter_start();
	mill_start(&mill);
	for (int i = 0; i < KILLS; i++)
		live_and_die(&told);
	connections = mill_stop(&mill);
	expected = (int64_t)counter_read(counter);
	counter_end(counter);
	if (expected != (int64_t)connections * MILL_TRANSITIONS)
		print_message("the kernel showed %lld of %d transitions to its programs\n",
			      (long long)expected, connections * MILL_TRANSITIONS);

	{
		const char *const args[] = { "--pin", dir, "--netns", HERE, "--audit", "off",
					     "--ring", "64M", "--json", "-d", "1", NULL };
		struct command c;

		assert_int_equal(command_run(&c, args, 3 * TRACER_PATIENCE_MS), 0);
		note_all(&told, c.out);
		command_close(&c);
	}
	*state = t = start_pinned(NULL);
	assert_int_equal(event_number(tracer_ready(t), "waited"), 0);
	print_message("%d connections, %d kills, %zu of %zu lines came twice\n", connections, KILLS,
		      told.count - different(&told), told.count);
	assert_int_equal(event_number(tracer_ready(t), "transitions_total"), expected);
	assert_int_equal(different(&told), expected);
	tracer_finish(t);
	mill_close(&mill);
	free(told.list);
	unpin();
}

static bool has_some(const void *fd)
{
	int waiting = 0;

	assert_int_equal(ioctl(*(const int *)fd, FIONREAD, &waiting), 0);
	return waiting > 0;
}

static bool is_half_full(const void *fd)
{
	int waiting = 0;

	assert_int_equal(ioctl(*(const int *)fd, FIONREAD, &waiting), 0);
	return waiting > PIPE_HALF;
}

/* What is in a pipe that nobody writes to any more. */
static FILE *drain(int fd)
{
	FILE *out = tmpfile();
	char some[4096];
	ssize_t n;

	assert_non_null(out);
	while ((n = read(fd, some, sizeof(some))) > 0)
		assert_int_equal(fwrite(some, 1, (size_t)n, out), n);
	close(fd);
	return out;
}

/* Lines that waited for their reader when it was killed are the next run's to tell. */
static void test_killed_while_nobody_reads(void **state)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--audit", "off", "--json",
				     NULL };
	struct told told = { 0 };
	struct command c;
	struct mill mill;
	FILE *out;
	int ends[2];

	(void)state;
	enter();
	mill = mill_open();
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	c = command_start(args, ends[1], NULL);
	close(ends[1]);
	assert_true(deadline_until(has_some, &ends[0], TRACER_PATIENCE_MS));
	mill_grind(&mill, UNREAD);
	assert_true(deadline_until(is_half_full, &ends[0], TRACER_PATIENCE_MS));
	rest_ms(LIFE_MAX_MS);	/* time to give up on the reader: nothing shows when it would */
	kill(c.pid, SIGKILL);
	assert_int_equal(command_wait(&c, TRACER_PATIENCE_MS), -SIGKILL);
	command_close(&c);
	out = drain(ends[0]);
	note_all(&told, out);
	fclose(out);
	{
		const char *const more[] = { "--pin", dir, "--netns", HERE, "--audit", "off",
					     "--json", "-d", "1", NULL };

		assert_int_equal(command_run(&c, more, TRACER_PATIENCE_MS), 0);
		note_all(&told, c.out);
		command_close(&c);
	}
	expect_all((int64_t)different(&told), UNREAD * MILL_TRANSITIONS);
	mill_close(&mill);
	free(told.list);
	unpin();
}

/* All lines that wait for their reader are more than there is memory for: the kernel ends it. */
static void test_killed_by_its_cgroup(void **state)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--audit", "off", "--ring", "64M",
				     "--json", NULL };
	const char *const more[] = { "--pin", dir, "--netns", HERE, "--audit", "off", "--ring", "64M",
				     "--json", "-d", "1", NULL };
	struct told told = { 0 };
	struct command c;
	struct mill mill;
	FILE *out;
	int ends[2];

	(void)state;
	enter();
	memcg_open(CGROUP_BYTES);
	mill = mill_open();
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	c = command_start(args, ends[1], memcg_join);
	close(ends[1]);
	assert_true(deadline_until(has_some, &ends[0], TRACER_PATIENCE_MS));
	memcg_leave(CGROUP_LEFT);
	mill_grind(&mill, UNREAD_MANY);
	assert_int_equal(command_wait(&c, TRACER_PATIENCE_MS), -SIGKILL);
	command_close(&c);
	out = drain(ends[0]);
	note_all(&told, out);
	fclose(out);
	assert_int_equal(command_run(&c, more, TRACER_PATIENCE_MS), 0);
	note_all(&told, c.out);
	assert_true(command_said(c.out, "\"continued\":true"));
	command_close(&c);
	expect_all((int64_t)different(&told), UNREAD_MANY * MILL_TRANSITIONS);
	mill_close(&mill);
	free(told.list);
	unpin();
	memcg_close();
}

/* Others are loaded beside those that run, and each event is told once. */
static void test_other_filters(void **state)
{
	struct told told = { 0 };
	struct tracer *t;
	struct mill mill;
	int64_t expected;

	enter();
	mill = mill_open();
	*state = t = start_pinned(NULL);
	tracer_kill(t);
	tracer_free(t);
	*state = NULL;
	mill_start(&mill);
	for (int i = 0; i < CHANGES; i++) {
		const char *const args[] = { "--pin", dir, "--netns", HERE, "--audit", "off",
					     "--ring", "64M", "--json", "-d", "0.7", i % 2 ? "-w" : "-4", NULL };
		struct command c;

		assert_int_equal(command_run(&c, args, TRACER_PATIENCE_MS), 0);
		note_all(&told, c.out);
		command_close(&c);
	}
	expected = (int64_t)mill_stop(&mill) * MILL_TRANSITIONS;
	*state = t = start_pinned(NULL);
	tracer_finish(t);
	for (size_t i = 0; i < json_array_size(tracer_events(t)); i++) {
		const json_t *event = json_array_get(tracer_events(t), i);

		if (event_has_text(event, "type", "transition") &&
		    !event_has_text(event, "from", "TIME_WAIT"))
			note(&told, event);
	}
	expect_all(event_number(tracer_summary(t), "transitions_total"), expected);
	expect_all((int64_t)told.count, expected);
	expect_all((int64_t)different(&told), expected);
	mill_close(&mill);
	free(told.list);
	unpin();
}

/* What found no room while nobody read is told, exactly. */
static void test_full_ring(void **state)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--ring", "64K", NULL };
	const json_t *summary;
	struct tracer *t;
	struct mill mill;

	enter();
	mill = mill_open();
	*state = t = tracer_start(args);
	tracer_kill(t);
	tracer_free(t);
	*state = NULL;
	mill_grind(&mill, 200);
	*state = t = tracer_start(args);
	assert_true(event_flag(tracer_ready(t), "continued"));
	tracer_stop(t);
	summary = tracer_summary(t);
	assert_non_null(summary);
	assert_true(event_number(event_part(summary, "lost_in"), "ring") > 0);
	assert_true(event_number(summary, "attempts") >= 200 * MILL_TRANSITIONS);
	assert_int_equal(event_number(summary, "attempts"),
			 event_number(summary, "received") +
				 event_number(event_part(summary, "lost_in"), "ring"));
	mill_close(&mill);
	unpin();
}

static void test_another_layout(void **state)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--ring", "64M", NULL };
	char meta[300];
	struct tracer *t;
	int entries;

	enter();
	*state = t = start_pinned(NULL);
	tracer_kill(t);
	snprintf(meta, sizeof(meta), "%s/meta", dir);
	bpffs_patch(meta, VERSION_OFFSET, 99);
	entries = bpffs_entries(dir);
	expect_refusal(args, 1, "records of layout 99");
	expect_refusal(args, 1, "--unpin'");
	assert_int_equal(bpffs_entries(dir), entries);
	unpin();
}

static void test_another_ring(void **state)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--ring", "1M", NULL };
	struct tracer *t;

	enter();
	*state = t = start_pinned(NULL);
	tracer_kill(t);
	expect_refusal(args, 1, "another size");
	unpin();
}

static void test_another_daemon(void **state)
{
	const char *const again[] = { "--pin", dir, "--netns", HERE, "--ring", "64M", NULL };
	const char *const removal[] = { "--pin", dir, "--unpin", NULL };
	struct tracer *t;

	enter();
	*state = t = start_pinned(NULL);
	expect_refusal(again, 1, "another tcpclose-trace is running");
	expect_refusal(removal, 1, "another tcpclose-trace is running");
	tracer_finish(t);
	unpin();
}

static void test_no_bpffs(void **state)
{
	const char *const args[] = { "--pin", "/tmp/tct-no-bpffs", NULL };

	(void)state;
	expect_refusal(args, 2, "not in a bpffs");
}

static void test_read_only(void **state)
{
	const char *const args[] = { "--pin", dir, NULL };

	(void)state;
	bpffs_read_only(true);
	expect_refusal(args, 1, "read-only");
	bpffs_read_only(false);
	assert_int_equal(bpffs_entries(dir), -1);
}

/* From here on what is started finds room for so many names in the bpffs. */
static void leave_room(int names)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", names);
	setenv("FULLFS", text, 1);
	preload_open("fullfs.so");
}

static void leave_all_room(void)
{
	preload_close();
	unsetenv("FULLFS");
}

static int names_of_a_start;

static const char *const alone[] = { "--pin", dir, "--netns", HERE, "--audit", "off", "--json", "-d",
				     "0.1", NULL };

/* Whether it starts with so much room; if not, it says why and leaves nothing. */
static bool starts_in(int names)
{
	struct command c;
	char said[1024];
	int code;

	leave_room(names);
	code = command_run(&c, alone, TRACER_PATIENCE_MS);
	leave_all_room();
	command_text(c.err, said, sizeof(said));
	if (code && (code != 1 || !strstr(said, strerror(ENOSPC)) || strchr(said, '\n')[1]))
		fail_msg("room for %d names: exit %d: %s", names, code, said);
	if (code) {
		assert_int_equal(command_lines(c.out), 0);
		assert_int_equal(bpffs_entries(dir), -1);
	}
	command_close(&c);
	return !code;
}

/* Full at the first name, or at any later one of a start. */
static void test_full_fs(void **state)
{
	int names = 0;

	(void)state;
	enter();
	while (names < NAMES_MAX && !starts_in(names))
		names++;
	print_message("a start makes %d names\n", names);
	names_of_a_start = names;
	assert_in_range(names, NAMES_MIN, NAMES_MAX - 1);
	unpin();
	assert_true(programs_settle(TRACER_PATIENCE_MS));
}

static bool is_loss_of_mirror(const json_t *event, const void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "loss") && event_has_text(event, "where", "mirror");
}

/* Full when the mirror wants more: said once, what finds no room is counted, and there later. */
static void test_full_fs_for_the_mirror(void **state)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--audit", "off", NULL };
	struct tracer *t;
	struct pair p;

	if (!names_of_a_start)
		fatal_skip("how many names a start makes was not counted");
	enter();
	leave_room(names_of_a_start);
	*state = t = tracer_start(args);
	leave_all_room();
	p = sockets_pair("127.0.0.1");
	assert_non_null(tracer_wait(t, is_loss_of_mirror, NULL, TRACER_PATIENCE_MS));
	tracer_stop(t);
	assert_int_equal(tracer_said(t, "no more memory in"), 1);
	tracer_finish_losing(t, 10);
	tracer_free(t);
	*state = t = tracer_start(args);
	audits_expect_none(audits_ask(t), 2);
	sockets_close_in_order(&p.client, &p.server);
	path_step(t, &p.server, "CLOSE");
	tracer_finish_losing(t, 10);
	unpin();
}

/* An upgrade finds no room: what was there goes on as if it had not been tried. */
static void test_full_fs_at_an_upgrade(void **state)
{
	const char *const other[] = { "--pin", dir, "--netns", HERE, "--audit", "off", "--ring", "64M",
				      "-4", NULL };
	struct tracer *t;
	struct mill mill;

	if (!names_of_a_start)
		fatal_skip("how many names a start makes was not counted");
	enter();
	mill = mill_open();
	*state = t = start_pinned(NULL);
	tracer_kill(t);
	tracer_free(t);
	*state = NULL;
	mill_grind(&mill, 20);
	for (int names = 0; names < 3; names++) {
		leave_room(names);
		expect_refusal(other, 1, strerror(ENOSPC));
		leave_all_room();
		mill_grind(&mill, 20);
	}
	*state = t = start_pinned(NULL);
	assert_true(event_flag(tracer_ready(t), "continued"));
	assert_true(event_number(tracer_ready(t), "waited") >= 80 * MILL_TRANSITIONS);
	tracer_finish_but_unseen(t);
	expect_all(event_number(tracer_summary(t), "transitions_total"), 80 * MILL_TRANSITIONS);
	mill_close(&mill);
	unpin();
}

static void test_of_others(void **state)
{
	const char *const args[] = { "--pin", dir, NULL };
	const char *const removal[] = { "--pin", dir, "--unpin", NULL };
	char other[300];

	(void)state;
	snprintf(other, sizeof(other), "%s/theirs", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkdir(other, 0700), 0);
	expect_refusal(args, 1, "theirs, which is not ours");
	expect_refusal(removal, 1, "theirs, which is not ours");
	assert_int_equal(bpffs_entries(dir), 1);
	rmdir(other);
	rmdir(dir);
}

/* A start that was killed half way leaves links of a generation that never was. */
static void test_half_a_start(void **state)
{
	char from[300], to[300];
	struct tracer *t;

	enter();
	*state = t = start_pinned(NULL);
	tracer_kill(t);
	tracer_free(t);
	*state = NULL;
	snprintf(from, sizeof(from), "%s/map-tct_ring", dir);
	snprintf(to, sizeof(to), "%s/link-7-tct_tp_state", dir);
	assert_int_equal(link(from, to), 0);
	*state = t = start_pinned(NULL);
	assert_true(event_flag(tracer_ready(t), "continued"));
	assert_int_equal(access(to, F_OK), -1);
	tracer_finish(t);
	unpin();
}

/* The first link of the first generation: from here on events are kept, and nothing is told yet. */
static bool has_links(const void *arg)
{
	char link[300];

	(void)arg;
	snprintf(link, sizeof(link), "%s/link-1-tct_tp_send_reset", dir);
	return access(link, F_OK) == 0;
}

static struct command start_and_await_links(void)
{
	const char *const args[] = { "--pin", dir, "--netns", HERE, "--json", NULL };
	struct command c;

	enter();
	c = command_start(args, -1, NULL);
	assert_true(deadline_until(has_links, NULL, TRACER_PATIENCE_MS));
	return c;
}

/* Nobody can go on from a run that has not begun: it leaves nothing, and ends as any other. */
static void test_ended_while_it_starts(void **state)
{
	struct command c = start_and_await_links();

	(void)state;
	kill(c.pid, SIGTERM);
	assert_int_equal(command_wait(&c, TRACER_PATIENCE_MS), 0);
	assert_true(command_said(c.err, "ended while the sockets that are there were read"));
	assert_true(command_said(c.out, "\"summary\""));
	assert_false(command_said(c.out, "\"ready\""));
	command_close(&c);
	assert_int_equal(bpffs_entries(dir), -1);
	assert_true(programs_settle(TRACER_PATIENCE_MS));
}

/* What its hooks kept meanwhile is nobody's. */
static void test_killed_while_it_starts(void **state)
{
	struct command c = start_and_await_links();
	struct tracer *t;
	struct mill mill;

	kill(c.pid, SIGKILL);
	assert_int_equal(command_wait(&c, TRACER_PATIENCE_MS), -SIGKILL);
	command_close(&c);
	mill = mill_open();
	mill_grind(&mill, 200);
	*state = t = start_pinned(NULL);
	assert_false(event_flag(tracer_ready(t), "continued"));
	tracer_stop(t);
	assert_true(event_number(tracer_summary(t), "attempts") < 200);
	mill_close(&mill);
	unpin();
}

static void test_without_pin_nothing_stays(void **state)
{
	const char *const args[] = { "--netns", HERE, NULL };
	struct tracer *t;

	enter();
	*state = t = tracer_start(args);
	tracer_kill(t);
	assert_true(programs_settle(TRACER_PATIENCE_MS));
	assert_int_equal(bpffs_entries(bpffs_root()), 2);	/* maps.debug, progs.debug */
}

static int setup(void **state)
{
	int err = bpffs_setup(state);

	bpffs_path(dir, "tct");
	return err;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_no_bpffs),
		LIVE_TEST_ALONE(test_read_only),
		LIVE_TEST_ALONE(test_full_fs),
		LIVE_TEST_ALONE(test_full_fs_for_the_mirror),
		LIVE_TEST_ALONE(test_full_fs_at_an_upgrade),
		LIVE_TEST_ALONE(test_of_others),
		LIVE_TEST_ALONE(test_continues),
		LIVE_TEST_ALONE(test_another_layout),
		LIVE_TEST_ALONE(test_another_ring),
		LIVE_TEST_ALONE(test_another_daemon),
		LIVE_TEST_ALONE(test_half_a_start),
		LIVE_TEST_ALONE(test_ended_while_it_starts),
		LIVE_TEST_ALONE(test_killed_while_it_starts),
		LIVE_TEST_ALONE(test_full_ring),
		LIVE_TEST_ALONE(test_other_filters),
		LIVE_TEST_ALONE(test_killed_while_nobody_reads),
		LIVE_TEST_ALONE(test_killed_by_its_cgroup),
		LIVE_TEST_ALONE(test_killed_under_load),
		LIVE_TEST_ALONE(test_without_pin_nothing_stays),
	};

	return cmocka_run_group_tests(tests, setup, bpffs_teardown);
}
