// SPDX-License-Identifier: GPL-2.0
/* What the steps of an end mean, and what follows from them for a peer that was not seen. */
#include "explain.h"

static const struct tct_story_step *step_of(const struct tct_story_end *end, enum tct_state state)
{
	return end->entered[state].at_ns ? &end->entered[state] : NULL;
}

static const struct tct_story_step *step_from(const struct tct_story_end *end,
					      enum tct_state state, enum tct_state from)
{
	const struct tct_story_step *step = step_of(end, state);

	return step && step->from == from ? step : NULL;
}

enum tct_state tct_explain_state(const struct tct_story_end *end,
				 const struct tct_story_step *step)
{
	return step ? (enum tct_state)(step - end->entered) : TCT_NONE;
}

bool tct_explain_is_orderly(const struct tct_story_end *end)
{
	return end->torn && (end->teardown.kind == TCT_KIND_ORDERLY ||
			     end->teardown.kind == TCT_KIND_ORDERLY_MERGED ||
			     end->teardown.kind == TCT_KIND_SIMULTANEOUS);
}

const struct tct_story_step *tct_explain_fin_sent(const struct tct_story_end *end)
{
	const struct tct_story_step *step = step_of(end, TCT_FIN_WAIT1);

	return step ? step : step_of(end, TCT_LAST_ACK);
}

/* Without a mini-socket (the bucket limit) FIN_WAIT2 ends in CLOSE as if after TIME_WAIT. */
const struct tct_story_step *tct_explain_fin_received(const struct tct_story_end *end)
{
	const struct tct_story_step *step = step_of(end, TCT_CLOSE_WAIT);

	if (!step)
		step = step_of(end, TCT_CLOSING);
	if (!step)
		step = step_from(end, TCT_TIME_WAIT, TCT_FIN_WAIT2);
	if (!step && tct_explain_is_orderly(end))
		step = step_from(end, TCT_CLOSE, TCT_FIN_WAIT2);
	return step;
}

/* Our FIN was the last that was acknowledged; how many segments it took may be unknown. */
static bool is_complete(const struct tct_story_end *end, const struct tct_story_step *step)
{
	return tct_explain_is_orderly(end) ||
	       (end->torn && end->teardown.kind == TCT_KIND_UNKNOWN && step && step->counted &&
		step->numbers.snd_una == step->numbers.write_seq);
}

const struct tct_story_step *tct_explain_fin_acked(const struct tct_story_end *end)
{
	const struct tct_story_step *step = step_of(end, TCT_FIN_WAIT2);

	if (!step)
		step = step_from(end, TCT_TIME_WAIT, TCT_CLOSING);
	if (step)
		return step;
	step = step_from(end, TCT_CLOSE, TCT_LAST_ACK);
	if (!step)
		step = step_from(end, TCT_CLOSE, TCT_CLOSING);
	return is_complete(end, step) ? step : NULL;
}

const struct tct_story_step *tct_explain_broken_off(const struct tct_story_end *end)
{
	const struct tct_story_step *step = step_of(end, TCT_CLOSE);

	if (!step || step->from == TCT_TIME_WAIT || step == tct_explain_fin_received(end) ||
	    step == tct_explain_fin_acked(end))
		return NULL;
	return step;
}

bool tct_explain_is_orphan(const struct tct_story_end *end)
{
	return end->torn && end->teardown.kind == TCT_KIND_REAPED && end->waited &&
	       end->time_wait.end != TCT_END_NEVER_CREATED;
}

/* The states in which an abort answers with a reset: tcp_need_reset(). */
static bool needs_reset(enum tct_state state)
{
	return state == TCT_ESTABLISHED || state == TCT_CLOSE_WAIT || state == TCT_SYN_RECV ||
	       state == TCT_FIN_WAIT1 || state == TCT_FIN_WAIT2;
}

bool tct_explain_sent_reset(const struct tct_story_end *end)
{
	const struct tct_story_step *step = tct_explain_broken_off(end);

	if (!step || !end->torn)
		return false;
	switch (end->teardown.kind) {
	case TCT_KIND_RESET_SENT:
	case TCT_KIND_ABORT_UNREAD:
	case TCT_KIND_ABORT_LINGER:
		return true;
	case TCT_KIND_DISCONNECTED:
	case TCT_KIND_DESTROYED:
		return step->counted && needs_reset(step->from);
	case TCT_KIND_TIMEOUT:
	case TCT_KIND_REAPED:
	case TCT_KIND_UNKNOWN:
		return end->teardown.reset_reason;
	case TCT_KIND_ORDERLY:
	case TCT_KIND_ORDERLY_MERGED:
	case TCT_KIND_SIMULTANEOUS:
	case TCT_KIND_RESET_RECEIVED:
	case TCT_KIND_REFUSED:
	case TCT_KIND_NEVER_OPENED:
	case TCT_KIND_UNREACHABLE:
	case TCT_KIND_REPAIR:
	case TCT_KINDS:
		break;
	}
	return false;
}

static void enter(struct tct_story_end *peer, enum tct_state from, enum tct_state to,
		  uint64_t at_ns)
{
	peer->entered[to] = (struct tct_story_step){
		.at_ns = at_ns, .after_ns = TCT_UNKNOWN, .from = from,
	};
	peer->state = to;
}

static void infer_closer(const struct tct_story_end *end, struct tct_story_end *peer)
{
	const struct tct_story_step *wait = step_of(end, TCT_CLOSE_WAIT);
	const struct tct_story_step *last = step_of(end, TCT_LAST_ACK);
	const struct tct_story_step *acked = tct_explain_fin_acked(end);

	if (wait)
		enter(peer, TCT_ESTABLISHED, TCT_FIN_WAIT1, wait->at_ns);
	if (!last || !acked)
		return;		/* whether our ACK got there is not known */
	if (wait)
		enter(peer, TCT_FIN_WAIT1, TCT_FIN_WAIT2,
		      end->teardown.kind == TCT_KIND_ORDERLY ? wait->at_ns : last->at_ns);
	enter(peer, TCT_FIN_WAIT2, TCT_TIME_WAIT, acked->at_ns);
}

static void infer_answerer(const struct tct_story_end *end, struct tct_story_end *peer)
{
	const struct tct_story_step *fin2 = step_of(end, TCT_FIN_WAIT2);
	const struct tct_story_step *fin = tct_explain_fin_received(end);

	enter(peer, TCT_ESTABLISHED, TCT_CLOSE_WAIT, fin2->at_ns);
	if (!fin)
		return;
	enter(peer, TCT_CLOSE_WAIT, TCT_LAST_ACK, fin->at_ns);
	enter(peer, TCT_LAST_ACK, TCT_CLOSE, fin->at_ns);
}

static void infer_crosser(const struct tct_story_end *end, struct tct_story_end *peer)
{
	const struct tct_story_step *acked = tct_explain_fin_acked(end);

	enter(peer, TCT_ESTABLISHED, TCT_FIN_WAIT1, step_of(end, TCT_CLOSING)->at_ns);
	if (!acked)
		return;
	enter(peer, TCT_FIN_WAIT1, TCT_CLOSING, acked->at_ns);
	enter(peer, TCT_CLOSING, TCT_TIME_WAIT, acked->at_ns);
}

static struct tct_tuple turn(const struct tct_tuple *tuple)
{
	struct tct_tuple turned = { .family = tuple->family, .lport = tuple->rport,
				    .rport = tuple->lport };

	for (size_t i = 0; i < sizeof(turned.laddr); i++) {
		turned.laddr[i] = tuple->raddr[i];
		turned.raddr[i] = tuple->laddr[i];
	}
	return turned;
}

void tct_explain_infer(const struct tct_story_end *end, struct tct_story_end *peer)
{
	*peer = (struct tct_story_end){ .who = { .tuple = turn(&end->who.tuple) } };
	if (step_of(end, TCT_CLOSING))
		infer_crosser(end, peer);
	else if (step_of(end, TCT_FIN_WAIT2))
		infer_answerer(end, peer);
	else
		infer_closer(end, peer);
	if (!tct_explain_is_orderly(end))
		return;
	/* and nothing of its numbers is known */
	peer->torn = true;
	peer->teardown = (struct tct_teardown){
		.kind = end->teardown.kind,
		.fin_retransmits = TCT_UNKNOWN,
		.half_close_ns = TCT_UNKNOWN,
		.bytes_after_fin = TCT_UNKNOWN,
		.retransmits = TCT_UNKNOWN,
		.probes = TCT_UNKNOWN,
		.unread_bytes = TCT_UNKNOWN,
		.last_ack_lost = TCT_UNKNOWN,
	};
}
