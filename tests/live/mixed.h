/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that both sides end by chance, in every way that needs no network but loopback. */
#ifndef LIVE_MIXED_H
#define LIVE_MIXED_H

#include <stdint.h>

struct mixed {
	const char *address;
	uint32_t seed;
	int connections;
	int kept;		/* as many are left open at the end */
};

/* For child_start(): makes the connections, says so, waits for a word, closes what it kept. */
void mixed_drive(int link, void *mixed);

#endif
