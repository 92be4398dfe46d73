// SPDX-License-Identifier: GPL-2.0
/* Loopback sockets with a known identity, brought into a known state. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "deadline.h"
#include "fatal.h"
#include "netns.h"
#include "sockets.h"

#define SETTLE_MS 5000
#define TIMER_TIME_WAIT 3	/* the tr column of /proc/net/tcp for a mini-socket */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union address address_of(const char *text, uint16_t port)
{
	union address a = { 0 };
	int ok;

	if (strchr(text, ':')) {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(port);
		ok = inet_pton(AF_INET6, text, &a.v6.sin6_addr);
	} else {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
		ok = inet_pton(AF_INET, text, &a.v4.sin_addr);
	}
	fatal_unless(ok == 1, text);
	return a;
}

static uint16_t address_show(const union address *a, char text[INET6_ADDRSTRLEN])
{
	const void *bytes = &a->v4.sin_addr;

	if (a->any.sa_family == AF_INET6)
		bytes = &a->v6.sin6_addr;
	inet_ntop(a->any.sa_family, bytes, text, INET6_ADDRSTRLEN);
	return ntohs(a->v4.sin_port);	/* the same place in both families */
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie;
	socklen_t size = sizeof(cookie);

	fatal_unless(!getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size), "SO_COOKIE");
	return cookie;
}

struct end sockets_end(int fd)
{
	struct end end = { .fd = fd, .cookie = cookie_of(fd), .netns = netns_inode() };
	union address local = { 0 }, remote = { 0 };
	socklen_t lsize = sizeof(local), rsize = sizeof(remote);

	fatal_unless(!getsockname(fd, &local.any, &lsize), "getsockname");
	if (getpeername(fd, &remote.any, &rsize))
		remote.any.sa_family = local.any.sa_family;
	end.family = local.any.sa_family;
	end.lport = address_show(&local, end.laddr);
	end.rport = address_show(&remote, end.raddr);
	return end;
}

int sockets_open(int family, int protocol)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	fatal_unless(fd >= 0, "socket");
	cookie_of(fd);
	return fd;
}

int sockets_bound(const char *address, uint16_t port, int protocol)
{
	union address a = address_of(address, port);
	int fd = sockets_open(a.any.sa_family, protocol);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	fatal_unless(!bind(fd, &a.any, sizeof(a)), "bind");
	return fd;
}

int sockets_listen(const char *address, uint16_t port, int backlog)
{
	int fd = sockets_bound(address, port, 0);

	fatal_unless(!listen(fd, backlog), "listen");
	return fd;
}

int sockets_connect(int fd, const char *address, uint16_t port)
{
	union address a = address_of(address, port);

	return connect(fd, &a.any, sizeof(a)) ? errno : 0;
}

struct end sockets_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	fatal_unless(fd >= 0, "accept");
	return sockets_end(fd);
}

struct pair sockets_pair_from(const char *address, uint16_t client_port)
{
	int listener = sockets_listen(address, 0, 8);
	struct end there = sockets_end(listener);
	struct pair pair;
	int fd;

	fd = client_port ? sockets_bound(address, client_port, 0)
			 : sockets_open(there.family, 0);
	fatal_unless(!sockets_connect(fd, address, there.lport), "connect");
	pair.client = sockets_end(fd);
	pair.server = sockets_accept(listener);
	close(listener);
	return pair;
}

struct pair sockets_pair(const char *address)
{
	return sockets_pair_from(address, 0);
}

struct wanted {
	const struct end *end;
	int fd;
	int state;
};

int sockets_state(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	fatal_unless(!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
	return info.tcpi_state;
}

static bool state_reached(const void *arg)
{
	const struct wanted *want = arg;

	return sockets_state(want->fd) == want->state;
}

void sockets_wait_state(int fd, int state)
{
	struct wanted want = { .fd = fd, .state = state };

	fatal_unless(deadline_until(state_reached, &want, SETTLE_MS), "socket state");
}

/* A line of /proc/net/tcp, whose addresses are in host order as the kernel prints its __be32. */
static bool line_is_mini(const char *line, const struct wanted *want)
{
	unsigned int laddr, lport, raddr, rport, state, timer;

	if (sscanf(line, "%*d: %x:%x %x:%x %x %*x:%*x %x:", &laddr, &lport, &raddr, &rport,
		   &state, &timer) != 6)
		return false;
	return laddr == inet_addr(want->end->laddr) && lport == want->end->lport &&
	       raddr == inet_addr(want->end->raddr) && rport == want->end->rport &&
	       state == (unsigned int)want->state && timer == TIMER_TIME_WAIT;
}

static bool mini_exists(const void *arg)
{
	FILE *table = fopen("/proc/thread-self/net/tcp", "re");
	char line[256];
	bool found = false;

	fatal_unless(table, "/proc/thread-self/net/tcp");
	while (!found && fgets(line, sizeof(line), table))
		found = line_is_mini(line, arg);
	fclose(table);
	return found;
}

bool sockets_mini_exists(const struct end *end, int substate)
{
	struct wanted want = { .end = end, .state = substate };

	return mini_exists(&want);
}

void sockets_wait_mini(const struct end *end, int substate)
{
	struct wanted want = { .end = end, .state = substate };

	fatal_unless(deadline_until(mini_exists, &want, SETTLE_MS), "mini-socket");
}

static int sum_in(const char *path)
{
	FILE *file = fopen(path, "re");
	int sum = 0, inuse, minis;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		inuse = minis = 0;
		if (sscanf(line, "TCP: inuse %d orphan %*d tw %d", &inuse, &minis) > 0 ||
		    sscanf(line, "TCP6: inuse %d", &inuse) > 0)
			sum += inuse + minis;
	}
	if (file)
		fclose(file);
	return sum;
}

int sockets_in_kernel(void)
{
	return sum_in("/proc/thread-self/net/sockstat") +
	       sum_in("/proc/thread-self/net/sockstat6");
}

void sockets_abort(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/* On a slow machine a close() just after the abort may be the first: the peer then sends a FIN. */
void sockets_abort_and_close(int fd, int peer)
{
	sockets_abort(fd);
	sockets_wait_state(peer, TCP_CLOSE);
	close(peer);
}

/* Nobody else runs on this CPU from here on, or may again. As well as is permitted. */
static void keep_cpu(bool keep)
{
	struct sched_param parameters = { .sched_priority = keep };

	sched_setscheduler(0, keep ? SCHED_FIFO : SCHED_OTHER, &parameters);
}

/* The second FIN comes before the first one's delayed acknowledgement, 40 ms later, so that both
 * always go the same way. A slow machine may spend these on the tracer. */
void sockets_close_in_order(const struct end *first, const struct end *second)
{
	keep_cpu(true);
	close(first->fd);
	sockets_wait_state(second->fd, TCP_CLOSE_WAIT);
	close(second->fd);
	keep_cpu(false);
	if (first->family == AF_INET)
		sockets_wait_mini(first, TCP_TIME_WAIT);
}
