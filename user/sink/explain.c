// SPDX-License-Identifier: GPL-2.0
#include "explain.h"

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
	const struct tct_story_step *fin = tct_explain_fin_sent(end);

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
	if (tct_explain_fin_sent(end) || closes_second(end))
		return !closes_second(end);
	return end->teardown.closer != TCT_CLOSER_REMOTE ||
	       end->entered[TCT_CLOSE].from == TCT_SYN_SENT;
}

/* A FIN's own number, as its sender wrote it or its receiver counted it. */
static bool fin_number(const struct tct_story_end *end, const struct tct_story_end *peer,
		       uint32_t *number)
{
	const struct tct_story_step *sent = tct_explain_fin_sent(end);
	const struct tct_story_step *received = tct_explain_fin_received(peer);

	if (sent && sent->counted)
		*number = sent->numbers.write_seq;
	else if (received && received->counted)
		*number = received->numbers.rcv_nxt - 1;
	else
		return false;
	return true;
}

/* Once established, SYNs are acknowledged: what comes next is the first byte. */
static bool first_number(const struct tct_story_end *end, const struct tct_story_end *peer,
			 uint32_t *number)
{
	const struct tct_story_step *own = &end->entered[TCT_ESTABLISHED];
	const struct tct_story_step *other = &peer->entered[TCT_ESTABLISHED];

	if (own->counted)
		*number = own->numbers.snd_una;
	else if (other->counted)
		*number = other->numbers.rcv_nxt;
	else
		return false;
	return true;
}

static void count_bytes(struct tct_explain *explain, int side)
{
	const struct tct_story_end *end = explain->ends[side], *peer = explain->ends[1 - side];
	uint32_t fin, first;

	explain->has_fin[side] = tct_explain_fin_sent(end);
	explain->sent[side] = TCT_UNKNOWN;
	if (explain->has_fin[side] && fin_number(end, peer, &fin) && first_number(end, peer, &first))
		explain->sent[side] = (uint32_t)(fin - first);
}

void tct_explain_make(const struct tct_story *story, struct tct_explain *explain)
{
	int side = is_left(story->ends[0], story->ends[1]) ? 0 : 1;

	explain->seen[side] = story->ends[0];
	explain->seen[1 - side] = story->ends[1];
	if (!story->ends[1])
		tct_explain_infer(story->ends[0], &explain->peer);
	for (int i = 0; i < 2; i++)
		explain->ends[i] = explain->seen[i] ? explain->seen[i] : &explain->peer;
	count_bytes(explain, 0);
	count_bytes(explain, 1);
	tct_explain_put_rows(explain, story->now_ns);
	tct_explain_put_sentence(explain, story->now_ns);
}

const struct tct_story_end *tct_explain_teller(const struct tct_explain *explain, int side)
{
	return explain->ends[explain->seen[side] ? side : 1 - side];
}

bool tct_explain_is_merged(const struct tct_explain *explain)
{
	const struct tct_story_end *teller = tct_explain_teller(explain, 0);

	if (!teller->torn)
		teller = tct_explain_teller(explain, 1);
	return teller->torn && teller->teardown.kind == TCT_KIND_ORDERLY_MERGED;
}

/* The other had not ended before. */
static bool closes_on_its_own(const struct tct_story_end *end, const struct tct_story_end *peer)
{
	const struct tct_story_step *fin = &end->entered[TCT_FIN_WAIT1];
	const struct tct_story_step *gone = tct_explain_broken_off(peer);

	return fin->at_ns && (!gone || gone->at_ns > fin->at_ns);
}

bool tct_explain_is_mutual(const struct tct_explain *explain)
{
	return closes_on_its_own(explain->ends[0], explain->ends[1]) &&
	       closes_on_its_own(explain->ends[1], explain->ends[0]);
}

int64_t tct_explain_late_bytes(const struct tct_explain *explain)
{
	const struct tct_story_end *teller = tct_explain_teller(explain, 1);

	if (!teller->torn || !tct_explain_fin_sent(explain->ends[0]) ||
	    teller->teardown.bytes_after_fin == TCT_UNKNOWN)
		return 0;
	return teller->teardown.bytes_after_fin;
}

void tct_explain_endpoint(const struct tct_explain *explain, int side, int width,
			  char out[TCT_ENDPOINT_LEN])
{
	const struct tct_tuple *tuple = &explain->ends[side]->who.tuple;

	tct_format_endpoint(tuple->laddr, tuple->family, tuple->lport, width, out);
}

void tct_explain_legend(const struct tct_explain *explain, char *out, size_t size)
{
	bool known = false;
	size_t len = 0;

	*out = '\0';
	for (int i = 0; i < 2; i++) {
		if (!explain->has_fin[i] || explain->sent[i] == TCT_UNKNOWN || len >= size)
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s%c = %lld: %c sent %lld byte%s",
					len ? "; " : "", "uw"[i], (long long)explain->sent[i] + 1,
					"AB"[i], (long long)explain->sent[i],
					explain->sent[i] == 1 ? "" : "s");
		known = true;
	}
	if (!known && (explain->has_fin[0] || explain->has_fin[1]))
		snprintf(out, size, "%s: how many bytes were sent is unknown, since the beginning "
			 "was not seen", !explain->has_fin[1] ? "u" : !explain->has_fin[0] ? "w"
								    : "u, w");
}

uint64_t tct_explain_time(const struct tct_explain *explain)
{
	return explain->count > 1 ? explain->rows[1].key_ns : explain->rows[0].key_ns;
}
