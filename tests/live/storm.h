/* SPDX-License-Identifier: GPL-2.0 */
/* Connections in the current namespace, as fast as they go. */
#ifndef LIVE_STORM_H
#define LIVE_STORM_H

#define STORM_TRANSITIONS 10	/* of one connection that is closed in order, both ends */

/* So many, one after the other, each closed in order; returns when all are. */
void storm_run(int connections);

/* Without an end, by so many processes; each ends by a reset, and leaves nothing behind. */
void storm_start(int drivers);

/* Harmless when there is none. */
void storm_stop(void);

#endif
