/* SPDX-License-Identifier: GPL-2.0 */
/* Where a fuzzed run's events go: each of the tool's sinks, printing to nowhere. */
#ifndef FUZZ_OUTLET_H
#define FUZZ_OUTLET_H

#include "../../user/explain/explain_text.h"
#include "../../user/sink/diagram.h"
#include "../../user/sink/hist.h"

enum outlet_kind { OUTLET_JSON, OUTLET_TEXT, OUTLET_HIST, OUTLET_DIAGRAM, OUTLET_EXPLAIN, OUTLETS };

struct outlet {
	enum outlet_kind kind;
	FILE *nowhere;
	struct tct_sink sink;
	struct tct_sink_text text;
	struct tct_sink_json json;
	struct tct_sink_hist hist;
	struct tct_diagram diagram;
	struct tct_stories stories;
};

/* Its kind and its settings are drawn from `choice`. */
void outlet_init(struct outlet *outlet, uint8_t choice);
void outlet_settle(struct outlet *outlet, uint64_t now_ns);

/* Prints what was collected, too. */
void outlet_fini(struct outlet *outlet, uint64_t now_ns);

#endif
