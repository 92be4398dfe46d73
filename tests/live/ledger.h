/* SPDX-License-Identifier: GPL-2.0 */
/* The books of a flood: too many transitions to keep, so each is entered and let go. */
#ifndef LIVE_LEDGER_H
#define LIVE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#include "sockets.h"

#define LEDGER_STATES 12

struct ledger {
	struct end listeners[2];	/* whose connections count */
	struct ledger_row *rows;	/* by cookie */
	uint32_t sockets;	/* cookies seen */
	uint32_t closed;	/* of these, now in CLOSE again */
	uint32_t broken;	/* steps that did not start where the one before had ended */
	uint32_t pairs[LEDGER_STATES][LEDGER_STATES];	/* from, to: kernel state numbers - 1 */
};

struct ledger ledger_open(void);
void ledger_close(struct ledger *l);

/* Fit for tracer_start_to_file(); keeps all but legal transitions. */
bool ledger_enter(const json_t *event, void *ledger);

/* How often; NULL stands for any state. */
uint32_t ledger_count(const struct ledger *l, const char *from, const char *to);

#endif
