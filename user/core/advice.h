/* SPDX-License-Identifier: GPL-2.0 */
/* What a lingering state means and what to do, in words: one const table. */
#ifndef TCT_ADVICE_H
#define TCT_ADVICE_H

#include "event.h"

/* The rule's name, `stuck-close-wait` and the like; NULL when the state has none. */
const char *tct_stuck_rule(enum tct_state state);

/*
 * One line. `held`: some process has a descriptor. `leaks`: they become ever more, or soon take all
 * descriptors; else a program that has read the EOF may as well be at work on its answer.
 */
const char *tct_advice(enum tct_state state, enum tct_verdict verdict, bool held, bool leaks);

#endif
