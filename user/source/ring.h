/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reader's half of the wake-up protocol (bpf/emit.bpf.h): drain, rest for a batching interval,
 * and only when a drain found nothing arm the flag, look once more, and sleep. At most 100
 * wake-ups a second under load, none on an idle host, no polling.
 */
#ifndef TCT_RING_H
#define TCT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "snapshot.h"

struct tct_ring;

/*
 * `asleep` is the flag shared with the kernel side. A wait ends when `stop_fd`, an eventfd of the
 * caller's, is readable. Returns NULL with errno set.
 */
struct tct_ring *tct_ring_new(int map_fd, volatile uint32_t *asleep, int stop_fd, tct_record_fn fn,
			      void *ctx);
void tct_ring_free(struct tct_ring *ring);

/* A wait ends also when this one is readable. 0, or -1 with errno set. */
int tct_ring_watch(struct tct_ring *ring, int fd);

/* Hands on what is there, bounded so that deadlines are kept. Number of records, or -errno. */
int tct_ring_drain(struct tct_ring *ring);

/* Whether the last drain left nothing of what was there, or being written, when it began. */
bool tct_ring_is_drained(const struct tct_ring *ring);

/* Records handed on since the start. */
uint64_t tct_ring_received(const struct tct_ring *ring);

/* Bytes that wait to be read, now. */
size_t tct_ring_level(const struct tct_ring *ring);

/*
 * From here on reading goes on at `position` of the ring, and the programs are told only by
 * tct_ring_release() that what was read is no longer needed.
 */
void tct_ring_hold(struct tct_ring *ring, uint64_t position);
void tct_ring_release(struct tct_ring *ring);
bool tct_ring_is_held(const struct tct_ring *ring);

/* Of the next record; of the end, what is being written included. Both only grow. */
uint64_t tct_ring_position(const struct tct_ring *ring);
uint64_t tct_ring_end(const struct tct_ring *ring);

/* Transitions of full sockets that wait to be read. */
uint64_t tct_ring_waiting(const struct tct_ring *ring);

/* Waits for records until `deadline_ns` at the latest. 0 or a negative errno. */
int tct_ring_wait(struct tct_ring *ring, uint64_t deadline_ns);

#endif
