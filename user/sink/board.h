/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sink that keeps what is open: each finding as it was told last, as a line of JSON and in
 * numbers. An illegal transition, which nothing ends, stays for an hour.
 */
#ifndef TCT_BOARD_H
#define TCT_BOARD_H

#include "json.h"
#include "services.h"

#define TCT_BOARD_MAX 20000	/* findings; more are counted */

struct tct_board_entry {
	uint32_t id;
	const char *rule;
	enum tct_severity severity;
	enum tct_state state;
	uint32_t service;	/* its place among the services */
	int64_t oldest_ns;	/* as told last, and so: */
	uint64_t told_ns;
	struct tct_outlook outlook;	/* growth_per_s is negative when nobody knows it */
	uint32_t standing_count;	/* as somebody who can look has noted last: how many there
					 * are, and since when the oldest is; 0: not known */
	uint64_t standing_since_ns;
	char *json;		/* without its line end */
	size_t len;
};

struct tct_board {
	struct tct_board_entry *entries;	/* by id */
	size_t count;
	size_t room;
	uint64_t missed;	/* findings that found no room */
	struct tct_services services;
	struct tct_sink_json printer;
	struct tct_sink print;
	FILE *line;		/* in memory */
	char *text;
	size_t size;
};

/* 0 or -ENOMEM. `board` must not move. */
int tct_board_init(struct tct_board *board, uint32_t max_services, struct tct_sink *ops);
void tct_board_fini(struct tct_board *board);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, for the times in JSON. */
void tct_board_set_clock(struct tct_board *board, uint64_t real_offset_ns);

/* Takes down what has been there for long enough and nothing will end. */
void tct_board_tick(struct tct_board *board, uint64_t now_ns);

/* The place of the first whose id is above that. */
size_t tct_board_after(const struct tct_board *board, uint32_t id);

/* NULL: it is not there. */
struct tct_board_entry *tct_board_find(const struct tct_board *board, uint32_t id);

#endif
