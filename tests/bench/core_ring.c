// SPDX-License-Identifier: GPL-2.0
#include "core_ring.h"

#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *map_twice(int fd, size_t size)
{
	char *at = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	for (int i = 0; i < 2; i++) {
		if (mmap(at + i * size, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) == MAP_FAILED)
			return NULL;
	}
	return at;
}

int ring_open(struct ring *ring, size_t size)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	*ring = (struct ring){ .size = size };
	if (!ftruncate(fd, (off_t)size))
		ring->data = map_twice(fd, size);
	close(fd);
	ring->consumer = (struct tct_consumer){
		.consumed = &ring->consumed, .produced = &ring->produced,
		.data = ring->data, .size = size,
	};
	return ring->data ? 0 : -1;
}

void ring_close(struct ring *ring)
{
	if (ring->data)
		munmap(ring->data, 2 * ring->size);
}

static size_t taken_by(size_t len)
{
	return (len + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7;
}

bool ring_has_room(const struct ring *ring, size_t bytes, size_t count)
{
	return ring->produced - ring->consumed + bytes + count * taken_by(0) <= ring->size;
}

void *ring_put(struct ring *ring, size_t len)
{
	char *at = ring->data + (ring->produced & (ring->size - 1));
	const uint32_t header[2] = { (uint32_t)len, 0 };

	memcpy(at, header, sizeof(header));
	ring->produced += taken_by(len);
	return at + sizeof(header);
}
