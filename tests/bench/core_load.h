/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a host with so many sockets sends: whole lives of connections that this host closes first
 * (with their mini-sockets) or last, or resets, each step that of a socket taken at random. Where
 * one ends, the next begins: their number stays.
 */
#ifndef BENCH_CORE_LOAD_H
#define BENCH_CORE_LOAD_H

#include "core_ring.h"

struct load_slot {
	uint64_t cookie;	/* 0: none has begun here */
	uint8_t life;		/* which of the lives */
	uint8_t step;		/* of it, the next one */
};

struct load {
	struct load_slot *slots;
	uint32_t count;
	uint8_t family;
	bool brief;		/* TCT_REC_STEP, and nothing of mini-sockets */
	uint64_t random;
	uint64_t cookie;	/* the last one */
	uint64_t now_ns;
	uint64_t transitions;	/* written, of full sockets */
	uint64_t records;
};

/* 0 or -1. Different seeds share no cookie. */
int load_init(struct load *load, uint32_t count, uint8_t family, bool brief, uint32_t seed);
void load_fini(struct load *load);

/* Writes until the ring is full. */
void load_fill(struct load *load, struct ring *ring);

/* Lets sockets begin, from *next on, until the ring is full; false when all have. */
bool load_begin(struct load *load, struct ring *ring, uint32_t *next);

#endif
