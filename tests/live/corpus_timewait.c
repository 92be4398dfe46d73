// SPDX-License-Identifier: GPL-2.0
/* How TIME_WAIT ends, and FIN_WAIT2 without a holder. That it ends by itself after 60 s, and a FIN
 * that comes late, are in test_timewait.c. */
#include <netinet/tcp.h>
#include <unistd.h>

#include "corpus.h"
#include "deadline.h"
#include "destroy.h"
#include "fatal.h"
#include "moves.h"
#include "netns.h"
#include "stage.h"

#define CLIENT_PORT 20100
#define PATIENCE_MS 10000

/* The first to close is in TIME_WAIT, the second is gone. */
static void close_in_order(const struct end *first, const struct end *second)
{
	close(first->fd);
	sockets_wait_mini(first, TCP_FIN_WAIT2);
	close(second->fd);
	sockets_wait_mini(first, TCP_TIME_WAIT);
}

struct call {
	const struct end *there;
	int fd;
};

static bool is_through(const void *arg)
{
	struct call *call = (void *)arg;

	call->fd = sockets_bound(CORPUS_V4, CLIENT_PORT, 0);
	if (!sockets_connect(call->fd, CORPUS_V4, call->there->lport))
		return true;
	close(call->fd);
	return false;
}

/* From the same port, as often as it takes. */
static struct pair connect_from_port(const struct end *there)
{
	struct call call = { .there = there };
	struct pair p;

	fatal_unless(deadline_until(is_through, &call, PATIENCE_MS), "connect");
	p.client = stage_show_fd(call.fd);
	p.server = sockets_accept(there->fd);
	stage_show(&p.server);
	return p;
}

/*
 *  client                       server
 *  close() ... TIME_WAIT        CLOSE
 *          CLOSE                        (taken by the new one)
 *  connect() from the same port to the same
 *            SYN_SENT   SYN ->  ...
 */
static void taken_by_a_connect(void)
{
	struct end there = sockets_end(sockets_listen(CORPUS_V4, 0, 8));
	struct pair p = connect_from_port(&there);

	close_in_order(&p.client, &p.server);
	p = connect_from_port(&there);
	sockets_abort(p.client.fd);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  client                       server
 *  CLOSE                        close() ... TIME_WAIT
 *  connect() from the same port to the same
 *            SYN_SENT   SYN ->  CLOSE, and SYN_RECV of a new one
 */
static void taken_by_a_syn(void)
{
	struct end there = sockets_end(sockets_listen(CORPUS_V4, 0, 8));
	struct pair p = connect_from_port(&there);

	close_in_order(&p.server, &p.client);
	p = connect_from_port(&there);
	sockets_abort(p.client.fd);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  (a child of p->listener)
 *  close() FIN_WAIT1    FIN ->
 *          TIME_WAIT    <- FIN,ACK
 *                       ACK ->
 */
static struct end peer_in_time_wait(struct peer *p)
{
	struct end end = moves_accepted(p);

	close(p->fd);
	peer_expect(p, "FA");
	peer_send(p, "FA", 0);
	peer_expect(p, "A");
	sockets_wait_mini(&end, TCP_TIME_WAIT);
	return end;
}

/*
 *  us                           peer
 *          TIME_WAIT
 *          CLOSE        <- SYN beyond the old sequence
 *          SYN,ACK ->           (of the listener)
 */
static void taken_by_the_peers_syn(void)
{
	struct peer p;

	peer_in_time_wait(&p);
	p.seq += 100000;
	peer_send(&p, "S", 0);
	peer_expect(&p, "SA");
}

/*
 *  us                           peer
 *          TIME_WAIT            (nobody listens any more)
 *                       <- SYN beyond the old sequence
 *          TIME_WAIT    ACK ->
 */
static void not_taken_without_a_listener(void)
{
	struct peer p;

	peer_in_time_wait(&p);
	close(p.listener);
	peer_send_at(&p, "S", p.seq + 100000, 0);
	peer_expect(&p, "A");
}

/*
 *  us                           peer
 *          TIME_WAIT
 *          CLOSE        <- RST
 */
static void reset(void)
{
	struct peer p;
	struct end end = peer_in_time_wait(&p);

	peer_send(&p, "R", 0);
	moves_await_no_mini(&end, TCP_TIME_WAIT);
}

/*
 *  us                           peer
 *          TIME_WAIT
 *          TIME_WAIT    <- RST  (tcp_rfc1337 is 1)
 *                       <- FIN  (once more)
 *          TIME_WAIT    ACK ->
 */
static void not_reset_by_rfc1337(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_rfc1337", "1");
	peer_in_time_wait(&p);
	peer_send(&p, "R", 0);
	peer_send_at(&p, "FA", p.seq - 1, 0);
	peer_expect(&p, "A");
}

/*
 *  client                       server
 *          TIME_WAIT            CLOSE
 *  SOCK_DESTROY CLOSE
 */
static void destroyed(void)
{
	struct pair p = moves_pair();

	close_in_order(&p.client, &p.server);
	destroy_socket(&p.client);
}

/*
 *  client                       server
 *  shutdown() FIN_WAIT2         CLOSE_WAIT
 *                       <- FIN  close() LAST_ACK
 *             CLOSE     ACK ->  CLOSE      (tcp_max_tw_buckets is 0: no TIME_WAIT)
 */
static void no_bucket_for_time_wait(void)
{
	struct pair p;

	netns_set("net/ipv4/tcp_max_tw_buckets", "0");
	p = moves_pair();
	shutdown(p.client.fd, SHUT_RDWR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT2);
	shutdown(p.server.fd, SHUT_RDWR);
	sockets_wait_state(p.client.fd, TCP_CLOSE);
	sockets_wait_state(p.server.fd, TCP_CLOSE);
}

/*
 *  us                           peer
 *  close() FIN_WAIT1    FIN ->
 *          CLOSE        <- ACK  (tcp_max_tw_buckets is 0: no mini-socket in FIN_WAIT2)
 */
static bool is_empty(const void *none)
{
	(void)none;
	return !sockets_in_kernel();
}

static void no_bucket_for_fin_wait2(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_max_tw_buckets", "0");
	moves_connected(&p);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	fatal_unless(deadline_until(is_empty, NULL, PATIENCE_MS), "end of the orphan");
}

static struct end orphan_in_fin_wait2(struct peer *p)
{
	struct end end = moves_connected(p);

	close(p->fd);
	peer_expect(p, "FA");
	peer_send(p, "A", 0);
	sockets_wait_mini(&end, TCP_FIN_WAIT2);
	return end;
}

/*
 *  us                           peer (silent afterwards)
 *  close() FIN_WAIT1    FIN ->
 *          FIN_WAIT2    <- ACK
 *          CLOSE                (tcp_fin_timeout is 1)
 */
static void orphan_expires(void)
{
	struct end end;
	struct peer p;

	netns_set("net/ipv4/tcp_fin_timeout", "1");
	end = orphan_in_fin_wait2(&p);
	moves_await_no_mini(&end, TCP_FIN_WAIT2);
}

/*
 *  us                           peer (silent afterwards)
 *  close() FIN_WAIT1    FIN ->
 *          FIN_WAIT2    <- ACK
 *          CLOSE                (the namespace is removed)
 */
static void orphan_is_purged(void)
{
	struct peer p;

	orphan_in_fin_wait2(&p);
}

/*
 *  us                           peer
 *  close() FIN_WAIT1    FIN ->
 *          FIN_WAIT2    <- ACK  (TCP_LINGER2 is 61 s: a full socket for the first second, ...)
 *          FIN_WAIT2            (... and then a mini-socket)
 *          TIME_WAIT    <- FIN
 */
static void orphan_becomes_a_mini_late(void)
{
	struct peer p;
	struct end end = moves_connected(&p);

	moves_set(p.fd, IPPROTO_TCP, TCP_LINGER2, 61);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_mini(&end, TCP_FIN_WAIT2);
	peer_send(&p, "FA", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

#define CUT { "abort-linger", "local" }, { "reset-received", "remote" }

const struct scenario corpus_timewait[] = {
	{ "time_wait_taken_by_a_connect", taken_by_a_connect, .expected = {
		{ "orderly", "local", NULL, { "fin-arrived", "reused-out" } },
		{ "orderly", "remote" }, CUT } },
	{ "time_wait_taken_by_a_syn", taken_by_a_syn, .expected = {
		{ "orderly", "remote" },
		{ "orderly", "local", NULL, { "fin-arrived", "reused-in" } }, CUT } },
	{ "time_wait_taken_by_the_peers_syn", taken_by_the_peers_syn, .expected = {
		{ "orderly-merged", "local", NULL, { "reused-in" } } } },
	{ "time_wait_not_taken_without_a_listener", not_taken_without_a_listener, .expected = {
		{ "orderly-merged", "local", NULL, { "purged" } } } },
	{ "time_wait_reset", reset, .expected = {
		{ "orderly-merged", "local", NULL, { "reset" } } } },
	{ "time_wait_not_reset_by_rfc1337", not_reset_by_rfc1337, .expected = {
		{ "orderly-merged", "local", NULL, { "purged" }, .rearmed = { 0, 1 } } } },
	{ "time_wait_destroyed", destroyed, .expected = {
		{ "orderly", "local", NULL, { "fin-arrived", "destroyed" } },
		{ "orderly", "remote" } } },
	{ "time_wait_never_created", no_bucket_for_time_wait, .expected = {
		{ "orderly", "local", "bytes_after_fin=0", { "never-created" } },
		{ "orderly", "remote" } } },
	{ "fin_wait2_never_created", no_bucket_for_fin_wait2, .expected = {
		{ "reaped", "none", NULL, { "never-created" } } } },
	{ "fin_wait2_expires", orphan_expires, .waits = true, .expected = {
		{ "reaped", "none", "dwell_ns.FIN_WAIT2>=900000000", { "expired" } } } },
	{ "fin_wait2_purged", orphan_is_purged, .expected = {
		{ "reaped", "none", NULL, { "purged" } } } },
	{ "fin_wait2_mini_late", orphan_becomes_a_mini_late, .waits = true, .expected = {
		{ "orderly", "local", NULL, { "fin-arrived", "purged" } } } },
	{ 0 }
};
