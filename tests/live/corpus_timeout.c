// SPDX-License-Identifier: GPL-2.0
/* Peers that fall silent, until we give up; and zero windows. */
#include <netinet/tcp.h>
#include <unistd.h>

#include "corpus.h"
#include "deadline.h"
#include "fatal.h"
#include "moves.h"
#include "netns.h"
#include "stage.h"

#define GIVE_UP_MS 20000

/* Milliseconds of unanswered sending that are enough. */
static void give_up_after(int fd, int ms)
{
	moves_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
}

static void await_giving_up(int fd)
{
	moves_await_state_slowly(fd, TCP_CLOSE);
}

/* Who sees an orphan give up? No reset is sent; /proc does not have it any more. */
static bool is_empty(const void *none)
{
	(void)none;
	return !sockets_in_kernel();
}

static void await_no_socket(void)
{
	fatal_unless(deadline_until(is_empty, NULL, GIVE_UP_MS), "end of the orphan");
}

/*
 *  us                           peer (silent)
 *  ESTABLISHED
 *                     probe ->  (after a second)
 *  CLOSE                RST ->  (after another)
 */
static void keepalive(void)
{
	struct peer p;

	moves_connected(&p);
	moves_set(p.fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	moves_set(p.fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	moves_set(p.fd, IPPROTO_TCP, TCP_KEEPCNT, 1);
	moves_set(p.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	await_giving_up(p.fd);
}

/*
 *  us                           peer (silent)
 *  write(100)           100 ->
 *                       100 ->  (again, TCP_USER_TIMEOUT is 700 ms)
 *  CLOSE
 */
static void data_with_a_user_timeout(void)
{
	struct peer p;

	moves_connected(&p);
	give_up_after(p.fd, 700);
	moves_send(p.fd, 100);
	await_giving_up(p.fd);
}

/* The same by tcp_retries2. */
static void data_with_few_retries(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_retries2", "1");
	moves_connected(&p);
	moves_send(p.fd, 100);
	await_giving_up(p.fd);
}

/*
 *  us                           peer (silent)
 *  CLOSE_WAIT           <- FIN
 *  write(100)           100 ->
 *                       100 ->  (again)
 *  CLOSE
 */
static void data_in_close_wait(void)
{
	struct peer p;

	moves_connected(&p);
	give_up_after(p.fd, 700);
	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE_WAIT);
	moves_send(p.fd, 100);
	await_giving_up(p.fd);
}

/*
 *  us                           peer (silent)
 *  close() FIN_WAIT1    FIN ->
 *                       FIN ->  (again, tcp_orphan_retries is 1)
 *          CLOSE
 */
static void orphan_in_fin_wait1(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_orphan_retries", "1");
	moves_connected(&p);
	close(p.fd);
	peer_expect(&p, "FA");
	peer_expect(&p, "FA");
	await_no_socket();
}

/*
 *  us                           peer (silent afterwards)
 *  close() FIN_WAIT1    FIN ->
 *          CLOSING      <- FIN  (does not acknowledge ours)
 *                       FIN ->  (again)
 *          CLOSE
 */
static void orphan_in_closing(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_orphan_retries", "1");
	moves_connected(&p);
	close(p.fd);
	peer_send(&p, "FA", 0);
	await_no_socket();
}

/*
 *  us                           peer (silent afterwards)
 *          CLOSE_WAIT   <- FIN
 *  close() LAST_ACK     FIN ->
 *                       FIN ->  (again)
 *          CLOSE
 */
static void orphan_in_last_ack(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_orphan_retries", "1");
	moves_connected(&p);
	peer_send(&p, "FA", 0);
	sockets_wait_state(p.fd, TCP_CLOSE_WAIT);
	close(p.fd);
	await_no_socket();
}

/*
 *  us                           peer
 *  accept() SYN_RECV    <- SYN, 10 bytes   (Fast Open, no cookie asked)
 *                   SYN,ACK ->
 *                   SYN,ACK ->  (again)
 *           CLOSE
 */
static void syn_recv_of_fast_open(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_fastopen", "1538");
	netns_set("net/ipv4/tcp_synack_retries", "0");
	peer_open(&p);
	peer_listen(&p);
	peer_send(&p, "S", 10);
	peer_expect(&p, "SA");
	p.fd = sockets_accept(p.listener).fd;
	stage_show_fd(p.fd);
	await_giving_up(p.fd);
}

/* The peer's window is closed from the start, and 100 bytes wait before our FIN. */
static struct end with_zero_window(struct peer *p)
{
	struct end end;

	peer_open(p);
	p->window = 0;
	peer_be_connected(p);
	end = stage_show_fd(p->fd);
	moves_send(p->fd, 100);
	return end;
}

/*
 *  us                                 peer (window 0, silent)
 *  write(100), close() FIN_WAIT1
 *                        probe ->     (tcp_orphan_retries is 1)
 *          CLOSE
 */
static void zero_window_and_silence(void)
{
	struct peer p;

	netns_set("net/ipv4/tcp_orphan_retries", "1");
	with_zero_window(&p);
	close(p.fd);
	await_no_socket();
}

/* Answers whatever comes. */
static bool answers_until_closed(const void *arg)
{
	struct peer *p = (void *)arg;
	struct segment s;

	while (peer_poll(p, &s))
		peer_send(p, "A", 0);
	return sockets_state(p->fd) == TCP_CLOSE;
}

/*
 *  us                                 peer (window 0)
 *  write(100), shutdown() FIN_WAIT1
 *                        probe ->
 *                        <- ACK       ...
 *          CLOSE                      (TCP_USER_TIMEOUT is 700 ms)
 */
static void zero_window_until_the_user_timeout(void)
{
	struct peer p;

	with_zero_window(&p);
	give_up_after(p.fd, 700);
	shutdown(p.fd, SHUT_RDWR);
	fatal_unless(deadline_until(answers_until_closed, &p, GIVE_UP_MS), "giving up");
}

/*
 *  us                                 peer (window 0)
 *  write(100), close() FIN_WAIT1
 *                        probe ->
 *                        <- RST
 *          CLOSE
 */
static void zero_window_and_reset(void)
{
	struct peer p;

	with_zero_window(&p);
	shutdown(p.fd, SHUT_RDWR);
	sockets_wait_state(p.fd, TCP_FIN_WAIT1);
	peer_expect(&p, "A");
	peer_send(&p, "R", 0);
	sockets_wait_state(p.fd, TCP_CLOSE);
}

/*
 *  us                                 peer (window 0)
 *  write(100), close() FIN_WAIT1
 *                        probe ->
 *                        <- ACK       (window open)
 *                        100, FIN ->
 *          FIN_WAIT2     <- ACK
 *          TIME_WAIT     <- FIN
 */
static void zero_window_opens(void)
{
	struct peer p;
	struct end end = with_zero_window(&p);

	close(p.fd);
	peer_expect(&p, "A");
	p.window = 65535;
	peer_send(&p, "A", 0);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_mini(&end, TCP_FIN_WAIT2);
	peer_send(&p, "FA", 0);
	sockets_wait_mini(&end, TCP_TIME_WAIT);
}

/*
 *  us                               a router
 *  write(100)               100 ->
 *                           <- ICMP host unreachable (remembered)
 *                           100 ->  (again, TCP_USER_TIMEOUT is 700 ms)
 *  CLOSE, and the error is EHOSTUNREACH
 */
static void timeout_with_an_icmp_error(void)
{
	struct peer p;

	moves_connected(&p);
	moves_set(p.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 700);
	moves_send(p.fd, 100);
	peer_expect(&p, "A");
	peer_send_unreachable(&p);
	moves_await_state_slowly(p.fd, TCP_CLOSE);
}

/*
 *  us                               peer (silent)
 *  shutdown(WR) FIN_WAIT1   FIN ->
 *               FIN_WAIT2   <- ACK
 *                         probe ->  (keepalive)
 *               CLOSE       RST ->
 */
static void keepalive_in_fin_wait2(void)
{
	struct peer p;

	moves_connected(&p);
	moves_set(p.fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	moves_set(p.fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	moves_set(p.fd, IPPROTO_TCP, TCP_KEEPCNT, 1);
	moves_set(p.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	shutdown(p.fd, SHUT_WR);
	peer_expect(&p, "FA");
	peer_send(&p, "A", 0);
	sockets_wait_state(p.fd, TCP_FIN_WAIT2);
	moves_await_state_slowly(p.fd, TCP_CLOSE);
}

const struct scenario corpus_timeout[] = {
	{ "timeout_keepalive", keepalive, .waits = true, .expected = {
		{ "timeout", "none", "probes=1" } } },
	{ "timeout_data_with_a_user_timeout", data_with_a_user_timeout, .waits = true,
	  .expected = { { "timeout", "none", "retransmits>=1" } } },
	{ "timeout_data_with_few_retries", data_with_few_retries, .waits = true, .expected = {
		{ "timeout", "none", "retransmits>=1" } } },
	{ "timeout_data_in_close_wait", data_in_close_wait, .waits = true, .expected = {
		{ "timeout", "none", "retransmits>=1 bytes_after_fin=100" } } },
	{ "timeout_of_an_orphan_in_fin_wait1", orphan_in_fin_wait1, .waits = true, .expected = {
		{ "timeout", "none", "fin_retransmits>=1 retransmits>=1" } } },
	{ "timeout_of_an_orphan_in_closing", orphan_in_closing, .waits = true, .expected = {
		{ "timeout", "none", "fin_retransmits>=1 retransmits>=1" } } },
	{ "timeout_of_an_orphan_in_last_ack", orphan_in_last_ack, .waits = true, .expected = {
		{ "timeout", "none", "fin_retransmits>=1 retransmits>=1" } } },
	{ "timeout_in_syn_recv_of_fast_open", syn_recv_of_fast_open, .waits = true, .expected = {
		{ "timeout", "none", "dwell_ns.SYN_RECV>=900000000" } } },
	{ "zero_window_and_silence", zero_window_and_silence, .waits = true, .expected = {
		{ "timeout", "none", "probes>=1" } } },
	{ "zero_window_until_the_user_timeout", zero_window_until_the_user_timeout,
	  .waits = true, .expected = { { "timeout", "none" } } },
	{ "zero_window_and_reset", zero_window_and_reset, .waits = true, .expected = {
		{ "reset-received", "remote", "dwell_ns.FIN_WAIT1>=1" } } },
	{ "zero_window_opens", zero_window_opens, .waits = true, .expected = {
		{ "orderly", "local", NULL, { "fin-arrived", "purged" } } } },
	{ "timeout_with_an_icmp_error", timeout_with_an_icmp_error, .waits = true,
	  .expected = { { "timeout", "none" } } },
	{ "timeout_keepalive_in_fin_wait2", keepalive_in_fin_wait2, .waits = true, .expected = {
		{ "timeout", "none", "probes=1" } } },
	{ 0 }
};
