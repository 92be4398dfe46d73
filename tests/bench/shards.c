// SPDX-License-Identifier: GPL-2.0
/*
 * What several shards are worth: the same load in one ring and in several, read side by side. Counted
 * is the longest way: of each drain the reader that took the most CPU time, and all that is done by
 * one alone after it, the merging of what they told included. So others on the machine, who lengthen
 * the time by the wall clock, count for less; that is shown too. Medians of alternating rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "../../user/core/shards.h"
#include "../../user/source/workers.h"
#include "core_load.h"

#define RING_BYTES (16u << 20)	/* of all rings, as live */
#define BATCH 65536		/* likewise, of one ring; and of each of several */
#define SHARD_BATCH 4096
#define SOCKETS 100000
#define TRANSITIONS 2000000	/* a round */
#define ROUNDS 7
#define ROUNDS_MAX 99
#define HZ 1000

struct part {
	_Alignas(64) struct load load;
	struct ring ring;
	struct tct_tracker *tracker;
	int max;
	int got;
	uint64_t cpu_ns;	/* of the last drain */
};

struct run {
	struct part parts[TCT_SHARDS_MAX];
	unsigned int count;
	struct tct_shards shards;
	struct tct_sink sink;
	struct tct_workers *workers;
	uint64_t told;
	double ns[ROUNDS_MAX];		/* a transition, the longest way */
	double wall_ns[ROUNDS_MAX];	/* likewise, by the clock */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	(void)ev;
	((struct run *)ctx)->told++;
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	(void)ctx;
	(void)ev;
}

static int on_record(void *ctx, const void *data, size_t len)
{
	struct tct_decoded rec;
	int size = tct_decode(data, len, &rec);

	if (size > 0)
		tct_tracker_take(((struct part *)ctx)->tracker, &rec);
	return size;
}

static void on_foreseen(void *ctx, const void *data, size_t len)
{
	tct_tracker_foresee(((struct part *)ctx)->tracker, data, len);
}

static void drain_part(void *ctx, unsigned int number)
{
	struct part *part = &((struct run *)ctx)->parts[number];
	uint64_t before = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	part->got = tct_consumer_drain(&part->ring.consumer, part->max, on_record, part);
	part->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - before;
}

/* What all readers together wait for. */
static uint64_t longest(const struct run *run, int *got)
{
	uint64_t most = 0;

	*got = 0;
	for (unsigned int i = 0; i < run->count; i++) {
		if (run->parts[i].got < 0) {
			fprintf(stderr, "shards: a record was refused\n");
			exit(1);
		}
		*got += run->parts[i].got;
		most = run->parts[i].cpu_ns > most ? run->parts[i].cpu_ns : most;
	}
	return most;
}

static uint64_t finish_batch(struct run *run)
{
	uint64_t before = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t now_ns = run->parts[0].load.now_ns;

	tct_shards_join(&run->shards);
	tct_shards_judge(&run->shards, now_ns);
	tct_shards_settle(&run->shards, now_ns);
	tct_shards_join(&run->shards);
	tct_shards_tick(&run->shards, now_ns);
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) - before;
}

static uint64_t drain(struct run *run)
{
	uint64_t path_ns = 0;
	int got;

	do {
		if (run->workers)
			tct_workers_run(run->workers);
		else
			drain_part(run, 0);
		path_ns += longest(run, &got);
		path_ns += finish_batch(run);
	} while (got);
	return path_ns;
}

static void fill(struct run *run)
{
	for (unsigned int i = 0; i < run->count; i++)
		load_fill(&run->parts[i].load, &run->parts[i].ring);
}

static uint64_t written(const struct run *run)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < run->count; i++)
		sum += run->parts[i].load.transitions;
	return sum;
}

static void measure_round(struct run *run, int round)
{
	uint64_t first = written(run), path_ns = 0, wall_ns = 0, began_ns;
	double transitions;

	while (written(run) - first < TRANSITIONS) {
		fill(run);
		began_ns = clock_ns(CLOCK_MONOTONIC);
		path_ns += drain(run);
		wall_ns += clock_ns(CLOCK_MONOTONIC) - began_ns;
	}
	transitions = (double)(written(run) - first);
	run->ns[round] = (double)path_ns / transitions;
	run->wall_ns[round] = (double)wall_ns / transitions;
}

static int open_part(struct run *run, unsigned int number, bool brief)
{
	struct part *part = &run->parts[number];

	part->tracker = &run->shards.shard[number];
	part->max = run->count > 1 ? SHARD_BATCH : BATCH;
	if (load_init(&part->load, SOCKETS / run->count, AF_INET, brief, number + 1) ||
	    ring_open(&part->ring, RING_BYTES / run->count))
		return -1;
	tct_consumer_foresee(&part->ring.consumer, on_foreseen, part);
	return 0;
}

static void check(bool failed)
{
	if (!failed)
		return;
	perror("shards");
	exit(1);
}

static struct run *run_new(unsigned int count, bool brief, bool tells)
{
	struct tct_tracker_config config = { .sees_resets = !brief, .sees_segments = true,
					     .hz = HZ, .brief = brief };
	struct run *run = aligned_alloc(64, sizeof(*run));

	check(!run);
	memset(run, 0, sizeof(*run));
	run->count = count;
	run->sink = (struct tct_sink){ .ctx = run, .finding = on_finding,
				       .transition = tells ? on_transition : NULL };
	tct_stuck_defaults(&config.stuck);
	check(tct_shards_init(&run->shards, &config, count, &run->sink) ||
	      tct_shards_seeded(&run->shards));
	for (unsigned int i = 0; i < count; i++)
		check(open_part(run, i, brief));
	run->workers = count > 1 ? tct_workers_new(count, drain_part, run) : NULL;
	check(count > 1 && !run->workers);
	return run;
}

static void run_free(struct run *run)
{
	tct_workers_free(run->workers);
	tct_shards_fini(&run->shards);
	for (unsigned int i = 0; i < run->count; i++) {
		ring_close(&run->parts[i].ring);
		load_fini(&run->parts[i].load);
	}
	free(run);
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_size);
	return values[count / 2];
}

static void compare(const char *what, bool brief, bool tells, unsigned int count, int rounds)
{
	struct run *one = run_new(1, brief, tells), *many = run_new(count, brief, tells);
	double ratios[ROUNDS_MAX], walls[ROUNDS_MAX];

	for (int i = -1; i < rounds; i++) {	/* the first of each is for its sockets to begin */
		measure_round(one, i < 0 ? 0 : i);
		measure_round(many, i < 0 ? 0 : i);
		if (i < 0)
			continue;
		ratios[i] = one->ns[i] / many->ns[i];
		walls[i] = one->wall_ns[i] / many->wall_ns[i];
	}
	printf("%-24s %6.1f ns %6.1f ns %6.2f %6.2f\n", what, median(one->ns, rounds),
	       median(many->ns, rounds), median(ratios, rounds), median(walls, rounds));
	run_free(one);
	run_free(many);
}

int main(int argc, char **argv)
{
	unsigned int count = argc > 1 ? (unsigned int)atoi(argv[1]) : 2;
	int rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;

	if (count < 2 || count > TCT_SHARDS_MAX || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: shards [COUNT [ROUNDS]]\n");
		return 2;
	}
	printf("%-24s %9s %8u %7s %6s\n", "a transition", "1 shard", count, "times", "clock");
	compare("findings only, brief", true, false, count, rounds);
	compare("findings only, full", false, false, count, rounds);
	compare("each told to a sink", false, true, count, rounds);
	return 0;
}
