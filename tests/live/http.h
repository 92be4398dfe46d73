/* SPDX-License-Identifier: GPL-2.0 */
/* A client of the daemon's HTTP side, as plain as can be: bytes out, all that comes back in. */
#ifndef LIVE_HTTP_H
#define LIVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

struct http_answer {
	int status;	/* 0: no answer came, or none that begins as one */
	char *head;	/* status line and headers */
	char *body;	/* a NUL behind it */
	size_t len;
};

/* To 127.0.0.1; -1 when nobody takes it. What follows has to come within seconds. */
int http_connect(uint16_t port);

/* All that comes until the other end closes; at most so long. */
struct http_answer http_hear(int fd, int timeout_ms);

/* A connection of its own; `headers` is "" or lines with their ends. */
struct http_answer http_ask(uint16_t port, const char *method, const char *target,
			    const char *headers);
struct http_answer http_get(uint16_t port, const char *target);

/* Bytes of any kind. */
struct http_answer http_raw(uint16_t port, const void *bytes, size_t len);
void http_drop(struct http_answer *answer);

/* The value of a header; "" when there is none. Valid until the next call. */
const char *http_header(const struct http_answer *answer, const char *name);

/* Fails the test unless the status is that one and the body is JSON, which the caller drops. */
json_t *http_json(uint16_t port, const char *target, int status);

#endif
