/* SPDX-License-Identifier: GPL-2.0 */
/* Findings of a tracer, or of `stuck`, by the socket or the port that they are about. */
#ifndef LIVE_FINDING_H
#define LIVE_FINDING_H

#include "sockets.h"
#include "tracer.h"

/* What is 0 or NULL may be anything. */
struct finding_wanted {
	uint64_t cookie;	/* of its one socket */
	uint16_t lport;		/* service_lport */
	int id;
	int count;
	const char *state;
	const char *verdict;
	const char *severity;
	const char *status;
};

/* Waits for it; fails the test when it does not come. */
const json_t *finding_wait(struct tracer *t, struct finding_wanted want);

/* So many that were told already. */
int finding_count(const struct tracer *t, struct finding_wanted want);

/* Runs `stuck` with that --stuck until it shows it, which must be soon. The caller drops it. */
json_t *finding_stuck(const char *thresholds, struct finding_wanted want);

#endif
