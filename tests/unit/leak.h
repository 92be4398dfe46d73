/* SPDX-License-Identifier: GPL-2.0 */
/* A process that leaks, as records. */
#ifndef LEAK_H
#define LEAK_H

#include "stream.h"
#include "test.h"

#define LEAK_LIMIT (60 * SECOND)	/* the default of CLOSE_WAIT */
#define LEAK_LOOK (LEAK_LIMIT / 4)	/* from a finding's opening to the first look at its growth */

/* An accepted connection at a local port that has just got the peer's FIN. */
void leak_enter(struct stream *stream, uint64_t cookie, uint16_t lport, uint64_t time_ns);

/* Whoever holds it closes it. */
void leak_close(struct stream *stream, uint64_t cookie, uint64_t time_ns);

/* A scan's second half: process 42 holds cookies `first` to `last` by descriptors from 5 on. */
void leak_owners(struct stream *stream, uint64_t first, uint64_t last, uint64_t time_ns);

/* A scan that finds no more than that. */
void leak_scan(struct stream *stream, uint64_t first, uint64_t last, uint64_t time_ns);

#endif
