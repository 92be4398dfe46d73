// SPDX-License-Identifier: GPL-2.0
#include "explain_steps.h"

const struct tct_story_step *tct_steps_to(const struct tct_story_end *end, enum tct_state state)
{
	return end->entered[state].at_ns ? &end->entered[state] : NULL;
}

const struct tct_story_step *tct_steps_between(const struct tct_story_end *end,
					       enum tct_state from, enum tct_state to)
{
	const struct tct_story_step *step = tct_steps_to(end, to);

	return step && step->from == from ? step : NULL;
}

enum tct_state tct_steps_state(const struct tct_story_end *end, const struct tct_story_step *step)
{
	return step ? (enum tct_state)(step - end->entered) : TCT_NONE;
}

bool tct_steps_are_orderly(const struct tct_story_end *end)
{
	return end->torn && (end->teardown.kind == TCT_KIND_ORDERLY ||
			     end->teardown.kind == TCT_KIND_ORDERLY_MERGED ||
			     end->teardown.kind == TCT_KIND_SIMULTANEOUS);
}

const struct tct_story_step *tct_steps_fin(const struct tct_story_end *end)
{
	const struct tct_story_step *step = tct_steps_to(end, TCT_FIN_WAIT1);

	return step ? step : tct_steps_to(end, TCT_LAST_ACK);
}

/* Without a mini-socket (the bucket limit) FIN_WAIT2 ends in CLOSE as if after TIME_WAIT. */
const struct tct_story_step *tct_steps_got_fin(const struct tct_story_end *end)
{
	const struct tct_story_step *step = tct_steps_to(end, TCT_CLOSE_WAIT);

	if (!step)
		step = tct_steps_to(end, TCT_CLOSING);
	if (!step)
		step = tct_steps_between(end, TCT_FIN_WAIT2, TCT_TIME_WAIT);
	if (!step && tct_steps_are_orderly(end))
		step = tct_steps_between(end, TCT_FIN_WAIT2, TCT_CLOSE);
	return step;
}

/* Our FIN was the last that was acknowledged; how many segments it took may be unknown. */
static bool is_complete(const struct tct_story_end *end, const struct tct_story_step *step)
{
	return tct_steps_are_orderly(end) ||
	       (end->torn && end->teardown.kind == TCT_KIND_UNKNOWN && step && step->counted &&
		step->numbers.snd_una == step->numbers.write_seq);
}

const struct tct_story_step *tct_steps_acked(const struct tct_story_end *end)
{
	const struct tct_story_step *step = tct_steps_to(end, TCT_FIN_WAIT2);

	if (!step)
		step = tct_steps_between(end, TCT_CLOSING, TCT_TIME_WAIT);
	if (step)
		return step;
	step = tct_steps_between(end, TCT_LAST_ACK, TCT_CLOSE);
	if (!step)
		step = tct_steps_between(end, TCT_CLOSING, TCT_CLOSE);
	return is_complete(end, step) ? step : NULL;
}

const struct tct_story_step *tct_steps_broken(const struct tct_story_end *end)
{
	const struct tct_story_step *step = tct_steps_to(end, TCT_CLOSE);

	if (!step || step->from == TCT_TIME_WAIT || step == tct_steps_got_fin(end) ||
	    step == tct_steps_acked(end))
		return NULL;
	return step;
}

/* The states in which an abort answers with a reset: tcp_need_reset(). */
static bool needs_reset(enum tct_state state)
{
	return state == TCT_ESTABLISHED || state == TCT_CLOSE_WAIT || state == TCT_SYN_RECV ||
	       state == TCT_FIN_WAIT1 || state == TCT_FIN_WAIT2;
}

bool tct_steps_reset(const struct tct_story_end *end)
{
	const struct tct_story_step *step = tct_steps_broken(end);

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
