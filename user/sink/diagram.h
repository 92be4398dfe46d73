/* SPDX-License-Identifier: GPL-2.0 */
/* The FSM's table as text, Graphviz, Mermaid, SVG and JSON, with observed counts when there are any. */
#ifndef TCT_DIAGRAM_H
#define TCT_DIAGRAM_H

#include <stdio.h>
#include "../core/event.h"
#include "../core/histogram.h"
#include "json.h"

/* What a live run saw of each edge of the table. */
struct tct_observed {
	uint64_t count;
	struct tct_histogram *dwell;	/* in the state that was left; NULL while unknown */
};

struct tct_diagram {
	struct tct_observed *edges;	/* parallel to tct_fsm_edges(); NULL: the bare model */
	uint64_t illegal;		/* transitions that no Linux makes */
};

/* 0 or -ENOMEM. The sink fills the diagram. */
int tct_diagram_init_live(struct tct_diagram *diagram, struct tct_sink *ops);
void tct_diagram_fini(struct tct_diagram *diagram);

/* Of the table's edge `i`; 0 and TCT_UNKNOWN for the bare model. */
uint64_t tct_diagram_count(const struct tct_diagram *diagram, size_t i);
int64_t tct_diagram_median(const struct tct_diagram *diagram, size_t i);

/* `before`, "12x, 3.1ms", without a median that is not known; nothing for the bare model. */
void tct_diagram_seen(const struct tct_diagram *diagram, size_t i, const char *before, char *out,
		      size_t size);

/* The bare model with each row's source; a live one without the edges that were not seen. */
void tct_diagram_text(const struct tct_diagram *diagram, FILE *out);
void tct_diagram_dot(const struct tct_diagram *diagram, FILE *out);
void tct_diagram_mermaid(const struct tct_diagram *diagram, FILE *out);

/* A picture that stands alone, laid out as RFC 9293's figure; without the RFC's own edges. */
void tct_diagram_svg(const struct tct_diagram *diagram, FILE *out);

/* Members of an object that is open: all edges, and what is illegal. */
void tct_diagram_json_edges(const struct tct_diagram *diagram, struct tct_json *json);

/* One line: an object with all edges. */
void tct_diagram_json(const struct tct_diagram *diagram, struct tct_sink_json *sink,
		      uint64_t mono_ns);

#endif
