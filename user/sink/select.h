/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is printed of what is mirrored: event types (-e), states (-s), owner (-p). It stands
 * between the core and a sink.
 *
 * An accepted socket's owner is not known before a descriptor holds it. With -p its first events
 * wait here until the owner is known; they are printed then, in their order, or dropped.
 */
#ifndef TCT_SELECT_H
#define TCT_SELECT_H

#include "../core/event.h"

#define TCT_SELECT_TRANSITION 0x1
#define TCT_SELECT_TEARDOWN 0x2
#define TCT_SELECT_TIME_WAIT 0x4
#define TCT_SELECT_FINDING 0x8
#define TCT_SELECT_ALL 0xf

struct tct_select_config {
	unsigned int types;	/* TCT_SELECT_* */
	uint32_t states;	/* one bit a state; 0 for all */
	uint32_t pid;		/* 0 for all */
};

struct tct_select_held;

struct tct_select {
	struct tct_select_config config;
	const struct tct_sink *next;
	struct tct_select_held *held;
	size_t held_count;
	uint64_t findings;	/* that passed */
	uint64_t overflowed;	/* events of unknown owner that found no room to wait */
};

/* 0 or -ENOMEM. `next` must outlive it. */
int tct_select_init(struct tct_select *select, const struct tct_select_config *config,
		    const struct tct_sink *next, struct tct_sink *ops);
void tct_select_fini(struct tct_select *select);

/* Whether events wait for their owner. */
bool tct_select_waits(const struct tct_select *select);

/* The owner of a socket as known now. */
typedef struct tct_task (*tct_owner_of)(void *ctx, uint64_t cookie);

/* After the owners were read again: print or drop what waits, drop what waited too long. */
void tct_select_flush(struct tct_select *select, tct_owner_of owner_of, void *ctx,
		      uint64_t now_ns);

#endif
