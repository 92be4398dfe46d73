/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ring in memory as the kernel would have it, for the real consumer to read: the data mapped twice
 * in a row, each record behind a BPF ring header.
 */
#ifndef BENCH_CORE_RING_H
#define BENCH_CORE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include "../../user/source/consumer.h"

struct ring {
	struct tct_consumer consumer;
	unsigned long consumed;
	unsigned long produced;
	char *data;
	size_t size;
};

/* `size`: a power of two, of whole pages. 0 or -1 with errno set. */
int ring_open(struct ring *ring, size_t size);
void ring_close(struct ring *ring);

/* Whether so many bytes of records, `count` of them, have room. */
bool ring_has_room(const struct ring *ring, size_t bytes, size_t count);

/* Room for a record of `len` bytes, already submitted. */
void *ring_put(struct ring *ring, size_t len);

#endif
