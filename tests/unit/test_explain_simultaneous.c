// SPDX-License-Identifier: GPL-2.0
/* What is drawn when both ends close before either has the other's FIN. */
#include "test.h"

#include "explaining.h"

static void test_simultaneous(void **state)
{
	struct explaining *e = *state;

	explaining_play_simultaneous(e);
	tale_leave(&e->tale, &e->client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100000);
	tale_leave(&e->tale, &e->server, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100100);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     - FIN seq=u ----\\ /--- FIN seq=w - FIN_WAIT1       +1.00s\n"
		"                                        X\n"
		" +50.1ms CLOSING       <---------------/ \\--------------> CLOSING        +49.9ms\n"
		"                       - ACK ack=w+1 --\\ /- ACK ack=u+1 -\n"
		"                                        X\n"
		" +49.9ms TIME_WAIT     <---------------/ \\--------------> TIME_WAIT      +50.1ms\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"                                     TIME_WAIT: expired   CLOSE          +60.00s\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A and B closed at once and their FINs crossed: a simultaneous close; A's\n"
		"TIME_WAIT expired after 60.00s; B's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_simultaneous_seen_by_one(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_play_simultaneous(e);
	tale_leave(&e->tale, &e->client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     - FIN seq=u ----\\ /--- FIN seq=w - (FIN_WAIT1)\n"
		"                                        X\n"
		" +50.1ms CLOSING       <---------------/ \\--------------> (CLOSING)\n"
		"                       - ACK ack=w+1 --\\ /- ACK ack=u+1 -\n"
		"                                        X\n"
		" +49.9ms TIME_WAIT     <---------------/ \\--------------> (TIME_WAIT)\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A and B closed at once and their FINs crossed: a simultaneous close; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* Both close, and both first FINs are lost: the one that comes again first meets FIN_WAIT1. */
static void test_both_fins_lost(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	tale_move(&e->tale, &e->server, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000100);
	tale_fin(&e->client, &e->server);
	tale_fin(&e->server, &e->client);
	e->client.teardown.fin_retransmits = e->server.teardown.fin_retransmits = 1;
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_CLOSING, 1200100);
	tale_move(&e->tale, &e->server, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1200130);
	tale_move(&e->tale, &e->server, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1204000);
	tale_tear(&e->tale, &e->server, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL, 1204000);
	tale_move(&e->tale, &e->client, TCT_CLOSING, TCT_TIME_WAIT, 1204040);
	tale_tear(&e->tale, &e->client, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH, 1204040);
	tale_leave(&e->tale, &e->client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61204040);
	tale_leave(&e->tale, &e->server, TCT_TIME_WAIT, TCT_END_EXPIRED, 61204050);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------?\n"
		"                       ?-------------------- FIN seq=w -- FIN_WAIT1       +1.00s\n"
		"+200.1ms CLOSING       <-------------- FIN seq=w again --\n"
		"                       -- ACK ack=w+1 ------------------> FIN_WAIT2     +200.0ms\n"
		"                       -- FIN seq=u again --------------> TIME_WAIT       +3.9ms\n"
		"  +3.9ms TIME_WAIT     <------------------ ACK ack=u+1 --\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"                                     TIME_WAIT: expired   CLOSE          +60.00s\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A and B both closed before either had the other's FIN: a simultaneous close; A\n"
		"had to send its FIN 2 times; B had to send its FIN 2 times; A's TIME_WAIT\n"
		"expired after 60.00s; B's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_closing_timeout_seen_by_one(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	tale_fin(&e->server, &e->client);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_CLOSING, 1000050);
	e->client.teardown.fin_retransmits = e->client.teardown.retransmits = 8;
	tale_move(&e->tale, &e->client, TCT_CLOSING, TCT_CLOSE, 52454080);
	tale_tear(&e->tale, &e->client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 52454080);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u, 9 times -----------?\n"
		"   +50us CLOSING       <-------------------- FIN seq=w -- (FIN_WAIT1)\n"
		" +51.45s CLOSE         gave up: no answer came\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A and B both closed before either had the other's FIN; A gave up after it had\n"
		"sent its FIN 9 times and no answer reached it.\n"
		"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_simultaneous),
		EXPLAINING_TEST(test_simultaneous_seen_by_one),
		EXPLAINING_TEST(test_both_fins_lost),
		EXPLAINING_TEST(test_closing_timeout_seen_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
