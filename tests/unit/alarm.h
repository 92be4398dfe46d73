/* SPDX-License-Identifier: GPL-2.0 */
/* Findings as a sink of the service gets them, without a detector. */
#ifndef ALARM_H
#define ALARM_H

#include "../../user/core/event.h"

struct alarm {
	struct tct_finding ev;
	struct tct_holder holder;
};

/*
 * Finding 1: `count` sockets in CLOSE_WAIT at local port 80 that pid 42 of nginx.service holds, the
 * oldest as old as that; a warning.
 */
void alarm_init(struct alarm *alarm, uint32_t count, uint64_t oldest_ns);

/* As the core tells it at that time. */
void alarm_tell(struct alarm *alarm, const struct tct_sink *sink, enum tct_status status,
		uint64_t now_ns);

#endif
