// SPDX-License-Identifier: GPL-2.0
/* What is easily mistaken for something else. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "corpus.h"
#include "fatal.h"
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

/* A page that is not there until somebody serves it: who touches it waits. */
struct gap {
	int handler;
	char *page;
	size_t size;
};

static void gap_open(struct gap *gap)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	gap->size = sysconf(_SC_PAGESIZE);
	gap->handler = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (gap->handler < 0)
		fatal_skip("no userfaultfd here");
	gap->page = mmap(NULL, gap->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	range.range.start = (uintptr_t)gap->page;
	range.range.len = gap->size;
	fatal_unless(gap->page != MAP_FAILED && !ioctl(gap->handler, UFFDIO_API, &api) &&
		     !ioctl(gap->handler, UFFDIO_REGISTER, &range), "userfaultfd");
}

static void gap_await_touch(const struct gap *gap)
{
	struct uffd_msg message;

	fatal_unless(read(gap->handler, &message, sizeof(message)) == sizeof(message), "touch");
}

static void gap_fill(const struct gap *gap)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)gap->page, gap->size } };

	fatal_unless(!ioctl(gap->handler, UFFDIO_ZEROPAGE, &zero), "UFFDIO_ZEROPAGE");
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
	struct end there = sockets_end(sockets_listen("127.0.0.1", 0, 8)), child = there;
	int fd = sockets_bound("127.0.0.1", 0, 0);

	fatal_unless(!sockets_connect(fd, there.laddr, there.lport), "connect");
	child.cookie = 0;
	child.rport = stage_show_fd(fd).lport;
	memcpy(child.raddr, "127.0.0.1", sizeof("127.0.0.1"));
	stage_show(&child);
	sockets_abort(fd);
	close(accept(there.fd, NULL, NULL));
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
	{ "odd_reset_after_a_half_close", reset_after_a_half_close, .expected = {
		{ "reset-received", "remote", "dwell_ns.FIN_WAIT2>=1" } } },
	{ "odd_reset_of_an_orphan_in_fin_wait1", reset_of_an_orphan_in_fin_wait1, .expected = {
		{ "reset-received", "remote" } } },
	{ "odd_reset_after_shutdown_of_both", reset_after_shutdown_of_both, .expected = {
		{ "reset-received", "remote" } } },
	{ "odd_fin_waits_behind_a_zero_window", fin_waits_behind_a_zero_window, .expected = {
		{ "orderly", "remote" } } },
	{ "odd_ack_and_fin_while_the_socket_is_held", ack_and_fin_while_the_socket_is_held,
	  .expected = { { "orderly", "local" } } },
	{ "odd_late_ack_of_a_foreign_peer", late_ack_of_a_foreign_peer, .expected = {
		{ "orderly", "remote", "fin_retransmits=1 last_ack_lost=null" } } },
	{ "odd_data_and_fin_again", data_and_fin_again, .expected = {
		{ "orderly-merged", "local", "fin_retransmits=null" } } },
	{ "odd_reset_in_the_accept_queue", reset_in_the_accept_queue, .expected = {
		{ "abort-linger", "local" }, { "reset-received", "remote" } } },
	{ "odd_timeout_with_an_icmp_error", timeout_with_an_icmp_error, .waits = true,
	  .expected = { { "timeout", "none" } } },
	{ "odd_keepalive_in_fin_wait2", keepalive_in_fin_wait2, .waits = true, .expected = {
		{ "timeout", "none", "probes=1" } } },
	{ 0 }
};
