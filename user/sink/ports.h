/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local ports that TIME_WAIT keeps from one destination: what a client runs out of. Events alone do
 * not tell all of them, see tct_metrics: whoever knows better counts anew.
 */
#ifndef TCT_PORTS_H
#define TCT_PORTS_H

#include "../core/event.h"

#define TCT_PORTS_MAX 4096	/* destinations; a new one replaces one that has no ports */

struct tct_port_use {
	uint32_t netns;
	uint16_t rport;
	uint8_t family;
	uint8_t laddr[16];
	uint8_t raddr[16];
	uint32_t count;
	uint32_t chain;		/* of its bucket, from 1; 0: the last */
};

struct tct_ports {
	uint16_t first, last;	/* the ports that the kernel chooses from, inclusive */
	struct tct_port_use *uses;
	uint32_t used;
	uint32_t idle;		/* of those: without any port */
	uint32_t buckets[TCT_PORTS_MAX];
	uint64_t untold;	/* ports of destinations that found no room */
};

/* 0 or -ENOMEM. */
int tct_ports_init(struct tct_ports *ports, uint16_t first, uint16_t last);
void tct_ports_fini(struct tct_ports *ports);

/* None is in TIME_WAIT. */
void tct_ports_clear(struct tct_ports *ports);

void tct_ports_enter(struct tct_ports *ports, const struct tct_subject *who);
void tct_ports_leave(struct tct_ports *ports, const struct tct_subject *who);

/* Of the destination that has the most. */
uint32_t tct_ports_most(const struct tct_ports *ports);

#endif
