/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The HTTP side of the daemon, by libmicrohttpd: one thread of its own, bounds on connections,
 * headers and time. GET and HEAD only.
 */
#ifndef TCT_HTTP_H
#define TCT_HTTP_H

#include <stdint.h>
#include "../exit.h"
#include "listen.h"
#include "routes.h"

struct tct_http_config {
	struct tct_listen listen;
	int fd;				/* handed over: a socket that listens; else -1 */
	const char *address;		/* as given, for messages */
	uint32_t max_connections;
	uint64_t timeout_ns;		/* for a request to arrive, whole */
	struct tct_routes *routes;
};

struct tct_http;

/* Listens and answers from here on. NULL after one line that says what is wrong. */
struct tct_http *tct_http_start(const struct tct_http_config *config);

/* Waits for the answer that is being made, if there is one: close the desk first. */
void tct_http_stop(struct tct_http *http);

/*
 * Ends connections whose request has not come whole in time, however slowly it does. By any thread,
 * about once a second.
 */
void tct_http_tick(struct tct_http *http, uint64_t now_ns);

/* Whether there are any: no tick is needed while not. */
bool tct_http_has_connections(const struct tct_http *http);

#endif
