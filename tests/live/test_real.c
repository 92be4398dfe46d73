// SPDX-License-Identifier: GPL-2.0
/*
 * Real programs, untouched: nothing that they do in a day's work is a false alarm. Programs that
 * leak, written like bugs that people hunted for weeks: found, with the right verdict, as soon as
 * may be.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "service.h"
#include "sockets.h"
#include "tracer.h"

#define HOME "127.0.0.1"
#define NGINX 8080
#define NGINX_SHORT 8081	/* closes what is idle for a second */
#define HAPROXY 8090
#define SOCAT 8091
#define STREAMER 9000
#define REDIS 6379
#define LEAKY 8070
#define CANARIES 7001		/* and above */

#define THRESHOLD "2s"
#define THRESHOLD_NS 2000000000LL
#define INTERVAL_NS 1000000000LL	/* between two looks of the detector */
#define SLACK_NS 250000000LL		/* one look and the pipe, on a busy machine */
#define PATIENCE_MS 20000
#define EXIT_FINDINGS 3

static uint16_t canary;		/* port of the latest */

static int teardown(void **state)
{
	service_stop_all();
	return fixture_stop(state);
}

#define TEST(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, teardown, (void *)#test)

/* Our namespace's sockets only: other tests may run beside this one. */
static struct tracer *watch(void **state)
{
	char self[16];
	const char *const args[] = { "--stuck", "close-wait=" THRESHOLD, "-e", "finding",
				     "--netns", self, NULL };

	snprintf(self, sizeof(self), "%d", getpid());
	*state = tracer_start(args);
	canary = CANARIES;
	return *state;
}

static bool is_of_canary(uint16_t port)
{
	return port >= CANARIES && port <= canary;
}

static bool is_finding(const json_t *event, uint16_t port)
{
	return event_has_text(event, "type", "finding") &&
	       event_has_number(event, "service_lport", port);
}

static bool is_canarys(const json_t *event, const void *arg)
{
	return is_finding(event, *(const uint16_t *)arg);
}

/* Whoever was in CLOSE_WAIT before it has been there past the threshold once it is found. */
static void wait_for_canary(struct tracer *t)
{
	int listener = sockets_listen(HOME, ++canary, 1);
	int client = sockets_bound(HOME, 0, 0);
	char none;
	int leak;

	fatal_unless(!sockets_connect(client, HOME, canary), "connect");
	leak = sockets_accept(listener).fd;
	close(client);
	fatal_unless(recv(leak, &none, 1, 0) == 0, "end of data");
	assert_non_null(tracer_wait(t, is_canarys, &canary, PATIENCE_MS));
	close(listener);	/* the leak stays */
}

static void expect_no_alarm(const json_t *event)
{
	const json_t *port = json_object_get(event, "service_lport");
	char *line;

	if (!event_has_text(event, "type", "finding") ||
	    event_has_text(event, "severity", "info") ||
	    is_of_canary(json_integer_value(port)))
		return;
	line = json_dumps(event, JSON_COMPACT);
	print_error("%s\n", line);
	free(line);
	fail_msg("a false alarm");
}

/* The same of the one shot, once the canary is in. */
static void expect_no_alarm_at_once(void)
{
	const char *const args[] = { "stuck", "--older-than", THRESHOLD, "--json", NULL };
	struct command c;
	char *line = NULL;
	size_t room = 0;

	assert_int_equal(command_run(&c, args, PATIENCE_MS), EXIT_FINDINGS);
	rewind(c.out);
	while (getline(&line, &room, c.out) > 0) {
		json_t *event = json_loads(line, 0, NULL);

		expect_no_alarm(event);
		json_decref(event);
	}
	free(line);
	command_close(&c);
}

/* Everybody has been there for longer than the threshold, and only the canary is a leak. */
static void expect_only_the_canary(struct tracer *t)
{
	const json_t *event;
	size_t i;

	wait_for_canary(t);
	json_array_foreach(tracer_events(t), i, event)
		expect_no_alarm(event);
}

static int connect_to(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fatal_unless(!sockets_connect(fd, HOME, port), "connect");
	return fd;
}

static void say(int fd, const char *words)
{
	ssize_t len = strlen(words);

	fatal_unless(send(fd, words, len, MSG_NOSIGNAL) == len, "send");
}

/* Reads on until those words have come. */
static void hear(int fd, const char *words)
{
	char text[4096];
	size_t used = 0;
	ssize_t n;

	do {
		n = recv(fd, text + used, sizeof(text) - 1 - used, 0);
		fatal_unless(n > 0, "recv");
		used += n;
		text[used] = '\0';
	} while (!strstr(text, words));
}

static void ask_nginx(int fd)
{
	say(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	hear(fd, "hello");
}

static void start_nginx(void)
{
	char conf[] = "tests/real/nginx.conf", *path = realpath(conf, NULL);
	const char *const argv[] = { "/usr/sbin/nginx", "-p", service_dir(), "-c", path, NULL };

	fatal_unless(path, conf);
	service_start(argv, NGINX);
	free(path);
}

static void run_curl(void)
{
	static const char *const argv[] = { "/usr/bin/curl", "-sS", "http://127.0.0.1:8080/[1-20]",
					    NULL };

	service_run(argv);
}

#define IDLE 20

/* Clients that come and go, some that half-close, some that stay and say nothing. */
static void test_nginx_with_keepalive(void **state)
{
	int idle[IDLE], i, j, fd;
	struct tracer *t;

	service_need("/usr/sbin/nginx");
	service_need("/usr/bin/curl");
	netns_enter();
	t = watch(state);
	start_nginx();
	for (i = 0; i < IDLE; i++)
		ask_nginx(idle[i] = connect_to(NGINX));
	for (i = 0; i < 200; i++) {
		fd = connect_to(NGINX);
		for (j = 0; j < 3; j++)
			ask_nginx(fd);
		if (i % 4 == 0)
			shutdown(fd, SHUT_WR);
		close(fd);
	}
	run_curl();
	expect_only_the_canary(t);
	expect_no_alarm_at_once();
	for (i = 0; i < IDLE; i++)
		close(idle[i]);
	tracer_finish(t);
}

/* In this namespace, IPv4. */
static int count_close_wait(void)
{
	FILE *file = fopen("/proc/thread-self/net/tcp", "re");
	unsigned int state;
	char line[256];
	int count = 0;

	fatal_unless(file, "/proc/thread-self/net/tcp");
	while (fgets(line, sizeof(line), file))
		count += sscanf(line, " %*d: %*s %*s %x", &state) == 1 && state == TCP_CLOSE_WAIT;
	fclose(file);
	return count;
}

static bool as_many_wait(const void *wanted)
{
	return count_close_wait() == *(const int *)wanted;
}

#define POOL 8
#define ROUNDS 3

/*
 * nginx closes what the pool keeps: it finds out when it next takes them, and has no more. The one
 * shot is not asked: one look cannot tell what stays bounded from what grows.
 */
static void test_python_connection_pool(void **state)
{
	static const char *const argv[] = { "/usr/bin/python3", "tests/real/pool.py", "8081", "8",
					    NULL };
	struct tracer *t;
	int i, pool, waiting;

	service_need("/usr/sbin/nginx");
	service_need("/usr/bin/python3");
	netns_enter();
	t = watch(state);
	start_nginx();
	pool = service_start(argv, 0);
	for (i = 0; i < ROUNDS; i++) {
		child_signal(pool);
		child_await(pool);
		waiting = POOL + i;	/* and a canary of each round before */
		assert_true(deadline_until(as_many_wait, &waiting, PATIENCE_MS));
		expect_only_the_canary(t);
	}
	tracer_finish(t);
}

#define TUNNELS 4

static void stream_to(const int fds[TUNNELS])
{
	const struct timespec pace = { .tv_nsec = 50000000 };
	char chunk[64] = "";
	int i;

	for (;;) {
		for (i = 0; i < TUNNELS; i++)
			fatal_unless(send(fds[i], chunk, sizeof(chunk), MSG_NOSIGNAL) > 0, "send");
		nanosleep(&pace, NULL);
	}
}

/* Hears each client out, then talks without end. */
static void stream(int link, void *arg)
{
	int fds[TUNNELS], i;
	char byte;

	(void)link;
	for (i = 0; i < TUNNELS; i++) {
		fds[i] = accept(*(int *)arg, NULL, NULL);
		while (recv(fds[i], &byte, 1, 0) > 0)
			;
	}
	stream_to(fds);
}

/* A client's FIN has passed through, and what it waits for comes back. */
static int half_closed_client(uint16_t port)
{
	int fd = connect_to(port);

	say(fd, "all of it\n");
	shutdown(fd, SHUT_WR);
	sockets_wait_state(fd, TCP_FIN_WAIT2);
	return fd;
}

static void expect_no_alarm_of_tunnel(void **state, const char *const argv[], uint16_t port)
{
	int fds[TUNNELS], listener, i;
	struct child streamer;
	struct tracer *t;
	char byte;

	netns_enter();
	t = watch(state);
	listener = sockets_listen(HOME, STREAMER, TUNNELS);
	service_start(argv, port);
	/* what asked whether it listens has got through as well */
	close(accept(listener, NULL, NULL));
	streamer = child_start(stream, &listener);
	for (i = 0; i < TUNNELS; i++)
		fds[i] = half_closed_client(port);
	for (i = 0; i < TUNNELS; i++)
		fatal_unless(recv(fds[i], &byte, 1, 0) == 1, "stream");
	expect_only_the_canary(t);
	expect_no_alarm_at_once();
	child_kill(&streamer);
	for (i = 0; i < TUNNELS; i++)
		close(fds[i]);
	close(listener);
	tracer_finish(t);
}

static void test_haproxy_tunnel_half_closed(void **state)
{
	static const char *const argv[] = { "/usr/sbin/haproxy", "-db", "-f",
					    "tests/real/haproxy.cfg", NULL };

	service_need(argv[0]);
	expect_no_alarm_of_tunnel(state, argv, HAPROXY);
}

/* -t: how long it lets the other half go on. */
static void test_socat_tunnel_half_closed(void **state)
{
	static const char *const argv[] = { "/usr/bin/socat", "-t", "60",
					    "TCP-LISTEN:8091,bind=127.0.0.1,fork,reuseaddr",
					    "TCP:127.0.0.1:9000", NULL };

	service_need(argv[0]);
	expect_no_alarm_of_tunnel(state, argv, SOCAT);
}

#define PIPELINE 100

static void talk_to_redis(int fd)
{
	int i;

	for (i = 0; i < PIPELINE; i++)
		say(fd, "PING\r\n");
	say(fd, "ECHO done\r\n");
	hear(fd, "done");
}

static void talk_and_hang(int link, void *none)
{
	int fd = connect_to(REDIS);

	(void)none;
	talk_to_redis(fd);
	child_signal(link);
	child_await(link);
}

/* Pipelines; clients that leave, are killed as a process, are killed by the server. */
static void test_redis_and_its_clients(void **state)
{
	const char *const argv[] = { "/usr/bin/redis-server", "--port", "6379", "--bind", HOME,
				     "--save", "", "--dir", service_dir(), NULL };
	struct child child;
	struct tracer *t;
	int i, fd, killed;

	service_need(argv[0]);
	netns_enter();
	t = watch(state);
	service_start(argv, REDIS);
	for (i = 0; i < 50; i++) {
		talk_to_redis(fd = connect_to(REDIS));
		close(fd);
	}
	child = child_start(talk_and_hang, NULL);
	child_await(child.link);
	child_kill(&child);
	talk_to_redis(killed = connect_to(REDIS));
	say(fd = connect_to(REDIS), "CLIENT KILL TYPE normal\r\n");
	hear(fd, ":");
	sockets_wait_state(killed, TCP_CLOSE_WAIT);
	close(killed);
	expect_only_the_canary(t);
	expect_no_alarm_at_once();
	close(fd);
	tracer_finish(t);
}

struct leak {
	const char *bug, *says, *verdict;
};

#define LEAKS 20

static uint64_t lose_client(const struct leak *leak)
{
	int fd = connect_to(LEAKY);
	uint64_t now;

	say(fd, leak->says);
	now = deadline_now_ns();
	close(fd);
	return now;
}

static bool has_verdict(const json_t *event, const void *verdict)
{
	return is_finding(event, LEAKY) && event_has_text(event, "verdict", verdict);
}

static const json_t *expect_verdict(struct tracer *t, const struct leak *leak)
{
	const json_t *finding = tracer_wait(t, has_verdict, leak->verdict, PATIENCE_MS);

	if (!finding)
		fail_msg("%s was not found", leak->bug);
	assert_string_equal(event_text(finding, "status"), "open");
	assert_int_equal(event_number(finding, "unread_bytes"),
			 event_number(finding, "count") * strlen(leak->says));
	return finding;
}

/* From the moment when the first socket has been there for as long as the threshold. */
static void expect_in_time(const struct leak *leak, const json_t *finding, uint64_t lost_ns)
{
	int64_t late = event_number(finding, "mono_ns") - lost_ns - THRESHOLD_NS;

	print_message("%s: %s, %.3f s after the threshold\n", leak->bug, leak->verdict, late / 1e9);
	assert_in_range(late, 0, deadline_patience() * (INTERVAL_NS + SLACK_NS));
}

static struct tracer *watch_leaky(void **state, const struct leak *leak)
{
	const char *const argv[] = { "/usr/bin/python3", "tests/real/leaky.py", "8070", leak->bug,
				     NULL };
	struct tracer *t;

	service_need(argv[0]);
	netns_enter();
	t = watch(state);
	child_await(service_start(argv, 0));
	return t;
}

static void expect_found(void **state, const struct leak *leak)
{
	struct tracer *t = watch_leaky(state, leak);
	uint64_t first = lose_client(leak);
	int i;

	for (i = 1; i < LEAKS; i++)
		lose_client(leak);
	expect_in_time(leak, expect_verdict(t, leak), first);
	tracer_finish(t);
}

static void test_leak_read_and_never_closed(void **state)
{
	static const struct leak leak = { "forgets-close", "", "eof-read-not-closed" };

	expect_found(state, &leak);
}

static void test_leak_never_looked_at_again(void **state)
{
	static const struct leak leak = { "never-reads", "", "eof-not-read" };

	expect_found(state, &leak);
}

/* 86 bytes were what a proxy's users found unread in each of thousands of sockets. */
static void test_leak_with_86_bytes_unread(void **state)
{
	static const struct leak leak = {
		"never-reads",
		"0123456789012345678901234567890123456789012"
		"0123456789012345678901234567890123456789012", "unread-data",
	};

	assert_int_equal(strlen(leak.says), 86);
	expect_found(state, &leak);
}

static void test_leak_in_the_accept_queue(void **state)
{
	static const struct leak leak = { "stuck-worker", "", "not-accepted" };

	expect_found(state, &leak);
}

static bool is_warning(const json_t *event, const void *none)
{
	(void)none;
	return is_finding(event, LEAKY) && !event_has_text(event, "severity", "info");
}

/* One more socket whenever nothing was told for 50 ms. */
static void test_leak_that_goes_on_is_a_warning(void **state)
{
	static const struct leak leak = { "forgets-close", "", "eof-read-not-closed" };
	struct tracer *t = watch_leaky(state, &leak);
	uint64_t began = deadline_now_ns(), deadline = deadline_in_ms(PATIENCE_MS);
	const json_t *finding;

	do {
		lose_client(&leak);
		finding = tracer_wait(t, is_warning, NULL, 50);
	} while (!finding && deadline_left_ms(deadline));
	assert_non_null(finding);
	print_message("a warning at %d sockets, after %.1f s\n",
		      (int)event_number(finding, "count"), (deadline_now_ns() - began) / 1e9);
	tracer_finish(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nginx_with_keepalive),
		TEST(test_python_connection_pool),
		TEST(test_haproxy_tunnel_half_closed),
		TEST(test_socat_tunnel_half_closed),
		TEST(test_redis_and_its_clients),
		TEST(test_leak_read_and_never_closed),
		TEST(test_leak_never_looked_at_again),
		TEST(test_leak_with_86_bytes_unread),
		TEST(test_leak_in_the_accept_queue),
		TEST(test_leak_that_goes_on_is_a_warning),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("real programs", tests, NULL, NULL);
}
