// SPDX-License-Identifier: GPL-2.0
#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include "../cmd/signals.h"
#include "../log.h"
#include "../source/clock.h"
#include "accept.h"
#include "page.h"
#include "patience.h"
#include "room.h"

#define CONNECTION_MEMORY (32 << 10)	/* bytes: a request's headers have to fit in */
#define BACKLOG SOMAXCONN	/* the library's 511 are full of idle ones before a scrape comes */
#define WORTH_PACKING 1024		/* bytes */
#define SECOND 1000000000ull

struct tct_http {
	struct tct_http_config config;
	struct MHD_Daemon *daemon;
	struct tct_patience patience;
	uint64_t codes[TCT_HTTP_CODES];
};

static const char *argument(void *connection, const char *key)
{
	return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, key);
}

static const char *header(void *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void add_headers(struct MHD_Response *response, const struct tct_reply *reply, bool packed)
{
	MHD_add_response_header(response, "Content-Type", reply->type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (packed)
		MHD_add_response_header(response, "Content-Encoding", "gzip");
	if (reply->len >= WORTH_PACKING)
		MHD_add_response_header(response, "Vary", "Accept, Accept-Encoding");
	if (reply->is_page)
		MHD_add_response_header(response, "Content-Security-Policy", tct_page_policy);
	if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
}

static enum MHD_Result send_reply(struct tct_http *http, struct MHD_Connection *connection,
				  struct tct_reply *reply)
{
	const char *encodings = header(connection, "Accept-Encoding");
	struct MHD_Response *response;
	enum MHD_Result sent;
	bool packed = false;

	if (!reply->body)
		tct_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory\n");
	if (!reply->body)
		return MHD_NO;
	if (reply->len >= WORTH_PACKING && tct_accept_weight(encodings, "gzip") > 0)
		packed = tct_reply_gzip(reply);
	response = MHD_create_response_from_buffer(reply->len, reply->body,
						   reply->is_static ? MHD_RESPMEM_PERSISTENT
								    : MHD_RESPMEM_MUST_FREE);
	if (!response) {
		tct_reply_clear(reply);
		return MHD_NO;
	}
	add_headers(response, reply, packed);
	sent = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	if (sent == MHD_YES)
		__atomic_add_fetch(&http->codes[reply->status], 1, __ATOMIC_RELAXED);
	return sent;
}

static struct tct_waiting *waiting_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* Called when the headers are there, with each part of a body, and when all is. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **seen)
{
	static const char once;
	struct tct_http *http = ctx;
	const struct tct_request request = {
		.path = url, .argument = argument, .header = header, .ctx = connection,
	};
	struct tct_reply reply = { 0 };
	bool reads = !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);

	(void)version;
	(void)upload;
	if (reads && !*seen) {
		*seen = (void *)&once;
		return MHD_YES;
	}
	if (reads && *upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (reads)
		tct_routes_answer(http->config.routes, &request, &reply);
	else
		tct_routes_refuse(url, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only", &reply);
	tct_patience_renew(&http->patience, waiting_of(connection), tct_clock_mono_ns());
	return send_reply(http, connection, &reply);
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **waiting,
			  enum MHD_ConnectionNotificationCode what)
{
	struct tct_http *http = ctx;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		tct_patience_remove(&http->patience, *waiting);
		*waiting = NULL;
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (!info)
		return;
	*waiting = tct_patience_add(&http->patience, info->connect_fd, tct_clock_mono_ns());
	tct_signals_wake();	/* ticks are needed from here on */
}

static void on_message(void *ctx, const char *format, va_list args)
{
	char text[256];

	(void)ctx;
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	tct_log_verbose("http: %s", text);
}

static struct MHD_Daemon *start(struct tct_http *http)
{
	const struct tct_http_config *config = &http->config;
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
	const struct MHD_OptionItem options[] = {
		{ MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_message, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)config->max_connections, NULL },
		{ MHD_OPTION_LISTEN_BACKLOG_SIZE, BACKLOG, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT,
		  (intptr_t)((config->timeout_ns + SECOND - 1) / SECOND), NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, http },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		config->fd >= 0
			? (struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET, config->fd, NULL }
			: (struct MHD_OptionItem){ MHD_OPTION_SOCK_ADDR, 0,
						   (void *)&config->listen.address },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (config->fd < 0 && config->listen.address.ss_family == AF_INET6)
		flags |= MHD_USE_DUAL_STACK;
	/* else it would end its thread by shutdown() of the listener, which systemd still has */
	flags |= MHD_USE_ITC;
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, http, MHD_OPTION_ARRAY, options,
				MHD_OPTION_END);
}

struct tct_http *tct_http_start(const struct tct_http_config *config)
{
	struct tct_http *http = calloc(1, sizeof(*http));

	if (!http) {
		tct_log_error("no memory to listen on %s", config->address);
		return NULL;
	}
	http->config = *config;
	http->config.routes->codes = http->codes;
	http->config.max_connections = tct_room_for(config->max_connections);
	if (http->config.max_connections < config->max_connections)
		tct_log_error("RLIMIT_NOFILE has room for %u connections, not %u",
			      http->config.max_connections, config->max_connections);
	tct_patience_init(&http->patience, config->timeout_ns);
	errno = 0;
	http->daemon = start(http);
	if (http->daemon)
		return http;
	tct_log_error("cannot listen on %s: %s; see --web.listen-address", config->address,
		      errno ? strerror(errno) : "the HTTP library says no");
	tct_patience_fini(&http->patience);
	free(http);
	return NULL;
}

void tct_http_stop(struct tct_http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	tct_patience_fini(&http->patience);
	free(http);
}

void tct_http_tick(struct tct_http *http, uint64_t now_ns)
{
	tct_patience_tick(&http->patience, now_ns);
}

bool tct_http_has_connections(const struct tct_http *http)
{
	return __atomic_load_n(&http->patience.count, __ATOMIC_RELAXED);
}
