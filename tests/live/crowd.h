/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Namespaces full of sockets in mixed states, where connections come and go all the time: one
 * process for each.
 */
#ifndef LIVE_CROWD_H
#define LIVE_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#define CROWD_NAMESPACES_MAX 32

struct crowd {
	int namespaces;
	int sockets;		/* of each namespace, minis included, that stay */
	int pause_us;		/* between two connections of a namespace; 0: as fast as it goes */
	int lives;		/* so many connections, then a new namespace; 0: the same for ever */
	bool starts_idle;	/* churns only once crowd_churn() was called */
};

struct crowd_run;

/* Returns when all sockets are there. They end with crowd_end() or the test program. */
struct crowd_run *crowd_start(const struct crowd *crowd);

/* Those that were started idle go on. */
void crowd_churn(struct crowd_run *run);

/* No connection comes or goes any more; what stays, stays. Returns how many there were. */
uint64_t crowd_stop(struct crowd_run *run);

/* The processes and so the namespaces are gone. */
void crowd_end(struct crowd_run *run);

#endif
