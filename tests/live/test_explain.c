// SPDX-License-Identifier: GPL-2.0
/* `explain` of real closes over the loopback: the rows that are drawn, and the sentence. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "deadline.h"
#include "drawing.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

#define ADDRESS "127.0.0.1"
#define REFUSING_PORT 20400	/* below the automatic ports; nobody listens */
#define TEXT_MAX 65536
#define OWN_NETNS "/proc/self/ns/net"

/* One run of `explain`; its output is read while it runs, so at an offset of our own. */
struct run {
	struct command command;
	int out;
	char text[TEXT_MAX];
};

static struct run *run;

struct search {
	int fd;
	const char *text;
};

static void read_all(int fd, char *text)
{
	ssize_t got = pread(fd, text, TEXT_MAX - 1, 0);

	text[got > 0 ? got : 0] = '\0';
}

static bool is_there(const void *arg)
{
	const struct search *search = arg;
	static char text[TEXT_MAX];

	read_all(search->fd, text);
	return strstr(text, search->text);
}

static void await(int fd, const char *text)
{
	struct search search = { .fd = fd, .text = text };

	if (!deadline_until(is_there, &search, TRACER_PATIENCE_MS))
		fail_msg("'%s' did not come", text);
}

static int explain_setup(void **state)
{
	fixture_name(state);
	run = calloc(1, sizeof(*run));
	return run ? 0 : -1;
}

static int explain_teardown(void **state)
{
	netns_leave();
	if (run->out)
		close(run->out);
	if (run->command.err)
		command_close(&run->command);
	free(run);
	return fixture_stop(state);
}

static void start(const char *const args[])
{
	const char *all[COMMAND_ARGS_MAX];

	netns_enter();
	command_args(all, args);
	run->out = open("/tmp", O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
	fatal_unless(run->out >= 0, "temporary file");
	run->command = command_start(all, run->out, NULL);
	await(fileno(run->command.err), "Ctrl-C");
}

static int refuse(void)
{
	int fd = sockets_open(AF_INET, 0);
	int err = sockets_connect(fd, ADDRESS, REFUSING_PORT);

	close(fd);
	return err;
}

/* Once this is told. */
static const char *stop(const char *last)
{
	await(run->out, last);
	kill(run->command.pid, SIGINT);
	assert_int_equal(command_wait(&run->command, TRACER_PATIENCE_MS), 0);
	read_all(run->out, run->text);
	return run->text;
}

/* What came before a refused connect has been seen when that is told. */
static const char *stop_after_refusal(void)
{
	assert_int_equal(refuse(), ECONNREFUSED);
	return stop("refused the connection.");
}

static void transfer(const struct end *from, const struct end *to, size_t bytes)
{
	char data[4096] = "";

	fatal_unless(write(from->fd, data, bytes) == (ssize_t)bytes, "write");
	for (size_t got = 0; got < bytes;) {
		ssize_t n = read(to->fd, data, sizeof(data));

		fatal_unless(n > 0, "read");
		got += (size_t)n;
	}
}

static void expect_eof(const struct end *end)
{
	char byte;

	fatal_unless(read(end->fd, &byte, 1) == 0, "EOF");
}

/*
 *    client                      server
 *    shutdown  --- FIN -------->
 *              <--- ACK --------
 *              <--- FIN --------  close
 *              --- ACK -------->
 */
static void test_orderly(void **state)
{
	struct pair p;

	(void)state;
	start((const char *const[]){ "explain", "--netns", OWN_NETNS, NULL });
	p = sockets_pair(ADDRESS);
	transfer(&p.client, &p.server, 140);
	transfer(&p.server, &p.client, 2300);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	expect_eof(&p.server);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
	close(p.client.fd);
	drawing_expect_rows(stop_after_refusal(),
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n",
		"ESTABLISHED                                      ESTABLISHED\n"
		"FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT\n"
		"FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"              -- ACK ack=w+1 ------------------> CLOSE\n");
	drawing_expect_words(run->text,
			     "later: an orderly close in four segments; A is in TIME_WAIT, ");
}

/* The server's FIN is queued before its delayed ACK is due: both go in one segment. */
static void test_merged(void **state)
{
	struct pair p;
	int off = 0;

	(void)state;
	start((const char *const[]){ "explain", "--netns", OWN_NETNS, NULL });
	p = sockets_pair(ADDRESS);
	setsockopt(p.server.fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
	close(p.client.fd);
	close(p.server.fd);
	drawing_expect_rows(stop_after_refusal(), "A closed first and B ",
		"ESTABLISHED                                      ESTABLISHED\n"
		"FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT\n"
		"FIN_WAIT2     <-------- FIN+ACK seq=w ack=u+1 -- LAST_ACK\n"
		"TIME_WAIT     -- ACK ack=w+1 ------------------> CLOSE\n");
	drawing_expect_words(run->text,
			     "three segments, since B's FIN carried the ACK of A's; A is in ");
}

/* The client shuts down, and the server still has 3000 bytes to send. */
static void test_half_close(void **state)
{
	struct pair p;

	(void)state;
	start((const char *const[]){ "explain", "--netns", OWN_NETNS, NULL });
	p = sockets_pair(ADDRESS);
	transfer(&p.client, &p.server, 140);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	expect_eof(&p.server);
	transfer(&p.server, &p.client, 3000);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
	close(p.client.fd);
	drawing_expect_rows(stop_after_refusal(),
		"A closed its sending side only, B sent 3000 bytes more",
		"ESTABLISHED                                      ESTABLISHED\n"
		"FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT\n"
		"FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"              <------- 3000 bytes, seq=w-3000 --\n"
		"TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"              -- ACK ack=w+1 ------------------> CLOSE\n");
}

static void test_reset(void **state)
{
	struct pair p;

	(void)state;
	start((const char *const[]){ "explain", "--netns", OWN_NETNS, NULL });
	p = sockets_pair(ADDRESS);
	sockets_abort(p.client.fd);
	drawing_expect_rows(stop_after_refusal(),
		"A aborted with a reset (SO_LINGER with a time of 0); B was",
		"ESTABLISHED                                      ESTABLISHED\n"
		"CLOSE         -- RST --------------------------> CLOSE\n");
	close(p.server.fd);
}

static void test_refused(void **state)
{
	(void)state;
	start((const char *const[]){ "explain", "--netns", OWN_NETNS, NULL });
	drawing_expect_rows(stop_after_refusal(), "B refused the connection.",
		"CLOSE\n"
		"SYN_SENT      -- SYN -------------------------->\n"
		"CLOSE         <-------------------------- RST --\n");
	drawing_expect_words(run->text, "B " ADDRESS ":20400 not seen here");
}

static struct pair pair_on(uint16_t port)
{
	int listener = sockets_listen(ADDRESS, port, 1), fd = sockets_open(AF_INET, 0);
	struct pair p;

	fatal_unless(!sockets_connect(fd, ADDRESS, port), "connect");
	p.client = sockets_end(fd);
	p.server = sockets_accept(listener);
	close(listener);
	return p;
}

/* Only the side that listened is watched: what the other did follows from it. */
static void test_one_end(void **state)
{
	struct pair p;

	(void)state;
	start((const char *const[]){ "explain", "-L", "20401", "--netns", OWN_NETNS, NULL });
	p = pair_on(20401);
	transfer(&p.client, &p.server, 140);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	expect_eof(&p.server);
	close(p.server.fd);
	drawing_expect_rows(stop("segments."), "u = 141: A sent 140 bytes; w = 1: B sent 0 bytes\n",
		"(ESTABLISHED)                                    ESTABLISHED\n"
		"(FIN_WAIT1)   -- FIN seq=u --------------------> CLOSE_WAIT\n"
		"(FIN_WAIT2)   <------------------ ACK ack=u+1 --\n"
		"(TIME_WAIT)   <------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"              -- ACK ack=w+1 ------------------> CLOSE\n");
	drawing_expect_words(run->text, "not seen here: its (STATES) are inferred");
	close(p.client.fd);
}

static void reset_on(uint16_t port)
{
	struct pair p = pair_on(port);

	sockets_abort_and_close(p.client.fd, p.server.fd);
}

/* Of two connections the one with that end. */
static void test_chosen(void **state)
{
	(void)state;
	start((const char *const[]){ "explain", ADDRESS ":20402", NULL });
	reset_on(20401);
	reset_on(20402);
	stop("B was reset.");
	assert_non_null(strstr(run->text, ADDRESS ":20402"));
	assert_null(strstr(run->text, ADDRESS ":20401"));
}

/* The one between these two ends the run, and is said not to be there yet. */
static void test_chosen_ends_the_run(void **state)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(20403) };
	int listener, fd, server;

	(void)state;
	inet_pton(AF_INET, ADDRESS, &own.sin_addr);
	start((const char *const[]){ "explain", ADDRESS ":20403-" ADDRESS ":20402", NULL });
	await(fileno(run->command.err), "no open socket is that connection's");
	listener = sockets_listen(ADDRESS, 20402, 1);
	fd = sockets_open(AF_INET, 0);
	fatal_unless(!bind(fd, (struct sockaddr *)&own, sizeof(own)), "bind");
	fatal_unless(!sockets_connect(fd, ADDRESS, 20402), "connect");
	server = sockets_accept(listener).fd;
	sockets_abort(fd);
	assert_int_equal(command_wait(&run->command, TRACER_PATIENCE_MS), 0);
	read_all(run->out, run->text);
	assert_non_null(strstr(run->text, "B was reset."));
	close(server);
	close(listener);
}

static void test_mermaid(void **state)
{
	(void)state;
	start((const char *const[]){ "explain", "--mermaid", "--netns", OWN_NETNS, NULL });
	reset_on(20401);
	stop("B was reset.");
	assert_memory_equal(run->text, "```mermaid\nsequenceDiagram\n", 27);
	assert_non_null(strstr(run->text, "    A->>B: RST\n"));
	assert_non_null(strstr(run->text, "\n```\n"));
}

static bool is_refused(const json_t *event, const void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "explain") &&
	       event_has_text(event, "sentence", "B refused the connection.");
}

static void test_json(void **state)
{
	const json_t *story;

	netns_enter();
	*state = tracer_start((const char *const[]){ "explain", "--netns", OWN_NETNS, NULL });
	assert_int_equal(refuse(), ECONNREFUSED);
	story = tracer_wait(*state, is_refused, NULL, TRACER_PATIENCE_MS);
	assert_non_null(story);
	assert_true(event_has_text(event_part(story, "a"), "kind", "refused"));
	assert_true(event_has_number(event_part(story, "b"), "port", REFUSING_PORT));
	tracer_finish(*state);
}

#define TEST(name) \
	cmocka_unit_test_prestate_setup_teardown(name, explain_setup, explain_teardown, \
						 (void *)#name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_orderly),
		TEST(test_merged),
		TEST(test_half_close),
		TEST(test_reset),
		TEST(test_refused),
		TEST(test_one_end),
		TEST(test_chosen),
		TEST(test_chosen_ends_the_run),
		TEST(test_mermaid),
		TEST(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
