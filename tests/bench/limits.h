/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LIMITS_H
#define LIMITS_H

/* The kernel's own counters (of this network namespace) that explain a rate lower than the processor's. */
struct limits {
	unsigned long long tw_overflow;	    /* TIME_WAIT not created: bucket limit */
	unsigned long long listen_overflow; /* accept queue was full */
	unsigned long long retransmitted;   /* segments sent again: each costs 200 ms or more */
	unsigned long long idle_ticks;	    /* of the whole machine */
	unsigned long long busy_ticks;
};

/* Reads /proc. What cannot be read stays 0. */
void limits_read(struct limits *now);

/*
 * One word for what held the rate of so many connections back between the two readings; no_port counts connects
 * that found no free port.
 */
const char *limits_name(const struct limits *before, const struct limits *after, unsigned long connections,
			unsigned long no_port);

#endif
