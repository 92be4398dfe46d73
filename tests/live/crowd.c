// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "crowd.h"
#include "fatal.h"
#include "netns.h"
#include "sockets.h"

#define OPEN_MAX 32		/* connections that a namespace keeps open while it churns */
#define SPARE_FILES 256

struct crowd_run {
	struct crowd crowd;
	struct child children[CROWD_NAMESPACES_MAX];
};

struct pair_fds {
	int client, server;
};

static struct pair_fds connect_one(const struct end *listener)
{
	struct pair_fds pair;

	pair.client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fatal_unless(pair.client >= 0 &&
		     !sockets_connect(pair.client, listener->laddr, listener->lport), "connect");
	pair.server = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
	fatal_unless(pair.server >= 0, "accept");
	return pair;
}

static void await_eof(int fd)
{
	char none;

	fatal_unless(recv(fd, &none, 1, 0) == 0, "end of data");
}

/* By tens: six are established, two half-closed, one is closed at one end, one at both. */
static int settle(const struct pair_fds *pair, int turn)
{
	switch (turn % 10) {
	case 0:
	case 1:
		shutdown(pair->client, SHUT_WR);	/* FIN_WAIT2, held, and CLOSE_WAIT */
		return 2;
	case 2:
		close(pair->client);			/* FIN_WAIT2, a mini-socket, and CLOSE_WAIT */
		return 2;
	case 3:
		close(pair->client);
		await_eof(pair->server);
		close(pair->server);			/* TIME_WAIT */
		return 1;
	default:
		return 2;
	}
}

static void allow_files(int sockets)
{
	const rlim_t wanted = (rlim_t)sockets + SPARE_FILES;
	const struct rlimit limit = { wanted, wanted };

	fatal_unless(!setrlimit(RLIMIT_NOFILE, &limit), "RLIMIT_NOFILE");
}

static void end_one(const struct pair_fds *pair, unsigned int chance)
{
	switch (chance % 4) {
	case 0:
		sockets_abort(pair->client);
		close(pair->server);
		break;
	case 1:
		close(pair->server);
		close(pair->client);
		break;
	default:
		close(pair->client);
		close(pair->server);
		break;
	}
}

static bool is_told(int link)
{
	struct pollfd wait = { .fd = link, .events = POLLIN };

	return poll(&wait, 1, 0) > 0;
}

/* Until a word comes, or so many; returns how many there were. */
static uint64_t churn(int link, const struct crowd *crowd, const struct end *listener)
{
	struct pair_fds open[OPEN_MAX];
	unsigned int chance = (unsigned int)getpid();
	uint64_t made = 0;
	int count = 0;

	while (!is_told(link) && (!crowd->lives || made < (uint64_t)crowd->lives)) {
		chance = chance * 1103515245 + 12345;
		if (count == OPEN_MAX) {
			int turn = (int)(chance >> 16) % OPEN_MAX;

			end_one(&open[turn], chance >> 8);
			open[turn] = open[--count];
		}
		open[count++] = connect_one(listener);
		made++;
		if (crowd->pause_us)
			usleep((useconds_t)crowd->pause_us);
	}
	while (count)
		end_one(&open[--count], chance++);
	return made;
}

static void populate(int link, void *arg)
{
	const struct crowd *crowd = arg;
	struct end listener;
	uint64_t made = 0;
	int here = 1, turn = 0;

	allow_files(crowd->sockets);
	netns_enter();
	listener = sockets_end(sockets_listen("127.0.0.1", 0, 64));
	while (here < crowd->sockets) {
		const struct pair_fds pair = connect_one(&listener);

		here += settle(&pair, turn++);
	}
	child_signal(link);
	if (crowd->starts_idle)
		child_await(link);
	made = churn(link, crowd, &listener);
	while (!is_told(link)) {		/* crowd->lives: one namespace after the other */
		close(listener.fd);
		fatal_unless(!unshare(CLONE_NEWNET), "a namespace");
		netns_up();
		listener = sockets_end(sockets_listen("127.0.0.1", 0, 64));
		made += churn(link, crowd, &listener);
	}
	child_await(link);
	child_tell(link, &made, sizeof(made));
	child_await(link);
}

struct crowd_run *crowd_start(const struct crowd *crowd)
{
	struct crowd_run *run = calloc(1, sizeof(*run));

	fatal_unless(run && crowd->namespaces <= CROWD_NAMESPACES_MAX, "crowd");
	run->crowd = *crowd;
	for (int i = 0; i < crowd->namespaces; i++)
		run->children[i] = child_start(populate, &run->crowd);
	for (int i = 0; i < crowd->namespaces; i++)
		child_await(run->children[i].link);
	return run;
}

void crowd_churn(struct crowd_run *run)
{
	for (int i = 0; i < run->crowd.namespaces; i++)
		child_signal(run->children[i].link);
}

uint64_t crowd_stop(struct crowd_run *run)
{
	uint64_t all = 0, made;

	for (int i = 0; i < run->crowd.namespaces; i++)
		child_signal(run->children[i].link);
	for (int i = 0; i < run->crowd.namespaces; i++) {
		child_hear(run->children[i].link, &made, sizeof(made));
		all += made;
	}
	return all;
}

void crowd_end(struct crowd_run *run)
{
	for (int i = 0; i < run->crowd.namespaces; i++)
		child_kill(&run->children[i]);
	free(run);
}
