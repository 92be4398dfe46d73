// SPDX-License-Identifier: GPL-2.0
#include "text_line.h"

#include <string.h>
#include <time.h>
#include "format.h"

#define SECOND 1000000000ull

bool tct_text_has_stamp(const struct tct_sink_text *sink)
{
	return sink->config.clock || sink->config.seconds;
}

/* Eight characters and a blank, for months. */
static char *put_seconds(double seconds, char *out)
{
	int decimals = 3;

	for (double limit = 9999.9995; decimals && seconds >= limit; limit *= 10)
		decimals--;
	return out + sprintf(out, "%-8.*f ", decimals, seconds);
}

/* Local time costs more than all the rest of a line: it is made once a second. */
static char *put_clock(struct tct_sink_text *sink, uint64_t real_ns, char *out)
{
	time_t now = (time_t)(real_ns / SECOND);
	struct tm tm;

	if (now != sink->clock_second || !sink->clock[0]) {
		sink->clock_second = now;
		localtime_r(&now, &tm);
		strftime(sink->clock, sizeof(sink->clock), "%H:%M:%S ", &tm);
	}
	return stpcpy(out, sink->clock);
}

char *tct_text_stamp(struct tct_sink_text *sink, uint64_t mono_ns, char *out)
{
	const struct tct_text_config *config = &sink->config;

	if (config->clock)
		return put_clock(sink, mono_ns + config->real_offset_ns, out);
	if (!config->seconds)
		return out;
	return put_seconds((double)(int64_t)(mono_ns - config->start_mono_ns) / SECOND, out);
}

/* 80 columns have room for a time or for the program's name. */
static void put_titles(struct tct_sink_text *sink)
{
	FILE *out = sink->config.out;

	if (sink->titled)
		return;
	sink->titled = true;
	if (tct_text_has_stamp(sink))
		fprintf(out, "%-*s", TCT_TEXT_STAMP, "TIME");
	if (sink->config.wide)
		fprintf(out, "%-10s %-10s %-7s %-15s %-47s %-47s %-11s    %-11s %7s\n", "COOKIE",
			"NETNS", "PID", "COMM", "LOCAL", "REMOTE", "FROM", "TO", "AFTER");
	else
		fprintf(out, "%-7s %s%5s %-21s %-11s    %-11s %7s\n", "PID",
			tct_text_has_stamp(sink) ? "" : "COMM      ", "LPORT", "REMOTE", "FROM",
			"TO", "AFTER");
}

/* `end` of a column that began at `begin`, and the blank behind it. */
static char *end_column(const char *begin, int width, char *end)
{
	while (end < begin + width)
		*end++ = ' ';
	*end++ = ' ';
	return end;
}

static char *put_number(uint64_t number, int width, char *out)
{
	return end_column(out, width, tct_format_u64(number, out));
}

static char *put_word(const char *word, int width, char *out)
{
	return end_column(out, width, stpcpy(out, word));
}

static char *put_identity(const struct tct_subject *who, char *out)
{
	if (TCT_KEY_IS_ADDRESS(who->cookie))
		out = put_word("-", 10, out);
	else
		out = end_column(out, 10, tct_format_hex(who->cookie, out));
	return put_number(who->netns, 10, out);
}

static char *put_task(const struct tct_sink_text *sink, const struct tct_task *task, char *out)
{
	size_t width = sink->config.wide ? 15 : 9;
	char comm[TCT_COMM_LEN];

	out = task->pid ? put_number(task->pid, 7, out) : put_word("-", 7, out);
	if (tct_text_has_stamp(sink) && !sink->config.wide)
		return out;
	tct_format_plain(task->pid ? task->comm : "-", comm, width + 1);
	return put_word(comm, (int)width, out);
}

static char *put_remote(const struct tct_tuple *tuple, bool wide, char *out)
{
	int width = wide ? 47 : 21;

	if (!tuple->rport)
		return put_word("-", width, out);
	return end_column(out, width, tct_format_endpoint(tuple->raddr, tuple->family, tuple->rport,
							  wide ? 0 : width, out));
}

static char *put_local(const struct tct_tuple *tuple, bool wide, char *out)
{
	char port[8];

	if (wide)
		return end_column(out, 47, tct_format_endpoint(tuple->laddr, tuple->family,
							       tuple->lport, 0, out));
	*tct_format_u64(tuple->lport, port) = '\0';
	out = tct_format_right(port, 5, out);
	*out++ = ' ';
	return out;
}

char *tct_text_subject(struct tct_sink_text *sink, uint64_t mono_ns, const struct tct_subject *who,
		       char line[TCT_TEXT_LINE])
{
	bool wide = sink->config.wide;
	char *at;

	put_titles(sink);
	at = tct_text_stamp(sink, mono_ns, line);
	if (wide)
		at = put_identity(who, at);
	at = put_task(sink, &who->task, at);
	at = put_local(&who->tuple, wide, at);
	return put_remote(&who->tuple, wide, at);
}

void tct_text_put(const struct tct_sink_text *sink, char line[TCT_TEXT_LINE], char *end)
{
	*end++ = '\n';
	fwrite_unlocked(line, 1, (size_t)(end - line), sink->config.out);
}
