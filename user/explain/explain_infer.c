// SPDX-License-Identifier: GPL-2.0
#include "explain_steps.h"

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
	const struct tct_story_step *wait = tct_steps_to(end, TCT_CLOSE_WAIT);
	const struct tct_story_step *last = tct_steps_to(end, TCT_LAST_ACK);
	const struct tct_story_step *acked = tct_steps_acked(end);

	if (wait)
		enter(peer, TCT_ESTABLISHED, TCT_FIN_WAIT1, wait->at_ns);
	if (!last || !acked)
		return;		/* whether our ACK got there is not known */
	if (wait)
		enter(peer, TCT_FIN_WAIT1, TCT_FIN_WAIT2,
		      end->teardown.kind == TCT_KIND_ORDERLY ? wait->at_ns : last->at_ns);
	enter(peer, TCT_FIN_WAIT2, TCT_TIME_WAIT, acked->at_ns);
}

/* The last ACK got there: the FIN would have come again. */
static bool was_left_alone(const struct tct_story_end *end)
{
	return end->waited && end->time_wait.substate == TCT_TIME_WAIT &&
	       end->time_wait.end == TCT_END_EXPIRED && !end->time_wait.rearmed;
}

static void infer_answerer(const struct tct_story_end *end, struct tct_story_end *peer)
{
	const struct tct_story_step *fin2 = tct_steps_to(end, TCT_FIN_WAIT2);
	const struct tct_story_step *fin = tct_steps_got_fin(end);

	enter(peer, TCT_ESTABLISHED, TCT_CLOSE_WAIT, fin2->at_ns);
	if (!fin)
		return;
	enter(peer, TCT_CLOSE_WAIT, TCT_LAST_ACK, fin->at_ns);
	if (was_left_alone(end))
		enter(peer, TCT_LAST_ACK, TCT_CLOSE, fin->at_ns);
}

static void infer_crosser(const struct tct_story_end *end, struct tct_story_end *peer)
{
	const struct tct_story_step *acked = tct_steps_acked(end);

	enter(peer, TCT_ESTABLISHED, TCT_FIN_WAIT1, tct_steps_to(end, TCT_CLOSING)->at_ns);
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

void tct_steps_infer(const struct tct_story_end *end, struct tct_story_end *peer)
{
	*peer = (struct tct_story_end){ .who = { .tuple = turn(&end->who.tuple) } };
	if (tct_steps_to(end, TCT_CLOSING))
		infer_crosser(end, peer);
	else if (tct_steps_to(end, TCT_FIN_WAIT2))
		infer_answerer(end, peer);
	else
		infer_closer(end, peer);
	if (!tct_steps_are_orderly(end))
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
