// SPDX-License-Identifier: GPL-2.0
#include "routes.h"

#include <stdlib.h>
#include <string.h>
#include "../parse.h"
#include "../source/clock.h"
#include "accept.h"
#include "page.h"

#define PATIENCE_MS 2000	/* with the reader, which is busy for milliseconds at most */
#define FRESH_NS 50000000ull	/* a snapshot serves all who ask within that */
#define SOCKETS_DEFAULT 100
#define SOCKETS_MAX 1000
#define FINDINGS_MAX 1000
#define STEPS_MAX 64		/* of the walk to a page of sockets */
#define AFTER_WANTS "after wants what the page before had as next"

/* One question to the reader. */
struct asking {
	struct tct_routes *routes;
	struct tct_snapshot *snapshot;
	struct tct_socket_page *page;
	char *text;
	uint32_t after;
	size_t limit;
	uint64_t now_ns;
	uint64_t real_offset_ns;
	bool done;
	bool ready;
	bool there;		/* the page's shard */
};

static bool ask(struct asking *asking, void (*work)(void *ctx), struct tct_reply *reply)
{
	asking->now_ns = tct_clock_mono_ns();
	if (tct_desk_ask(asking->routes->desk, work, asking, PATIENCE_MS))
		return true;
	tct_reply_error(reply, 503, "events are not being read: the daemon is starting, ending "
				    "or stuck");
	return false;
}

static void look(void *ctx)
{
	struct asking *asking = ctx;

	asking->ready = asking->routes->figures->shards != NULL;
}

static void take(void *ctx)
{
	struct asking *asking = ctx;
	struct tct_routes *routes = asking->routes;

	tct_figures_take(routes->figures, asking->now_ns, asking->snapshot);
	if (routes->fill)
		routes->fill(routes->fill_ctx, asking->snapshot);
}

static bool wants_openmetrics(const struct tct_request *request)
{
	const char *accept = request->header(request->ctx, "Accept");
	int openmetrics = tct_accept_weight(accept, "application/openmetrics-text");
	int plain = tct_accept_weight(accept, "text/plain");

	return openmetrics > 0 && openmetrics > plain;
}

static void answer_metrics(struct tct_routes *routes, const struct tct_request *request,
			   struct tct_reply *reply)
{
	bool openmetrics = wants_openmetrics(request);
	struct tct_snapshot fresh = { 0 };
	struct asking asking = { .routes = routes, .snapshot = &fresh };
	uint64_t now_ns = tct_clock_mono_ns();
	FILE *out;

	if (!routes->taken_ns || now_ns - routes->taken_ns > FRESH_NS) {
		if (!ask(&asking, take, reply))
			return;
		tct_snapshot_clear(&routes->snapshot);
		routes->snapshot = fresh;
		routes->taken_ns = now_ns;
	}
	*reply = (struct tct_reply){
		.status = 200,
		.type = openmetrics ? tct_exposition_openmetrics : tct_exposition_prometheus,
	};
	out = open_memstream(&reply->body, &reply->len);
	if (!out)
		return;
	tct_exposition_write(&routes->snapshot, routes->codes, openmetrics, out);
	fclose(out);
}

static void answer_health(struct tct_routes *routes, const struct tct_request *request,
			  struct tct_reply *reply)
{
	struct asking asking = { .routes = routes };

	(void)request;
	if (ask(&asking, look, reply))
		tct_reply_text(reply, 200, "ok\n");
	else
		tct_reply_clear(reply);
	if (!reply->body)
		tct_reply_text(reply, 503, "events are not being read\n");
}

static void answer_ready(struct tct_routes *routes, const struct tct_request *request,
			 struct tct_reply *reply)
{
	struct asking asking = { .routes = routes };

	(void)request;
	if (!ask(&asking, look, reply))
		tct_reply_clear(reply);
	if (asking.ready)
		tct_reply_text(reply, 200, "ready\n");
	else
		tct_reply_text(reply, 503, "the sockets that are there are still being read\n");
}

/* 0 when it is not there; false when it is no number up to `max`. */
static bool take_number(const struct tct_request *request, const char *key, uint32_t max,
			uint32_t *out, struct tct_reply *reply)
{
	const char *text = request->argument(request->ctx, key);

	if (!text || !tct_parse_number(text, max, out))
		return true;
	tct_reply_error(reply, 400, "%s wants a number from 1 to %u", key, max);
	return false;
}

static void list(void *ctx)
{
	struct asking *asking = ctx;

	asking->text = tct_figures_findings(asking->routes->figures, asking->after,
					    asking->limit, asking->now_ns);
}

static void answer_findings(struct tct_routes *routes, const struct tct_request *request,
			    struct tct_reply *reply)
{
	struct asking asking = { .routes = routes };
	uint32_t limit = FINDINGS_MAX, after = 0;

	if (!take_number(request, "limit", FINDINGS_MAX, &limit, reply) ||
	    !take_number(request, "after", UINT32_MAX, &after, reply))
		return;
	asking.after = after;
	asking.limit = limit;
	if (ask(&asking, list, reply))
		tct_reply_json(reply, asking.text);
}

static void draw(void *ctx)
{
	struct asking *asking = ctx;

	asking->text = tct_figures_fsm(asking->routes->figures, asking->now_ns);
}

static void answer_fsm(struct tct_routes *routes, const struct tct_request *request,
		       struct tct_reply *reply)
{
	struct asking asking = { .routes = routes };

	(void)request;
	if (ask(&asking, draw, reply))
		tct_reply_json(reply, asking.text);
}

/* "SHARD.CURSOR", as the page before had it. */
static bool parse_place(const char *text, struct tct_socket_page *page)
{
	size_t shard = strspn(text, "0123456789"), cursor;

	if (!shard || shard > 2 || text[shard] != '.')
		return false;
	page->shard = (unsigned int)strtoul(text, NULL, 10);
	text += shard + 1;
	cursor = strspn(text, "0123456789abcdef");
	if (!cursor || cursor > 16 || text[cursor])
		return false;
	page->cursor = strtoull(text, NULL, 16);
	return true;
}

static void walk(void *ctx)
{
	struct asking *asking = ctx;
	const struct tct_shards *shards = asking->routes->figures->shards;

	asking->ready = shards;
	asking->there = shards && asking->page->shard < shards->count;
	asking->real_offset_ns = asking->routes->figures->real_offset_ns;
	if (asking->there)
		asking->done = tct_figures_sockets(asking->routes->figures, asking->page,
						   asking->now_ns);
}

static char *wrap(const struct asking *asking)
{
	const struct tct_socket_page *page = asking->page;
	struct tct_sink_json sink;
	struct tct_sink nobody;
	size_t len;
	char place[32], *text;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	snprintf(place, sizeof(place), "%u.%llx", page->shard, (unsigned long long)page->cursor);
	tct_sink_json_init(&sink, out, asking->real_offset_ns, &nobody);
	tct_sink_json_begin(&sink, "sockets", asking->now_ns);
	tct_json_str(&sink.json, "state", tct_state_name(page->state));
	tct_json_u64(&sink.json, "total", page->total);
	tct_json_u64(&sink.json, "count", page->count);
	tct_json_str(&sink.json, "next", page->more ? place : NULL);
	tct_json_flush(&sink.json);
	fprintf(out, ",\"sockets\":[%s", page->json ? page->json : "");
	tct_json_close(&sink.json, ']');
	tct_sink_json_end(&sink);
	fclose(out);
	return text;
}

/* The reader walks a little at a time, between its batches. */
static void walk_all(struct asking *asking, struct tct_reply *reply)
{
	for (int i = 0; !asking->done && i < STEPS_MAX; i++) {
		if (!ask(asking, walk, reply))
			return;
		if (!asking->ready) {
			tct_reply_error(reply, 503, "the sockets that are there are still being read");
			return;
		}
		if (!asking->there) {
			tct_reply_error(reply, 400, AFTER_WANTS);
			return;
		}
	}
	tct_reply_json(reply, wrap(asking));
}

static void answer_sockets(struct tct_routes *routes, const struct tct_request *request,
			   struct tct_reply *reply)
{
	const char *state = request->argument(request->ctx, "state");
	const char *after = request->argument(request->ctx, "after");
	struct tct_socket_page page = { .limit = SOCKETS_DEFAULT };
	struct asking asking = { .routes = routes, .page = &page };

	page.state = state ? tct_state_parse(state, strlen(state)) : TCT_NONE;
	if (page.state == TCT_NONE) {
		tct_reply_error(reply, 400, "state wants one of TCP's, as in state=close-wait");
		return;
	}
	if (!take_number(request, "limit", SOCKETS_MAX, &page.limit, reply))
		return;
	if (after && !parse_place(after, &page)) {
		tct_reply_error(reply, 400, AFTER_WANTS);
		return;
	}
	walk_all(&asking, reply);
	free(page.json);
}

static void answer_page(struct tct_routes *routes, const struct tct_request *request,
			struct tct_reply *reply)
{
	(void)routes;
	(void)request;
	*reply = (struct tct_reply){
		.status = 200, .type = "text/html; charset=utf-8", .is_static = true,
		.is_page = true,
	};
	reply->body = (char *)tct_page(&reply->len);
}

static const struct route {
	const char *path;
	void (*answer)(struct tct_routes *routes, const struct tct_request *request,
		       struct tct_reply *reply);
} table[] = {
	{ "/", answer_page },
	{ "/metrics", answer_metrics },
	{ "/healthz", answer_health },
	{ "/readyz", answer_ready },
	{ "/api/v1/findings", answer_findings },
	{ "/api/v1/sockets", answer_sockets },
	{ "/api/v1/fsm", answer_fsm },
};

void tct_routes_refuse(const char *path, unsigned int status, const char *why,
		       struct tct_reply *reply)
{
	if (strncmp(path, "/api/", 5))
		tct_reply_text(reply, status, "%s\n", why);
	else
		tct_reply_error(reply, status, "%s", why);
}

void tct_routes_answer(struct tct_routes *routes, const struct tct_request *request,
		       struct tct_reply *reply)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!strcmp(table[i].path, request->path)) {
			table[i].answer(routes, request, reply);
			return;
		}
	}
	tct_routes_refuse(request->path, 404,
			  "there is /, /metrics, /healthz, /readyz, /api/v1/findings, "
			  "/api/v1/sockets?state=close-wait and /api/v1/fsm", reply);
}

void tct_routes_fini(struct tct_routes *routes)
{
	tct_snapshot_clear(&routes->snapshot);
}
