// SPDX-License-Identifier: GPL-2.0
/* A TCP peer that is no kernel: it sends what a scenario says, when it says so. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "deadline.h"
#include "fatal.h"
#include "peer.h"
#include "tun.h"

#define FIRST_SEQ 1000
#define WINDOW 65535
#define PATIENCE_MS 10000

void peer_open(struct peer *p)
{
	*p = (struct peer){ .tun = tun_open(PEER_US), .fd = -1, .listener = -1,
			    .seq = FIRST_SEQ, .window = WINDOW };
}

bool peer_poll(struct peer *p, struct segment *s)
{
	size_t size;

	do
		size = tun_read(p->tun, p->packet, sizeof(p->packet));
	while (size && !segment_read(p->packet, size, s));
	return size;
}

struct arrival {
	struct peer *p;
	struct segment segment;
};

static bool has_arrived(const void *arg)
{
	struct arrival *a = (void *)arg;

	return peer_poll(a->p, &a->segment);
}

struct segment peer_expect_any(struct peer *p)
{
	struct arrival a = { .p = p };

	fatal_unless(deadline_until(has_arrived, &a, PATIENCE_MS), "segment from the kernel");
	return a.segment;
}

static bool is_newer(uint32_t end, uint32_t ack)
{
	return (int32_t)(end - ack) > 0;
}

/* Every SYN of the kernel's begins its sequence anew. */
void peer_expect(struct peer *p, const char *flags)
{
	struct segment s;
	uint32_t end;

	do
		s = peer_expect_any(p);
	while (!segment_has(&s, flags));
	end = s.seq + segment_span(&s);
	if (!p->ack || segment_has(&s, "S") || is_newer(end, p->ack))
		p->ack = end;
	p->port = s.sport;
}

void peer_send_at(struct peer *p, const char *flags, uint32_t seq, uint32_t length)
{
	struct segment s = { .from = inet_addr(PEER), .to = inet_addr(PEER_US),
			     .sport = PEER_PORT, .dport = p->port, .seq = seq, .ack = p->ack,
			     .window = p->window, .flags = segment_flags(flags),
			     .length = length };
	_Alignas(4) uint8_t packet[SEGMENT_PACKET_MAX];

	tun_write(p->tun, packet, segment_write(&s, packet));
}

void peer_send(struct peer *p, const char *flags, uint32_t length)
{
	struct segment s = { .flags = segment_flags(flags), .length = length };

	peer_send_at(p, flags, p->seq, length);
	p->seq += segment_span(&s);
}

void peer_send_unreachable(struct peer *p)
{
	_Alignas(4) uint8_t packet[SEGMENT_PACKET_MAX];

	tun_write(p->tun, packet, segment_write_unreachable(p->packet, packet));
}

void peer_be_called(struct peer *p)
{
	if (p->fd < 0)
		p->fd = sockets_bound(PEER_US, 0, 0);
	fatal_unless(fcntl(p->fd, F_SETFL, O_NONBLOCK) >= 0, "O_NONBLOCK");
	fatal_unless(sockets_connect(p->fd, PEER, PEER_PORT) == EINPROGRESS, "connect");
	peer_expect(p, "S");
}

void peer_be_connected(struct peer *p)
{
	peer_be_called(p);
	peer_send(p, "SA", 0);
	peer_expect(p, "A");
	sockets_wait_state(p->fd, TCP_ESTABLISHED);
}

void peer_cross_syns(struct peer *p)
{
	peer_be_called(p);
	peer_send(p, "S", 0);
	peer_expect(p, "SA");
}

void peer_listen(struct peer *p)
{
	p->listener = sockets_listen(PEER_US, 0, 8);
	p->port = sockets_end(p->listener).lport;
}

void peer_connect(struct peer *p)
{
	peer_listen(p);
	peer_send(p, "S", 0);
	peer_expect(p, "SA");
	peer_send(p, "A", 0);
	p->fd = sockets_accept(p->listener).fd;
}
