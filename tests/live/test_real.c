// SPDX-License-Identifier: GPL-2.0
/* Real programs, untouched: nothing that they do in a day's work is a false alarm. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "canary.h"
#include "chat.h"
#include "child.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "service.h"
#include "sockets.h"
#include "tracer.h"
#include "watch.h"

#define NGINX 8080
#define NGINX_SHORT 8081	/* closes what is idle for a second */
#define HAPROXY 8090
#define SOCAT 8091
#define STREAMER 9000
#define REDIS 6379

static void ask_nginx(int fd)
{
	chat_say(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	chat_hear(fd, "hello");
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
	t = canary_watch(state);
	start_nginx();
	for (i = 0; i < IDLE; i++)
		ask_nginx(idle[i] = chat_open(NGINX));
	for (i = 0; i < 200; i++) {
		fd = chat_open(NGINX);
		for (j = 0; j < 3; j++)
			ask_nginx(fd);
		if (i % 4 == 0)
			shutdown(fd, SHUT_WR);
		close(fd);
	}
	run_curl();
	canary_expect_alone(t);
	canary_expect_alone_at_once();
	for (i = 0; i < IDLE; i++)
		close(idle[i]);
	tracer_finish_but_unseen(t);
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
	t = canary_watch(state);
	start_nginx();
	pool = service_start(argv, 0);
	for (i = 0; i < ROUNDS; i++) {
		child_signal(pool);
		child_await(pool);
		waiting = POOL + i;	/* and a canary of each round before */
		assert_true(deadline_until(as_many_wait, &waiting, WATCH_PATIENCE_MS));
		canary_expect_alone(t);
	}
	tracer_finish_but_unseen(t);
}

#define TUNNELS 4
#define ANSWER "at last"

static void hear_out(const int *listener, int fds[TUNNELS])
{
	char byte;
	int i;

	for (i = 0; i < TUNNELS; i++) {
		fds[i] = accept(*listener, NULL, NULL);
		while (recv(fds[i], &byte, 1, 0) > 0)
			;
	}
}

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
	int fds[TUNNELS];

	(void)link;
	hear_out(arg, fds);
	stream_to(fds);
}

/* Hears each client out, and answers when it is told to. */
static void think(int link, void *arg)
{
	int fds[TUNNELS], i;

	hear_out(arg, fds);
	child_await(link);
	for (i = 0; i < TUNNELS; i++) {
		chat_say(fds[i], ANSWER);
		close(fds[i]);
	}
	child_await(link);
}

/* A client's FIN has passed through, and what it waits for comes back. */
static int half_closed_client(uint16_t port)
{
	int fd = chat_open(port);

	chat_say(fd, "all of it\n");
	shutdown(fd, SHUT_WR);
	sockets_wait_state(fd, TCP_FIN_WAIT2);
	return fd;
}

/* Tunnels to a server that does `serve`; returns that. */
static struct child open_tunnels(const char *const argv[], uint16_t port,
				 void (*serve)(int link, void *arg), int fds[TUNNELS])
{
	int listener = sockets_listen(WATCH_ADDRESS, STREAMER, TUNNELS), i;
	struct child server;

	service_start(argv, port);
	/* what asked whether it listens has got through as well */
	close(accept(listener, NULL, NULL));
	server = child_start(serve, &listener);
	close(listener);
	for (i = 0; i < TUNNELS; i++)
		fds[i] = half_closed_client(port);
	return server;
}

static void expect_no_alarm_of_tunnel(void **state, const char *const argv[], uint16_t port)
{
	struct child streamer;
	int fds[TUNNELS], i;
	struct tracer *t;
	char byte;

	netns_enter();
	t = canary_watch(state);
	streamer = open_tunnels(argv, port, stream, fds);
	for (i = 0; i < TUNNELS; i++)
		fatal_unless(recv(fds[i], &byte, 1, 0) == 1, "stream");
	canary_expect_alone(t);
	canary_expect_alone_at_once();
	child_kill(&streamer);
	for (i = 0; i < TUNNELS; i++)
		close(fds[i]);
	tracer_finish_but_unseen(t);
}

static const char *const haproxy[] = { "/usr/sbin/haproxy", "-db", "-f", "tests/real/haproxy.cfg",
				       NULL };

static void test_haproxy_tunnel_half_closed(void **state)
{
	service_need(haproxy[0]);
	expect_no_alarm_of_tunnel(state, haproxy, HAPROXY);
}

static bool is_of_haproxy(const json_t *event, const void *none)
{
	(void)none;
	return watch_is_finding(event, HAPROXY) &&
	       event_has_text(event, "verdict", "eof-read-not-closed");
}

/*
 * The server takes its time to answer: nobody sends, and the EOF was read. It lingers, and is called
 * no leak. The one shot is not asked, as above.
 */
static void test_haproxy_tunnel_that_waits_for_an_answer(void **state)
{
	struct child thinker;
	int fds[TUNNELS], i;
	struct tracer *t;

	service_need(haproxy[0]);
	netns_enter();
	t = canary_watch(state);
	thinker = open_tunnels(haproxy, HAPROXY, think, fds);
	canary_expect_alone(t);
	assert_non_null(tracer_wait(t, is_of_haproxy, NULL, WATCH_PATIENCE_MS));
	child_signal(thinker.link);
	for (i = 0; i < TUNNELS; i++) {
		chat_hear(fds[i], ANSWER);
		close(fds[i]);
	}
	child_signal(thinker.link);
	child_wait(&thinker);
	tracer_finish_but_unseen(t);
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
		chat_say(fd, "PING\r\n");
	chat_say(fd, "ECHO done\r\n");
	chat_hear(fd, "done");
}

static void talk_and_hang(int link, void *none)
{
	int fd = chat_open(REDIS);

	(void)none;
	talk_to_redis(fd);
	child_signal(link);
	child_await(link);
}

/* Pipelines; clients that leave, are killed as a process, are killed by the server. */
static void test_redis_and_its_clients(void **state)
{
	const char *const argv[] = { "/usr/bin/redis-server", "--port", "6379", "--bind",
				     WATCH_ADDRESS, "--save", "", "--dir", service_dir(), NULL };
	struct child child;
	struct tracer *t;
	int i, fd, killed;

	service_need(argv[0]);
	netns_enter();
	t = canary_watch(state);
	service_start(argv, REDIS);
	for (i = 0; i < 50; i++) {
		talk_to_redis(fd = chat_open(REDIS));
		close(fd);
	}
	child = child_start(talk_and_hang, NULL);
	child_await(child.link);
	child_kill(&child);
	talk_to_redis(killed = chat_open(REDIS));
	chat_say(fd = chat_open(REDIS), "CLIENT KILL TYPE normal\r\n");
	chat_hear(fd, ":");
	sockets_wait_state(killed, TCP_CLOSE_WAIT);
	close(killed);
	canary_expect_alone(t);
	canary_expect_alone_at_once();
	close(fd);
	tracer_finish_but_unseen(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_nginx_with_keepalive),
		WATCH_TEST(test_python_connection_pool),
		WATCH_TEST(test_haproxy_tunnel_half_closed),
		WATCH_TEST(test_haproxy_tunnel_that_waits_for_an_answer),
		WATCH_TEST(test_socat_tunnel_half_closed),
		WATCH_TEST(test_redis_and_its_clients),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("real programs", tests, NULL, NULL);
}
