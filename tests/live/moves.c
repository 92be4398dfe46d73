// SPDX-License-Identifier: GPL-2.0
/* What the sockets of a scenario do, and what it waits for, over and over. */
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "corpus.h"
#include "deadline.h"
#include "fatal.h"
#include "moves.h"
#include "stage.h"

#define PATIENCE_MS 10000
#define SLOW_MS 20000

static struct pair show(struct pair p)
{
	stage_show(&p.client);
	stage_show(&p.server);
	return p;
}

struct pair moves_pair(void)
{
	return show(sockets_pair(CORPUS_V4));
}

struct pair moves_pair6(void)
{
	return show(sockets_pair(CORPUS_V6));
}

struct end moves_connected(struct peer *p)
{
	peer_open(p);
	peer_be_connected(p);
	return stage_show_fd(p->fd);
}

struct end moves_accepted(struct peer *p)
{
	peer_open(p);
	peer_connect(p);
	return stage_show_fd(p->fd);
}

void moves_send(int fd, size_t count)
{
	static const char bytes[4096];

	fatal_unless(send(fd, bytes, count, MSG_NOSIGNAL) == (ssize_t)count, "send");
}

void moves_await_input(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	fatal_unless(poll(&p, 1, deadline_left_ms(deadline_in_ms(PATIENCE_MS))) == 1, "poll");
}

void moves_read_all(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static bool is_acknowledged(const void *fd)
{
	int waiting = 0;

	return !ioctl(*(const int *)fd, SIOCOUTQ, &waiting) && !waiting;
}

void moves_await_acknowledged(int fd)
{
	fatal_unless(deadline_until(is_acknowledged, &fd, PATIENCE_MS), "acknowledgement");
}

void moves_set(int fd, int level, int option, int value)
{
	fatal_unless(!setsockopt(fd, level, option, &value, sizeof(value)), "setsockopt");
}

struct wanted {
	int fd, state;
};

static bool has_state(const void *arg)
{
	const struct wanted *want = arg;

	return sockets_state(want->fd) == want->state;
}

void moves_await_state_slowly(int fd, int state)
{
	struct wanted want = { fd, state };

	fatal_unless(deadline_until(has_state, &want, SLOW_MS), "socket state");
}

struct gone {
	const struct end *end;
	int substate;
};

static bool is_gone(const void *arg)
{
	const struct gone *gone = arg;

	return !sockets_mini_exists(gone->end, gone->substate);
}

void moves_await_no_mini(const struct end *end, int substate)
{
	struct gone gone = { end, substate };

	fatal_unless(deadline_until(is_gone, &gone, PATIENCE_MS), "end of the mini-socket");
}

void moves_disconnect(int fd)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	fatal_unless(!connect(fd, &nowhere, sizeof(nowhere)), "disconnect");
}
