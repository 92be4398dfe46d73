// SPDX-License-Identifier: GPL-2.0
#include "explain_facts.h"

#define RESET_SOON_NS 100000000ll	/* a reset that comes later may be another one */
#define RESET_EARLY_NS 1000000ll	/* some are sent before their sender enters CLOSE */

static bool is_kind(const struct tct_story_end *end, enum tct_kind kind)
{
	return end->torn && end->teardown.kind == kind;
}

/* Sequence number `a` is beyond `b`. */
static bool is_beyond(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static void take_steps(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];
	struct tct_explain_facts *facts = &explain->facts[side];

	*facts = (struct tct_explain_facts){
		.fin = tct_steps_fin(end),
		.got_fin = tct_steps_got_fin(end),
		.acked = tct_steps_acked(end),
		.broken = tct_steps_broken(end),
		.reset = tct_steps_reset(end),
		.no_room = end->waited && end->time_wait.end == TCT_END_NEVER_CREATED,
	};
	if (end->torn && end->teardown.fin_retransmits > 0)
		facts->fin_again = end->teardown.fin_retransmits;
	facts->timed_out = facts->broken && is_kind(end, TCT_KIND_TIMEOUT);
	facts->unsent = facts->fin && !facts->acked && facts->broken && facts->broken->counted &&
			is_beyond(facts->broken->numbers.write_seq, facts->broken->numbers.snd_nxt);
	facts->orphan = is_kind(end, TCT_KIND_REAPED) && end->waited && !facts->no_room;
}

/* The last step before the one to CLOSE; 0 when none was seen. */
static uint64_t before_close(const struct tct_story_end *end)
{
	uint64_t last_ns = 0;

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (s != TCT_CLOSE && end->entered[s].at_ns > last_ns)
			last_ns = end->entered[s].at_ns;
	}
	return last_ns;
}

/* That very reset ended the peer: at once, and with nothing in between. */
static enum tct_fate fate_of_reset(const struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *own = &explain->facts[side];
	const struct tct_explain_facts *other = &explain->facts[1 - side];
	const struct tct_story_end *peer = explain->ends[1 - side];
	int64_t after_ns;

	if (!own->reset || !explain->seen[1 - side] || !other->broken ||
	    !is_kind(peer, TCT_KIND_RESET_RECEIVED))
		return TCT_FATE_UNKNOWN;
	after_ns = (int64_t)(other->broken->at_ns - own->broken->at_ns);
	if (after_ns < -RESET_EARLY_NS || after_ns > RESET_SOON_NS ||
	    before_close(peer) >= own->broken->at_ns)
		return TCT_FATE_UNKNOWN;
	return TCT_FATE_ARRIVES;
}

/* What was sent then was answered by a reset, since there was nobody. */
static bool met_nobody(const struct tct_explain *explain, int side, uint64_t sent_ns)
{
	const struct tct_story_step *gone = tct_steps_to(explain->ends[1 - side], TCT_CLOSE);

	return explain->seen[1 - side] && gone && gone->at_ns < sent_ns &&
	       is_kind(explain->ends[side], TCT_KIND_RESET_RECEIVED);
}

static enum tct_fate fate_of_fin(const struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *facts = &explain->facts[side];

	if (explain->facts[1 - side].got_fin || facts->acked ||
	    (facts->fin && !facts->unsent && met_nobody(explain, side, facts->fin->at_ns)))
		return TCT_FATE_ARRIVES;
	return TCT_FATE_UNKNOWN;
}

/* Once its FIN comes again, the peer acknowledges it at once. */
static bool lost_acks(const struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *facts = &explain->facts[side];

	return facts->timed_out && !facts->acked && facts->fin_again &&
	       explain->facts[1 - side].got_fin;
}

/* Its SYN is among the acknowledged bytes; -1: not known. */
static int counted_syns(const struct tct_story_end *end)
{
	if (end->entered[TCT_SYN_SENT].at_ns || end->entered[TCT_ESTABLISHED].from == TCT_SYN_SENT)
		return 1;
	return end->entered[TCT_ESTABLISHED].at_ns ? 0 : -1;
}

/* Before its FIN, as the peer got them or as it queued them. */
static int64_t bytes_sent(const struct tct_explain *explain, int side)
{
	const struct tct_story_step *got = explain->facts[1 - side].got_fin;
	const struct tct_story_step *fin = explain->facts[side].fin;
	int syns = counted_syns(explain->ends[side]);

	if (got && got->counted)
		return (int64_t)got->numbers.bytes_received - 1;
	if (!fin || !fin->counted || syns < 0)
		return TCT_UNKNOWN;
	return (int64_t)fin->numbers.bytes_acked - syns +
	       (uint32_t)(fin->numbers.write_seq - fin->numbers.snd_una);
}

/* Its own call tells; that of an unseen one follows from an orderly end alone. */
static bool half_closes(const struct tct_explain *explain)
{
	const struct tct_story_step *fin = explain->facts[0].fin;
	const struct tct_story_end *b = explain->ends[1];

	if (explain->seen[0])
		return fin && fin->counted && fin->numbers.shutdown == TCT_SEND_SHUTDOWN;
	return tct_steps_are_orderly(b) && b->teardown.half_close_ns > 0;
}

/* The other had not ended before. */
static bool closes_on_its_own(const struct tct_explain *explain, int side)
{
	const struct tct_story_step *fin = tct_steps_to(explain->ends[side], TCT_FIN_WAIT1);
	const struct tct_story_step *gone = explain->facts[1 - side].broken;

	return fin && (!gone || gone->at_ns > fin->at_ns);
}

static bool says_merged(const struct tct_story_end *end)
{
	return is_kind(end, TCT_KIND_ORDERLY_MERGED);
}

/* Who sent the FIN knows whether an ACK went before it; the other, whether one came. */
static void decide_segments(struct tct_explain *explain)
{
	const struct tct_story_end *a = explain->seen[0], *b = explain->seen[1];

	explain->merged = b && tct_steps_are_orderly(b) ? says_merged(b) : a && says_merged(a);
	explain->carried = explain->merged || (a && says_merged(a));
}

static int64_t late_bytes(const struct tct_explain *explain)
{
	const struct tct_story_end *teller = explain->ends[explain->seen[1] ? 1 : 0];

	if (!teller->torn || !explain->facts[0].fin || teller->teardown.bytes_after_fin < 0)
		return 0;
	return teller->teardown.bytes_after_fin;
}

/* A reset because of them: what came had no reader. */
static bool resets_late(const struct tct_explain *explain)
{
	return explain->seen[0] && explain->facts[0].reset && explain->facts[0].fin &&
	       is_kind(explain->seen[0], TCT_KIND_RESET_SENT);
}

static bool is_acknowledged(const struct tct_explain *explain)
{
	const struct tct_story_step *fin = explain->facts[1].fin, *gone = explain->facts[1].broken;

	if (explain->facts[0].got_fin || explain->facts[1].acked || !explain->seen[1])
		return true;
	if (!gone || !gone->counted)
		return false;
	return !is_beyond(fin && fin->counted ? fin->numbers.write_seq : gone->numbers.write_seq,
			  gone->numbers.snd_una);
}

static void decide_late(struct tct_explain *explain)
{
	const struct tct_story_step *next = explain->facts[1].fin, *a = explain->facts[0].broken;
	struct tct_explain_late *late = &explain->late;

	*late = (struct tct_explain_late){ .bytes = late_bytes(explain), .key_ns = UINT64_MAX };
	if (!next)
		next = tct_steps_to(explain->ends[1], TCT_CLOSE);
	if (!next && !explain->seen[1])
		next = a;
	if (next)
		late->key_ns = next->at_ns;
	if (resets_late(explain))
		late->key_ns = a->at_ns < late->key_ns ? a->at_ns : late->key_ns;
	else if (!is_acknowledged(explain) && (!next || !met_nobody(explain, 1, next->at_ns)))
		late->fate = TCT_FATE_UNKNOWN;
	if (late->fate == TCT_FATE_UNKNOWN && explain->facts[1].timed_out &&
	    explain->ends[1]->teardown.retransmits > 0 && !explain->facts[1].fin_again)
		late->again = explain->ends[1]->teardown.retransmits;
}

static bool is_itself(const struct tct_explain *explain)
{
	const struct tct_tuple *tuple = &explain->ends[0]->who.tuple;

	return tct_endpoint_equal_tuples(tuple, tuple, true);
}

void tct_explain_decide(struct tct_explain *explain)
{
	struct tct_explain_facts *facts = explain->facts;

	take_steps(explain, 0);
	take_steps(explain, 1);
	for (int i = 0; i < 2; i++) {
		facts[i].reset_fate = fate_of_reset(explain, i);
		facts[i].fin_fate = fate_of_fin(explain, i);
		facts[i].acks_lost = lost_acks(explain, i);
		facts[i].has_fin = facts[i].fin || facts[1 - i].got_fin;
		facts[i].sent = bytes_sent(explain, i);
	}
	explain->itself = is_itself(explain);
	explain->half_close = half_closes(explain);
	explain->mutual = closes_on_its_own(explain, 0) && closes_on_its_own(explain, 1);
	explain->crossed = tct_steps_to(explain->ends[0], TCT_CLOSING) &&
			   tct_steps_to(explain->ends[1], TCT_CLOSING);
	explain->last_ack_again = explain->seen[1] && facts[1].acked &&
				  explain->seen[1]->teardown.last_ack_lost == 1 &&
				  tct_steps_to(explain->ends[0], TCT_TIME_WAIT);
	decide_segments(explain);
	decide_late(explain);
}
