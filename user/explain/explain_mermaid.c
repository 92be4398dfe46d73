// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "explain_text.h"

/* What ends a statement, starts an entity, or is HTML there. */
static void put_plain(FILE *out, const char *text)
{
	char plain[TCT_EXPLAIN_SENTENCE];

	tct_format_plain(text, plain, sizeof(plain));
	for (const char *p = plain; *p; p++) {
		if (strchr(";#<>&", *p))
			fprintf(out, "#%d;", *p);
		else
			fputc(*p, out);
	}
}

static void put_participant(const struct tct_explain *explain, FILE *out, int side)
{
	const struct tct_story_end *end = explain->seen[side];
	char endpoint[TCT_ENDPOINT_LEN];

	tct_explain_endpoint(explain, side, 0, endpoint);
	fprintf(out, "    participant %c as %s", "AB"[side], endpoint);
	if (end && end->who.task.pid) {
		fprintf(out, "<br/>");
		put_plain(out, end->who.task.comm);
		fprintf(out, "[%u]", end->who.task.pid);
	}
	if (!end && explain->itself)
		fprintf(out, "<br/>(A itself)");
	else if (!end)
		fprintf(out, "<br/>(%s)", explain->inferred ? "inferred" : "not seen");
	fputc('\n', out);
}

static void put_state(const struct tct_explain *explain, FILE *out,
		      const struct tct_explain_row *row, int side)
{
	const struct tct_explain_entry *entry = &row->entry[side];
	bool seen = explain->seen[side];
	char time[16];

	if (entry->state == TCT_NONE)
		return;
	fprintf(out, "    Note %s of %c: %s%s%s", side ? "right" : "left", "AB"[side],
		seen ? "" : "(", tct_state_name(entry->state), seen ? "" : ")");
	tct_format_duration(entry->after_ns, time, sizeof(time));
	if (entry->after_ns != TCT_UNKNOWN)
		fprintf(out, "<br/>after %s", time);
	fputc('\n', out);
}

static void put_arrow(FILE *out, int from, enum tct_fate fate, const char *text)
{
	fprintf(out, "    %c%s%c: ", "AB"[from], fate == TCT_FATE_ARRIVES ? "->>" : "-x",
		"AB"[1 - from]);
	put_plain(out, text);
	if (fate != TCT_FATE_ARRIVES)
		fprintf(out, fate == TCT_FATE_LOST ? " (lost)" : " (arrival unknown)");
	fputc('\n', out);
}

static void put_note(FILE *out, int side, const char *text)
{
	if (!*text)
		return;
	fprintf(out, "    Note over %c: ", "AB"[side]);
	put_plain(out, text);
	fputc('\n', out);
}

/* A sender's state comes before its arrow, a receiver's after it. */
static void put_row(const struct tct_explain *explain, FILE *out,
		    const struct tct_explain_row *row)
{
	int from = row->arrow == TCT_ARROW_LEFT;

	if (row->arrow != TCT_ARROW_RIGHT && row->arrow != TCT_ARROW_LEFT) {
		put_state(explain, out, row, 0);
		put_state(explain, out, row, 1);
	}
	switch (row->arrow) {
	case TCT_ARROW_NONE:
		put_note(out, 0, row->text[0]);
		put_note(out, 1, row->text[1]);
		break;
	case TCT_ARROW_RIGHT:
	case TCT_ARROW_LEFT:
		put_state(explain, out, row, from);
		put_arrow(out, from, row->fate, row->text[from]);
		put_state(explain, out, row, 1 - from);
		break;
	case TCT_ARROW_CROSS:
		put_arrow(out, 0, row->fate, row->text[0]);
		put_arrow(out, 1, row->fate, row->text[1]);
		break;
	case TCT_ARROW_CROSSED:
		break;
	}
}

void tct_explain_mermaid(const struct tct_explain *explain, FILE *out)
{
	char legend[160];

	fprintf(out, "```mermaid\nsequenceDiagram\n");
	put_participant(explain, out, 0);
	put_participant(explain, out, 1);
	for (size_t i = 0; i < explain->count; i++)
		put_row(explain, out, &explain->rows[i]);
	tct_explain_legend(explain, legend, sizeof(legend));
	fprintf(out, "```\n\n%s%s%s\n\n", legend, *legend ? ". " : "", explain->sentence);
}
