/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP peer that is no kernel: it sends what a scenario says, when it says so, and answers
 * nothing by itself. It sits behind a TUN device of the current namespace.
 */
#ifndef LIVE_PEER_H
#define LIVE_PEER_H

#include <stdint.h>

#include "segment.h"
#include "sockets.h"

#define PEER_US "10.9.0.1"	/* the kernel's side */
#define PEER "10.9.0.2"
#define PEER_PORT 7000

struct peer {
	int tun;
	int fd;			/* the kernel's socket */
	int listener;		/* its listener, -1 without */
	uint16_t port;		/* its port */
	uint32_t seq;		/* the next of ours */
	uint32_t ack;		/* the next of the kernel's; 0 while it has sent nothing */
	uint16_t window;
	_Alignas(4) uint8_t packet[SEGMENT_PACKET_MAX];	/* the last that came */
};

void peer_open(struct peer *p);

/* fd in ESTABLISHED: by its own connect(), or taken from p->listener, which stays open. */
void peer_be_connected(struct peer *p);
void peer_connect(struct peer *p);

/* fd in SYN_SENT: its SYN has come and is not answered yet. */
void peer_be_called(struct peer *p);

/* fd in SYN_RECV, as the SYNs crossed; its SYN+ACK has come and is not answered yet. */
void peer_cross_syns(struct peer *p);

/* A socket of the kernel that listens; sets p->port. */
void peer_listen(struct peer *p);

/* The next segment of ours, that acknowledges all that peer_expect() has let through. */
void peer_send(struct peer *p, const char *flags, uint32_t length);

/* One with any sequence number, that counts for nothing. */
void peer_send_at(struct peer *p, const char *flags, uint32_t seq, uint32_t length);

/* "Host unreachable" about the last segment that came. */
void peer_send_unreachable(struct peer *p);

/* Waits for the next segment that segment_has() these; what comes before it is not looked at. */
void peer_expect(struct peer *p, const char *flags);

/* The next segment if it is there, of any kind. */
bool peer_poll(struct peer *p, struct segment *s);

/* The same, but waits for it. */
struct segment peer_expect_any(struct peer *p);

#endif
