// SPDX-License-Identifier: GPL-2.0
/* A drawing as Mermaid, with other times, wide; and that it fits, whatever is in it. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "explaining.h"

#define WIDTH 80

static void test_mermaid(void **state)
{
	struct explaining *e = *state;

	tale_end(&e->tale);
	explaining_begin(e, TALE_MERMAID);
	explaining_play_orderly(e);
	assert_string_equal(tale_text(&e->tale),
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
	struct explaining *e = *state;

	tale_end(&e->tale);
	explaining_begin(e, TALE_MERMAID);
	e->server.unseen = true;
	explaining_play_simultaneous(e);
	tale_leave(&e->tale, &e->client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61100000);
	assert_string_equal(tale_text(&e->tale),
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

/* -t: when each end entered a state, instead of after how long. */
static void test_seconds(void **state)
{
	struct explaining *e = *state;

	e->tale.text.seconds = true;
	explaining_play_merged(e);
	assert_string_equal(tale_text(&e->tale),
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

static void expect_fits(const char *text)
{
	for (; *text; text += strcspn(text, "\n") + 1) {
		size_t len = strcspn(text, "\n");

		if (len > WIDTH)
			fail_msg("%zu columns: %.*s", len, (int)len, text);
	}
}

/* The columns stay apart for months. */
static void test_seconds_of_months(void **state)
{
	struct explaining *e = *state;

	e->tale.text.seconds = true;
	e->tale.text.start_mono_ns = (uint64_t)(-99 * 86400 * (int64_t)SECOND);
	explaining_play_orderly(e);
	expect_fits(tale_text(&e->tale));
	assert_non_null(strstr(tale_text(&e->tale), "\n 8553601 FIN_WAIT1 "));
}

static void test_clock(void **state)
{
	struct explaining *e = *state;

	e->tale.text.clock = true;
	e->tale.text.real_offset_ns = 1709210095000000000;
	explaining_play_merged(e);
	assert_non_null(strstr(tale_text(&e->tale), "\n12:34:56 FIN_WAIT1     -- FIN seq=u --"));
	assert_non_null(strstr(tale_text(&e->tale), "> CLOSE_WAIT    12:34:56\n"));
}

static void test_wide(void **state)
{
	struct explaining *e = *state;

	e->tale.text.wide = true;
	e->client.who.cookie = 0x4d2;
	explaining_play_merged(e);
	assert_memory_equal(tale_text(&e->tale), "A 10.0.0.1:40000 curl[42] sk:4d2 net:[1]\n", 41);
}

/* What would end a statement, and what would reach a terminal. */
static void test_hostile_comm(void **state)
{
	struct explaining *e = *state;

	tale_end(&e->tale);
	explaining_begin(e, TALE_MERMAID);
	strcpy(e->client.who.task.comm, "a;b#c<d>&\033\n");
	explaining_play_orderly(e);
	assert_non_null(strstr(tale_text(&e->tale), "<br/>a#59;b#35;c#60;d#62;#38;??[42]\n"));
}

/* Nothing is inferred of one that refused: it is not said to be. */
static void test_mermaid_of_unseen(void **state)
{
	struct explaining *e = *state;

	tale_end(&e->tale);
	explaining_begin(e, TALE_MERMAID);
	tale_move(&e->tale, &e->client, TCT_CLOSE, TCT_SYN_SENT, 50);
	tale_move(&e->tale, &e->client, TCT_SYN_SENT, TCT_CLOSE, 100);
	tale_tear(&e->tale, &e->client, TCT_KIND_REFUSED, TCT_CLOSER_REMOTE, 100);
	assert_non_null(strstr(tale_text(&e->tale), "<br/>(not seen)\n"));
	assert_null(strstr(tale_text(&e->tale), "(inferred)"));
}

static void test_json_time_wait(void **state)
{
	struct explaining *e = *state;

	tale_end(&e->tale);
	explaining_begin(e, TALE_JSON);
	e->client.rearmed = 2;
	explaining_play_orderly(e);
	assert_non_null(strstr(tale_text(&e->tale), "\"family\":\"ipv4\""));
	assert_non_null(strstr(tale_text(&e->tale),
			       "\"time_wait\":{\"substate\":\"TIME_WAIT\",\"duration_ns\":60000000000,"
			       "\"end\":\"expired\",\"rearmed\":2}"));
	assert_non_null(strstr(tale_text(&e->tale), "\"time_wait\":null"));
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
	struct explaining *e = *state;

	grow(&e->client);
	grow(&e->server);
	e->client.who.tuple.raddr[0] = e->server.who.tuple.laddr[0] = 0xfe;
	e->client.entered_us = e->server.entered_us = 1;
	explaining_play_orderly(e);
	expect_fits(tale_text(&e->tale));
	assert_int_equal(e->tale.told, 1);
}

static void test_width_merged(void **state)
{
	struct explaining *e = *state;

	e->client.unseen = true;
	grow(&e->server);
	explaining_play_merged(e);
	expect_fits(tale_text(&e->tale));
	assert_int_equal(e->tale.told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_mermaid),
		EXPLAINING_TEST(test_mermaid_of_crossing),
		EXPLAINING_TEST(test_seconds),
		EXPLAINING_TEST(test_seconds_of_months),
		EXPLAINING_TEST(test_clock),
		EXPLAINING_TEST(test_wide),
		EXPLAINING_TEST(test_hostile_comm),
		EXPLAINING_TEST(test_mermaid_of_unseen),
		EXPLAINING_TEST(test_json_time_wait),
		EXPLAINING_TEST(test_width),
		EXPLAINING_TEST(test_width_merged),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
