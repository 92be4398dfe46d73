// SPDX-License-Identifier: GPL-2.0
/* The last rows: what broke a connection off, and the wait after an orderly end. */
#include "explain_rows.h"

/* What was sent in vain before it was given up, but for what has a row that tells. */
static void put_vain(struct tct_explain *explain, int side, uint64_t key_ns)
{
	const struct tct_teardown *ev = &explain->ends[side]->teardown;
	enum tct_state from = explain->ends[side]->entered[TCT_CLOSE].from;
	struct tct_explain_row *row;

	if (from == TCT_SYN_SENT || explain->facts[side].fin_again ||
	    (side == 1 && explain->late.again) || (ev->retransmits <= 0 && ev->probes <= 0))
		return;
	row = tct_rows_send(explain, side, key_ns);
	row->fate = TCT_FATE_UNKNOWN;
	if (ev->retransmits > 0)
		tct_rows_say(row, side, "%s, %lld times",
			     from == TCT_SYN_RECV ? "SYN+ACK" : "data",
			     (long long)ev->retransmits + 1);
	else
		tct_rows_say(row, side, "%lld probe%s", (long long)ev->probes,
			     ev->probes == 1 ? "" : "s");
}

static const char *note_of(const struct tct_story_end *end)
{
	if (!end->torn)
		return "closed, how is not known";
	switch (end->teardown.kind) {
	case TCT_KIND_TIMEOUT:
		return end->teardown.retransmits > 0 || end->teardown.probes > 0
			       ? "gave up: no answer came" : "timed out";
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

/* By a segment or an ICMP message that came; NULL when by none. */
static const char *arrival_of(const struct tct_story_end *end)
{
	if (!end->torn)
		return NULL;
	if (end->teardown.kind == TCT_KIND_UNREACHABLE)
		return "ICMP unreachable";
	if (end->teardown.kind == TCT_KIND_REFUSED)
		return end->entered[TCT_CLOSE].numbers.segs_in ? "RST" : "refused";
	return end->teardown.kind == TCT_KIND_RESET_RECEIVED ? "RST" : NULL;
}

static void put_reset(struct tct_explain *explain, int side)
{
	const struct tct_story_step *own = explain->facts[side].broken;
	const struct tct_story_step *other = explain->facts[1 - side].broken;
	struct tct_explain_row *row = tct_rows_send(explain, side, own->at_ns);

	row->fate = explain->facts[side].reset_fate;
	tct_rows_say(row, side, "RST");
	tct_rows_enter(explain, row, side, own);
	if (row->fate != TCT_FATE_ARRIVES)
		return;
	tct_rows_enter(explain, row, 1 - side, other);
	if (other->at_ns < row->key_ns)
		row->key_ns = other->at_ns;
}

static void put_arrival(struct tct_explain *explain, int side)
{
	const struct tct_story_step *step = explain->facts[side].broken;
	struct tct_explain_row *row = tct_rows_send(explain, 1 - side, step->at_ns);

	tct_rows_say(row, 1 - side, "%s", arrival_of(explain->ends[side]));
	tct_rows_enter(explain, row, side, step);
}

static void put_silent_end(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *facts = &explain->facts[side];
	const struct tct_story_end *end = explain->ends[side];
	struct tct_explain_row *row = tct_rows_add(explain, facts->broken->at_ns);

	if (facts->orphan)
		tct_rows_say(row, side, "FIN_WAIT2: %s", tct_end_name(end->time_wait.end));
	else if (facts->no_room)
		tct_rows_say(row, side, "no room for its %s",
			     tct_state_name(end->time_wait.substate));
	else
		tct_rows_say(row, side, "%s", note_of(end));
	tct_rows_enter(explain, row, side, facts->broken);
}

static void put_break(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *facts = &explain->facts[side];

	if (!facts->broken || !explain->seen[side])
		return;
	if (facts->timed_out)
		put_vain(explain, side, facts->broken->at_ns);
	if (facts->reset)
		put_reset(explain, side);
	else if (!arrival_of(explain->ends[side]))
		put_silent_end(explain, side);
	else if (explain->facts[1 - side].reset_fate != TCT_FATE_ARRIVES)
		put_arrival(explain, side);	/* else the sender's row tells */
}

static void put_expiry(struct tct_explain *explain, int side, const struct tct_story_step *step)
{
	const struct tct_story_end *end = explain->seen[side];
	struct tct_explain_row *row = tct_rows_add(explain, step->at_ns);

	tct_rows_enter(explain, row, side, step);
	tct_rows_say(row, side, "TIME_WAIT: %s",
		     end->waited ? tct_end_name(end->time_wait.end) : "over");
	if (end->waited && end->time_wait.rearmed)
		tct_rows_say(row, side, ", re-armed %u", end->time_wait.rearmed);
}

/* The wait after all was said: how it ended, or how long it has lasted. */
static void put_wait(struct tct_explain *explain, int side, uint64_t now_ns)
{
	const struct tct_story_end *end = explain->seen[side];
	const struct tct_story_step *step = end ? tct_steps_to(end, TCT_CLOSE) : NULL;
	char age[16];

	if (!end || explain->facts[side].broken)
		return;
	if (step && explain->facts[side].no_room)
		tct_rows_say(tct_rows_add(explain, step->at_ns), side, "no %s: never-created",
			     tct_state_name(end->time_wait.substate));
	if (step) {
		if (step->from == TCT_TIME_WAIT)
			put_expiry(explain, side, step);
		return;
	}
	step = tct_steps_to(end, end->state);
	tct_format_duration(step ? (int64_t)(now_ns - step->at_ns) : TCT_UNKNOWN, age, sizeof(age));
	tct_rows_say(tct_rows_add(explain, UINT64_MAX), side, "%s, %s so far",
		     tct_state_name(end->state), age);
}

void tct_rows_put_ends(struct tct_explain *explain, uint64_t now_ns)
{
	put_break(explain, 0);
	put_break(explain, 1);
	put_wait(explain, 0, now_ns);
	put_wait(explain, 1, now_ns);
}
