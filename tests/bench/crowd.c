// SPDX-License-Identifier: GPL-2.0
/*
 * Holds many connections, both ends on this host, and does with them what it is told on stdin. Each process has as
 * many as its descriptors allow, over addresses of its own in 127/8, so that no port runs out. Everything happens in
 * a network namespace that ends with it.
 */
#define _GNU_SOURCE
#include "crowd.h"
#include "netns.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 256
#define PAIRS_MAX 2000000UL
#define SPARE_DESCRIPTORS 16 /* of a process: stdio, its listener, its end of the pipe */

struct worker {
	pid_t pid;
	int fd;
	unsigned int pairs;
	in_port_t port;
};

struct crowd {
	struct worker worker[PROCESSES_MAX];
	unsigned int workers;
};

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Returns 0 or -errno: of the worker, or -EPIPE if it is gone. */
static int answer_read(const struct worker *worker, struct crowd_answer *answer)
{
	if (recv(worker->fd, answer, sizeof(*answer), 0) != sizeof(*answer))
		return -EPIPE;
	return answer->err;
}

static int worker_start(struct crowd *crowd, unsigned int pairs)
{
	struct worker *worker = &crowd->worker[crowd->workers];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	worker->pid = fork();
	if (worker->pid < 0)
		return -errno;
	if (!worker->pid) {
		/* An end that stays open here would hide the end of the others. */
		for (unsigned int i = 0; i < crowd->workers; i++)
			close(crowd->worker[i].fd);
		close(ends[0]);
		_exit(crowd_work(ends[1], crowd->workers, pairs));
	}
	close(ends[1]);
	worker->fd = ends[0];
	worker->pairs = pairs;
	crowd->workers++;
	return 0;
}

static int crowd_start(struct crowd *crowd, unsigned long pairs, unsigned long each)
{
	struct crowd_answer answer;
	int err = 0;

	for (; pairs && !err; pairs -= pairs < each ? pairs : each)
		err = worker_start(crowd, pairs < each ? pairs : each);
	for (unsigned int i = 0; i < crowd->workers && !err; i++) {
		err = answer_read(&crowd->worker[i], &answer);
		crowd->worker[i].port = ntohs(answer.port);
	}
	return err;
}

/* Asks the first so many processes, all before the first answer, and prints what each did. */
static int crowd_ask(struct crowd *crowd, enum crowd_verb verb, unsigned int count, unsigned int workers)
{
	struct crowd_order order = {.verb = verb, .count = count};
	struct crowd_answer answer;
	int err = 0;

	for (unsigned int i = 0; i < workers; i++) {
		if (send(crowd->worker[i].fd, &order, sizeof(order), MSG_NOSIGNAL) < 0)
			return -errno;
	}
	for (unsigned int i = 0; i < workers && !err; i++) {
		err = answer_read(&crowd->worker[i], &answer);
		if (!err && answer.done)
			printf("did %d %u %u %llu %llu %llu\n", crowd->worker[i].pid, crowd->worker[i].port,
			       answer.done, answer.first_before_ns, answer.first_after_ns, answer.last_ns);
	}
	return err;
}

static int order_run(struct crowd *crowd, const char *line)
{
	unsigned int count, workers;

	if (!strcmp(line, "mend\n"))
		return crowd_ask(crowd, CROWD_MEND, 0, crowd->workers);
	if (sscanf(line, "leak %u %u", &count, &workers) == 2 && workers <= crowd->workers)
		return crowd_ask(crowd, CROWD_LEAK, count, workers);
	return -EINVAL;
}

static void orders_run(struct crowd *crowd)
{
	char line[80];
	int err;

	while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n")) {
		err = order_run(crowd, line);
		if (err)
			printf("failed %s\n", strerror(-err));
		else
			printf("end\n");
		fflush(stdout);
	}
}

/* A process whose order pipe ends resets its connections, and ends. */
static void crowd_end(struct crowd *crowd)
{
	for (unsigned int i = 0; i < crowd->workers; i++)
		close(crowd->worker[i].fd);
	while (wait(NULL) > 0)
		;
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *end || end == text || *text == '-' || value > max ? 0 : value;
}

static int usage(void)
{
	fputs("usage: crowd [-m PAIRS] PAIRS\n"
	      "  Holds PAIRS connections, both ends; -m at most so many in each process (default:\n"
	      "  what its descriptors allow). Says \"process PID PORT PAIRS\" of each process and\n"
	      "  \"ready SOCKETS SECONDS\", then takes orders, each answered by \"end\" or \"failed WHY\":\n"
	      "  leak N P  N more connections of each of the first P processes are shut down by\n"
	      "            one end, the other reads the EOF and does not close; says of each\n"
	      "            \"did PID PORT N NS NS NS\": clock before and after the first, after the last\n"
	      "  mend      all ends that leaked are closed; says the same\n"
	      "  quit      or the end of stdin: all is reset\n",
	      stderr);
	return 2;
}

/* A write to a reader that is gone must not keep the workers from being told. */
static void signals_ignore(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
}

static unsigned long pairs_allowed(void)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur > 2 * SPARE_DESCRIPTORS ? (limit.rlim_cur - SPARE_DESCRIPTORS) / 2 : 1;
}

static void crowd_print(const struct crowd *crowd, unsigned long pairs, double seconds)
{
	for (unsigned int i = 0; i < crowd->workers; i++)
		printf("process %d %u %u\n", crowd->worker[i].pid, crowd->worker[i].port, crowd->worker[i].pairs);
	printf("ready %lu %.3f\n", 2 * pairs, seconds);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct crowd crowd;
	unsigned long each = pairs_allowed(), most = each, pairs = 0;
	unsigned long long start = now_ns();
	int err;

	if (argc == 4 && !strcmp(argv[1], "-m"))
		each = number(argv[2], most);
	if (argc == 2 || argc == 4)
		pairs = number(argv[argc - 1], PAIRS_MAX);
	if (!pairs || !each || pairs > each * PROCESSES_MAX)
		return usage();
	signals_ignore();
	err = netns_enter();
	if (!err)
		err = crowd_start(&crowd, pairs, each);
	if (err) {
		fprintf(stderr, "crowd: %s\n", strerror(-err));
	} else {
		crowd_print(&crowd, pairs, (now_ns() - start) / 1e9);
		orders_run(&crowd);
	}
	crowd_end(&crowd);
	return err ? 1 : 0;
}
