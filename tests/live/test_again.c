// SPDX-License-Identifier: GPL-2.0
/*
 * What Linux does and the RFC does not know: close() after shutdown() names the state again. Our
 * FIN stays behind data that the peer has no room for, so that the state lasts.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

#include "destroy.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "path.h"
#include "sockets.h"
#include "tracer.h"

/* Until neither side has room. */
static void fill(int fd)
{
	char chunk[4096] = "";

	while (send(fd, chunk, sizeof(chunk), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	fatal_unless(errno == EAGAIN, "fill");
}

/* The data unread, a reset ends the other side's orphan as well. */
static void finish(struct tracer *t, const struct end *deaf)
{
	close(deaf->fd);
	tracer_finish(t);
}

static void test_fin_wait1(void **state)
{
	struct pair p = sockets_pair("127.0.9.1");

	fill(p.client.fd);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_FIN_WAIT1);
	close(p.client.fd);
	path_expect(*state, &p.client, "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT1");
	finish(*state, &p.server);
}

static void test_closing(void **state)
{
	struct pair p = sockets_pair("127.0.9.2");

	fill(p.client.fd);
	shutdown(p.client.fd, SHUT_WR);
	shutdown(p.server.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_CLOSING);
	close(p.client.fd);
	path_expect(*state, &p.client, "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>CLOSING>CLOSING");
	finish(*state, &p.server);
}

static void test_last_ack(void **state)
{
	struct pair p = sockets_pair("127.0.9.3");

	fill(p.client.fd);
	shutdown(p.server.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_CLOSE_WAIT);
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.client.fd, TCP_LAST_ACK);
	close(p.client.fd);
	path_expect(*state, &p.client,
		    "CLOSE>SYN_SENT>ESTABLISHED>CLOSE_WAIT>LAST_ACK>LAST_ACK");
	finish(*state, &p.server);
}

static bool is_destroyed(const json_t *event, const void *arg)
{
	const struct end *end = arg;

	return event_has_number(event, "cookie", end->cookie) &&
	       event_has_text(event, "from", "CLOSE") && event_has_text(event, "to", "CLOSE");
}

/* SOCK_DESTROY ends a listener as such, and then as any socket. */
static void test_close(void **state)
{
	struct end end = sockets_end(sockets_listen("127.0.9.4", 0, 1));

	destroy_socket(&end);
	assert_non_null(tracer_wait(*state, is_destroyed, &end, TRACER_PATIENCE_MS));
	close(end.fd);
	tracer_finish(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(test_fin_wait1),
		LIVE_TEST(test_closing),
		LIVE_TEST(test_last_ack),
		LIVE_TEST(test_close),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("a state again", tests, NULL, NULL);
}
