// SPDX-License-Identifier: GPL-2.0
/* The last rows: what broke a connection off, and the wait after an orderly end. */
#include "explain_rows.h"

/* What was sent in vain before it was given up, but for a FIN, whose own row tells. */
static void put_vain(struct tct_explain *explain, int side, uint64_t key_ns)
{
	const struct tct_teardown *ev = &explain->ends[side]->teardown;
	enum tct_state from = explain->ends[side]->entered[TCT_CLOSE].from;
	struct tct_explain_row *row;

	if (from == TCT_SYN_SENT || tct_rows_fin_again(explain->ends[side]) ||
	    (ev->retransmits <= 0 && ev->probes <= 0))
		return;
	row = tct_rows_send(explain, side, key_ns);
	row->fate = TCT_FATE_UNANSWERED;
	if (ev->retransmits > 0)
		tct_rows_say(row, side, "%s, %lld times",
			     from == TCT_SYN_RECV ? "SYN+ACK" : "data", (long long)ev->retransmits + 1);
	else
		tct_rows_say(row, side, "%lld probe%s", (long long)ev->probes, ev->probes == 1 ? "" : "s");
}

static const char *note_of(const struct tct_story_end *end)
{
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
	if (end->torn && end->teardown.kind == TCT_KIND_TIMEOUT)
		put_vain(explain, side, step->at_ns);
	if (arrival_of(end)) {
		if (other && tct_explain_sent_reset(peer))
			return;		/* the sender's row tells */
		row = tct_rows_send(explain, 1 - side, step->at_ns);
		tct_rows_say(row, 1 - side, "%s", arrival_of(end));
	} else if (tct_explain_sent_reset(end)) {
		row = tct_rows_send(explain, side, step->at_ns);
		tct_rows_say(row, side, "RST");
		if (other && got_reset(peer))
			tct_rows_enter(explain, row, 1 - side, other);
	} else {
		row = tct_rows_add(explain, step->at_ns);
		if (tct_explain_is_orphan(end))
			tct_rows_say(row, side, "FIN_WAIT2: %s", tct_end_name(end->time_wait.end));
		else
			tct_rows_say(row, side, "%s", note_of(end));
	}
	tct_rows_enter(explain, row, side, step);
}

/* The wait after all was said: how it ended, or how long it has lasted. */
static void put_wait(struct tct_explain *explain, int side, uint64_t now_ns)
{
	const struct tct_story_end *end = explain->seen[side];
	const struct tct_story_step *step = end ? tct_rows_step(end, TCT_CLOSE) : NULL;
	struct tct_explain_row *row;
	char age[16];

	if (end && step && end->waited && end->time_wait.end == TCT_END_NEVER_CREATED)
		tct_rows_say(tct_rows_add(explain, step->at_ns), side, "no %s: never-created",
			     tct_state_name(end->time_wait.substate));
	if (!end || (step && step->from != TCT_TIME_WAIT))
		return;
	if (step) {
		row = tct_rows_add(explain, step->at_ns);
		tct_rows_enter(explain, row, side, step);
		tct_rows_say(row, side, "TIME_WAIT: %s",
		    end->waited ? tct_end_name(end->time_wait.end) : "over");
		if (end->waited && end->time_wait.rearmed)
			tct_rows_say(row, side, ", re-armed %u", end->time_wait.rearmed);
		return;
	}
	step = tct_rows_step(end, end->state);
	tct_format_duration(step ? (int64_t)(now_ns - step->at_ns) : TCT_UNKNOWN, age, sizeof(age));
	row = tct_rows_add(explain, UINT64_MAX);
	tct_rows_say(row, side, "%s, %s so far", tct_state_name(end->state), age);
}

void tct_rows_put_ends(struct tct_explain *explain, uint64_t now_ns)
{
	put_break(explain, 0);
	put_break(explain, 1);
	put_wait(explain, 0, now_ns);
	put_wait(explain, 1, now_ns);
}
