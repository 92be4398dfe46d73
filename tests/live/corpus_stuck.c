// SPDX-License-Identifier: GPL-2.0
/*
 * CLOSE_WAIT that lingers: what is said of it while it does, and how it ends then. Each begins so:
 *
 *  client                       server
 *  shutdown() FIN_WAIT1 FIN ->  CLOSE_WAIT
 *             FIN_WAIT2 <- ACK
 */
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "corpus.h"
#include "fatal.h"
#include "moves.h"
#include "stage.h"

static struct pair lingering(void)
{
	struct pair p = sockets_pair(CORPUS_HOME);

	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	return p;
}

static void await_verdict(const struct pair *p)
{
	stage_show(&p->server);
	stage_hold();
	close(p->server.fd);
	sockets_wait_mini(&p->client, TCP_TIME_WAIT);
}

/* The server reads the EOF, and never closes. */
static void eof_read_not_closed(void)
{
	struct pair p = lingering();

	moves_read_all(p.server.fd);
	await_verdict(&p);
}

/* The server never looks. */
static void eof_not_read(void)
{
	struct pair p = lingering();

	await_verdict(&p);
}

/* The server leaves data before the EOF. */
static void unread_data(void)
{
	struct pair p = sockets_pair(CORPUS_HOME);

	moves_send(p.client.fd, 100);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	stage_show(&p.server);
	stage_hold();
	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE);
}

/* The server never accepts; the listener's end takes it along. */
static void not_accepted(void)
{
	struct end there = sockets_end(sockets_listen(CORPUS_HOME, 0, 8)), child = there;
	int fd = sockets_bound(CORPUS_HOME, 0, 0);

	fatal_unless(!sockets_connect(fd, CORPUS_HOME, there.lport), "connect");
	child.cookie = 0;
	child.rport = sockets_end(fd).lport;
	memcpy(child.raddr, CORPUS_HOME, sizeof(CORPUS_HOME));
	shutdown(fd, SHUT_WR);
	sockets_wait_state(fd, TCP_FIN_WAIT2);
	stage_show(&child);
	stage_hold();
	close(there.fd);
	sockets_wait_state(fd, TCP_CLOSE);
}

/* The server read the EOF and goes on sending, as a tunnel does: the client reads. */
static void send_some(void *arg)
{
	const struct pair *p = arg;

	moves_send(p->server.fd, 10);
	moves_await_input(p->client.fd);
	moves_read_all(p->client.fd);
}

static void still_sending(void)
{
	struct pair p = lingering();

	moves_read_all(p.server.fd);
	stage_show(&p.server);
	stage_hold_while(send_some, &p);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
}

/* Lets go of the server's end, and keeps the client's. */
static void keep(int link, void *arg)
{
	close(*(int *)arg);
	child_signal(link);
	child_await(link);
}

/*
 *  client, its forked child      server
 *  the client closes its descriptor: the child has it still
 *            CLOSE_WAIT  <- FIN  shutdown() FIN_WAIT1
 *                        ACK ->  FIN_WAIT2
 */
static void held_by_child(void)
{
	struct pair p = sockets_pair(CORPUS_HOME);
	struct child child = child_start(keep, &p.server.fd);

	child_await(child.link);
	close(p.client.fd);
	shutdown(p.server.fd, SHUT_RDWR);
	sockets_wait_state(p.server.fd, TCP_FIN_WAIT2);
	stage_show(&p.client);
	stage_hold();
	child_signal(child.link);
	child_wait(&child);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

const struct scenario corpus_stuck[] = {
	{ "stuck_eof_read_not_closed", eof_read_not_closed, .waits = true, .at_home = true,
	  .expected = { { "orderly", "remote", "dwell_ns.CLOSE_WAIT>=1000000000",
			  .verdict = "eof-read-not-closed" } } },
	{ "stuck_eof_not_read", eof_not_read, .waits = true, .at_home = true,
	  .expected = { { "orderly", "remote", "dwell_ns.CLOSE_WAIT>=1000000000",
			  .verdict = "eof-not-read" } } },
	{ "stuck_unread_data", unread_data, .waits = true, .at_home = true,
	  .expected = { { "abort-unread", "remote", "unread_bytes=100",
			  .verdict = "unread-data" } } },
	{ "stuck_not_accepted", not_accepted, .waits = true, .at_home = true,
	  .expected = { { "reset-sent", "remote", .verdict = "not-accepted" } } },
	{ "stuck_still_sending", still_sending, .waits = true, .at_home = true,
	  .expected = { { "orderly", "remote", "half_close_ns>=1000000000 bytes_after_fin>=10",
			  .verdict = "still-sending" } } },
	{ "stuck_held_by_child", held_by_child, .waits = true, .at_home = true,
	  .expected = { { "orderly", "remote", "process=exited",
			  .verdict = "held-by-child" } } },
	{ 0 }
};
