// SPDX-License-Identifier: GPL-2.0
/* What is easily mistaken for something else. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus.h"
#include "fatal.h"
#include "gap.h"
#include "moves.h"
#include "netns.h"
#include "stage.h"

/* A Fast Open child in SYN_RECV, whose SYN+ACK has come. */
static void half_open(struct peer *p)
{
	netns_set("net/ipv4/tcp_fastopen", "1538");
	peer_open(p);
	peer_listen(p);
	peer_send(p, "S", 10);
	peer_expect(p, "SA");
	p->fd = sockets_accept(p->listener).fd;
	moves_read_all(p->fd);
}

/*
 *  us                           peer
 *  SYN_RECV             <- ACK of what we never sent
 *                       RST ->  (which ends nothing here)
 *  ESTABLISHED          <- ACK
 *  connect(AF_UNSPEC) CLOSE
 *                       RST ->
 */
static void reset_sent_while_opening(void)
{
	struct peer p;

	half_open(&p);
	p.ack += 1000;
	peer_send(&p, "A", 0);
	peer_expect(&p, "R");
	p.ack -= 1000;
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_ESTABLISHED);
	stage_show_fd(p.fd);
	moves_disconnect(p.fd);
	peer_expect(&p, "R");
}

/*
 *  us                               peer
 *  connect() SYN_SENT       SYN ->
 *                           <- SYN,ACK of what we never sent
 *                           RST ->  (which ends nothing here)
 *            ESTABLISHED    <- SYN,ACK
 *  shutdown() ... TIME_WAIT
 */
static void reset_sent_while_calling(void)
{
	struct peer p;

	peer_open(&p);
	peer_be_called(&p);
	p.ack += 1000;
	peer_send_at(&p, "SA", p.seq, 0);
	peer_expect(&p, "R");
	p.ack -= 1000;
	peer_send(&p, "SA", 0);
	sockets_wait_state(p.fd, TCP_ESTABLISHED);
	stage_show_fd(p.fd);
	shutdown(p.fd, SHUT_RDWR);
	peer_expect(&p, "FA");
	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *  ESTABLISHED
 *  connect(AF_UNSPEC) CLOSE  RST -> (the socket keeps an error of ECONNRESET)
 *  connect() SYN_SENT        SYN ->
 *  close()   CLOSE
 */
static void closed_while_calling_again(void)
{
	struct peer p;

	moves_connected(&p);
	moves_disconnect(p.fd);
	peer_expect(&p, "R");
	peer_be_called(&p);
	stage_show_fd(p.fd);
	close(p.fd);
}

/* The same, but answered, and once more disconnected. */
static void disconnect_twice(void)
{
	struct peer p;

	moves_connected(&p);
	moves_disconnect(p.fd);
	peer_expect(&p, "R");
	peer_be_connected(&p);
	stage_show_fd(p.fd);
	moves_disconnect(p.fd);
	peer_expect(&p, "R");
}

/*
 *  us                               peer
 *  connect() SYN_SENT       SYN ->
 *  shutdown() CLOSE
 */
static void shutdown_while_calling(void)
{
	struct peer p;

	peer_open(&p);
	peer_be_called(&p);
	stage_show_fd(p.fd);
	shutdown(p.fd, SHUT_RDWR);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *  ESTABLISHED              <- SYN  (RFC 5961: a challenge answers it)
 *                           ACK ->
 *  close() FIN_WAIT1        FIN ->
 *          TIME_WAIT        <- FIN,ACK
 */
static void syn_in_established(void)
{
	struct peer p;
	struct end end = moves_connected(&p);

	peer_send_at(&p, "S", p.seq, 0);
	peer_expect(&p, "A");
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "FA", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

/*
 *  us                               peer (window 0)
 *          CLOSE_WAIT       <- FIN
 *  write(100), close() LAST_ACK
 *                           ACK ->  (of the FIN: ours waits behind the 100 bytes)
 *                           <- ACK  (window open)
 *                      100, FIN ->
 *          CLOSE            <- ACK
 */
static void fin_waits_behind_a_zero_window(void)
{
	struct peer p;

	peer_open(&p);
	p.window = 0;
	peer_be_connected(&p);
	stage_show_fd(p.fd);
	moves_send(p.fd, 100);
	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE_WAIT);
	close(p.fd);
	peer_expect(&p, "A");
	p.window = 65535;
	peer_send(&p, "A", 0);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
}

struct reading {
	int fd;
	struct gap gap;
};

static void *read_into_the_gap(void *arg)
{
	struct reading *r = arg;

	recv(r->fd, r->gap.page, 10, 0);
	return NULL;
}

/*
 *  us                               peer
 *                           <- 10 bytes
 *  shutdown(WR) FIN_WAIT1   FIN ->
 *  recv() holds the socket: what comes now waits
 *                           <- ACK
 *                           <- FIN  (another segment)
 *  recv() goes on
 *               FIN_WAIT2, TIME_WAIT
 *
 * Both were counted before either was looked at: nothing tells them from one.
 */
static void ack_and_fin_while_the_socket_is_held(void)
{
	struct reading r;
	pthread_t reader;
	struct peer p;

	gap_open(&r.gap);
	moves_connected(&p);
	peer_send(&p, "A", 10);
	moves_await_input(p.fd);
	shutdown(p.fd, SHUT_WR);
	peer_expect(&p, "FA");
	r.fd = p.fd;
	fatal_unless(!pthread_create(&reader, NULL, read_into_the_gap, &r), "thread");
	gap_await_touch(&r.gap);
	peer_send(&p, "A", 0);
	peer_send(&p, "FA", 0);
	gap_fill(&r.gap);
	pthread_join(reader, NULL);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *          CLOSE_WAIT       <- FIN
 *                           ACK ->
 *  close() LAST_ACK         FIN ->
 *                           FIN ->  (again)
 *          CLOSE            <- ACK  (why so late, nobody here can know)
 */
static void late_ack_of_a_foreign_peer(void)
{
	struct peer p;

	moves_connected(&p);
	peer_send(&p, "FA", 0);
	peer_expect(&p, "A");
	shutdown(p.fd, SHUT_RDWR);
	peer_expect(&p, "FA");
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *  write(100), close() FIN_WAIT1
 *                      100, FIN ->
 *                           FIN ->  (again, as a probe for a lost tail)
 *                      100, FIN ->  (again: which of them was it that did not come?)
 *          TIME_WAIT        <- FIN,ACK
 */
static void data_and_fin_again(void)
{
	struct peer p;
	struct end end = moves_connected(&p);

	moves_send(p.fd, 100);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_expect(&p, "FA");
	peer_expect(&p, "FA");
	peer_send(&p, "FA", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

/*
 *  client                            server
 *  ESTABLISHED                       (in the accept queue)
 *  SO_LINGER 0, close() CLOSE
 *                         RST ->     CLOSE, still in the queue
 *                                    accept(), close(): nothing more
 */
static void reset_in_the_accept_queue(void)
{
	struct end there = sockets_end(sockets_listen(CORPUS_V4, 0, 8)), child = there;
	int fd = sockets_bound(CORPUS_V4, 0, 0);

	fatal_unless(!sockets_connect(fd, there.laddr, there.lport), "connect");
	child.cookie = 0;
	child.rport = stage_show_fd(fd).lport;
	memcpy(child.raddr, CORPUS_V4, sizeof(CORPUS_V4));
	stage_show(&child);
	sockets_abort(fd);
	fd = accept(there.fd, NULL, NULL);
	sockets_wait_state(fd, TCP_CLOSE);
	close(fd);
}

/* A sysctl that is not of a namespace; its old value is put into `old`. */
static void set_host_wide(const char *path, const char *value, char old[32])
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int host = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC), fd;

	fatal_unless(here >= 0 && host >= 0 && !setns(host, CLONE_NEWNET), "the host's namespace");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	fatal_unless(fd >= 0 && read(fd, old, 31) > 0, path);
	close(fd);
	netns_set(path + strlen("/proc/sys/"), value);
	fatal_unless(!setns(here, CLONE_NEWNET), "setns");
	close(here);
	close(host);
}

/*
 *  us                               peer (silent)
 *  close() FIN_WAIT1        FIN ->
 *          CLOSE            RST ->  (when it should be sent again: tcp_max_orphans is 0)
 */
static void orphan_over_the_limit(void)
{
	static const char limit[] = "/proc/sys/net/ipv4/tcp_max_orphans";
	char old[32] = "", none[32];
	struct peer p;

	if (!getenv("TCT_OWN_KERNEL"))
		fatal_skip("tcp_max_orphans is the whole host's: only with TCT_OWN_KERNEL=1");
	moves_connected(&p);
	set_host_wide(limit, "0", old);
	close(p.fd);
	peer_expect(&p, "R");
	set_host_wide(limit, old, none);
}

const struct scenario corpus_odd[] = {
	{ "odd_reset_sent_while_opening", reset_sent_while_opening, .expected = {
		{ "disconnected", "local" } } },
	{ "odd_reset_sent_while_calling", reset_sent_while_calling, .expected = {
		{ "orderly-merged", "local", "reset_reason=null" } } },
	{ "odd_closed_while_calling_again", closed_while_calling_again, .expected = {
		{ "disconnected", "local" }, { "never-opened", "local" } } },
	{ "odd_disconnect_twice", disconnect_twice, .expected = {
		{ "disconnected", "local" }, { "disconnected", "local" } } },
	{ "odd_shutdown_while_calling", shutdown_while_calling, .expected = {
		{ "never-opened", "local" } } },
	{ "odd_syn_in_established", syn_in_established, .expected = {
		{ "orderly-merged", "local" } } },
	{ "odd_fin_waits_behind_a_zero_window", fin_waits_behind_a_zero_window, .expected = {
		{ "orderly", "remote" } } },
	{ "odd_ack_and_fin_while_the_socket_is_held", ack_and_fin_while_the_socket_is_held,
	  .expected = { { "unknown", "local" } } },
	{ "odd_late_ack_of_a_foreign_peer", late_ack_of_a_foreign_peer, .expected = {
		{ "orderly", "remote", "fin_retransmits=1 last_ack_lost=null" } } },
	{ "odd_data_and_fin_again", data_and_fin_again, .expected = {
		{ "orderly-merged", "local", "fin_retransmits=null" } } },
	{ "odd_reset_in_the_accept_queue", reset_in_the_accept_queue, .expected = {
		{ "abort-linger", "local" }, { "reset-received", "remote" } } },
	/* the last of all: it would take the orphans of others too */
	{ "orphan_over_the_limit", orphan_over_the_limit, .expected = { { "reaped", "none" } } },
	{ 0 }
};
