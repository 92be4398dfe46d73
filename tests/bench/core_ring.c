// SPDX-License-Identifier: GPL-2.0
#include "core_ring.h"

#include <string.h>
#include <sys/mman.h>

int ring_open(struct ring *ring, size_t size)
{
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (data == MAP_FAILED)
		return -1;
	*ring = (struct ring){ .data = data, .size = size };
	ring->consumer = (struct tct_consumer){
		.slots = true, .consumed = &ring->consumed, .produced = &ring->produced,
		.data = data, .size = size,
	};
	return 0;
}

void ring_close(struct ring *ring)
{
	if (ring->data)
		munmap(ring->data, ring->size);
}

bool ring_has_room(const struct ring *ring, size_t bytes)
{
	return ring->produced - ring->consumed + bytes <= ring->size;
}

void ring_put(struct ring *ring, const void *record, size_t len)
{
	const char *from = record;

	while (len) {
		struct tct_slot *slot = (void *)(ring->data + (ring->produced & (ring->size - 1)));
		size_t part = len < sizeof(slot->part) ? len : sizeof(slot->part);

		memcpy(slot->part, from, part);
		ring->produced += sizeof(*slot);
		slot->end = ring->produced;
		from += part;
		len -= part;
	}
}
