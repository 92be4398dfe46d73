/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connections a user means: one by its cookie, as JSON (1234) or ss -e (sk:4d2) show it; by
 * both its ends (127.0.0.1:80-127.0.0.1:4000, in either order); or all that have such an end.
 */
#ifndef TCT_PICK_H
#define TCT_PICK_H

#include "endpoint.h"

enum tct_pick_by { TCT_PICK_ALL, TCT_PICK_COOKIE, TCT_PICK_TUPLE, TCT_PICK_ENDPOINT };

struct tct_pick {
	enum tct_pick_by by;
	uint64_t cookie;
	struct tct_endpoint ends[2];
};

/* 0 or -EINVAL. */
int tct_pick_parse(const char *text, struct tct_pick *pick);

/* One connection is meant: by its cookie or by both its ends. */
bool tct_pick_is_one(const struct tct_pick *pick);

/* Whether this socket is meant. By a tuple: it or its peer. */
bool tct_pick_is(const struct tct_pick *pick, const struct tct_subject *who);

/* Whether it could turn out to be: its port may not be chosen yet, or it is the peer of one. */
bool tct_pick_may_be(const struct tct_pick *pick, const struct tct_subject *who);

#endif
