/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which port names the service? Of a socket that was seen opening it is known: ours for what a
 * listener made, the peer's for what we opened. Of those that were there before us it is inferred,
 * for the label and the grouping of findings only.
 */
#ifndef TCT_SIDES_H
#define TCT_SIDES_H

#include "mirrors.h"

/* One bit a port: something has been seen listening on it. */
struct tct_sides {
	uint8_t listening[65536 / 8];
};

/* From any thread. */
void tct_sides_listens(struct tct_sides *sides, uint16_t port);

/*
 * Marks each seeded socket: a port that listens here is the service's; failing that, the one of
 * its two that more sockets share; failing that, the lower. 0 or -ENOMEM.
 */
int tct_sides_infer(const struct tct_sides *sides, const struct tct_mirrors *mirrors);

/* The same of one that is found later, when there is no counting: whether it is the local port. */
bool tct_sides_guess(const struct tct_sides *sides, uint16_t lport, uint16_t rport);

#endif
