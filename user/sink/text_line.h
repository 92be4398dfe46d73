/* SPDX-License-Identifier: GPL-2.0 */
/* What lines about single sockets begin with. Made by hand: printf takes longer than all else. */
#ifndef TCT_TEXT_LINE_H
#define TCT_TEXT_LINE_H

#include "text.h"

/* Room for a line; of its columns, in 80, what comes after this many is the event's. */
#define TCT_TEXT_LINE 1024
#define TCT_TEXT_SUBJECT 46	/* PID to REMOTE */

/* Whether -T or -t puts a time first, which takes this many columns. */
bool tct_text_has_stamp(const struct tct_sink_text *sink);
#define TCT_TEXT_STAMP 9

/* That time, or nothing. Returns where the line goes on. */
char *tct_text_stamp(struct tct_sink_text *sink, uint64_t mono_ns, char *out);

/* PID to REMOTE, with the time, and above the first line the titles. Likewise. */
char *tct_text_subject(struct tct_sink_text *sink, uint64_t mono_ns, const struct tct_subject *who,
		       char line[TCT_TEXT_LINE]);

/* The line goes to the output, with its end. */
void tct_text_put(const struct tct_sink_text *sink, char line[TCT_TEXT_LINE], char *end);

#endif
