/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reader's half of the wake-up protocol (bpf/emit.bpf.h): drain, rest for a batching interval,
 * and only when a drain found nothing arm the flag, look once more, and sleep. At most 100
 * wake-ups a second under load, none on an idle host, no polling.
 *
 * There may be several rings, each of its own sockets; one reader waits for all of them. When there
 * is enough in them they are read side by side, each by a thread of its own.
 */
#ifndef TCT_RING_H
#define TCT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "slots.h"

struct tct_ring;

/*
 * A record from one of them, `number` counting from 0: its size or a negative errno. Side by side
 * it is called from several threads at once, each with its own number.
 */
typedef int (*tct_ring_fn)(void *ctx, unsigned int number, const void *data, size_t len);

/* A place in each of them. */
struct tct_ring_mark {
	uint64_t at[TCT_SHARDS_MAX];
};

struct tct_ring_config {
	unsigned int count;		/* 1 to TCT_SHARDS_MAX */
	int map_fds[TCT_SHARDS_MAX];	/* the first one alone where there are slots */
	struct tct_slots slots;		/* in place of the rings, of which the first then wakes */
	volatile uint32_t *asleep;	/* the flag shared with the kernel side */
	int stop_fd;			/* an eventfd of the caller's: ends a wait when readable */
	tct_ring_fn fn;
	/* A record that fn() will get soon, in the same thread; NULL: nobody prepares for it. */
	void (*foresee)(void *ctx, unsigned int number, const void *data, size_t len);
	void *ctx;
};

/* NULL with errno set. */
struct tct_ring *tct_ring_new(const struct tct_ring_config *config);
void tct_ring_free(struct tct_ring *ring);

/* A wait ends also when this one is readable. 0, or -1 with errno set. */
int tct_ring_watch(struct tct_ring *ring, int fd);

/*
 * Hands on what is there, bounded so that deadlines are kept. Number of records, or -errno.
 * `together`: side by side, if that pays.
 */
int tct_ring_drain(struct tct_ring *ring, bool together);

/* How often they were read side by side. */
uint64_t tct_ring_together(const struct tct_ring *ring);

/* Whether the last drain left nothing of what was there, or being written, when it began. */
bool tct_ring_is_drained(const struct tct_ring *ring);

/* Records handed on since the start. */
uint64_t tct_ring_received(const struct tct_ring *ring);

/* Bytes that wait to be read, now, in the fullest; and what one has room for. */
size_t tct_ring_level(const struct tct_ring *ring);
size_t tct_ring_size(const struct tct_ring *ring);

/* Where the programs will write next; whether all before that has been read. */
struct tct_ring_mark tct_ring_ends(const struct tct_ring *ring);
bool tct_ring_has_passed(const struct tct_ring *ring, const struct tct_ring_mark *mark);

/* Where the next record of one of them is. */
uint64_t tct_ring_at(const struct tct_ring *ring, unsigned int number);

/*
 * What follows is for one ring only. From here on reading goes on at `position` of the ring, and
 * the programs are told only by tct_ring_release() that what was read is no longer needed.
 */
void tct_ring_hold(struct tct_ring *ring, uint64_t position);
void tct_ring_release(struct tct_ring *ring);
bool tct_ring_is_held(const struct tct_ring *ring);

/* Of the next record; of the end, what is being written included. Both only grow. */
uint64_t tct_ring_position(const struct tct_ring *ring);
uint64_t tct_ring_end(const struct tct_ring *ring);

/* Transitions of full sockets that wait to be read. */
uint64_t tct_ring_waiting(const struct tct_ring *ring);

/* Of all: waits for records until `deadline_ns` at the latest. 0 or a negative errno. */
int tct_ring_wait(struct tct_ring *ring, uint64_t deadline_ns);

#endif
