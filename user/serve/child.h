/* SPDX-License-Identifier: GPL-2.0 */
/* One run of a command that reads a text: started, fed, timed and reaped without waiting. */
#ifndef TCT_CHILD_H
#define TCT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tct_child {
	pid_t pid;		/* and its process group; 0: none runs */
	int input;		/* the pipe to its stdin, -1: all is written */
	char *text;		/* its own; free() */
	size_t len;
	size_t written;
	uint64_t look_ns;	/* when to tick next */
	uint64_t rest_ns;	/* and how long after that */
	uint64_t term_ns;	/* its time is over */
	uint64_t kill_ns;	/* and it did not go: UINT64_MAX while it has time */
};

/*
 * Starts it, and takes over `text`. Signals are as a program expects them, descriptors but the three
 * closed, priority is the ordinary one. 0 or a negative errno, then `text` is the caller's still.
 */
int tct_child_start(struct tct_child *child, char *const *argv, char *const *env, char *text,
		    size_t len, uint64_t now_ns, uint64_t timeout_ns);

/* Feeds it, ends it when its time is over. True: it has ended, with `*status` as of wait(2). */
bool tct_child_tick(struct tct_child *child, uint64_t now_ns, int *status);

/* Whether its time was over. */
bool tct_child_was_late(const struct tct_child *child);

/* Kills it with its group, and waits for it. */
void tct_child_end(struct tct_child *child);

#endif
