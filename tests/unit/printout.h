/* SPDX-License-Identifier: GPL-2.0 */
/* A text sink and what it printed, data and messages alike. */
#ifndef PRINTOUT_H
#define PRINTOUT_H

#include <stdio.h>
#include "../../user/sink/text.h"

struct printout {
	struct tct_sink_text text;
	struct tct_sink sink;
	FILE *out;
	char *got;
	size_t size;
};

/* Anew, with what it printed before freed. The outputs of `config` are ours. */
void printout_begin(struct printout *p, struct tct_text_config config);

/* Harmless when nothing was begun. */
void printout_end(struct printout *p);

/* All of it so far. */
const char *printout_text(struct printout *p);

/* There are lines, and none is wider than 80 columns. */
void printout_expect_fits(struct printout *p);

#endif
