// SPDX-License-Identifier: GPL-2.0
/* A kernel that shows no types: they come from a file, and raw tracepoints tell the events. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "mounts.h"
#include "path.h"
#include "sockets.h"
#include "tracer.h"

#define ACTIVE_CLOSE "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
#define PASSIVE_CLOSE "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE"
#define EXIT_USAGE 2
#define EXIT_KERNEL 5

static char types[] = "/tmp/tct-btf.XXXXXX";
static bool hidden;

static void copy_types(int to)
{
	FILE *from = fopen("/sys/kernel/btf/vmlinux", "re");
	static char bytes[65536];
	size_t n;

	fatal_unless(from, "/sys/kernel/btf/vmlinux");
	while ((n = fread(bytes, 1, sizeof(bytes), from)))
		fatal_unless(write(to, bytes, n) == (ssize_t)n, types);
	fclose(from);
}

static int hide_types(void **state)
{
	int file = mkstemp(types);

	(void)state;
	fatal_unless(file >= 0, types);
	copy_types(file);
	close(file);
	setenv("TCT_BTF", types, 1);
	unsetenv("TCT_PROBES");
	hidden = mounts_hide_btf();
	return 0;
}

static int forget_types(void **state)
{
	(void)state;
	unlink(types);
	return 0;
}

static void skip_unless_hidden(void)
{
	if (hidden)
		return;
	print_message("a mount namespace is not permitted here\n");
	skip();
}

static struct tracer *start(void)
{
	skip_unless_hidden();
	return tracer_start((const char *const[]){ NULL });
}

static void test_connection(void **state)
{
	const json_t *probes;
	struct pair p;

	*state = start();
	probes = event_part(tracer_ready(*state), "probes");
	assert_string_equal(event_text(probes, "set_state"), "tracepoint");
	assert_string_equal(event_text(probes, "time_wait"), "tracepoint");
	p = sockets_pair("127.0.5.1");
	sockets_close_in_order(&p.client, &p.server);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	path_expect_owner(*state, &p.client, "SYN_SENT", getpid());
	tracer_finish(*state);
}

static void test_end_of_time_wait(void **state)
{
	struct pair p;

	*state = start();
	p = sockets_pair("127.0.5.2");
	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE_WAIT);
	sockets_wait_mini(&p.server, TCP_FIN_WAIT2);
	fatal_unless(send(p.client.fd, "x", 1, MSG_NOSIGNAL) == 1, "send");
	sockets_wait_state(p.client.fd, TCP_CLOSE);
	close(p.client.fd);
	path_expect_time_wait(*state, &p.server, "FIN_WAIT2", "reset", TRACER_PATIENCE_MS);
	tracer_finish(*state);
}

/* What was there before and who holds it cannot be read: that much it says. */
static void test_says_what_is_missing(void **state)
{
	const char *const args[] = { "-d", "1", "--json", NULL };
	const char *all[COMMAND_ARGS_MAX];
	struct command c;

	(void)state;
	skip_unless_hidden();
	command_args(all, args);
	assert_int_equal(command_run(&c, all, TRACER_PATIENCE_MS), 0);
	assert_int_equal(command_lines(c.err), 1);
	assert_true(command_said(c.err, "BTF"));
	command_close(&c);
}

static void expect_refusal(const char *const args[], int code, const char *word)
{
	struct command c;

	skip_unless_hidden();
	assert_int_equal(command_run(&c, args, TRACER_PATIENCE_MS), code);
	assert_true(command_said(c.err, word));
	assert_int_equal(command_lines(c.out), 0);
	command_close(&c);
}

static void test_without_the_file(void **state)
{
	(void)state;
	expect_refusal((const char *const[]){ "--json", "-d", "1", NULL }, EXIT_KERNEL, "--btf");
}

static void test_no_such_file(void **state)
{
	(void)state;
	expect_refusal((const char *const[]){ "--btf", "/nonexistent", NULL }, EXIT_USAGE,
		       "/nonexistent");
	expect_refusal((const char *const[]){ "--btf", "/etc/passwd", NULL }, EXIT_USAGE,
		       "/etc/passwd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_connection),
		LIVE_TEST_ALONE(test_end_of_time_wait),
		cmocka_unit_test(test_says_what_is_missing),
		cmocka_unit_test(test_without_the_file),
		cmocka_unit_test(test_no_such_file),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("types from a file", tests, hide_types, forget_types);
}
