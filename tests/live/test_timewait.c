// SPDX-License-Identifier: GPL-2.0
/* The second life of a closed connection: FIN_WAIT2 and TIME_WAIT mini-sockets, and their ends. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "path.h"
#include "repair.h"
#include "silent.h"
#include "sockets.h"
#include "tracer.h"

#define ACTIVE_CLOSE "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
#define SERVER_ACTIVE "LISTEN>SYN_RECV>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
#define SECOND_NS 1000000000ULL
#define REUSE_PORT 20011	/* below the automatic ports */
#define REOPEN_PORT 20012
#define EXPIRE_PORT 20013
#define HIST_PORT 20014

/* A connection closed before the first test whose end is looked at by the last one. */
static struct tracer *long_tracer;
static struct pair long_pair;

static void test_orphaned_fin_wait2_meets_its_fin(void **state)
{
	struct pair p;

	silent_fin_skip(*state);
	p = sockets_pair("127.0.3.1");
	close(p.client.fd);
	sockets_wait_mini(&p.client, TCP_FIN_WAIT2);
	path_expect(*state, &p.client, "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2");
	close(p.server.fd);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	path_expect_time_wait(*state, &p.client, "FIN_WAIT2", "fin-arrived", TRACER_PATIENCE_MS);
	tracer_finish(*state);
}

static bool long_enough(const void *since)
{
	return deadline_now_ns() - *(const uint64_t *)since > 3 * SECOND_NS;
}

/* Beyond two seconds the FIN moves the mini-socket's timer, before that it moves nothing. */
static void test_orphaned_fin_wait2_meets_a_late_fin(void **state)
{
	struct pair p = sockets_pair("127.0.3.2");
	uint64_t since = deadline_now_ns(), held;

	close(p.client.fd);
	sockets_wait_mini(&p.client, TCP_FIN_WAIT2);
	deadline_until(long_enough, &since, TRACER_PATIENCE_MS);
	close(p.server.fd);
	path_expect(*state, &p.client, ACTIVE_CLOSE);
	held = path_expect_time_wait(*state, &p.client, "FIN_WAIT2", "fin-arrived",
				     TRACER_PATIENCE_MS);
	assert_in_range(held, 29 * SECOND_NS / 10, 5 * SECOND_NS * deadline_patience());
	tracer_finish(*state);
}

/* Connects from the same port to the same listener again and again until the kernel lets it;
 * returns the new client. */
static int connect_again(const struct end *before, uint16_t port, uint16_t to)
{
	uint64_t deadline = deadline_in_ms(TRACER_PATIENCE_MS);
	int fd, err;

	do {
		fd = sockets_bound(before->laddr, port, 0);
		err = sockets_connect(fd, before->raddr, to);
		if (!err)
			return fd;
		close(fd);
	} while (deadline_left_ms(deadline));
	fatal_unless(false, "connect over a TIME_WAIT");
	return -1;
}

static struct pair connect_from(int listener, const char *address, uint16_t port)
{
	struct end there = sockets_end(listener);
	struct pair p;
	int fd = sockets_bound(address, port, 0);

	fatal_unless(!sockets_connect(fd, address, there.lport), "connect");
	p.client = sockets_end(fd);
	p.server = sockets_accept(listener);
	return p;
}

/* Leaves a TIME_WAIT at the client and takes it by a new connect, whose two ends are aborted. */
static struct pair reuse_client_port(const char *address, uint16_t port)
{
	int listener = sockets_listen(address, 0, 8);
	struct pair p = connect_from(listener, address, port);
	struct end server;
	int fd;

	sockets_close_in_order(&p.client, &p.server);
	fd = connect_again(&p.client, port, p.client.rport);
	server = sockets_accept(listener);
	sockets_abort_and_close(fd, server.fd);
	close(listener);
	return p;
}

static void test_new_connect_reuses_time_wait(void **state)
{
	uint64_t before = deadline_now_ns(), duration;
	struct pair p = reuse_client_port("127.0.3.3", REUSE_PORT);

	path_expect(*state, &p.client, ACTIVE_CLOSE ">CLOSE");
	duration = path_expect_time_wait(*state, &p.client, "TIME_WAIT", "reused-out",
					 TRACER_PATIENCE_MS);
	assert_in_range(duration, 1, deadline_now_ns() - before);
	tracer_finish(*state);
}

static struct pair connect_from_any(int listener)
{
	struct pair p;
	int fd = sockets_open(AF_INET, 0);

	fatal_unless(!sockets_connect(fd, "127.0.0.1", REUSE_PORT), "connect");
	p.client = sockets_end(fd);
	p.server = sockets_accept(listener);
	return p;
}

/* The kernel has one port to choose, and takes one in TIME_WAIT only after a second. */
static void test_new_connect_is_given_the_port_of_time_wait(void **state)
{
	struct pair before, after;
	uint64_t since;
	int listener;

	netns_enter();
	netns_set("net/ipv4/ip_local_port_range", "40000 40000");
	listener = sockets_listen("127.0.0.1", REUSE_PORT, 8);
	before = connect_from_any(listener);
	sockets_close_in_order(&before.client, &before.server);
	since = deadline_now_ns();
	deadline_until(long_enough, &since, TRACER_PATIENCE_MS);
	after = connect_from_any(listener);
	assert_int_equal(after.client.lport, before.client.lport);
	sockets_abort_and_close(after.client.fd, after.server.fd);
	close(listener);
	path_expect_time_wait(*state, &before.client, "TIME_WAIT", "reused-out",
			      TRACER_PATIENCE_MS);
	tracer_finish(*state);
}

/* The server holds the TIME_WAIT here, and a SYN of the same client port reopens it. */
static void test_new_syn_reopens_time_wait(void **state)
{
	int listener = sockets_listen("127.0.3.4", 0, 8);
	struct pair p = connect_from(listener, "127.0.3.4", REOPEN_PORT);
	struct end server;
	int fd;

	sockets_close_in_order(&p.server, &p.client);
	fd = connect_again(&p.client, REOPEN_PORT, p.client.rport);
	server = sockets_accept(listener);
	sockets_abort_and_close(fd, server.fd);
	close(listener);
	path_expect(*state, &p.server, SERVER_ACTIVE ">CLOSE");
	path_expect_time_wait(*state, &p.server, "TIME_WAIT", "reused-in", TRACER_PATIENCE_MS);
	tracer_finish(*state);
}

static void test_namespace_removal_purges_time_wait(void **state)
{
	uint64_t theirs;
	struct pair p;

	netns_enter();
	theirs = netns_inode();
	p = sockets_pair("127.0.0.1");
	sockets_close_in_order(&p.client, &p.server);
	netns_leave();
	path_expect_in(*state, &p.client, ACTIVE_CLOSE ">CLOSE", theirs);
	path_expect_time_wait(*state, &p.client, "TIME_WAIT", "purged", TRACER_PATIENCE_MS);
	tracer_finish(*state);
}

/* RFC 1337: the reset of a peer that has forgotten the connection ends TIME_WAIT at once. */
static void test_reset_ends_time_wait(void **state)
{
	struct pair p = sockets_pair("127.0.3.7");
	uint32_t fin = repair_next_seq(p.server.fd);

	sockets_close_in_order(&p.client, &p.server);
	repair_send_reset(&p.server, fin + 1);
	path_expect(*state, &p.client, ACTIVE_CLOSE ">CLOSE");
	path_expect_time_wait(*state, &p.client, "TIME_WAIT", "reset", TRACER_PATIENCE_MS);
	tracer_finish(*state);
}

static bool is_one_reuse(const json_t *event, const void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "hist") &&
	       event_has_text(event, "end", "reused-out") && event_has_number(event, "count", 1);
}

static void test_histogram_counts_a_reuse(void **state)
{
	const char *const args[] = { "hist", "time-wait", "-L", "20014", "-i", "1", NULL };
	uint64_t before = deadline_now_ns();
	const json_t *hist;

	*state = tracer_start(args);
	reuse_client_port("127.0.3.5", HIST_PORT);
	hist = tracer_wait(*state, is_one_reuse, NULL, TRACER_PATIENCE_MS);
	assert_non_null(hist);
	assert_string_equal(event_text(hist, "state"), "TIME_WAIT");
	assert_in_range(event_number(hist, "max_ns"), 1, deadline_now_ns() - before);
	assert_int_equal(event_number(hist, "max_ns"), event_number(hist, "sum_ns"));
	tracer_finish(*state);
}

/* One TIME_WAIT is left to the kernel's own 60 s while the tests above run. */
static int start_expiry(void **state)
{
	const char *const args[] = { "-L", "20013", NULL };

	(void)state;
	long_tracer = tracer_start(args);
	long_pair = sockets_pair_from("127.0.3.6", EXPIRE_PORT);
	sockets_close_in_order(&long_pair.client, &long_pair.server);
	return 0;
}

static void test_time_wait_expires_after_60_s(void **state)
{
	uint64_t duration;

	*state = long_tracer;
	duration = path_expect_time_wait(long_tracer, &long_pair.client, "TIME_WAIT", "expired",
					 70000);
	print_message("TIME_WAIT lasted %.3f s\n", duration / 1e9);
	assert_in_range(duration, 60 * SECOND_NS, 63 * SECOND_NS);
	tracer_finish(long_tracer);
	path_expect(long_tracer, &long_pair.client, ACTIVE_CLOSE ">CLOSE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(test_orphaned_fin_wait2_meets_its_fin),
		LIVE_TEST(test_orphaned_fin_wait2_meets_a_late_fin),
		LIVE_TEST(test_new_connect_reuses_time_wait),
		LIVE_TEST(test_new_connect_is_given_the_port_of_time_wait),
		LIVE_TEST(test_new_syn_reopens_time_wait),
		LIVE_TEST(test_reset_ends_time_wait),
		LIVE_TEST(test_namespace_removal_purges_time_wait),
		LIVE_TEST_ALONE(test_histogram_counts_a_reuse),
		LIVE_TEST_ALONE(test_time_wait_expires_after_60_s),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("time-wait", tests, start_expiry, NULL);
}
