// SPDX-License-Identifier: GPL-2.0
/* What is drawn of a connection that is cut: by a reset, from outside, by the kernel. */
#include "test.h"

#include <string.h>
#include "explaining.h"

static void test_abort_unread(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.teardown.unread_bytes = 77;
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_CLOSE, 1000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL, 1000000);
	tale_move(&e->tale, &e->server, TCT_ESTABLISHED, TCT_CLOSE, 1000020);
	tale_tear(&e->tale, &e->server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1000020);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms CLOSE         -- RST --------------------------> CLOSE         +999.9ms\n"
		"\n"
		"A closed with 77 bytes unread, which sent a reset; B was reset.\n"
		"\n");
}

static void test_abort_linger_seen_by_one(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_CLOSE, 1000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL, 1000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"+999.9ms CLOSE         -- RST --------------------------?\n"
		"\n"
		"A aborted with a reset (SO_LINGER with a time of 0).\n"
		"\n");
}

static void test_reset_received_seen_by_one(void **state)
{
	struct explaining *e = *state;

	e->client.unseen = true;
	explaining_talk(e);
	tale_move(&e->tale, &e->server, TCT_ESTABLISHED, TCT_CLOSE, 1000020);
	tale_tear(&e->tale, &e->server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1000020);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 not seen here\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"                                                          ESTABLISHED\n"
		"                       -- RST --------------------------> CLOSE         +999.9ms\n"
		"\n"
		"B was reset.\n"
		"\n");
}

/* An orphan gets data: nobody can read it. */
static void test_reset_sent(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_leave(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_END_RESET_SENT, 1500000);
	tale_tear(&e->tale, &e->client, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL, 1500000);
	e->server.teardown.bytes_after_fin = 100;
	tale_move(&e->tale, &e->server, TCT_CLOSE_WAIT, TCT_CLOSE, 1500020);
	tale_tear(&e->tale, &e->server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1500020);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"                       <-------------------- 100 bytes --\n"
		"+499.9ms CLOSE         -- RST --------------------------> CLOSE         +500.0ms\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; what then came from B had no reader and A answered it with a\n"
		"reset; B was reset.\n"
		"\n");
}

/* A reset, not a FIN of its own, is what the peer answers. */
static void test_fin_reset_seen_by_closer(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_CLOSE, 1000060);
	tale_tear(&e->tale, &e->client, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1000060);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------?\n"
		"   +60us CLOSE         <-------------------------- RST --\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first, then was reset.\n"
		"\n");
}

/* Whether the peer got our ACK, nobody knows. */
static void test_reset_in_close_wait(void **state)
{
	struct explaining *e = *state;

	e->client.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->server, TCT_CLOSE_WAIT, TCT_CLOSE, 1500000);
	tale_tear(&e->tale, &e->server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1500000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 not seen here: its (STATES) are inferred\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         (ESTABLISHED)                                    ESTABLISHED\n"
		"         (FIN_WAIT1)   -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"                       -- RST --------------------------> CLOSE         +500.0ms\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; B was reset.\n"
		"\n");
}

/* A mini-socket in FIN_WAIT2 is destroyed without a word; a full one sends a reset. */
static void test_destroyed_orphan(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_leave(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_END_DESTROYED, 1500000);
	tale_tear(&e->tale, &e->client, TCT_KIND_DESTROYED, TCT_CLOSER_LOCAL, 1500000);
	assert_null(strstr(tale_text(&e->tale), "RST"));
}

static void play_end(struct explaining *e, enum tct_kind kind, enum tct_closer closer)
{
	e->server.unseen = true;
	explaining_talk(e);
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_CLOSE, 2000000);
	tale_tear(&e->tale, &e->client, kind, closer, 2000000);
}

static void test_disconnected(void **state)
{
	struct explaining *e = *state;

	play_end(e, TCT_KIND_DISCONNECTED, TCT_CLOSER_LOCAL);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +2.00s CLOSE         -- RST --------------------------?\n"
		"\n"
		"A disconnected its socket, which it keeps.\n"
		"\n");
}

static void test_destroyed(void **state)
{
	struct explaining *e = *state;

	play_end(e, TCT_KIND_DESTROYED, TCT_CLOSER_LOCAL);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +2.00s CLOSE         -- RST --------------------------?\n"
		"\n"
		"A was destroyed from outside (SOCK_DESTROY).\n"
		"\n");
}

static void test_repair(void **state)
{
	struct explaining *e = *state;

	play_end(e, TCT_KIND_REPAIR, TCT_CLOSER_LOCAL);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +2.00s CLOSE         closed in repair mode, in silence\n"
		"\n"
		"A was closed in repair mode, which sends nothing.\n"
		"\n");
}

static void test_reaped(void **state)
{
	struct explaining *e = *state;

	play_end(e, TCT_KIND_REAPED, TCT_CLOSER_NONE);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +2.00s CLOSE         reaped by the kernel\n"
		"\n"
		"The kernel reaped A: too many orphans, or no memory.\n"
		"\n");
}

static void test_unknown(void **state)
{
	struct explaining *e = *state;

	play_end(e, TCT_KIND_UNKNOWN, TCT_CLOSER_NONE);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +2.00s CLOSE         closed, how is not known\n"
		"\n"
		"How A ended is not known.\n"
		"\n");
}

static void test_killed(void **state)
{
	struct explaining *e = *state;

	tale_end(&e->tale);
	explaining_begin(e, TALE_JSON);
	e->client.teardown.process = TCT_PROCESS_KILLED;
	e->client.teardown.signal = 9;
	explaining_play_orderly(e);
	assert_non_null(strstr(tale_text(&e->tale), "; A's process was killed by signal 9; "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_abort_unread),
		EXPLAINING_TEST(test_abort_linger_seen_by_one),
		EXPLAINING_TEST(test_reset_received_seen_by_one),
		EXPLAINING_TEST(test_reset_sent),
		EXPLAINING_TEST(test_fin_reset_seen_by_closer),
		EXPLAINING_TEST(test_reset_in_close_wait),
		EXPLAINING_TEST(test_destroyed_orphan),
		EXPLAINING_TEST(test_disconnected),
		EXPLAINING_TEST(test_destroyed),
		EXPLAINING_TEST(test_repair),
		EXPLAINING_TEST(test_reaped),
		EXPLAINING_TEST(test_unknown),
		EXPLAINING_TEST(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
