/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs of others, as a distribution has them, run beside a test in its network namespace. What
 * tells them what to do is in tests/real/.
 */
#ifndef LIVE_SERVICE_H
#define LIVE_SERVICE_H

#include <stdint.h>

/* Skips the running test, by name, where that program is not installed. */
void service_need(const char *path);

/*
 * Runs argv, whose first is a path and whose last is NULL, in a process group of its own, and
 * waits until it listens on that port of 127.0.0.1 (0: does not wait). Returns our end of a socket
 * pair that is its standard input: see child_signal() and child_await().
 */
int service_start(const char *const argv[], uint16_t port);

/* Runs it to its end; fails the test when that is not exit code 0. */
void service_run(const char *const argv[]);

/* An empty directory for them. */
const char *service_dir(void);

/* Kills all with their children, and removes the directory. Harmless when there is nothing. */
void service_stop_all(void);

#endif
