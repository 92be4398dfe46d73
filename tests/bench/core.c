// SPDX-License-Identifier: GPL-2.0
/*
 * What the reading side costs: ring reader, decoder, mirror, detectors, without a kernel. A ring in
 * memory is filled (not measured) and drained (measured, in CPU time) by turns, with so many sockets
 * mirrored. Medians of several rounds; a table, or JSON.
 */
#include "core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "../../user/core/shards.h"
#include "core_load.h"

#define ROUNDS 7
#define TRANSITIONS 2000000	/* a round */
#define SHUFFLES 3		/* transitions a socket, before the first round */
#define HZ 1000

#define MOST 1000000

static const uint32_t sizes[] = { 1000, 10000, 100000, MOST };

struct options {
	int rounds;
	uint64_t transitions;
	uint32_t only;		/* 0: all sizes */
	bool json;
};

struct run {
	struct load load;
	struct ring ring;
	struct tct_shards shards;
	struct tct_sink sink;
	uint64_t findings;
	uint64_t longest_ns;	/* that one record took */
};

struct figures {
	const char *records;
	const char *family;
	uint32_t sockets;
	double ns;		/* a transition */
	double resident;	/* bytes a socket, as the kernel counts them */
	double counted;		/* as the mirror's sizes add up */
	double longest_ms;	/* that one record took, while the mirror grew */
};

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct run *run = ctx;

	(void)ev;
	run->findings++;
}

uint64_t core_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static size_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	size_t pages = 0;

	if (!file || fscanf(file, "%*u %zu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static int on_record(void *ctx, const void *data, size_t len)
{
	return tct_shards_feed(ctx, data, len);
}

/* While sockets become more: what one record has to wait for. */
static int on_timed_record(void *ctx, const void *data, size_t len)
{
	struct run *run = ctx;
	uint64_t before = core_cpu_ns(), took;
	int size = on_record(&run->shards, data, len);

	took = core_cpu_ns() - before;
	if (took > run->longest_ns)
		run->longest_ns = took;
	return size;
}

static void on_foreseen(void *ctx, const void *data, size_t len)
{
	tct_tracker_foresee(((struct tct_shards *)ctx)->shard, data, len);
}

static void tick(struct run *run)
{
	tct_shards_judge(&run->shards, run->load.now_ns);
	tct_shards_settle(&run->shards, run->load.now_ns);
	tct_shards_tick(&run->shards, run->load.now_ns);
}

/* As the live loop does; what it took. */
static uint64_t drain(struct run *run)
{
	uint64_t before = core_cpu_ns();
	int got;

	do {
		got = tct_consumer_drain(&run->ring.consumer, BATCH, on_record, &run->shards);
		if (got < 0) {
			fprintf(stderr, "core: a record was refused: %s\n", strerror(-got));
			exit(1);
		}
		tick(run);
	} while (got);
	return core_cpu_ns() - before;
}

struct tct_tracker_config core_config(uint32_t sockets, bool brief)
{
	struct tct_tracker_config config = { .sees_resets = !brief, .sees_segments = true,
					     .hz = HZ, .brief = brief,
					     .max_sockets = 4 * sockets };

	tct_stuck_defaults(&config.stuck);
	return config;
}

static void set_up(struct run *run, uint32_t sockets, uint8_t family, bool brief, uint32_t seed)
{
	struct tct_tracker_config config = core_config(sockets, brief);

	memset(run, 0, sizeof(*run));
	run->sink = (struct tct_sink){ .ctx = run, .finding = on_finding };
	if (load_init(&run->load, sockets, family, brief, seed) ||
	    ring_open(&run->ring, RING_BYTES) ||
	    tct_shards_init(&run->shards, &config, 1, &run->sink) ||
	    tct_shards_seeded(&run->shards)) {
		perror("core");
		exit(1);
	}
	tct_consumer_foresee(&run->ring.consumer, on_foreseen, &run->shards);
	memset(run->load.slots, 0, sockets * sizeof(*run->load.slots));
}

static void tear_down(struct run *run)
{
	tct_shards_fini(&run->shards);
	ring_close(&run->ring);
	load_fini(&run->load);
}

static void begin_all(struct run *run)
{
	uint32_t next = 0;

	while (load_begin(&run->load, &run->ring, &next) || run->ring.consumed < run->ring.produced)
		tct_consumer_drain(&run->ring.consumer, BATCH, on_timed_record, run);
}

/* From here on neighbours in a list are no neighbours in memory. */
static void shuffle(struct run *run)
{
	uint64_t until = run->load.transitions + (uint64_t)SHUFFLES * run->load.count;

	while (run->load.transitions < until) {
		load_fill(&run->load, &run->ring);
		drain(run);
	}
}

static double measure_round(struct run *run, uint64_t transitions)
{
	uint64_t first = run->load.transitions, took = 0;

	while (run->load.transitions - first < transitions) {
		load_fill(&run->load, &run->ring);
		took += drain(run);
	}
	return (double)took / (double)(run->load.transitions - first);
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

double core_median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_size);
	return values[count / 2];
}

static size_t pool_bytes(const struct tct_pool *pool)
{
	return pool->chunk_count * (TCT_POOL_CHUNK * pool->element + sizeof(*pool->chunks));
}

static size_t counted_bytes(const struct tct_tracker *tracker)
{
	const struct tct_mirror *mirror = &tracker->mirror;

	return pool_bytes(&mirror->pool) + pool_bytes(&tracker->tasks.pool) +
	       pool_bytes(&mirror->places.pool) +
	       tct_buckets_bytes(&mirror->buckets);
}

/* Everything a socket that is open takes. */
static void measure_memory(struct run *run, struct figures *out)
{
	size_t before = resident_bytes();

	begin_all(run);
	out->resident = (double)(resident_bytes() - before) / run->load.count;
	out->counted = (double)counted_bytes(run->shards.shard) / run->load.count;
	out->longest_ms = (double)run->longest_ns / 1e6;
}

static struct figures measure(const struct options *options, uint32_t sockets, uint8_t family,
			      bool brief)
{
	struct figures out = { .records = brief ? "brief" : "full", .sockets = sockets,
			       .family = family == AF_INET ? "ipv4" : "ipv6" };
	struct run *run = malloc(sizeof(*run));
	double rounds[ROUNDS_MAX];

	if (!run)
		exit(1);
	set_up(run, sockets, family, brief, 1);
	measure_memory(run, &out);
	shuffle(run);
	for (int i = 0; i < options->rounds; i++)
		rounds[i] = measure_round(run, options->transitions);
	out.ns = core_median(rounds, options->rounds);
	if (tct_shards_received(&run->shards) != run->load.transitions || run->findings ||
	    run->shards.gaps || run->shards.shard->totals.illegal) {
		fprintf(stderr, "core: the mirror did not follow\n");
		exit(1);
	}
	tear_down(run);
	free(run);
	return out;
}

static void show(const struct options *options, const struct figures *figures, double least_ns)
{
	static const char *const formats[] = {
		"%-6s %-5s %9u %9.2f M/s %7.1f ns %6.2f %9.1f %9.1f %8.2f\n",
		"{\"records\":\"%s\",\"family\":\"%s\",\"sockets\":%u,\"mega_per_s\":%.3f,"
		"\"ns\":%.1f,\"against_least\":%.3f,\"bytes_resident\":%.1f,"
		"\"bytes_counted\":%.1f,\"longest_ms\":%.3f}\n",
	};

	printf(formats[options->json], figures->records, figures->family, figures->sockets,
	       1e3 / figures->ns, figures->ns, figures->ns / least_ns, figures->resident,
	       figures->counted, figures->longest_ms);
	fflush(stdout);
}

static void measure_sizes(const struct options *options, uint8_t family, bool brief)
{
	double least_ns = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct figures figures;

		if (options->only && options->only != sizes[i])
			continue;
		figures = measure(options, sizes[i], family, brief);
		least_ns = least_ns ? least_ns : figures.ns;
		show(options, &figures, least_ns);
	}
}

/* With the fewest sockets and the most. */
static void compare_shards(const struct options *options, bool brief)
{
	static const char *const formats[] = {
		"%-6s       %9u %9.2f M/s; two shards: %.2f times, of %.2f that two can be\n",
		"{\"records\":\"%s\",\"sockets\":%u,\"one_mega_per_s\":%.3f,"
		"\"two_shards\":%.3f,\"two_apart\":%.3f}\n",
	};
	struct core_shards got;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (options->only ? options->only != sizes[i] : i && sizes[i] < MOST)
			continue;
		core_shards(sizes[i], brief, options->rounds, options->transitions, &got);
		printf(formats[options->json], brief ? "brief" : "full", sizes[i],
		       got.one_per_s / 1e6, got.two_ratio, got.apart_ratio);
		fflush(stdout);
	}
}

static void parse(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "jr:n:s:")) != -1) {
		if (option == 'j')
			options->json = true;
		else if (option == 'r')
			options->rounds = atoi(optarg);
		else if (option == 'n')
			options->transitions = strtoull(optarg, NULL, 10);
		else if (option == 's')
			options->only = (uint32_t)strtoul(optarg, NULL, 10);
		else
			optind = argc + 1;
	}
	if (optind == argc && options->rounds > 0 && options->rounds <= ROUNDS_MAX &&
	    options->transitions)
		return;
	fprintf(stderr, "usage: core [-j] [-r ROUNDS] [-n TRANSITIONS] [-s SOCKETS]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct options options = { .rounds = ROUNDS, .transitions = TRANSITIONS };

	parse(argc, argv, &options);
	if (!options.json)
		printf("%-6s %-5s %9s %13s %10s %6s %9s %9s %8s\n", "records", "", "sockets",
		       "transitions", "each", "", "resident", "counted", "longest");
	measure_sizes(&options, AF_INET, false);
	measure_sizes(&options, AF_INET6, false);
	measure_sizes(&options, AF_INET, true);
	compare_shards(&options, false);
	compare_shards(&options, true);
	return 0;
}
