/* SPDX-License-Identifier: GPL-2.0 */
/* What one scan found of each socket that lingers: the numbers that tell why. */
#ifndef TCT_FACTS_H
#define TCT_FACTS_H

#include <stddef.h>
#include "event.h"
#include "mirror.h"
#include "owners.h"

/* Times in ns, TCT_UNKNOWN for what was not there to read. */
struct tct_fact {
	uint64_t key;		/* identity.h */
	uint64_t time_ns;	/* when it was read */
	int64_t rcv_age_ns;	/* since the peer sent anything */
	int64_t data_age_ns;	/* since we sent data; FIN_WAIT2: got any */
	int64_t timer_ns;
	int64_t kept_ns;
	uint32_t unacked;	/* bytes of data, SYN and FIN not counted */
	uint32_t unsent;	/* of the stream, FIN counted */
	uint32_t unread;	/* by the program, the peer's FIN counted */
	uint32_t snd_wnd;
	int16_t limit;		/* of retransmits or probes; negative: not known */
	uint8_t retransmits;
	uint8_t probes;
	uint8_t flags;		/* TCT_SOCK_DEAD, TCT_SOCK_QUEUED of record.h */
	bool mini;		/* of the mini-socket, not of its full one with the same key */
	bool ulp;		/* TCT_FOUND_ULP: what the program has read is not known */
	uint32_t held_count;	/* who holds it, once the scan is ordered */
	const struct tct_held *held;
};

/* Where a shard's facts are, by the index of their socket: a place and one more; 0: it has none. */
struct tct_fact_places {
	uint32_t *at;
	uint32_t room;
};

struct tct_facts {
	struct tct_fact *list;
	uint32_t count;
	uint32_t room;
	struct tct_fact_places of[TCT_SHARDS_MAX];
};

void tct_facts_clear(struct tct_facts *facts);
void tct_facts_fini(struct tct_facts *facts);

/* Of a mirrored socket. 0 or -ENOMEM. */
int tct_facts_add(struct tct_facts *facts, unsigned int shard, const struct tct_socket *sock,
		  const struct tct_record_found *rec);

/* A mini-socket in FIN_WAIT2: an orphan, and for how long. 0 or -ENOMEM. */
int tct_facts_add_mini(struct tct_facts *facts, unsigned int shard, const struct tct_socket *mini,
		       uint64_t time_ns, int64_t kept_ns);

/* NULL when this scan did not find it. */
const struct tct_fact *tct_facts_find(const struct tct_facts *facts, unsigned int shard,
				      const struct tct_socket *sock);

/* Fetches that of the socket with this index into the cache, if there is one. */
void tct_facts_foresee(const struct tct_facts *facts, unsigned int shard, uint32_t index);

/* Whether what it has to send waits for the peer's window. */
bool tct_fact_zero_window(const struct tct_fact *fact);

/* Nothing known; then one socket after the other. */
void tct_lingering_init(struct tct_lingering *why);
void tct_lingering_add(struct tct_lingering *why, const struct tct_fact *fact);

/*
 * A socket is in its state for at least so long, in ns, as far as its own numbers prove it; 0 when
 * they prove nothing.
 */
uint64_t tct_found_age(const struct tct_record_found *rec);

#endif
