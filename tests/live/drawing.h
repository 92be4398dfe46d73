/* SPDX-License-Identifier: GPL-2.0 */
/* What `explain` printed: the drawings in it and their sentences. */
#ifndef LIVE_DRAWING_H
#define LIVE_DRAWING_H

/* The rows of the drawing that has this sentence, without what is different each time. */
void drawing_expect_rows(const char *text, const char *sentence, const char *expected);

/* Anywhere, in whichever lines they were broken. */
void drawing_expect_words(const char *text, const char *words);

#endif
