// SPDX-License-Identifier: GPL-2.0
/* Sockets other than plain IPv4 of this namespace: IPv6, v4-mapped, another namespace, MPTCP. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "path.h"
#include "silent.h"
#include "sockets.h"
#include "tracer.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define ACTIVE_CLOSE "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
#define PASSIVE_CLOSE "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE"

static void skip_without_ipv6(void)
{
	if (!access("/proc/net/if_inet6", F_OK))
		return;
	print_message("this kernel has no IPv6\n");
	skip();
}

static void test_ipv6(void **state)
{
	struct pair p;

	skip_without_ipv6();
	p = sockets_pair("::1");
	sockets_close_in_order(&p.client, &p.server);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	tracer_finish(*state);
}

/* The accepted socket is IPv6 and shown so, with mapped addresses, as ss does; the client that
 * reached it from 127.0.0.1 is IPv4. */
static void test_v4_mapped(void **state)
{
	struct pair p;
	struct end listener;
	int fd = sockets_open(AF_INET, 0);

	skip_without_ipv6();
	listener = sockets_end(sockets_listen("::", 0, 8));
	fatal_unless(!sockets_connect(fd, "127.0.0.1", listener.lport), "connect");
	p.client = sockets_end(fd);
	p.server = sockets_accept(listener.fd);
	assert_string_equal(p.server.laddr, "::ffff:127.0.0.1");
	sockets_close_in_order(&p.client, &p.server);
	close(listener.fd);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	path_expect(*state, &p.server, PASSIVE_CLOSE);
	path_expect(*state, &listener, "CLOSE>LISTEN>CLOSE");
	tracer_finish(*state);
}

/* A mapped active closer leaves an IPv6 mini-socket for an IPv4 connection. */
static void test_v4_mapped_time_wait(void **state)
{
	struct pair p;
	struct end listener;
	int fd = sockets_open(AF_INET, 0);

	skip_without_ipv6();
	listener = sockets_end(sockets_listen("::", 0, 8));
	fatal_unless(!sockets_connect(fd, "127.0.0.1", listener.lport), "connect");
	p.client = sockets_end(fd);
	p.server = sockets_accept(listener.fd);
	close(listener.fd);
	sockets_close_in_order(&p.server, &p.client);
	path_expect(*state, &p.server,
		    "LISTEN>SYN_RECV>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT");
	tracer_finish(*state);
}

static void test_other_namespace(void **state)
{
	uint64_t ours = netns_inode(), theirs;
	struct pair p;

	netns_enter();
	theirs = netns_inode();
	p = sockets_pair("127.0.0.1");
	sockets_close_in_order(&p.client, &p.server);
	netns_leave();
	assert_int_not_equal(ours, theirs);
	path_expect_in(*state, &p.server, PASSIVE_CLOSE, theirs);
	/* the namespace goes with its last socket, and takes the mini-socket along */
	path_expect_in(*state, &p.client, ACTIVE_CLOSE ">CLOSE", theirs);
	tracer_finish(*state);
}

static int mptcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0 && (errno == EPROTONOSUPPORT || errno == EINVAL || errno == ENOPROTOOPT)) {
		print_message("this kernel has no MPTCP\n");
		skip();
	}
	fatal_unless(fd >= 0, "MPTCP socket");
	return fd;
}

struct subflow_step {
	const char *side;	/* which port is the listener's: "lport" or "rport" */
	uint16_t port;
	const char *from, *to;	/* to is NULL for any */
};

static bool is_subflow_step(const json_t *event, const void *arg)
{
	const struct subflow_step *step = arg;

	return event_has_text(event, "type", "transition") &&
	       event_has_number(event, step->side, step->port) &&
	       event_has_text(event, "from", step->from) &&
	       (!step->to || event_has_text(event, "to", step->to));
}

static void expect_subflow(struct tracer *t, uint16_t port)
{
	const struct subflow_step steps[] = {
		{ "rport", port, "CLOSE", "SYN_SENT" },
		{ "lport", port, "LISTEN", "SYN_RECV" },
		{ "rport", port, "SYN_SENT", "ESTABLISHED" },
		{ "lport", port, "SYN_RECV", "ESTABLISHED" },
		{ "rport", port, "ESTABLISHED", NULL },
		{ "lport", port, "ESTABLISHED", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!tracer_wait(t, is_subflow_step, &steps[i], TRACER_PATIENCE_MS))
			fail_msg("no subflow with %s %u went from %s", steps[i].side, port,
				 steps[i].from);
}

/* MPTCP's own socket tells the tracepoint things like LISTEN to ESTABLISHED. */
static void expect_no_nonsense(const struct tracer *t)
{
	const json_t *event;
	size_t i;

	json_array_foreach(tracer_events(t), i, event) {
		if (!event_has_text(event, "type", "transition"))
			continue;
		assert_true(event_flag(event, "legal"));
		assert_false(event_has_text(event, "from", "LISTEN") &&
			     event_has_text(event, "to", "ESTABLISHED"));
	}
}

/* Its subflow has the same addresses: no event is to be taken for its own by them. */
static void expect_none_of(struct tracer *t, struct end mptcp)
{
	mptcp.netns = 0;
	path_expect_none(t, &mptcp);
}

static void test_mptcp_shows_only_its_subflow(void **state)
{
	int client = mptcp_socket();
	struct end listener, mp_client, mp_server;

	silent_fin_skip(*state);	/* its subflow's end may come by one */
	listener = sockets_end(sockets_bound("127.0.2.5", 0, IPPROTO_MPTCP));
	fatal_unless(!listen(listener.fd, 8), "listen");
	fatal_unless(!sockets_connect(client, listener.laddr, listener.lport), "connect");
	mp_client = sockets_end(client);
	mp_server = sockets_accept(listener.fd);
	close(client);
	close(mp_server.fd);
	close(listener.fd);
	expect_subflow(*state, listener.lport);
	expect_none_of(*state, listener);
	expect_none_of(*state, mp_client);
	expect_none_of(*state, mp_server);
	tracer_finish(*state);
	expect_no_nonsense(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(test_ipv6),
		LIVE_TEST(test_v4_mapped),
		LIVE_TEST(test_v4_mapped_time_wait),
		LIVE_TEST(test_other_namespace),
		LIVE_TEST(test_mptcp_shows_only_its_subflow),
	};

	return cmocka_run_group_tests_name("families and namespaces", tests, NULL, NULL);
}
