// SPDX-License-Identifier: GPL-2.0
/* Connections as fast as they go: every transition arrives, and the tracer does not grow. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "audits.h"
#include "child.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "ledger.h"
#include "netns.h"
#include "path.h"
#include "sockets.h"
#include "tracer.h"

#define DRIVERS 2		/* each with a listener and a destination of its own */
#define FIRST 20000
#define REST 40000
#define ALL (FIRST + REST)
#define ORDERLY 20000
#define DROPPED 120000
#define PASSING_PORT 20041
#define REUSED_PORT 20042
#define GROWTH_KB 8192	/* what is told may wait for its writer */
#define DRAIN_MS 10000
#define BYSTANDERS 4		/* sockets of others on this host that may come meanwhile */

static const char *const addresses[DRIVERS] = { "127.0.6.1", "127.0.6.2" };

struct load {
	struct end listener;
	int connections;
	uint16_t client_port;	/* 0: automatic; else each connect ends the TIME_WAIT before */
	void (*finish)(int client, int server);
};

/* FIN, then a reset: passes through the closing states and leaves no mini-socket. */
static void finish_by_reset(int client, int server)
{
	char none;

	shutdown(client, SHUT_WR);
	fatal_unless(recv(server, &none, 1, 0) == 0, "end of data");
	sockets_abort(client);
	close(server);
}

/* Leaves a mini-socket in TIME_WAIT. */
static void finish_in_order(int client, int server)
{
	char none;

	close(client);
	fatal_unless(recv(server, &none, 1, 0) == 0, "end of data");
	close(server);
}

static int connect_client(const struct load *load)
{
	const struct end *there = &load->listener;
	int client = load->client_port ? sockets_bound(there->laddr, load->client_port, 0)
				       : socket(AF_INET, SOCK_STREAM, 0);

	fatal_unless(!sockets_connect(client, there->laddr, there->lport), "connect");
	return client;
}

static void drive(int link, void *arg)
{
	const struct load *load = arg;
	int i, client, server;

	(void)link;
	for (i = 0; i < load->connections; i++) {
		client = connect_client(load);
		server = accept(load->listener.fd, NULL, NULL);
		fatal_unless(server >= 0, "accept");
		load->finish(client, server);
	}
}

/* They tell the ledger which connections are ours. */
static void open_listeners(struct load loads[DRIVERS], struct ledger *l)
{
	int i;

	for (i = 0; i < DRIVERS; i++) {
		loads[i].listener = sockets_end(sockets_listen(addresses[i], 0, 64));
		l->listeners[i] = loads[i].listener;
	}
}

static void close_listeners(struct load loads[DRIVERS])
{
	int i;

	for (i = 0; i < DRIVERS; i++)
		close(loads[i].listener.fd);
}

/* The stream goes to a file meanwhile and is read afterwards. */
static void run_load(struct load loads[DRIVERS], int total, void (*finish)(int, int),
		     uint16_t client_port)
{
	uint64_t start = deadline_now_ns();
	struct child drivers[DRIVERS];
	int i;

	for (i = 0; i < DRIVERS; i++) {
		loads[i].connections = total / DRIVERS;
		loads[i].finish = finish;
		loads[i].client_port = client_port;
		drivers[i] = child_start(drive, &loads[i]);
	}
	for (i = 0; i < DRIVERS; i++)
		assert_int_equal(child_wait(&drivers[i]), 0);
	print_message("%d connections, %.0f a second\n", total,
		      total * 1e9 / (deadline_now_ns() - start));
}

struct target {
	const struct ledger *l;
	uint32_t closed;
};

static bool all_closed(struct tracer *t, void *arg)
{
	const struct target *target = arg;

	(void)t;
	return target->l->closed >= target->closed;
}

static void wait_closed(struct tracer *t, const struct ledger *l, uint32_t closed)
{
	struct target target = { l, closed };

	if (!tracer_until(t, all_closed, &target, DRAIN_MS))
		print_error("%u of %u closes were shown\n", l->closed, closed);
}

/* What is left in the mirror is what the kernel itself still has. */
static void expect_mirror_back(struct tracer *t)
{
	const json_t *audit = audits_ask(t);
	int64_t mirrored = event_number(audit, "mirrored"), real = event_number(audit, "kernel");

	print_message("mirrored: %lld at the start, %lld at the end, when the kernel has %lld\n",
		      (long long)event_number(tracer_ready(t), "mirrored"), (long long)mirrored,
		      (long long)real);
	assert_true(llabs(mirrored - real) <= BYSTANDERS);
	assert_in_range(audits_drift(audit), 0, TRACER_UNSEEN_MAX);
}

static void expect_all(uint32_t shown, uint32_t made)
{
	if (shown != made)
		print_message("%u shown of %u\n", shown, made);
	assert_in_range(shown, made - TRACER_UNSEEN_MAX, made);
}

static void expect_common(const struct ledger *l, uint32_t connections)
{
	print_message("%u sockets, %u closed (%u from LAST_ACK, %u from TIME_WAIT), %u out of order\n",
		      l->sockets, l->closed, ledger_count(l, "LAST_ACK", "CLOSE"),
		      ledger_count(l, "TIME_WAIT", "CLOSE"), l->broken);
	expect_all(l->sockets, 2 * connections);
	expect_all(l->closed, 2 * connections);
	assert_in_range(l->broken, 0, TRACER_UNSEEN_MAX);
	expect_all(ledger_count(l, "CLOSE", "SYN_SENT"), connections);
	expect_all(ledger_count(l, "SYN_SENT", "ESTABLISHED"), connections);
	expect_all(ledger_count(l, "LISTEN", "SYN_RECV"), connections);
	expect_all(ledger_count(l, "SYN_RECV", "ESTABLISHED"), connections);
	expect_all(ledger_count(l, "ESTABLISHED", "FIN_WAIT1"), connections);
	expect_all(ledger_count(l, "ESTABLISHED", "CLOSE_WAIT"), connections);
	expect_all(ledger_count(l, NULL, "CLOSE"), 2 * connections);
}

/* Under a sanitizer freed memory is kept for a while: then the growth is only printed. */
static void expect_flat(long before, long after)
{
	print_message("resident: %ld kB after %d connections, %ld kB after %d\n", before, FIRST,
		      after, ALL);
	if (!getenv("TCT_SANITIZED"))
		assert_true(after - before < GROWTH_KB);
}

/* FIN_WAIT1 or FIN_WAIT2, CLOSE_WAIT or LAST_ACK: where the reset meets them is a race. */
static void expect_cut(const struct ledger *l)
{
	expect_all(ledger_count(l, "FIN_WAIT1", "CLOSE") + ledger_count(l, "FIN_WAIT2", "CLOSE"),
		   ALL);
	expect_all(ledger_count(l, "CLOSE_WAIT", "CLOSE") +
		   ledger_count(l, "CLOSE_WAIT", "LAST_ACK"), ALL);
	assert_in_range(ledger_count(l, NULL, "TIME_WAIT"), 0, TRACER_UNSEEN_MAX);
}

static void test_60000_connections(void **state)
{
	const char *const args[] = { "-e", "transition", NULL };
	struct ledger l = ledger_open();
	struct load loads[DRIVERS];
	struct tracer *t;
	long after_first;

	*state = t = tracer_start_to_file(args, ledger_enter, &l);
	open_listeners(loads, &l);
	run_load(loads, FIRST, finish_by_reset, 0);
	wait_closed(t, &l, 2 * FIRST);
	after_first = tracer_memory_kb(t, "VmRSS");
	run_load(loads, REST, finish_by_reset, 0);
	wait_closed(t, &l, 2 * ALL);
	expect_flat(after_first, tracer_memory_kb(t, "VmRSS"));
	close_listeners(loads);
	expect_mirror_back(t);
	tracer_finish_but_unseen(t);
	expect_common(&l, ALL);
	expect_cut(&l);
	ledger_close(&l);
}

/* Closed in order, so that each leaves a TIME_WAIT, all of which go with their namespace. */
static void test_20000_time_waits_of_a_namespace(void **state)
{
	const char *const args[] = { "-e", "transition", NULL };
	struct ledger l = ledger_open();
	struct load loads[DRIVERS];
	struct tracer *t;

	*state = t = tracer_start_to_file(args, ledger_enter, &l);
	netns_enter();
	open_listeners(loads, &l);
	run_load(loads, ORDERLY, finish_in_order, 0);
	close_listeners(loads);
	netns_leave();
	wait_closed(t, &l, 2 * ORDERLY);
	expect_mirror_back(t);
	tracer_finish_but_unseen(t);
	expect_common(&l, ORDERLY);
	expect_all(ledger_count(&l, NULL, "TIME_WAIT"), ORDERLY);
	expect_all(ledger_count(&l, "TIME_WAIT", "CLOSE"), ORDERLY);
	expect_all(ledger_count(&l, "LAST_ACK", "CLOSE"), ORDERLY);
	ledger_close(&l);
}

/*
 * What a filter drops must leave no trace, or a busy host next to a narrow filter silences the
 * tracer: more ends of TIME_WAIT than fit into its ring, then one event that passes.
 */
static void test_dropped_load_leaves_room(void **state)
{
	const char *const args[] = { "-L", "20041", NULL };
	struct ledger unused = { .rows = NULL };
	struct load loads[DRIVERS];
	struct end end;

	*state = tracer_start(args);
	open_listeners(loads, &unused);
	run_load(loads, DROPPED, finish_in_order, REUSED_PORT);
	close_listeners(loads);
	end = sockets_end(sockets_listen("127.0.6.3", PASSING_PORT, 8));
	close(end.fd);
	if (!path_step(*state, &end, "CLOSE"))
		print_error("an event that passes the filter was not shown\n");
	tracer_finish(*state);
	path_expect(*state, &end, "CLOSE>LISTEN>CLOSE");
}

/* Sockets that nobody ever asked for a cookie: each is found all the same. */
static void test_mini_sockets_from_before(void **state)
{
	const char *const args[] = { NULL };
	struct ledger l = ledger_open();
	struct load loads[DRIVERS];
	struct tracer *t;

	open_listeners(loads, &l);
	run_load(loads, 100, finish_in_order, 0);
	close_listeners(loads);
	ledger_close(&l);
	*state = t = tracer_start(args);
	assert_true(event_number(json_object_get(tracer_ready(t), "by_state"), "TIME_WAIT") >= 100);
	tracer_finish(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_60000_connections),
		LIVE_TEST_ALONE(test_20000_time_waits_of_a_namespace),
		LIVE_TEST_ALONE(test_dropped_load_leaves_room),
		LIVE_TEST_ALONE(test_mini_sockets_from_before),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}
