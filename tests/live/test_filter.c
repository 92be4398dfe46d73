// SPDX-License-Identifier: GPL-2.0
/* Each filter lets the right sockets through, with their whole way, and drops the rest. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "command.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "path.h"
#include "silent.h"
#include "sockets.h"
#include "tracer.h"

#define ACTIVE_CLOSE "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
#define PASSIVE_CLOSE "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE"
#define SERVER_PORT 20031	/* below the automatic ports of any namespace here */
#define CLIENT_PORT 20032
#define OTHER_PORT 20033
#define AUTO_PORT 40000

/* A tracer with one option and its value. */
static struct tracer *filter_by(const char *option, const char *value)
{
	const char *const args[] = { option, value, NULL };

	return tracer_start(args);
}

static struct tracer *filter_by_number(const char *option, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return filter_by(option, text);
}

/* A connection to that server port from that client port (0: automatic). */
static struct pair pair_between(const char *address, uint16_t client_port, uint16_t server_port)
{
	int listener = sockets_listen(address, server_port, 8);
	int fd = client_port ? sockets_bound(address, client_port, 0)
			     : sockets_open(AF_INET, 0);
	struct pair p;

	fatal_unless(!sockets_connect(fd, address, server_port), "connect");
	p.client = sockets_end(fd);
	p.server = sockets_accept(listener);
	close(listener);
	return p;
}

static void close_pair(const struct pair *p)
{
	sockets_close_in_order(&p->client, &p->server);
}

/* Waits for its last step, stops, and looks at all that came: no fence passes a filter. */
static void expect_only(struct tracer *t, const struct end *end, const char *states,
			const char *last)
{
	if (!path_step(t, end, last))
		print_error("no step to %s\n", last);
	tracer_finish(t);
	path_expect(t, end, states);
}

static void test_local_port(void **state)
{
	struct pair other, p;

	*state = filter_by("-L", "20031");
	other = sockets_pair("127.0.8.1");
	close_pair(&other);
	p = pair_between("127.0.8.1", 0, SERVER_PORT);
	close_pair(&p);
	expect_only(*state, &p.server, PASSIVE_CLOSE, "CLOSE");
	path_expect_none(*state, &p.client);
	path_expect_none(*state, &other.client);
	path_expect_none(*state, &other.server);
}

static void test_local_port_of_a_bound_client(void **state)
{
	struct pair p;

	*state = filter_by("-L", "80,20032");
	p = pair_between("127.0.8.2", CLIENT_PORT, SERVER_PORT);
	close_pair(&p);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect_none(*state, &p.server);
}

static void test_remote_port(void **state)
{
	struct pair other, p;

	*state = filter_by("-D", "20031");
	other = sockets_pair("127.0.8.3");
	close_pair(&other);
	p = pair_between("127.0.8.3", 0, SERVER_PORT);
	close_pair(&p);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect_none(*state, &p.server);
	path_expect_none(*state, &other.client);
}

/* A listener's child, which up to 6.12 has no peer yet in its first event. */
static void test_remote_port_of_an_accepted_socket(void **state)
{
	struct pair p;

	*state = filter_by("-D", "20032");
	p = pair_between("127.0.8.10", CLIENT_PORT, SERVER_PORT);
	close_pair(&p);
	expect_only(*state, &p.server, PASSIVE_CLOSE, "CLOSE");
	path_expect_none(*state, &p.client);
}

/* In a namespace where an automatic port can only be that one. */
static void enter_with_one_port(void)
{
	netns_enter();
	netns_set("net/ipv4/ip_local_port_range", "40000 40000");
}

/* The first step does not know its port yet, and is shown all the same. */
static void test_local_port_chosen_late(void **state)
{
	struct pair p;

	enter_with_one_port();
	*state = filter_by_number("-L", AUTO_PORT);
	p = pair_between("127.0.0.1", 0, SERVER_PORT);
	assert_int_equal(p.client.lport, AUTO_PORT);
	close_pair(&p);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect_none(*state, &p.server);
}

static void test_local_port_chosen_late_and_refused(void **state)
{
	struct end client = { .family = AF_INET, .lport = AUTO_PORT, .rport = SERVER_PORT,
			      .laddr = "127.0.0.1", .raddr = "127.0.0.1" };
	int fd;

	enter_with_one_port();
	*state = filter_by_number("-L", AUTO_PORT);
	fd = sockets_open(AF_INET, 0);
	client.cookie = sockets_end(fd).cookie;
	assert_int_equal(sockets_connect(fd, client.raddr, SERVER_PORT), ECONNREFUSED);
	close(fd);
	expect_only(*state, &client, "CLOSE>SYN_SENT>CLOSE", "CLOSE");
}

static void test_local_port_chosen_late_is_another(void **state)
{
	struct pair other, p;

	enter_with_one_port();
	*state = filter_by_number("-L", CLIENT_PORT);
	other = pair_between("127.0.0.1", 0, SERVER_PORT);
	assert_int_equal(other.client.lport, AUTO_PORT);
	close_pair(&other);
	p = pair_between("127.0.0.2", CLIENT_PORT, OTHER_PORT);
	close_pair(&p);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect_none(*state, &other.client);
}

static void test_only_ipv4(void **state)
{
	struct pair other, p;

	*state = filter_by("-4", NULL);
	other = sockets_pair("::1");
	close_pair(&other);
	p = sockets_pair("127.0.8.4");
	close_pair(&p);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	path_expect_none(*state, &other.client);
	path_expect_none(*state, &other.server);
}

static void test_only_ipv6(void **state)
{
	struct pair other, p;

	*state = filter_by("-6", NULL);
	other = sockets_pair("127.0.8.5");
	close_pair(&other);
	p = sockets_pair("::1");
	close_pair(&p);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	path_expect_none(*state, &other.client);
	path_expect_none(*state, &other.server);
}

static void connect_and_close(int link, void *arg)
{
	struct end *there = arg;
	int fd = sockets_open(AF_INET, 0);
	struct end end;

	child_await(link);
	fatal_unless(!sockets_connect(fd, there->laddr, there->lport), "connect");
	end = sockets_end(fd);
	child_tell(link, &end, sizeof(end));
	child_await(link);
	close(fd);
}

/* On loopback the server's early steps happen in the client's context: not its sockets. */
static void test_pid_is_the_owner(void **state)
{
	struct end there = sockets_end(sockets_listen("127.0.8.6", 0, 8));
	struct child child = child_start(connect_and_close, &there);
	pid_t pid = child.pid;
	struct pair p;

	*state = filter_by_number("-p", child.pid);
	child_signal(child.link);
	child_hear(child.link, &p.client, sizeof(p.client));
	p.server = sockets_accept(there.fd);
	child_signal(child.link);
	assert_int_equal(child_wait(&child), 0);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	close(p.server.fd);
	close(there.fd);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect_owner(*state, &p.client, "ESTABLISHED", pid);
	path_expect_none(*state, &p.server);
}

/* A transition into a wanted state or out of it. */
static void test_states(void **state)
{
	struct pair p;

	*state = filter_by("-s", "close-wait,SYN_SENT");
	p = sockets_pair("127.0.8.7");
	close_pair(&p);
	expect_only(*state, &p.server, "ESTABLISHED>CLOSE_WAIT>LAST_ACK", "LAST_ACK");
	path_expect(*state, &p.client, "CLOSE>SYN_SENT>ESTABLISHED");
}

static void test_namespace(void **state)
{
	struct pair p, other = sockets_pair("127.0.8.8");
	char theirs[32];

	netns_enter();
	snprintf(theirs, sizeof(theirs), "net:[%llu]", (unsigned long long)netns_inode());
	*state = filter_by("--netns", theirs);
	close(other.client.fd);
	close(other.server.fd);
	p = sockets_pair("127.0.0.1");
	close_pair(&p);
	expect_only(*state, &p.client, ACTIVE_CLOSE, "TIME_WAIT");
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	path_expect_none(*state, &other.client);
	path_expect_none(*state, &other.server);
}

/* What is not printed is mirrored all the same: the time in TIME_WAIT needs its start. */
static void test_event_types(void **state)
{
	struct pair p;
	const json_t *event;
	size_t i;

	*state = filter_by("-e", "time_wait");
	silent_fin_skip(*state);
	p = sockets_pair("127.0.8.9");
	close(p.client.fd);
	sockets_wait_mini(&p.client, TCP_FIN_WAIT2);
	close(p.server.fd);
	path_expect_time_wait(*state, &p.client, "FIN_WAIT2", "fin-arrived", TRACER_PATIENCE_MS);
	tracer_finish(*state);
	json_array_foreach(tracer_events(*state), i, event)
		assert_false(event_has_text(event, "type", "transition"));
}

static void test_duration(void **state)
{
	const char *const args[] = { "-d", "1", "--json", NULL };
	const char *all[COMMAND_ARGS_MAX];
	struct command c;

	(void)state;
	command_args(all, args);
	assert_int_equal(command_run(&c, all, TRACER_PATIENCE_MS), 0);
	assert_int_equal(command_lines(c.err), 0);
	command_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_local_port),
		LIVE_TEST_ALONE(test_local_port_of_a_bound_client),
		LIVE_TEST_ALONE(test_remote_port),
		LIVE_TEST_ALONE(test_remote_port_of_an_accepted_socket),
		LIVE_TEST_ALONE(test_local_port_chosen_late),
		LIVE_TEST_ALONE(test_local_port_chosen_late_and_refused),
		LIVE_TEST_ALONE(test_local_port_chosen_late_is_another),
		LIVE_TEST_ALONE(test_only_ipv4),
		LIVE_TEST_ALONE(test_only_ipv6),
		LIVE_TEST_ALONE(test_pid_is_the_owner),
		LIVE_TEST_ALONE(test_states),
		LIVE_TEST_ALONE(test_namespace),
		LIVE_TEST_ALONE(test_event_types),
		LIVE_TEST_ALONE(test_duration),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("filters", tests, NULL, NULL);
}
