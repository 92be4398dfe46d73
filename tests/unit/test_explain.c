// SPDX-License-Identifier: GPL-2.0
/* What is drawn of a connection: every kind of end, from both ends and from one. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "../../user/sink/explain_text.h"
#include "tale.h"

#define WIDTH 80

static struct tale tale;
static struct tale_socket client, server;

static void begin(enum tale_form form)
{
	client = tale_client();
	server = tale_server();
	tale_begin(&tale, form, NULL);
}

static int setup(void **state)
{
	(void)state;
	begin(TALE_TEXT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tale_end(&tale);
	return 0;
}

static void move(struct tale_socket *sock, enum tct_state from, enum tct_state to, uint64_t us)
{
	tale_move(&tale, sock, from, to, us);
}

static void tear(struct tale_socket *sock, enum tct_kind kind, enum tct_closer closer,
		 uint64_t us)
{
	tale_tear(&tale, sock, kind, closer, us);
}

static void open_and_talk(void)
{
	tale_open(&tale, &client, &server);
	tale_send(&client, &server, 140);
	tale_send(&server, &client, 2300);
}

/* The client closes at one second; the FIN takes 30 us. */
static void close_client(void)
{
	move(&client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	tale_fin(&client, &server);
	move(&server, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1000030);
}

static void close_server(enum tct_kind kind)
{
	move(&server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1250000);
	tale_fin(&server, &client);
	move(&client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1250040);
	tear(&client, kind, TCT_CLOSER_LOCAL, 1250040);
}

static void expire_client(void)
{
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61250040);
}

static void play_orderly(void)
{
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	close_server(TCT_KIND_ORDERLY);
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tear(&server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1250080);
	expire_client();
}

static void test_orderly(void **state)
{
	(void)state;
	play_orderly();
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	server.unseen = true;
	play_orderly();
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	client.unseen = true;
	play_orderly();
	assert_string_equal(tale_text(&tale),
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

/* The connection was there before us: neither its numbers nor its age are known. */
static void test_beginning_not_seen(void **state)
{
	(void)state;
	server.unseen = true;
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	close_server(TCT_KIND_ORDERLY);
	expire_client();
	assert_string_equal(tale_text(&tale),
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
		"u, w: how many bytes were sent is unknown, since the beginning was not seen\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* One that was in CLOSE_WAIT when we came; the last ACK covers its FIN. */
static void close_server_late(void)
{
	move(&server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1250000);
	server.numbers.write_seq++;
	server.numbers.snd_una++;
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tear(&server, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE, 1250080);
}

static void test_first_fin_not_seen(void **state)
{
	(void)state;
	close_server_late();
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 not seen here: its (STATES) are inferred\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"                                                          CLOSE_WAIT\n"
		"         (TIME_WAIT)   <------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		"\n"
		"w: how many bytes were sent is unknown, since the beginning was not seen\n"
		"B closed after A had: an orderly close, of how many segments is not known.\n"
		"\n");
}

static void test_first_fin_not_seen_by_both(void **state)
{
	(void)state;
	move(&client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1250040);
	tear(&client, TCT_KIND_UNKNOWN, TCT_CLOSER_LOCAL, 1250040);
	close_server_late();
	expire_client();
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         FIN_WAIT2                                        CLOSE_WAIT\n"
		"         TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"w: how many bytes were sent is unknown, since the beginning was not seen\n"
		"B closed after A had: an orderly close, of how many segments is not known; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* Whether the last ACK came is not known. */
static void test_last_ack_unknown(void **state)
{
	(void)state;
	move(&server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1250000);
	server.numbers.write_seq++;
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tear(&server, TCT_KIND_UNKNOWN, TCT_CLOSER_REMOTE, 1250080);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 not seen here\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"                                                          CLOSE_WAIT\n"
		"                       ?------------ FIN seq=w ack=u+1 -- LAST_ACK\n"
		"                                 closed, how is not known CLOSE            +80us\n"
		"\n"
		"w: how many bytes were sent is unknown, since the beginning was not seen\n"
		"B closed after A had; how B ended is not known.\n"
		"\n");
}

static void play_merged(void)
{
	open_and_talk();
	close_client();
	move(&server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1000040);
	tale_fin(&server, &client);
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000060);
	move(&client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1000070);
	tear(&client, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_LOCAL, 1000070);
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 1000090);
	tear(&server, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_REMOTE, 1000090);
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_REUSED_OUT, 9000000);
}

static void test_merged(void **state)
{
	(void)state;
	play_merged();
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	client.unseen = true;
	play_merged();
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_send(&server, &client, 3000);
	client.teardown.half_close_ns = server.teardown.half_close_ns = 249970000;
	client.teardown.bytes_after_fin = server.teardown.bytes_after_fin = 3000;
	close_server(TCT_KIND_ORDERLY);
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tear(&server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1250080);
	expire_client();
	assert_string_equal(tale_text(&tale),
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

static void play_simultaneous(void)
{
	open_and_talk();
	move(&client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	move(&server, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000100);
	tale_fin(&client, &server);
	tale_fin(&server, &client);
	move(&server, TCT_FIN_WAIT1, TCT_CLOSING, 1050000);
	move(&client, TCT_FIN_WAIT1, TCT_CLOSING, 1050100);
	move(&client, TCT_CLOSING, TCT_TIME_WAIT, 1100000);
	tear(&client, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH, 1100000);
	move(&server, TCT_CLOSING, TCT_TIME_WAIT, 1100100);
	tear(&server, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH, 1100100);
}

static void test_simultaneous(void **state)
{
	(void)state;
	play_simultaneous();
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100000);
	tale_leave(&tale, &server, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100100);
	assert_string_equal(tale_text(&tale),
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
		"                                       TIME_WAIT: expired CLOSE          +60.00s\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A and B closed at once and their FINs crossed: a simultaneous close; A's\n"
		"TIME_WAIT expired after 60.00s; B's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_simultaneous_seen_by_one(void **state)
{
	(void)state;
	server.unseen = true;
	play_simultaneous();
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100000);
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	open_and_talk();
	move(&client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	move(&server, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000100);
	tale_fin(&client, &server);
	tale_fin(&server, &client);
	client.teardown.fin_retransmits = server.teardown.fin_retransmits = 1;
	move(&client, TCT_FIN_WAIT1, TCT_CLOSING, 1200100);
	move(&server, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1200130);
	move(&server, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1204000);
	tear(&server, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL, 1204000);
	move(&client, TCT_CLOSING, TCT_TIME_WAIT, 1204040);
	tear(&client, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH, 1204040);
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61204040);
	tale_leave(&tale, &server, TCT_TIME_WAIT, TCT_END_EXPIRED, 61204050);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------?\n"
		"                       ?-------------------- FIN seq=w -- FIN_WAIT1       +1.00s\n"
		"+200.1ms CLOSING       <----------- FIN seq=w, 2 times --\n"
		"                       -- ACK ack=w+1 ------------------> FIN_WAIT2     +200.0ms\n"
		"                       -- FIN seq=u, 2 times -----------> TIME_WAIT       +3.9ms\n"
		"  +3.9ms TIME_WAIT     <------------------ ACK ack=u+1 --\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"                                       TIME_WAIT: expired CLOSE          +60.00s\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A and B both closed before either had the other's FIN: a simultaneous close; A\n"
		"had to send its FIN 2 times; B had to send its FIN 2 times; A's TIME_WAIT\n"
		"expired after 60.00s; B's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_last_ack_lost(void **state)
{
	(void)state;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	close_server(TCT_KIND_ORDERLY);
	server.teardown.fin_retransmits = server.teardown.last_ack_lost = 1;
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 1454080);
	tear(&server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1454080);
	expire_client();
	assert_string_equal(tale_text(&tale),
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

/* It never comes, however often the FIN is sent. */
static void test_last_ack_never_comes(void **state)
{
	(void)state;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	close_server(TCT_KIND_ORDERLY);
	server.teardown.fin_retransmits = server.teardown.retransmits = 8;
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 52454080);
	tear(&server, TCT_KIND_TIMEOUT, TCT_CLOSER_REMOTE, 52454080);
	expire_client();
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <--- FIN seq=w ack=u+1, 9 times -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 -----------X\n"
		"                                       gave up: no answer CLOSE          +51.20s\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later; B gave up after it had sent its FIN 9 times\n"
		"and nobody answered; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* The run ends while it has not come yet. */
static void test_last_ack_awaited(void **state)
{
	(void)state;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	close_server(TCT_KIND_ORDERLY);
	tale_text_at_end(&tale, 2250040);
	assert_string_equal(tale_text(&tale),
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
		"                                   LAST_ACK, 1.00s so far\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later; A is in TIME_WAIT, 1.00s so far; B is in\n"
		"LAST_ACK, 1.00s so far.\n"
		"\n");
}

static void test_fin_sent_again(void **state)
{
	(void)state;
	client.teardown.fin_retransmits = 2;
	play_orderly();
	assert_string_equal(tale_text(&tale),
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

static void test_abort_unread(void **state)
{
	(void)state;
	open_and_talk();
	client.teardown.unread_bytes = 77;
	move(&client, TCT_ESTABLISHED, TCT_CLOSE, 1000000);
	tear(&client, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL, 1000000);
	move(&server, TCT_ESTABLISHED, TCT_CLOSE, 1000020);
	tear(&server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1000020);
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	server.unseen = true;
	open_and_talk();
	move(&client, TCT_ESTABLISHED, TCT_CLOSE, 1000000);
	tear(&client, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL, 1000000);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"+999.9ms CLOSE         -- RST -------------------------->\n"
		"\n"
		"A aborted with a reset (SO_LINGER with a time of 0).\n"
		"\n");
}

static void test_reset_received_seen_by_one(void **state)
{
	(void)state;
	client.unseen = true;
	open_and_talk();
	move(&server, TCT_ESTABLISHED, TCT_CLOSE, 1000020);
	tear(&server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1000020);
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_leave(&tale, &client, TCT_FIN_WAIT2, TCT_END_RESET_SENT, 1500000);
	tear(&client, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL, 1500000);
	server.teardown.bytes_after_fin = 100;
	move(&server, TCT_CLOSE_WAIT, TCT_CLOSE, 1500020);
	tear(&server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1500020);
	assert_string_equal(tale_text(&tale),
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

static void test_data_timeout(void **state)
{
	(void)state;
	server.unseen = true;
	open_and_talk();
	client.teardown.retransmits = 15;
	move(&client, TCT_ESTABLISHED, TCT_CLOSE, 925000000);
	tear(&client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 925000000);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"                       -- data, 16 times ---------------?\n"
		" +15m24s CLOSE         gave up: no answer\n"
		"\n"
		"A gave up after 15 retransmissions that nobody answered.\n"
		"\n");
}

static void test_keepalive_timeout(void **state)
{
	(void)state;
	server.unseen = true;
	open_and_talk();
	client.teardown.probes = 9;
	move(&client, TCT_ESTABLISHED, TCT_CLOSE, 925000000);
	tear(&client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 925000000);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"                       -- 9 probes ---------------------?\n"
		" +15m24s CLOSE         gave up: no answer\n"
		"\n"
		"A gave up after 9 probes that nobody answered.\n"
		"\n");
}

static void test_fin_timeout(void **state)
{
	(void)state;
	server.unseen = true;
	open_and_talk();
	close_client();
	client.teardown.fin_retransmits = client.teardown.retransmits = 8;
	move(&client, TCT_FIN_WAIT1, TCT_CLOSE, 103000000);
	tear(&client, TCT_KIND_TIMEOUT, TCT_CLOSER_LOCAL, 103000000);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u, 9 times -----------?\n"
		"  +1m42s CLOSE         gave up: no answer\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; A gave up after it had sent its FIN 9 times and nobody answered.\n"
		"\n");
}

/* A reset, not a FIN of its own, is what the peer answers. */
static void test_fin_reset_seen_by_closer(void **state)
{
	(void)state;
	server.unseen = true;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_CLOSE, 1000060);
	tear(&client, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1000060);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u -------------------->\n"
		"   +60us CLOSE         <-------------------------- RST --\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; A was reset.\n"
		"\n");
}

/* Nobody closed first for the closer's field, and yet the peer's FIN came first. */
static void test_last_ack_timeout_seen_by_one(void **state)
{
	(void)state;
	client.unseen = true;
	open_and_talk();
	close_client();
	move(&server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1000034);
	server.teardown.fin_retransmits = server.teardown.retransmits = 8;
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 52454080);
	tear(&server, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 52454080);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 not seen here: its (STATES) are inferred\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         (ESTABLISHED)                                    ESTABLISHED\n"
		"         (FIN_WAIT1)   -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"                       ?--- FIN seq=w ack=u+1, 9 times -- LAST_ACK          +4us\n"
		"                                       gave up: no answer CLOSE          +51.45s\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 4us later; B gave up after it had sent its FIN 9 times and\n"
		"nobody answered.\n"
		"\n");
}

static void test_closing_timeout_seen_by_one(void **state)
{
	(void)state;
	server.unseen = true;
	open_and_talk();
	close_client();
	tale_fin(&server, &client);
	move(&client, TCT_FIN_WAIT1, TCT_CLOSING, 1000050);
	client.teardown.fin_retransmits = client.teardown.retransmits = 8;
	move(&client, TCT_CLOSING, TCT_CLOSE, 52454080);
	tear(&client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 52454080);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u, 9 times -----------?\n"
		"   +50us CLOSING       <-------------------- FIN seq=w -- (FIN_WAIT1)\n"
		" +51.45s CLOSE         gave up: no answer\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A and B both closed before either had the other's FIN; A gave up after it had\n"
		"sent its FIN 9 times and nobody answered.\n"
		"\n");
}

static void test_syn_ack_timeout(void **state)
{
	(void)state;
	server.teardown.retransmits = 5;
	move(&server, TCT_LISTEN, TCT_SYN_RECV, 1000);
	move(&server, TCT_SYN_RECV, TCT_CLOSE, 63000000);
	tear(&server, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 63000000);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.2:80 httpd[7]\n"
		"B 10.0.0.1:40000 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         SYN_RECV\n"
		"                       -- SYN+ACK, 6 times -------------?\n"
		" +63.00s CLOSE         gave up: no answer\n"
		"\n"
		"A gave up after 5 retransmissions that nobody answered.\n"
		"\n");
}

/* Keepalive gives up with a reset. */
static void test_keepalive_reset(void **state)
{
	(void)state;
	server.unseen = true;
	open_and_talk();
	client.teardown.probes = 1;
	client.teardown.reset_reason = "tcp-keepalive-timeout";
	move(&client, TCT_ESTABLISHED, TCT_CLOSE, 925000000);
	tear(&client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 925000000);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"                       -- 1 probe ----------------------?\n"
		" +15m24s CLOSE         -- RST -------------------------->\n"
		"\n"
		"A gave up after 1 probe that nobody answered.\n"
		"\n");
}

/* The peer got the FIN and never closes: the kernel keeps the orphan for a minute. */
static void test_fin_wait2_timeout(void **state)
{
	(void)state;
	server.unseen = true;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_leave(&tale, &client, TCT_FIN_WAIT2, TCT_END_EXPIRED, 61000070);
	tear(&client, TCT_KIND_REAPED, TCT_CLOSER_NONE, 61000070);
	assert_string_equal(tale_text(&tale),
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

/* tcp_max_tw_buckets. */
static void test_no_time_wait(void **state)
{
	struct tct_time_wait none = { .who = client.who, .substate = TCT_TIME_WAIT,
				      .end = TCT_END_NEVER_CREATED };

	(void)state;
	server.unseen = true;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_fin(&server, &client);
	move(&client, TCT_FIN_WAIT2, TCT_CLOSE, 1250040);
	tale.sink.time_wait(tale.sink.ctx, &none);
	tear(&client, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL, 1250040);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms CLOSE         <------------ FIN seq=w ack=u+1 -- (LAST_ACK)\n"
		"                       -- ACK ack=w+1 ------------------> (CLOSE)\n"
		"                       no TIME_WAIT: never-created\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; there was\n"
		"no room for A's TIME_WAIT.\n"
		"\n");
}

static void play_connect(enum tct_kind kind, enum tct_closer closer, uint32_t segments)
{
	client.who.tuple.lport = 0;
	move(&client, TCT_CLOSE, TCT_SYN_SENT, 50);
	client.who.tuple.lport = 40000;
	client.numbers.segs_in = segments;
	move(&client, TCT_SYN_SENT, TCT_CLOSE, 3000050);
	tear(&client, kind, closer, 3000050);
}

static void test_refused(void **state)
{
	(void)state;
	play_connect(TCT_KIND_REFUSED, TCT_CLOSER_REMOTE, 1);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         CLOSE\n"
		"         SYN_SENT      -- SYN -------------------------->\n"
		"  +3.00s CLOSE         <-------------------------- RST --\n"
		"\n"
		"B refused the connection.\n"
		"\n");
}

/* By an ICMP message: no segment came. */
static void test_refused_without_segment(void **state)
{
	(void)state;
	play_connect(TCT_KIND_REFUSED, TCT_CLOSER_REMOTE, 0);
	assert_non_null(strstr(tale_text(&tale), "<---------------------- refused --\n"));
}

/* The server closes when nobody is there any more. */
static void test_fin_for_nobody(void **state)
{
	(void)state;
	open_and_talk();
	client.teardown.retransmits = 3;
	move(&client, TCT_ESTABLISHED, TCT_CLOSE, 2000000);
	tear(&client, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 2000000);
	move(&server, TCT_ESTABLISHED, TCT_FIN_WAIT1, 5000000);
	tale_text_at_end(&tale, 6000000);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"                       -- data, 4 times ----------------?\n"
		"  +2.00s CLOSE         gave up: no answer\n"
		"                       ?-------------------- FIN seq=w -- FIN_WAIT1       +5.00s\n"
		"                                  FIN_WAIT1, 1.00s so far\n"
		"\n"
		"w = 2301: B sent 2300 bytes\n"
		"A gave up after 3 retransmissions that nobody answered; B is in FIN_WAIT1, 1.00s\n"
		"so far.\n"
		"\n");
}

/* Whether the peer got our ACK, nobody knows. */
static void test_reset_in_close_wait(void **state)
{
	(void)state;
	client.unseen = true;
	open_and_talk();
	close_client();
	move(&server, TCT_CLOSE_WAIT, TCT_CLOSE, 1500000);
	tear(&server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1500000);
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	server.unseen = true;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_leave(&tale, &client, TCT_FIN_WAIT2, TCT_END_DESTROYED, 1500000);
	tear(&client, TCT_KIND_DESTROYED, TCT_CLOSER_LOCAL, 1500000);
	assert_null(strstr(tale_text(&tale), "RST"));
}

static void test_unreachable(void **state)
{
	(void)state;
	play_connect(TCT_KIND_UNREACHABLE, TCT_CLOSER_NONE, 0);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         CLOSE\n"
		"         SYN_SENT      -- SYN -------------------------->\n"
		"  +3.00s CLOSE         <------------- ICMP unreachable --\n"
		"\n"
		"The network told A that B cannot be reached.\n"
		"\n");
}

static void test_never_opened(void **state)
{
	(void)state;
	client.teardown.retransmits = 2;
	play_connect(TCT_KIND_NEVER_OPENED, TCT_CLOSER_LOCAL, 0);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         CLOSE\n"
		"         SYN_SENT      -- SYN, 3 times -----------------?\n"
		"  +3.00s CLOSE         closed before it was open\n"
		"\n"
		"A closed before the connection was open.\n"
		"\n");
}

static void test_connect_timeout(void **state)
{
	(void)state;
	client.teardown.retransmits = 6;
	play_connect(TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 0);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         CLOSE\n"
		"         SYN_SENT      -- SYN, 7 times -----------------?\n"
		"  +3.00s CLOSE         gave up: no answer\n"
		"\n"
		"A gave up after 6 retransmissions that nobody answered.\n"
		"\n");
}

static void play_end(enum tct_kind kind, enum tct_closer closer)
{
	server.unseen = true;
	open_and_talk();
	move(&client, TCT_ESTABLISHED, TCT_CLOSE, 2000000);
	tear(&client, kind, closer, 2000000);
}

static void test_disconnected(void **state)
{
	(void)state;
	play_end(TCT_KIND_DISCONNECTED, TCT_CLOSER_LOCAL);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +2.00s CLOSE         -- RST -------------------------->\n"
		"\n"
		"A disconnected its socket, which it keeps.\n"
		"\n");
}

static void test_destroyed(void **state)
{
	(void)state;
	play_end(TCT_KIND_DESTROYED, TCT_CLOSER_LOCAL);
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +2.00s CLOSE         -- RST -------------------------->\n"
		"\n"
		"A was destroyed from outside (SOCK_DESTROY).\n"
		"\n");
}

static void test_repair(void **state)
{
	(void)state;
	play_end(TCT_KIND_REPAIR, TCT_CLOSER_LOCAL);
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	play_end(TCT_KIND_REAPED, TCT_CLOSER_NONE);
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	play_end(TCT_KIND_UNKNOWN, TCT_CLOSER_NONE);
	assert_string_equal(tale_text(&tale),
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
	(void)state;
	tale_end(&tale);
	begin(TALE_JSON);
	client.teardown.process = TCT_PROCESS_KILLED;
	client.teardown.signal = 9;
	play_orderly();
	assert_non_null(strstr(tale_text(&tale), "; A's process was killed by signal 9; "));
}

static void test_still_waiting(void **state)
{
	(void)state;
	open_and_talk();
	close_client();
	move(&client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	close_server(TCT_KIND_ORDERLY);
	move(&server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tear(&server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1250080);
	assert_string_equal(tale_text(&tale), "");
	tale_text_at_end(&tale, 13250040);
	assert_string_equal(tale_text(&tale),
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

static void test_mermaid(void **state)
{
	(void)state;
	tale_end(&tale);
	begin(TALE_MERMAID);
	play_orderly();
	assert_string_equal(tale_text(&tale),
		"```mermaid\n"
		"sequenceDiagram\n"
		"    participant A as 10.0.0.1:40000<br/>curl[42]\n"
		"    participant B as 10.0.0.2:80<br/>httpd[7]\n"
		"    Note left of A: ESTABLISHED\n"
		"    Note right of B: ESTABLISHED\n"
		"    Note left of A: FIN_WAIT1<br/>after 999.9ms\n"
		"    A->>B: FIN seq=u\n"
		"    Note right of B: CLOSE_WAIT<br/>after 999.9ms\n"
		"    B->>A: ACK ack=u+1\n"
		"    Note left of A: FIN_WAIT2<br/>after 70us\n"
		"    Note right of B: LAST_ACK<br/>after 250.0ms\n"
		"    B->>A: FIN seq=w ack=u+1\n"
		"    Note left of A: TIME_WAIT<br/>after 250.0ms\n"
		"    A->>B: ACK ack=w+1\n"
		"    Note right of B: CLOSE<br/>after 80us\n"
		"    Note left of A: CLOSE<br/>after 60.00s\n"
		"    Note over A: TIME_WAIT: expired\n"
		"```\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes. A closed first and B 250.0ms later: an orderly close in four segments; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void test_mermaid_of_crossing(void **state)
{
	(void)state;
	tale_end(&tale);
	begin(TALE_MERMAID);
	server.unseen = true;
	play_simultaneous();
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100000);
	assert_string_equal(tale_text(&tale),
		"```mermaid\n"
		"sequenceDiagram\n"
		"    participant A as 10.0.0.1:40000<br/>curl[42]\n"
		"    participant B as 10.0.0.2:80<br/>(inferred)\n"
		"    Note left of A: ESTABLISHED\n"
		"    Note right of B: (ESTABLISHED)\n"
		"    Note left of A: FIN_WAIT1<br/>after 999.9ms\n"
		"    Note right of B: (FIN_WAIT1)\n"
		"    A->>B: FIN seq=u\n"
		"    B->>A: FIN seq=w\n"
		"    Note left of A: CLOSING<br/>after 50.1ms\n"
		"    Note right of B: (CLOSING)\n"
		"    A->>B: ACK ack=w+1\n"
		"    B->>A: ACK ack=u+1\n"
		"    Note left of A: TIME_WAIT<br/>after 49.9ms\n"
		"    Note right of B: (TIME_WAIT)\n"
		"    Note left of A: CLOSE<br/>after 60.00s\n"
		"    Note over A: TIME_WAIT: expired\n"
		"```\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes. A and B closed at once and their FINs crossed: a simultaneous close; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

static void expect_fits(const char *text)
{
	for (; *text; text += strcspn(text, "\n") + 1) {
		size_t len = strcspn(text, "\n");

		if (len > WIDTH)
			fail_msg("%zu columns: %.*s", len, (int)len, text);
	}
}

/* -t: when each end entered a state, instead of after how long. */
static void test_seconds(void **state)
{
	(void)state;
	tale.text.seconds = true;
	play_merged();
	assert_string_equal(tale_text(&tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"    TIME A                                                B                 TIME\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"   1.000 FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT       1.000\n"
		"   1.000 FIN_WAIT2     <-------- FIN+ACK seq=w ack=u+1 -- LAST_ACK         1.000\n"
		"   1.000 TIME_WAIT     -- ACK ack=w+1 ------------------> CLOSE            1.000\n"
		"   9.000 CLOSE         TIME_WAIT: reused-out\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 10us later: an orderly close in three segments, since B's\n"
		"FIN carried the ACK of A's; A's TIME_WAIT ended after 8.00s: reused-out.\n"
		"\n");
}

/* The columns stay apart for months. */
static void test_seconds_of_months(void **state)
{
	(void)state;
	tale.text.seconds = true;
	tale.text.start_mono_ns = (uint64_t)(-99 * 86400 * (int64_t)SECOND);
	play_orderly();
	expect_fits(tale_text(&tale));
	assert_non_null(strstr(tale_text(&tale), "\n 8553601 FIN_WAIT1 "));
}

static void test_clock(void **state)
{
	(void)state;
	tale.text.clock = true;
	tale.text.real_offset_ns = 1709210095000000000;
	play_merged();
	assert_non_null(strstr(tale_text(&tale), "\n12:34:56 FIN_WAIT1     -- FIN seq=u --"));
	assert_non_null(strstr(tale_text(&tale), "> CLOSE_WAIT    12:34:56\n"));
}

static void test_wide(void **state)
{
	(void)state;
	tale.text.wide = true;
	client.who.cookie = 0x4d2;
	play_merged();
	assert_memory_equal(tale_text(&tale), "A 10.0.0.1:40000 curl[42] sk:4d2 net:[1]\n", 41);
}

/* What would end a statement, and what would reach a terminal. */
static void test_hostile_comm(void **state)
{
	(void)state;
	tale_end(&tale);
	begin(TALE_MERMAID);
	strcpy(client.who.task.comm, "a;b#c\033\n");
	play_orderly();
	assert_non_null(strstr(tale_text(&tale), "<br/>a#59;b#35;c??[42]\n"));
}

static void grow(struct tale_socket *sock)
{
	struct tct_tuple *tuple = &sock->who.tuple;

	tuple->family = AF_INET6;
	memset(tuple->laddr, 0xff, 16);
	memset(tuple->raddr, 0xff, 16);
	tuple->lport += 25000;
	tuple->rport += 25000;
	sock->who.task.pid = 4194304;
	strcpy(sock->who.task.comm, "fifteen-letters");
	sock->teardown.fin_retransmits = 100;
	sock->teardown.bytes_after_fin = 2147483647;
	sock->teardown.half_close_ns = 1;
}

/* As long as names, numbers and times get. */
static void test_width(void **state)
{
	(void)state;
	grow(&client);
	grow(&server);
	client.who.tuple.raddr[0] = server.who.tuple.laddr[0] = 0xfe;
	client.entered_us = server.entered_us = 1;
	play_orderly();
	expect_fits(tale_text(&tale));
	assert_int_equal(tale.told, 1);
}

static void test_width_merged(void **state)
{
	(void)state;
	client.unseen = true;
	grow(&server);
	play_merged();
	expect_fits(tale_text(&tale));
	assert_int_equal(tale.told, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_orderly),
		TEST(test_orderly_seen_by_closer),
		TEST(test_orderly_seen_by_the_other),
		TEST(test_beginning_not_seen),
		TEST(test_first_fin_not_seen),
		TEST(test_first_fin_not_seen_by_both),
		TEST(test_last_ack_unknown),
		TEST(test_merged),
		TEST(test_merged_seen_by_the_other),
		TEST(test_half_close),
		TEST(test_simultaneous),
		TEST(test_simultaneous_seen_by_one),
		TEST(test_both_fins_lost),
		TEST(test_last_ack_lost),
		TEST(test_last_ack_never_comes),
		TEST(test_last_ack_awaited),
		TEST(test_fin_sent_again),
		TEST(test_abort_unread),
		TEST(test_abort_linger_seen_by_one),
		TEST(test_reset_received_seen_by_one),
		TEST(test_reset_sent),
		TEST(test_data_timeout),
		TEST(test_keepalive_timeout),
		TEST(test_fin_timeout),
		TEST(test_fin_reset_seen_by_closer),
		TEST(test_last_ack_timeout_seen_by_one),
		TEST(test_closing_timeout_seen_by_one),
		TEST(test_syn_ack_timeout),
		TEST(test_keepalive_reset),
		TEST(test_fin_wait2_timeout),
		TEST(test_no_time_wait),
		TEST(test_refused),
		TEST(test_refused_without_segment),
		TEST(test_fin_for_nobody),
		TEST(test_reset_in_close_wait),
		TEST(test_destroyed_orphan),
		TEST(test_unreachable),
		TEST(test_never_opened),
		TEST(test_connect_timeout),
		TEST(test_disconnected),
		TEST(test_destroyed),
		TEST(test_repair),
		TEST(test_reaped),
		TEST(test_unknown),
		TEST(test_killed),
		TEST(test_still_waiting),
		TEST(test_mermaid),
		TEST(test_mermaid_of_crossing),
		TEST(test_seconds),
		TEST(test_seconds_of_months),
		TEST(test_clock),
		TEST(test_wide),
		TEST(test_hostile_comm),
		TEST(test_width),
		TEST(test_width_merged),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
