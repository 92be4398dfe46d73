/* SPDX-License-Identifier: GPL-2.0 */
/* A sink that counts how long sockets stay in one state; TIME_WAIT by end reason. */
#ifndef TCT_SINK_HIST_H
#define TCT_SINK_HIST_H

#include "../core/event.h"
#include "../core/histogram.h"
#include "json.h"

#define TCT_HIST_SERIES 16

_Static_assert((int)TCT_STATES <= TCT_HIST_SERIES && (int)TCT_ENDS <= TCT_HIST_SERIES, "series");

struct tct_sink_hist {
	enum tct_state state;
	uint64_t unknown;	/* stays whose beginning was not seen */
	uint64_t from_ns;
	/* by end reason for TIME_WAIT, by the state that came next for others; NULL while empty */
	struct tct_histogram *series[TCT_HIST_SERIES];
};

void tct_sink_hist_init(struct tct_sink_hist *sink, enum tct_state state, struct tct_sink *ops);
void tct_sink_hist_fini(struct tct_sink_hist *sink);

/* Bars that fit in `columns`. */
void tct_sink_hist_print(const struct tct_sink_hist *sink, FILE *out, int columns);

/* One `hist` line a series. */
void tct_sink_hist_json(const struct tct_sink_hist *sink, struct tct_sink_json *json,
			uint64_t now_ns);

#endif
