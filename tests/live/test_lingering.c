// SPDX-License-Identifier: GPL-2.0
/*
 * What waits for the peer or the network: FIN_WAIT2, FIN_WAIT1, CLOSING, LAST_ACK, a handshake. The
 * verdict, and what the kernel still does: tries, limits, times.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "deadline.h"
#include "deaf.h"
#include "event.h"
#include "fatal.h"
#include "finding.h"
#include "fixture.h"
#include "netns.h"

#define ADDRESS "127.0.8.1"
#define SECOND 1000000000LL
#define LINGER2_S 100		/* above TIME_WAIT's 60: the full socket stays */
#define TIME_WAIT_S 60
#define ALL "fin-wait1=1s,fin-wait2=1s,last-ack=1s,closing=1s,syn-recv=1s,close-wait=off"
#define ORPHAN_RETRIES 8
#define RETRIES2 15
#define SYNACK_RETRIES 5
#define FASTOPEN_WITHOUT_COOKIE "1543"	/* both sides, all listeners, no cookie asked for */

static struct tracer *start(void **state)
{
	const char *const args[] = { "--stuck", ALL, "-e", "finding", NULL };

	netns_enter();
	*state = tracer_start(args);
	return *state;
}

static void finish(struct tracer *t)
{
	tracer_finish(t);
	netns_leave();
}

static void expect_between(const json_t *finding, const char *field, int64_t low, int64_t high)
{
	int64_t value = event_number(finding, field);

	if (value < low || value > high)
		fail_msg("%s is %lld", field, (long long)value);
}

static void test_fin_wait2_held(void **state)
{
	struct tracer *t = start(state);
	struct pair p = sockets_pair(ADDRESS);
	const json_t *found;

	shutdown(p.client.fd, SHUT_WR);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.client.cookie });
	assert_string_equal(event_text(found, "state"), "FIN_WAIT2");
	assert_string_equal(event_text(found, "verdict"), "held");
	assert_int_equal(event_number(found, "orphans"), 0);
	assert_true(event_is_null(found, "kept_ns"));
	assert_int_equal(json_array_size(event_part(found, "owners")), 1);
	close(p.client.fd);
	close(p.server.fd);
	finish(t);
}

/* The peer goes on sending after our FIN. */
static void send_and_read(const struct pair *p)
{
	const struct timespec pace = { .tv_nsec = 50000000 };
	char data[64] = "";

	fatal_unless(send(p->server.fd, data, sizeof(data), 0) == sizeof(data), "send");
	fatal_unless(recv(p->client.fd, data, sizeof(data), MSG_WAITALL) == sizeof(data), "recv");
	nanosleep(&pace, NULL);
}

static void feed(int link, void *arg)
{
	struct pollfd told = { .fd = link, .events = POLLIN };

	while (!poll(&told, 1, 0))
		send_and_read(arg);
	child_await(link);
	child_signal(link);
	child_await(link);
}

/* Half of the threshold is the longest pause that a busy machine may make. */
static void test_fin_wait2_still_receiving(void **state)
{
	const char *const args[] = { "--stuck", "fin-wait2=4s,close-wait=off", "-e", "finding",
				     NULL };
	const json_t *found;
	struct child feeder;
	struct tracer *t;
	struct pair p;

	netns_enter();
	*state = t = tracer_start(args);
	p = sockets_pair(ADDRESS);
	shutdown(p.client.fd, SHUT_WR);
	feeder = child_start(feed, &p);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.client.cookie });
	assert_string_equal(event_text(found, "state"), "FIN_WAIT2");
	assert_string_equal(event_text(found, "verdict"), "still-receiving");
	assert_string_equal(event_text(found, "severity"), "info");
	child_signal(feeder.link);
	child_await(feeder.link);
	finding_wait(t, (struct finding_wanted){ .cookie = p.client.cookie, .verdict = "held",
						 .severity = "warning" });
	child_kill(&feeder);
	close(p.client.fd);
	close(p.server.fd);
	finish(t);
}

/* The keepalive timer ends the full socket, then a mini-socket waits: LINGER2_S - 60 each. */
static void test_fin_wait2_orphaned(void **state)
{
	const int64_t kept_ns = 2 * (LINGER2_S - TIME_WAIT_S) * SECOND;
	struct tracer *t = start(state);
	struct pair p = sockets_pair(ADDRESS);
	int linger2 = LINGER2_S;
	const json_t *found;
	json_t *shot;

	setsockopt(p.client.fd, IPPROTO_TCP, TCP_LINGER2, &linger2, sizeof(linger2));
	close(p.client.fd);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.client.cookie });
	assert_string_equal(event_text(found, "state"), "FIN_WAIT2");
	assert_string_equal(event_text(found, "verdict"), "orphaned");
	assert_int_equal(event_number(found, "orphans"), 1);
	/* a jiffy and the timer's own coarseness in either direction */
	expect_between(found, "kept_ns", kept_ns / 2,
		       kept_ns - event_number(found, "oldest_ns") + SECOND);
	shot = finding_stuck(ALL, (struct finding_wanted){ .cookie = p.client.cookie });
	assert_string_equal(event_text(shot, "verdict"), "orphaned");
	expect_between(shot, "kept_ns", 1, event_number(found, "kept_ns"));
	json_decref(shot);
	close(p.server.fd);
	finish(t);
}

/* As usual: a mini-socket from the start, for tcp_fin_timeout. Only events tell its age. */
static void test_fin_wait2_mini(void **state)
{
	const char *const args[] = { "--stuck", ALL, "-e", "finding,time_wait", NULL };
	const json_t *found;
	struct tracer *t;
	struct pair p;

	netns_enter();
	*state = t = tracer_start(args);
	p = sockets_pair(ADDRESS);
	close(p.client.fd);
	sockets_wait_mini(&p.client, TCP_FIN_WAIT2);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.client.cookie });
	assert_string_equal(event_text(found, "state"), "FIN_WAIT2");
	assert_string_equal(event_text(found, "verdict"), "orphaned");
	assert_false(event_flag(found, "oldest_at_least"));
	expect_between(found, "kept_ns", TIME_WAIT_S / 2 * SECOND,
		       TIME_WAIT_S * SECOND - event_number(found, "oldest_ns") + SECOND);
	close(p.server.fd);	/* its FIN comes */
	finding_wait(t, (struct finding_wanted){ .id = (int)event_number(found, "id"),
						 .status = "resolved" });
	finish(t);
}

/* The peer does not read: data and the FIN behind it wait for its window. */
static void test_fin_wait1_zero_window(void **state)
{
	static char block[65536];
	struct tracer *t = start(state);
	struct pair p = sockets_pair(ADDRESS);
	const json_t *found;

	while (send(p.server.fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	close(p.server.fd);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.server.cookie,
							 .verdict = "zero-window" });
	assert_string_equal(event_text(found, "state"), "FIN_WAIT1");
	assert_int_equal(event_number(found, "zero_window"), 1);
	assert_true(event_number(found, "unacked_bytes") > 0);
	assert_int_equal(event_number(found, "orphans"), 1);
	assert_int_equal(event_number(found, "retransmits_limit"), ORPHAN_RETRIES);
	expect_between(found, "next_retransmit_ns", -SECOND, 120 * SECOND);
	close(p.client.fd);
	finish(t);
}

/* What a FIN that nobody answers must say, in the stream and in one shot. */
static void expect_unanswered(struct tracer *t, const struct end *end, const char *state, int limit)
{
	const json_t *found = finding_wait(t, (struct finding_wanted){ .cookie = end->cookie,
								       .state = state });
	json_t *shot;

	assert_string_equal(event_text(found, "verdict"), "not-acknowledged");
	expect_between(found, "retransmits", 1, limit);
	assert_int_equal(event_number(found, "retransmits_limit"), limit);
	assert_int_equal(event_number(found, "unacked_bytes"), 0);
	assert_int_equal(event_number(found, "zero_window"), 0);
	expect_between(found, "next_retransmit_ns", -SECOND, 120 * SECOND);
	shot = finding_stuck(ALL, (struct finding_wanted){ .cookie = end->cookie, .state = state });
	assert_string_equal(event_text(shot, "verdict"), "not-acknowledged");
	assert_true(event_flag(shot, "oldest_at_least"));
	expect_between(shot, "oldest_ns", SECOND, (int64_t)event_number(shot, "mono_ns") -
		       event_number(found, "mono_ns") + event_number(found, "oldest_ns"));
	json_decref(shot);
}

static void test_fin_wait1_unanswered(void **state)
{
	struct tracer *t = start(state);
	struct pair p = sockets_pair(ADDRESS);

	deaf_make(p.server.fd);
	close(p.client.fd);
	expect_unanswered(t, &p.client, "FIN_WAIT1", ORPHAN_RETRIES);
	close(p.server.fd);
	finish(t);
}

static void test_fin_wait1_unanswered_held(void **state)
{
	struct tracer *t = start(state);
	struct pair p = sockets_pair(ADDRESS);

	deaf_make(p.server.fd);
	shutdown(p.client.fd, SHUT_WR);
	expect_unanswered(t, &p.client, "FIN_WAIT1", RETRIES2);
	close(p.client.fd);
	close(p.server.fd);
	finish(t);
}

/* The limit is that of the socket's own namespace. */
static void test_last_ack_unanswered(void **state)
{
	struct tracer *t = start(state);
	struct pair p;

	netns_set("net/ipv4/tcp_orphan_retries", "11");
	p = sockets_pair(ADDRESS);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	deaf_make(p.client.fd);
	close(p.server.fd);
	expect_unanswered(t, &p.server, "LAST_ACK", 11);
	close(p.client.fd);
	finish(t);
}

/*
 * client             server (deaf)
 * FIN_WAIT1 -- FIN --> |
 * CLOSING <-- FIN ---- FIN_WAIT1
 */
static void test_closing_unanswered(void **state)
{
	struct tracer *t = start(state);
	struct pair p = sockets_pair(ADDRESS);
	const json_t *found;

	deaf_make(p.server.fd);
	shutdown(p.client.fd, SHUT_WR);
	shutdown(p.server.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_CLOSING);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.client.cookie });
	assert_string_equal(event_text(found, "state"), "CLOSING");
	assert_string_equal(event_text(found, "verdict"), "not-acknowledged");
	expect_between(found, "retransmits", 1, RETRIES2);
	assert_int_equal(event_number(found, "retransmits_limit"), RETRIES2);
	close(p.client.fd);
	close(p.server.fd);
	finish(t);
}

/* The SYN,ACK is not heard. Only one look shows requests: they have no events. */
static void test_request_unanswered(void **state)
{
	struct end there;
	int client;
	json_t *shot;

	(void)state;
	netns_enter();
	there = sockets_end(sockets_listen(ADDRESS, 0, 8));
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	deaf_make(client);
	sockets_connect(client, ADDRESS, there.lport);
	shot = finding_stuck(ALL, (struct finding_wanted){ .lport = there.lport });
	assert_string_equal(event_text(shot, "state"), "NEW_SYN_RECV");
	assert_string_equal(event_text(shot, "rule"), "stuck-syn-recv");
	assert_string_equal(event_text(shot, "verdict"), "not-acknowledged");
	assert_int_equal(event_number(shot, "retransmits_limit"), SYNACK_RETRIES);
	expect_between(shot, "retransmits", 0, SYNACK_RETRIES);
	assert_false(event_flag(shot, "oldest_at_least"));
	assert_true(event_number(shot, "oldest_ns") >= SECOND);
	json_decref(shot);
	close(client);
	close(there.fd);
	netns_leave();
}

/* The handshake is done: the listener waits for data before it takes the connection. */
static void test_request_deferred(void **state)
{
	int client, wait_s = 60;
	struct end there;
	json_t *shot;

	(void)state;
	netns_enter();
	there = sockets_end(sockets_listen(ADDRESS, 0, 8));
	setsockopt(there.fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &wait_s, sizeof(wait_s));
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(sockets_connect(client, ADDRESS, there.lport), 0);
	shot = finding_stuck(ALL, (struct finding_wanted){ .lport = there.lport });
	assert_string_equal(event_text(shot, "state"), "NEW_SYN_RECV");
	assert_string_equal(event_text(shot, "verdict"), "not-accepted");
	assert_true(event_is_null(shot, "retransmits_limit"));
	json_decref(shot);
	close(client);
	close(there.fd);
	netns_leave();
}

/* A Fast Open child is a full socket before its SYN,ACK is answered; it has one try more. */
static void test_fast_open_unanswered(void **state)
{
	struct tracer *t = start(state);
	int client, backlog = 8;
	struct sockaddr_in to;
	socklen_t size = sizeof(to);
	const json_t *found;
	struct end there, child;

	netns_set("net/ipv4/tcp_fastopen", FASTOPEN_WITHOUT_COOKIE);
	there = sockets_end(sockets_listen(ADDRESS, 0, backlog));
	setsockopt(there.fd, IPPROTO_TCP, TCP_FASTOPEN, &backlog, sizeof(backlog));
	assert_int_equal(getsockname(there.fd, (struct sockaddr *)&to, &size), 0);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	deaf_make(client);
	sendto(client, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, size);
	child = sockets_accept(there.fd);
	sockets_wait_state(child.fd, TCP_SYN_RECV);
	found = finding_wait(t, (struct finding_wanted){ .cookie = child.cookie });
	assert_string_equal(event_text(found, "state"), "SYN_RECV");
	assert_string_equal(event_text(found, "verdict"), "not-acknowledged");
	assert_int_equal(event_number(found, "retransmits_limit"), SYNACK_RETRIES + 1);
	expect_between(found, "retransmits", 0, SYNACK_RETRIES + 1);
	close(child.fd);
	close(client);
	close(there.fd);
	finish(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_fin_wait2_held),
		LIVE_TEST_ALONE(test_fin_wait2_still_receiving),
		LIVE_TEST_ALONE(test_fin_wait2_orphaned),
		LIVE_TEST_ALONE(test_fin_wait2_mini),
		LIVE_TEST_ALONE(test_fin_wait1_zero_window),
		LIVE_TEST_ALONE(test_fin_wait1_unanswered),
		LIVE_TEST_ALONE(test_fin_wait1_unanswered_held),
		LIVE_TEST_ALONE(test_last_ack_unanswered),
		LIVE_TEST_ALONE(test_closing_unanswered),
		LIVE_TEST_ALONE(test_request_unanswered),
		LIVE_TEST_ALONE(test_request_deferred),
		LIVE_TEST_ALONE(test_fast_open_unanswered),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("lingering", tests, NULL, NULL);
}
