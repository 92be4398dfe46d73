// SPDX-License-Identifier: GPL-2.0
/* Orderly closes, nothing lost. Timelines: states at the sides, segments between them. */
#include <unistd.h>

#include "corpus.h"
#include "fatal.h"
#include "moves.h"
#include "stage.h"
#include "wire.h"

#define TRIES 20

/*
 *  client                        server
 *  close() FIN_WAIT1   FIN ->    CLOSE_WAIT
 *          FIN_WAIT2   <- ACK
 *          TIME_WAIT   <- FIN    close() LAST_ACK
 *                      ACK ->    CLOSE
 */
static void client_closes_first(void)
{
	struct pair p = moves_pair();

	close(p.client.fd);
	sockets_wait_mini(&p.client, TCP_FIN_WAIT2);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
}

/*
 *  client                        server
 *          CLOSE_WAIT  <- FIN    close() FIN_WAIT1
 *                      ACK ->    FIN_WAIT2
 *  close() LAST_ACK    FIN ->    TIME_WAIT
 *          CLOSE       <- ACK
 */
static void server_closes_first(void)
{
	struct pair p = moves_pair();

	close(p.server.fd);
	sockets_wait_mini(&p.server, TCP_FIN_WAIT2);
	close(p.client.fd);
	sockets_wait_mini(&p.server, TCP_TIME_WAIT);
}

/*
 *  client (::1)                     server
 *  shutdown() FIN_WAIT1   FIN ->    CLOSE_WAIT
 *             FIN_WAIT2   <- ACK
 *             TIME_WAIT   <- FIN    close() LAST_ACK
 *                         ACK ->    CLOSE
 */
static void ipv6_client_closes_first(void)
{
	struct pair p = moves_pair6();

	shutdown(p.client.fd, SHUT_RDWR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	close(p.server.fd);
	sockets_wait_state(p.client.fd, TCP_CLOSE);
}

/*
 *  us                               peer
 *  shutdown() FIN_WAIT1   FIN ->
 *             FIN_WAIT2   <- ACK
 *             TIME_WAIT   <- FIN
 *                         ACK ->
 */
static void four_segments_without_an_orphan(void)
{
	struct peer p;

	moves_connected(&p);
	shutdown(p.fd, SHUT_RDWR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	peer_send(&p, "FA", 0);
	peer_expect(&p, "A");
}

/*
 *  us                            peer
 *  close() FIN_WAIT1   FIN ->
 *          TIME_WAIT   <- FIN,ACK
 *                      ACK ->
 */
static void merged_fin_and_ack_come(void)
{
	struct peer p;

	moves_connected(&p);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "FA", 0);
	peer_expect(&p, "A");
}

/* Whether our FIN was what acknowledged the peer's: before the delayed ACK was due. */
static bool close_is_merged(struct peer *p)
{
	struct segment s;

	peer_send(p, "FA", 0);
	sockets_wait_state(p->fd, TCP_CLOSE_WAIT);
	close(p->fd);
	s = peer_expect_any(p);
	if (!segment_has(&s, "FA"))
		peer_expect(p, "FA");
	else
		p->ack = s.seq + 1;
	peer_send(p, "A", 0);
	return segment_has(&s, "FA");
}

/*
 *  us                            peer
 *          CLOSE_WAIT  <- FIN
 *  close() LAST_ACK    FIN,ACK ->
 *          CLOSE       <- ACK
 */
static void merged_fin_and_ack_go(void)
{
	struct end end;
	struct peer p;
	int i;

	peer_open(&p);
	for (i = 0; i < TRIES; i++) {
		p.fd = -1;
		peer_be_connected(&p);
		end = sockets_end(p.fd);
		if (close_is_merged(&p))
			break;
	}
	fatal_unless(i < TRIES, "FIN and ACK in one segment");
	stage_show(&end);
}

/*
 *  client                                server
 *  shutdown(WR) FIN_WAIT1    FIN ->      CLOSE_WAIT
 *               FIN_WAIT2    <- ACK
 *               reads        <- 4096     writes
 *               TIME_WAIT    <- FIN      close() LAST_ACK
 *                            ACK ->      CLOSE
 */
static void client_half_closes_and_reads_on(void)
{
	struct pair p = moves_pair();

	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	moves_send(p.server.fd, 4096);
	moves_await_input(p.client.fd);
	moves_read_all(p.client.fd);
	close(p.server.fd);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
	close(p.client.fd);
}

/* The same with the sides changed, over IPv6. */
static void ipv6_server_half_closes_and_reads_on(void)
{
	struct pair p = moves_pair6();

	shutdown(p.server.fd, SHUT_WR);
	sockets_wait_state(p.server.fd, TCP_FIN_WAIT2);
	moves_send(p.client.fd, 100);
	moves_await_input(p.server.fd);
	moves_read_all(p.server.fd);
	close(p.client.fd);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
	close(p.server.fd);
}

/*
 *  side 0                     side 1
 *  close() FIN_WAIT1          close() FIN_WAIT1
 *              FIN ->  <- FIN
 *          CLOSING            CLOSING
 *              ACK ->  <- ACK
 *          TIME_WAIT          TIME_WAIT
 */
static void both_fins_cross(void)
{
	struct wire w;
	struct pair p;

	wire_open(&w);
	p = wire_pair(&w);
	stage_show(&p.client);
	stage_show(&p.server);
	close(p.client.fd);
	close(p.server.fd);
	wire_carry_to_mini(&w, 0, &p.client, TCP_TIME_WAIT);
	wire_carry_to_mini(&w, 1, &p.server, TCP_TIME_WAIT);
}

/*
 *  us                            peer
 *  close() FIN_WAIT1   FIN ->
 *          CLOSING     <- FIN    (does not acknowledge ours)
 *                      ACK ->
 *          TIME_WAIT   <- ACK
 */
static void fins_cross_and_the_ack_comes_late(void)
{
	struct peer p;
	struct end end = moves_connected(&p);

	close(p.fd);
	peer_send(&p, "FA", 0);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

/*
 *  us                                 peer
 *  write(100), close() FIN_WAIT1
 *                      100, FIN ->
 *          FIN_WAIT1   <- ACK of 100 without the FIN
 *          FIN_WAIT2   <- ACK
 *          TIME_WAIT   <- FIN
 */
static void data_before_the_fin(void)
{
	struct peer p;
	struct end end = moves_connected(&p);

	moves_send(p.fd, 100);
	peer_expect(&p, "A");
	close(p.fd);
	peer_send(&p, "A", 0);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_mini(&end, TCP_FIN_WAIT2);
	peer_send(&p, "FA", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

/* LISTEN is no connection: its close is no teardown. */
static void listener_closes(void)
{
	struct end end = sockets_end(sockets_listen(CORPUS_V4, 0, 8));

	stage_show(&end);
	close(end.fd);
}

#define PLAIN "fin_retransmits=0 half_close_ns=0 bytes_after_fin=0 signal=null "
#define CROSSED "fin_retransmits=0 half_close_ns=0 "
#define ONCE "last_ack_lost=false "

const struct scenario corpus_close[] = {
	{ "client_closes_first", client_closes_first, .expected = {
		{ "orderly", "local", PLAIN "process=running", { "fin-arrived", "purged" } },
		{ "orderly", "remote", PLAIN ONCE } } },
	{ "server_closes_first", server_closes_first, .expected = {
		{ "orderly", "remote", PLAIN ONCE },
		{ "orderly", "local", PLAIN, { "fin-arrived", "purged" } } } },
	{ "ipv6_client_closes_first", ipv6_client_closes_first, .expected = {
		{ "orderly", "local", PLAIN "family=ipv6", { "purged" } },
		{ "orderly", "remote", PLAIN ONCE "family=ipv6" } } },
	{ "four_segments_without_an_orphan", four_segments_without_an_orphan, .expected = {
		{ "orderly", "local", PLAIN, { "purged" } } } },
	{ "merged_fin_and_ack_come", merged_fin_and_ack_come, .expected = {
		{ "orderly-merged", "local", PLAIN, { "purged" } } } },
	{ "merged_fin_and_ack_go", merged_fin_and_ack_go, .expected = {
		{ "orderly-merged", "remote", PLAIN ONCE } } },
	{ "client_half_closes_and_reads_on", client_half_closes_and_reads_on, .expected = {
		{ "orderly", "local", "half_close_ns>=1 bytes_after_fin=4096", { "purged" } },
		{ "orderly", "remote", "half_close_ns>=1 bytes_after_fin=4096" } } },
	{ "ipv6_server_half_closes_and_reads_on", ipv6_server_half_closes_and_reads_on,
	  .expected = {
		{ "orderly", "remote", "half_close_ns>=1 bytes_after_fin=100" },
		{ "orderly", "local", "half_close_ns>=1 bytes_after_fin=100", { "purged" } } } },
	{ "both_fins_cross", both_fins_cross, .expected = {
		{ "simultaneous", "both", CROSSED, { "purged" } },
		{ "simultaneous", "both", CROSSED, { "purged" } } } },
	{ "fins_cross_and_the_ack_comes_late", fins_cross_and_the_ack_comes_late, .expected = {
		{ "simultaneous", "both", CROSSED, { "purged" } } } },
	{ "data_before_the_fin", data_before_the_fin, .expected = {
		{ "orderly", "local", "half_close_ns=0 bytes_after_fin=0",
		  { "fin-arrived", "purged" } } } },
	{ "listener_closes", listener_closes, .expected = { { "none" } } },
	{ 0 }
};
