// SPDX-License-Identifier: GPL-2.0
/* What is drawn of a close that began before the run, or goes on when it ends. */
#include "test.h"

#include "explaining.h"

/* The connection was there before us: neither its numbers nor its age are known. */
static void test_beginning_not_seen(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"         FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- (LAST_ACK)\n"
		"                       -- ACK ack=w+1 ------------------> (CLOSE)\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u: how many bytes A sent is not known; w = 1: B sent 0 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* One that was in CLOSE_WAIT when we came; the last ACK covers its FIN. */
static void close_server_late(struct explaining *e)
{
	tale_move(&e->tale, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1250000);
	e->server.numbers.write_seq++;
	e->server.numbers.snd_nxt++;
	e->server.numbers.snd_una++;
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tale_tear(&e->tale, &e->server, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE, 1250080);
}

static void test_first_fin_not_seen(void **state)
{
	struct explaining *e = *state;

	close_server_late(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 not seen here: its (STATES) are inferred\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"                                                          CLOSE_WAIT\n"
		"         (TIME_WAIT)   <------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		"\n"
		"w: how many bytes B sent is not known\n"
		"B closed after A had: an orderly close in an unknown number of segments.\n"
		"\n");
}

static void test_first_fin_not_seen_by_both(void **state)
{
	struct explaining *e = *state;

	e->client.numbers.bytes_received = 1;	/* the FIN */
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1250040);
	tale_tear(&e->tale, &e->client, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL, 1250040);
	close_server_late(e);
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         FIN_WAIT2                                        CLOSE_WAIT\n"
		"         TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"w = 1: B sent 0 bytes\n"
		"B closed after A had: an orderly close in an unknown number of segments; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* Whether the last ACK came is not known. */
static void test_last_ack_unknown(void **state)
{
	struct explaining *e = *state;

	tale_move(&e->tale, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1250000);
	e->server.numbers.write_seq++;
	e->server.numbers.snd_nxt++;
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tale_tear(&e->tale, &e->server, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE, 1250080);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 not seen here\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"                                                          CLOSE_WAIT\n"
		"                       ?------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"                               closed, how is not known   CLOSE            +80us\n"
		"\n"
		"w: how many bytes B sent is not known\n"
		"B closed after A had; how B ended is not known.\n"
		"\n");
}

/* The run ends while it has not come yet. */
static void test_last_ack_awaited(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	tale_text_at_end(&e->tale, 2250040);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 ------------------?\n"
		"                       TIME_WAIT, 1.00s so far\n"
		"                                 LAST_ACK, 1.00s so far\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later; A is in TIME_WAIT, 1.00s so far; B is in\n"
		"LAST_ACK, 1.00s so far.\n"
		"\n");
}

static void test_still_waiting(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tale_tear(&e->tale, &e->server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1250080);
	assert_string_equal(tale_text(&e->tale), "");
	tale_text_at_end(&e->tale, 13250040);
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
		"                       TIME_WAIT, 12.00s so far\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A is in\n"
		"TIME_WAIT, 12.00s so far.\n"
		"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_beginning_not_seen),
		EXPLAINING_TEST(test_first_fin_not_seen),
		EXPLAINING_TEST(test_first_fin_not_seen_by_both),
		EXPLAINING_TEST(test_last_ack_unknown),
		EXPLAINING_TEST(test_last_ack_awaited),
		EXPLAINING_TEST(test_still_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
