// SPDX-License-Identifier: GPL-2.0
/* Connections that both sides end by chance, in every way that needs no network but loopback. */
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "fatal.h"
#include "mixed.h"
#include "sockets.h"

#define ONE_IN_REFUSED 50
#define ONE_IN_KILLED 200
#define KEPT_MAX 64

struct dice {
	uint32_t state;
};

/* xorshift */
static unsigned int roll(struct dice *dice, unsigned int sides)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 17;
	dice->state ^= dice->state << 5;
	return dice->state % sides;
}

static void send_some(int fd)
{
	static const char bytes[1500];

	send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void read_all(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

/* What a side does before its last step. */
static void prepare(int fd, unsigned int how)
{
	switch (how) {
	case 0:
		send_some(fd);
		break;
	case 1:
		shutdown(fd, SHUT_WR);
		break;
	case 2:
		shutdown(fd, SHUT_RDWR);
		break;
	case 3:
		send_some(fd);
		shutdown(fd, SHUT_WR);
		break;
	case 4:
		read_all(fd);
		break;
	default:
		break;
	}
}

static void disconnect(int fd)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	connect(fd, &nowhere, sizeof(nowhere));
	close(fd);
}

/* And its last step. */
static void end(int fd, unsigned int how)
{
	switch (how) {
	case 0:
		sockets_abort(fd);
		break;
	case 1:
		disconnect(fd);
		break;
	case 2:
	case 3:
	case 4:
		read_all(fd);
		close(fd);
		break;
	default:
		close(fd);
	}
}

/* Two steps of each side, in any order of the sides. */
static void end_both(int client, int server, struct dice *dice)
{
	int fds[2] = { client, server };
	int steps[2] = { 0, 0 };

	while (steps[0] + steps[1] < 4) {
		unsigned int side = roll(dice, 2);

		if (steps[side] == 2)
			side = !side;
		if (steps[side]++ == 0)
			prepare(fds[side], roll(dice, 8));
		else
			end(fds[side], roll(dice, 8));
	}
}

static int client_of(const struct end *there)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fatal_unless(fd >= 0 && !sockets_connect(fd, there->laddr, there->lport), "connect");
	return fd;
}

static int accept_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	fatal_unless(fd >= 0, "accept");
	return fd;
}

/* A process that dies with its end open, its data perhaps unread. */
static void kill_one(const struct end *there, struct dice *dice)
{
	pid_t pid = fork();
	int server;

	fatal_unless(pid >= 0, "fork");
	if (!pid) {
		client_of(there);
		pause();
		_exit(0);
	}
	server = accept_one(there->fd);
	prepare(server, roll(dice, 8));
	kill(pid, SIGKILL);
	fatal_unless(waitpid(pid, NULL, 0) == pid, "waitpid");
	end(server, roll(dice, 8));
}

static void refuse_one(const struct end *deaf)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fatal_unless(sockets_connect(fd, deaf->laddr, deaf->lport), "refused");
	close(fd);
}

void mixed_drive(int link, void *arg)
{
	const struct mixed *mixed = arg;
	struct end there = sockets_end(sockets_listen(mixed->address, 0, 64));
	struct end deaf = sockets_end(sockets_bound(mixed->address, 0, 0));
	struct dice dice = { mixed->seed };
	int kept[2 * KEPT_MAX], left = 0;

	fatal_unless(mixed->kept <= KEPT_MAX, "too many to keep");
	for (int i = 0; i < mixed->connections; i++) {
		int client, server;

		if (!roll(&dice, ONE_IN_KILLED)) {
			kill_one(&there, &dice);
			continue;
		}
		if (!roll(&dice, ONE_IN_REFUSED)) {
			refuse_one(&deaf);
			continue;
		}
		client = client_of(&there);
		server = accept_one(there.fd);
		if (mixed->connections - i <= mixed->kept) {
			kept[left++] = client;
			kept[left++] = server;
		} else {
			end_both(client, server, &dice);
		}
	}
	child_signal(link);
	child_await(link);
	while (left)
		close(kept[--left]);
}
