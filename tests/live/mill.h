/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections over loopback one after the other, each of ten transitions and no more: both ends
 * open, the client closes, then the server.
 */
#ifndef LIVE_MILL_H
#define LIVE_MILL_H

#include "child.h"

#define MILL_TRANSITIONS 10	/* of one connection */

/* In the current namespace; its listener was there before. */
struct mill {
	struct child child;
	int listener;
};

struct mill mill_open(void);

/* From here on a few every millisecond, until it stops after a whole one. How many there were. */
void mill_start(struct mill *mill);
int mill_stop(struct mill *mill);
void mill_close(struct mill *mill);

/* So many, at once. */
void mill_grind(const struct mill *mill, int count);

#endif
