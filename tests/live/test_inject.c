// SPDX-License-Identifier: GPL-2.0
/*
 * What no correct kernel does reaches the alert: the module's test build fires transitions of a
 * real socket through the real tracepoint, ring and tracer. Everything else of that socket is its
 * own doing, and is never called illegal.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "path.h"
#include "sockets.h"
#include "tracer.h"

#define INJECT "/sys/kernel/debug/tcpclose/inject"

static void skip_without_injector(void)
{
	if (!access(INJECT, W_OK))
		return;
	print_message("the module's test build is not loaded (make kmod INJECT=1)\n");
	skip();
}

/* 0 or an errno. */
static int inject(const char *what, int fd, const char *rest)
{
	char line[64];
	int file = open(INJECT, O_WRONLY | O_CLOEXEC), err = 0;

	fatal_unless(file >= 0, INJECT);
	snprintf(line, sizeof(line), "%s %d %s", what, fd, rest);
	if (write(file, line, strlen(line)) < 0)
		err = errno;
	close(file);
	return err;
}

static int setup(void **state)
{
	const char *const args[] = { "--probes=kmod", NULL };

	if (!access(INJECT, W_OK))
		*state = tracer_start(args);
	return 0;
}

static bool is_finding(const json_t *event, const void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "finding");
}

static size_t count_illegal(const struct tracer *t, const char *type, const char *field)
{
	const json_t *event;
	size_t i, n = 0;

	json_array_foreach(tracer_events(t), i, event) {
		if (!event_has_text(event, "type", type))
			continue;
		if (!strcmp(field, "legal") ? !event_flag(event, "legal")
					    : event_has_text(event, field, "illegal-transition"))
			n++;
	}
	return n;
}

/* One finding of the one rule, about that socket, and no other word of anything illegal. */
static void expect_one_alert(struct tracer *t, const struct end *end, const char *from)
{
	const json_t *finding = tracer_wait(t, is_finding, NULL, TRACER_PATIENCE_MS);

	assert_non_null(finding);
	assert_string_equal(event_text(finding, "rule"), "illegal-transition");
	assert_string_equal(event_text(finding, "severity"), "critical");
	assert_string_equal(event_text(finding, "status"), "open");
	assert_string_equal(event_text(finding, "state"), from);
	assert_int_equal(event_number(finding, "count"), 1);
	assert_int_equal(event_number(finding, "cookie"), end->cookie);
	assert_int_equal(event_number(finding, "lport"), end->lport);
	assert_int_equal(event_number(finding, "rport"), end->rport);
	tracer_finish_accusing(t, 1);
	assert_int_equal(event_number(tracer_summary(t), "findings"), 1);
	assert_int_equal(count_illegal(t, "transition", "legal"), 1);
	assert_int_equal(count_illegal(t, "finding", "rule"), 1);
}

/* RFC 9293: nothing leads out of CLOSE_WAIT but the application's own close, to LAST_ACK. */
static void test_back_from_close_wait(void **state)
{
	struct pair p;

	skip_without_injector();
	p = sockets_pair("127.0.8.1");
	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE_WAIT);
	assert_int_equal(inject("set_state", p.client.fd, "CLOSE_WAIT ESTABLISHED"), 0);
	expect_one_alert(*state, &p.client, "CLOSE_WAIT");
	close(p.client.fd);
}

static void test_connected_socket_listens(void **state)
{
	struct pair p;

	skip_without_injector();
	p = sockets_pair("127.0.8.2");
	assert_int_equal(inject("set_state", p.client.fd, "ESTABLISHED LISTEN"), 0);
	expect_one_alert(*state, &p.client, "ESTABLISHED");
	sockets_abort_and_close(p.client.fd, p.server.fd);
}

/* A legal edge that is fired by hand is an event like any other: the injector accuses nobody. */
static void test_legal_edge_is_no_alert(void **state)
{
	struct pair p;

	skip_without_injector();
	p = sockets_pair("127.0.8.3");
	assert_int_equal(inject("set_state", p.client.fd, "ESTABLISHED CLOSE_WAIT"), 0);
	assert_non_null(path_step(*state, &p.client, "CLOSE_WAIT"));
	tracer_finish(*state);
	close(p.client.fd);
	close(p.server.fd);
}

/* A mini-socket's whole life, fired by hand. */
static void test_mini_socket(void **state)
{
	struct pair p;

	skip_without_injector();
	p = sockets_pair("127.0.8.4");
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	assert_int_equal(inject("time_wait", p.client.fd, "TIME_WAIT 60000"), 0);
	assert_int_equal(inject("set_state", p.client.fd, "FIN_WAIT2 CLOSE"), 0);
	assert_non_null(path_step(*state, &p.client, "TIME_WAIT"));
	tracer_finish(*state);
	close(p.client.fd);
	close(p.server.fd);
}

static void test_bad_input_fires_nothing(void **state)
{
	struct end listener;

	skip_without_injector();
	listener = sockets_end(sockets_listen("127.0.8.5", 0, 1));
	assert_int_equal(inject("set_state", listener.fd, "LISTEN NOWHERE"), EINVAL);
	assert_int_equal(inject("set_state", listener.fd, "LISTEN"), EINVAL);
	assert_int_equal(inject("set_state", STDIN_FILENO, "LISTEN ESTABLISHED"), EINVAL);
	assert_int_equal(inject("nonsense", listener.fd, "LISTEN ESTABLISHED"), EINVAL);
	close(listener.fd);
	path_expect(*state, &listener, "CLOSE>LISTEN>CLOSE");
	tracer_finish(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_back_from_close_wait),
		TEST(test_connected_socket_listens),
		TEST(test_legal_edge_is_no_alert),
		TEST(test_mini_socket),
		TEST(test_bad_input_fires_nothing),
	};

	unsetenv("TCT_COVERAGE");	/* no kernel made what is fired here */
	return cmocka_run_group_tests_name("inject", tests, NULL, NULL);
}
