/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tracer's events, counted as the daemon counts them: transitions by edge, teardowns by kind, ends
 * of TIME_WAIT. `counts` is a JSON object, from the name of a sample with its labels to a number.
 */
#ifndef LIVE_TALLY_H
#define LIVE_TALLY_H

#include <stdbool.h>
#include <jansson.h>

#include "daemon.h"

/* Fit for tracer_start_to_file(): counts each, and keeps none. */
bool tally_enter(const json_t *event, void *counts);

/* Waits until the daemon has these and no others, and has lost nothing; else fails the test. */
void tally_expect(const struct daemon *d, const json_t *counts);

#endif
