// SPDX-License-Identifier: GPL-2.0
/*
 * Two shards, each with its ring and its thread, against one with all sockets; beside it two that
 * share nothing. Rings are filled at the same time and drained at the same time, and what the
 * threads have had of the CPU is counted.
 */
#include "core.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "../../user/core/shards.h"
#include "core_load.h"

#define THREADS 2
#define SHUFFLES 4	/* transitions a socket, before any is measured */

struct worker {
	struct load load;
	struct ring ring;
	struct tct_shards *all;
	unsigned int shard;
	bool joins;		/* does what is about all shards */
	uint64_t fills;		/* of the ring, to be measured */
	uint64_t transitions;
	uint64_t took_ns;
	pthread_barrier_t *barrier;
	pthread_t thread;
};

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "core: %s failed\n", what);
	exit(1);
}

static int on_record(void *ctx, const void *data, size_t len)
{
	struct worker *worker = ctx;
	struct tct_decoded rec;
	int size = tct_decode(data, len, &rec);

	if (size > 0)
		tct_tracker_take(&worker->all->shard[worker->shard], &rec);
	return size;
}

static void on_foreseen(void *ctx, const void *data, size_t len)
{
	struct worker *worker = ctx;

	tct_tracker_foresee(&worker->all->shard[worker->shard], data, len);
}

static void drain(struct worker *worker)
{
	int got;

	do {
		got = tct_consumer_drain(&worker->ring.consumer, BATCH, on_record, worker);
		check(got >= 0, "draining");
	} while (got);
}

static void join(struct worker *worker)
{
	uint64_t now_ns = worker->load.now_ns;

	tct_shards_join(worker->all);
	tct_shards_judge(worker->all, now_ns);
	tct_shards_settle(worker->all, now_ns);
	tct_shards_tick(worker->all, now_ns);
}

static void begin(struct worker *worker)
{
	uint32_t next = 0;

	while (load_begin(&worker->load, &worker->ring, &next))
		drain(worker);
	drain(worker);
	while (worker->load.transitions < (uint64_t)SHUFFLES * worker->load.count) {
		load_fill(&worker->load, &worker->ring);
		drain(worker);
	}
}

/* All fill as often, so that nobody drains alone. */
static void *run(void *ctx)
{
	struct worker *worker = ctx;
	uint64_t before;

	begin(worker);
	worker->transitions = worker->load.transitions;
	for (uint64_t i = 0; i < worker->fills; i++) {
		load_fill(&worker->load, &worker->ring);
		pthread_barrier_wait(worker->barrier);
		before = core_cpu_ns();
		drain(worker);
		worker->took_ns += core_cpu_ns() - before;
		pthread_barrier_wait(worker->barrier);
		before = core_cpu_ns();
		if (worker->joins)
			join(worker);
		worker->took_ns += core_cpu_ns() - before;
		pthread_barrier_wait(worker->barrier);
	}
	worker->transitions = worker->load.transitions - worker->transitions;
	return NULL;
}

static struct tct_shards *new_shards(unsigned int count, uint32_t sockets, bool brief,
				     const struct tct_sink *sink)
{
	struct tct_tracker_config config = core_config(sockets, brief);
	struct tct_shards *all = malloc(sizeof(*all));

	check(all && !tct_shards_init(all, &config, count, sink) && !tct_shards_seeded(all),
	      "memory");
	return all;
}

static void start(struct worker *worker, uint32_t sockets, bool brief, uint32_t seed)
{
	check(!load_init(&worker->load, sockets, AF_INET, brief, seed) &&
		      !ring_open(&worker->ring, RING_BYTES), "memory");
	tct_consumer_foresee(&worker->ring.consumer, on_foreseen, worker);
	check(!pthread_create(&worker->thread, NULL, run, worker), "a thread");
}

static double finish(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
	ring_close(&worker->ring);
	load_fini(&worker->load);
	return (double)worker->transitions / (double)worker->took_ns * 1e9;
}

/* About how many transitions a full ring has. */
static uint64_t per_ring(bool brief)
{
	return RING_BYTES / (brief ? sizeof(struct tct_record_step)
				   : 2 * sizeof(struct tct_record_sock));
}

static double measure(unsigned int threads, bool apart, uint32_t sockets, bool brief,
		      uint64_t transitions)
{
	const struct tct_sink sink = { 0 };
	struct worker *workers = aligned_alloc(64, THREADS * sizeof(*workers));
	struct tct_shards *all[THREADS];
	pthread_barrier_t barrier;
	double rate = 0;

	check(workers && !pthread_barrier_init(&barrier, NULL, threads), "memory");
	for (unsigned int i = 0; i < threads; i++) {
		bool first = apart || !i;

		all[i] = first ? new_shards(apart ? 1 : threads, sockets, brief, &sink) : all[0];
		workers[i] = (struct worker){ .all = all[i], .shard = apart ? 0 : i,
					      .joins = first, .barrier = &barrier,
					      .fills = 1 + transitions / threads /
							       per_ring(brief) };
	}
	for (unsigned int i = 0; i < threads; i++)
		start(&workers[i], sockets / threads, brief, i + 1);
	for (unsigned int i = 0; i < threads; i++)
		rate += finish(&workers[i]);
	for (unsigned int i = 0; i < threads; i++) {
		if (!apart && i)
			break;
		tct_shards_fini(all[i]);
		free(all[i]);
	}
	pthread_barrier_destroy(&barrier);
	free(workers);
	return rate;
}

/* By turns: what else the machine does hits all alike. */
void core_shards(uint32_t sockets, bool brief, int rounds, uint64_t transitions,
		 struct core_shards *out)
{
	double one[ROUNDS_MAX], two[ROUNDS_MAX], apart[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		one[i] = measure(1, false, sockets, brief, transitions);
		two[i] = measure(THREADS, false, sockets, brief, transitions) / one[i];
		apart[i] = measure(THREADS, true, sockets, brief, transitions) / one[i];
	}
	out->one_per_s = core_median(one, rounds);
	out->two_ratio = core_median(two, rounds);
	out->apart_ratio = core_median(apart, rounds);
}
