// SPDX-License-Identifier: GPL-2.0
#include "outlet.h"

#include <stdlib.h>

static void explain(void *ctx, const struct tct_story *story)
{
	struct outlet *outlet = ctx;
	struct tct_explain made = { 0 };

	tct_explain_make(story, &made);
	tct_explain_text(&made, &outlet->text.config);
	tct_explain_mermaid(&made, outlet->nowhere);
	tct_explain_json(&made, &outlet->json, story->now_ns);
}

static void init_kind(struct outlet *outlet, const struct tct_sink *text,
		      const struct tct_sink *json, uint8_t choice)
{
	const struct tct_stories_config stories = { .max = 16, .tell = explain, .ctx = outlet };

	switch (outlet->kind) {
	case OUTLET_JSON:
		outlet->sink = *json;
		break;
	case OUTLET_TEXT:
		outlet->sink = *text;
		break;
	case OUTLET_HIST:
		tct_sink_hist_init(&outlet->hist, choice >> 3 & 7 ? TCT_TIME_WAIT : TCT_CLOSE_WAIT,
				   &outlet->sink);
		break;
	case OUTLET_DIAGRAM:
		if (tct_diagram_init_live(&outlet->diagram, &outlet->sink))
			abort();
		break;
	case OUTLET_EXPLAIN:
		if (tct_stories_init(&outlet->stories, &stories, &outlet->sink))
			abort();
		break;
	case OUTLETS:
		break;
	}
}

void outlet_init(struct outlet *outlet, uint8_t choice)
{
	struct tct_text_config config = { .wide = choice & 8, .clock = choice & 16,
					  .seconds = choice & 32, .color = choice & 64 };
	struct tct_sink text = { 0 }, json = { 0 };

	*outlet = (struct outlet){ .kind = choice % 8 % OUTLETS };
	outlet->nowhere = fopen("/dev/null", "we");
	if (!outlet->nowhere)
		abort();
	config.out = config.messages = outlet->nowhere;
	tct_sink_text_init(&outlet->text, &config, &text);
	tct_sink_json_init(&outlet->json, outlet->nowhere, 0, &json);
	init_kind(outlet, &text, &json, choice);
}

void outlet_settle(struct outlet *outlet, uint64_t now_ns)
{
	if (outlet->kind == OUTLET_EXPLAIN)
		tct_stories_settle(&outlet->stories, now_ns);
}

static void fini_hist(struct outlet *outlet, uint64_t now_ns)
{
	tct_sink_hist_print(&outlet->hist, outlet->nowhere, 80);
	tct_sink_hist_json(&outlet->hist, &outlet->json, now_ns);
	tct_sink_hist_fini(&outlet->hist);
}

static void fini_diagram(struct outlet *outlet, uint64_t now_ns)
{
	tct_diagram_text(&outlet->diagram, outlet->nowhere);
	tct_diagram_dot(&outlet->diagram, outlet->nowhere);
	tct_diagram_mermaid(&outlet->diagram, outlet->nowhere);
	tct_diagram_svg(&outlet->diagram, outlet->nowhere);
	tct_diagram_json(&outlet->diagram, &outlet->json, now_ns);
	tct_diagram_fini(&outlet->diagram);
}

void outlet_fini(struct outlet *outlet, uint64_t now_ns)
{
	if (outlet->kind == OUTLET_HIST)
		fini_hist(outlet, now_ns);
	if (outlet->kind == OUTLET_DIAGRAM)
		fini_diagram(outlet, now_ns);
	if (outlet->kind == OUTLET_EXPLAIN) {
		tct_stories_flush(&outlet->stories, now_ns);
		tct_stories_fini(&outlet->stories);
	}
	fclose(outlet->nowhere);
}
