// SPDX-License-Identifier: GPL-2.0
/* Connections over loopback one after the other, each of ten transitions and no more. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fatal.h"
#include "mill.h"
#include "sockets.h"

#define AT_ONCE 6
#define PER_ADDRESS 20000	/* of the ports that wait in TIME_WAIT */

static void turn(int listener, uint16_t port, int number)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server;
	char address[16], none;

	snprintf(address, sizeof(address), "127.0.9.%d", 1 + number / PER_ADDRESS);
	fatal_unless(!sockets_connect(client, address, port), "connect");
	server = accept(listener, NULL, NULL);
	fatal_unless(server >= 0, "accept");
	close(client);
	fatal_unless(recv(server, &none, 1, 0) == 0, "end of data");
	close(server);
}

static bool is_called(int link)
{
	struct pollfd asked = { .fd = link, .events = POLLIN };

	return poll(&asked, 1, 0) > 0;
}

static void work(int link, void *arg)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	const struct mill *mill = arg;
	uint16_t port = sockets_end(mill->listener).lport;
	int count = 0;

	child_await(link);
	while (!is_called(link)) {
		for (int i = 0; i < AT_ONCE; i++)
			turn(mill->listener, port, count++);
		nanosleep(&nap, NULL);
	}
	child_await(link);
	child_tell(link, &count, sizeof(count));
}

struct mill mill_open(void)
{
	struct mill mill = { .listener = sockets_listen("0.0.0.0", 0, 16) };

	mill.child = child_start(work, &mill);
	return mill;
}

void mill_start(struct mill *mill)
{
	child_signal(mill->child.link);
}

int mill_stop(struct mill *mill)
{
	int count;

	child_signal(mill->child.link);
	child_hear(mill->child.link, &count, sizeof(count));
	child_wait(&mill->child);
	return count;
}

void mill_close(struct mill *mill)
{
	child_kill(&mill->child);
	close(mill->listener);
}

void mill_grind(const struct mill *mill, int count)
{
	uint16_t port = sockets_end(mill->listener).lport;

	for (int i = 0; i < count; i++)
		turn(mill->listener, port, i);
}
