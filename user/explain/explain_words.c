// SPDX-License-Identifier: GPL-2.0
/* A story in one sentence: who closed, how it ended, what went wrong, and the wait. */
#include <ctype.h>
#include "explain_words.h"

void tct_words_part(struct tct_explain *explain)
{
	if (*explain->sentence)
		add(explain, "; ");
}

const char *tct_words_plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

/* From when B could know of A's FIN, or else from when A sent it, until B's own. */
static const char *answer_time(const struct tct_explain *explain, char *out, size_t size)
{
	const struct tct_story_step *last = &explain->ends[1]->entered[TCT_LAST_ACK];
	const struct tct_story_step *fin = explain->facts[0].got_fin, *sent = explain->facts[0].fin;
	int64_t ns = TCT_UNKNOWN;

	if (explain->seen[1] && last->at_ns)
		ns = last->after_ns;
	else if (explain->seen[0] && fin && sent)
		ns = (int64_t)(fin->at_ns - sent->at_ns);
	if (ns == TCT_UNKNOWN)
		return "";
	*out = ' ';
	tct_format_duration(ns, out + 1, size - 1);
	return out;
}

static void say_answer(struct tct_explain *explain)
{
	const struct tct_explain_late *late = &explain->late;
	char text[24] = "";
	const char *time = answer_time(explain, text, sizeof(text));

	if (!explain->half_close)
		add(explain, "A closed first and B%s later", time);
	else if (late->bytes)
		add(explain, "A closed its sending side only, B %s %lld byte%s more and closed%s "
			     "later",
		    explain->facts[1].unsent ? "wrote" : "sent", (long long)late->bytes,
		    tct_words_plural(late->bytes), time);
	else
		add(explain, "A closed its sending side only, and B closed%s later", time);
}

/* What was no close() yet, since a call of its own came after it. */
static bool goes_on(const struct tct_explain *explain)
{
	const struct tct_story_end *end = explain->seen[0];

	return end && end->torn && explain->facts[0].broken &&
	       (end->teardown.kind == TCT_KIND_ABORT_UNREAD ||
		end->teardown.kind == TCT_KIND_ABORT_LINGER ||
		end->teardown.kind == TCT_KIND_DISCONNECTED);
}

static void say_closes(struct tct_explain *explain)
{
	const struct tct_explain_facts *facts = explain->facts;

	if (explain->itself)
		add(explain, "A, which is connected to itself, closed");
	else if (explain->crossed)
		add(explain, "A and B closed at once and their FINs crossed");
	else if (explain->mutual)
		add(explain, "A and B both closed before either had the other's FIN");
	else if (facts[0].has_fin && facts[1].has_fin)
		say_answer(explain);
	else if (facts[0].has_fin)
		add(explain, goes_on(explain) ? "A shut down first" : "A closed first");
	else if (explain->ends[1]->entered[TCT_LAST_ACK].at_ns)
		add(explain, "B closed after A had");
}

/* As far as this end goes. Nobody comes to TIME_WAIT without the ACK of its FIN. */
static bool is_through(const struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side];

	return end->entered[TCT_TIME_WAIT].at_ns ||
	       explain->facts[side].acked == &end->entered[TCT_CLOSE];
}

static const struct tct_story_end *teller(const struct tct_explain *explain, int side)
{
	return explain->ends[explain->seen[side] ? side : 1 - side];
}

static bool is_simultaneous(const struct tct_story_end *end)
{
	return end->teardown.kind == TCT_KIND_SIMULTANEOUS;
}

static void say_order(struct tct_explain *explain)
{
	const struct tct_story_end *a = teller(explain, 0), *b = teller(explain, 1);
	int own = explain->seen[0] ? 0 : 1, other = explain->seen[1] ? 1 : 0;

	if (!tct_steps_are_orderly(a) || !tct_steps_are_orderly(b)) {
		if (is_through(explain, own) && is_through(explain, other))
			add(explain, ": an orderly close in an unknown number of segments");
		return;
	}
	if (is_simultaneous(a) || is_simultaneous(b))
		add(explain, ": a simultaneous close");
	else if (explain->merged)
		add(explain, ": an orderly close in three segments, since B's FIN carried the ACK "
			     "of A's");
	else
		add(explain, ": an orderly close in four segments%s",
		    explain->carried ? ", of which B's first ACK was lost" : "");
}

/* Segments that it sent again in its life, as far as its steps tell. */
static int64_t sent_again(const struct tct_story_end *end)
{
	int64_t most = 0;

	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		const struct tct_story_step *step = &end->entered[s];

		if (step->counted && step->numbers.total_retrans > most)
			most = step->numbers.total_retrans;
	}
	return most;
}

static void say_again(struct tct_explain *explain, int side)
{
	const struct tct_explain_facts *facts = &explain->facts[side];
	const struct tct_story_end *end = explain->seen[side];
	int64_t segments = end ? sent_again(end) : 0;

	if (!end || facts->timed_out || end->entered[TCT_CLOSE].from == TCT_SYN_SENT)
		return;
	if (facts->fin_again) {
		tct_words_part(explain);
		if (side == 1 && explain->last_ack_again)
			add(explain, "the last ACK was lost, so B sent its FIN again%s and A, in "
			    "TIME_WAIT, acknowledged it again",
			    facts->fin_again > 1 ? " and again" : "");
		else
			add(explain, "%c had to send its FIN %lld times", NAME[side],
			    (long long)facts->fin_again + 1);
	} else if (segments) {
		tct_words_part(explain);
		add(explain, "%c sent %lld segment%s again", NAME[side], (long long)segments,
		    tct_words_plural(segments));
	}
}

static void say_process(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->seen[side];

	if (!end || !end->torn || end->teardown.process != TCT_PROCESS_KILLED)
		return;
	tct_words_part(explain);
	add(explain, "%c's process was killed by signal %u", NAME[side], end->teardown.signal);
}

static void say_rearms(struct tct_explain *explain, int side)
{
	const struct tct_time_wait *ev = &explain->seen[side]->time_wait;

	if (!ev->rearmed || explain->last_ack_again)
		return;
	add(explain, ", in which %u more segment%s came from %c", ev->rearmed,
	    tct_words_plural(ev->rearmed), NAME[1 - side]);
}

static void say_wait_over(struct tct_explain *explain, int side, const struct tct_story_step *over)
{
	const struct tct_story_end *end = explain->seen[side];
	char time[16];

	tct_format_duration(over->after_ns, time, sizeof(time));
	if (end->waited && end->time_wait.end == TCT_END_EXPIRED)
		add(explain, "%c's TIME_WAIT expired after %s", NAME[side], time);
	else
		add(explain, "%c's TIME_WAIT ended after %s: %s", NAME[side], time,
		    end->waited ? tct_end_name(end->time_wait.end) : "unknown");
	if (end->waited)
		say_rearms(explain, side);
}

static void say_wait(struct tct_explain *explain, int side, uint64_t now_ns)
{
	const struct tct_story_end *end = explain->seen[side];
	const struct tct_story_step *over, *now;
	char time[16] = "?";

	if (!end || explain->facts[side].broken)
		return;
	over = tct_steps_to(end, TCT_CLOSE);
	now = tct_steps_to(end, end->state);
	if (over && explain->facts[side].no_room) {
		tct_words_part(explain);
		add(explain, "there was no room for %c's %s", NAME[side],
		    tct_state_name(end->time_wait.substate));
	}
	if (over && over->from != TCT_TIME_WAIT)
		return;
	tct_words_part(explain);
	if (over) {
		say_wait_over(explain, side, over);
		return;
	}
	if (now)
		tct_format_duration((int64_t)(now_ns - now->at_ns), time, sizeof(time));
	add(explain, "%c is in %s, %s so far", NAME[side], tct_state_name(end->state), time);
}

/* Whoever broke off first is told of first. */
static int breaks_first(const struct tct_explain *explain)
{
	uint64_t a = explain->ends[0]->entered[TCT_CLOSE].at_ns;
	uint64_t b = explain->ends[1]->entered[TCT_CLOSE].at_ns;

	return b && (!a || b < a);
}

void tct_explain_put_sentence(struct tct_explain *explain, uint64_t now_ns)
{
	int first = breaks_first(explain);

	*explain->sentence = '\0';
	say_closes(explain);
	say_order(explain);
	say_again(explain, 0);
	say_again(explain, 1);
	tct_words_say_break(explain, first);
	tct_words_say_break(explain, 1 - first);
	say_process(explain, 0);
	say_process(explain, 1);
	say_wait(explain, 0, now_ns);
	say_wait(explain, 1, now_ns);
	add(explain, ".");
	explain->sentence[0] = (char)toupper((unsigned char)explain->sentence[0]);
}
