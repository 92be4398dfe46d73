// SPDX-License-Identifier: GPL-2.0
/*
 * Load generator: opens and closes loopback connections as fast as they go. Each pair is one client and one server
 * process; every other connection is closed by the server first, so both ends do both kinds of close. The byte that
 * asks for it keeps the two in step: never more than two connections of a pair wait to be accepted.
 */
#define _GNU_SOURCE
#include "limits.h"
#include "netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAIRS_MAX 64
#define COUNT_MAX 2000000UL
#define SECONDS_MAX 600

enum { ASK_CLOSE = 'c', ASK_QUIT = 'q' };

struct options {
	unsigned long count; /* connections, over all pairs */
	unsigned int seconds;
	unsigned int pairs;
	unsigned int addresses; /* destinations 127.0.0.1 and up */
	unsigned int reset_each; /* every Nth close is a reset; 0: none */
	char pin;		 /* 'n'one, 's'ame CPU for both ends of a pair, 'x' one CPU each */
	bool own_netns;
};

struct pair {
	unsigned long done, no_port, failed;
	int first_error;
	double start, end; /* seconds, CLOCK_MONOTONIC */
};

struct shared {
	pthread_barrier_t start;
	struct pair pair[PAIRS_MAX];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void pin(const struct options *options, unsigned int pair, unsigned int side)
{
	unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (options->pin == 'n')
		return;
	CPU_ZERO(&set);
	CPU_SET((options->pin == 's' ? pair : pair * 2 + side) % cpus, &set);
	/* Refused in a cpuset: then the run is merely noisier. */
	sched_setaffinity(0, sizeof(set), &set);
}

static int listen_any(in_port_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (void *)&address, length) < 0 || listen(fd, 4096) < 0 ||
	    getsockname(fd, (void *)&address, &length) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*port = address.sin_port;
	return fd;
}

/* Serves until asked to quit; an end of file or an error means that the client closed first. */
static void serve(int listener, struct pair *pair)
{
	char ask = 0;

	while (ask != ASK_QUIT) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		if (read(fd, &ask, 1) != 1)
			ask = 0;
		close(fd);
	}
	pair->end = now();
}

static int dial(in_port_t port, unsigned int host)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = port,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (void *)&address, sizeof(address)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* Sends the byte, then waits for the server's FIN. */
static void ask_and_wait(int fd, char ask)
{
	if (write(fd, &ask, 1) == 1)
		while (read(fd, &ask, 1) > 0)
			;
}

static void hang_up(int fd, unsigned long nth, unsigned int reset_each)
{
	struct linger now = {.l_onoff = 1};

	if (reset_each && nth % reset_each == 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	else if (nth & 1)
		ask_and_wait(fd, ASK_CLOSE);
	close(fd);
}

static void note_error(struct pair *pair, int err)
{
	pair->failed++;
	if (err == -EADDRNOTAVAIL)
		pair->no_port++;
	if (!pair->first_error)
		pair->first_error = -err;
}

static void call(const struct options *options, unsigned long count, in_port_t port, struct pair *pair)
{
	double end;
	unsigned long i;
	int fd;

	pair->start = now();
	end = pair->start + options->seconds;
	for (i = 0; i < count; i++) {
		fd = dial(port, i % options->addresses);
		if (fd < 0) {
			note_error(pair, fd);
		} else {
			hang_up(fd, i, options->reset_each);
			pair->done++;
		}
		if (i % 64 == 0 && now() >= end)
			break;
	}
	while ((fd = dial(port, 0)) < 0)
		usleep(1000);
	ask_and_wait(fd, ASK_QUIT);
	close(fd);
}

static void child(const struct options *options, struct shared *shared, unsigned int index, int side, int listener,
		  in_port_t port)
{
	struct pair *pair = &shared->pair[index];
	unsigned long count = options->count / options->pairs + (index < options->count % options->pairs);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	pin(options, index, side);
	pthread_barrier_wait(&shared->start);
	if (side)
		serve(listener, pair);
	else
		call(options, count, port, pair);
	_exit(0);
}

static struct shared *shared_new(unsigned int pairs)
{
	struct shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_barrierattr_t attr;

	if (shared == MAP_FAILED)
		return NULL;
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->start, &attr, pairs * 2 + 1);
	return shared;
}

static int start(const struct options *options, struct shared *shared)
{
	unsigned int i;
	int side;

	for (i = 0; i < options->pairs; i++) {
		in_port_t port = 0;
		int listener = listen_any(&port);

		if (listener < 0)
			return listener;
		for (side = 0; side < 2; side++) {
			pid_t pid = fork();

			if (pid < 0)
				return -errno;
			if (!pid)
				child(options, shared, i, side, listener, port);
		}
		close(listener);
	}
	return 0;
}

static void out_of_time(int signal)
{
	static const char message[] = "churn: out of time, stopped\n";

	(void)signal;
	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(1); /* the children die with their parent */
}

static void report(const struct options *options, const struct shared *shared, const struct limits *before,
		   const struct limits *after)
{
	struct pair sum = shared->pair[0];
	struct rusage usage;
	double cpu;
	unsigned int i;

	for (i = 1; i < options->pairs; i++) {
		const struct pair *pair = &shared->pair[i];

		sum.done += pair->done;
		sum.failed += pair->failed;
		sum.no_port += pair->no_port;
		sum.start = pair->start < sum.start ? pair->start : sum.start;
		sum.end = pair->end > sum.end ? pair->end : sum.end;
		sum.first_error = sum.first_error ? sum.first_error : pair->first_error;
	}
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("connections %lu\nfailed %lu\nseconds %.4f\nrate %.0f\n", sum.done, sum.failed, sum.end - sum.start,
	       sum.done / (sum.end - sum.start));
	cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("cpu_seconds %.4f\nload_us %.3f\n", cpu, sum.done ? cpu * 1e6 / sum.done : 0);
	printf("limited_by %s\n", limits_name(before, after, sum.done, sum.no_port));
	if (sum.first_error)
		fprintf(stderr, "churn: %lu connects failed, first: %s\n", sum.failed, strerror(sum.first_error));
}

static void usage(void)
{
	fputs("usage: churn [-n CONNECTIONS] [-d SECONDS] [-p PAIRS] [-a ADDRESSES]\n"
	      "             [-r EACH] [-c none|same|x] [-N]\n"
	      "  -n, -d  stop after so many connections or seconds, whatever comes first\n"
	      "  -p      client and server pairs\n"
	      "  -a      destination addresses 127.0.0.1 to 127.0.0.A\n"
	      "  -r      every EACH-th connection ends with a reset (0: none)\n"
	      "  -c      both ends of a pair on the same CPU, on one each (x), or unpinned\n"
	      "  -N      in a network namespace of its own\n",
	      stderr);
	exit(2);
}

static unsigned long number(const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || *text == '-' || value < min || value > max)
		usage();
	return value;
}

static void options_parse(struct options *options, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "n:d:p:a:r:c:N")) != -1) {
		switch (option) {
		case 'n': options->count = number(optarg, 1, COUNT_MAX); break;
		case 'd': options->seconds = number(optarg, 1, SECONDS_MAX); break;
		case 'p': options->pairs = number(optarg, 1, PAIRS_MAX); break;
		case 'a': options->addresses = number(optarg, 1, 250); break;
		case 'r': options->reset_each = number(optarg, 0, COUNT_MAX); break;
		case 'c': options->pin = *optarg; break;
		case 'N': options->own_netns = true; break;
		default: usage();
		}
	}
	if (optind < argc || !strchr("nsx", options->pin))
		usage();
}

int main(int argc, char **argv)
{
	struct options options = {
		.count = 15000, .seconds = 60, .pairs = 1, .addresses = 100, .pin = 'n'};
	struct limits before, after;
	struct shared *shared;
	int err = 0;

	options_parse(&options, argc, argv);
	if (options.own_netns)
		err = netns_enter();
	shared = shared_new(options.pairs);
	if (!shared)
		err = -ENOMEM;
	signal(SIGALRM, out_of_time);
	alarm(options.seconds + 30);
	if (!err)
		err = start(&options, shared);
	if (err) {
		fprintf(stderr, "churn: %s\n", strerror(-err));
		return 1;
	}
	limits_read(&before);
	pthread_barrier_wait(&shared->start);
	while (wait(NULL) > 0)
		;
	alarm(0);
	limits_read(&after);
	report(&options, shared, &before, &after);
	return 0;
}
