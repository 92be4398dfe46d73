// SPDX-License-Identifier: GPL-2.0
/*
 * Why a socket stays in CLOSE_WAIT, one test a verdict, and how bad it is: a pool that stays
 * bounded, a leak that grows towards the descriptor limit.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "command.h"
#include "event.h"
#include "fatal.h"
#include "finding.h"
#include "fixture.h"
#include "netns.h"

#define ADDRESS "127.0.9.1"
#define UNREAD 86
#define POOL 20
#define LIMIT 400		/* descriptors of the leaking process */
#define LEAK_PACE_MS 60
#define SEND_PACE_MS 20
#define CLOSE_WAIT "close-wait=1s"

/* -e finding alone would not show who connects. */
static const char *const args[] = { "--stuck", CLOSE_WAIT, "-e", "finding,transition", NULL };

static struct tracer *start(void **state)
{
	*state = tracer_start(args);
	return *state;
}

/* Half of the threshold is the longest pause between two sends that a busy machine may make. */
static struct tracer *start_slow(void **state)
{
	const char *const slow[] = { "--stuck", "close-wait=4s", "-e", "finding", NULL };

	*state = tracer_start(slow);
	return *state;
}

static void finish(struct tracer *t)
{
	tracer_finish(t);
	netns_leave();
}

static void end_pair(const struct pair *p)
{
	close(p->server.fd);
	close(p->client.fd);
}

/* The same in one shot. */
static void expect_one_shot(const struct end *end, const char *verdict)
{
	json_decref(finding_stuck(CLOSE_WAIT, (struct finding_wanted){ .cookie = end->cookie,
								       .verdict = verdict }));
}

static void test_eof_read(void **state)
{
	const json_t *found;
	struct tracer *t;
	struct pair p;
	char byte;

	netns_enter();
	t = start(state);
	p = sockets_pair(ADDRESS);
	shutdown(p.client.fd, SHUT_WR);
	assert_int_equal(recv(p.server.fd, &byte, 1, 0), 0);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.server.cookie,
							 .verdict = "eof-read-not-closed" });
	/* one, that may be at work on its answer, is no leak yet */
	assert_string_equal(event_text(found, "severity"), "info");
	assert_null(strstr(event_text(found, "advice"), "descriptor leak"));
	expect_one_shot(&p.server, "eof-read-not-closed");
	end_pair(&p);
	finish(t);
}

static void test_eof_not_read(void **state)
{
	struct tracer *t;
	struct pair p;

	netns_enter();
	t = start(state);
	p = sockets_pair(ADDRESS);
	shutdown(p.client.fd, SHUT_WR);
	finding_wait(t, (struct finding_wanted){ .cookie = p.server.cookie,
						 .verdict = "eof-not-read" });
	expect_one_shot(&p.server, "eof-not-read");
	end_pair(&p);
	finish(t);
}

static void test_unread_data(void **state)
{
	const char data[UNREAD] = { 0 };
	const json_t *found;
	struct tracer *t;
	struct pair p;

	netns_enter();
	t = start(state);
	p = sockets_pair(ADDRESS);
	send(p.client.fd, data, sizeof(data), 0);
	shutdown(p.client.fd, SHUT_WR);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.server.cookie,
							 .verdict = "unread-data" });
	assert_int_equal(event_number(found, "unread_bytes"), UNREAD);
	expect_one_shot(&p.server, "unread-data");
	end_pair(&p);
	finish(t);
}

static void test_not_accepted(void **state)
{
	const json_t *found;
	struct end there;
	struct tracer *t;
	int client;

	netns_enter();
	t = start(state);
	there = sockets_end(sockets_listen(ADDRESS, 0, 8));
	client = sockets_open(AF_INET, 0);
	assert_int_equal(sockets_connect(client, ADDRESS, there.lport), 0);
	shutdown(client, SHUT_WR);
	found = finding_wait(t, (struct finding_wanted){ .lport = there.lport,
							 .verdict = "not-accepted" });
	assert_string_equal(event_text(found, "state"), "CLOSE_WAIT");
	assert_string_equal(event_text(found, "severity"), "warning");
	close(client);
	close(there.fd);
	finish(t);
}

/* A tunnel: it goes on sending until it is told to stop. */
static void send_on(int link, void *arg)
{
	const struct pair *p = arg;
	struct pollfd told = { .fd = link, .events = POLLIN };
	char data[512] = { 0 };

	while (!poll(&told, 1, SEND_PACE_MS)) {
		fatal_unless(send(p->server.fd, data, sizeof(data), 0) == sizeof(data), "send");
		fatal_unless(recv(p->client.fd, data, sizeof(data), MSG_WAITALL) == sizeof(data),
			     "recv");
	}
	child_await(link);
	child_signal(link);
	child_await(link);
}

/* To the one shot a socket is as old as what was last heard of the peer. */
static void expect_nothing_stuck(void)
{
	const char *const look[] = { "stuck", "--stuck", "close-wait=4s", "--netns",
				     "/proc/self/ns/net", NULL };
	struct command c;
	int code;

	code = command_run(&c, look, TRACER_PATIENCE_MS);
	assert_true(command_said(c.out, "nothing is stuck in 1 network namespace"));
	command_close(&c);
	assert_int_equal(code, 0);
}

static void test_still_sending(void **state)
{
	const json_t *found;
	struct child sender;
	struct tracer *t;
	struct pair p;
	char byte;

	netns_enter();
	t = start_slow(state);
	p = sockets_pair(ADDRESS);
	shutdown(p.client.fd, SHUT_WR);
	assert_int_equal(recv(p.server.fd, &byte, 1, 0), 0);
	sender = child_start(send_on, &p);
	found = finding_wait(t, (struct finding_wanted){ .cookie = p.server.cookie,
							 .status = "open" });
	assert_string_equal(event_text(found, "verdict"), "still-sending");
	assert_string_equal(event_text(found, "severity"), "info");
	expect_nothing_stuck();
	child_signal(sender.link);
	child_await(sender.link);
	finding_wait(t, (struct finding_wanted){ .cookie = p.server.cookie,
						 .verdict = "eof-read-not-closed" });
	child_kill(&sender);
	end_pair(&p);
	finish(t);
}

static void keep_copy(int link, void *arg)
{
	(void)arg;
	child_signal(link);
	child_await(link);
}

/* Who connected is known by the event, who accepted by a look at the descriptors. */
static void expect_held_by_child(struct tracer *t, const struct end *end, pid_t holder)
{
	const json_t *found = finding_wait(t, (struct finding_wanted){ .cookie = end->cookie });

	assert_string_equal(event_text(found, "verdict"), "held-by-child");
	assert_int_equal(json_array_size(event_part(found, "owners")), 1);
	assert_int_equal(event_number(json_array_get(event_part(found, "owners"), 0), "pid"),
			 holder);
}

static void test_held_by_forked_child(void **state)
{
	struct child child;
	struct tracer *t;
	struct pair p;

	netns_enter();
	t = start(state);
	p = sockets_pair(ADDRESS);
	child = child_start(keep_copy, NULL);
	child_await(child.link);
	shutdown(p.server.fd, SHUT_WR);
	close(p.client.fd);
	expect_held_by_child(t, &p.client, child.pid);
	child_kill(&child);
	close(p.server.fd);
	finish(t);
}

/* Both have it: the one that opened it could close it. */
static void test_held_by_both_is_no_childs(void **state)
{
	struct child child;
	struct tracer *t;
	struct pair p;

	netns_enter();
	t = start(state);
	p = sockets_pair(ADDRESS);
	child = child_start(keep_copy, NULL);
	child_await(child.link);
	shutdown(p.server.fd, SHUT_WR);
	finding_wait(t, (struct finding_wanted){ .cookie = p.client.cookie,
						 .verdict = "eof-not-read", .status = "open" });
	child_kill(&child);
	end_pair(&p);
	finish(t);
}

/* One byte with a descriptor. */
union descriptor_message {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static void pass_descriptor(int link, int fd)
{
	union descriptor_message control = { 0 };
	struct iovec byte = { .iov_base = "!", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
					   .cmsg_len = CMSG_LEN(sizeof(fd)) };
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	fatal_unless(sendmsg(link, &message, 0) == 1, "SCM_RIGHTS");
}

static void take_descriptor(int link, void *arg)
{
	union descriptor_message control;
	char data;
	struct iovec byte = { .iov_base = &data, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	(void)arg;
	fatal_unless(recvmsg(link, &message, 0) == 1 && !(message.msg_flags & MSG_CTRUNC),
		     "SCM_RIGHTS");
	child_signal(link);
	child_await(link);
}

/* Accepted before the tracer came, which found it in this process. */
static void test_held_by_whom_it_was_passed_to(void **state)
{
	struct child child;
	struct tracer *t;
	struct pair p;

	netns_enter();
	child = child_start(take_descriptor, NULL);
	p = sockets_pair(ADDRESS);
	t = start(state);
	pass_descriptor(child.link, p.server.fd);
	child_await(child.link);
	shutdown(p.client.fd, SHUT_WR);
	close(p.server.fd);
	expect_held_by_child(t, &p.server, child.pid);
	child_kill(&child);
	close(p.client.fd);
	finish(t);
}

/* One more in CLOSE_WAIT at that listener; returns the end that nobody closes. */
static int linger(const struct end *there)
{
	int client = sockets_open(AF_INET, 0), held;

	fatal_unless(!sockets_connect(client, there->laddr, there->lport), "connect");
	held = accept(there->fd, NULL, NULL);
	close(client);
	return held;
}

/* As an idle pool has it: some, then fewer. Each time it is told it is told as harmless. */
static void test_bounded_pool_is_info(void **state)
{
	int held[POOL], left = POOL;
	const json_t *found;
	struct end there;
	struct tracer *t;

	netns_enter();
	t = start(state);
	there = sockets_end(sockets_listen(ADDRESS, 0, POOL));
	for (int i = 0; i < POOL; i++)
		held[i] = linger(&there);
	found = finding_wait(t, (struct finding_wanted){ .lport = there.lport });
	while (event_is_null(found, "growth_per_s")) {
		assert_true(left > 1);
		close(held[--left]);
		found = finding_wait(t, (struct finding_wanted){ .lport = there.lport,
								 .count = left });
	}
	assert_true(json_real_value(json_object_get(found, "growth_per_s")) == 0);
	assert_true(event_is_null(found, "eta_s"));
	assert_int_equal(finding_count(t, (struct finding_wanted){ .lport = there.lport }),
			 finding_count(t, (struct finding_wanted){ .lport = there.lport,
								   .severity = "info" }));
	while (left)
		close(held[--left]);
	close(there.fd);
	finish(t);
}

static void leak(int link, void *arg)
{
	const struct rlimit limit = { LIMIT, LIMIT };
	struct pollfd told = { .fd = link, .events = POLLIN };
	const struct end *there = arg;

	fatal_unless(!setrlimit(RLIMIT_NOFILE, &limit), "RLIMIT_NOFILE");
	while (!poll(&told, 1, LEAK_PACE_MS))
		fatal_unless(linger(there) >= 0, "accept");
}

static void test_leak_is_critical(void **state)
{
	const json_t *found;
	struct child leaking;
	struct end there;
	struct tracer *t;

	netns_enter();
	t = start(state);
	there = sockets_end(sockets_listen(ADDRESS, 0, POOL));
	leaking = child_start(leak, &there);
	found = finding_wait(t, (struct finding_wanted){ .lport = there.lport });
	assert_string_equal(event_text(found, "verdict"), "eof-not-read");
	assert_string_equal(event_text(found, "severity"), "info");
	found = finding_wait(t, (struct finding_wanted){ .lport = there.lport,
							 .severity = "critical" });
	assert_true(event_number(found, "count") < LIMIT / 2);
	assert_int_equal(event_number(found, "fd_limit"), LIMIT);
	assert_true(event_number(found, "fd_open") >= event_number(found, "count"));
	assert_true(json_real_value(json_object_get(found, "growth_per_s")) > 0);
	assert_true(json_real_value(json_object_get(found, "eta_s")) > 0);
	assert_true(json_real_value(json_object_get(found, "eta_s")) < 3600);
	child_signal(leaking.link);
	child_wait(&leaking);
	close(there.fd);
	finish(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_eof_read),
		LIVE_TEST_ALONE(test_eof_not_read),
		LIVE_TEST_ALONE(test_unread_data),
		LIVE_TEST_ALONE(test_not_accepted),
		LIVE_TEST_ALONE(test_still_sending),
		LIVE_TEST_ALONE(test_held_by_forked_child),
		LIVE_TEST_ALONE(test_held_by_both_is_no_childs),
		LIVE_TEST_ALONE(test_held_by_whom_it_was_passed_to),
		LIVE_TEST_ALONE(test_bounded_pool_is_info),
		LIVE_TEST_ALONE(test_leak_is_critical),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
