// SPDX-License-Identifier: GPL-2.0
/* Ends that this side decides: aborts, disconnects, SOCK_DESTROY, TCP_REPAIR. */
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "corpus.h"
#include "destroy.h"
#include "fatal.h"
#include "moves.h"
#include "repair.h"
#include "stage.h"

/*
 *  client                            server
 *  SO_LINGER 0, close() CLOSE
 *                         RST ->     CLOSE
 */
static void linger_zero(void)
{
	struct pair p = moves_pair();

	sockets_abort(p.client.fd);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  client                            server
 *  write(100)             100 ->     (does not read)
 *                                    close() CLOSE
 *  CLOSE                  <- RST
 */
static void unread_data(void)
{
	struct pair p = moves_pair();

	moves_send(p.client.fd, 100);
	moves_await_input(p.server.fd);
	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE);
}

/*
 *  client                            server
 *  write(100)             100 ->     (does not read)
 *  shutdown() FIN_WAIT1   FIN ->     CLOSE_WAIT
 *             FIN_WAIT2   <- ACK
 *                                    close() CLOSE
 *             CLOSE       <- RST
 */
static void unread_data_in_close_wait(void)
{
	struct pair p = moves_pair6();

	moves_send(p.client.fd, 100);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  shutdown() FIN_WAIT1  FIN ->
 *             FIN_WAIT2  <- ACK
 *  close()    CLOSE      RST ->     (TCP_LINGER2 < 0)
 */
static void linger2_in_fin_wait2(void)
{
	struct peer p;

	moves_connected(&p);
	moves_set(p.fd, IPPROTO_TCP, TCP_LINGER2, -1);
	shutdown(p.fd, SHUT_WR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	close(p.fd);
	peer_expect(&p, "R");
}

/*
 *  us                           peer
 *  close() FIN_WAIT1     FIN ->
 *          CLOSE         <- ACK
 *                        RST ->     (TCP_LINGER2 < 0: no FIN_WAIT2 without a holder)
 */
static void linger2_in_fin_wait1(void)
{
	struct peer p;

	moves_connected(&p);
	moves_set(p.fd, IPPROTO_TCP, TCP_LINGER2, -1);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	peer_expect(&p, "R");
}

/*
 *  client                            server
 *  ESTABLISHED                       (in the accept queue)
 *                                    the listener closes
 *  CLOSE                  <- RST
 */
static void listener_with_a_queued_child(void)
{
	struct end there = sockets_end(sockets_listen(CORPUS_V4, 0, 8)), child = there;
	int fd = sockets_bound(CORPUS_V4, 0, 0);

	fatal_unless(!sockets_connect(fd, there.laddr, there.lport), "connect");
	child.cookie = 0;
	child.rport = stage_show_fd(fd).lport;
	memcpy(child.raddr, CORPUS_V4, sizeof(CORPUS_V4));
	stage_show(&child);
	close(there.fd);
	sockets_wait_state(fd, TCP_CLOSE);
}

/*
 *  us                                peer
 *  ESTABLISHED
 *  connect(AF_UNSPEC) CLOSE  RST ->
 *  connect() SYN_SENT        SYN ->
 *            ESTABLISHED     <- SYN,ACK
 *  shutdown() FIN_WAIT1      FIN ->
 *             TIME_WAIT      <- FIN,ACK
 */
static void disconnect_and_connect_again(void)
{
	struct peer p;

	moves_connected(&p);
	moves_disconnect(p.fd);
	peer_expect(&p, "R");
	peer_be_connected(&p);
	stage_show_fd(p.fd);
	shutdown(p.fd, SHUT_RDWR);
	peer_expect(&p, "FA");
	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                                peer
 *  CLOSE_WAIT                <- FIN
 *  connect(AF_UNSPEC) CLOSE  RST ->
 */
static void disconnect_in_close_wait(void)
{
	struct peer p;

	moves_connected(&p);
	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE_WAIT);
	moves_disconnect(p.fd);
	peer_expect(&p, "R");
}

/*
 *  us                                peer
 *  shutdown() FIN_WAIT1      FIN ->
 *             FIN_WAIT2      <- ACK
 *  connect(AF_UNSPEC) CLOSE  RST ->
 */
static void disconnect_in_fin_wait2(void)
{
	struct peer p;

	moves_connected(&p);
	shutdown(p.fd, SHUT_WR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	moves_disconnect(p.fd);
	peer_expect(&p, "R");
}

/*
 *  client                            server
 *  SOCK_DESTROY CLOSE
 *                         RST ->     CLOSE
 */
static void destroyed_in_established(void)
{
	struct pair p = moves_pair();

	destroy_socket(&p.client);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  CLOSE_WAIT            <- FIN
 *  SOCK_DESTROY CLOSE    RST ->
 */
static void destroyed_in_close_wait(void)
{
	struct peer p;
	struct end end = moves_connected(&p);

	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE_WAIT);
	destroy_socket(&end);
	peer_expect(&p, "R");
}

/*
 *  client                            server
 *  close() FIN_WAIT1      FIN ->     CLOSE_WAIT
 *          FIN_WAIT2      <- ACK     (the client is a mini-socket)
 *  SOCK_DESTROY CLOSE
 *                                    close() LAST_ACK
 *                         <- FIN
 *                         RST ->     CLOSE
 */
static void destroyed_as_a_mini_in_fin_wait2(void)
{
	struct pair p = moves_pair();

	close(p.client.fd);
	sockets_wait_mini(&p.client, TCP_FIN_WAIT2);
	destroy_socket(&p.client);
	shutdown(p.server.fd, SHUT_RDWR);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  client                            server
 *  TCP_REPAIR, close() CLOSE         (hears nothing of it)
 *                         <- FIN     shutdown() FIN_WAIT1
 *                         RST ->     CLOSE
 */
static void repair(void)
{
	struct pair p = moves_pair();

	repair_on(p.client.fd);
	close(p.client.fd);
	shutdown(p.server.fd, SHUT_RDWR);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

const struct scenario corpus_abort[] = {
	{ "linger_zero", linger_zero, .expected = {
		{ "abort-linger", "local", "process=running" },
		{ "reset-received", "remote" } } },
	{ "unread_data", unread_data, .expected = {
		{ "reset-received", "remote" },
		{ "abort-unread", "local", "unread_bytes=100" } } },
	{ "unread_data_in_close_wait", unread_data_in_close_wait, .expected = {
		{ "reset-received", "remote" },
		{ "abort-unread", "remote", "unread_bytes=100" } } },
	{ "linger2_in_fin_wait2", linger2_in_fin_wait2, .expected = {
		{ "abort-linger", "local" } } },
	{ "linger2_in_fin_wait1", linger2_in_fin_wait1, .expected = {
		{ "abort-linger", "local" } } },
	{ "listener_with_a_queued_child", listener_with_a_queued_child, .expected = {
		{ "reset-received", "remote" }, { "reset-sent", "local" } } },
	{ "disconnect_and_connect_again", disconnect_and_connect_again, .expected = {
		{ "disconnected", "local" }, { "orderly-merged", "local" } } },
	{ "disconnect_in_close_wait", disconnect_in_close_wait, .expected = {
		{ "disconnected", "remote" } } },
	{ "disconnect_in_fin_wait2", disconnect_in_fin_wait2, .expected = {
		{ "disconnected", "local" } } },
	{ "destroyed_in_established", destroyed_in_established, .expected = {
		{ "destroyed", "local" }, { "reset-received", "remote" } } },
	{ "destroyed_in_close_wait", destroyed_in_close_wait, .expected = {
		{ "destroyed", "remote" } } },
	{ "destroyed_as_a_mini_in_fin_wait2", destroyed_as_a_mini_in_fin_wait2, .expected = {
		{ "destroyed", "local", NULL, { "destroyed" } },
		{ "reset-received", "remote" } } },
	{ "repair", repair, .expected = {
		{ "repair", "local" }, { "reset-received", "remote" } } },
	{ 0 }
};
