/* SPDX-License-Identifier: GPL-2.0 */
/* How a helper gives up: the test fails in the test program, a child process just ends. */
#ifndef LIVE_FATAL_H
#define LIVE_FATAL_H

#include <stdbool.h>

/* `what` names the step; errno is added to it. Returns only when ok. */
void fatal_unless(bool ok, const char *what);

/* Called once by a forked child, so that it never runs the rest of its parent's tests. */
void fatal_in_child(void);

/* Skips the running test: `why` is a thing that this machine lacks or forbids. In a child it does
 * what fatal_skip_by() set, and ends. */
void fatal_skip(const char *why);
void fatal_skip_by(void (*tell)(const char *why));

#endif
