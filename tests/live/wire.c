// SPDX-License-Identifier: GPL-2.0
/* Two hosts and the wire between them: two network namespaces, and us who carry the packets. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "deadline.h"
#include "fatal.h"
#include "netns.h"
#include "segment.h"
#include "tun.h"
#include "wire.h"

#define PATIENCE_MS 10000
#define SERVER_PORT 7001

static const char *const addresses[2] = { "10.9.0.1", "10.9.0.2" };

static int this_netns(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	fatal_unless(fd >= 0, "/proc/thread-self/ns/net");
	return fd;
}

void wire_open(struct wire *w)
{
	int side;

	*w = (struct wire){ .loss.count = 0 };
	for (side = 0; side < 2; side++) {
		if (side)
			netns_enter();
		w->netns[side] = this_netns();
		w->tun[side] = tun_open(addresses[side]);
	}
	wire_at(w, 0);
}

void wire_at(struct wire *w, int side)
{
	fatal_unless(!setns(w->netns[side], CLONE_NEWNET), "setns");
}

void wire_lose(struct wire *w, int side, const char *flags, int count)
{
	w->loss = (struct wire_loss){ side, flags, count };
}

static bool is_lost(struct wire *w, int side, const uint8_t *packet, size_t size)
{
	struct segment s;

	if (!w->loss.count || w->loss.side != side || !segment_read(packet, size, &s) ||
	    !segment_has(&s, w->loss.flags))
		return false;
	w->loss.count--;
	return true;
}

static void carry_from(struct wire *w, int side)
{
	_Alignas(4) uint8_t packet[SEGMENT_PACKET_MAX];
	size_t size;

	while ((size = tun_read(w->tun[side], packet, sizeof(packet))))
		if (!is_lost(w, side, packet, size))
			tun_write(w->tun[!side], packet, size);
}

struct journey {
	struct wire *w;
	bool (*holds)(const void *arg);
	const void *arg;
};

static bool has_arrived(const void *arg)
{
	const struct journey *j = arg;

	carry_from(j->w, 0);
	carry_from(j->w, 1);
	return j->holds(j->arg);
}

void wire_carry(struct wire *w, bool (*holds)(const void *arg), const void *arg)
{
	struct journey j = { w, holds, arg };

	fatal_unless(deadline_until(has_arrived, &j, PATIENCE_MS), "what the wire should lead to");
}

struct wanted {
	int fd, state;
	const struct end *end;
};

static bool has_state(const void *arg)
{
	const struct wanted *want = arg;

	return sockets_state(want->fd) == want->state;
}

void wire_carry_to_state(struct wire *w, int fd, int state)
{
	struct wanted want = { .fd = fd, .state = state };

	wire_carry(w, has_state, &want);
}

static bool has_mini(const void *arg)
{
	const struct wanted *want = arg;

	return sockets_mini_exists(want->end, want->state);
}

void wire_carry_to_mini(struct wire *w, int side, const struct end *end, int substate)
{
	struct wanted want = { .end = end, .state = substate };

	wire_at(w, side);
	wire_carry(w, has_mini, &want);
}

static bool is_all_lost(const void *arg)
{
	return !((const struct wire *)arg)->loss.count;
}

void wire_carry_to_loss(struct wire *w)
{
	wire_carry(w, is_all_lost, w);
}

static void set_nonblocking(int fd)
{
	fatal_unless(fcntl(fd, F_SETFL, O_NONBLOCK) >= 0, "O_NONBLOCK");
}

int wire_socket(struct wire *w, int side, uint16_t port)
{
	int fd;

	wire_at(w, side);
	fd = sockets_bound(addresses[side], port, 0);
	set_nonblocking(fd);
	return fd;
}

void wire_connect(int fd, int to_side, uint16_t port)
{
	fatal_unless(sockets_connect(fd, addresses[to_side], port) == EINPROGRESS, "connect");
}

static bool is_acceptable(const void *arg)
{
	int *fd = (void *)arg;

	*fd = fd[1] < 0 ? -1 : accept4(fd[1], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return *fd >= 0;
}

struct pair wire_pair(struct wire *w)
{
	int client = wire_socket(w, 0, 0), accepted[2];
	struct pair p;

	accepted[1] = wire_socket(w, 1, SERVER_PORT);
	fatal_unless(!listen(accepted[1], 8), "listen");
	wire_connect(client, 1, SERVER_PORT);
	wire_carry(w, is_acceptable, accepted);
	p.server = sockets_end(accepted[0]);
	wire_at(w, 0);
	p.client = sockets_end(client);
	close(accepted[1]);
	return p;
}
