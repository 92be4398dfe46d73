/* SPDX-License-Identifier: GPL-2.0 */
/* A set of sockets, or of namespaces, by key: bounded, and emptied as a whole. */
#ifndef TCT_KEYS_H
#define TCT_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tct_key {
	uint64_t key;		/* identity.h; of a namespace: its inode */
	uint32_t netns;
	uint8_t mini;
	uint8_t kind;		/* the user's, likewise `seen` */
	uint8_t seen;
	uint8_t used;
};

/* All zero but for `max`: empty. */
struct tct_keys {
	struct tct_key *slots;
	uint32_t bits;
	uint32_t count;
	uint32_t max;		/* 0: as many as memory holds */
	bool overflowed;	/* something found no room since the last clear */
};

/* The new one or the one that is there; NULL when there is no room, which is noted. */
struct tct_key *tct_keys_add(struct tct_keys *keys, uint64_t key, bool mini);
struct tct_key *tct_keys_find(const struct tct_keys *keys, uint64_t key, bool mini);

/* One after the other from *at, which begins with 0; NULL after the last. Add none meanwhile. */
struct tct_key *tct_keys_next(const struct tct_keys *keys, size_t *at);

/* Gives the memory back. */
void tct_keys_clear(struct tct_keys *keys);

#endif
