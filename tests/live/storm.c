// SPDX-License-Identifier: GPL-2.0
/* Connections in the current namespace, as fast as they go. */
#include <stdint.h>
#include <unistd.h>

#include "child.h"
#include "fatal.h"
#include "sockets.h"
#include "storm.h"

#define DRIVERS_MAX 8
#define ADDRESS "127.0.7.1"

static struct child drivers[DRIVERS_MAX];
static int driver_count;

static void connect_pair(const struct end *listener, int *client, int *server)
{
	*client = socket(AF_INET, SOCK_STREAM, 0);
	fatal_unless(!sockets_connect(*client, listener->laddr, listener->lport), "connect");
	*server = accept(listener->fd, NULL, NULL);
	fatal_unless(*server >= 0, "accept");
}

static void end_of_data(int fd)
{
	char none;

	fatal_unless(recv(fd, &none, 1, 0) == 0, "end of data");
}

void storm_run(int connections)
{
	struct end listener = sockets_end(sockets_listen(ADDRESS, 0, 8));
	int client, server;

	while (connections--) {
		connect_pair(&listener, &client, &server);
		close(client);
		end_of_data(server);
		close(server);
	}
	close(listener.fd);
}

static void drive(int link, void *arg)
{
	struct end listener = sockets_end(sockets_listen(ADDRESS, 0, 8));
	int client, server;

	(void)link;
	(void)arg;
	while (true) {
		connect_pair(&listener, &client, &server);
		shutdown(client, SHUT_WR);
		end_of_data(server);
		sockets_abort(client);
		close(server);
	}
}

void storm_start(int count)
{
	fatal_unless(count <= DRIVERS_MAX, "too many drivers");
	while (driver_count < count)
		drivers[driver_count++] = child_start(drive, NULL);
}

void storm_stop(void)
{
	while (driver_count)
		child_kill(&drivers[--driver_count]);
}
