/* SPDX-License-Identifier: GPL-2.0 */
/* Asking a tracer for audits, and what a stream that is too long to be kept says of its mirror. */
#ifndef LIVE_AUDITS_H
#define LIVE_AUDITS_H

#include "tracer.h"

struct audits_tally {
	uint64_t teardowns;
	uint64_t findings;
	uint64_t drift;		/* over all audits */
	uint32_t audits;
};

/* For tracer_start_to_file(): counts into a struct audits_tally, keeps what is rare. */
bool audits_enter(const json_t *event, void *tally);

/* By SIGUSR1; waits for it. */
const json_t *audits_ask(struct tracer *t);

/* All that was not as in the kernel. */
int64_t audits_drift(const json_t *audit);

void audits_print(const json_t *audit);

/* Nothing differs, every namespace was read, and the kernel has so many sockets. */
void audits_expect_none(const json_t *audit, int64_t at_least);

#endif
