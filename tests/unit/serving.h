/* SPDX-License-Identifier: GPL-2.0 */
/* A daemon without its kernel and its network: records in, answers out. */
#ifndef SERVING_H
#define SERVING_H

#include <pthread.h>
#include <jansson.h>
#include "../../user/core/shards.h"
#include "../../user/serve/routes.h"
#include "../../user/sink/fan.h"

#define SERVING_OFFSET_NS 1709210096000000000ull	/* 2024-02-29T12:34:56Z at 0 */

struct serving {
	struct tct_shards shards;
	struct tct_fan fan;
	struct tct_sink sink;
	struct tct_figures figures;
	struct tct_desk desk;
	struct tct_routes routes;
	uint64_t codes[600];
	pthread_t reader;	/* does nothing but to serve the desk */
	bool ends;
};

/* Not seeded yet: see serving_ready(). So many services have names. */
struct serving *serving_new(unsigned int shards, uint32_t max_services);
void serving_free(struct serving *s);

/* What was there is known. */
void serving_ready(struct serving *s);

/* From here on there is a reader, until serving_free(), and nothing may be fed. */
void serving_start_reader(struct serving *s);

void serving_feed(struct serving *s, const void *rec);

/*
 * So many connections to a local port whose peer closes at `time_ns`, the first with that cookie; a
 * scan that finds them held, two thresholds later, by that process.
 */
void serving_leak(struct serving *s, uint64_t first, uint32_t count, uint16_t lport,
		  uint64_t time_ns, uint32_t pid, const char *comm);
#define SERVING_LATER_NS 120000000000ull

/* `query` is "a=b&c=d" or NULL; `accept` the header, or NULL. The body is the caller's to clear. */
struct tct_reply serving_get(struct serving *s, const char *path, const char *query,
			     const char *accept);

/* The same, which must be JSON with that status; the caller drops it. */
json_t *serving_json(struct serving *s, unsigned int status, const char *path, const char *query);

#endif
