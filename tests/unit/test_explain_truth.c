// SPDX-License-Identifier: GPL-2.0
/* What is not known is not drawn: segments that were lost, never sent, or of unknown arrival. */
#include "test.h"

#include <stdlib.h>

#include "explaining.h"

#define SEND_SHUTDOWN 2

static void move(struct explaining *e, struct tale_socket *sock, enum tct_state from,
		 enum tct_state to, uint64_t us)
{
	tale_move(&e->tale, sock, from, to, us);
}

static void end(struct explaining *e, struct tale_socket *sock, enum tct_state from,
		enum tct_kind kind, enum tct_closer closer, uint64_t us)
{
	tale_move(&e->tale, sock, from, TCT_CLOSE, us);
	tale_tear(&e->tale, sock, kind, closer, us);
}

/* The client gives up; its reset is lost, and the one that the server gets answers its own FIN. */
static void test_reset_of_another_segment(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.teardown.probes = 2;
	e->client.teardown.reset_reason = "keepalive";
	end(e, &e->client, TCT_ESTABLISHED, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 3000000);
	move(e, &e->server, TCT_ESTABLISHED, TCT_FIN_WAIT1, 5000000);
	tale_fin(&e->server, &e->client);
	end(e, &e->server, TCT_FIN_WAIT1, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_LOCAL, 5000100);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"                       -- 2 probes ---------------------?\n"
		"  +3.00s CLOSE         -- RST --------------------------?\n"
		"                       <-------------------- FIN seq=w -- FIN_WAIT1       +5.00s\n"
		"                       -- RST --------------------------> CLOSE           +100us\n"
		"\n"
		"w = 2301: B sent 2300 bytes\n"
		"A gave up after 2 probes to which no answer reached it; B was reset.\n"
		"\n");
}

/* Too late to be the reset that was sent, though nothing came in between. */
static void test_reset_long_after(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	end(e, &e->client, TCT_ESTABLISHED, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL, 1000000);
	end(e, &e->server, TCT_ESTABLISHED, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1200000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms CLOSE         -- RST --------------------------?\n"
		"                       -- RST --------------------------> CLOSE           +1.20s\n"
		"\n"
		"A aborted with a reset (SO_LINGER with a time of 0); B was reset.\n"
		"\n");
}

static void test_reset_that_ends_nothing(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	end(e, &e->client, TCT_ESTABLISHED, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL, 1000000);
	assert_string_equal(tale_text_at_end(&e->tale, 2000000),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms CLOSE         -- RST --------------------------?\n"
		"                              ESTABLISHED, 2.00s so far\n"
		"\n"
		"A aborted with a reset (SO_LINGER with a time of 0); B is in ESTABLISHED, 2.00s\n"
		"so far.\n"
		"\n");
}

/* A closed window holds back the FIN and what is before it. */
static void test_fin_never_sent(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.numbers.write_seq += 3900000;
	move(e, &e->client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	e->client.numbers.write_seq++;
	e->server.teardown.unread_bytes = 140;
	end(e, &e->server, TCT_ESTABLISHED, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL, 4000000);
	end(e, &e->client, TCT_FIN_WAIT1, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 4000020);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     FIN queued, not sent\n"
		"  +3.00s CLOSE         <-------------------------- RST -- CLOSE           +4.00s\n"
		"\n"
		"u = 3900141: A wrote 3900140 bytes\n"
		"A closed first; B closed with 140 bytes unread, which sent a reset; A was reset;\n"
		"A's FIN was queued and never sent.\n"
		"\n");
}

/* The server ends without it. */
static void test_fin_lost_then_reset(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	move(e, &e->client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	e->client.numbers.write_seq++;
	e->client.numbers.snd_nxt++;
	end(e, &e->server, TCT_ESTABLISHED, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL, 1100000);
	end(e, &e->client, TCT_FIN_WAIT1, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1100020);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------?\n"
		"+100.0ms CLOSE         <-------------------------- RST -- CLOSE           +1.10s\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; B aborted with a reset (SO_LINGER with a time of 0); A was\n"
		"reset.\n"
		"\n");
}

/* What B did after A's close() is no proof of a half-close; its data had no reader. */
static void test_full_close_is_no_half_close(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.numbers.shutdown = 3;
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	e->server.numbers.write_seq += 4;
	e->server.numbers.snd_nxt += 4;
	e->server.teardown.half_close_ns = 100000000;
	e->server.teardown.bytes_after_fin = 4;
	move(e, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1100000);
	e->server.numbers.write_seq++;
	e->server.numbers.snd_nxt++;
	tale_leave(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_END_RESET_SENT, 1100100);
	tale_tear(&e->tale, &e->client, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL, 1100100);
	end(e, &e->server, TCT_LAST_ACK, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 1100120);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"                       <------------- 4 bytes, seq=w-4 --\n"
		"                       ?------------ FIN seq=w ack=u+1 -- LAST_ACK      +100.0ms\n"
		"+100.0ms CLOSE         -- RST --------------------------> CLOSE           +120us\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2305: B sent 2304 bytes\n"
		"A closed first and B 100.0ms later; what then came from B had no reader and A\n"
		"answered it with a reset; B was reset.\n"
		"\n");
}

/* Data and FIN after the half-close are lost for ever. */
static void test_late_data_lost(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.numbers.shutdown = SEND_SHUTDOWN;
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	e->server.numbers.write_seq += 400;
	e->server.numbers.snd_nxt += 400;
	e->server.teardown.bytes_after_fin = 400;
	e->server.teardown.retransmits = 2;
	move(e, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1200000);
	e->server.numbers.write_seq++;
	e->server.numbers.snd_nxt++;
	end(e, &e->server, TCT_LAST_ACK, TCT_KIND_TIMEOUT, TCT_CLOSER_REMOTE, 3000000);
	assert_string_equal(tale_text_at_end(&e->tale, 4000000),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"                       ?----------- 400 bytes, 3 times --\n"
		"                       ?------------ FIN seq=w ack=u+1 -- LAST_ACK      +200.0ms\n"
		"                                gave up: no answer came   CLOSE           +1.80s\n"
		"                       FIN_WAIT2, 3.00s so far\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2701: B sent 2700 bytes\n"
		"A closed its sending side only, B sent 400 bytes more and closed 200.0ms later;\n"
		"B gave up after 2 retransmissions to which no answer reached it; A is in\n"
		"FIN_WAIT2, 3.00s so far.\n"
		"\n");
}

/* A's FIN_WAIT2 was over before B sent anything. */
static void test_late_data_for_nobody(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_leave(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_END_EXPIRED, 2000000);
	tale_tear(&e->tale, &e->client, TCT_KIND_REAPED, TCT_CLOSER_LOCAL, 2000000);
	e->server.numbers.write_seq += 4;
	e->server.numbers.snd_nxt += 4;
	e->server.teardown.bytes_after_fin = 4;
	end(e, &e->server, TCT_CLOSE_WAIT, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, 3500000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+999.9ms CLOSE         FIN_WAIT2: expired\n"
		"                       <---------------------- 4 bytes --\n"
		"                       -- RST --------------------------> CLOSE           +2.50s\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; B's FIN did not come, and A's FIN_WAIT2 expired after 999.9ms; B\n"
		"was reset.\n"
		"\n");
}

/* More than an arrow has room for, and more than 32 bits count. */
static void test_gigabytes(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	e->client.numbers.shutdown = SEND_SHUTDOWN;
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	for (int i = 0; i < 3; i++)
		tale_send(&e->server, &e->client, 2000000000);
	e->client.teardown.bytes_after_fin = e->server.teardown.bytes_after_fin = 6000000000;
	explaining_close_server(e, TCT_KIND_ORDERLY);
	end(e, &e->server, TCT_LAST_ACK, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1250080);
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"                       <------------- 6000000000 bytes --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- LAST_ACK      +250.0ms\n"
		"                       -- ACK ack=w+1 ------------------> CLOSE            +80us\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 1705035005: B sent 6000002300 bytes\n"
		"A closed its sending side only, B sent 6000000000 bytes more and closed 250.0ms\n"
		"later: an orderly close in four segments; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* 100 bytes went with the SYN, and were acknowledged before the connection was open. */
static void test_fast_open(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	tale_move(&e->tale, &e->client, TCT_CLOSE, TCT_SYN_SENT, 50);
	tale_send(&e->client, &e->server, 100);
	tale_move(&e->tale, &e->client, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	explaining_expire_client(e);
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
		"u = 101: A sent 100 bytes; w = 1: B sent 0 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A's\n"
		"TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* The server got the FIN and acknowledged it each time: all of that was lost. */
static void test_acks_of_fin_lost(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	e->client.teardown.fin_retransmits = e->client.teardown.retransmits = 4;
	end(e, &e->client, TCT_FIN_WAIT1, TCT_KIND_TIMEOUT, TCT_CLOSER_LOCAL, 4000000);
	assert_string_equal(tale_text_at_end(&e->tale, 5000000),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u, 5 times -----------> CLOSE_WAIT    +999.9ms\n"
		"                              X----------- ACK ack=u+1 --\n"
		"  +3.00s CLOSE         gave up: no answer came\n"
		"                               CLOSE_WAIT, 4.00s so far\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first, then gave up after it had sent its FIN 5 times and no answer\n"
		"reached it; B is in CLOSE_WAIT, 4.00s so far.\n"
		"\n");
}

static void test_timeout_without_a_count(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	e->client.teardown.retransmits = e->client.teardown.probes = 0;
	end(e, &e->client, TCT_ESTABLISHED, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 3000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"  +3.00s CLOSE         timed out\n"
		"\n"
		"A timed out.\n"
		"\n");
}

/* What came to TIME_WAIT may be the FIN again: the last ACK is not known to have arrived. */
static void test_unseen_peer_speaks_in_time_wait(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	e->client.rearmed = 2;
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+250.0ms TIME_WAIT     <------------ FIN seq=w ack=u+1 -- (LAST_ACK)\n"
		"                       -- ACK ack=w+1 ------------------?\n"
		" +60.00s CLOSE         TIME_WAIT: expired, re-armed 2\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 250.0ms later: an orderly close in four segments; A's\n"
		"TIME_WAIT expired after 60.00s, in which 2 more segments came from B.\n"
		"\n");
}

static void test_no_room_for_an_orphan(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	tale_wait(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_END_NEVER_CREATED, 1000076);
	end(e, &e->client, TCT_FIN_WAIT2, TCT_KIND_REAPED, TCT_CLOSER_LOCAL, 1000076);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"    +6us CLOSE         no room for its FIN_WAIT2\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A closed first; the kernel had no room for A's FIN_WAIT2 (tcp_max_tw_buckets, or\n"
		"no memory) and dropped it.\n"
		"\n");
}

/* Its own ACK was lost: the closer saw three segments, though there were four. */
static void test_first_ack_lost(void **state)
{
	struct explaining *e = *state;

	explaining_talk(e);
	explaining_close_client(e);
	move(e, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1050000);
	tale_fin(&e->server, &e->client);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1050020);
	move(e, &e->client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1050030);
	tale_tear(&e->tale, &e->client, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_LOCAL, 1050030);
	end(e, &e->server, TCT_LAST_ACK, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1050050);
	explaining_expire_client(e);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 httpd[7]\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      ESTABLISHED\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> CLOSE_WAIT    +999.9ms\n"
		"                              X----------- ACK ack=u+1 --\n"
		" +50.0ms FIN_WAIT2     <------------ FIN seq=w ack=u+1 -- LAST_ACK       +50.0ms\n"
		"   +10us TIME_WAIT     -- ACK ack=w+1 ------------------> CLOSE            +50us\n"
		" +60.20s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 141: A sent 140 bytes; w = 2301: B sent 2300 bytes\n"
		"A closed first and B 50.0ms later: an orderly close in four segments, of which\n"
		"B's first ACK was lost; A's TIME_WAIT expired after 60.20s.\n"
		"\n");
}

static void test_connected_to_itself(void **state)
{
	struct explaining *e = *state;
	struct tale_socket *sock = &e->client;

	sock->who.tuple.rport = sock->who.tuple.lport;
	sock->who.tuple.raddr[3] = sock->who.tuple.laddr[3];
	sock->numbers.rcv_nxt = sock->numbers.write_seq;
	move(e, sock, TCT_CLOSE, TCT_SYN_SENT, 50);
	move(e, sock, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	move(e, sock, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	tale_fin(sock, sock);
	move(e, sock, TCT_FIN_WAIT1, TCT_CLOSING, 1000010);
	move(e, sock, TCT_CLOSING, TCT_TIME_WAIT, 1000020);
	tale_tear(&e->tale, sock, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH, 1000020);
	tale_leave(&e->tale, sock, TCT_TIME_WAIT, TCT_END_EXPIRED, 61000020);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.1:40000 is A: it is connected to itself\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     - FIN seq=u ----\\ /--- FIN seq=w - (FIN_WAIT1)\n"
		"                                        X\n"
		"   +10us CLOSING       <---------------/ \\--------------> (CLOSING)\n"
		"                       - ACK ack=w+1 --\\ /- ACK ack=u+1 -\n"
		"                                        X\n"
		"   +10us TIME_WAIT     <---------------/ \\--------------> (TIME_WAIT)\n"
		" +60.00s CLOSE         TIME_WAIT: expired\n"
		"\n"
		"u = 1: A sent 0 bytes; w = 1: B sent 0 bytes\n"
		"A, which is connected to itself, closed: a simultaneous close; A's TIME_WAIT\n"
		"expired after 60.00s.\n"
		"\n");
}

/* Data and FIN went again together: how often the FIN did is not known. */
static void test_segments_sent_again(void **state)
{
	struct explaining *e = *state;

	e->client.numbers.total_retrans = 2;
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
		"A closed first and B 250.0ms later: an orderly close in four segments; A sent 2\n"
		"segments again; A's TIME_WAIT expired after 60.00s.\n"
		"\n");
}

/* shutdown(), then close() with data that was not read. */
static void test_goes_on_after_its_fin(void **state)
{
	struct explaining *e = *state;

	e->server.unseen = true;
	explaining_talk(e);
	explaining_close_client(e);
	move(e, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	e->client.teardown.unread_bytes = 5;
	end(e, &e->client, TCT_FIN_WAIT2, TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL, 1200000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here: its (STATES) are inferred\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED                                      (ESTABLISHED)\n"
		"+999.9ms FIN_WAIT1     -- FIN seq=u --------------------> (CLOSE_WAIT)\n"
		"   +70us FIN_WAIT2     <------------------ ACK ack=u+1 --\n"
		"+199.9ms CLOSE         -- RST --------------------------?\n"
		"\n"
		"u = 141: A sent 140 bytes\n"
		"A shut down first, then closed with 5 bytes unread, which sent a reset.\n"
		"\n");
}

static void test_never_accepted(void **state)
{
	struct explaining *e = *state;

	e->client.unseen = true;
	explaining_talk(e);
	e->server.teardown.reset_reason = "tcp-state";
	end(e, &e->server, TCT_ESTABLISHED, TCT_KIND_RESET_SENT, TCT_CLOSER_LOCAL, 1000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.2:80 httpd[7]\n"
		"B 10.0.0.1:40000 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         ESTABLISHED\n"
		"+999.9ms CLOSE         -- RST --------------------------?\n"
		"\n"
		"A sent a reset (tcp-state), as one does whose listener closes before it is\n"
		"accepted.\n"
		"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_reset_of_another_segment),
		EXPLAINING_TEST(test_reset_long_after),
		EXPLAINING_TEST(test_reset_that_ends_nothing),
		EXPLAINING_TEST(test_fin_never_sent),
		EXPLAINING_TEST(test_fin_lost_then_reset),
		EXPLAINING_TEST(test_full_close_is_no_half_close),
		EXPLAINING_TEST(test_late_data_lost),
		EXPLAINING_TEST(test_late_data_for_nobody),
		EXPLAINING_TEST(test_gigabytes),
		EXPLAINING_TEST(test_fast_open),
		EXPLAINING_TEST(test_acks_of_fin_lost),
		EXPLAINING_TEST(test_timeout_without_a_count),
		EXPLAINING_TEST(test_unseen_peer_speaks_in_time_wait),
		EXPLAINING_TEST(test_no_room_for_an_orphan),
		EXPLAINING_TEST(test_first_ack_lost),
		EXPLAINING_TEST(test_connected_to_itself),
		EXPLAINING_TEST(test_segments_sent_again),
		EXPLAINING_TEST(test_goes_on_after_its_fin),
		EXPLAINING_TEST(test_never_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
