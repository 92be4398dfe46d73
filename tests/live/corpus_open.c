// SPDX-License-Identifier: GPL-2.0
/* Connections that open in an uncommon way, or not at all. */
#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "corpus.h"
#include "fatal.h"
#include "moves.h"
#include "netns.h"
#include "stage.h"
#include "wire.h"

#define BOTH_PORT 7100
#define FASTOPEN_SYSCTL "net/ipv4/tcp_fastopen"

/*
 *  client                       nobody
 *  connect() SYN_SENT   SYN ->
 *            CLOSE      <- RST
 */
static void refused(void)
{
	int deaf = sockets_bound(CORPUS_V4, 0, 0), fd = sockets_bound(CORPUS_V4, 0, 0);

	stage_show_fd(fd);
	fatal_unless(sockets_connect(fd, CORPUS_V4, sockets_end(deaf).lport) == ECONNREFUSED,
		     "refused");
}

static void ipv6_refused(void)
{
	int deaf = sockets_bound(CORPUS_V6, 0, 0), fd = sockets_bound(CORPUS_V6, 0, 0);

	stage_show_fd(fd);
	fatal_unless(sockets_connect(fd, CORPUS_V6, sockets_end(deaf).lport) == ECONNREFUSED,
		     "refused");
}

static struct end calling(struct peer *p)
{
	peer_open(p);
	peer_be_called(p);
	return stage_show_fd(p->fd);
}

/*
 *  us                           peer
 *  connect() SYN_SENT   SYN ->  (does not answer)
 *  close()   CLOSE
 */
static void closed_while_calling(void)
{
	struct peer p;

	calling(&p);
	close(p.fd);
}

/*
 *  us                           a router
 *  connect() SYN_SENT   SYN ->
 *            CLOSE      <- ICMP host unreachable
 */
static void unreachable(void)
{
	struct peer p;

	calling(&p);
	peer_send_unreachable(&p);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *  connect() SYN_SENT       SYN ->
 *                           SYN ->  (again after a second; from Linux 6.5 on after another)
 *            CLOSE                  (three seconds after the first)
 */
static void nobody_answers(void)
{
	struct peer p;

	peer_open(&p);
	p.fd = sockets_bound(PEER_US, 0, 0);
	moves_set(p.fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	peer_be_called(&p);
	stage_show_fd(p.fd);
	peer_expect(&p, "S");
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  side 0                       side 1
 *  connect() SYN_SENT           connect() SYN_SENT
 *              SYN ->  <- SYN
 *            SYN_RECV           SYN_RECV
 *          SYN,ACK ->  <- SYN,ACK
 *            ESTABLISHED        ESTABLISHED
 *  close()              FIN ->  CLOSE_WAIT  close()
 */
static void both_syns_cross(void)
{
	struct end ends[2];
	int fds[2], side;
	struct wire w;

	wire_open(&w);
	for (side = 0; side < 2; side++)
		fds[side] = wire_socket(&w, side, BOTH_PORT);
	for (side = 0; side < 2; side++) {
		wire_at(&w, side);
		wire_connect(fds[side], !side, BOTH_PORT);
	}
	for (side = 0; side < 2; side++)
		wire_carry_to_state(&w, fds[side], TCP_ESTABLISHED);
	for (side = 0; side < 2; side++) {
		wire_at(&w, side);
		ends[side] = stage_show_fd(fds[side]);
	}
	shutdown(fds[0], SHUT_RDWR);
	wire_carry_to_state(&w, fds[0], TCP_FIN_WAIT2);
	shutdown(fds[1], SHUT_RDWR);
	wire_carry_to_mini(&w, 0, &ends[0], TCP_TIME_WAIT);
	wire_carry_to_state(&w, fds[1], TCP_CLOSE);
}

/*
 *  us                               peer
 *  connect() SYN_SENT       SYN ->
 *            SYN_RECV       <- SYN
 *                       SYN,ACK ->
 *  close()   FIN_WAIT1      FIN ->  (our SYN is not acknowledged yet)
 *            FIN_WAIT2      <- ACK of both
 *            TIME_WAIT      <- FIN
 */
static void closed_in_syn_recv_after_crossing(void)
{
	struct end end;
	struct peer p;

	peer_open(&p);
	peer_cross_syns(&p);
	end = stage_show_fd(p.fd);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_mini(&end, TCP_FIN_WAIT2);
	peer_send(&p, "FA", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

/* A child in SYN_RECV that accept() has returned: the SYN brought data, and no cookie is asked. */
static struct end fast_open(struct peer *p)
{
	netns_set(FASTOPEN_SYSCTL, "1538");	/* server; no cookie; every listener */
	peer_open(p);
	peer_listen(p);
	peer_send(p, "S", 10);
	peer_expect(p, "SA");
	p->fd = sockets_accept(p->listener).fd;
	moves_read_all(p->fd);
	return stage_show_fd(p->fd);
}

/*
 *  us                               peer
 *  accept()  SYN_RECV       <- SYN, 10 bytes
 *                       SYN,ACK ->
 *  close()   FIN_WAIT1      FIN ->
 *            FIN_WAIT2      <- ACK of both
 *            TIME_WAIT      <- FIN
 */
static void closed_in_syn_recv_of_fast_open(void)
{
	struct peer p;
	struct end end = fast_open(&p);

	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_mini(&end, TCP_FIN_WAIT2);
	peer_send(&p, "FA", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

/*
 *  us                               peer
 *  accept()  SYN_RECV       <- SYN, 10 bytes
 *                       SYN,ACK ->
 *            CLOSE          <- RST
 */
static void reset_in_syn_recv_of_fast_open(void)
{
	struct peer p;

	fast_open(&p);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  client                               server
 *  sendto(FASTOPEN)    SYN, 5 bytes ->  SYN_RECV
 *        ESTABLISHED   <- SYN,ACK
 *                             ACK ->    ESTABLISHED
 *  close()                    FIN ->    close()
 */
static void fast_open_of_both(void)
{
	int listener, fd = sockets_bound(CORPUS_V4, 0, 0);
	struct sockaddr_in there;
	struct pair p;
	socklen_t size = sizeof(there);

	netns_set(FASTOPEN_SYSCTL, "1543");	/* and client, no cookie either */
	listener = sockets_listen(CORPUS_V4, 0, 8);
	fatal_unless(!getsockname(listener, (struct sockaddr *)&there, &size), "getsockname");
	fatal_unless(sendto(fd, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&there, size) == 5,
		     "sendto");
	p.client = stage_show_fd(fd);
	p.server = sockets_accept(listener);
	stage_show(&p.server);
	moves_await_input(p.server.fd);
	moves_read_all(p.server.fd);
	shutdown(fd, SHUT_RDWR);
	sockets_wait_state(fd, TCP_FIN_WAIT2);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
}

/*
 *  client                       server (tcp_syncookies=2: keeps nothing of the SYN)
 *  SYN_SENT            SYN ->
 *  ESTABLISHED     <- SYN,ACK
 *                      ACK ->   SYN_RECV, ESTABLISHED at once
 *  close()             FIN ->   close()
 */
static void syn_cookies(void)
{
	struct pair p;

	netns_set("net/ipv4/tcp_syncookies", "2");
	p = moves_pair();
	shutdown(p.client.fd, SHUT_RDWR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
}

/*
 *  us                           peer
 *  socket(), close()            no segment, no state but CLOSE: no connection
 */
static void never_connected(void)
{
	struct end end = stage_show_fd(sockets_bound(CORPUS_V4, 0, 0));

	close(end.fd);
}

#define PLAIN "fin_retransmits=0 half_close_ns=0 bytes_after_fin=0 "

const struct scenario corpus_open[] = {
	{ "refused", refused, .expected = { { "refused", "remote" } } },
	{ "ipv6_refused", ipv6_refused, .expected = { { "refused", "remote", "family=ipv6" } } },
	{ "closed_while_calling", closed_while_calling, .expected = {
		{ "never-opened", "local", "retransmits=0 process=running" } } },
	{ "unreachable", unreachable, .expected = { { "unreachable", "none" } } },
	{ "nobody_answers", nobody_answers, .waits = true, .expected = {
		{ "timeout", "none", "retransmits>=1 dwell_ns.SYN_SENT>=2900000000" } } },
	{ "both_syns_cross", both_syns_cross, .expected = {
		{ "orderly", "local", PLAIN, { "purged" } }, { "orderly", "remote", PLAIN } } },
	{ "closed_in_syn_recv_after_crossing", closed_in_syn_recv_after_crossing, .expected = {
		{ "orderly", "local", "bytes_after_fin=0 dwell_ns.SYN_RECV>=1",
		  { "fin-arrived", "purged" } } } },
	{ "closed_in_syn_recv_of_fast_open", closed_in_syn_recv_of_fast_open, .expected = {
		{ "orderly", "local", "bytes_after_fin=0 dwell_ns.SYN_RECV>=1",
		  { "fin-arrived", "purged" } } } },
	{ "reset_in_syn_recv_of_fast_open", reset_in_syn_recv_of_fast_open, .expected = {
		{ "reset-received", "remote" } } },
	{ "fast_open_of_both", fast_open_of_both, .expected = {
		{ "orderly", "local", PLAIN, { "purged" } }, { "orderly", "remote", PLAIN } } },
	{ "syn_cookies", syn_cookies, .expected = {
		{ "orderly", "local", PLAIN, { "purged" } }, { "orderly", "remote", PLAIN } } },
	{ "never_connected", never_connected, .expected = { { "none" } } },
	{ 0 }
};
