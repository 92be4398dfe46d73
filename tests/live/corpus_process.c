// SPDX-License-Identifier: GPL-2.0
/* Closes that a process's end makes, and descriptors that more than one process has. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "corpus.h"
#include "fatal.h"
#include "moves.h"
#include "stage.h"

/* Connects to *arg, tells its end, and hangs until it is told to end. */
static void client(int link, void *arg)
{
	const struct end *there = arg;
	int fd = sockets_bound(CORPUS_V4, 0, 0);
	struct end end;

	fatal_unless(!sockets_connect(fd, there->laddr, there->lport), "connect");
	end = sockets_end(fd);
	child_tell(link, &end, sizeof(end));
	child_await(link);
}

/* The client is a process of its own. Shown: client, server. */
static struct pair with_client(struct child *child)
{
	struct end there = sockets_end(sockets_listen(CORPUS_V4, 0, 8));
	struct pair p;

	*child = child_start(client, &there);
	child_hear(child->link, &p.client, sizeof(p.client));
	stage_show(&p.client);
	p.server = sockets_accept(there.fd);
	stage_show(&p.server);
	return p;
}

static void end_by(struct child *child, int signal)
{
	kill(child->pid, signal);
	fatal_unless(child_wait(child) == -signal, "end by the signal");
}

/* Its kernel closes for the dead. */
static void close_after(const struct pair *p)
{
	sockets_wait_mini(&p->client, TCP_FIN_WAIT2);
	close(p->server.fd);
	sockets_wait_mini(&p->client, TCP_TIME_WAIT);
}

/*
 *  client                       server
 *  SIGKILL FIN_WAIT1    FIN ->  CLOSE_WAIT
 *          FIN_WAIT2    <- ACK
 *          TIME_WAIT    <- FIN  close() LAST_ACK
 *                       ACK ->  CLOSE
 */
static void killed(void)
{
	struct child child;
	struct pair p = with_client(&child);

	end_by(&child, SIGKILL);
	close_after(&p);
}

/* The same, by SIGTERM. */
static void terminated(void)
{
	struct child child;
	struct pair p = with_client(&child);

	end_by(&child, SIGTERM);
	close_after(&p);
}

/* The same, by exit(). */
static void exits(void)
{
	struct child child;
	struct pair p = with_client(&child);

	child_signal(child.link);
	fatal_unless(!child_wait(&child), "exit");
	close_after(&p);
}

/*
 *  client                       server
 *  (does not read)      <- 100  write(100)
 *  SIGKILL CLOSE        RST ->  CLOSE
 */
static void killed_with_unread_data(void)
{
	struct child child;
	struct pair p = with_client(&child);

	moves_send(p.server.fd, 100);
	moves_await_acknowledged(p.server.fd);
	end_by(&child, SIGKILL);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  client                       server
 *          CLOSE_WAIT   <- FIN  shutdown() FIN_WAIT1
 *                       ACK ->  FIN_WAIT2
 *  SIGKILL LAST_ACK     FIN ->  TIME_WAIT
 *          CLOSE        <- ACK
 */
static void killed_in_close_wait(void)
{
	struct child child;
	struct pair p = with_client(&child);

	shutdown(p.server.fd, SHUT_RDWR);
	sockets_wait_state(p.server.fd, TCP_FIN_WAIT2);
	end_by(&child, SIGKILL);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

union ancillary {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static struct msghdr envelope(struct iovec *byte, union ancillary *with)
{
	return (struct msghdr){ .msg_iov = byte, .msg_iovlen = 1, .msg_control = with,
				.msg_controllen = sizeof(with->room) };
}

static void pass_descriptor(int link, int fd)
{
	struct iovec byte = { "!", 1 };
	union ancillary with = { .header = { .cmsg_len = CMSG_LEN(sizeof(fd)),
					     .cmsg_level = SOL_SOCKET,
					     .cmsg_type = SCM_RIGHTS } };
	struct msghdr message = envelope(&byte, &with);

	memcpy(CMSG_DATA(&with.header), &fd, sizeof(fd));
	fatal_unless(sendmsg(link, &message, 0) == 1, "pass the descriptor");
}

/* Takes a descriptor, says so, and closes it when told. */
static void heir(int link, void *arg)
{
	char none;
	struct iovec byte = { &none, 1 };
	union ancillary with = { 0 };
	struct msghdr message = envelope(&byte, &with);
	int fd;

	(void)arg;
	fatal_unless(recvmsg(link, &message, 0) == 1, "take the descriptor");
	memcpy(&fd, CMSG_DATA(&with.header), sizeof(fd));
	child_signal(link);
	child_await(link);
	close(fd);
	child_signal(link);
	child_await(link);
}

/*
 *  client, heir                 server
 *  the client passes its descriptor on and closes: nothing happens
 *  heir: close() FIN_WAIT1
 *                       FIN ->  CLOSE_WAIT
 *          FIN_WAIT2    <- ACK
 *          TIME_WAIT    <- FIN  close() LAST_ACK
 */
static void passed_on(void)
{
	struct child child = child_start(heir, NULL);
	struct pair p = moves_pair();

	pass_descriptor(child.link, p.client.fd);
	child_await(child.link);
	close(p.client.fd);
	fatal_unless(sockets_state(p.server.fd) == TCP_ESTABLISHED, "still open");
	child_signal(child.link);
	child_await(child.link);
	close_after(&p);
	child_kill(&child);
}

/* Has the client's end by inheritance, and lets go of the server's. */
static void client_holder(int link, void *arg)
{
	close(*(int *)arg);
	child_signal(link);
	child_await(link);
}

/*
 *  client, its forked child     server
 *  the client closes: nothing happens
 *  SIGKILL of the child FIN_WAIT1
 *                       FIN ->  CLOSE_WAIT ...
 */
static void last_holder_killed(void)
{
	struct pair p = moves_pair();
	int server = p.server.fd;
	struct child child;

	child = child_start(client_holder, &server);
	child_await(child.link);
	close(p.client.fd);
	fatal_unless(sockets_state(server) == TCP_ESTABLISHED, "still open");
	end_by(&child, SIGKILL);
	close_after(&p);
}

const struct scenario corpus_process[] = {
	{ "process_killed", killed, .expected = {
		{ "orderly", "local", "process=killed signal=9", { "fin-arrived" } },
		{ "orderly", "remote", "process=running signal=null" } } },
	{ "process_terminated", terminated, .expected = {
		{ "orderly", "local", "process=killed signal=15", { "fin-arrived" } },
		{ "orderly", "remote", "process=running" } } },
	{ "process_exits", exits, .expected = {
		{ "orderly", "local", "process=exited signal=null", { "fin-arrived" } },
		{ "orderly", "remote", "process=running" } } },
	{ "process_killed_with_unread_data", killed_with_unread_data, .expected = {
		{ "abort-unread", "local", "process=killed signal=9 unread_bytes=100" },
		{ "reset-received", "remote", "signal=null" } } },
	{ "process_killed_in_close_wait", killed_in_close_wait, .expected = {
		{ "orderly", "remote", "process=killed signal=9" },
		{ "orderly", "local", "signal=null" } } },
	{ "descriptor_passed_on", passed_on, .expected = {
		{ "orderly", "local", "process=running", { "fin-arrived" } },
		{ "orderly", "remote" } } },
	{ "last_holder_killed", last_holder_killed, .expected = {
		{ "orderly", "local", "process=killed signal=9" }, { "orderly", "remote" } } },
	{ 0 }
};
