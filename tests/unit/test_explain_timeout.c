// SPDX-License-Identifier: GPL-2.0
/* What is drawn when an end gives up, or is answered by nobody. */
#include "test.h"

#include "explaining.h"

/* It never comes, however often the FIN is sent. */
static void test_last_ack_never_comes(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	e->server.teardown.fin_retransmits = e->server.teardown.retransmits = 8;
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 52454080);
	tale_tear(&e->tale, &e->server, TCT_KIND_TIMEOUT, TCT_CLOSER_REMOTE, 52454080);
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <--- FIN seq=w ack=u+1, 9 times -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 -----------X\n"
		"                                gave up: no answer came   CLOSE          +51.20s\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later; B gave up after it had sent its FIN 9 times\n"
		"and no answer reached it; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_data_timeout(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	e->client.teardown.retransmits = 15;
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_CLOSE, 925000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 925000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"                       -- data, 16 times ---------------?\n"
		" +15m24s CLOSE         gave up: no answer came\n"
		"\n"
		"A gave up after 15 retransmissions to which no answer reached it.\n"
		"\n");
}

static void test_keepalive_timeout(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	e->client.teardown.probes = 9;
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_CLOSE, 925000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 925000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"                       -- 9 probes ---------------------?\n"
		" +15m24s CLOSE         gave up: no answer came\n"
		"\n"
		"A gave up after 9 probes to which no answer reached it.\n"
		"\n");
}

static void test_fin_timeout(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	e->client.teardown.fin_retransmits = e->client.teardown.retransmits = 8;
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_CLOSE, 103000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_TIMEOUT, TCT_CLOSER_LOCAL, 103000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u, 9 times -----------?\n"
		"  +1m42s CLOSE         gave up: no answer came\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first, then gave up after it had sent its FIN 9 times and no answer\n"
		"reached it.\n"
		"\n");
}

/* Nobody closed first for the closer's field, and yet the peer's FIN came first. */
static void test_last_ack_timeout_seen_by_one(void **state)
{
	struct explaining *e = *state;

	e->client.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1000034);
	e->server.teardown.fin_retransmits = e->server.teardown.retransmits = 8;
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 52454080);
	tale_tear(&e->tale, &e->server, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 52454080);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 not seen here: its (STATES) are inferred\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         (ESTABLISHED)                                    ESTABLISHED\n"
		"         (FIN_WAIT1)   -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"                       ?--- FIN seq=w ack=u+1, 9 times -- LAST_ACK          +4us\n"
		"                                gave up: no answer came   CLOSE          +51.45s\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 4us later; B gave up after it had sent its FIN 9 times and\n"
		"no answer reached it.\n"
		"\n");
}

/* Keepalive gives up with a reset. */
static void test_keepalive_reset(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	e->client.teardown.probes = 1;
	e->client.teardown.reset_reason = "tcp-keepalive-timeout";
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_CLOSE, 925000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 925000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"                       -- 1 probe ----------------------?\n"
		" +15m24s CLOSE         -- RST --------------------------?\n"
		"\n"
		"A gave up after 1 probe to which no answer reached it.\n"
		"\n");
}

/* The peer got the FIN and never closes: the kernel keeps the orphan for a minute. */
static void test_fin_wait2_timeout(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_leave(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_END_EXPIRED, 61000070);
	tale_tear(&e->tale, &e->client, TCT_KIND_REAPED, TCT_CLOSER_NONE, 61000070);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		" +60.00s CLOSE         FIN_WAIT2: expired\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; B's FIN did not come, and A's FIN_WAIT2 expired after 60.00s.\n"
		"\n");
}

/* The server closes when nobody is there any more. */
static void test_fin_for_nobody(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.teardown.retransmits = 3;
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_CLOSE, 2000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 2000000);
	tale_move(&e->tale, &e->server, TCT_ESTABLISHED, TCT_FIN_WAIT1, 5000000);
	tale_text_at_end(&e->tale, 6000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"                       -- data, 4 times ----------------?\n"
		"  +2.00s CLOSE         gave up: no answer came\n"
		"                       ?-------------------- FIN seq=w -- FIN_WAIT1       +5.00s\n"
		"                                FIN_WAIT1, 1.00s so far\n"
		"\n"
		"w = 2301: B sent 2300 bytes\n"
		"A gave up after 3 retransmissions to which no answer reached it; B is in\n"
		"FIN_WAIT1, 1.00s so far.\n"
		"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_last_ack_never_comes),
		EXPLAINING_TEST(test_data_timeout),
		EXPLAINING_TEST(test_keepalive_timeout),
		EXPLAINING_TEST(test_fin_timeout),
		EXPLAINING_TEST(test_last_ack_timeout_seen_by_one),
		EXPLAINING_TEST(test_keepalive_reset),
		EXPLAINING_TEST(test_fin_wait2_timeout),
		EXPLAINING_TEST(test_fin_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
