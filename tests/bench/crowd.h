/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CROWD_H
#define CROWD_H

#include <netinet/in.h>

enum crowd_verb { CROWD_LEAK, CROWD_MEND };

struct crowd_order {
	enum crowd_verb verb;
	unsigned int count; /* connections */
};

/* Times are of CLOCK_MONOTONIC: the first connection changed between the first two. */
struct crowd_answer {
	int err; /* 0 or -errno */
	unsigned int done;
	in_port_t port; /* network byte order */
	unsigned long long first_before_ns, first_after_ns, last_ns;
};

/*
 * A process of the crowd, number `index`: opens its connections, answers, then one answer for each order read from
 * fd. Returns when fd ends: its connections are reset then. The result is an exit code.
 */
int crowd_work(int fd, unsigned int index, unsigned int pairs);

#endif
