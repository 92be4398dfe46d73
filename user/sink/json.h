/* SPDX-License-Identifier: GPL-2.0 */
/* The contract's JSON: one object a line. */
#ifndef TCT_SINK_JSON_H
#define TCT_SINK_JSON_H

#include "../core/event.h"
#include "json_writer.h"

struct tct_sink_json {
	struct tct_json json;
	uint64_t real_offset_ns;	/* CLOCK_REALTIME minus CLOCK_MONOTONIC */
	uint64_t stamp_second;		/* the second that `stamp` was made for */
	char stamp[32];
};

void tct_sink_json_init(struct tct_sink_json *sink, FILE *out, uint64_t real_offset_ns,
			struct tct_sink *ops);

/* The start of any line of the contract: v, type, ts, mono_ns; and its end. */
void tct_sink_json_begin(struct tct_sink_json *sink, const char *type, uint64_t mono_ns);
void tct_sink_json_end(struct tct_sink_json *sink);

/* Parts of a line: which socket, who owns it. A pid that is not known is null, not 0. */
void tct_sink_json_subject(struct tct_json *json, const struct tct_subject *who);
void tct_sink_json_task(struct tct_json *json, const struct tct_task *task);

/* Lines of totals: json_totals.c. */
void tct_sink_json_flood(void *sink, const struct tct_flood *ev);
void tct_sink_json_summary(void *sink, const struct tct_summary *ev);

#endif
