// SPDX-License-Identifier: GPL-2.0
#include "text_teardown.h"

#include <stdbool.h>
#include <string.h>
#include "format.h"

struct line {
	char *text;
	size_t len;
	size_t width;
};

/* Whole or not at all. */
static void add(struct line *line, const char *part)
{
	size_t len = strlen(part);

	if (line->len + len > line->width)
		return;
	memcpy(line->text + line->len, part, len + 1);
	line->len += len;
}

static void add_number(struct line *line, const char *before, int64_t number, const char *after)
{
	char part[80];

	snprintf(part, sizeof(part), "%s%lld%s", before, (long long)number, after);
	add(line, part);
}

static bool is_some(int64_t count)
{
	return count != TCT_UNKNOWN && count > 0;
}

static void add_gave_up(struct line *line, const struct tct_teardown *ev)
{
	if (ev->kind != TCT_KIND_TIMEOUT)
		return;
	if (is_some(ev->retransmits))
		add_number(line, ", ", ev->retransmits,
			   ev->retransmits == 1 ? " retransmit" : " retransmits");
	else if (is_some(ev->probes))
		add_number(line, ", ", ev->probes, ev->probes == 1 ? " probe" : " probes");
}

static void add_half_close(struct line *line, const struct tct_teardown *ev)
{
	char time[16], part[32];

	if (!is_some(ev->half_close_ns))
		return;
	tct_format_duration(ev->half_close_ns, time, sizeof(time));
	snprintf(part, sizeof(part), ", half %s", time);
	add(line, part);
	if (is_some(ev->bytes_after_fin))
		add_number(line, ", ", ev->bytes_after_fin, " bytes after FIN");
}

static void add_fin(struct line *line, const struct tct_teardown *ev)
{
	if (ev->last_ack_lost == 1)
		add(line, ", last ACK lost");
	if (is_some(ev->fin_retransmits))
		add_number(line, ", FIN sent ", ev->fin_retransmits + 1, "x");
}

static void add_process(struct line *line, const struct tct_teardown *ev)
{
	if (ev->process == TCT_PROCESS_KILLED)
		add_number(line, ", killed by ", ev->signal, "");
	if (ev->process == TCT_PROCESS_EXITED)
		add(line, ", exited");
}

static void add_reason(struct line *line, const struct tct_teardown *ev)
{
	char part[80];

	if (!ev->reset_reason)
		return;
	snprintf(part, sizeof(part), ", reset: %s", ev->reset_reason);
	add(line, part);
}

void tct_text_teardown(const struct tct_teardown *ev, size_t width, char out[TCT_TEARDOWN_LEN])
{
	static const char *const closers[] = { "", ", by us", ", by the peer", ", by both" };
	struct line line = { .text = out, .width = width };

	out[0] = '\0';
	if (line.width > TCT_TEARDOWN_LEN - 1)
		line.width = TCT_TEARDOWN_LEN - 1;
	add(&line, "= ");
	add(&line, tct_kind_name(ev->kind));
	add(&line, closers[ev->closer]);
	add_gave_up(&line, ev);
	if (is_some(ev->unread_bytes))
		add_number(&line, ", ", ev->unread_bytes, " unread");
	add_fin(&line, ev);
	add_process(&line, ev);
	add_half_close(&line, ev);
	add_reason(&line, ev);
}
