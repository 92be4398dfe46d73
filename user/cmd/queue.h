/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes on their way to a descriptor. A thread of its own writes them, so that who prints never
 * waits for who reads. It bounds nothing by itself: who prints looks at how much waits. Lines are
 * written whole as far as a pipe takes them whole (PIPE_BUF), so that giving up leaves none torn.
 */
#ifndef TCT_QUEUE_H
#define TCT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct tct_queue;

/* `broken`, or NULL, is called by its thread when writing has failed. Returns NULL with errno set. */
struct tct_queue *tct_queue_new(int fd, void (*broken)(void));

/* A stream into it, the caller's to close before the queue; writing to it fails once `fd` did. */
FILE *tct_queue_open(struct tct_queue *queue);

/* Bytes that wait. */
size_t tct_queue_waiting(const struct tct_queue *queue);

/* There is no memory for more: who prints on will fail. */
bool tct_queue_is_full(const struct tct_queue *queue);

/* From now on whoever prints waits while more than that waits. */
void tct_queue_bound(struct tct_queue *queue, size_t bound);

/* What writing failed with, a positive errno; 0: it did not. */
int tct_queue_error(const struct tct_queue *queue);

/*
 * Nothing more will be printed: waits until all is written or writing has failed. False when so
 * many milliseconds passed first.
 */
bool tct_queue_wait(struct tct_queue *queue, int timeout_ms);

/* Writes no more. Returns how many lines waited, and frees all but what a blocked write holds. */
size_t tct_queue_free(struct tct_queue *queue);

#endif
