// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "serving.h"
#include "stream.h"

#define FIRST_PORT 32768
#define LAST_PORT 60999

struct serving *serving_new(unsigned int shards, uint32_t max_services)
{
	struct serving *s = calloc(1, sizeof(*s));
	struct tct_tracker_config config = { 0 };

	assert_non_null(s);
	tct_stuck_defaults(&config.stuck);
	stream_symbols(config.end_symbols);
	assert_int_equal(tct_figures_init(&s->figures, max_services, FIRST_PORT, LAST_PORT,
					  s->fan.to), 0);
	s->fan.count = TCT_FIGURES_SINKS;
	tct_fan_init(&s->fan, &s->sink);
	assert_int_equal(tct_shards_init(&s->shards, &config, shards, &s->sink), 0);
	s->figures.real_offset_ns = SERVING_OFFSET_NS;
	tct_board_set_clock(&s->figures.board, SERVING_OFFSET_NS);
	tct_desk_init(&s->desk);
	s->routes = (struct tct_routes){
		.desk = &s->desk, .figures = &s->figures, .codes = s->codes,
	};
	return s;
}

void serving_free(struct serving *s)
{
	if (s->reader) {
		__atomic_store_n(&s->ends, true, __ATOMIC_RELEASE);
		pthread_join(s->reader, NULL);
	}
	tct_routes_fini(&s->routes);
	tct_desk_fini(&s->desk);
	tct_shards_fini(&s->shards);
	tct_figures_fini(&s->figures);
	free(s);
}

void serving_ready(struct serving *s)
{
	const struct tct_ready ev = {
		.set_state = "fentry", .time_wait = "fentry", .time_wait_end = "kprobe",
		.reset = "tracepoint", .kernel = "6.1.0",
	};

	assert_int_equal(tct_shards_seeded(&s->shards), 0);
	s->figures.shards = &s->shards;
	s->sink.ready(s->sink.ctx, &ev);
}

static void *read_events(void *arg)
{
	const struct timespec rest = { .tv_nsec = 10000 };
	struct serving *s = arg;

	while (!__atomic_load_n(&s->ends, __ATOMIC_ACQUIRE)) {
		tct_desk_serve(&s->desk);
		nanosleep(&rest, NULL);
	}
	return NULL;
}

void serving_start_reader(struct serving *s)
{
	assert_int_equal(pthread_create(&s->reader, NULL, read_events, s), 0);
}

void serving_feed(struct serving *s, const void *rec)
{
	const struct tct_record_header *h = rec;

	assert_int_equal(tct_shards_feed(&s->shards, rec, h->size), h->size);
	tct_shards_join(&s->shards);
}

static void move(struct serving *s, uint64_t cookie, uint16_t lport, enum tct_state from,
		 enum tct_state to, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, from, to, time_ns);

	rec.id.lport = lport;
	rec.id.rport = (uint16_t)(FIRST_PORT + cookie % 20000);
	serving_feed(s, &rec);
}

void serving_leak(struct serving *s, uint64_t first, uint32_t count, uint16_t lport,
		  uint64_t time_ns, uint32_t pid, const char *comm)
{
	for (uint64_t cookie = first; cookie < first + count; cookie++) {
		move(s, cookie, lport, TCT_LISTEN, TCT_SYN_RECV, time_ns - 2);
		move(s, cookie, lport, TCT_SYN_RECV, TCT_ESTABLISHED, time_ns - 1);
		move(s, cookie, lport, TCT_ESTABLISHED, TCT_CLOSE_WAIT, time_ns);
	}
	time_ns += SERVING_LATER_NS;
	tct_shards_tick(&s->shards, time_ns);
	tct_shards_scan_begin(&s->shards, time_ns);
	for (uint64_t cookie = first; cookie < first + count; cookie++) {
		struct tct_record_owner rec = stream_owner(cookie, pid, (uint32_t)(cookie - first),
							   comm);

		serving_feed(s, &rec);
	}
	tct_shards_scan_end(&s->shards, time_ns);
	tct_shards_settle(&s->shards, time_ns);
}

struct asked {
	const char *accept;
	char query[256];
};

static const char *argument(void *ctx, const char *key)
{
	struct asked *asked = ctx;
	size_t len = strlen(key);

	for (char *at = asked->query; *at; at += strlen(at) + 1) {
		if (!strncmp(at, key, len) && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

static const char *header(void *ctx, const char *name)
{
	struct asked *asked = ctx;

	return strcmp(name, "Accept") ? NULL : asked->accept;
}

struct tct_reply serving_get(struct serving *s, const char *path, const char *query,
			     const char *accept)
{
	struct asked asked = { .accept = accept };
	const struct tct_request request = {
		.path = path, .argument = argument, .header = header, .ctx = &asked,
	};
	struct tct_reply reply = { 0 };

	strncpy(asked.query, query ? query : "", sizeof(asked.query) - 2);
	for (char *at = asked.query; (at = strchr(at, '&')); at++)
		*at = '\0';
	tct_routes_answer(&s->routes, &request, &reply);
	return reply;
}

json_t *serving_json(struct serving *s, unsigned int status, const char *path, const char *query)
{
	struct tct_reply reply = serving_get(s, path, query, NULL);
	json_error_t error;
	json_t *root;

	assert_non_null(reply.body);
	if (reply.status != status)
		fail_msg("%s?%s: %u: %s", path, query ? query : "", reply.status, reply.body);
	assert_string_equal(reply.type, "application/json");
	assert_int_equal(strlen(reply.body), reply.len);
	assert_ptr_equal(strchr(reply.body, '\n'), reply.body + reply.len - 1);
	root = json_loads(reply.body, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s in: %s", error.text, reply.body);
	tct_reply_clear(&reply);
	return root;
}
