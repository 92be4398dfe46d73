// SPDX-License-Identifier: GPL-2.0
#include "diagram.h"

#include <errno.h>
#include <stdlib.h>
#include "../core/tally.h"
#include "format.h"

/* How a kind of edge is told, in the text's column, in JSON, and after a label. */
static const struct {
	const char *column;
	const char *json;
	const char *suffix;
	const char *style;
} kinds[] = {
	[TCT_EDGE_RFC] = { "RFC", "rfc", "", "" },
	[TCT_EDGE_RFC_ONLY] = { "RFC only", "rfc-only", " (RFC only)", ", style=dotted" },
	[TCT_EDGE_LINUX] = { "Linux", "linux", " (Linux)", ", style=dashed" },
};

static struct tct_histogram *histogram_of(struct tct_observed *seen)
{
	const double *bounds;
	size_t count;

	if (!seen->dwell) {
		seen->dwell = malloc(sizeof(*seen->dwell));
		bounds = tct_histogram_state_bounds(&count);
		if (seen->dwell)
			tct_histogram_init(seen->dwell, bounds, count);
	}
	return seen->dwell;
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_diagram *diagram = ctx;
	const struct tct_edge *edge = tct_fsm_find(ev->from, ev->to);
	struct tct_observed *seen;
	size_t count;

	if (tct_fsm_step(ev->from, ev->to) == TCT_EDGE_ILLEGAL)
		diagram->illegal++;
	if (!edge)
		return;
	seen = &diagram->edges[edge - tct_fsm_edges(&count)];
	seen->count++;
	if (ev->dwell_ns != TCT_UNKNOWN && histogram_of(seen))
		tct_histogram_add(seen->dwell, (uint64_t)ev->dwell_ns);
}

/* All since the start, in place of what was there. */
static void on_tally(void *ctx, const struct tct_tally *tally)
{
	struct tct_diagram *diagram = ctx;
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	for (size_t i = 0; i < count; i++) {
		struct tct_observed *seen = &diagram->edges[i];
		struct tct_histogram made;

		seen->count = tally->pairs[edges[i].from][edges[i].to];
		if (tct_tally_histogram(tally, edges[i].from, edges[i].to, &made) &&
		    histogram_of(seen))
			*seen->dwell = made;
	}
	diagram->illegal = 0;
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++)
			diagram->illegal += tct_fsm_step(from, to) == TCT_EDGE_ILLEGAL
						    ? tally->pairs[from][to] : 0;
	}
}

int tct_diagram_init_live(struct tct_diagram *diagram, struct tct_sink *ops)
{
	size_t count;

	tct_fsm_edges(&count);
	*diagram = (struct tct_diagram){ .edges = calloc(count, sizeof(*diagram->edges)) };
	*ops = (struct tct_sink){ .ctx = diagram, .transition = on_transition,
				.tally = on_tally };
	return diagram->edges ? 0 : -ENOMEM;
}

void tct_diagram_fini(struct tct_diagram *diagram)
{
	size_t count;

	tct_fsm_edges(&count);
	for (size_t i = 0; diagram->edges && i < count; i++)
		free(diagram->edges[i].dwell);
	free(diagram->edges);
}

uint64_t tct_diagram_count(const struct tct_diagram *diagram, size_t i)
{
	return diagram->edges ? diagram->edges[i].count : 0;
}

int64_t tct_diagram_median(const struct tct_diagram *diagram, size_t i)
{
	const struct tct_histogram *dwell = diagram->edges ? diagram->edges[i].dwell : NULL;

	return dwell ? (int64_t)tct_histogram_percentile(dwell, .5) : TCT_UNKNOWN;
}

void tct_diagram_seen(const struct tct_diagram *diagram, size_t i, const char *before, char *out,
		      size_t size)
{
	int64_t ns = tct_diagram_median(diagram, i);
	char dwell[16];

	*out = '\0';
	if (!diagram->edges)
		return;
	tct_format_duration(ns, dwell, sizeof(dwell));
	snprintf(out, size, "%s%llux%s%s", before,
		 (unsigned long long)tct_diagram_count(diagram, i), ns == TCT_UNKNOWN ? "" : ", ",
		 ns == TCT_UNKNOWN ? "" : dwell);
}

static void print_model(FILE *out)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	fprintf(out, "%-11s    %-11s %-8s %s\n", "FROM", "TO", "BY", "EVENT");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%-11s -> %-11s %-8s %s\n%36s%s\n", tct_state_name(edges[i].from),
			tct_state_name(edges[i].to), kinds[edges[i].kind].column, edges[i].event,
			"", edges[i].source);
}

static void print_seen(const struct tct_diagram *diagram, const struct tct_edge *edge, size_t i,
		       FILE *out)
{
	bool illegal = edge->kind == TCT_EDGE_RFC_ONLY;
	char dwell[16];

	tct_format_duration(tct_diagram_median(diagram, i), dwell, sizeof(dwell));
	fprintf(out, "%-11s -> %-11s %7llu %7s  %s%s\n", tct_state_name(edge->from),
		tct_state_name(edge->to), (unsigned long long)tct_diagram_count(diagram, i), dwell,
		illegal ? "illegal: no Linux makes it" : edge->event,
		illegal ? "" : kinds[edge->kind].suffix);
}

static void print_observed(const struct tct_diagram *diagram, FILE *out)
{
	size_t count, unseen = 0, drawn = 0;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	fprintf(out, "%-11s    %-11s %7s %7s  %s\n", "FROM", "TO", "SEEN", "MEDIAN", "EVENT");
	for (size_t i = 0; i < count; i++) {
		bool ours = edges[i].kind != TCT_EDGE_RFC_ONLY;

		drawn += ours;
		if (tct_diagram_count(diagram, i))
			print_seen(diagram, &edges[i], i, out);
		else
			unseen += ours;
	}
	fprintf(out, "not seen: %zu of the %zu edges that Linux makes\n", unseen, drawn);
	if (diagram->illegal)
		fprintf(out, "illegal: %llu\n", (unsigned long long)diagram->illegal);
}

void tct_diagram_text(const struct tct_diagram *diagram, FILE *out)
{
	if (diagram->edges)
		print_observed(diagram, out);
	else
		print_model(out);
}

void tct_diagram_dot(const struct tct_diagram *diagram, FILE *out)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	fprintf(out, "digraph tcp {\n\tnode [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
		     "\tedge [fontname=\"sans-serif\", fontsize=10];\n");
	for (size_t i = 0; i < count; i++) {
		char seen[64];

		tct_diagram_seen(diagram, i, "\\n", seen, sizeof(seen));
		fprintf(out, "\t%s -> %s [label=\"%s%s\"%s%s];\n", tct_state_name(edges[i].from),
			tct_state_name(edges[i].to), edges[i].event, seen,
			kinds[edges[i].kind].style,
			diagram->edges && !tct_diagram_count(diagram, i) ? ", color=gray" : "");
	}
	fprintf(out, "}\n");
}

void tct_diagram_mermaid(const struct tct_diagram *diagram, FILE *out)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	fprintf(out, "stateDiagram-v2\n");
	for (size_t i = 0; i < count; i++) {
		char seen[64];

		tct_diagram_seen(diagram, i, ", ", seen, sizeof(seen));
		fprintf(out, "    %s --> %s: %s%s%s\n", tct_state_name(edges[i].from),
			tct_state_name(edges[i].to), edges[i].event,
			kinds[edges[i].kind].suffix, seen);
	}
}

void tct_diagram_json_edges(const struct tct_diagram *diagram, struct tct_json *json)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	tct_json_open(json, "edges", '[');
	for (size_t i = 0; i < count; i++) {
		tct_json_open(json, NULL, '{');
		tct_json_str(json, "from", tct_state_name(edges[i].from));
		tct_json_str(json, "to", tct_state_name(edges[i].to));
		tct_json_str(json, "kind", kinds[edges[i].kind].json);
		tct_json_str(json, "event", edges[i].event);
		tct_json_str(json, "source", edges[i].source);
		if (diagram->edges) {
			tct_json_u64(json, "count", tct_diagram_count(diagram, i));
			tct_json_i64(json, "median_ns", tct_diagram_median(diagram, i),
				     TCT_UNKNOWN);
		}
		tct_json_close(json, '}');
	}
	tct_json_close(json, ']');
	if (diagram->edges)
		tct_json_u64(json, "illegal", diagram->illegal);
}

void tct_diagram_json(const struct tct_diagram *diagram, struct tct_sink_json *sink,
		      uint64_t mono_ns)
{
	tct_sink_json_begin(sink, "fsm", mono_ns);
	tct_diagram_json_edges(diagram, &sink->json);
	tct_sink_json_end(sink);
}
