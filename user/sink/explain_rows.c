// SPDX-License-Identifier: GPL-2.0
/* A story's rows. Each segment is one, with the states that its sender and its receiver enter. */
#include <stdarg.h>
#include <string.h>
#include "explain.h"

static struct tct_explain_row *add(struct tct_explain *explain, uint64_t key_ns)
{
	static struct tct_explain_row beyond;
	struct tct_explain_row *row = &beyond;

	if (explain->count < TCT_EXPLAIN_ROWS)
		row = &explain->rows[explain->count++];
	*row = (struct tct_explain_row){
		.key_ns = key_ns,
		.entry = { { .after_ns = TCT_UNKNOWN }, { .after_ns = TCT_UNKNOWN } },
	};
	return row;
}

__attribute__((format(printf, 3, 4)))
static void say(struct tct_explain_row *row, int side, const char *format, ...)
{
	size_t len = strlen(row->text[side]);
	va_list args;

	va_start(args, format);
	vsnprintf(row->text[side] + len, TCT_EXPLAIN_TEXT - len, format, args);
	va_end(args);
}

static struct tct_explain_row *send(struct tct_explain *explain, int from, uint64_t key_ns)
{
	struct tct_explain_row *row = add(explain, key_ns);

	row->arrow = from ? TCT_ARROW_LEFT : TCT_ARROW_RIGHT;
	return row;
}

/* The times of an end that was not seen are not known. */
static void enter(const struct tct_explain *explain, struct tct_explain_row *row, int side,
		  const struct tct_story_step *step)
{
	if (!step)
		return;
	row->entry[side] = (struct tct_explain_entry){
		.state = tct_explain_state(explain->ends[side], step),
		.at_ns = explain->seen[side] ? step->at_ns : 0,
		.after_ns = explain->seen[side] ? step->after_ns : TCT_UNKNOWN,
	};
}

static const struct tct_story_step *step_of(const struct tct_story_end *end, enum tct_state state)
{
	return end->entered[state].at_ns ? &end->entered[state] : NULL;
}

/* An end's first step of the closing, and where it started. */
static const struct tct_story_step *first_step(const struct tct_story_end *end)
{
	const struct tct_story_step *first = NULL;

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		const struct tct_story_step *step = step_of(end, s);

		if (!step || s == TCT_SYN_SENT || s == TCT_SYN_RECV || s == TCT_ESTABLISHED)
			continue;
		if (!first || step->at_ns < first->at_ns)
			first = step;
	}
	return first;
}

/* Where an end that was not seen must have been, given its peer's first known state. */
static enum tct_state opposite(enum tct_state state)
{
	switch (state) {
	case TCT_ESTABLISHED:
		return TCT_ESTABLISHED;
	case TCT_CLOSE_WAIT:
		return TCT_FIN_WAIT2;
	case TCT_FIN_WAIT2:
		return TCT_CLOSE_WAIT;
	case TCT_NONE:
	case TCT_SYN_SENT:
	case TCT_SYN_RECV:
	case TCT_FIN_WAIT1:
	case TCT_TIME_WAIT:
	case TCT_CLOSE:
	case TCT_LAST_ACK:
	case TCT_LISTEN:
	case TCT_CLOSING:
	case TCT_NEW_SYN_RECV:
	case TCT_STATES:
		break;
	}
	return TCT_NONE;
}

static enum tct_state initial(const struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];
	const struct tct_story_step *first = first_step(end);

	if (explain->seen[side] && !first)
		return end->state;
	if (first && first->from != TCT_SYN_SENT)
		return first->from;
	return first ? TCT_NONE : opposite(initial(explain, 1 - side));
}

static void put_opening(struct tct_explain *explain)
{
	struct tct_explain_row *row = add(explain, 0);
	const struct tct_story_end *end = explain->ends[0];
	const struct tct_story_step *syn = step_of(end, TCT_SYN_SENT);

	for (int i = 0; i < 2; i++)
		row->entry[i].state = initial(explain, i);
	if (end->entered[TCT_CLOSE].from != TCT_SYN_SENT)
		return;
	row->entry[0].state = TCT_CLOSE;
	row = send(explain, 0, syn ? syn->at_ns : end->entered[TCT_CLOSE].at_ns);
	row->entry[0] = (struct tct_explain_entry){
		.state = TCT_SYN_SENT, .at_ns = syn ? syn->at_ns : 0, .after_ns = TCT_UNKNOWN,
	};
	say(row, 0, "SYN");
	if (!end->torn)
		return;
	if (end->teardown.retransmits > 0)
		say(row, 0, ", sent %lld times", (long long)end->teardown.retransmits + 1);
	if (end->teardown.kind == TCT_KIND_TIMEOUT || end->teardown.kind == TCT_KIND_NEVER_OPENED)
		row->fate = TCT_FATE_UNANSWERED;
}

static bool lost_last_ack(const struct tct_explain *explain)
{
	const struct tct_story_end *end = explain->ends[1];

	return end->torn && end->teardown.last_ack_lost == 1 &&
	       step_of(explain->ends[0], TCT_TIME_WAIT) && tct_explain_fin_acked(end);
}

static long long times_sent_again(const struct tct_story_end *end)
{
	return end->torn && end->teardown.fin_retransmits > 0 ? end->teardown.fin_retransmits : 0;
}

/* Nobody answered it, and who should have is known not to have got it. */
static enum tct_fate fate_of_fin(const struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];

	if (tct_explain_fin_received(explain->ends[1 - side]) || tct_explain_fin_acked(end))
		return TCT_FATE_ARRIVES;
	return end->torn && end->teardown.kind == TCT_KIND_TIMEOUT ? TCT_FATE_UNANSWERED
								   : TCT_FATE_ARRIVES;
}

static void put_fin(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side], *peer = explain->ends[1 - side];
	const struct tct_story_step *sent = tct_explain_fin_sent(end);
	const struct tct_story_step *received = tct_explain_fin_received(peer);
	bool merged = side == 1 && tct_explain_is_merged(explain);
	struct tct_explain_row *row;

	if (!sent && !received)
		return;
	row = send(explain, side, sent ? sent->at_ns : received->at_ns);
	enter(explain, row, side, sent);
	enter(explain, row, 1 - side, merged ? tct_explain_fin_acked(peer) : received);
	row->fate = fate_of_fin(explain, side);
	say(row, side, "%s seq=%c", merged ? "FIN+ACK" : "FIN", "uw"[side]);
	if (side == 1 && tct_explain_fin_acked(peer))
		say(row, side, " ack=u+1");
	if (times_sent_again(end) && !(side == 1 && lost_last_ack(explain)))
		say(row, side, ", sent %lld times", times_sent_again(end) + 1);
}

/* Of the FIN of `side`, which the other end sends. */
static void put_ack(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side], *peer = explain->ends[1 - side];
	const struct tct_story_step *acked = tct_explain_fin_acked(end);
	const struct tct_story_step *received = tct_explain_fin_received(peer);
	bool merged = tct_explain_is_merged(explain);
	struct tct_explain_row *row;

	if ((merged && side == 0) || (!acked && tct_explain_state(peer, received) != TCT_TIME_WAIT))
		return;
	row = send(explain, 1 - side, received ? received->at_ns : acked->at_ns);
	enter(explain, row, side, acked);
	if (merged)
		enter(explain, row, 1 - side, received);
	if (!acked && end->entered[TCT_CLOSE].at_ns)
		row->fate = TCT_FATE_LOST;
	say(row, 1 - side, "ACK ack=%c+1", "uw"[side]);
}

/* The first last ACK did not come; B sends its FIN again, and its ACK does. */
static void put_lost_last_ack(struct tct_explain *explain)
{
	const struct tct_story_step *acked = tct_explain_fin_acked(explain->ends[1]);
	const struct tct_story_step *wait = step_of(explain->ends[0], TCT_TIME_WAIT);
	long long again = times_sent_again(explain->ends[1]);
	struct tct_explain_row *row = send(explain, 0, wait->at_ns);

	row->fate = TCT_FATE_LOST;
	say(row, 0, "ACK ack=w+1");
	if (tct_explain_is_merged(explain))
		enter(explain, row, 0, wait);
	row = send(explain, 1, acked->at_ns);
	say(row, 1, "FIN seq=w again");
	if (again > 1)
		say(row, 1, ", %lld times", again);
	row = send(explain, 0, acked->at_ns);
	say(row, 0, "ACK ack=w+1 again");
	enter(explain, row, 1, acked);
}

static void put_late_bytes(struct tct_explain *explain)
{
	const struct tct_story_step *next = tct_explain_fin_sent(explain->ends[1]);
	long long bytes = tct_explain_late_bytes(explain);
	struct tct_explain_row *row;

	if (bytes <= 0)
		return;
	if (!next)
		next = step_of(explain->ends[1], TCT_CLOSE);
	if (!next)
		next = step_of(explain->ends[0], TCT_CLOSE);
	row = send(explain, 1, next ? next->at_ns : UINT64_MAX);
	say(row, 1, "%lld byte%s", bytes, bytes == 1 ? "" : "s");
	if (tct_explain_fin_sent(explain->ends[1]))
		say(row, 1, ", seq=w-%lld", bytes);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void put_crossing(struct tct_explain *explain, const struct tct_story_step *const sent[2],
			 const struct tct_story_step *const got[2], const char *const text[2])
{
	uint64_t key_ns = sent[0] && sent[1] ? earlier(sent[0]->at_ns, sent[1]->at_ns)
					     : got[0]->at_ns;
	struct tct_explain_row *row = add(explain, key_ns);

	row->arrow = TCT_ARROW_CROSS;
	for (int i = 0; i < 2; i++) {
		enter(explain, row, i, sent[i]);
		say(row, i, "%s", text[i]);
	}
	row = add(explain, key_ns);
	row->arrow = TCT_ARROW_CROSSED;
	for (int i = 0; i < 2; i++) {
		enter(explain, row, i, got[i]);
		say(row, i, "%s", text[i]);
	}
}

static void put_again(struct tct_explain *explain, int side, uint64_t key_ns)
{
	long long again = times_sent_again(explain->ends[side]);

	if (again)
		say(add(explain, key_ns), side, "(FIN sent %lld times)", again + 1);
}

/* Both FINs crossed: RFC 9293, figure 13. False when they did not. */
static bool put_simultaneous(struct tct_explain *explain)
{
	static const char *const fins[] = { "FIN seq=u", "FIN seq=w" };
	static const char *const acks[] = { "ACK ack=w+1", "ACK ack=u+1" };
	const struct tct_story_step *sent[2], *got[2], *acked[2];

	for (int i = 0; i < 2; i++) {
		sent[i] = step_of(explain->ends[i], TCT_FIN_WAIT1);
		got[i] = step_of(explain->ends[i], TCT_CLOSING);
		acked[i] = tct_explain_fin_acked(explain->ends[i]);
		if (!got[i])
			return false;
	}
	put_crossing(explain, sent, got, fins);
	put_again(explain, 0, explain->rows[explain->count - 1].key_ns);
	put_again(explain, 1, explain->rows[explain->count - 1].key_ns);
	if (!acked[0] || !acked[1])
		return true;
	sent[0] = sent[1] = NULL;
	put_crossing(explain, sent, acked, acks);
	return true;
}

static void put_segments(struct tct_explain *explain)
{
	if (put_simultaneous(explain))
		return;
	put_fin(explain, 0);
	put_ack(explain, 0);
	put_late_bytes(explain);
	put_fin(explain, 1);
	if (lost_last_ack(explain))
		put_lost_last_ack(explain);
	else
		put_ack(explain, 1);
}

/* What was sent in vain before it was given up, but for a FIN, whose own row tells. */
static void put_vain(struct tct_explain *explain, int side, uint64_t key_ns)
{
	const struct tct_teardown *ev = &explain->ends[side]->teardown;
	struct tct_explain_row *row;

	if (explain->ends[side]->entered[TCT_CLOSE].from == TCT_SYN_SENT ||
	    times_sent_again(explain->ends[side]) || (ev->retransmits <= 0 && ev->probes <= 0))
		return;
	row = send(explain, side, key_ns);
	row->fate = TCT_FATE_UNANSWERED;
	if (ev->retransmits > 0)
		say(row, side, "data, sent %lld times", (long long)ev->retransmits + 1);
	else
		say(row, side, "%lld probe%s", (long long)ev->probes, ev->probes == 1 ? "" : "s");
}

static const char *note_of(const struct tct_story_end *end)
{
	if (end->waited && end->time_wait.end == TCT_END_EXPIRED)
		return "FIN_WAIT2 timed out";
	if (!end->torn)
		return "closed, how is not known";
	switch (end->teardown.kind) {
	case TCT_KIND_TIMEOUT:
		return "gave up: no answer";
	case TCT_KIND_NEVER_OPENED:
		return "closed before it was open";
	case TCT_KIND_DISCONNECTED:
		return "disconnected";
	case TCT_KIND_REPAIR:
		return "closed in repair mode, in silence";
	case TCT_KIND_DESTROYED:
		return "destroyed (SOCK_DESTROY)";
	case TCT_KIND_REAPED:
		return "reaped by the kernel";
	case TCT_KIND_ORDERLY:
	case TCT_KIND_ORDERLY_MERGED:
	case TCT_KIND_SIMULTANEOUS:
	case TCT_KIND_RESET_SENT:
	case TCT_KIND_RESET_RECEIVED:
	case TCT_KIND_ABORT_UNREAD:
	case TCT_KIND_ABORT_LINGER:
	case TCT_KIND_REFUSED:
	case TCT_KIND_UNREACHABLE:
	case TCT_KIND_UNKNOWN:
	case TCT_KINDS:
		break;
	}
	return "closed, how is not known";
}

static bool got_reset(const struct tct_story_end *end)
{
	return end->torn && end->teardown.kind == TCT_KIND_RESET_RECEIVED;
}

/* By a segment or an ICMP message that came; NULL when by none. */
static const char *arrival_of(const struct tct_story_end *end)
{
	if (!end->torn)
		return NULL;
	if (end->teardown.kind == TCT_KIND_UNREACHABLE)
		return "ICMP unreachable";
	if (end->teardown.kind == TCT_KIND_REFUSED)
		return end->entered[TCT_CLOSE].numbers.segs_in ? "RST" : "refused";
	return got_reset(end) ? "RST" : NULL;
}

static void put_break(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side], *peer = explain->ends[1 - side];
	const struct tct_story_step *step = tct_explain_broken_off(end);
	const struct tct_story_step *other = tct_explain_broken_off(peer);
	struct tct_explain_row *row;

	if (!step || !explain->seen[side])
		return;
	if (arrival_of(end)) {
		if (other && tct_explain_sent_reset(peer))
			return;		/* the sender's row tells */
		row = send(explain, 1 - side, step->at_ns);
		say(row, 1 - side, "%s", arrival_of(end));
	} else if (tct_explain_sent_reset(end)) {
		row = send(explain, side, step->at_ns);
		say(row, side, "RST");
		if (other && got_reset(peer))
			enter(explain, row, 1 - side, other);
	} else {
		if (end->torn && end->teardown.kind == TCT_KIND_TIMEOUT)
			put_vain(explain, side, step->at_ns);
		row = add(explain, step->at_ns);
		say(row, side, "%s", note_of(end));
	}
	enter(explain, row, side, step);
}

/* The wait after all was said: how it ended, or how long it has lasted. */
static void put_wait(struct tct_explain *explain, int side, uint64_t now_ns)
{
	const struct tct_story_end *end = explain->seen[side];
	const struct tct_story_step *step = end ? step_of(end, TCT_CLOSE) : NULL;
	struct tct_explain_row *row;
	char age[16];

	if (!end || (step && step->from != TCT_TIME_WAIT))
		return;
	if (step) {
		row = add(explain, step->at_ns);
		enter(explain, row, side, step);
		say(row, side, "TIME_WAIT: %s",
		    end->waited ? tct_end_name(end->time_wait.end) : "over");
		if (end->waited && end->time_wait.rearmed)
			say(row, side, ", re-armed %u", end->time_wait.rearmed);
		return;
	}
	step = step_of(end, end->state);
	tct_format_duration(step ? (int64_t)(now_ns - step->at_ns) : TCT_UNKNOWN, age, sizeof(age));
	say(add(explain, UINT64_MAX), side, "%s, %s so far", tct_state_name(end->state), age);
}

/* Few, nearly sorted, and equal ones must keep their order. */
static void sort(struct tct_explain *explain)
{
	for (size_t i = 1; i < explain->count; i++) {
		struct tct_explain_row row = explain->rows[i];
		size_t j = i;

		for (; j && explain->rows[j - 1].key_ns > row.key_ns; j--)
			explain->rows[j] = explain->rows[j - 1];
		explain->rows[j] = row;
	}
}

void tct_explain_put_rows(struct tct_explain *explain, uint64_t now_ns)
{
	explain->count = 0;
	put_opening(explain);
	put_segments(explain);
	put_break(explain, 0);
	put_break(explain, 1);
	put_wait(explain, 0, now_ns);
	put_wait(explain, 1, now_ns);
	sort(explain);
}
