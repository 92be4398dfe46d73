// SPDX-License-Identifier: GPL-2.0
/* The daemon as a program and as a web server: its options, its answers, its end. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>

#include "command.h"
#include "daemon.h"
#include "deadline.h"
#include "http.h"
#include "sockets.h"

#define PATIENCE_MS DAEMON_PATIENCE_MS
#define EXIT_FAILURE_ 1
#define EXIT_USAGE 2
#define UNPACKED_MAX (4 << 20)
#define QUIET "[trace]\naudit = off\n"

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct daemon *daemon_of_test;

static void start(const char *const args[])
{
	daemon_of_test = daemon_start(QUIET, args);
}

static int stop(void **state)
{
	(void)state;
	daemon_free(daemon_of_test);
	daemon_of_test = NULL;
	return 0;
}

static void finish(void)
{
	daemon_finish(daemon_of_test);
}

static struct http_answer get(const char *target)
{
	return http_get(daemon_port(daemon_of_test), target);
}

static struct http_answer ask(const char *method, const char *target, const char *headers)
{
	return http_ask(daemon_port(daemon_of_test), method, target, headers);
}

static void expect_header(const struct http_answer *answer, const char *name, const char *value)
{
	assert_string_equal(http_header(answer, name), value);
}

static void expect_status(const char *method, const char *target, const char *headers, int status)
{
	struct http_answer answer = ask(method, target, headers);

	if (answer.status != status)
		fail_msg("%s %.60s: %d, not %d", method, target, answer.status, status);
	http_drop(&answer);
}

static void test_health(void **state)
{
	struct http_answer answer;

	(void)state;
	start(ARGS(NULL));
	answer = get("/healthz");
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "ok\n");
	expect_header(&answer, "Cache-Control", "no-store");
	expect_header(&answer, "X-Content-Type-Options", "nosniff");
	http_drop(&answer);
	answer = get("/readyz");
	assert_string_equal(answer.body, "ready\n");
	http_drop(&answer);
	finish();
}

static void test_page(void **state)
{
	struct http_answer answer;

	(void)state;
	start(ARGS(NULL));
	answer = get("/");
	assert_int_equal(answer.status, 200);
	expect_header(&answer, "Content-Type", "text/html; charset=utf-8");
	assert_non_null(strstr(http_header(&answer, "Content-Security-Policy"),
			       "default-src 'none'"));
	assert_non_null(strstr(answer.body, "<html"));
	http_drop(&answer);
	finish();
}

/*
 * The same headers, the same length, and nothing behind them. What is told may be longer a moment
 * later, where it has counts: then once more.
 */
static void expect_head(const char *target)
{
	struct http_answer full = get(target), head, again;
	bool moved;

	do {
		head = ask("HEAD", target, "");
		again = get(target);
		moved = again.len != full.len;
		assert_int_equal(head.status, full.status);
		assert_int_equal(head.len, 0);
		assert_true(atol(http_header(&head, "Content-Length")) > 0);
		if (!moved)
			expect_header(&full, "Content-Length",
				      http_header(&head, "Content-Length"));
		http_drop(&full);
		http_drop(&head);
		full = again;
	} while (moved);
	http_drop(&full);
}

static void test_head(void **state)
{
	static const char *const targets[] = { "/", "/api/v1/fsm", "/readyz", "/nothing" };

	(void)state;
	start(ARGS(NULL));
	for (size_t i = 0; i < COUNT(targets); i++)
		expect_head(targets[i]);
	finish();
}

static void test_other_methods(void **state)
{
	static const char *const methods[] = {
		"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "X",
	};

	(void)state;
	start(ARGS(NULL));
	for (size_t i = 0; i < COUNT(methods); i++) {
		struct http_answer answer = ask(methods[i], "/metrics", "");

		assert_int_equal(answer.status, 405);
		expect_header(&answer, "Allow", "GET, HEAD");
		http_drop(&answer);
	}
	finish();
}

static void test_bad_requests(void **state)
{
	(void)state;
	start(ARGS(NULL));
	expect_status("GET", "/metric", "", 404);
	expect_status("GET", "/%2e%2e/etc/passwd", "", 404);
	expect_status("GET", "/api/v1/sockets", "", 400);
	expect_status("GET", "/api/v1/sockets?state=bogus", "", 400);
	expect_status("GET", "/api/v1/sockets?state=listen&limit=1001", "", 400);
	expect_status("GET", "/api/v1/sockets?state=listen&after=7.0", "", 400);
	expect_status("GET", "/api/v1/sockets?state=listen&after=0.0%00", "", 200);
	expect_status("GET", "/api/v1/findings?limit=x", "", 400);
	expect_status("GET", "/api/v1/sockets?state=LISTEN&unknown=1", "", 200);
	expect_status("GET", "/healthz", "Content-Length: 0\r\n", 200);
	finish();
}

/* Errors of the API are JSON, whatever they are about. */
static void test_errors_of_the_api(void **state)
{
	(void)state;
	start(ARGS(NULL));
	json_decref(http_json(daemon_port(daemon_of_test), "/api/v1/sockets?state=%22%7d", 400));
	json_decref(http_json(daemon_port(daemon_of_test), "/api/v1/nothing", 404));
	finish();
}

static void expect_format(const char *headers, const char *type, bool openmetrics)
{
	struct http_answer answer = ask("GET", "/metrics", headers);

	assert_int_equal(answer.status, 200);
	expect_header(&answer, "Content-Type", type);
	expect_header(&answer, "Content-Encoding", "");
	assert_true(answer.len > 1000);
	assert_int_equal(!strcmp(answer.body + answer.len - 6, "# EOF\n"), openmetrics);
	assert_int_equal(strstr(answer.body, "# UNIT ") != NULL, openmetrics);
	http_drop(&answer);
}

static void test_formats(void **state)
{
	static const char plain[] = "text/plain; version=0.0.4; charset=utf-8";
	static const char openmetrics[] =
		"application/openmetrics-text; version=1.0.0; charset=utf-8";

	(void)state;
	start(ARGS(NULL));
	expect_format("", plain, false);
	expect_format("Accept: */*\r\n", plain, false);
	expect_format("Accept: application/openmetrics-text\r\n", openmetrics, true);
	expect_format("Accept: application/openmetrics-text;version=1.0.0;q=0.5,"
		      "text/plain;version=0.0.4;q=0.3,*/*;q=0.1\r\n", openmetrics, true);
	expect_format("Accept: text/plain;version=0.0.4\r\n", plain, false);
	finish();
}

static size_t unpack(const struct http_answer *answer, char *out)
{
	z_stream stream = { .next_in = (unsigned char *)answer->body,
			    .avail_in = (unsigned int)answer->len,
			    .next_out = (unsigned char *)out, .avail_out = UNPACKED_MAX };

	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	inflateEnd(&stream);
	return stream.total_out;
}

static void test_gzip(void **state)
{
	static char text[UNPACKED_MAX];
	struct http_answer answer;
	size_t len;

	(void)state;
	start(ARGS(NULL));
	answer = ask("GET", "/metrics", "Accept-Encoding: gzip\r\n"
					"Accept: application/openmetrics-text\r\n");
	expect_header(&answer, "Content-Encoding", "gzip");
	expect_header(&answer, "Vary", "Accept, Accept-Encoding");
	len = unpack(&answer, text);
	assert_true(len > 4 * answer.len);
	assert_memory_equal(text + len - 6, "# EOF\n", 6);
	http_drop(&answer);
	answer = ask("GET", "/metrics", "Accept-Encoding: gzip;q=0\r\n");
	expect_header(&answer, "Content-Encoding", "");
	http_drop(&answer);
	answer = ask("GET", "/readyz", "Accept-Encoding: gzip\r\n");	/* not worth it */
	expect_header(&answer, "Content-Encoding", "");
	http_drop(&answer);
	finish();
}

/* All requests of a connection are answered, in their order. */
static void test_one_after_the_other(void **state)
{
	static const char requests[] =
		"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
		"HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	struct http_answer answer;
	const char *at;

	(void)state;
	start(ARGS(NULL));
	answer = http_raw(daemon_port(daemon_of_test), requests, strlen(requests));
	assert_int_equal(answer.status, 200);
	at = strstr(answer.body, "HTTP/1.1 200 OK");
	assert_non_null(at);
	at = strstr(at, "HTTP/1.1 404 ");
	assert_non_null(at);
	at = strstr(at, "\r\n\r\nready\n");
	assert_non_null(at);
	http_drop(&answer);
	assert_true(daemon_value(daemon_of_test, "tcpclose_http_requests_total{code=\"404\"}") == 1);
	finish();
}

/* Nothing of it is an event, and none comes meanwhile: the reader has to be told to look. */
static void test_a_slow_request_on_a_quiet_host(void **state)
{
	uint64_t begin = deadline_now_ns(), deadline = deadline_in_ms(PATIENCE_MS);
	struct pollfd ended;
	char byte;

	(void)state;
	daemon_of_test = daemon_start(QUIET "[web]\ntimeout = 2s\n", ARGS("-L", "1"));
	ended = (struct pollfd){ .fd = http_connect(daemon_port(daemon_of_test)), .events = POLLIN };
	assert_true(ended.fd >= 0);
	do {
		send(ended.fd, "G", 1, MSG_NOSIGNAL);
	} while (!poll(&ended, 1, 200) && deadline_left_ms(deadline));
	assert_true(recv(ended.fd, &byte, 1, MSG_DONTWAIT) <= 0);
	assert_in_range(deadline_now_ns() - begin, 1900000000, deadline_patience() * 5000000000);
	close(ended.fd);
	finish();
}

/* Exits with that code after one line that has these words, and nothing on stdout. */
static void expect_refused(const char *const args[], int code, const char *words)
{
	struct command c;
	char text[4096];

	assert_int_equal(command_run(&c, args, PATIENCE_MS), code);
	command_text(c.err, text, sizeof(text));
	if (command_lines(c.err) != 1 || !strstr(text, words))
		fail_msg("not one line with \"%s\":\n%s", words, text);
	assert_int_equal(command_lines(c.out), 0);
	command_close(&c);
}

static const char *address_of(uint16_t port)
{
	static char text[64];

	snprintf(text, sizeof(text), "--web.listen-address=127.0.0.1:%u", port);
	return text;
}

static void test_a_port_that_is_taken(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 8);

	(void)state;
	expect_refused(ARGS("serve", address_of(sockets_end(listener).lport)), EXIT_FAILURE_,
		       "Address already in use");
	close(listener);
}

/* Two that share a port would each get every other scrape. */
static void test_a_second_daemon(void **state)
{
	(void)state;
	start(ARGS(NULL));
	expect_refused(ARGS("serve", address_of(daemon_port(daemon_of_test))), EXIT_FAILURE_,
		       "Address already in use");
	finish();
}

/* What is left of the last one's connections does not keep the next one from its port. */
static void test_a_port_at_once(void **state)
{
	struct command c;
	const char *args[COMMAND_ARGS_MAX];
	uint16_t port;

	(void)state;
	start(ARGS(NULL));
	port = daemon_port(daemon_of_test);
	finish();
	command_args(args, ARGS("serve", address_of(port), "-d", "1"));
	assert_int_equal(command_run(&c, args, PATIENCE_MS), 0);
	command_close(&c);
}

static void test_bad_addresses(void **state)
{
	static const char *const addresses[] = {
		"--web.listen-address=", "--web.listen-address=nonsense",
		"--web.listen-address=127.0.0.1", "--web.listen-address=127.0.0.1:0",
		"--web.listen-address=127.0.0.1:65536", "--web.listen-address=127.0.0.1:-1",
		"--web.listen-address=example.com:80", "--web.listen-address=[::1:80",
		"--web.listen-address=300.0.0.1:80",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++)
		expect_refused(ARGS("serve", addresses[i]), EXIT_USAGE, "listen-address");
	expect_refused(ARGS("serve", "--web.listen-address=192.0.2.1:9929"), EXIT_FAILURE_,
		       "192.0.2.1:9929");
}

static void test_check_config(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(command_run(&c, ARGS("serve", "--check-config", "--config",
					      daemon_file(QUIET)), PATIENCE_MS), 0);
	assert_int_equal(command_lines(c.err), 0);
	command_close(&c);
}

static void expect_bad_config(const char *content, const char *words)
{
	const char *name = daemon_file(content);
	char line[160];

	snprintf(line, sizeof(line), "%s:%s", name, words);
	expect_refused(ARGS("serve", "--check-config", "--config", name), EXIT_USAGE, line);
	expect_refused(ARGS("serve", "--config", name), EXIT_USAGE, line);
}

static void test_bad_configs(void **state)
{
	(void)state;
	expect_bad_config("[web]\nport = 9929\n", "2:");
	expect_bad_config("\n[nonsense]\n", "2:");
	expect_bad_config("[stuck]\nclose-wait = 1 fortnight\n", "2:");
	expect_bad_config("[web]\nlisten-address = 127.0.0.1\n", "2:");
	expect_bad_config("[metrics]\nmax-services = 0\n", "2:");
	expect_refused(ARGS("serve", "--config", "/nowhere/at.all"), EXIT_USAGE,
		       "/nowhere/at.all");
}

/* Of the sort that -h tells of. */
static void test_all_addresses(void **state)
{
	char address[64];
	const char *args[COMMAND_ARGS_MAX];
	struct http_answer answer = { 0 };
	struct command c;
	uint64_t deadline = deadline_in_ms(PATIENCE_MS);
	uint16_t port = daemon_free_port();

	(void)state;
	snprintf(address, sizeof(address), "--web.listen-address=:%u", port);
	command_args(args, ARGS("serve", address));
	c = command_start(args, -1, NULL);
	while (answer.status != 200 && deadline_left_ms(deadline)) {
		http_drop(&answer);
		answer = http_get(port, "/readyz");
	}
	assert_int_equal(answer.status, 200);
	http_drop(&answer);
	command_close(&c);
}

#define TEST(test) cmocka_unit_test_teardown(test, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_health),
		TEST(test_page),
		TEST(test_head),
		TEST(test_other_methods),
		TEST(test_bad_requests),
		TEST(test_errors_of_the_api),
		TEST(test_formats),
		TEST(test_gzip),
		TEST(test_one_after_the_other),
		TEST(test_a_slow_request_on_a_quiet_host),
		TEST(test_a_port_that_is_taken),
		TEST(test_a_second_daemon),
		TEST(test_a_port_at_once),
		TEST(test_bad_addresses),
		TEST(test_check_config),
		TEST(test_bad_configs),
		TEST(test_all_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
