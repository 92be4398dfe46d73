// SPDX-License-Identifier: GPL-2.0
/* One process of the crowd: both ends of its connections. */
#define _GNU_SOURCE
#include "crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ADDRESSES 200 /* of each process */

struct pair {
	int near, far; /* who is accepted, who connected */
};

struct work {
	struct pair *pairs;
	unsigned int opened;
	unsigned int leaked; /* of them, the first so many have been leaked */
	unsigned int mended; /* and of those so many closed */
	in_port_t port;
};

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int listen_any(in_port_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (void *)&address, length) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (void *)&address, &length) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*port = address.sin_port;
	return fd;
}

/* Loopback: the handshake is over when connect() returns, so accept() does not wait. */
static int pair_open(struct pair *pair, int listener, in_port_t port, unsigned int host)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = port,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host),
	};

	pair->far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (pair->far < 0)
		return -errno;
	if (connect(pair->far, (void *)&address, sizeof(address)) < 0)
		return -errno;
	pair->near = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return pair->near < 0 ? -errno : 0;
}

static int pairs_open(struct work *work, unsigned int index, unsigned int pairs)
{
	int err = 0, listener = listen_any(&work->port);

	if (listener < 0)
		return listener;
	while (work->opened < pairs && !err) {
		/* 127.0.1.0 and up: the host's own 127.0.0.1 stays out of it. */
		unsigned int host = 255 + index * ADDRESSES + work->opened % ADDRESSES;

		err = pair_open(&work->pairs[work->opened], listener, work->port, host);
		work->opened += !err;
	}
	return err;
}

/* The descriptor of the end that shuts down stays open, so that its FIN_WAIT2 stays too. */
static int pair_leak(const struct pair *pair)
{
	char byte;

	if (shutdown(pair->far, SHUT_WR) < 0)
		return -errno;
	return read(pair->near, &byte, 1) < 0 ? -errno : 0;
}

static int pair_mend(const struct pair *pair)
{
	close(pair->near);
	close(pair->far);
	return 0;
}

/* pairs[from] up to pairs[to], timed. */
static unsigned int pairs_change(struct work *work, int (*change)(const struct pair *pair), unsigned int from,
				 unsigned int to, struct crowd_answer *answer)
{
	answer->first_before_ns = now_ns();
	for (unsigned int i = from; i < to && !answer->err; i++) {
		answer->err = change(&work->pairs[i]);
		answer->done += !answer->err;
		if (i == from)
			answer->first_after_ns = now_ns();
	}
	answer->last_ns = now_ns();
	return from + answer->done;
}

static void order_run(struct work *work, const struct crowd_order *order, struct crowd_answer *answer)
{
	switch (order->verb) {
	case CROWD_LEAK:
		if (order->count > work->opened - work->leaked)
			answer->err = -ENOBUFS;
		else
			work->leaked = pairs_change(work, pair_leak, work->leaked, work->leaked + order->count, answer);
		return;
	case CROWD_MEND:
		work->mended = pairs_change(work, pair_mend, work->mended, work->leaked, answer);
		return;
	}
}

/* A reset frees both ends at once and leaves no TIME_WAIT. */
static void pairs_reset(struct work *work)
{
	struct linger now = {.l_onoff = 1};

	for (unsigned int i = work->mended; i < work->opened; i++) {
		setsockopt(work->pairs[i].far, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(work->pairs[i].far);
		close(work->pairs[i].near);
	}
}

int crowd_work(int fd, unsigned int index, unsigned int pairs)
{
	struct work work = {.pairs = calloc(pairs, sizeof(*work.pairs))};
	struct crowd_answer answer = {.err = -ENOMEM};
	struct crowd_order order;

	if (work.pairs)
		answer.err = pairs_open(&work, index, pairs);
	answer.done = work.opened;
	answer.port = work.port;
	while (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) == sizeof(answer) &&
	       recv(fd, &order, sizeof(order), 0) == sizeof(order)) {
		answer = (struct crowd_answer){.port = work.port};
		order_run(&work, &order, &answer);
	}
	pairs_reset(&work);
	free(work.pairs);
	return 0;
}
