/* SPDX-License-Identifier: GPL-2.0 */
/* The sink that the options ask for: text or JSON on stdout. */
#ifndef TCT_OUTPUT_H
#define TCT_OUTPUT_H

#include "../options.h"
#include "../sink/gate.h"
#include "../sink/json.h"
#include "../sink/text.h"

struct tct_output {
	struct tct_sink_text text;
	struct tct_sink_json json;
	struct tct_sink printed;	/* text or JSON on stdout */
	struct tct_gate gate;
	struct tct_sink sink;		/* that, behind the gate */
	struct tct_sink messages;	/* text on stderr, nothing else */
};

/* For what is printed at once: a slow reader of stdout is waited for. */
void tct_output_init(struct tct_output *output, const struct tct_options *options);

/*
 * For a run: while it lasts nobody waits for the reader of stdout. What it does not take waits in
 * memory, in bounds, and beyond them whole events are left out and counted. A replay has time.
 */
void tct_output_init_live(struct tct_output *output, const struct tct_options *options);

/* For what a command prints in between, beside the sink: whether there is room; else counted. */
bool tct_output_admits(struct tct_output *output, uint64_t mono_ns);

/* The run is over and the result comes: from here on the reader is waited for. */
void tct_output_wait(struct tct_output *output);

/* The times that are printed count from here. */
void tct_output_start(struct tct_output *output, uint64_t real_offset_ns, uint64_t start_mono_ns);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC is that from now on. */
void tct_output_set_clock(struct tct_output *output, uint64_t real_offset_ns);

/* Whether all that was flushed has been written. */
bool tct_output_is_written(void);

/* What is on its way to stdout; a failure logs one line. */
enum tct_exit tct_output_flush(void);

/*
 * After all was printed: writes what waits. A reader that takes nothing for two seconds does not
 * get the rest, unless its command waits for it; how much that was is said. Returns `status`, or
 * failure when only this failed.
 */
enum tct_exit tct_output_end(struct tct_output *output, enum tct_exit status);

/* Columns of the terminal on stdout; 80 where there is none. */
int tct_output_columns(void);

#endif
