// SPDX-License-Identifier: GPL-2.0
#include "explain_facts.h"

#include <string.h>

static bool closes_second(const struct tct_story_end *end)
{
	enum tct_state last = end->entered[TCT_CLOSE].from;

	return end->entered[TCT_CLOSE_WAIT].at_ns || end->entered[TCT_LAST_ACK].at_ns ||
	       last == TCT_CLOSE_WAIT || last == TCT_LAST_ACK;
}

/* Who acts first is A: by its FIN, or by breaking off. Who got the other's FIN first is not. */
static uint64_t acts_at(const struct tct_story_end *end)
{
	const struct tct_story_step *fin = tct_steps_fin(end);

	if (closes_second(end))
		return UINT64_MAX;
	if (fin)
		return fin->at_ns;
	return end->entered[TCT_CLOSE].at_ns ? end->entered[TCT_CLOSE].at_ns : UINT64_MAX - 1;
}

/* What has never been open has its opener on the left. */
static bool is_left(const struct tct_story_end *end, const struct tct_story_end *peer)
{
	if (peer)
		return acts_at(end) <= acts_at(peer);
	if (tct_steps_fin(end) || closes_second(end))
		return !closes_second(end);
	return end->teardown.closer != TCT_CLOSER_REMOTE ||
	       end->entered[TCT_CLOSE].from == TCT_SYN_SENT;
}

static bool has_states(const struct tct_explain *explain, int side)
{
	for (size_t i = 0; i < explain->count; i++) {
		if (explain->rows[i].entry[side].state != TCT_NONE)
			return true;
	}
	return false;
}

void tct_explain_make(const struct tct_story *story, struct tct_explain *explain)
{
	int side = is_left(story->ends[0], story->ends[1]) ? 0 : 1;

	explain->seen[side] = story->ends[0];
	explain->seen[1 - side] = story->ends[1];
	if (!story->ends[1])
		tct_steps_infer(story->ends[0], &explain->peer);
	for (int i = 0; i < 2; i++)
		explain->ends[i] = explain->seen[i] ? explain->seen[i] : &explain->peer;
	tct_explain_decide(explain);
	tct_explain_put_rows(explain, story->now_ns);
	for (int i = 0; i < 2; i++)
		explain->inferred |= !explain->seen[i] && has_states(explain, i);
	tct_explain_put_sentence(explain, story->now_ns);
}

void tct_explain_endpoint(const struct tct_explain *explain, int side, int width,
			  char out[TCT_ENDPOINT_LEN])
{
	const struct tct_tuple *tuple = &explain->ends[side]->who.tuple;

	tct_format_endpoint(tuple->laddr, tuple->family, tuple->lport, width, out);
}

/* Sequence numbers are those of the wire: modulo 2^32. */
static void put_count(const struct tct_explain *explain, int side, char *out, size_t size)
{
	const struct tct_explain_facts *facts = &explain->facts[side];
	char number = "uw"[side], name = "AB"[side];

	if (facts->sent == TCT_UNKNOWN)
		snprintf(out, size, "%c: how many bytes %c sent is not known", number, name);
	else
		snprintf(out, size, "%c = %u: %c %s %lld byte%s", number,
			 (uint32_t)(facts->sent + 1), name, facts->unsent ? "wrote" : "sent", (long long)facts->sent,
			 facts->sent == 1 ? "" : "s");
}

void tct_explain_legend(const struct tct_explain *explain, char *out, size_t size)
{
	*out = '\0';
	for (int i = 0; i < 2; i++) {
		size_t len = strlen(out);

		if (!explain->facts[i].has_fin)
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s", len ? "; " : "");
		put_count(explain, i, out + len, size - len);
	}
}
