// SPDX-License-Identifier: GPL-2.0
#include "ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#include "clock.h"

#define REST_NS 10000000ull
#define BATCH_MAX 65536
#define MILLISECOND 1000000ull

struct tct_ring {
	struct ring_buffer *buffer;
	volatile uint32_t *asleep;
	tct_record_fn fn;
	void *ctx;
	int epoll_fd;
	int stop_fd;		/* the caller's */
	/* the kernel's own positions, in bytes (kernel/bpf/ringbuf.c) */
	const volatile unsigned long *consumed;
	const volatile unsigned long *produced;
	uint64_t received;	/* records, since the start */
	int batch;		/* records of this drain */
	int err;		/* of the consumer */
};

static int on_record(void *ctx, void *data, size_t len)
{
	struct tct_ring *ring = ctx;
	int size;

	ring->received++;
	size = ring->fn(ring->ctx, data, len);
	if (size < 0) {
		ring->err = size;
		return size;
	}
	/* a negative value ends the drain; this record counts as consumed */
	return ++ring->batch >= BATCH_MAX ? -EAGAIN : 0;
}

/* Edge-triggered: only a forced wake-up of the kernel side is an event, never data by itself. */
static int watch(struct tct_ring *ring, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* The first page has the reader's position, the second the programs'. */
static int map_positions(struct tct_ring *ring, int map_fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *consumed = mmap(NULL, page, PROT_READ, MAP_SHARED, map_fd, 0);
	void *produced;

	if (consumed == MAP_FAILED)
		return -1;
	ring->consumed = consumed;
	produced = mmap(NULL, page, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (produced == MAP_FAILED)
		return -1;
	ring->produced = produced;
	return 0;
}

static void unmap_positions(struct tct_ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (ring->consumed)
		munmap((void *)ring->consumed, page);
	if (ring->produced)
		munmap((void *)ring->produced, page);
}

static int open_fds(struct tct_ring *ring, int map_fd)
{
	ring->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ring->epoll_fd < 0)
		return -1;
	if (watch(ring, map_fd, EPOLLIN | EPOLLET) || watch(ring, ring->stop_fd, EPOLLIN))
		return -1;
	if (map_positions(ring, map_fd))
		return -1;
	ring->buffer = ring_buffer__new(map_fd, on_record, ring, NULL);
	return ring->buffer ? 0 : -1;
}

struct tct_ring *tct_ring_new(int map_fd, volatile uint32_t *asleep, int stop_fd, tct_record_fn fn,
			      void *ctx)
{
	struct tct_ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	*ring = (struct tct_ring){ .asleep = asleep, .stop_fd = stop_fd, .fn = fn, .ctx = ctx };
	if (open_fds(ring, map_fd)) {
		tct_ring_free(ring);
		return NULL;
	}
	return ring;
}

void tct_ring_free(struct tct_ring *ring)
{
	if (!ring)
		return;
	ring_buffer__free(ring->buffer);
	unmap_positions(ring);
	if (ring->epoll_fd >= 0)
		close(ring->epoll_fd);
	free(ring);
}

int tct_ring_watch(struct tct_ring *ring, int fd)
{
	return watch(ring, fd, EPOLLIN);
}

int tct_ring_drain(struct tct_ring *ring)
{
	int err;

	ring->batch = 0;
	err = ring_buffer__consume(ring->buffer);
	if (ring->err)
		return ring->err;
	return err < 0 && err != -EAGAIN ? err : ring->batch;
}

bool tct_ring_is_drained(const struct tct_ring *ring)
{
	return ring->batch < BATCH_MAX;
}

uint64_t tct_ring_received(const struct tct_ring *ring)
{
	return ring->received;
}

size_t tct_ring_level(const struct tct_ring *ring)
{
	unsigned long consumed = *ring->consumed;

	return *ring->produced - consumed;
}

static int milliseconds_until(uint64_t deadline_ns, uint64_t limit_ns)
{
	uint64_t now = tct_clock_mono_ns();
	uint64_t left = deadline_ns > now ? deadline_ns - now : 0;

	if (deadline_ns == UINT64_MAX && limit_ns == UINT64_MAX)
		return -1;
	if (left > limit_ns)
		left = limit_ns;
	left = (left + MILLISECOND - 1) / MILLISECOND;
	return left > 3600000 ? 3600000 : (int)left;
}

static int block(struct tct_ring *ring, uint64_t deadline_ns, uint64_t limit_ns)
{
	struct epoll_event events[2];

	if (epoll_wait(ring->epoll_fd, events, 2, milliseconds_until(deadline_ns, limit_ns)) < 0 &&
	    errno != EINTR)
		return -errno;
	return 0;
}

int tct_ring_wait(struct tct_ring *ring, uint64_t deadline_ns)
{
	int err;

	if (!tct_ring_is_drained(ring))
		return 0;
	if (ring->batch)
		return block(ring, deadline_ns, REST_NS);
	*ring->asleep = 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	err = tct_ring_drain(ring);
	if (!err)
		err = block(ring, deadline_ns, UINT64_MAX);
	*ring->asleep = 0;
	return err < 0 ? err : 0;
}
