// SPDX-License-Identifier: GPL-2.0
/* A story's rows. Each segment is one, with the states that its sender and its receiver enter. */
#include "explain_rows.h"

struct tct_explain_row *tct_rows_add(struct tct_explain *explain, uint64_t key_ns)
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

struct tct_explain_row *tct_rows_send(struct tct_explain *explain, int from, uint64_t key_ns)
{
	struct tct_explain_row *row = tct_rows_add(explain, key_ns);

	row->arrow = from ? TCT_ARROW_LEFT : TCT_ARROW_RIGHT;
	return row;
}

/* The times of an end that was not seen are not known. */
void tct_rows_enter(const struct tct_explain *explain, struct tct_explain_row *row, int side,
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

const struct tct_story_step *tct_rows_step(const struct tct_story_end *end, enum tct_state state)
{
	return end->entered[state].at_ns ? &end->entered[state] : NULL;
}

long long tct_rows_fin_again(const struct tct_story_end *end)
{
	return end->torn && end->teardown.fin_retransmits > 0 ? end->teardown.fin_retransmits : 0;
}

/* An end's first step of the closing, and where it started. */
static const struct tct_story_step *first_step(const struct tct_story_end *end)
{
	const struct tct_story_step *first = NULL;

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		const struct tct_story_step *step = tct_rows_step(end, s);

		if (!step || s == TCT_SYN_SENT || s == TCT_SYN_RECV || s == TCT_ESTABLISHED)
			continue;
		if (!first || step->at_ns < first->at_ns)
			first = step;
	}
	return first;
}

/* What nothing followed from is not said. */
static enum tct_state initial(const struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];
	const struct tct_story_step *first = first_step(end);

	if (explain->seen[side] && !first)
		return end->state;
	if (!explain->seen[side] && first && first->from != TCT_ESTABLISHED)
		return TCT_NONE;
	if (first && first->from != TCT_SYN_SENT)
		return first->from;
	return TCT_NONE;
}

static void put_opening(struct tct_explain *explain)
{
	struct tct_explain_row *row = tct_rows_add(explain, 0);
	const struct tct_story_end *end = explain->ends[0];
	const struct tct_story_step *syn = tct_rows_step(end, TCT_SYN_SENT);

	for (int i = 0; i < 2; i++)
		row->entry[i].state = initial(explain, i);
	if (end->entered[TCT_CLOSE].from != TCT_SYN_SENT)
		return;
	row->entry[0].state = TCT_CLOSE;
	row = tct_rows_send(explain, 0, syn ? syn->at_ns : end->entered[TCT_CLOSE].at_ns);
	row->entry[0] = (struct tct_explain_entry){
		.state = TCT_SYN_SENT, .at_ns = syn ? syn->at_ns : 0, .after_ns = TCT_UNKNOWN,
	};
	tct_rows_say(row, 0, "SYN");
	if (!end->torn)
		return;
	if (end->teardown.retransmits > 0)
		tct_rows_say(row, 0, ", %lld times", (long long)end->teardown.retransmits + 1);
	if (end->teardown.kind == TCT_KIND_TIMEOUT || end->teardown.kind == TCT_KIND_NEVER_OPENED)
		row->fate = TCT_FATE_UNANSWERED;
}

static bool lost_last_ack(const struct tct_explain *explain)
{
	const struct tct_story_end *end = explain->ends[1];

	return end->torn && end->teardown.last_ack_lost == 1 &&
	       tct_rows_step(explain->ends[0], TCT_TIME_WAIT) && tct_explain_fin_acked(end);
}

/* A reset may be the answer to it. */
static enum tct_fate fate_of_fin(const struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];

	if (tct_explain_fin_received(explain->ends[1 - side]) || tct_explain_fin_acked(end) ||
	    (end->torn && end->teardown.kind == TCT_KIND_RESET_RECEIVED))
		return TCT_FATE_ARRIVES;
	return TCT_FATE_UNANSWERED;
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
	row = tct_rows_send(explain, side, sent ? sent->at_ns : received->at_ns);
	tct_rows_enter(explain, row, side, sent);
	tct_rows_enter(explain, row, 1 - side, merged ? tct_explain_fin_acked(peer) : received);
	row->fate = fate_of_fin(explain, side);
	tct_rows_say(row, side, "%s seq=%c", merged ? "FIN+ACK" : "FIN", "uw"[side]);
	if (tct_explain_state(end, sent) == TCT_LAST_ACK)
		tct_rows_say(row, side, " ack=u+1");
	if (tct_rows_fin_again(end) && !(side == 1 && lost_last_ack(explain)))
		tct_rows_say(row, side, ", %lld times", tct_rows_fin_again(end) + 1);
}

/* Of the FIN of `side`, which the other end sends. */
static void put_ack(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side], *peer = explain->ends[1 - side];
	const struct tct_story_step *acked = tct_explain_fin_acked(end);
	const struct tct_story_step *received = tct_explain_fin_received(peer);
	bool merged = tct_explain_is_merged(explain);
	const struct tct_story_step *cause = received ? received : acked;
	struct tct_explain_row *row;

	if (!cause || (merged && side == 0))
		return;
	if (!acked && tct_explain_state(peer, received) != TCT_TIME_WAIT)
		return;
	row = tct_rows_send(explain, 1 - side, cause->at_ns);
	tct_rows_enter(explain, row, side, acked);
	if (merged)
		tct_rows_enter(explain, row, 1 - side, received);
	if (!acked)
		row->fate = end->torn && end->teardown.kind == TCT_KIND_TIMEOUT
				    ? TCT_FATE_LOST : TCT_FATE_UNANSWERED;
	tct_rows_say(row, 1 - side, "ACK ack=%c+1", "uw"[side]);
}

/* The first last ACK did not come; B sends its FIN again, and its ACK does. */
static void put_lost_last_ack(struct tct_explain *explain)
{
	const struct tct_story_step *acked = tct_explain_fin_acked(explain->ends[1]);
	const struct tct_story_step *wait = tct_rows_step(explain->ends[0], TCT_TIME_WAIT);
	long long again = tct_rows_fin_again(explain->ends[1]);
	struct tct_explain_row *row = tct_rows_send(explain, 0, wait->at_ns);

	row->fate = TCT_FATE_LOST;
	tct_rows_say(row, 0, "ACK ack=w+1");
	if (tct_explain_is_merged(explain))
		tct_rows_enter(explain, row, 0, wait);
	row = tct_rows_send(explain, 1, acked->at_ns);
	tct_rows_say(row, 1, "FIN seq=w again");
	if (again > 1)
		tct_rows_say(row, 1, ", %lld times", again);
	row = tct_rows_send(explain, 0, acked->at_ns);
	tct_rows_say(row, 0, "ACK ack=w+1 again");
	tct_rows_enter(explain, row, 1, acked);
}

static void put_late_bytes(struct tct_explain *explain)
{
	const struct tct_story_step *next = tct_explain_fin_sent(explain->ends[1]);
	long long bytes = tct_explain_late_bytes(explain);
	struct tct_explain_row *row;

	if (bytes <= 0)
		return;
	for (int i = 0; i < 2; i++) {
		const struct tct_story_step *close = tct_rows_step(explain->ends[i], TCT_CLOSE);

		if (close && (!next || close->at_ns < next->at_ns))
			next = close;
	}
	row = tct_rows_send(explain, 1, next ? next->at_ns : UINT64_MAX);
	tct_rows_say(row, 1, "%lld byte%s", bytes, bytes == 1 ? "" : "s");
	if (tct_explain_fin_sent(explain->ends[1]))
		tct_rows_say(row, 1, ", seq=w-%lld", bytes);
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
	struct tct_explain_row *row = tct_rows_add(explain, key_ns);

	row->arrow = TCT_ARROW_CROSS;
	for (int i = 0; i < 2; i++) {
		tct_rows_enter(explain, row, i, sent[i]);
		tct_rows_say(row, i, "%s", text[i]);
	}
	row = tct_rows_add(explain, key_ns);
	row->arrow = TCT_ARROW_CROSSED;
	for (int i = 0; i < 2; i++) {
		tct_rows_enter(explain, row, i, got[i]);
		tct_rows_say(row, i, "%s", text[i]);
	}
}

static void put_again(struct tct_explain *explain, int side, uint64_t key_ns)
{
	long long again = tct_rows_fin_again(explain->ends[side]);

	if (again)
		tct_rows_say(tct_rows_add(explain, key_ns), side, "(FIN sent %lld times)", again + 1);
}

/* Both FINs crossed: RFC 9293, figure 13. False when they did not. */
static bool put_simultaneous(struct tct_explain *explain)
{
	static const char *const fins[] = { "FIN seq=u", "FIN seq=w" };
	static const char *const acks[] = { "ACK ack=w+1", "ACK ack=u+1" };
	const struct tct_story_step *sent[2], *got[2], *acked[2];

	for (int i = 0; i < 2; i++) {
		sent[i] = tct_rows_step(explain->ends[i], TCT_FIN_WAIT1);
		got[i] = tct_rows_step(explain->ends[i], TCT_CLOSING);
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

/* A FIN on its way is a row of its own where what follows it is not its arrival. */
static void put_fin_apart(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side], *peer = explain->ends[1 - side];
	const struct tct_story_step *sent = tct_explain_fin_sent(end);
	const struct tct_story_step *received = tct_explain_fin_received(peer);
	struct tct_explain_row *row = tct_rows_send(explain, side, sent->at_ns);

	row->fate = TCT_FATE_UNANSWERED;
	tct_rows_enter(explain, row, side, sent);
	tct_rows_say(row, side, "FIN seq=%c", "uw"[side]);
	if (received && !explain->seen[side]) {
		row->fate = TCT_FATE_ARRIVES;
		tct_rows_enter(explain, row, 1 - side, received);
		return;
	}
	if (received) {
		row = tct_rows_send(explain, side, received->at_ns);
		tct_rows_enter(explain, row, 1 - side, received);
		tct_rows_say(row, side, "FIN seq=%c", "uw"[side]);
	}
	if (tct_rows_fin_again(end))
		tct_rows_say(row, side, ", %lld times", tct_rows_fin_again(end) + 1);
	else if (received)
		tct_rows_say(row, side, " arrives");
}

/* Both closed, neither had the other's FIN, and yet not both FINs crossed: one was lost. */
static bool put_apart(struct tct_explain *explain)
{
	if (!tct_explain_is_mutual(explain))
		return false;
	for (int i = 0; i < 2; i++) {
		put_fin_apart(explain, i);
		put_ack(explain, i);
	}
	return true;
}

static void put_segments(struct tct_explain *explain)
{
	if (put_simultaneous(explain) || put_apart(explain))
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
	tct_rows_put_ends(explain, now_ns);
	sort(explain);
}
