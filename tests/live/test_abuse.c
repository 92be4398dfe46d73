// SPDX-License-Identifier: GPL-2.0
/*
 * The HTTP side under abuse, while connections come and go: no event is lost, memory stays as it
 * is, whoever asks as one should is answered, and nothing is left behind. One daemon for all tests;
 * the last one looks at what the others have done to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "daemon.h"
#include "deadline.h"
#include "fatal.h"
#include "http.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

#define IDLE 1000
#define SLOW 60
#define DEAF 40
#define SCRAPES 10000
#define AT_ONCE 50		/* scrapes of one connection */
#define TIMEOUT_MS 5000		/* [web] timeout's default */
#define ANSWER_MS (TIMEOUT_MS + 1500)
#define MIB (1u << 20)
#define FLAT_KB 2000		/* and what the mirror needs for the connections */
#define FEW 10			/* one in so many leaves a TIME_WAIT, which takes room for a minute */

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct daemon *abused;
static struct child churn;
static long memory_kb;
static int descriptors;
static int fds[IDLE];

/* A connection that comes and goes, and one that is refused: nothing else here is. */
static void turn(const struct end *there, const struct end *deaf, int number)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server;

	fatal_unless(!sockets_connect(client, "127.0.9.1", there->lport), "connect");
	server = accept(there->fd, NULL, NULL);
	fatal_unless(server >= 0, "accept");
	if (number % FEW)
		sockets_abort(client);
	else
		close(client);
	close(server);
	client = socket(AF_INET, SOCK_STREAM, 0);
	fatal_unless(sockets_connect(client, deaf->laddr, deaf->lport) == ECONNREFUSED, "refusal");
	close(client);
}

/* From the first word to the second, then tells how many of each there were. */
static void come_and_go(int link, void *arg)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	struct end there = sockets_end(sockets_listen("0.0.0.0", 0, 16));
	struct end deaf = sockets_end(sockets_bound("127.0.9.99", 0, 0));
	struct pollfd word = { .fd = link, .events = POLLIN };
	int count = 0;

	(void)arg;
	child_await(link);
	while (!poll(&word, 1, 0)) {
		turn(&there, &deaf, count++);
		nanosleep(&nap, NULL);
	}
	child_await(link);
	child_tell(link, &count, sizeof(count));
}

static uint64_t now_ms(void)
{
	return deadline_now_ns() / 1000000;
}

/* How long it takes, from the connect on. */
static int scrape_ms(void)
{
	uint64_t begin = now_ms();
	struct http_answer answer = http_get(daemon_port(abused), "/metrics");

	if (answer.status != 200)
		fail_msg("%d after %d ms", answer.status, (int)(now_ms() - begin));
	assert_non_null(strstr(answer.body, "\ntcpclose_ready 1\n"));
	http_drop(&answer);
	return (int)(now_ms() - begin);
}

static bool has_ended(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char part[65536];

	while (poll(&ready, 1, 0) > 0)
		if (recv(fd, part, sizeof(part), MSG_DONTWAIT) <= 0)
			return true;
	return false;
}

/* Those that the daemon has ended are closed by us, too. */
static int close_ended(int count)
{
	int left = 0;

	for (int i = 0; i < count; i++) {
		if (fds[i] >= 0 && has_ended(fds[i])) {
			close(fds[i]);
			fds[i] = -1;
		}
		left += fds[i] >= 0;
	}
	return left;
}

static bool all_have_ended(const void *count)
{
	return !close_ended(*(const int *)count);
}

/* None of them is ours by then. */
static void expect_all_ended(int count, int timeout_ms)
{
	if (!deadline_until(all_have_ended, &count, timeout_ms))
		fail_msg("%d of %d connections are still open", close_ended(count), count);
}

static bool has_descriptors_of_before(const void *none)
{
	(void)none;
	return daemon_descriptors(abused) <= descriptors;
}

/* More than it takes: those behind the limit wait to be accepted, and nobody is kept for ever. */
static void test_idle(void **state)
{
	static const int count = IDLE;
	int took_ms;
	long ran_ms;

	(void)state;
	for (int i = 0; i < IDLE; i++) {
		fds[i] = http_connect(daemon_port(abused));
		assert_true(fds[i] >= 0);
	}
	ran_ms = daemon_ran_ms(abused);
	took_ms = scrape_ms();
	ran_ms = daemon_ran_ms(abused) - ran_ms;
	print_message("a scrape beside %d idle connections took %d ms, the daemon %ld ms of a "
		      "processor\n", IDLE, took_ms, ran_ms);
	assert_in_range(took_ms, 0, ANSWER_MS * deadline_patience());
	assert_in_range(ran_ms, 0, took_ms / 5 + 200);	/* it waits, too */
	expect_all_ended(count, 3 * TIMEOUT_MS);
}

static void test_a_byte_a_second(void **state)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaaaa";
	static const int count = SLOW;
	uint64_t begin = now_ms();
	int slowest_ms = 0;

	(void)state;
	for (int i = 0; i < SLOW; i++) {
		fds[i] = http_connect(daemon_port(abused));
		assert_true(fds[i] >= 0);
	}
	for (int s = 0; close_ended(SLOW) && s < (int)sizeof(request) - 1; s++) {
		uint64_t second = deadline_in_ms(1000);
		int took_ms = scrape_ms();

		if (took_ms > slowest_ms)
			slowest_ms = took_ms;
		for (int i = 0; i < SLOW; i++)
			if (fds[i] >= 0)
				send(fds[i], &request[s], 1, MSG_NOSIGNAL);
		while (close_ended(SLOW) && deadline_left_ms(second))
			poll(NULL, 0, 20);
	}
	expect_all_ended(count, TIMEOUT_MS);
	print_message("slow ones were ended after %d ms, beside them a scrape took %d ms\n",
		      (int)(now_ms() - begin), slowest_ms);
	assert_in_range(now_ms() - begin, TIMEOUT_MS - 1000,
			(TIMEOUT_MS + 3000) * deadline_patience());
	assert_in_range(slowest_ms, 0, 1000 * deadline_patience());
}

/* They ask for more than any buffer takes, and never read. */
static void test_answers_that_nobody_reads(void **state)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
	const int small = 4096;

	(void)state;
	for (int i = 0; i < DEAF; i++) {
		fds[i] = http_connect(daemon_port(abused));
		assert_true(fds[i] >= 0);
		setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		for (int j = 0; j < 500; j++)
			send(fds[i], request, sizeof(request) - 1, MSG_NOSIGNAL);
	}
	assert_in_range(scrape_ms(), 0, 2000 * deadline_patience());
	assert_true(daemon_descriptors(abused) > descriptors);
	assert_true(deadline_until(has_descriptors_of_before, NULL, 3 * TIMEOUT_MS));
	for (int i = 0; i < DEAF; i++)		/* the kernel may try to send for long yet */
		close(fds[i]);
}

static char *filled(const char *before, char with, size_t count, const char *behind)
{
	char *text = malloc(strlen(before) + count + strlen(behind) + 1), *at;

	fatal_unless(text, "memory");
	at = stpcpy(text, before);
	memset(at, with, count);
	strcpy(at + count, behind);
	return text;
}

/* Refused by a status, or ended without a word. */
static void expect_refused(const char *bytes, size_t len, int status)
{
	struct http_answer answer = http_raw(daemon_port(abused), bytes, len);

	if (answer.status && answer.status != status && answer.status / 100 != 4)
		fail_msg("%d to %zu bytes that begin with %.40s", answer.status, len, bytes);
	http_drop(&answer);
}

static void test_large_requests(void **state)
{
	char *header = filled("GET / HTTP/1.1\r\nHost: a\r\nX: ", 'h', MIB, "\r\n\r\n");
	char *target = filled("GET /", 'u', MIB, " HTTP/1.1\r\nHost: a\r\n\r\n");
	char *query = filled("GET /api/v1/sockets?state=close-wait&after=", '&', MIB / 8,
			     " HTTP/1.1\r\nHost: a\r\n\r\n");
	char *method = filled("", 'M', MIB, " / HTTP/1.1\r\nHost: a\r\n\r\n");
	char *headers = filled("GET / HTTP/1.1\r\nHost: a\r\n", 'x', MIB, "\r\n");

	(void)state;
	for (char *at = strchr(headers, 'x'); at[6]; at += 6)
		memcpy(at, "a: b\r\n", 6);
	for (int i = 0; i < 20; i++) {
		expect_refused(header, strlen(header), 431);
		expect_refused(headers, strlen(headers), 431);
		expect_refused(target, strlen(target), 414);
		expect_refused(query, strlen(query), 414);
		expect_refused(method, strlen(method), 400);
	}
	free(header);
	free(headers);
	free(target);
	free(query);
	free(method);
	assert_in_range(scrape_ms(), 0, 1000 * deadline_patience());
}

static void test_garbage(void **state)
{
	static const char *const lines[] = {
		"\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n : b\r\n\r\n", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n",
		"GET http://[/ HTTP/1.1\r\nHost: \xff\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01",
		"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	};
	char noise[4096];
	unsigned int seed = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		int fd = http_connect(daemon_port(abused));

		send(fd, lines[i], strlen(lines[i]), MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
		has_ended(fd);
		close(fd);
	}
	for (int i = 0; i < 300; i++) {
		int fd = http_connect(daemon_port(abused));
		size_t good = 0;

		if (i % 2)	/* behind one that is right */
			good = (size_t)sprintf(noise, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
		for (size_t at = good; at < sizeof(noise); at++)
			noise[at] = (char)(rand_r(&seed) >> 8);
		send(fd, noise, sizeof(noise), MSG_NOSIGNAL);
		if (i % 3)
			has_ended(fd);
		close(fd);
	}
	assert_in_range(scrape_ms(), 0, 1000 * deadline_patience());
}

static void test_bodies(void **state)
{
	char *posted = filled("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n",
			      'p', 8 * MIB, "");
	char *sent = filled("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
			    "Content-Length: 1048576\r\n\r\n", 'g', MIB, "");
	struct http_answer answer;

	(void)state;
	for (int i = 0; i < 10; i++) {
		expect_refused(posted, strlen(posted), 405);
		answer = http_raw(daemon_port(abused), sent, strlen(sent));
		assert_int_equal(answer.status, 200);
		assert_string_equal(answer.body, "ok\n");
		http_drop(&answer);
	}
	free(posted);
	free(sent);
}

/* One connection, so many requests at once: each is answered. */
static void scrape_many(int fd, const char *requests)
{
	struct http_answer answer;
	int answers = 1;

	assert_true(send(fd, requests, strlen(requests), MSG_NOSIGNAL) > 0);
	answer = http_hear(fd, 20000);
	assert_int_equal(answer.status, 200);
	for (const char *at = answer.body; (at = strstr(at, "HTTP/1.1 200 OK\r\n")); at++)
		answers++;
	assert_int_equal(answers, AT_ONCE);
	http_drop(&answer);
}

/* All that the first time needed stays for the next one: from here on memory is flat. */
static void test_once_more(void **state)
{
	memory_kb = daemon_memory_kb(abused);
	test_answers_that_nobody_reads(state);
	test_large_requests(state);
	test_garbage(state);
	test_bodies(state);
	print_message("a second time: memory %ld kB, before it %ld kB\n", daemon_memory_kb(abused),
		      memory_kb);
}

static void test_many_scrapes(void **state)
{
	long before_kb = daemon_memory_kb(abused);
	static char requests[AT_ONCE * 64 + 64];
	uint64_t begin = now_ms();
	char *at = requests;

	(void)state;
	for (int i = 0; i < AT_ONCE; i++)
		at += sprintf(at, "GET /metrics HTTP/1.1\r\nHost: a\r\n%s\r\n",
			      i == AT_ONCE - 1 ? "Connection: close\r\n" : "");
	for (int i = 0; i < SCRAPES / AT_ONCE; i++) {
		int fd = http_connect(daemon_port(abused));

		assert_true(fd >= 0);
		scrape_many(fd, requests);
		close(fd);
	}
	for (int i = 0; i < 200; i++)	/* and some of their own */
		scrape_ms();
	print_message("%d scrapes took %d ms; memory %ld kB, before it %ld kB\n", SCRAPES + 200,
		      (int)(now_ms() - begin), daemon_memory_kb(abused), before_kb);
}

static bool was_audited(const void *before)
{
	return daemon_value(abused, "tcpclose_audits_total") > *(const double *)before;
}

/* The mirror is what the kernel has, after all that. */
static void expect_no_drift(void)
{
	double before = daemon_value(abused, "tcpclose_audits_total");

	kill(daemon_pid(abused), SIGUSR1);
	assert_true(deadline_until(was_audited, &before, DAEMON_PATIENCE_MS));
	assert_true(daemon_value(abused, "tcpclose_mirror_drift_sockets") <= TRACER_UNSEEN_MAX);
	assert_true(daemon_value(abused, "tcpclose_mirror_repaired_total") <= TRACER_UNSEEN_MAX);
}

static void expect_nothing_lost(void)
{
	static const char *const places[] = { "ring", "mirror", "sink" };
	char sample[64];

	for (size_t i = 0; i < COUNT(places); i++) {
		snprintf(sample, sizeof(sample), "tcpclose_events_lost_total{where=\"%s\"}",
			 places[i]);
		assert_true(daemon_value(abused, sample) == 0);
	}
	assert_true(daemon_value(abused, "tcpclose_events_lost_total{where=\"hook\"}") <=
		    TRACER_UNSEEN_MAX);
	assert_true(daemon_value(abused, "tcpclose_illegal_transitions_total") == 0);
	assert_true(daemon_value(abused, "tcpclose_floods_total") == 0);
}

/* Its last answer may be on its way. */
static bool is_finished(const void *count)
{
	return daemon_value(abused, "tcpclose_teardowns_total{kind=\"refused\",closer=\"remote\"}")
		== *(const int *)count;
}

static void test_what_is_left(void **state)
{
	int count;
	long now_kb;

	(void)state;
	child_signal(churn.link);
	child_hear(churn.link, &count, sizeof(count));
	child_wait(&churn);
	assert_true(deadline_until(is_finished, &count, DAEMON_PATIENCE_MS));
	expect_nothing_lost();
	expect_no_drift();
	assert_true(deadline_until(has_descriptors_of_before, NULL, 2 * TIMEOUT_MS));
	now_kb = daemon_memory_kb(abused);
	print_message("%d connections and as many refusals meanwhile; memory %ld kB, before it "
		      "%ld kB\n", count, now_kb, memory_kb);
	if (!getenv("TCT_SANITIZED"))	/* that one keeps what was freed for a while */
		assert_in_range(now_kb, 0, memory_kb + FLAT_KB);
	daemon_finish(abused);
}

/* So many connections at once as there will be: what they need stays for the next ones. */
static void warm_up(void)
{
	for (int i = 0; i < 100; i++)
		scrape_ms();
	descriptors = daemon_descriptors(abused);
	for (int i = 0; i < IDLE; i++) {
		fds[i] = http_connect(daemon_port(abused));
		fatal_unless(fds[i] >= 0, "connect");
		send(fds[i], "GET / HTTP/1.1\r\n", 16, MSG_NOSIGNAL);
	}
	for (int i = 0; i < IDLE; i++)
		close(fds[i]);
	fatal_unless(deadline_until(has_descriptors_of_before, NULL, 3 * TIMEOUT_MS), "warm-up");
}

static int begin(void **state)
{
	const struct rlimit many = { 4 * IDLE, 4 * IDLE };
	char here[64];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	fatal_unless(!setrlimit(RLIMIT_NOFILE, &many), "RLIMIT_NOFILE");
	snprintf(here, sizeof(here), "net:[%llu]", (unsigned long long)netns_inode());
	abused = daemon_start("", ARGS("--netns", here));
	churn = child_start(come_and_go, NULL);
	warm_up();
	child_signal(churn.link);
	return 0;
}

static int end(void **state)
{
	(void)state;
	child_kill(&churn);
	daemon_free(abused);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_a_byte_a_second),
		cmocka_unit_test(test_answers_that_nobody_reads),
		cmocka_unit_test(test_large_requests),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_once_more),
		cmocka_unit_test(test_many_scrapes),
		cmocka_unit_test(test_what_is_left),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
