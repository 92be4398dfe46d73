/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The corpus: ways in which a connection can end, and what must be told of each. One row of a
 * table a scenario; one tracer watches them all.
 */
#ifndef LIVE_CORPUS_H
#define LIVE_CORPUS_H

#include <stdbool.h>

#define CORPUS_SOCKETS_MAX 6

/* Each connection of the corpus has one of these, or one of peer.h or wire.h, at a side or both. */
#define CORPUS_HOME "127.0.40.1"	/* at_home */
#define CORPUS_V4 "127.0.41.1"
#define CORPUS_V6 "::1"

/* Of one socket, in the order in which the scenario shows them. What is NULL is not looked at. */
struct expected {
	const char *kind;	/* "none": no teardown at all; NULL: this row ends the list */
	const char *closer;
	const char *more;	/* what else must hold of the teardown, as fields_hold() has it */
	const char *ends[2];	/* of its time_wait records, in order */
	/*
	 * Of the last of these, at least: as stock tracepoints tell, which miss one into the same
	 * slot of the timer wheel; and as the other providers do.
	 */
	int rearmed[2];
	const char *verdict;	/* of the finding while the scenario holds */
};

struct scenario {
	const char *name;
	void (*run)(void);
	bool waits;		/* for seconds: it is started first and looked at in its turn */
	bool at_home;		/* in the namespace whose sockets the tracer reads */
	struct expected expected[CORPUS_SOCKETS_MAX];
};

/* The families: each ends with a row without a name. */
extern const struct scenario corpus_close[], corpus_lost[], corpus_open[], corpus_reset[],
	corpus_abort[], corpus_timeout[], corpus_timewait[], corpus_process[], corpus_stuck[],
	corpus_odd[];

/* Runs them all as cmocka tests; returns what main() does. */
int corpus_run(const struct scenario *const families[], int count);

#endif
