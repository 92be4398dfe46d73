// SPDX-License-Identifier: GPL-2.0
/* What broke a connection off, in words. */
#include "explain_words.h"

/* Where all that was said is how it closed, this goes on with it. */
static void say_subject(struct tct_explain *explain, int side)
{
	const char *end = strrchr(explain->sentence, ' ');

	if (!side && end && !strcmp(end, " first"))
		add(explain, ", then ");
	else {
		tct_words_part(explain);
		add(explain, "%c ", NAME[side]);
	}
}

static void say_time_out(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *facts = &explain->facts[side];
	const struct tct_teardown *ev = &explain->ends[side]->teardown;
	bool connects = explain->ends[side]->entered[TCT_CLOSE].from == TCT_SYN_SENT;
	long long retransmits = ev->retransmits, probes = ev->probes;

	if (!facts->fin_again && retransmits <= 0 && probes <= 0)
		add(explain, "timed out");
	else if (facts->fin_again)
		add(explain, "gave up after it had sent its FIN %lld times and no answer "
			     "reached it",
		    (long long)facts->fin_again + 1);
	else if (connects)
		add(explain, "gave up connecting after it had sent its SYN %lld times and no "
			     "answer reached it", retransmits + 1);
	else if (retransmits > 0)
		add(explain, "gave up after %lld retransmission%s to which no answer reached it",
		    retransmits, tct_words_plural(retransmits));
	else
		add(explain, "gave up after %lld probe%s to which no answer reached it", probes,
		    tct_words_plural(probes));
}

static void say_abort(struct tct_explain *explain, int side)
{
	int64_t bytes = explain->ends[side]->teardown.unread_bytes;

	if (bytes > 0)
		add(explain, "closed with %lld byte%s unread, which sent a reset", (long long)bytes,
		    tct_words_plural(bytes));
	else
		add(explain, "closed with data unread, which sent a reset");
}

static void say_reset_sent(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];
	enum tct_state from = end->entered[TCT_CLOSE].from;

	if (explain->facts[side].fin) {
		tct_words_part(explain);
		add(explain, "what then came from %c had no reader and %c answered it with a reset",
		    NAME[1 - side], NAME[side]);
	} else {
		say_subject(explain, side);
		add(explain, "sent a reset");
	}
	if (end->teardown.reset_reason)
		add(explain, " (%s)", end->teardown.reset_reason);
	if (!explain->facts[side].fin && (from == TCT_ESTABLISHED || from == TCT_CLOSE_WAIT))
		add(explain, ", as one does whose listener closes before it is accepted");
}

static void say_early_close(struct tct_explain *explain, int side)
{
	int64_t again = explain->ends[side]->teardown.retransmits;

	add(explain, "closed before the connection was open");
	if (again > 0)
		add(explain, ", its SYN sent %lld times and no answer reached it",
		    (long long)again + 1);
}

/* What it did or suffered itself; NULL: that takes more than these words. */
static const char *deed_of(const struct tct_story_end *end)
{
	switch (end->torn ? end->teardown.kind : TCT_KIND_UNKNOWN) {
	case TCT_KIND_RESET_RECEIVED:
		return "was reset";
	case TCT_KIND_ABORT_LINGER:
		return end->entered[TCT_CLOSE].from == TCT_FIN_WAIT2
			       ? "aborted with a reset (SO_LINGER with a time of 0, or TCP_LINGER2 "
				 "below 0)"
			       : "aborted with a reset (SO_LINGER with a time of 0)";
	case TCT_KIND_DISCONNECTED:
		return "disconnected its socket, which it keeps";
	case TCT_KIND_REPAIR:
		return "was closed in repair mode, which sends nothing";
	case TCT_KIND_DESTROYED:
		return "was destroyed from outside (SOCK_DESTROY)";
	case TCT_KIND_RESET_SENT:
	case TCT_KIND_ABORT_UNREAD:
	case TCT_KIND_TIMEOUT:
	case TCT_KIND_REFUSED:
	case TCT_KIND_NEVER_OPENED:
	case TCT_KIND_UNREACHABLE:
	case TCT_KIND_REAPED:
	case TCT_KIND_ORDERLY:
	case TCT_KIND_ORDERLY_MERGED:
	case TCT_KIND_SIMULTANEOUS:
	case TCT_KIND_UNKNOWN:
	case TCT_KINDS:
		break;
	}
	return NULL;
}

static void say_own(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];

	say_subject(explain, side);
	if (end->teardown.kind == TCT_KIND_ABORT_UNREAD)
		say_abort(explain, side);
	else if (end->teardown.kind == TCT_KIND_TIMEOUT)
		say_time_out(explain, side);
	else if (end->teardown.kind == TCT_KIND_NEVER_OPENED)
		say_early_close(explain, side);
	else
		add(explain, "%s", deed_of(end));
}

static void say_reaped(struct tct_explain *explain, int side)
{
	if (explain->facts[side].no_room)
		add(explain, "the kernel had no room for %c's %s (tcp_max_tw_buckets, or no "
			     "memory) and dropped it", NAME[side],
		    tct_state_name(explain->ends[side]->time_wait.substate));
	else
		add(explain, "the kernel reaped %c: too many orphans, or no memory", NAME[side]);
}

static void say_kind(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];
	enum tct_kind kind = end->torn ? end->teardown.kind : TCT_KIND_UNKNOWN;

	if (kind == TCT_KIND_RESET_SENT) {
		say_reset_sent(explain, side);
		return;
	}
	if (kind == TCT_KIND_ABORT_UNREAD || kind == TCT_KIND_TIMEOUT ||
	    kind == TCT_KIND_NEVER_OPENED || deed_of(end)) {
		say_own(explain, side);
		return;
	}
	tct_words_part(explain);
	if (kind == TCT_KIND_REFUSED)
		add(explain, "%c refused the connection", NAME[1 - side]);
	else if (kind == TCT_KIND_UNREACHABLE)
		add(explain, "the network told %c that %c cannot be reached", NAME[side],
		    NAME[1 - side]);
	else if (kind == TCT_KIND_REAPED)
		say_reaped(explain, side);
	else
		add(explain, "how %c ended is not known", NAME[side]);
}

/* An orphan that waited for the peer's FIN. */
static void say_orphan(struct tct_explain *explain, int side)
{
	const struct tct_time_wait *ev = &explain->seen[side]->time_wait;
	char time[16];

	tct_words_part(explain);
	tct_format_duration(ev->duration_ns, time, sizeof(time));
	if (ev->end == TCT_END_EXPIRED)
		add(explain, "%c's FIN did not come, and %c's FIN_WAIT2 expired after %s",
		    NAME[1 - side], NAME[side], time);
	else
		add(explain, "%c's FIN_WAIT2 ended after %s: %s", NAME[side], time,
		    tct_end_name(ev->end));
}

void tct_words_say_break(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *facts = &explain->facts[side];

	if (!explain->seen[side] || !facts->broken)
		return;
	if (facts->orphan)
		say_orphan(explain, side);
	else
		say_kind(explain, side);
	if (!facts->unsent)
		return;
	tct_words_part(explain);
	add(explain, "%c's FIN was queued and never sent", NAME[side]);
}
