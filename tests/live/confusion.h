/* SPDX-License-Identifier: GPL-2.0 */
/* A confusion table: what was expected by what was reported. All on the diagonal is right. */
#ifndef LIVE_CONFUSION_H
#define LIVE_CONFUSION_H

#define CONFUSION_MAX 20

struct confusion {
	const char *title;
	const char *names[CONFUSION_MAX];	/* rows and columns; copies */
	int count;
	int cells[CONFUSION_MAX][CONFUSION_MAX];	/* expected, reported */
};

/* NULL is a value of its own: nothing. */
void confusion_enter(struct confusion *c, const char *expected, const char *reported);

/* In at most 80 columns; forgets all. */
void confusion_print(struct confusion *c);

#endif
