/* SPDX-License-Identifier: GPL-2.0 */
/* Loopback sockets with a known identity, brought into a known state. */
#ifndef LIVE_SOCKETS_H
#define LIVE_SOCKETS_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* One socket as it was when it was made; cookie and addresses outlive the descriptor. */
struct end {
	int fd;
	int family;
	uint64_t cookie;	/* SO_COOKIE */
	uint64_t netns;		/* the inode */
	uint16_t lport, rport;
	char laddr[INET6_ADDRSTRLEN], raddr[INET6_ADDRSTRLEN];
};

struct pair {
	struct end client, server;
};

/* What is at the other side of fd now; for an unconnected one the remote is all zero. */
struct end sockets_end(int fd);

/* A TCP socket, or of another such protocol. Asks for its cookie: where events do not make one, this
 * does, so that they show it from the first on. */
int sockets_open(int family, int protocol);

/* Bound to that address, with SO_REUSEADDR. Port 0 lets the kernel choose. The family follows
 * from the address; "::" also takes IPv4. */
int sockets_bound(const char *address, uint16_t port, int protocol);
int sockets_listen(const char *address, uint16_t port, int backlog);

/* Connects a bound or unbound socket to a listener's address and port; returns errno or 0. */
int sockets_connect(int fd, const char *address, uint16_t port);

struct end sockets_accept(int listener);

/* Client and server over a listener of that address which is closed again; the client's own
 * port is that given, 0 for an automatic one. */
struct pair sockets_pair(const char *address);
struct pair sockets_pair_from(const char *address, uint16_t client_port);

/* TCP_ESTABLISHED and so on, as the kernel has it now. */
int sockets_state(int fd);

/* Fails the test when fd does not get there in time. */
void sockets_wait_state(int fd, int state);

/* The same for a mini-socket, which has no descriptor: substate FIN_WAIT2 or TIME_WAIT.
 * IPv4 in the current namespace. */
void sockets_wait_mini(const struct end *end, int substate);
bool sockets_mini_exists(const struct end *end, int substate);

/* TCP sockets of the current namespace that are bound or connected, mini-sockets included. */
int sockets_in_kernel(void);

/* close() that sends a reset; the same, and the peer's close() once that has arrived. */
void sockets_abort(int fd);
void sockets_abort_and_close(int fd, int peer);

/* Client first, to the end: afterwards the client's mini-socket is in TIME_WAIT. */
void sockets_close_in_order(const struct end *first, const struct end *second);

#endif
