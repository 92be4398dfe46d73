// SPDX-License-Identifier: GPL-2.0
/* A reset in each state, sent by a peer; and resets that we send to data that came too late. */
#include <netinet/tcp.h>
#include <unistd.h>

#include "corpus.h"
#include "fatal.h"
#include "moves.h"
#include "stage.h"

/*
 *  us                           peer
 *  connect() SYN_SENT   SYN ->
 *            CLOSE      <- RST,ACK
 */
static void in_syn_sent(void)
{
	struct peer p;

	peer_open(&p);
	peer_be_called(&p);
	stage_show_fd(p.fd);
	peer_send(&p, "RA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  connect() SYN_SENT   SYN ->
 *            SYN_RECV   <- SYN
 *                   SYN,ACK ->
 *            CLOSE      <- RST
 */
static void in_syn_recv(void)
{
	struct peer p;

	peer_open(&p);
	peer_cross_syns(&p);
	stage_show_fd(p.fd);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  ESTABLISHED
 *  CLOSE                <- RST
 */
static void in_established(void)
{
	struct peer p;

	moves_connected(&p);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  shutdown() FIN_WAIT1  FIN ->
 *             CLOSE      <- RST
 */
static void in_fin_wait1(void)
{
	struct peer p;

	moves_connected(&p);
	shutdown(p.fd, SHUT_WR);
	peer_expect(&p, "FA");
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

static struct end half_closed(struct peer *p)
{
	struct end end = moves_connected(p);

	shutdown(p->fd, SHUT_WR);
	peer_expect(p, "FA");
	peer_send(p, "A", 0);
	sockets_wait_state(p->fd, TCP_FIN_WAIT2);
	return end;
}

/*
 *  us                           peer
 *  shutdown() FIN_WAIT1  FIN ->
 *             FIN_WAIT2  <- ACK
 *             CLOSE      <- RST
 */
static void in_fin_wait2(void)
{
	struct peer p;

	half_closed(&p);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/* We have closed, and the peer has acknowledged that: a mini-socket in FIN_WAIT2 is left. */
static struct end orphaned(struct peer *p)
{
	struct end end = moves_connected(p);

	close(p->fd);
	peer_expect(p, "FA");
	peer_send(p, "A", 0);
	sockets_wait_mini(&end, TCP_FIN_WAIT2);
	return end;
}

/*
 *  us                           peer
 *  close() FIN_WAIT1     FIN ->
 *          FIN_WAIT2     <- ACK     (no socket any more: a mini-socket)
 *          CLOSE         <- RST
 */
static void in_orphaned_fin_wait2(void)
{
	struct peer p;
	struct end end = orphaned(&p);

	peer_send(&p, "R", 0);
	moves_await_no_mini(&end, TCP_FIN_WAIT2);
}

/* The peer has closed. */
static void deserted(struct peer *p)
{
	moves_connected(p);
	peer_send(p, "FA", 0);
	sockets_wait_state(p->fd, TCP_CLOSE_WAIT);
}

/*
 *  us                           peer
 *  CLOSE_WAIT            <- FIN
 *                        ACK ->
 *  CLOSE                 <- RST
 */
static void in_close_wait(void)
{
	struct peer p;

	deserted(&p);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  shutdown() FIN_WAIT1  FIN ->
 *             CLOSING    <- FIN
 *                        ACK ->
 *             CLOSE      <- RST
 */
static void in_closing(void)
{
	struct peer p;

	moves_connected(&p);
	shutdown(p.fd, SHUT_RDWR);
	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSING);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  CLOSE_WAIT            <- FIN
 *  shutdown() LAST_ACK   FIN ->
 *  CLOSE                 <- RST
 */
static void in_last_ack(void)
{
	struct peer p;

	deserted(&p);
	shutdown(p.fd, SHUT_WR);
	peer_expect(&p, "FA");
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  close() FIN_WAIT1     FIN ->
 *          CLOSE         <- 10 bytes, sent before the FIN came
 *                        RST ->
 */
static void data_to_an_orphan_in_fin_wait1(void)
{
	struct peer p;

	moves_connected(&p);
	close(p.fd);
	peer_send(&p, "A", 10);
	peer_expect(&p, "R");
}

/*
 *  us                           peer
 *  close() FIN_WAIT1     FIN ->
 *          CLOSE         <- ACK of the FIN, 10 bytes
 *                        RST ->
 */
static void data_with_the_ack_of_our_fin(void)
{
	struct peer p;

	moves_connected(&p);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 10);
	peer_expect(&p, "R");
}

/*
 *  us                           peer
 *  close() FIN_WAIT1     FIN ->
 *          FIN_WAIT2     <- ACK     (tcp_fin_timeout above 60 s: no mini-socket yet)
 *          CLOSE         <- 10 bytes
 *                        RST ->
 */
static void data_to_an_orphan_in_fin_wait2(void)
{
	struct peer p;

	moves_connected(&p);
	moves_set(p.fd, IPPROTO_TCP, TCP_LINGER2, 90);
	shutdown(p.fd, SHUT_RDWR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	close(p.fd);
	peer_send(&p, "A", 10);
	peer_expect(&p, "R");
}

/*
 *  us                           peer
 *  close() FIN_WAIT1     FIN ->
 *          FIN_WAIT2     <- ACK     (a mini-socket)
 *          CLOSE         <- 10 bytes
 *                        RST ->
 */
static void data_to_a_mini_in_fin_wait2(void)
{
	struct peer p;
	struct end end = orphaned(&p);

	peer_send(&p, "A", 10);
	peer_expect(&p, "R");
	moves_await_no_mini(&end, TCP_FIN_WAIT2);
}

/*
 *  us                                peer
 *  shutdown(RDWR) FIN_WAIT1  FIN ->
 *                 FIN_WAIT2  <- ACK
 *                 CLOSE      <- 10 bytes
 *                            RST ->
 */
static void data_after_shutdown(void)
{
	struct peer p;

	moves_connected(&p);
	shutdown(p.fd, SHUT_RDWR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	peer_send(&p, "A", 10);
	peer_expect(&p, "R");
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  ESTABLISHED           <- RST a few bytes off; a challenge ACK answers it
 *                        ACK ->
 *  CLOSE                 <- RST
 */
static void challenged_first(void)
{
	struct peer p;

	moves_connected(&p);
	peer_send_at(&p, "R", p.seq + 5, 0);
	peer_expect(&p, "A");
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *  shutdown(WR) FIN_WAIT1   FIN ->
 *               FIN_WAIT2   <- ACK
 *                           <- 100 bytes
 *               CLOSE       <- RST
 */
static void reset_after_a_half_close(void)
{
	struct peer p;

	moves_connected(&p);
	shutdown(p.fd, SHUT_WR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 100);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	moves_await_input(p.fd);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *  close() FIN_WAIT1        FIN ->
 *          CLOSE            <- RST
 */
static void reset_of_an_orphan_in_fin_wait1(void)
{
	struct peer p;

	moves_connected(&p);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "R", 0);
}

/*
 *  us                               peer
 *  shutdown(RDWR) FIN_WAIT1 FIN ->
 *                 FIN_WAIT2 <- ACK
 *                 CLOSE     <- RST
 */
static void reset_after_shutdown_of_both(void)
{
	struct peer p;

	moves_connected(&p);
	shutdown(p.fd, SHUT_RDWR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

const struct scenario corpus_reset[] = {
	{ "reset_in_syn_sent", in_syn_sent, .expected = { { "refused", "remote" } } },
	{ "reset_in_syn_recv", in_syn_recv, .expected = {
		{ "reset-received", "remote", "dwell_ns.SYN_RECV>=1" } } },
	{ "reset_in_established", in_established, .expected = {
		{ "reset-received", "remote", "fin_retransmits=null half_close_ns=null" } } },
	{ "reset_in_fin_wait1", in_fin_wait1, .expected = {
		{ "reset-received", "remote", "dwell_ns.FIN_WAIT1>=1" } } },
	{ "reset_in_fin_wait2", in_fin_wait2, .expected = {
		{ "reset-received", "remote", "dwell_ns.FIN_WAIT2>=1" } } },
	{ "reset_in_orphaned_fin_wait2", in_orphaned_fin_wait2, .expected = {
		{ "reset-received", "remote", "dwell_ns.FIN_WAIT2>=1", { "reset" } } } },
	{ "reset_in_close_wait", in_close_wait, .expected = {
		{ "reset-received", "remote", "dwell_ns.CLOSE_WAIT>=1" } } },
	{ "reset_in_closing", in_closing, .expected = {
		{ "reset-received", "remote", "dwell_ns.CLOSING>=1" } } },
	{ "reset_in_last_ack", in_last_ack, .expected = {
		{ "reset-received", "remote", "dwell_ns.LAST_ACK>=1" } } },
	{ "reset_challenged_first", challenged_first, .expected = {
		{ "reset-received", "remote" } } },
	{ "data_to_an_orphan_in_fin_wait1", data_to_an_orphan_in_fin_wait1, .expected = {
		{ "reset-sent", "local" } } },
	{ "data_with_the_ack_of_our_fin", data_with_the_ack_of_our_fin, .expected = {
		{ "reset-sent", "local" } } },
	{ "data_to_an_orphan_in_fin_wait2", data_to_an_orphan_in_fin_wait2, .expected = {
		{ "reset-sent", "local" } } },
	{ "data_to_a_mini_in_fin_wait2", data_to_a_mini_in_fin_wait2, .expected = {
		{ "reset-sent", "local", "dwell_ns.FIN_WAIT2>=1", { "reset" } } } },
	{ "data_after_shutdown", data_after_shutdown, .expected = {
		{ "reset-sent", "local" } } },
	{ "reset_after_a_half_close", reset_after_a_half_close, .expected = {
		{ "reset-received", "remote", "dwell_ns.FIN_WAIT2>=1" } } },
	{ "reset_of_an_orphan_in_fin_wait1", reset_of_an_orphan_in_fin_wait1, .expected = {
		{ "reset-received", "remote" } } },
	{ "reset_after_shutdown_of_both", reset_after_shutdown_of_both, .expected = {
		{ "reset-received", "remote" } } },
	{ 0 }
};
