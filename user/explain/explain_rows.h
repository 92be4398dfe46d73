/* SPDX-License-Identifier: GPL-2.0 */
/* How rows are made; shared by those of a story's segments and those of its ends. */
#ifndef TCT_EXPLAIN_ROWS_H
#define TCT_EXPLAIN_ROWS_H

#include <string.h>
#include "explain_facts.h"

#define TCT_ROWS_FIT 28	/* how long what is sent may be, for the arrow to show */

/* A new row; what is beyond the last one is not drawn. */
struct tct_explain_row *tct_rows_add(struct tct_explain *explain, uint64_t key_ns);
struct tct_explain_row *tct_rows_send(struct tct_explain *explain, int from, uint64_t key_ns);

/*
 * Adds to what `side` sends, or to what is noted of it. A macro, since clang's analyzer misreads
 * va_list.
 */
#define tct_rows_say(row, side, ...) \
	do { \
		char *text_ = (row)->text[side]; \
		size_t len_ = strlen(text_); \
		snprintf(text_ + len_, TCT_EXPLAIN_TEXT - len_, __VA_ARGS__); \
	} while (0)

/* The state that `side` enters by this step, which may be NULL. */
void tct_rows_enter(const struct tct_explain *explain, struct tct_explain_row *row, int side,
		    const struct tct_story_step *step);

void tct_rows_put_ends(struct tct_explain *explain, uint64_t now_ns);

#endif
