// SPDX-License-Identifier: GPL-2.0
/*
 * play SCENE PID: what tests/replay/make.sh records, under the tracer that is PID. Says "played",
 * and keeps what it has open until its stdin ends.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../live/fatal.h"
#include "../live/sockets.h"

#define HERE "192.0.2.77"
#define HERE_6 "2001:db8::77"
#define LEAKED 5
#define PORT 40077
#define FLOOD 400

static void send_byte(int fd)
{
	fatal_unless(send(fd, "x", 1, MSG_NOSIGNAL) == 1, "send");
}

/* One side, and when its FIN is acknowledged the other. */
static void close_apart(const struct end *first, const struct end *second)
{
	shutdown(first->fd, SHUT_WR);
	sockets_wait_state(first->fd, TCP_FIN_WAIT2);
	close(second->fd);
	sockets_wait_state(first->fd, TCP_CLOSE);
	close(first->fd);
}

static void play_closes(pid_t tracer)
{
	struct pair p = sockets_pair(HERE);
	char byte;

	(void)tracer;
	close_apart(&p.client, &p.server);
	p = sockets_pair(HERE);
	close_apart(&p.server, &p.client);
	p = sockets_pair(HERE);
	sockets_close_in_order(&p.client, &p.server);
	p = sockets_pair(HERE_6);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	send_byte(p.server.fd);		/* a half-close that is in use */
	fatal_unless(read(p.client.fd, &byte, 1) == 1, "read");
	close(p.server.fd);
	close(p.client.fd);
}

static void play_leak(pid_t tracer)
{
	int listener = sockets_listen(HERE, 0, LEAKED);
	struct end there = sockets_end(listener);

	(void)tracer;
	for (int i = 0; i < LEAKED; i++) {
		int fd = sockets_open(there.family, 0);
		struct end held;

		fatal_unless(!sockets_connect(fd, HERE, there.lport), "connect");
		held = sockets_accept(listener);
		close(fd);
		sockets_wait_state(held.fd, TCP_CLOSE_WAIT);
	}
}

static void play_reuse(pid_t tracer)
{
	int listener = sockets_listen(HERE, 0, 8);
	struct end there = sockets_end(listener);

	(void)tracer;
	for (int i = 0; i < 3; i++) {
		int fd = sockets_bound(HERE, PORT, 0);
		struct end client, server;

		fatal_unless(!sockets_connect(fd, HERE, there.lport), "connect");
		client = sockets_end(fd);
		server = sockets_accept(listener);
		sockets_close_in_order(&client, &server);
	}
}

static void play_resets(pid_t tracer)
{
	struct pair p = sockets_pair(HERE);
	uint16_t port;
	int fd;

	(void)tracer;
	sockets_abort(p.client.fd);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
	close(p.server.fd);
	p = sockets_pair(HERE_6);
	send_byte(p.client.fd);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	close(p.server.fd);	/* with unread data */
	close(p.client.fd);
	fd = sockets_listen(HERE, 0, 1);
	port = sockets_end(fd).lport;
	close(fd);
	fd = sockets_open(AF_INET, 0);
	fatal_unless(sockets_connect(fd, HERE, port), "a refused connect");
	close(fd);
}

/* More than a small ring has room for, while nobody reads it. */
static void play_loss(pid_t tracer)
{
	kill(tracer, SIGSTOP);
	for (int i = 0; i < FLOOD; i++) {
		struct pair p = sockets_pair(HERE);

		sockets_abort(p.client.fd);
		close(p.server.fd);
	}
	kill(tracer, SIGCONT);
	play_closes(tracer);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*play)(pid_t tracer);
	} scenes[] = {
		{ "closes", play_closes }, { "leak", play_leak }, { "reuse", play_reuse },
		{ "resets", play_resets }, { "loss", play_loss },
	};

	fatal_in_child();
	for (size_t i = 0; argc == 3 && i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (strcmp(argv[1], scenes[i].name))
			continue;
		scenes[i].play((pid_t)atoi(argv[2]));
		puts("played");
		fflush(stdout);
		while (getchar() != EOF)
			;
		return 0;
	}
	return 2;
}
