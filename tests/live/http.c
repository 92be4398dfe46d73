// SPDX-License-Identifier: GPL-2.0
/* A client of the daemon's HTTP side. */
#define _GNU_SOURCE
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "fatal.h"
#include "http.h"
#include "sockets.h"

#define PATIENCE_MS 10000
#define PART 65536

int http_connect(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	fatal_unless(fd >= 0, "socket");
	err = sockets_connect(fd, "127.0.0.1", port);
	if (!err)
		return fd;
	print_message("connect to port %d: %s\n", port, strerror(err));
	close(fd);
	return -1;
}

static void parse(struct http_answer *answer, char *text, size_t len)
{
	char *end = memmem(text, len, "\r\n\r\n", 4);

	*answer = (struct http_answer){ .head = text, .body = strdup("") };
	if (!end || sscanf(text, "HTTP/1.1 %d ", &answer->status) != 1)
		return;
	*end = '\0';
	end += 4;
	free(answer->body);
	answer->len = len - (size_t)(end - text);
	answer->body = malloc(answer->len + 1);
	fatal_unless(answer->body, "memory");
	memcpy(answer->body, end, answer->len);
	answer->body[answer->len] = '\0';
}

struct http_answer http_hear(int fd, int timeout_ms)
{
	uint64_t deadline = deadline_in_ms(timeout_ms);
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	struct http_answer answer;
	size_t len = 0, room = 0;
	char *text = NULL;
	ssize_t got = 1;

	while (got > 0 && poll(&ready, 1, deadline_left_ms(deadline)) > 0) {
		if (room - len < PART) {
			room += 4 * PART;
			text = realloc(text, room + 1);
			fatal_unless(text, "memory");
		}
		got = recv(fd, text + len, PART, 0);
		len += got > 0 ? (size_t)got : 0;
	}
	if (!text)
		text = calloc(1, 1);
	text[len] = '\0';
	parse(&answer, text, len);
	return answer;
}

/* A server that has had enough closes before all is sent. */
static void say(int fd, const char *bytes, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t sent = 1;

	while (len && sent > 0 && poll(&ready, 1, PATIENCE_MS) > 0) {
		sent = send(fd, bytes, len, MSG_NOSIGNAL);
		if (sent > 0) {
			bytes += sent;
			len -= (size_t)sent;
		}
	}
}

struct http_answer http_raw(uint16_t port, const void *bytes, size_t len)
{
	int fd = http_connect(port);
	struct http_answer answer = { 0 };

	if (fd < 0) {
		parse(&answer, calloc(1, 1), 0);
		return answer;
	}
	say(fd, bytes, len);
	answer = http_hear(fd, PATIENCE_MS);
	close(fd);
	return answer;
}

struct http_answer http_ask(uint16_t port, const char *method, const char *target,
			    const char *headers)
{
	struct http_answer answer;
	char *request;
	int len = asprintf(&request,
			   "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n",
			   method, target, headers);

	fatal_unless(len > 0, "memory");
	answer = http_raw(port, request, (size_t)len);
	free(request);
	return answer;
}

struct http_answer http_get(uint16_t port, const char *target)
{
	return http_ask(port, "GET", target, "");
}

void http_drop(struct http_answer *answer)
{
	free(answer->head);
	free(answer->body);
	*answer = (struct http_answer){ 0 };
}

const char *http_header(const struct http_answer *answer, const char *name)
{
	static char value[512];
	const char *line = answer->head;
	size_t len = strlen(name);

	while ((line = strstr(line, "\r\n"))) {
		line += 2;
		if (!strncasecmp(line, name, len) && line[len] == ':') {
			line += len + 1;
			line += strspn(line, " ");
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r"), line);
			return value;
		}
	}
	return "";
}

json_t *http_json(uint16_t port, const char *target, int status)
{
	struct http_answer answer = http_get(port, target);
	json_error_t error;
	json_t *root;

	if (answer.status != status)
		fail_msg("%s: %d, not %d: %s", target, answer.status, status, answer.body);
	assert_string_equal(http_header(&answer, "Content-Type"), "application/json");
	root = json_loads(answer.body, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s: %s in %.200s", target, error.text, answer.body);
	http_drop(&answer);
	return root;
}
