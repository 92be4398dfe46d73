/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small kernel to audit against: sockets that open, move on and close by chance, events that take
 * their time or are lost, iterators that see each socket at another moment. The same seed does the
 * same again. Time goes on by milliseconds.
 */
#ifndef MODEL_H
#define MODEL_H

#include "stream.h"

#define MODEL_SLOTS 48
#define MODEL_QUEUE 4096
#define MODEL_MS 1000000ull

/* What an iterator shows of one slot. */
struct model_look {
	bool there;
	bool mini;
	uint32_t netns;
	uint64_t cookie;
	enum tct_state state;
};

struct model_slot {
	struct model_look shown;	/* by iterators */
	struct model_look next;		/* from store_ms on */
	uint64_t store_ms;
	uint64_t busy_ms;		/* does nothing until then */
	enum tct_state leaves;		/* its CLOSE, from here, is traced at close_ms */
	uint64_t close_ms;
};

/* An event on its way. */
struct model_event {
	union {
		struct tct_record_sock sock;
		struct tct_record_step step;
		struct tct_record_tw tw;
		struct tct_record_tw_cancel end;
	} rec;
};

struct model {
	uint64_t seed;
	uint64_t now_ms;
	struct stream *stream;
	bool brief;		/* transitions come brief */
	bool thinned;		/* the same, for now: a flood */
	bool shows_listener;	/* as kernels up to 6.12 */
	uint32_t loss_percent;	/* of events, from now on */
	uint64_t lost;
	uint64_t last_cookie;
	struct model_slot slots[MODEL_SLOTS];
	struct model_event queue[MODEL_QUEUE];
	size_t queued;
};

struct model *model_new(uint64_t seed);
void model_free(struct model *model);

/* 0 to n - 1. */
uint32_t model_random(struct model *model, uint32_t n);

/* A millisecond passes: some sockets do something. */
void model_tick(struct model *model);

/* Nothing new begins, all that has begun is done. */
void model_calm(struct model *model);

/* All events until now, and how many were lost. */
void model_deliver(struct model *model);

/* One slot as an iterator reads it now, for an audit's first reading; or for a scan and a second. */
bool model_present(const struct model *model, size_t slot, struct tct_record_present *out);
void model_feed_found(struct model *model, size_t slot,
		      int (*feed)(struct tct_shards *shards, const void *data, size_t len));

/* The mirror has these sockets in these states and no others; or some of them. */
void model_expect_mirrored(struct model *model);
void model_expect_some_mirrored(struct model *model);

#endif
