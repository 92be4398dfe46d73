// SPDX-License-Identifier: GPL-2.0
/* What was counted: by the kernel side in a flood, or of a whole run. */
#include "json.h"

#include <stdio.h>
#include "format.h"

#define SECOND 1000000000ull

/* An edge's key is both its states, as in the diagram. */
static void put_counts(struct tct_json *json, const uint64_t (*counts)[TCT_STATES])
{
	char key[48];

	tct_json_open(json, "counts", '{');
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++) {
			if (!counts[from][to])
				continue;
			snprintf(key, sizeof(key), "%s>%s", tct_state_name(from),
				 tct_state_name(to));
			tct_json_u64(json, key, counts[from][to]);
		}
	}
	tct_json_close(json, '}');
}

void tct_sink_json_flood(void *ctx, const struct tct_flood *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "flood", ev->mono_ns);
	tct_json_str(json, "status", ev->over ? "over" : "begun");
	if (ev->over) {
		tct_json_u64(json, "duration_ns", ev->duration_ns);
		tct_json_u64(json, "transitions", ev->transitions);
		put_counts(json, ev->counts);
	}
	tct_sink_json_end(sink);
}

static void put_teardowns(struct tct_json *json, const struct tct_summary *ev)
{
	tct_json_open(json, "teardowns", '{');
	for (int k = 0; k < TCT_KINDS; k++) {
		if (ev->teardowns[k])
			tct_json_u64(json, tct_kind_name(k), ev->teardowns[k]);
	}
	tct_json_close(json, '}');
}

static void put_pairs(struct tct_json *json, const struct tct_summary *ev)
{
	tct_json_open(json, "transitions", '[');
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++) {
			if (!ev->pairs[from][to])
				continue;
			tct_json_open(json, NULL, '{');
			tct_json_str(json, "from", tct_state_name(from));
			tct_json_str(json, "to", tct_state_name(to));
			tct_json_u64(json, "count", ev->pairs[from][to]);
			tct_json_close(json, '}');
		}
	}
	tct_json_close(json, ']');
}

void tct_sink_json_summary(void *ctx, const struct tct_summary *ev)
{
	struct tct_sink_json *sink = ctx;
	struct tct_json *json = &sink->json;

	tct_sink_json_begin(sink, "summary", ev->mono_ns);
	tct_json_u64(json, "events", ev->events);
	tct_json_u64(json, "attempts", ev->attempts);
	tct_json_u64(json, "received", ev->received);
	tct_json_u64(json, "transitions_total", ev->transitions_total);
	tct_json_u64(json, "lost", ev->lost);
	tct_json_open(json, "lost_in", '{');
	for (int w = 0; w < TCT_LOSS_PLACES; w++)
		tct_json_u64(json, tct_loss_where_name(w), ev->losses[w]);
	tct_json_close(json, '}');
	tct_json_u64(json, "repaired", ev->repaired);
	tct_json_u64(json, "illegal", ev->illegal);
	tct_json_u64(json, "gaps", ev->gaps);
	tct_json_u64(json, "findings", ev->findings);
	tct_json_u64(json, "mirrored", ev->mirrored);
	if (ev->shards > 1)
		tct_json_u64(json, "shards", ev->shards);
	if (ev->counted)
		tct_json_str(json, "teardowns", NULL);
	else
		put_teardowns(json, ev);
	if (ev->pairs)
		put_pairs(json, ev);
	tct_json_real(json, "duration_s", (double)ev->duration_ns / SECOND);
	tct_sink_json_end(sink);
	fflush(json->out);
}
