/* SPDX-License-Identifier: GPL-2.0 */
/* The sink that the options ask for: text or JSON on stdout. */
#ifndef TCT_OUTPUT_H
#define TCT_OUTPUT_H

#include "../options.h"
#include "../sink/json.h"
#include "../sink/text.h"

struct tct_output {
	struct tct_sink_text text;
	struct tct_sink_json json;
	struct tct_sink sink;		/* text or JSON on stdout */
	struct tct_sink messages;	/* text on stderr, nothing else */
};

void tct_output_init(struct tct_output *output, const struct tct_options *options);

/* The times that are printed count from here. */
void tct_output_start(struct tct_output *output, uint64_t real_offset_ns, uint64_t start_mono_ns);

/* What is on its way to stdout; a failure logs one line. */
enum tct_exit tct_output_flush(void);

/* Columns of the terminal on stdout; 80 where there is none. */
int tct_output_columns(void);

#endif
