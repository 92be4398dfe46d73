/* SPDX-License-Identifier: GPL-2.0 */
/* How a sentence is made of parts; shared by what tells how it closed and what broke it off. */
#ifndef TCT_EXPLAIN_WORDS_H
#define TCT_EXPLAIN_WORDS_H

#include <string.h>
#include "explain_facts.h"

#define NAME "AB"

/* A macro, since clang's analyzer misreads va_list. */
#define add(explain, ...) \
	do { \
		char *text_ = (explain)->sentence; \
		size_t len_ = strlen(text_); \
		snprintf(text_ + len_, TCT_EXPLAIN_SENTENCE - len_, __VA_ARGS__); \
	} while (0)

/* What follows is a new part of the sentence. */
void tct_words_part(struct tct_explain *explain);
const char *tct_words_plural(int64_t count);

/* How an end that was broken off came to that; nothing of another. */
void tct_words_say_break(struct tct_explain *explain, int side);

#endif
