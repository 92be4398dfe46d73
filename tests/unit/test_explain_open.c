// SPDX-License-Identifier: GPL-2.0
/* What is drawn of a connection that never opened. */
#include "test.h"

#include <string.h>
#include "explaining.h"

static void test_syn_ack_timeout(void **state)
{
	struct explaining *e = *state;

	e->server.teardown.retransmits = 5;
	tale_move(&e->tale, &e->server, TCT_LISTEN, TCT_SYN_RECV, 1000);
	tale_move(&e->tale, &e->server, TCT_SYN_RECV, TCT_CLOSE, 63000000);
	tale_tear(&e->tale, &e->server, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 63000000);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.2:80 httpd[7]\n"
		"B 10.0.0.1:40000 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         SYN_RECV\n"
		"                       -- SYN+ACK, 6 times -------------?\n"
		" +63.00s CLOSE         gave up: no answer came\n"
		"\n"
		"A gave up after 5 retransmissions to which no answer reached it.\n"
		"\n");
}

static void play_connect(struct explaining *e, enum tct_kind kind, enum tct_closer closer,
			 uint32_t segments)
{
	e->client.who.tuple.lport = 0;
	tale_move(&e->tale, &e->client, TCT_CLOSE, TCT_SYN_SENT, 50);
	e->client.who.tuple.lport = 40000;
	e->client.numbers.segs_in = segments;
	tale_move(&e->tale, &e->client, TCT_SYN_SENT, TCT_CLOSE, 3000050);
	tale_tear(&e->tale, &e->client, kind, closer, 3000050);
}

static void test_refused(void **state)
{
	struct explaining *e = *state;

	play_connect(e, TCT_KIND_REFUSED, TCT_CLOSER_REMOTE, 1);
	assert_string_equal(tale_text(&e->tale),
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
	struct explaining *e = *state;

	play_connect(e, TCT_KIND_REFUSED, TCT_CLOSER_REMOTE, 0);
	assert_non_null(strstr(tale_text(&e->tale), "<---------------------- refused --\n"));
}

static void test_unreachable(void **state)
{
	struct explaining *e = *state;

	play_connect(e, TCT_KIND_UNREACHABLE, TCT_CLOSER_NONE, 0);
	assert_string_equal(tale_text(&e->tale),
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
	struct explaining *e = *state;

	e->client.teardown.retransmits = 2;
	play_connect(e, TCT_KIND_NEVER_OPENED, TCT_CLOSER_LOCAL, 0);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         CLOSE\n"
		"         SYN_SENT      -- SYN, 3 times -----------------?\n"
		"  +3.00s CLOSE         closed before it was open\n"
		"\n"
		"A closed before the connection was open, its SYN sent 3 times and no answer\n"
		"reached it.\n"
		"\n");
}

static void test_connect_timeout(void **state)
{
	struct explaining *e = *state;

	e->client.teardown.retransmits = 6;
	play_connect(e, TCT_KIND_TIMEOUT, TCT_CLOSER_NONE, 0);
	assert_string_equal(tale_text(&e->tale),
		"A 10.0.0.1:40000 curl[42]\n"
		"B 10.0.0.2:80 not seen here\n"
		"\n"
		"   AFTER A                                                B                AFTER\n"
		"         CLOSE\n"
		"         SYN_SENT      -- SYN, 7 times -----------------?\n"
		"  +3.00s CLOSE         gave up: no answer came\n"
		"\n"
		"A gave up connecting after it had sent its SYN 7 times and no answer reached it.\n"
		"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXPLAINING_TEST(test_syn_ack_timeout),
		EXPLAINING_TEST(test_refused),
		EXPLAINING_TEST(test_refused_without_segment),
		EXPLAINING_TEST(test_unreachable),
		EXPLAINING_TEST(test_never_opened),
		EXPLAINING_TEST(test_connect_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
