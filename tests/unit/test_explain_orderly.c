// SPDX-License-Identifier: GPL-2.0
/* What is drawn of an orderly close in four segments or three, from both ends and from one. */
#include "test.h"

#include "explaining.h"

static void test_orderly(void **state)
{
	struct explaining *e = *state;

	explaining_play_orderly(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_orderly_seen_by_closer(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_play_orderly(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- (LAST_ACK)\n"
		"                       -- ACK ack=w+1 ------------------> (CLOSE)\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_orderly_seen_by_the_other(void **state)
{
	struct explaining *e = *state;

	e->client.unseen = true;
	explaining_play_orderly(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 not seen here: its (STATES) are inferred\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         (ESTABLISHED)                                    ESTABLISHED\n"
		"         (FIN_WAIT1)   -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"         (FIN_WAIT2)   <------------------ ACK ack=u+1 --\n"
		"         (TIME_WAIT)   <------------ FIN seq=w ack=u+1 -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments.\n"
		"\n");
}

static void test_merged(void **state)
{
	struct explaining *e = *state;

	explaining_play_merged(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +60us FIN_WAIT2     <-------- FIN+ACK seq=w ack=u+1 -- LAST_ACK         +10us\n"
		"   +10us TIME_WAIT     -- ACK ack=w+1 ------------------> CLOSE            +50us\n"
		"  +8.00s CLOSE         TIME_WAIT: reused-out\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 10us later: an orderly close in three segments, since B's\n"
		"FIN carried the ACK of A's; A's TIME_WAIT ended after 8.00s: reused-out.\n"
		"\n");
}

static void test_merged_seen_by_the_other(void **state)
{
	struct explaining *e = *state;

	e->client.unseen = true;
	explaining_play_merged(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 not seen here: its (STATES) are inferred\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         (ESTABLISHED)                                    ESTABLISHED\n"
		"         (FIN_WAIT1)   -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"         (FIN_WAIT2)   <-------- FIN+ACK seq=w ack=u+1 -- LAST_ACK         +10us\n"
		"         (TIME_WAIT)   -- ACK ack=w+1 ------------------> CLOSE            +50us\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 10us later: an orderly close in three segments, since B's\n"
		"FIN carried the ACK of A's.\n"
		"\n");
}

static void test_half_close(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.numbers.shutdown = 2;
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_send(&e->server, &e->client, 3000);
	e->client.teardown.half_close_ns = e->server.teardown.half_close_ns = 249970000;
	e->client.teardown.bytes_after_fin = e->server.teardown.bytes_after_fin = 3000;
	explaining_close_server(e, TCT_KIND_ORDERLY);
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tale_tear(&e->tale, &e->server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1250080);
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"                       <------- 3000 bytes, seq=w-3000 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 5301: B sent 5300 bytes\n"
		"A closed its sending side only, B sent 3000 bytes more and closed 250.0ms later:\n"
		"an orderly close in four segments; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_last_ack_lost(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	e->server.teardown.fin_retransmits = e->server.teardown.last_ack_lost = 1;
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 1454080);
	tale_tear(&e->tale, &e->server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1454080);
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 -----------X\n"
		"                       <-------------- FIN seq=w again --\n"
		"                       -- ACK ack=w+1 again ------------> CLOSE         +204.1ms\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; the last\n"
		"ACK was lost, so B sent its FIN again and A, in TIME_WAIT, acknowledged it\n"
		"again; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_fin_sent_again(void **state)
{
	struct explaining *e = *state;

	e->client.teardown.fin_retransmits = 2;
	explaining_play_orderly(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u, 3 times -----------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A had to\n"
		"send its FIN 3 times; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* tcp_max_tw_buckets. */
static void test_no_time_wait(void **state)
{
	struct explaining *e = *state;
	struct tct_time_wait none = { .who = e->client.who, .substate = TCT_TIME_WAIT,
				      .end = TCT_END_NEVER_CREATED };

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_fin(&e->server, &e->client);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_CLOSE, 1250040);
	e->tale.sink.time_wait(e->tale.sink.ctx, &none);
	tale_tear(&e->tale, &e->client, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL, 1250040);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms CLOSE         <------------ FIN seq=w ack=u+1 -- (LAST_ACK)\n"
		"                       -- ACK ack=w+1 ------------------?\n"
		"                       no TIME_WAIT: never-created\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; there was\n"
		"no room for A's TIME_WAIT.\n"
		"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_orderly),
		EXPLAINING_TEST(test_orderly_seen_by_closer),
		EXPLAINING_TEST(test_orderly_seen_by_the_other),
		EXPLAINING_TEST(test_merged),
		EXPLAINING_TEST(test_merged_seen_by_the_other),
		EXPLAINING_TEST(test_half_close),
		EXPLAINING_TEST(test_last_ack_lost),
		EXPLAINING_TEST(test_fin_sent_again),
		EXPLAINING_TEST(test_no_time_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
