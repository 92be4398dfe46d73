/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals of a live run: noted, and told through an eventfd so that a wait ends. They are held
 * back during start-up, until all can be undone. A run that cannot end within seconds of one,
 * because its output is blocked, is ended at once.
 */
#ifndef TCT_SIGNALS_H
#define TCT_SIGNALS_H

#include <stdbool.h>

/* Holds back INT, TERM, HUP and USR1 and opens the eventfd. The descriptor or a negative errno. */
int tct_signals_hold(void);
void tct_signals_release(void);

/* From here on the output's reader is waited for: a signal, or one that came, ends it in seconds. */
void tct_signals_bound_wait(void);

/* From any thread: ends a wait, if there is a run that waits. */
void tct_signals_wake(void);

/* INT, TERM or HUP has come. */
bool tct_signals_stop(void);

/* USR1 has come since the last call. */
bool tct_signals_take_usr1(void);

#endif
