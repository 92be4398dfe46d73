// SPDX-License-Identifier: GPL-2.0
#include "text_teardown.h"

#include <stdarg.h>
#include <string.h>
#include "format.h"

struct line {
	char *text;
	size_t len;
	size_t width;
};

/* Whole or not at all. */
static void __attribute__((format(printf, 2, 3))) add(struct line *line, const char *format, ...)
{
	char part[80];
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(part, sizeof(part), format, args);
	va_end(args);
	len = strlen(part);
	if (line->len + len > line->width)
		return;
	memcpy(line->text + line->len, part, len + 1);
	line->len += len;
}

static bool is_some(int64_t count)
{
	return count != TCT_UNKNOWN && count > 0;
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

static void add_gave_up(struct line *line, const struct tct_teardown *ev)
{
	if (ev->kind != TCT_KIND_TIMEOUT)
		return;
	if (is_some(ev->retransmits))
		add(line, ", %lld retransmit%s", (long long)ev->retransmits,
		    plural(ev->retransmits));
	else if (is_some(ev->probes))
		add(line, ", %lld probe%s", (long long)ev->probes, plural(ev->probes));
}

static void add_half_close(struct line *line, const struct tct_teardown *ev)
{
	char time[16];

	if (!is_some(ev->half_close_ns))
		return;
	tct_format_duration(ev->half_close_ns, time, sizeof(time));
	add(line, ", half %s", time);
	if (is_some(ev->bytes_after_fin))
		add(line, ", %lld bytes after FIN", (long long)ev->bytes_after_fin);
}

static void add_fin(struct line *line, const struct tct_teardown *ev)
{
	if (ev->last_ack_lost == 1)
		add(line, ", last ACK lost");
	if (is_some(ev->fin_retransmits))
		add(line, ", FIN sent %lldx", (long long)ev->fin_retransmits + 1);
}

static void add_process(struct line *line, const struct tct_teardown *ev)
{
	if (ev->process == TCT_PROCESS_KILLED)
		add(line, ", killed by %u", ev->signal);
	if (ev->process == TCT_PROCESS_EXITED)
		add(line, ", exited");
}

void tct_text_teardown(const struct tct_teardown *ev, size_t width, char out[TCT_TEARDOWN_LEN])
{
	static const char *const closers[] = { "", ", by us", ", by the peer", ", by both" };
	struct line line = { .text = out, .width = width };

	out[0] = '\0';
	if (line.width > TCT_TEARDOWN_LEN - 1)
		line.width = TCT_TEARDOWN_LEN - 1;
	add(&line, "= %s%s", tct_kind_name(ev->kind), closers[ev->closer]);
	add_gave_up(&line, ev);
	if (is_some(ev->unread_bytes))
		add(&line, ", %lld unread", (long long)ev->unread_bytes);
	add_fin(&line, ev);
	add_process(&line, ev);
	add_half_close(&line, ev);
	if (ev->reset_reason)
		add(&line, ", reset: %s", ev->reset_reason);
}
