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
		.state = tct_steps_state(explain->ends[side], step),
		.at_ns = explain->seen[side] ? step->at_ns : 0,
		.after_ns = explain->seen[side] ? step->after_ns : TCT_UNKNOWN,
	};
}

/* An end's first step of the closing, and where it started. */
static const struct tct_story_step *first_step(const struct tct_story_end *end)
{
	const struct tct_story_step *first = NULL;

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		const struct tct_story_step *step = tct_steps_to(end, s);

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
	const struct tct_story_step *syn = tct_steps_to(end, TCT_SYN_SENT);

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
		row->fate = TCT_FATE_UNKNOWN;
}

/* One that is queued behind what a closed window holds back. */
static void put_unsent_fin(struct tct_explain *explain, int side)
{
	const struct tct_story_step *fin = explain->facts[side].fin;
	struct tct_explain_row *row = tct_rows_add(explain, fin->at_ns);

	tct_rows_enter(explain, row, side, fin);
	tct_rows_say(row, side, "FIN queued, not sent");
}

static void put_fin(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *own = &explain->facts[side];
	const struct tct_explain_facts *other = &explain->facts[1 - side];
	struct tct_explain_row *row;

	if (!own->has_fin)
		return;
	if (own->unsent) {
		put_unsent_fin(explain, side);
		return;
	}
	row = tct_rows_send(explain, side, own->fin ? own->fin->at_ns : other->got_fin->at_ns);
	row->fate = own->fin_fate;
	tct_rows_enter(explain, row, side, own->fin);
	tct_rows_enter(explain, row, 1 - side,
		       side == 1 && explain->carried ? other->acked : other->got_fin);
	tct_rows_say(row, side, "%s seq=%c", side == 1 && explain->merged ? "FIN+ACK" : "FIN",
		     "uw"[side]);
	if (tct_steps_state(explain->ends[side], own->fin) == TCT_LAST_ACK)
		tct_rows_say(row, side, " ack=u+1");
	if (own->fin_again && !(side == 1 && explain->last_ack_again))
		tct_rows_say(row, side, ", %lld times", (long long)own->fin_again + 1);
}

static enum tct_fate fate_of_ack(const struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *own = &explain->facts[side];

	if (own->acks_lost || (side == 0 && explain->carried))
		return TCT_FATE_LOST;
	return own->acked ? TCT_FATE_ARRIVES : TCT_FATE_UNKNOWN;
}

/* Of the FIN of `side`, which the other end sends. */
static void put_ack(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *own = &explain->facts[side];
	const struct tct_story_step *received = explain->facts[1 - side].got_fin;
	const struct tct_story_step *cause = received ? received : own->acked;
	enum tct_state state = tct_steps_state(explain->ends[1 - side], received);
	struct tct_explain_row *row;

	if (!cause || (explain->merged && side == 0))
		return;
	if (!own->acked && !own->acks_lost && state != TCT_TIME_WAIT && state != TCT_CLOSE)
		return;		/* it may be delayed */
	row = tct_rows_send(explain, 1 - side, cause->at_ns);
	row->fate = fate_of_ack(explain, side);
	if (row->fate == TCT_FATE_ARRIVES)
		tct_rows_enter(explain, row, side, own->acked);
	if (explain->carried && side == 1)
		tct_rows_enter(explain, row, 0, received);
	tct_rows_say(row, 1 - side, "ACK ack=%c+1", "uw"[side]);
}

/* The first last ACK did not come; B sends its FIN again, and its ACK does. */
static void put_lost_last_ack(struct tct_explain *explain)
{
	const struct tct_story_step *acked = explain->facts[1].acked;
	const struct tct_story_step *wait = tct_steps_to(explain->ends[0], TCT_TIME_WAIT);
	long long again = explain->facts[1].fin_again;
	struct tct_explain_row *row = tct_rows_send(explain, 0, wait->at_ns);

	row->fate = TCT_FATE_LOST;
	tct_rows_say(row, 0, "ACK ack=w+1");
	if (explain->carried)
		tct_rows_enter(explain, row, 0, wait);
	row = tct_rows_send(explain, 1, acked->at_ns);
	tct_rows_say(row, 1, "FIN seq=w again");
	if (again > 1)
		tct_rows_say(row, 1, ", %lld times", again);
	row = tct_rows_send(explain, 0, acked->at_ns);
	tct_rows_say(row, 0, "ACK ack=w+1 again");
	tct_rows_enter(explain, row, 1, acked);
}

/* The number goes where there is no room for it. */
static void put_late(struct tct_explain *explain)
{
	const struct tct_explain_late *late = &explain->late;
	long long bytes = late->bytes;
	struct tct_explain_row *row;
	char seq[32], times[32] = "";

	if (!bytes)
		return;
	row = tct_rows_send(explain, 1, late->key_ns);
	row->fate = late->fate;
	tct_rows_say(row, 1, "%lld byte%s", bytes, bytes == 1 ? "" : "s");
	if (late->again)
		snprintf(times, sizeof(times), ", %lld times", (long long)late->again + 1);
	snprintf(seq, sizeof(seq), ", seq=w-%lld", bytes);
	if (explain->facts[1].fin &&
	    strlen(row->text[1]) + strlen(seq) + strlen(times) <= TCT_ROWS_FIT)
		tct_rows_say(row, 1, "%s", seq);
	tct_rows_say(row, 1, "%s", times);
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

static void put_fins_again(struct tct_explain *explain, uint64_t key_ns)
{
	for (int i = 0; i < 2; i++) {
		if (explain->facts[i].fin_again)
			tct_rows_say(tct_rows_add(explain, key_ns), i, "(FIN sent %lld times)",
				     (long long)explain->facts[i].fin_again + 1);
	}
}

/* Both FINs crossed: RFC 9293, figure 13. */
static void put_simultaneous(struct tct_explain *explain)
{
	static const char *const fins[] = { "FIN seq=u", "FIN seq=w" };
	static const char *const acks[] = { "ACK ack=w+1", "ACK ack=u+1" };
	const struct tct_story_step *sent[2], *got[2], *acked[2];

	for (int i = 0; i < 2; i++) {
		sent[i] = explain->facts[i].fin;
		got[i] = explain->facts[i].got_fin;
		acked[i] = explain->facts[i].acked;
	}
	put_crossing(explain, sent, got, fins);
	put_fins_again(explain, explain->rows[explain->count - 1].key_ns);
	if (!acked[0] || !acked[1])
		return;
	sent[0] = sent[1] = NULL;
	put_crossing(explain, sent, acked, acks);
}

/* The one that arrived is not the first one, where it was sent more than once. */
static void put_fin_arrives(struct tct_explain *explain, int side)
{
	const struct tct_story_step *received = explain->facts[1 - side].got_fin;
	long long again = explain->facts[side].fin_again;
	struct tct_explain_row *row = tct_rows_send(explain, side, received->at_ns);

	tct_rows_enter(explain, row, 1 - side, received);
	tct_rows_say(row, side, "FIN seq=%c %s", "uw"[side], again ? "again" : "arrives");
	if (again > 1)
		tct_rows_say(row, side, ", %lld times", again);
}

/* A FIN on its way is a row of its own where what follows it is not its arrival. */
static void put_fin_apart(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *own = &explain->facts[side];
	const struct tct_story_step *received = explain->facts[1 - side].got_fin;
	struct tct_explain_row *row;

	if (own->unsent || (received && !explain->seen[side])) {
		put_fin(explain, side);
		return;
	}
	row = tct_rows_send(explain, side, own->fin->at_ns);
	row->fate = TCT_FATE_UNKNOWN;
	tct_rows_enter(explain, row, side, own->fin);
	tct_rows_say(row, side, "FIN seq=%c", "uw"[side]);
	if (received)
		put_fin_arrives(explain, side);
	else if (own->fin_again)
		tct_rows_say(row, side, ", %lld times", (long long)own->fin_again + 1);
}

static void put_segments(struct tct_explain *explain)
{
	if (explain->crossed) {
		put_simultaneous(explain);
		return;
	}
	if (explain->mutual) {	/* and yet not both FINs crossed: one was lost */
		for (int i = 0; i < 2; i++) {
			put_fin_apart(explain, i);
			put_ack(explain, i);
		}
		return;
	}
	put_fin(explain, 0);
	put_ack(explain, 0);
	put_late(explain);
	put_fin(explain, 1);
	if (explain->last_ack_again)
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
