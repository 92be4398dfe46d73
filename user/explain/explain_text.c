// SPDX-License-Identifier: GPL-2.0
#include "explain_text.h"

#include <string.h>
#include <time.h>

#define SECOND 1000000000ull
#define WIDTH 80
#define TIMES 8			/* a margin */
#define STATES 13		/* "(ESTABLISHED)" */
#define MIDDLE 34		/* the arrows */
#define LOST_AT 26		/* how far a lost segment gets */

static const char *unseen_name(const struct tct_explain *explain)
{
	if (explain->itself)
		return "is A: it is connected to itself";
	return explain->inferred ? "not seen here: its (STATES) are inferred" : "not seen here";
}

/* How an end is called: where it is and whose. */
static void put_end(const struct tct_explain *explain, const struct tct_text_config *config,
		    int side)
{
	const struct tct_story_end *end = explain->seen[side];
	char endpoint[TCT_ENDPOINT_LEN], comm[TCT_COMM_LEN], text[256];
	size_t len;

	tct_explain_endpoint(explain, side, 0, endpoint);
	len = (size_t)snprintf(text, sizeof(text), "%c  %s", "AB"[side], endpoint);
	if (!end) {
		snprintf(text + len, sizeof(text) - len, "  %s", unseen_name(explain));
	} else {
		tct_format_plain(end->who.task.comm, comm, sizeof(comm));
		if (end->who.task.pid)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "  %s[%u]", comm,
						end->who.task.pid);
		if (config->wide && !TCT_KEY_IS_ADDRESS(end->who.cookie))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "  sk:%lx",
						(unsigned long)end->who.cookie);
		if (config->wide)
			snprintf(text + len, sizeof(text) - len, "  net:[%u]", end->who.netns);
	}
	tct_format_wrap(config->out, text, 0, 0, config->wide ? 10000 : WIDTH);
}

static void format_clock(const struct tct_text_config *config, uint64_t at_ns, char out[16])
{
	time_t real = (time_t)((at_ns + config->real_offset_ns) / SECOND);
	double seconds = (double)(int64_t)(at_ns - config->start_mono_ns) / SECOND;
	struct tm tm;

	if (config->clock)
		strftime(out, 16, "%H:%M:%S", localtime_r(&real, &tm));
	else
		snprintf(out, 16, "%.*f", seconds < 9999.9995 ? 3 : 0, seconds);
}

/* The time since this end's last step, or when it was. */
static void format_time(const struct tct_text_config *config,
			const struct tct_explain_entry *entry, char out[16])
{
	*out = '\0';
	if (entry->state == TCT_NONE)
		return;
	if ((config->clock || config->seconds) && entry->at_ns)
		format_clock(config, entry->at_ns, out);
	if (config->clock || config->seconds || entry->after_ns == TCT_UNKNOWN)
		return;
	*out = '+';
	tct_format_duration(entry->after_ns, out + 1, 15);
}

static void format_state(const struct tct_explain *explain, const struct tct_explain_entry *entry,
			 int side, char out[STATES + 1])
{
	const char *format = explain->seen[side] ? "%.11s" : "(%.11s)";

	*out = '\0';
	if (entry->state != TCT_NONE)
		snprintf(out, STATES + 1, format, tct_state_name(entry->state));
}

/* `line` gets `text` at `column`, as far as it fits. */
static void lay(char *line, int column, const char *text)
{
	for (; *text && column < MIDDLE; text++)
		line[column++] = *text;
}

static void lay_rule(char *line, int from, int to)
{
	memset(line + from, '-', (size_t)(to - from));
}

static void lay_label(char *line, int column, const char *text)
{
	char label[TCT_EXPLAIN_TEXT + 2];

	snprintf(label, sizeof(label), " %s ", text);
	lay(line, column, label);
}

static void draw_right(const struct tct_explain_row *row, char *line)
{
	static const char heads[] = { '>', 'X', '?' };
	int end = row->fate == TCT_FATE_LOST ? LOST_AT : MIDDLE - 1;

	lay_rule(line, 0, end);
	lay_label(line, 2, row->text[0]);
	line[end] = heads[row->fate];
}

static void draw_left(const struct tct_explain_row *row, char *line)
{
	static const char heads[] = { '<', 'X', '?' };
	int end = row->fate == TCT_FATE_LOST ? MIDDLE - 1 - LOST_AT : 0;
	int column = MIDDLE - 4 - (int)strlen(row->text[1]);

	lay_rule(line, end, MIDDLE);
	lay_label(line, column > end ? column : end + 1, row->text[1]);
	line[end] = heads[row->fate];
}

static void draw_cross(const struct tct_explain_row *row, char *line)
{
	lay_rule(line, 0, MIDDLE);
	lay_label(line, 1, row->text[0]);
	lay_label(line, MIDDLE - 3 - (int)strlen(row->text[1]), row->text[1]);
	lay(line, MIDDLE / 2 - 1, "\\ /");
}

static void draw_crossed(char *line)
{
	lay_rule(line, 0, MIDDLE);
	line[0] = '<';
	line[MIDDLE - 1] = '>';
	lay(line, MIDDLE / 2 - 1, "/ \\");
}

static void draw_note(const struct tct_explain_row *row, char *line)
{
	int column = MIDDLE - 2 - (int)strlen(row->text[1]);	/* apart from the state */

	lay(line, 0, row->text[0]);
	lay(line, column > 0 ? column : 0, row->text[1]);
}

static void draw_middle(const struct tct_explain_row *row, char *line)
{
	switch (row->arrow) {
	case TCT_ARROW_NONE:
		draw_note(row, line);
		break;
	case TCT_ARROW_RIGHT:
		draw_right(row, line);
		break;
	case TCT_ARROW_LEFT:
		draw_left(row, line);
		break;
	case TCT_ARROW_CROSS:
		draw_cross(row, line);
		break;
	case TCT_ARROW_CROSSED:
		draw_crossed(line);
		break;
	}
}

static void put_line(FILE *out, char *line)
{
	size_t len = strlen(line);

	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	fprintf(out, "%s\n", line);
}

static void put_row(const struct tct_explain *explain, const struct tct_text_config *config,
		    const struct tct_explain_row *row)
{
	char times[2][16], states[2][STATES + 1], middle[MIDDLE + 1], line[160];

	if (row->arrow == TCT_ARROW_CROSSED) {
		snprintf(line, sizeof(line), "%*sX", TIMES + STATES + 2 + MIDDLE / 2, "");
		put_line(config->out, line);
	}
	memset(middle, ' ', MIDDLE);
	middle[MIDDLE] = '\0';
	draw_middle(row, middle);
	for (int i = 0; i < 2; i++) {
		format_time(config, &row->entry[i], times[i]);
		format_state(explain, &row->entry[i], i, states[i]);
	}
	snprintf(line, sizeof(line), "%*s %*s %s %-*s %*s", TIMES, times[0], -STATES, states[0],
		 middle, STATES, states[1], TIMES, times[1]);
	put_line(config->out, line);
}

static void put_heads(const struct tct_text_config *config)
{
	const char *times = config->clock || config->seconds ? "TIME" : "AFTER";
	char line[160];

	snprintf(line, sizeof(line), "%*s %*s %*s %*s %*s", TIMES, times, -STATES, "A", MIDDLE, "",
		 -STATES, "B", TIMES, times);
	put_line(config->out, line);
}

void tct_explain_text(const struct tct_explain *explain, const struct tct_text_config *config)
{
	char legend[160];

	put_end(explain, config, 0);
	put_end(explain, config, 1);
	fputc('\n', config->out);
	put_heads(config);
	for (size_t i = 0; i < explain->count; i++)
		put_row(explain, config, &explain->rows[i]);
	fputc('\n', config->out);
	tct_explain_legend(explain, legend, sizeof(legend));
	if (*legend)
		tct_format_wrap(config->out, legend, 0, 0, WIDTH);
	tct_format_wrap(config->out, explain->sentence, 0, 0, WIDTH);
	fputc('\n', config->out);
}
