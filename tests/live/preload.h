/* SPDX-License-Identifier: GPL-2.0 */
/* A library of tests/live/preload that comes before libc in the program under test. */
#ifndef LIVE_PRELOAD_H
#define LIVE_PRELOAD_H

/*
 * For all that is started from here on. Skips the running test where the library is not beside the
 * test program, or a sanitizer wants to be the first.
 */
void preload_open(const char *library);

/* Harmless when there is none. */
void preload_close(void);

#endif
