// SPDX-License-Identifier: GPL-2.0
/* Bad input and hostile surroundings: one clear line, the right exit code, nothing left behind. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "mounts.h"
#include "path.h"
#include "programs.h"
#include "sockets.h"
#include "tracer.h"

#define EXIT_RUNTIME 1
#define EXIT_USAGE 2
#define EXIT_PRIVILEGE 4
#define EXIT_KERNEL 5
#define PATIENCE_MS TRACER_PATIENCE_MS
#define SMALL_PIPE 4096

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Exactly one line on stderr, which contains that word; nothing on stdout. */
static void expect_one_line(struct command *c, const char *word)
{
	char text[4096];

	command_text(c->err, text, sizeof(text));
	if (command_lines(c->err) != 1 || !strstr(text, word))
		fail_msg("not one line with \"%s\":\n%s", word, text);
	if (c->out)
		assert_int_equal(command_lines(c->out), 0);
}

static void expect_usage(const char *const args[], const char *word)
{
	struct command c;
	int code = command_run(&c, args, PATIENCE_MS);

	assert_int_equal(code, EXIT_USAGE);
	expect_one_line(&c, word);
	command_close(&c);
}

static void test_unknown_option(void **state)
{
	(void)state;
	expect_usage(ARGS("--frobnicate"), "--frobnicate");
	expect_usage(ARGS("-Q"), "Q");
}

static void test_unknown_command(void **state)
{
	(void)state;
	expect_usage(ARGS("frobnicate"), "frobnicate");
}

static void test_unknown_state(void **state)
{
	(void)state;
	expect_usage(ARGS("-s", "close-waiting"), "close-waiting");
	expect_usage(ARGS("hist", "close-waiting"), "close-waiting");
}

static void test_port_out_of_range(void **state)
{
	(void)state;
	expect_usage(ARGS("-L", "65536"), "65536");
	expect_usage(ARGS("-D", "80,65536"), "65536");
	expect_usage(ARGS("-D", "http"), "http");
}

static void test_duration_out_of_range(void **state)
{
	(void)state;
	expect_usage(ARGS("-d", "-1"), "-1");
	expect_usage(ARGS("-d", "soon"), "soon");
	expect_usage(ARGS("-d"), "d");
}

static void test_bad_threshold(void **state)
{
	(void)state;
	expect_usage(ARGS("--stuck", "bogus=5s"), "bogus");
	expect_usage(ARGS("--stuck", "close-wait=often"), "often");
	expect_usage(ARGS("stuck", "--older-than", "-5s"), "-5s");
}

static void test_bad_event_type(void **state)
{
	(void)state;
	expect_usage(ARGS("-e", "transitions"), "transitions");
}

/* Runs one trace in prepared surroundings; skips where they cannot be prepared. */
static int run_prepared(struct command *c, bool (*prepare)(void), const char *lacks)
{
	int code;

	*c = command_start(ARGS("--json", "-d", "1"), -1, prepare);
	code = command_wait(c, PATIENCE_MS);
	if (code == COMMAND_UNPREPARED) {
		command_close(c);
		print_message("%s is not permitted here\n", lacks);
		skip();
	}
	return code;
}

static bool become_nobody(void)
{
	return !setgroups(0, NULL) && !setgid(65534) && !setuid(65534) &&
	       !access(command_binary(), X_OK);
}

static void test_no_privilege(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(run_prepared(&c, become_nobody, "another user, or the binary to one,"),
			 EXIT_PRIVILEGE);
	expect_one_line(&c, "CAP_");
	command_close(&c);
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return written;
}

/* All capabilities, none of which counts. */
static bool become_root_of_nothing(void)
{
	return !unshare(CLONE_NEWUSER) && write_text("/proc/self/uid_map", "0 0 1");
}

static void test_user_namespace(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(run_prepared(&c, become_root_of_nothing, "a user namespace"),
			 EXIT_PRIVILEGE);
	expect_one_line(&c, "user namespace");
	command_close(&c);
}

/* Told at once, not when the first finding opens. */
static void test_flight_without_a_directory(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(command_run(&c, ARGS("--flight", "/proc/none", "-d", "1"), PATIENCE_MS),
			 EXIT_RUNTIME);
	expect_one_line(&c, "/proc/none");
	command_close(&c);
}

static void test_no_btf(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(run_prepared(&c, mounts_hide_btf, "a mount namespace"), EXIT_KERNEL);
	expect_one_line(&c, "BTF");
	command_close(&c);
}

static bool hide_tracefs_and_bpffs(void)
{
	if (!mounts_private())
		return false;
	umount2("/sys/kernel/tracing", MNT_DETACH);
	umount2("/sys/kernel/debug", MNT_DETACH);
	umount2("/sys/fs/bpf", MNT_DETACH);
	return true;
}

static void test_no_tracefs_and_no_bpffs(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(run_prepared(&c, hide_tracefs_and_bpffs, "a mount namespace"), 0);
	assert_true(command_said(c.out, "\"type\":\"ready\""));
	assert_true(command_said(c.out, "\"type\":\"summary\""));
	command_close(&c);
}

/* Makes something to write about each time, until the writer has noticed. */
static bool ended_over_an_event(const void *pid)
{
	siginfo_t info = { 0 };

	close(sockets_listen("127.0.4.1", 0, 1));
	waitid(P_PID, *(const pid_t *)pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return info.si_pid;
}

static void test_output_pipe_closed(void **state)
{
	struct command c;
	char byte;
	int ends[2];

	(void)state;
	fatal_unless(!pipe2(ends, O_CLOEXEC), "pipe");
	c = command_start(ARGS("--json"), ends[1], NULL);
	close(ends[1]);
	fatal_unless(read(ends[0], &byte, 1) == 1, "first byte");
	close(ends[0]);
	assert_true(deadline_until(ended_over_an_event, &c.pid, PATIENCE_MS));
	assert_int_equal(command_wait(&c, 0), EXIT_RUNTIME);
	expect_one_line(&c, "output");
	command_close(&c);
}

/* The pipe has its first lines; it has no room for all. */
static bool waits_for_reader(const void *end)
{
	int waiting = 0;

	fatal_unless(!ioctl(*(const int *)end, FIONREAD, &waiting), "FIONREAD");
	return waiting > 0;
}

/* Whole lines, and the summary, to a reader that comes back in time. */
static void test_interrupted_while_nobody_reads(void **state)
{
	static char text[1 << 18];
	ssize_t used, n = 1;
	struct command c;
	int ends[2], i;

	(void)state;
	fatal_unless(!pipe2(ends, O_CLOEXEC), "pipe");
	fatal_unless(fcntl(ends[1], F_SETPIPE_SZ, SMALL_PIPE) == SMALL_PIPE, "F_SETPIPE_SZ");
	c = command_start(ARGS("--json"), ends[1], NULL);
	close(ends[1]);
	used = read(ends[0], text, sizeof(text) - 1);	/* "ready" */
	fatal_unless(used > 0, "first line");
	for (i = 0; i < SMALL_PIPE / 64; i++)
		close(sockets_listen("127.0.4.3", 0, 1));
	assert_true(deadline_until(waits_for_reader, &ends[0], PATIENCE_MS));
	kill(c.pid, SIGINT);
	for (; n > 0; used += n)
		n = read(ends[0], text + used, sizeof(text) - 1 - used);
	close(ends[0]);
	assert_int_equal(command_wait(&c, PATIENCE_MS), 0);
	assert_non_null(strstr(text, "\"type\":\"summary\""));
	assert_int_equal(text[used], '\0');
	assert_int_equal(text[used - 1], '\n');
	command_close(&c);
}

static void test_two_instances_see_the_same(void **state)
{
	struct tracer *second = tracer_start((const char *const[]){ NULL });
	struct pair p = sockets_pair("127.0.4.2");

	sockets_close_in_order(&p.client, &p.server);
	path_expect(*state, &p.client,
		    "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT");
	path_expect(second, &p.client,
		    "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT");
	path_expect(*state, &p.server,
		    "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE");
	path_expect(second, &p.server,
		    "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE");
	tracer_finish(second);
	tracer_free(second);
	tracer_finish(*state);
}

/* The delay is the scenario itself: where in its start-up the signal meets the tracer. */
static int terminate_after(int ms)
{
	struct timespec delay = { .tv_nsec = ms * 1000000L };
	struct command c = command_start(ARGS("--json"), -1, NULL);
	int code;

	nanosleep(&delay, NULL);
	kill(c.pid, SIGTERM);
	code = command_wait(&c, PATIENCE_MS);
	command_close(&c);
	return code;
}

/* Until the dynamic linker is done and the handlers are set; a sanitizer's libraries are large. */
#define BEFORE_MAIN_MS 15
#define BEFORE_MAIN_SANITIZED_MS 60

static void test_terminated_while_starting(void **state)
{
	int before = getenv("TCT_SANITIZED") ? BEFORE_MAIN_SANITIZED_MS : BEFORE_MAIN_MS;
	int ms, code;

	(void)state;
	for (ms = 0; ms <= 200; ms += ms < 20 ? 2 : 9) {
		code = terminate_after(ms);
		if (ms <= before && code == -SIGTERM)
			continue;
		if (code)
			fail_msg("SIGTERM after %d ms: %d", ms, code);
	}
	assert_true(programs_settle(PATIENCE_MS));
}

static void test_nothing_left_after_a_kill(void **state)
{
	struct tracer *t = tracer_start((const char *const[]){ NULL });

	(void)state;
	kill(tracer_pid(t), SIGKILL);
	assert_int_equal(tracer_stop(t), -SIGKILL);
	tracer_free(t);
	assert_true(programs_settle(PATIENCE_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_option),
		cmocka_unit_test(test_unknown_command),
		cmocka_unit_test(test_unknown_state),
		cmocka_unit_test(test_port_out_of_range),
		cmocka_unit_test(test_duration_out_of_range),
		cmocka_unit_test(test_bad_threshold),
		cmocka_unit_test(test_bad_event_type),
		cmocka_unit_test(test_no_privilege),
		cmocka_unit_test(test_user_namespace),
		cmocka_unit_test(test_flight_without_a_directory),
		cmocka_unit_test(test_no_btf),
		cmocka_unit_test(test_no_tracefs_and_no_bpffs),
		cmocka_unit_test(test_output_pipe_closed),
		cmocka_unit_test(test_interrupted_while_nobody_reads),
		LIVE_TEST(test_two_instances_see_the_same),
		cmocka_unit_test(test_terminated_while_starting),
		cmocka_unit_test(test_nothing_left_after_a_kill),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("bad input", tests, NULL, NULL);
}
