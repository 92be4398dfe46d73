/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where one scenario of the corpus plays: a child process, in a network namespace of its own which
 * ends with it. It names the sockets that it is about, in the order in which the corpus expects
 * their ends.
 */
#ifndef LIVE_STAGE_H
#define LIVE_STAGE_H

#include <stdbool.h>

#include "child.h"
#include "sockets.h"

enum stage_note_type { STAGE_SHOWN, STAGE_HELD, STAGE_SKIPPED, STAGE_DONE };

/* What the child tells. */
struct stage_note {
	enum stage_note_type type;
	struct end end;		/* SHOWN */
	char why[160];		/* SKIPPED */
};

/* Starts run() in a child; at_home without a namespace of its own. */
struct child stage_start(void (*run)(void), bool at_home);

/* Read from the child's link. One that has failed is DONE: its exit code tells. */
struct stage_note stage_hear(const struct child *child);

/* The rest is for the child. An end shown again is a connection of its own. */
void stage_show(const struct end *end);
struct end stage_show_fd(int fd);

/* Until the corpus has seen what it wants to see of the sockets as they are now. */
void stage_hold(void);

/* The same, and meanwhile again and again do that. */
void stage_hold_while(void (*act)(void *arg), void *arg);

#endif
