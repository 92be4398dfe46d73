// SPDX-License-Identifier: GPL-2.0
/*
 * How connections really end: each scenario is one row of a family's table (corpus_*.c), with its
 * timeline above its function. At the end: what was expected by what was reported.
 */
#include <signal.h>

#include "corpus.h"

int main(void)
{
	const struct scenario *const families[] = {
		corpus_close, corpus_lost, corpus_open, corpus_reset, corpus_abort,
		corpus_timeout, corpus_timewait, corpus_process, corpus_stuck, corpus_odd,
	};

	signal(SIGPIPE, SIG_IGN);
	return corpus_run(families, sizeof(families) / sizeof(families[0]));
}
