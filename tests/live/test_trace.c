// SPDX-License-Identifier: GPL-2.0
/* How connections end, on IPv4 loopback: every transition of both sides, event by event. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "keep.h"
#include "path.h"
#include "sockets.h"
#include "tracer.h"

#define ACTIVE_CLOSE "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
#define PASSIVE_CLOSE "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE"
#define CLIENT_CUT "CLOSE>SYN_SENT>ESTABLISHED>CLOSE"
#define SERVER_CUT "LISTEN>SYN_RECV>ESTABLISHED>CLOSE"

static void send_bytes(int fd, size_t count)
{
	static const char bytes[4096];

	fatal_unless(send(fd, bytes, count, MSG_NOSIGNAL) == (ssize_t)count, "send");
}

static void wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	fatal_unless(poll(&p, 1, TRACER_PATIENCE_MS) == 1, "poll");
}

static void test_active_and_passive_close(void **state)
{
	struct pair p = sockets_pair("127.0.1.1");

	sockets_close_in_order(&p.client, &p.server);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	tracer_finish(*state);
}

static void test_server_closes_first(void **state)
{
	struct pair p = sockets_pair("127.0.1.2");

	sockets_close_in_order(&p.server, &p.client);
	path_expect(*state, &p.client, "CLOSE>SYN_SENT>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE");
	path_expect(*state, &p.server,
		    "LISTEN>SYN_RECV>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT");
	tracer_finish(*state);
}

static void test_connecting_and_closing_side_name_their_process(void **state)
{
	struct pair p = sockets_pair("127.0.1.3");

	sockets_close_in_order(&p.client, &p.server);
	path_expect_owner(*state, &p.client, "SYN_SENT", getpid());
	path_expect_owner(*state, &p.client, "ESTABLISHED", getpid());
	path_expect_owner(*state, &p.client, "FIN_WAIT1", getpid());
	path_expect_owner(*state, &p.client, "TIME_WAIT", getpid());
	path_expect_owner(*state, &p.server, "LAST_ACK", getpid());
	assert_string_equal(event_text(path_step(*state, &p.client, "SYN_SENT"), "owner"),
			    "connect");
	tracer_finish(*state);
}

/* The full socket itself is in FIN_WAIT2 here, and its descriptor outlives it. */
static void test_half_close_with_data_after_fin(void **state)
{
	struct pair p = sockets_pair("127.0.1.4");

	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	send_bytes(p.server.fd, 4096);
	wait_readable(p.client.fd);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	close(p.client.fd);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	tracer_finish(*state);
}

/* A listener whose accept queue is full answers no SYN. */
static void test_close_in_syn_sent(void **state)
{
	int listener = sockets_listen("127.0.1.5", 0, 0);
	uint16_t port = sockets_end(listener).lport;
	int fills = sockets_bound("127.0.1.5", 0, 0);
	int fd = sockets_bound("127.0.1.5", 0, 0);
	struct timeval at_once = { .tv_usec = 1 };
	struct end client;

	fatal_unless(!sockets_connect(fills, "127.0.1.5", port), "connect");
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &at_once, sizeof(at_once));
	assert_int_equal(sockets_connect(fd, "127.0.1.5", port), EINPROGRESS);
	sockets_wait_state(fd, TCP_SYN_SENT);
	client = sockets_end(fd);
	client.rport = port;
	strcpy(client.raddr, "127.0.1.5");
	close(fd);
	path_expect(*state, &client, "CLOSE>SYN_SENT>CLOSE");
	path_expect_owner(*state, &client, "SYN_SENT", getpid());
	close(listener);
	sockets_abort(fills);
	tracer_finish(*state);
}

static void test_refused_connect(void **state)
{
	int deaf = sockets_bound("127.0.1.6", 0, 0);	/* holds a port where nobody listens */
	int fd = sockets_bound("127.0.1.6", 0, 0);
	struct end client = sockets_end(fd);

	client.rport = sockets_end(deaf).lport;
	strcpy(client.raddr, "127.0.1.6");
	assert_int_equal(sockets_connect(fd, client.raddr, client.rport), ECONNREFUSED);
	path_expect(*state, &client, "CLOSE>SYN_SENT>CLOSE");
	close(fd);
	close(deaf);
	path_expect(*state, &client, "CLOSE>SYN_SENT>CLOSE");
	tracer_finish(*state);
}

static void test_linger_zero_abort(void **state)
{
	struct pair p = sockets_pair("127.0.1.7");

	sockets_abort_and_close(p.client.fd, p.server.fd);
	path_expect(*state, &p.client, CLIENT_CUT);
	path_expect(*state, &p.server, SERVER_CUT);
	tracer_finish(*state);
}

static void test_close_with_unread_data(void **state)
{
	struct pair p = sockets_pair("127.0.1.8");

	send_bytes(p.client.fd, 100);
	wait_readable(p.server.fd);
	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE);
	close(p.client.fd);
	path_expect(*state, &p.server, SERVER_CUT);
	path_expect(*state, &p.client, CLIENT_CUT);
	tracer_finish(*state);
}

static void test_disconnect(void **state)
{
	struct pair p = sockets_pair("127.0.1.9");
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	assert_int_equal(connect(p.client.fd, &nowhere, sizeof(nowhere)), 0);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
	close(p.client.fd);
	close(p.server.fd);
	path_expect(*state, &p.client, CLIENT_CUT);
	path_expect(*state, &p.server, SERVER_CUT);
	tracer_finish(*state);
}

static void connect_and_hang(int link, void *arg)
{
	struct end *there = arg;
	int fd = sockets_open(AF_INET, 0);
	struct end end;

	fatal_unless(!sockets_connect(fd, there->laddr, there->lport), "connect");
	end = sockets_end(fd);
	child_tell(link, &end, sizeof(end));
	child_await(link);
}

/*
 * The kernel closes for the dead, orderly when there is nothing unread. Whether our FIN comes
 * before the acknowledgement of theirs is a race: streams of two providers need not be the same.
 */
static void test_peer_killed(void **state)
{
	struct end there = sockets_end(sockets_listen("127.0.1.10", 0, 8));
	struct child child = child_start(connect_and_hang, &there);
	pid_t pid = child.pid;
	struct pair p;

	keep_for(NULL);
	child_hear(child.link, &p.client, sizeof(p.client));
	p.server = sockets_accept(there.fd);
	close(there.fd);
	child_kill(&child);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	close(p.server.fd);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	path_expect_owner(*state, &p.client, "SYN_SENT", pid);
	path_expect_owner(*state, &p.client, "FIN_WAIT1", pid);
	path_expect_owner(*state, &p.server, "LAST_ACK", getpid());
	tracer_finish(*state);
}

/* The closed side is a mini-socket in FIN_WAIT2, which answers data with a reset and ends. */
static void test_data_to_closed_peer(void **state)
{
	struct pair p = sockets_pair("127.0.1.11");

	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE_WAIT);
	sockets_wait_mini(&p.server, TCP_FIN_WAIT2);
	send_bytes(p.client.fd, 10);
	sockets_wait_state(p.client.fd, TCP_CLOSE);
	close(p.client.fd);
	path_expect(*state, &p.client, "CLOSE>SYN_SENT>ESTABLISHED>CLOSE_WAIT>CLOSE");
	path_expect(*state, &p.server,
		    "LISTEN>SYN_RECV>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>CLOSE");
	path_expect_time_wait(*state, &p.server, "FIN_WAIT2", "reset", TRACER_PATIENCE_MS);
	tracer_finish(*state);
}

static void test_listen_and_close(void **state)
{
	struct end end = sockets_end(sockets_listen("127.0.1.12", 0, 8));

	close(end.fd);
	path_expect(*state, &end, "CLOSE>LISTEN>CLOSE");
	path_expect_owner(*state, &end, "LISTEN", getpid());
	path_expect_owner(*state, &end, "CLOSE", getpid());
	tracer_finish(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(test_active_and_passive_close),
		LIVE_TEST(test_server_closes_first),
		LIVE_TEST(test_connecting_and_closing_side_name_their_process),
		LIVE_TEST(test_half_close_with_data_after_fin),
		LIVE_TEST(test_close_in_syn_sent),
		LIVE_TEST(test_refused_connect),
		LIVE_TEST(test_linger_zero_abort),
		LIVE_TEST(test_close_with_unread_data),
		LIVE_TEST(test_disconnect),
		LIVE_TEST(test_peer_killed),
		LIVE_TEST(test_data_to_closed_peer),
		LIVE_TEST(test_listen_and_close),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("how connections end", tests, NULL, NULL);
}
