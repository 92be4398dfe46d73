// SPDX-License-Identifier: GPL-2.0
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "clock.h"
#include "consumer.h"

#define REST_NS 10000000ull
#define BATCH_MAX 65536
#define HELD_BATCH_MAX 4096	/* of those that a kill has read again */
#define MILLISECOND 1000000ull
/* more is there, what was read has to be released first; or its record is being written still */
#define HELD_UP_NS MILLISECOND

struct tct_ring {
	struct tct_consumer consumer;
	volatile uint32_t *asleep;
	tct_record_fn fn;
	void *ctx;
	int epoll_fd;
	int stop_fd;		/* the caller's */
	uint64_t received;	/* records, since the start */
	int batch;		/* records of the last drain */
};

static int on_record(void *ctx, const void *data, size_t len)
{
	struct tct_ring *ring = ctx;
	int size = ring->fn(ring->ctx, data, len);

	ring->received++;	/* fn() may have ended a batch: this one is not of it */
	return size;
}

/* Edge-triggered: only a forced wake-up of the kernel side is an event, never data by itself. */
static int watch(struct tct_ring *ring, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int open_fds(struct tct_ring *ring, int map_fd)
{
	ring->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ring->epoll_fd < 0)
		return -1;
	if (watch(ring, map_fd, EPOLLIN | EPOLLET) || watch(ring, ring->stop_fd, EPOLLIN))
		return -1;
	errno = -tct_consumer_open(&ring->consumer, map_fd);
	return errno ? -1 : 0;
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
	tct_consumer_close(&ring->consumer);
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
	int max = ring->consumer.held ? HELD_BATCH_MAX : BATCH_MAX;
	int got = tct_consumer_drain(&ring->consumer, max, on_record, ring);

	ring->batch = got > 0 ? got : 0;
	return got;
}

bool tct_ring_is_drained(const struct tct_ring *ring)
{
	return !ring->consumer.more && !ring->consumer.busy;
}

uint64_t tct_ring_received(const struct tct_ring *ring)
{
	return ring->received;
}

size_t tct_ring_level(const struct tct_ring *ring)
{
	return tct_ring_end(ring) - tct_ring_position(ring);
}

void tct_ring_hold(struct tct_ring *ring, uint64_t position)
{
	tct_consumer_hold(&ring->consumer, position);
}

uint64_t tct_ring_position(const struct tct_ring *ring)
{
	return ring->consumer.position;
}

uint64_t tct_ring_end(const struct tct_ring *ring)
{
	return tct_consumer_end(&ring->consumer);
}

void tct_ring_release(struct tct_ring *ring)
{
	tct_consumer_release(&ring->consumer);
}

bool tct_ring_is_held(const struct tct_ring *ring)
{
	return ring->consumer.held;
}

uint64_t tct_ring_waiting(const struct tct_ring *ring)
{
	return tct_consumer_waiting(&ring->consumer);
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

	if (ring->consumer.more && ring->batch)
		return 0;
	if (ring->batch)
		return block(ring, deadline_ns, REST_NS);
	if (!tct_ring_is_drained(ring))
		return block(ring, deadline_ns, HELD_UP_NS);
	*ring->asleep = 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	err = tct_ring_drain(ring);
	if (!err)
		err = block(ring, deadline_ns, UINT64_MAX);
	*ring->asleep = 0;
	return err < 0 ? err : 0;
}
