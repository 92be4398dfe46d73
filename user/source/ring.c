// SPDX-License-Identifier: GPL-2.0
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "clock.h"
#include "consumer.h"
#include "workers.h"

#define REST_NS 10000000ull
#define BATCH_MAX 65536
#define PAYS_BYTES (32u << 10)	/* in each of two rings: to read them side by side */
#define SHARD_BATCH_MAX 4096	/* of each of several: what it makes is in the cache when it is merged */
#define HELD_BATCH_MAX 4096	/* of those that a kill has read again */
#define MILLISECOND 1000000ull
/* more is there, what was read has to be released first; or its record is being written still */
#define HELD_UP_NS MILLISECOND

/* What another thread may read at the same time has a cache line of its own. */
struct reader {
	_Alignas(64) struct tct_consumer consumer;
	struct tct_ring *ring;
	unsigned int number;
	uint64_t received;	/* records, since the start */
	int got;		/* of the last drain, or a negative errno */
};

struct tct_ring {
	struct tct_ring_config config;
	struct reader readers[TCT_SHARDS_MAX];
	struct tct_consumer bell;	/* where there are slots: of what wakes, and says nothing */
	struct tct_workers *workers;	/* NULL: there is one ring */
	int epoll_fd;
	int batch;		/* records of the last drain */
	uint64_t together;	/* drains side by side */
};

static int on_record(void *ctx, const void *data, size_t len)
{
	struct reader *reader = ctx;
	const struct tct_ring_config *config = &reader->ring->config;
	int size = config->fn(config->ctx, reader->number, data, len);

	reader->received++;	/* fn() may have ended a batch: this one is not of it */
	return size;
}

static void on_foreseen(void *ctx, const void *data, size_t len)
{
	const struct reader *reader = ctx;
	const struct tct_ring_config *config = &reader->ring->config;

	config->foresee(config->ctx, reader->number, data, len);
}

/* Edge-triggered: only a forced wake-up of the kernel side is an event, never data by itself. */
static int watch(struct tct_ring *ring, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* What wakes is a ring's own, or the first one's. */
static int open_reader(struct tct_ring *ring, unsigned int number)
{
	const struct tct_ring_config *config = &ring->config;
	struct reader *reader = &ring->readers[number];
	bool slots = config->slots.size;
	int err;

	reader->ring = ring;
	reader->number = number;
	if ((!slots || !number) && watch(ring, config->map_fds[number], EPOLLIN | EPOLLET))
		return -errno;
	err = slots ? tct_consumer_open_slots(&reader->consumer, &config->slots, number)
		    : tct_consumer_open(&reader->consumer, config->map_fds[number]);
	if (!err && config->foresee)
		tct_consumer_foresee(&reader->consumer, on_foreseen, reader);
	return err;
}

static void drain_one(void *ctx, unsigned int number)
{
	struct tct_ring *ring = ctx;
	struct reader *reader = &ring->readers[number];
	int max = ring->config.count > 1 ? SHARD_BATCH_MAX : BATCH_MAX;

	if (reader->consumer.held)
		max = HELD_BATCH_MAX;
	reader->got = tct_consumer_drain(&reader->consumer, max, on_record, reader);
}

static int open_all(struct tct_ring *ring)
{
	int err = 0;

	ring->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ring->epoll_fd < 0 || watch(ring, ring->config.stop_fd, EPOLLIN))
		return -errno;
	for (unsigned int i = 0; i < ring->config.count && !err; i++)
		err = open_reader(ring, i);
	if (!err && ring->config.slots.size)
		err = tct_consumer_open(&ring->bell, ring->config.map_fds[0]);
	if (err || ring->config.count == 1)
		return err;
	ring->workers = tct_workers_new(ring->config.count, drain_one, ring);
	return ring->workers ? 0 : -errno;
}

struct tct_ring *tct_ring_new(const struct tct_ring_config *config)
{
	struct tct_ring *ring = aligned_alloc(64, sizeof(*ring));
	int err;

	if (!ring)
		return NULL;
	*ring = (struct tct_ring){ .config = *config, .epoll_fd = -1 };
	err = open_all(ring);
	if (!err)
		return ring;
	tct_ring_free(ring);
	errno = -err;
	return NULL;
}

void tct_ring_free(struct tct_ring *ring)
{
	if (!ring)
		return;
	tct_workers_free(ring->workers);
	for (unsigned int i = 0; i < ring->config.count; i++)
		tct_consumer_close(&ring->readers[i].consumer);
	tct_consumer_close(&ring->bell);
	if (ring->epoll_fd >= 0)
		close(ring->epoll_fd);
	free(ring);
}

int tct_ring_watch(struct tct_ring *ring, int fd)
{
	return watch(ring, fd, EPOLLIN);
}

static size_t level_of(const struct reader *reader)
{
	return tct_consumer_end(&reader->consumer) - reader->consumer.position;
}

/* To wake the others and to wait for the last costs as much as reading some hundred records. */
static bool pays(const struct tct_ring *ring)
{
	unsigned int full = 0;

	for (unsigned int i = 0; i < ring->config.count; i++)
		full += level_of(&ring->readers[i]) >= PAYS_BYTES;
	return full > 1;
}

int tct_ring_drain(struct tct_ring *ring, bool together)
{
	int err = 0;

	ring->batch = 0;
	if (together && ring->workers && pays(ring)) {
		ring->together++;
		tct_workers_run(ring->workers);
	} else {
		for (unsigned int i = 0; i < ring->config.count; i++)
			drain_one(ring, i);
	}
	for (unsigned int i = 0; i < ring->config.count; i++) {
		int got = ring->readers[i].got;

		err = got < 0 ? got : err;
		ring->batch += got > 0 ? got : 0;
	}
	return err ? err : ring->batch;
}

uint64_t tct_ring_together(const struct tct_ring *ring)
{
	return ring->together;
}

/* The last drain ended at its bound. */
static bool has_more(const struct tct_ring *ring)
{
	bool more = false;

	for (unsigned int i = 0; i < ring->config.count; i++)
		more |= ring->readers[i].consumer.more;
	return more;
}

bool tct_ring_is_drained(const struct tct_ring *ring)
{
	bool busy = false;

	for (unsigned int i = 0; i < ring->config.count; i++)
		busy |= ring->readers[i].consumer.busy;
	return !busy && !has_more(ring);
}

uint64_t tct_ring_received(const struct tct_ring *ring)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < ring->config.count; i++)
		sum += ring->readers[i].received;
	return sum;
}

size_t tct_ring_level(const struct tct_ring *ring)
{
	size_t most = 0;

	for (unsigned int i = 0; i < ring->config.count; i++) {
		size_t level = level_of(&ring->readers[i]);

		most = level > most ? level : most;
	}
	return most;
}

size_t tct_ring_size(const struct tct_ring *ring)
{
	return ring->readers[0].consumer.size;
}

struct tct_ring_mark tct_ring_ends(const struct tct_ring *ring)
{
	struct tct_ring_mark mark = { 0 };

	for (unsigned int i = 0; i < ring->config.count; i++)
		mark.at[i] = tct_consumer_end(&ring->readers[i].consumer);
	return mark;
}

uint64_t tct_ring_at(const struct tct_ring *ring, unsigned int number)
{
	return ring->readers[number].consumer.position;
}

bool tct_ring_has_passed(const struct tct_ring *ring, const struct tct_ring_mark *mark)
{
	bool passed = true;

	for (unsigned int i = 0; i < ring->config.count; i++)
		passed &= tct_ring_at(ring, i) >= mark->at[i];
	return passed;
}

void tct_ring_hold(struct tct_ring *ring, uint64_t position)
{
	tct_consumer_hold(&ring->readers[0].consumer, position);
}

uint64_t tct_ring_position(const struct tct_ring *ring)
{
	return tct_ring_at(ring, 0);
}

uint64_t tct_ring_end(const struct tct_ring *ring)
{
	return tct_consumer_end(&ring->readers[0].consumer);
}

void tct_ring_release(struct tct_ring *ring)
{
	tct_consumer_release(&ring->readers[0].consumer);
}

bool tct_ring_is_held(const struct tct_ring *ring)
{
	return ring->readers[0].consumer.held;
}

uint64_t tct_ring_waiting(const struct tct_ring *ring)
{
	return tct_consumer_waiting(&ring->readers[0].consumer);
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

/*
 * All that wakes is discarded by those who wrote it: there is nothing to hand on. Full, it is mute.
 * What it told since the last drain is forgotten: who rests now has to look how full the ring is.
 */
static void drain_bell(struct tct_ring *ring)
{
	if (ring->config.slots.size)
		tct_consumer_drain(&ring->bell, BATCH_MAX, NULL, NULL);
}

/* What is being written when the flag is set may not see it: then the sleep is a short one. */
static int sleep_until(struct tct_ring *ring, uint64_t deadline_ns)
{
	int err;

	*ring->config.asleep = 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	err = tct_ring_drain(ring, false);
	if (!err)
		err = block(ring, deadline_ns,
			    tct_ring_is_drained(ring) ? UINT64_MAX : HELD_UP_NS);
	*ring->config.asleep = 0;
	return err < 0 ? err : 0;
}

static bool is_filling(const struct tct_ring *ring)
{
	return tct_ring_level(ring) > tct_ring_size(ring) / 2;
}

int tct_ring_wait(struct tct_ring *ring, uint64_t deadline_ns)
{
	drain_bell(ring);
	if (ring->batch && (has_more(ring) || is_filling(ring)))
		return 0;
	if (ring->batch)
		return block(ring, deadline_ns, REST_NS);
	if (!tct_ring_is_drained(ring))
		return block(ring, deadline_ns, HELD_UP_NS);
	return sleep_until(ring, deadline_ns);
}
