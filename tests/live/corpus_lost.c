// SPDX-License-Identifier: GPL-2.0
/* Orderly closes on which chosen segments are lost: x marks these. */
#include <stdio.h>
#include <unistd.h>

#include "corpus.h"
#include "deadline.h"
#include "fatal.h"
#include "moves.h"
#include "nft.h"
#include "stage.h"
#include "wire.h"

static struct pair wired(struct wire *w)
{
	struct pair p;

	wire_open(w);
	p = wire_pair(w);
	stage_show(&p.client);
	stage_show(&p.server);
	return p;
}

/* The first to close is in FIN_WAIT2 and keeps its descriptor. */
static void half_way(struct wire *w, const struct pair *p)
{
	shutdown(p->client.fd, SHUT_RDWR);
	wire_carry_to_state(w, p->client.fd, TCP_FIN_WAIT2);
	wire_carry_to_state(w, p->server.fd, TCP_CLOSE_WAIT);
}

/*
 *  client                         server
 *  shutdown() FIN_WAIT2           CLOSE_WAIT
 *             TIME_WAIT  <- FIN   shutdown() LAST_ACK
 *                        ACK x
 *                        <- FIN   (again)
 *                        ACK ->   CLOSE
 */
static void last_ack(void)
{
	struct wire w;
	struct pair p = wired(&w);

	half_way(&w, &p);
	wire_lose(&w, 0, "A", 1);
	shutdown(p.server.fd, SHUT_RDWR);
	wire_carry_to_loss(&w);
	wire_carry_to_state(&w, p.server.fd, TCP_CLOSE);
}

/* The same four times over, so that TIME_WAIT begins anew in another slot of the timer wheel. */
static void last_ack_again_and_again(void)
{
	struct wire w;
	struct pair p = wired(&w);

	half_way(&w, &p);
	wire_lose(&w, 0, "A", 4);
	shutdown(p.server.fd, SHUT_RDWR);
	wire_carry_to_loss(&w);
	wire_carry_to_state(&w, p.server.fd, TCP_CLOSE);
}

/* last_ack() once more, on one host's loopback: the kernel's own rules lose the ACK. */
static void last_ack_by_nftables(void)
{
	struct pair p = sockets_pair(CORPUS_V4);
	char match[128];

	snprintf(match, sizeof(match), "tcp sport %u tcp flags & (fin|ack) == ack",
		 p.client.lport);
	nft_drop("");
	stage_show(&p.client);
	stage_show(&p.server);
	shutdown(p.client.fd, SHUT_RDWR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	nft_drop(match);
	shutdown(p.server.fd, SHUT_RDWR);
	sockets_wait_mini(&p.client, TCP_TIME_WAIT);
	nft_drop("");
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  client                         server
 *  shutdown() FIN_WAIT1   FIN x
 *                         FIN ->  (again)  CLOSE_WAIT
 *             FIN_WAIT2   <- ACK
 *             TIME_WAIT   <- FIN  shutdown() LAST_ACK
 *                         ACK ->  CLOSE
 */
static void first_fin(void)
{
	struct wire w;
	struct pair p = wired(&w);

	wire_lose(&w, 0, "FA", 1);
	half_way(&w, &p);
	shutdown(p.server.fd, SHUT_RDWR);
	wire_carry_to_state(&w, p.server.fd, TCP_CLOSE);
}

/* first_fin() on one host, by nftables. */
static void first_fin_by_nftables(void)
{
	struct pair p = sockets_pair(CORPUS_V4);
	char match[128];

	snprintf(match, sizeof(match), "tcp sport %u tcp flags & fin == fin", p.client.lport);
	nft_drop(match);
	stage_show(&p.client);
	stage_show(&p.server);
	shutdown(p.client.fd, SHUT_RDWR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT1);
	nft_drop("");
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	shutdown(p.server.fd, SHUT_RDWR);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  client                         server
 *  shutdown() FIN_WAIT1   FIN ->  CLOSE_WAIT
 *                         x ACK
 *                         FIN ->  (again)
 *             FIN_WAIT2   <- ACK
 *             TIME_WAIT   <- FIN  shutdown() LAST_ACK
 *                         ACK ->  CLOSE
 */
static void first_ack(void)
{
	struct wire w;
	struct pair p = wired(&w);

	wire_lose(&w, 1, "A", 1);
	half_way(&w, &p);
	shutdown(p.server.fd, SHUT_RDWR);
	wire_carry_to_state(&w, p.server.fd, TCP_CLOSE);
}

/*
 *  client                         server
 *  shutdown() FIN_WAIT2           CLOSE_WAIT
 *                         x FIN   shutdown() LAST_ACK
 *             TIME_WAIT   <- FIN  (again)
 *                         ACK ->  CLOSE
 */
static void second_fin(void)
{
	struct wire w;
	struct pair p = wired(&w);

	half_way(&w, &p);
	wire_lose(&w, 1, "FA", 1);
	shutdown(p.server.fd, SHUT_RDWR);
	wire_carry_to_state(&w, p.server.fd, TCP_CLOSE);
}

/*
 *  side 0                       side 1
 *  close() FIN_WAIT1            close() FIN_WAIT1
 *               FIN x    <- FIN
 *          CLOSING       ACK ->
 *               FIN ->          (again) FIN_WAIT2, TIME_WAIT
 *          TIME_WAIT     <- ACK
 */
static void one_of_two_fins(void)
{
	struct wire w;
	struct pair p = wired(&w);

	wire_lose(&w, 0, "FA", 1);
	shutdown(p.client.fd, SHUT_RDWR);
	shutdown(p.server.fd, SHUT_RDWR);
	wire_carry_to_state(&w, p.client.fd, TCP_CLOSE);
	wire_carry_to_state(&w, p.server.fd, TCP_CLOSE);
}

/*
 *  us                         peer
 *  close() FIN_WAIT1  FIN ->
 *          TIME_WAIT  <- FIN,ACK
 *                     ACK ->
 *                     <- FIN,ACK   (a duplicate)
 *                     ACK ->
 */
static void duplicate_fin_in_time_wait(void)
{
	struct peer p;
	struct end end = moves_connected(&p);

	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "FA", 0);
	peer_expect(&p, "A");
	sockets_wait_mini(&end, TCP_TIME_WAIT);
	peer_send_at(&p, "FA", p.seq - 1, 0);
	peer_expect(&p, "A");
}

#define PLAIN "fin_retransmits=0 half_close_ns=0 bytes_after_fin=0 "
#define AGAIN "fin_retransmits>=1 half_close_ns=0 bytes_after_fin=0 "

const struct scenario corpus_lost[] = {
	{ "last_ack_lost", last_ack, .expected = {
		{ "orderly", "local", PLAIN, { "purged" }, .rearmed = { 0, 1 } },
		{ "orderly", "remote", AGAIN "last_ack_lost=true" } } },
	{ "last_ack_lost_again_and_again", last_ack_again_and_again, .waits = true, .expected = {
		{ "orderly", "local", PLAIN, { "purged" }, .rearmed = { 1, 4 } },
		{ "orderly", "remote", "fin_retransmits>=4 last_ack_lost=true" } } },
	{ "last_ack_lost_by_nftables", last_ack_by_nftables, .expected = {
		{ "orderly", "local", PLAIN, { "purged" }, .rearmed = { 0, 1 } },
		{ "orderly", "remote", AGAIN "last_ack_lost=true" } } },
	{ "first_fin_lost", first_fin, .expected = {
		{ "orderly", "local", AGAIN, { "purged" } },
		{ "orderly", "remote", PLAIN "last_ack_lost=false" } } },
	{ "first_fin_lost_by_nftables", first_fin_by_nftables, .expected = {
		{ "orderly", "local", AGAIN, { "purged" } },
		{ "orderly", "remote", PLAIN "last_ack_lost=false" } } },
	{ "first_ack_lost", first_ack, .expected = {
		{ "orderly", "local", AGAIN, { "purged" } },
		{ "orderly", "remote", PLAIN "last_ack_lost=false" } } },
	{ "second_fin_lost", second_fin, .expected = {
		{ "orderly", "local", PLAIN, { "purged" } },
		{ "orderly", "remote", AGAIN "last_ack_lost=null" } } },
	{ "one_of_two_fins_lost", one_of_two_fins, .expected = {
		{ "simultaneous", "both", "fin_retransmits>=1", { "purged" } },
		{ "orderly", "local", "fin_retransmits>=0", { "purged" } } } },
	{ "duplicate_fin_in_time_wait", duplicate_fin_in_time_wait, .expected = {
		{ "orderly-merged", "local", PLAIN, { "purged" }, .rearmed = { 0, 1 } } } },
	{ 0 }
};
