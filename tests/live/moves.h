/* SPDX-License-Identifier: GPL-2.0 */
/* What the sockets of a scenario do, and what it waits for, over and over. */
#ifndef LIVE_MOVES_H
#define LIVE_MOVES_H

#include <stddef.h>

#include "peer.h"
#include "sockets.h"

/* A pair over loopback, both ends shown: client, then server. */
struct pair moves_pair(void);
struct pair moves_pair6(void);

/* A peer and a socket connected to it, which is shown. */
struct end moves_connected(struct peer *p);
struct end moves_accepted(struct peer *p);

/* Zero bytes. */
void moves_send(int fd, size_t count);

/* Until there is something to read, be it the end. */
void moves_await_input(int fd);

/* Reads until there is nothing any more, or the end. */
void moves_read_all(int fd);

/* Until all that was sent has been acknowledged. */
void moves_await_acknowledged(int fd);

void moves_set(int fd, int level, int option, int value);

/* As sockets_wait_state(), for what takes seconds. */
void moves_await_state_slowly(int fd, int state);

/* Until that mini-socket has gone. IPv4 in the current namespace. */
void moves_await_no_mini(const struct end *end, int substate);

/* connect() to AF_UNSPEC. */
void moves_disconnect(int fd);

#endif
