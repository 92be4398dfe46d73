/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every TCP socket of the host, as far as the records tell: a hash by cookie, and per state a
 * list ordered by the time of entry, so that the oldest of a state is always at hand.
 */
#ifndef TCT_MIRROR_H
#define TCT_MIRROR_H

#include <stdbool.h>
#include "event.h"
#include "places.h"

#define TCT_SOCK_EXACT 0x01	/* entered_ns was observed; else the entry was no later than it */
#define TCT_SOCK_SEEDED 0x02	/* found by the iterator at seen_ns */
#define TCT_SOCK_MINI 0x04	/* a TIME_WAIT mini-socket; its cookie is its full socket's */
#define TCT_SOCK_ANNOUNCED 0x08	/* mini: the hand-over has been told */
#define TCT_SOCK_BORN 0x10	/* mini: born_ns was observed */
#define TCT_SOCK_LOCAL_PORT 0x20	/* the service's port is the local one */
#define TCT_SOCK_UNTOLD 0x40	/* its birth is to be told with its next event */
#define TCT_SOCK_UNLISTED 0x80	/* not on its state's list: a detector's list has it, or none */
#define TCT_SOCK_REPAIRED 0x100	/* its entry was not seen, or while others were lost */
#define TCT_SOCK_GAP 0x200	/* a step of its end was not seen */
#define TCT_SOCK_MISSED 0x400	/* was counted as one that found no room */

struct tct_socket {
	uint64_t cookie;	/* or its address while it has none: identity.h */
	uint64_t entered_ns;	/* into `state` */
	union {
		uint64_t seen_ns;	/* seeded: when the iterator read it */
		uint64_t born_ns;	/* mini */
		uint64_t handshake_ns;	/* others: time from the first segment to ESTABLISHED */
	};
	uint8_t raddr[16];
	uint32_t place;		/* in tct_places */
	uint16_t lport;
	uint16_t rport;
	uint16_t flags;		/* TCT_SOCK_* above */
	uint8_t state : 4;	/* enum tct_state */
	uint8_t verdict : 4;	/* enum tct_verdict, of the last scan */
	uint8_t audited;	/* the last audit that found it in the kernel */
	uint32_t index;		/* its own, in the pool */
	uint32_t next;		/* of the list it is on: its state's, or its finding's */
	uint32_t prev;
	uint32_t owner : 28;	/* in tct_tasks */
	uint32_t source : 4;	/* enum tct_owner_source */
	uint32_t closing;	/* in tct_teardowns */
	uint32_t group;		/* in tct_findings */
	union {
		uint32_t rearmed;	/* mini */
		uint32_t unread;	/* bytes, CLOSE_WAIT, of the last scan */
	};
};

_Static_assert(sizeof(struct tct_socket) == 80, "with its share of a bucket under 96");

struct tct_list {
	uint32_t head;
	uint32_t tail;
	uint32_t count;
	uint32_t loose;		/* from this one on in no order until it is sorted; 0: none */
	uint32_t unread;	/* the first that a scan may not have read; 0: none */
	uint64_t read_ns;	/* when that began */
};

struct tct_mirror {
	struct tct_pool pool;
	struct tct_buckets buckets;
	struct tct_places places;
	struct tct_list lists[2][TCT_STATES];	/* full sockets, mini-sockets */
	uint32_t by_state[TCT_STATES];		/* both, whatever list they are on */
	bool seeding;				/* the first scan is not over */
	bool by_address;			/* some socket was added that had no cookie */
};

/* Starts seeding. Negative errno. */
int tct_mirror_init(struct tct_mirror *mirror);
void tct_mirror_fini(struct tct_mirror *mirror);

/* A mini-socket is told from its full one, which has its cookie, by what a bucket alone shows. */
static inline uint32_t tct_mirror_hash(uint64_t cookie, bool mini)
{
	return tct_buckets_hash(cookie) ^ (uint32_t)mini << 31;
}

struct tct_socket *tct_mirror_find(const struct tct_mirror *mirror, uint64_t cookie, bool mini);

/*
 * A new socket in TCT_NONE, on no list; NULL when there is no memory. The cookie must not be
 * there yet.
 */
struct tct_socket *tct_mirror_add(struct tct_mirror *mirror, uint64_t cookie, bool mini);

/* Its cookie has become known. */
void tct_mirror_rekey(struct tct_mirror *mirror, struct tct_socket *sock, uint64_t cookie);

/*
 * While seeding: takes in an element of a pool that was opened again (tct_pool_reopen()), links and
 * all but its content made anew. False for one that is free or makes no sense.
 */
bool tct_mirror_adopt(struct tct_mirror *mirror, uint32_t index);

/* Takes it off its state's list, unless it is TCT_SOCK_UNLISTED. */
void tct_mirror_remove(struct tct_mirror *mirror, struct tct_socket *sock);

/*
 * Moves it to the list of another state. A detector's list must have let go of it; it is listed
 * again from here on.
 */
void tct_mirror_enter(struct tct_mirror *mirror, struct tct_socket *sock, enum tct_state state,
		      uint64_t entered_ns);

/*
 * The same for what an iterator found: these come in no order, and putting each in its place would
 * cost the square of their number. They wait for tct_mirror_sort() at the end of their list.
 */
void tct_mirror_seed(struct tct_mirror *mirror, struct tct_socket *sock, enum tct_state state,
		     uint64_t entered_ns);

/*
 * Where it is on this host; false: there is no memory, and it stays where it was. A new one is
 * nowhere.
 */
bool tct_mirror_put(struct tct_mirror *mirror, struct tct_socket *sock, uint32_t netns,
		    uint8_t family, const uint8_t laddr[16]);

static inline const struct tct_place *tct_mirror_place(const struct tct_mirror *mirror,
						       const struct tct_socket *sock)
{
	return tct_places_get(&mirror->places, sock->place);
}

struct tct_list *tct_mirror_list(struct tct_mirror *mirror, const struct tct_socket *sock);

static inline struct tct_socket *tct_mirror_at(const struct tct_mirror *mirror, uint32_t index)
{
	return tct_pool_get(&mirror->pool, index);
}

/*
 * The sockets of `count` more buckets, from *cursor on, which begins with 0. Returns whether there
 * are more. `visit` neither adds nor removes; between two calls anybody may.
 */
bool tct_mirror_walk(const struct tct_mirror *mirror, uint64_t *cursor, size_t count,
		     void (*visit)(void *ctx, struct tct_socket *sock), void *ctx);

/*
 * Ends the seeding; puts what was seeded in its place. Costs what was seeded and what is younger.
 * Negative errno, with the lists whole but unordered.
 */
int tct_mirror_sort(struct tct_mirror *mirror);

/* How many sockets fill one part in sixteen of so many bytes of memory; never too few to use. */
uint32_t tct_mirror_bound(uint64_t memory);

/* mirror_list.c */
void tct_list_append(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock);

/*
 * Ordered by entered_ns; new entries are nearly always the youngest. One that is much older, an
 * event that waited while what is younger was seeded, is placed as below.
 */
void tct_list_insert(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock);
void tct_list_remove(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock);

/* To its end, in no order, unless it is the youngest. */
void tct_list_place(struct tct_mirror *mirror, struct tct_list *list, struct tct_socket *sock);

/* A scan that began then has read all that were in their state before. */
void tct_list_read(struct tct_mirror *mirror, struct tct_list *list, uint64_t begin_ns);

/* Orders what was placed. 0 or -ENOMEM. */
int tct_list_sort(struct tct_mirror *mirror, struct tct_list *list);

#endif
