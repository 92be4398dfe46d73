/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For people: a line an event in 80 columns (or wide), findings as short paragraphs. Data goes to
 * `out`; what is about the tool itself (ready, loss, summary) goes to `messages`.
 */
#ifndef TCT_SINK_TEXT_H
#define TCT_SINK_TEXT_H

#include <stdio.h>
#include <time.h>
#include "../core/event.h"

struct tct_text_config {
	FILE *out;
	FILE *messages;
	bool wide;		/* -w */
	bool clock;		/* -T: wall clock */
	bool seconds;		/* -t: seconds since the start */
	bool color;
	bool audits;		/* those that found nothing and nobody asked for, too */
	uint32_t differences;	/* that are named, of an audit's */
	uint64_t real_offset_ns;
	uint64_t start_mono_ns;
};

struct tct_sink_text {
	struct tct_text_config config;
	bool titled;		/* the column titles are out */
	char clock[16];		/* -T: the time of `clock_second` */
	time_t clock_second;
	uint32_t differences;	/* since the last audit */
};

void tct_sink_text_init(struct tct_sink_text *sink, const struct tct_text_config *config,
			struct tct_sink *ops);

#endif
