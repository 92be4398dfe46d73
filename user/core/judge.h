/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verdict on sockets that linger. Pure; TCT_VERDICT_NONE where nothing is proven.
 */
#ifndef TCT_JUDGE_H
#define TCT_JUDGE_H

#include "facts.h"
#include "keys.h"
#include "listing.h"
#include "mirror.h"
#include "owners.h"
#include "tasks.h"

struct tct_case {
	enum tct_state state;
	const struct tct_fact *fact;
	bool held;		/* some process has a descriptor */
	bool passed_on;		/* some have, and the one that opened or accepted it has none */
	uint64_t recent_ns;	/* what was sent or heard within this is going on */
};

enum tct_verdict tct_judge(const struct tct_case *c);

/* What a scan found, and the namespaces that it has read whole. All zero: nothing. */
struct tct_scan {
	struct tct_owners owners;
	struct tct_facts facts;
	struct tct_keys namespaces;
	struct tct_listing listing;	/* a moment after begin_ns */
	uint64_t begin_ns;
};

/* Once all is there, before any look-up. */
void tct_scan_order(struct tct_scan *scan);

/* Who holds this socket, of which the scan has this fact or NULL: as tct_owners_find(). */
const struct tct_held *tct_scan_held(const struct tct_scan *scan, const struct tct_fact *fact,
				     uint64_t key, size_t *count);

/* Fetches the socket with this index, and its fact, into the cache; 0: none. */
void tct_scan_foresee(const struct tct_scan *scan, const struct tct_mirror *mirror,
		      unsigned int shard, uint32_t index);

/* Gives the memory back. */
void tct_scan_fini(struct tct_scan *scan);

/*
 * A socket that a scan found; what it did not find stays as it was judged. Who opened or accepted
 * it is known from its connect(), or as the first who was ever seen to hold it. Recent is what was
 * within recent_ns, and within half of the stay that the scan saw.
 */
void tct_judge_socket(const struct tct_tasks *tasks, struct tct_socket *sock,
		      const struct tct_fact *fact, const struct tct_held *held, size_t count,
		      uint64_t recent_ns);

#endif
