// SPDX-License-Identifier: GPL-2.0
/* A story in one sentence: who closed, how it ended, what went wrong, and the wait. */
#include <ctype.h>
#include <string.h>
#include "explain.h"

#define NAME "AB"

/* A macro, since clang's analyzer misreads va_list. */
#define add(explain, ...) \
	do { \
		char *text_ = (explain)->sentence; \
		size_t len_ = strlen(text_); \
		snprintf(text_ + len_, TCT_EXPLAIN_SENTENCE - len_, __VA_ARGS__); \
	} while (0)

/* What follows is a new part of the sentence. */
static void part(struct tct_explain *explain)
{
	if (*explain->sentence)
		add(explain, "; ");
}

static bool closes(const struct tct_explain *explain, int side)
{
	return tct_explain_fin_sent(explain->ends[side]) ||
	       tct_explain_fin_received(explain->ends[1 - side]);
}

/* From when B could know of A's FIN, or else from when A sent it, until B's own. */
static const char *answer_time(const struct tct_explain *explain, char *out, size_t size)
{
	const struct tct_story_step *last = &explain->ends[1]->entered[TCT_LAST_ACK];
	const struct tct_story_step *fin = tct_explain_fin_received(explain->ends[0]);
	const struct tct_story_step *sent = tct_explain_fin_sent(explain->ends[0]);
	int64_t ns = TCT_UNKNOWN;

	if (explain->seen[1] && last->at_ns)
		ns = last->after_ns;
	else if (explain->seen[0] && fin && sent)
		ns = (int64_t)(fin->at_ns - sent->at_ns);
	if (ns == TCT_UNKNOWN)
		return "";
	*out = ' ';
	tct_format_duration(ns, out + 1, size - 1);
	return out;
}

static bool half_closed(const struct tct_explain *explain)
{
	for (int i = 0; i < 2; i++) {
		if (explain->seen[i] && explain->seen[i]->torn &&
		    explain->seen[i]->teardown.half_close_ns > 0)
			return true;
	}
	return false;
}

static void put_answer(struct tct_explain *explain)
{
	long long bytes = tct_explain_late_bytes(explain);
	char text[24] = "";
	const char *time = answer_time(explain, text, sizeof(text));

	if (!half_closed(explain)) {
		add(explain, "A closed first and B%s later", *time ? time : "");
		return;
	}
	add(explain, "A closed its sending side only, ");
	if (bytes > 0)
		add(explain, "B sent %lld byte%s more and closed%s later", bytes,
		    bytes == 1 ? "" : "s", time);
	else
		add(explain, "B closed%s later", time);
}

static void put_closes(struct tct_explain *explain)
{
	if (explain->ends[0]->entered[TCT_CLOSING].at_ns &&
	    explain->ends[1]->entered[TCT_CLOSING].at_ns)
		add(explain, "A and B closed at once and their FINs crossed");
	else if (tct_explain_is_mutual(explain))
		add(explain, "A and B both closed before either had the other's FIN");
	else if (closes(explain, 0) && closes(explain, 1))
		put_answer(explain);
	else if (closes(explain, 0))
		add(explain, "A closed first");
	else if (explain->ends[1]->entered[TCT_LAST_ACK].at_ns)
		add(explain, "B closed after A had");
}

/* As far as this end goes. Nobody comes to TIME_WAIT without the ACK of its FIN. */
static bool is_complete(const struct tct_story_end *end)
{
	return end->entered[TCT_TIME_WAIT].at_ns ||
	       tct_explain_fin_acked(end) == &end->entered[TCT_CLOSE];
}

static void put_order(struct tct_explain *explain)
{
	const struct tct_story_end *a = tct_explain_teller(explain, 0);
	const struct tct_story_end *b = tct_explain_teller(explain, 1);

	if (!tct_explain_is_orderly(a) || !tct_explain_is_orderly(b)) {
		if (is_complete(a) && is_complete(b))
			add(explain, ": an orderly close, of how many segments is not known");
		return;
	}
	if (a->teardown.kind == TCT_KIND_SIMULTANEOUS || b->teardown.kind == TCT_KIND_SIMULTANEOUS)
		add(explain, ": a simultaneous close");
	else if (tct_explain_is_merged(explain))
		add(explain, ": an orderly close in three segments, since B's FIN carried the ACK "
			     "of A's");
	else
		add(explain, ": an orderly close in four segments");
}

static void put_again(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->seen[side];
	long long again = end && end->torn ? end->teardown.fin_retransmits : 0;

	if (again <= 0 || (tct_explain_broken_off(end) && end->teardown.kind == TCT_KIND_TIMEOUT))
		return;
	part(explain);
	if (side == 1 && end->teardown.last_ack_lost == 1 && tct_explain_fin_acked(end))
		add(explain, "the last ACK was lost, so B sent its FIN again%s and A, in TIME_WAIT, "
			     "acknowledged it again", again > 1 ? " and again" : "");
	else
		add(explain, "%c had to send its FIN %lld times", NAME[side], again + 1);
}

static void put_time_out(struct tct_explain *explain, int side)
{
	const struct tct_teardown *ev = &explain->ends[side]->teardown;

	add(explain, "%c gave up", NAME[side]);
	if (ev->fin_retransmits > 0)
		add(explain, " after it had sent its FIN %lld times and nobody answered",
		    (long long)ev->fin_retransmits + 1);
	else if (ev->retransmits > 0)
		add(explain, " after %lld retransmission%s that nobody answered",
		    (long long)ev->retransmits, ev->retransmits == 1 ? "" : "s");
	else if (ev->probes > 0)
		add(explain, " after %lld probe%s that nobody answered", (long long)ev->probes,
		    ev->probes == 1 ? "" : "s");
	else
		add(explain, ": nobody answered");
}

static void put_abort(struct tct_explain *explain, int side)
{
	const struct tct_teardown *ev = &explain->ends[side]->teardown;

	if (ev->unread_bytes > 0)
		add(explain, "%c closed with %lld byte%s unread, which sent a reset", NAME[side],
		    (long long)ev->unread_bytes, ev->unread_bytes == 1 ? "" : "s");
	else
		add(explain, "%c closed with data unread, which sent a reset", NAME[side]);
}

static void put_reset_sent(struct tct_explain *explain, int side)
{
	const char *reason = explain->ends[side]->teardown.reset_reason;

	if (tct_explain_fin_sent(explain->ends[side]))
		add(explain, "what then came from %c had no reader and %c answered it with a reset",
		    NAME[1 - side], NAME[side]);
	else
		add(explain, "%c sent a reset", NAME[side]);
	if (reason)
		add(explain, " (%s)", reason);
}

static void put_kind(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];
	char name = NAME[side];

	switch (end->torn ? end->teardown.kind : TCT_KIND_UNKNOWN) {
	case TCT_KIND_RESET_SENT:
		put_reset_sent(explain, side);
		break;
	case TCT_KIND_RESET_RECEIVED:
		add(explain, "%c was reset", name);
		break;
	case TCT_KIND_ABORT_UNREAD:
		put_abort(explain, side);
		break;
	case TCT_KIND_ABORT_LINGER:
		add(explain, "%c aborted with a reset (SO_LINGER with a time of 0%s)", name,
		    end->entered[TCT_CLOSE].from == TCT_FIN_WAIT2 ? ", or TCP_LINGER2 below 0"
								  : "");
		break;
	case TCT_KIND_TIMEOUT:
		put_time_out(explain, side);
		break;
	case TCT_KIND_REFUSED:
		add(explain, "%c refused the connection", NAME[1 - side]);
		break;
	case TCT_KIND_NEVER_OPENED:
		add(explain, "%c closed before the connection was open", name);
		break;
	case TCT_KIND_UNREACHABLE:
		add(explain, "the network told %c that %c cannot be reached", name, NAME[1 - side]);
		break;
	case TCT_KIND_DISCONNECTED:
		add(explain, "%c disconnected its socket, which it keeps", name);
		break;
	case TCT_KIND_REPAIR:
		add(explain, "%c was closed in repair mode, which sends nothing", name);
		break;
	case TCT_KIND_DESTROYED:
		add(explain, "%c was destroyed from outside (SOCK_DESTROY)", name);
		break;
	case TCT_KIND_REAPED:
		add(explain, "the kernel reaped %c: too many orphans, or no memory", name);
		break;
	case TCT_KIND_ORDERLY:
	case TCT_KIND_ORDERLY_MERGED:
	case TCT_KIND_SIMULTANEOUS:
	case TCT_KIND_UNKNOWN:
	case TCT_KINDS:
		add(explain, "how %c ended is not known", name);
		break;
	}
}

/* An orphan that waited for the peer's FIN. */
static void put_orphan(struct tct_explain *explain, int side)
{
	const struct tct_time_wait *ev = &explain->seen[side]->time_wait;
	char time[16];

	tct_format_duration(ev->duration_ns, time, sizeof(time));
	if (ev->end == TCT_END_EXPIRED)
		add(explain, "%c's FIN did not come, and %c's FIN_WAIT2 expired after %s",
		    NAME[1 - side], NAME[side], time);
	else
		add(explain, "%c's FIN_WAIT2 ended after %s: %s", NAME[side], time,
		    tct_end_name(ev->end));
}

static void put_break(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->seen[side];

	if (!end || !tct_explain_broken_off(end))
		return;
	part(explain);
	if (tct_explain_is_orphan(end))
		put_orphan(explain, side);
	else
		put_kind(explain, side);
}

static void put_process(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->seen[side];

	if (!end || !end->torn || end->teardown.process != TCT_PROCESS_KILLED)
		return;
	part(explain);
	add(explain, "%c's process was killed by signal %u", NAME[side], end->teardown.signal);
}

static void put_wait(struct tct_explain *explain, int side, uint64_t now_ns)
{
	const struct tct_story_end *end = explain->seen[side];
	const struct tct_story_step *over, *now;
	char time[16];

	if (!end)
		return;
	over = &end->entered[TCT_CLOSE];
	now = &end->entered[end->state];
	if (end->waited && end->time_wait.end == TCT_END_NEVER_CREATED) {
		part(explain);
		add(explain, "there was no room for %c's %s", NAME[side],
		    tct_state_name(end->time_wait.substate));
	}
	if (over->at_ns && over->from != TCT_TIME_WAIT)
		return;
	part(explain);
	tct_format_duration(over->at_ns ? over->after_ns : (int64_t)(now_ns - now->at_ns), time,
			    sizeof(time));
	if (!over->at_ns)
		add(explain, "%c is in %s, %s so far", NAME[side], tct_state_name(end->state),
		    now->at_ns ? time : "?");
	else if (end->waited && end->time_wait.end == TCT_END_EXPIRED)
		add(explain, "%c's TIME_WAIT expired after %s", NAME[side], time);
	else
		add(explain, "%c's TIME_WAIT ended after %s: %s", NAME[side], time,
		    end->waited ? tct_end_name(end->time_wait.end) : "unknown");
}

/* Whoever broke off first is told of first. */
static int breaks_first(const struct tct_explain *explain)
{
	uint64_t a = explain->ends[0]->entered[TCT_CLOSE].at_ns;
	uint64_t b = explain->ends[1]->entered[TCT_CLOSE].at_ns;

	return b && (!a || b < a);
}

void tct_explain_put_sentence(struct tct_explain *explain, uint64_t now_ns)
{
	int first = breaks_first(explain);

	*explain->sentence = '\0';
	put_closes(explain);
	put_order(explain);
	put_again(explain, 0);
	put_again(explain, 1);
	put_break(explain, first);
	put_break(explain, 1 - first);
	put_process(explain, 0);
	put_process(explain, 1);
	put_wait(explain, 0, now_ns);
	put_wait(explain, 1, now_ns);
	add(explain, ".");
	explain->sentence[0] = (char)toupper((unsigned char)explain->sentence[0]);
}
