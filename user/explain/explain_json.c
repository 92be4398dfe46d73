// SPDX-License-Identifier: GPL-2.0
#include <sys/socket.h>
#include "explain_text.h"

/* The mini-socket's last substate; null while it lasts, or where there was none. */
static void put_time_wait(struct tct_json *json, const struct tct_story_end *end)
{
	if (!end || !end->waited) {
		tct_json_str(json, "time_wait", NULL);
		return;
	}
	tct_json_open(json, "time_wait", '{');
	tct_json_str(json, "substate", tct_state_name(end->time_wait.substate));
	tct_json_i64(json, "duration_ns", end->time_wait.duration_ns, TCT_UNKNOWN);
	tct_json_str(json, "end", tct_end_name(end->time_wait.end));
	tct_json_u64(json, "rearmed", end->time_wait.rearmed);
	tct_json_close(json, '}');
}

static void put_end(const struct tct_explain *explain, struct tct_json *json, int side)
{
	const struct tct_tuple *tuple = &explain->ends[side]->who.tuple;
	const struct tct_story_end *end = explain->seen[side];
	bool has_cookie = end && !TCT_KEY_IS_ADDRESS(end->who.cookie);
	char address[TCT_ADDRESS_LEN];

	tct_format_address(tuple->laddr, tuple->family, address);
	tct_json_open(json, side ? "b" : "a", '{');
	tct_json_bool(json, "seen", end);
	tct_json_str(json, "family", tuple->family == AF_INET ? "ipv4" : "ipv6");
	tct_json_str(json, "addr", address);
	tct_json_u64(json, "port", tuple->lport);
	tct_json_i64(json, "cookie", has_cookie ? (int64_t)end->who.cookie : 0, 0);
	tct_json_i64(json, "netns", end ? end->who.netns : 0, 0);
	tct_json_i64(json, "pid", end ? end->who.task.pid : 0, 0);
	tct_json_str(json, "comm", end && end->who.task.pid ? end->who.task.comm : NULL);
	tct_json_str(json, "kind", end && end->torn ? tct_kind_name(end->teardown.kind) : NULL);
	tct_json_str(json, "closer",
		     end && end->torn ? tct_closer_name(end->teardown.closer) : NULL);
	tct_json_i64(json, "sent_bytes", explain->facts[side].sent, TCT_UNKNOWN);
	put_time_wait(json, end);
	tct_json_close(json, '}');
}

static void put_entry(const struct tct_explain *explain, struct tct_json *json,
		      const struct tct_explain_row *row, int side)
{
	const struct tct_explain_entry *entry = &row->entry[side];

	tct_json_open(json, side ? "b" : "a", '{');
	tct_json_str(json, "state", tct_state_name(entry->state));
	tct_json_bool(json, "seen", explain->seen[side]);
	tct_json_i64(json, "mono_ns", (int64_t)entry->at_ns, 0);
	tct_json_i64(json, "after_ns", entry->after_ns, TCT_UNKNOWN);
	tct_json_close(json, '}');
}

static void put_text(struct tct_json *json, const struct tct_explain_row *row, int side)
{
	static const char *const fates[] = { "arrives", "lost", "unknown" };
	bool sends = row->arrow == TCT_ARROW_CROSS ||
		     row->arrow == (side ? TCT_ARROW_LEFT : TCT_ARROW_RIGHT);

	if (!*row->text[side] || row->arrow == TCT_ARROW_CROSSED)
		return;
	tct_json_open(json, NULL, '{');
	tct_json_str(json, sends ? "from" : "of", side ? "b" : "a");
	tct_json_str(json, sends ? "segment" : "note", row->text[side]);
	if (sends)
		tct_json_str(json, "fate", fates[row->fate]);
	tct_json_close(json, '}');
}

static void put_row(const struct tct_explain *explain, struct tct_json *json,
		    const struct tct_explain_row *row)
{
	tct_json_open(json, NULL, '{');
	for (int i = 0; i < 2; i++) {
		if (row->entry[i].state != TCT_NONE)
			put_entry(explain, json, row, i);
	}
	tct_json_open(json, "what", '[');
	put_text(json, row, 0);
	put_text(json, row, 1);
	tct_json_close(json, ']');
	tct_json_close(json, '}');
}

void tct_explain_json(const struct tct_explain *explain, struct tct_sink_json *out,
		      uint64_t now_ns)
{
	struct tct_json *json = &out->json;

	tct_sink_json_begin(out, "explain", now_ns);
	put_end(explain, json, 0);
	put_end(explain, json, 1);
	tct_json_open(json, "steps", '[');
	for (size_t i = 0; i < explain->count; i++)
		put_row(explain, json, &explain->rows[i]);
	tct_json_close(json, ']');
	tct_json_str(json, "sentence", explain->sentence);
	tct_sink_json_end(out);
}
