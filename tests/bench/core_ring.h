/* SPDX-License-Identifier: GPL-2.0 */
/* Slots in memory, written as the programs do (bpf/slots.bpf.h), for the real consumer to read. */
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

/* Whether so many bytes have room, slots and all. */
bool ring_has_room(const struct ring *ring, size_t bytes);

void ring_put(struct ring *ring, const void *record, size_t len);

#endif
