// SPDX-License-Identifier: GPL-2.0
#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "huge.h"
#include "identity.h"

#define RESOURCE_PROBE_NS 500000000	/* TCP_RESOURCE_PROBE_INTERVAL */

void tct_facts_clear(struct tct_facts *facts)
{
	facts->count = 0;
	for (unsigned int i = 0; i < TCT_SHARDS_MAX; i++) {
		free(facts->of[i].at);
		facts->of[i] = (struct tct_fact_places){ 0 };
	}
}

void tct_facts_fini(struct tct_facts *facts)
{
	tct_facts_clear(facts);
	free(facts->list);
	memset(facts, 0, sizeof(*facts));
}

static bool sends_fin(uint8_t state)
{
	return state == TCT_FIN_WAIT1 || state == TCT_CLOSING || state == TCT_LAST_ACK;
}

static uint32_t unacked_of(const struct tct_record_sock *sock)
{
	uint32_t unacked = sock->write_seq - sock->snd_una;
	bool flag = sends_fin(sock->to) || sock->to == TCT_SYN_RECV;

	return unacked && flag ? unacked - 1 : unacked;
}

static uint32_t unread_of(const struct tct_record_sock *sock)
{
	int32_t unread = (int32_t)(sock->rcv_nxt - sock->copied_seq);

	return unread > 0 ? (uint32_t)unread : 0;
}

static int64_t if_known(const struct tct_record_found *rec, uint8_t what, int64_t value)
{
	return rec->known & what ? value : TCT_UNKNOWN;
}

/* The kernel gives up by time: with a short time-out after more, and then there is no limit to tell. */
static int16_t limit_of(const struct tct_record_found *rec)
{
	bool known = rec->known & TCT_FOUND_LIMIT && rec->sock.retransmits < rec->limit;

	return known ? rec->limit : -1;
}

/* Timers fire late. */
static int64_t not_past(int64_t ns)
{
	return ns > 0 ? ns : 0;
}

static struct tct_fact fact_of(const struct tct_record_found *rec)
{
	const struct tct_record_sock *sock = &rec->sock;

	return (struct tct_fact){
		.key = tct_identity_key(sock->id.cookie, sock->id.address),
		.time_ns = sock->id.time_ns,
		.rcv_age_ns = sock->flags & TCT_SOCK_PEER_SEEN ? (int64_t)sock->rcv_age_ns
							       : TCT_UNKNOWN,
		.data_age_ns = if_known(rec, TCT_FOUND_DATA, (int64_t)rec->data_age_ns),
		.timer_ns = if_known(rec, TCT_FOUND_TIMER, not_past(rec->timer_ns)),
		.kept_ns = if_known(rec, TCT_FOUND_KEPT, not_past(rec->kept_ns)),
		.unacked = unacked_of(sock),
		.unsent = sock->write_seq - sock->snd_nxt,
		.unread = unread_of(sock),
		.snd_wnd = rec->snd_wnd,
		.limit = limit_of(rec),
		.retransmits = sock->retransmits,
		.probes = sock->probes,
		.flags = sock->flags,
		.ulp = rec->known & TCT_FOUND_ULP,
	};
}

static int make_room(struct tct_facts *facts)
{
	uint32_t room = facts->room ? 2 * facts->room : 64;
	struct tct_fact *list;

	if (facts->count < facts->room)
		return 0;
	list = realloc(facts->list, room * sizeof(*list));
	if (!list)
		return -ENOMEM;
	tct_huge_hint(list, room * sizeof(*list));
	facts->list = list;
	facts->room = room;
	return 0;
}

/* Zeroed without a touch: of a million sockets a few may linger. */
static int make_place(struct tct_fact_places *places, uint32_t index)
{
	uint32_t room = index < 2 * places->room ? 2 * places->room : index + 1;
	uint32_t *at;

	if (index < places->room)
		return 0;
	at = calloc(room, sizeof(*at));
	if (!at)
		return -ENOMEM;
	if (places->at)
		memcpy(at, places->at, places->room * sizeof(*at));
	free(places->at);
	*places = (struct tct_fact_places){ .at = at, .room = room };
	return 0;
}

static int add(struct tct_facts *facts, unsigned int shard, const struct tct_socket *sock,
	       const struct tct_fact *fact)
{
	struct tct_fact_places *places = &facts->of[shard];

	if (make_room(facts) || make_place(places, sock->index))
		return -ENOMEM;
	facts->list[facts->count++] = *fact;
	places->at[sock->index] = facts->count;
	return 0;
}

int tct_facts_add(struct tct_facts *facts, unsigned int shard, const struct tct_socket *sock,
		  const struct tct_record_found *rec)
{
	const struct tct_fact fact = fact_of(rec);

	return add(facts, shard, sock, &fact);
}

int tct_facts_add_mini(struct tct_facts *facts, unsigned int shard, const struct tct_socket *mini,
		       uint64_t time_ns, int64_t kept_ns)
{
	const struct tct_fact fact = { .key = mini->cookie, .time_ns = time_ns, .mini = true,
				       .flags = TCT_SOCK_DEAD, .kept_ns = kept_ns,
				       .rcv_age_ns = TCT_UNKNOWN, .data_age_ns = TCT_UNKNOWN,
				       .timer_ns = TCT_UNKNOWN, .limit = -1 };

	return add(facts, shard, mini, &fact);
}

static const struct tct_fact *fact_at(const struct tct_facts *facts, unsigned int shard,
				      uint32_t index)
{
	const struct tct_fact_places *places = &facts->of[shard];

	return index < places->room && places->at[index] ? &facts->list[places->at[index] - 1]
							  : NULL;
}

/* The index may have been another socket's. */
const struct tct_fact *tct_facts_find(const struct tct_facts *facts, unsigned int shard,
				      const struct tct_socket *sock)
{
	const struct tct_fact *fact = fact_at(facts, shard, sock->index);

	return fact && fact->key == sock->cookie ? fact : NULL;
}

void tct_facts_foresee(const struct tct_facts *facts, unsigned int shard, uint32_t index)
{
	const struct tct_fact *fact = fact_at(facts, shard, index);

	if (fact) {
		__builtin_prefetch(&fact->key);
		__builtin_prefetch(&fact->held);
	}
}

bool tct_fact_zero_window(const struct tct_fact *fact)
{
	return !fact->snd_wnd && fact->unsent;
}

void tct_lingering_init(struct tct_lingering *why)
{
	*why = (struct tct_lingering){ .unacked_bytes = TCT_UNKNOWN, .zero_window = TCT_UNKNOWN,
				       .orphans = TCT_UNKNOWN, .retransmits = TCT_UNKNOWN,
				       .probes = TCT_UNKNOWN, .limit = TCT_UNKNOWN,
				       .next_ns = TCT_UNKNOWN, .kept_ns = TCT_UNKNOWN };
}

static void raise_to(int64_t *most, int64_t value)	/* TCT_UNKNOWN is below all */
{
	if (value > *most)
		*most = value;
}

static void add_to(int64_t *sum, int64_t value)
{
	*sum = *sum == TCT_UNKNOWN ? value : *sum + value;
}

void tct_lingering_add(struct tct_lingering *why, const struct tct_fact *fact)
{
	bool most = fact->retransmits > why->retransmits ||
		    (fact->retransmits == why->retransmits && fact->probes > why->probes);

	add_to(&why->unacked_bytes, fact->unacked);
	add_to(&why->zero_window, tct_fact_zero_window(fact));
	add_to(&why->orphans, (fact->flags & TCT_SOCK_DEAD) != 0);
	if (most)
		why->limit = fact->limit < 0 ? TCT_UNKNOWN : fact->limit;
	raise_to(&why->retransmits, fact->retransmits);
	raise_to(&why->probes, fact->probes);
	raise_to(&why->kept_ns, fact->kept_ns);
	if (fact->timer_ns != TCT_UNKNOWN &&
	    (why->next_ns == TCT_UNKNOWN || fact->timer_ns < why->next_ns))
		why->next_ns = fact->timer_ns;
}

/*
 * A FIN that alone is not acknowledged has waited its time-outs out: each was half of the next or
 * more, the present one is rto_ns. Since the last of them it has waited for what the timer has run,
 * unless that was set to something else: for a user's time-out, or to try again soon where the
 * local host could not send.
 */
static uint64_t fin_age(const struct tct_record_found *rec)
{
	const struct tct_record_sock *sock = &rec->sock;
	uint8_t shift = sock->retransmits < 63 ? sock->retransmits : 63;
	int64_t rto_ns = (int64_t)rec->rto_ns;
	uint64_t age_ns = rec->rto_ns - (rec->rto_ns >> shift);

	if (!sock->retransmits || sock->write_seq - sock->snd_una != 1)
		return 0;
	if (rec->known & TCT_FOUND_TIMER && !(rec->known & TCT_FOUND_CLAMPED) &&
	    rec->timer_ns > RESOURCE_PROBE_NS && rec->timer_ns < rto_ns)
		age_ns += (uint64_t)(rto_ns - rec->timer_ns);
	return age_ns;
}

uint64_t tct_found_age(const struct tct_record_found *rec)
{
	const struct tct_record_sock *sock = &rec->sock;

	if (rec->known & TCT_FOUND_AGE)
		return rec->age_ns;
	if (sock->to == TCT_FIN_WAIT1 || sock->to == TCT_LAST_ACK)
		return fin_age(rec);
	if (sock->to == TCT_SYN_RECV || !(sock->flags & TCT_SOCK_PEER_SEEN))
		return 0;
	return sock->rcv_age_ns;	/* a segment of the peer made the state, the last or another */
}
