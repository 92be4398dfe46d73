/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A child process that plays one part of a scenario. Both sides talk over a socket pair; the
 * child dies with the test program, so that nothing is left behind when a test fails.
 */
#ifndef LIVE_CHILD_H
#define LIVE_CHILD_H

#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int link;	/* the parent's end; close-on-exec */
};

/* Runs part(link, arg) in a child, which exits 0 when that returns. */
struct child child_start(void (*part)(int link, void *arg), void *arg);

/* Whole messages of exactly that size, from either side. */
void child_tell(int link, const void *message, size_t size);
void child_hear(int link, void *message, size_t size);

/* A message without content: "go on", "done". */
void child_signal(int link);
void child_await(int link);

/* SIGKILL and reap; harmless on one that has ended. */
void child_kill(struct child *child);

/* Waits for its end; returns its exit code, or minus the signal that killed it. */
int child_wait(struct child *child);

#endif
