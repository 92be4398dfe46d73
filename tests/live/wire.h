/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two hosts and the wire between them: two network namespaces, each with a TUN device, and us who
 * carry the packets. What is not carried stays where it is, so that segments can be made to cross;
 * what is to be lost is dropped.
 *
 *   socket of side 0 -- 10.9.0.1 tct0 -- wire_carry() -- tct0 10.9.0.2 -- socket of side 1
 *
 * Nothing moves but in calls from here: sockets must not block.
 */
#ifndef LIVE_WIRE_H
#define LIVE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "sockets.h"

struct wire {
	int tun[2];
	int netns[2];
	struct wire_loss {
		int side;		/* whose */
		const char *flags;	/* as segment_has() */
		int count;		/* how many are still to be lost */
	} loss;
};

/* The caller is in side 0's namespace afterwards. */
void wire_open(struct wire *w);

/* From here on sockets and sysctls are of that side. */
void wire_at(struct wire *w, int side);

/* The next so many segments of that side with these flags are lost. */
void wire_lose(struct wire *w, int side, const char *flags, int count);

/* Carries until `holds`, and fails the test when it does not in time. */
void wire_carry(struct wire *w, bool (*holds)(const void *arg), const void *arg);
void wire_carry_to_state(struct wire *w, int fd, int state);
void wire_carry_to_mini(struct wire *w, int side, const struct end *end, int substate);

/* Until what was to be lost is. */
void wire_carry_to_loss(struct wire *w);

/* A socket of that side, bound, that does not block. */
int wire_socket(struct wire *w, int side, uint16_t port);
void wire_connect(int fd, int to_side, uint16_t port);

/* Client at side 0, server at side 1. */
struct pair wire_pair(struct wire *w);

#endif
