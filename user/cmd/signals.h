/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals of a live run: noted, and told through an eventfd so that a wait ends. They are held
 * back during start-up, until all can be undone. A run that cannot end within seconds of one,
 * because its output is blocked, is ended at once.
 *
 * A loop: tct_signals_drain(), then look at what has come, then wait. What comes in between ends the
 * wait at once.
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

/* So that the next wait does wait, unless something comes from here on. */
void tct_signals_drain(void);

/* HUP ends no run any more: it asks for the configuration to be read again. */
void tct_signals_reload_on_hup(void);

/* HUP has come since the last call. */
bool tct_signals_take_hup(void);

/* INT or TERM has come, or HUP where it does not ask for a reload. */
bool tct_signals_stop(void);

/* USR1 has come since the last call. */
bool tct_signals_take_usr1(void);

#endif
