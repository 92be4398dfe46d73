// SPDX-License-Identifier: GPL-2.0
/* Each verdict, and what comes first where two would do. */
#include "test.h"

#include "../../user/core/judge.h"

#define RECENT 1000

/* All read and all acknowledged, long ago; an open window. */
static struct tct_fact idle(void)
{
	return (struct tct_fact){ .rcv_age_ns = RECENT + 1, .data_age_ns = RECENT + 1,
				  .timer_ns = TCT_UNKNOWN, .kept_ns = TCT_UNKNOWN,
				  .snd_wnd = 1000, .limit = -1 };
}

static enum tct_verdict judge(enum tct_state state, const struct tct_fact *fact)
{
	const struct tct_case c = { .state = state, .fact = fact, .held = true,
				    .recent_ns = RECENT };

	return tct_judge(&c);
}

static void test_eof(void **state)
{
	struct tct_fact fact = idle();

	(void)state;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_EOF_READ_NOT_CLOSED);
	fact.unread = 1;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_EOF_NOT_READ);
	fact.unread = 2;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_UNREAD_DATA);
	fact.flags = TCT_SOCK_QUEUED;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_NOT_ACCEPTED);
}

/* Sent and heard of within the time; one alone proves nothing. */
static void test_still_sending(void **state)
{
	struct tct_fact fact = idle();

	(void)state;
	fact.data_age_ns = RECENT;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_EOF_READ_NOT_CLOSED);
	fact.rcv_age_ns = RECENT;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_STILL_SENDING);
	fact.unread = 5;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_STILL_SENDING);
	fact.data_age_ns = RECENT + 1;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_UNREAD_DATA);
	fact.data_age_ns = TCT_UNKNOWN;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_UNREAD_DATA);
}

/* Sent again and again is not sending. */
static void test_not_still_sending(void **state)
{
	struct tct_fact fact = idle();

	(void)state;
	fact.data_age_ns = fact.rcv_age_ns = 0;
	fact.unacked = 10;
	fact.retransmits = 1;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_NOT_ACKNOWLEDGED);
	fact.retransmits = 0;
	fact.snd_wnd = 0;
	fact.unsent = 1;
	assert_int_equal(judge(TCT_CLOSE_WAIT, &fact), TCT_ZERO_WINDOW);
}

/* A scan ahead of the threshold: what was sent before the peer's FIN came is no half-close. */
static void test_sent_before_it_came_there(void **state)
{
	static const struct tct_tasks nobody;
	struct tct_socket sock = { .state = TCT_CLOSE_WAIT, .flags = TCT_SOCK_EXACT,
				   .entered_ns = 5000 };
	struct tct_fact fact = idle();

	(void)state;
	fact.time_ns = 5000 + RECENT / 2;
	fact.data_age_ns = fact.rcv_age_ns = RECENT / 2;
	tct_judge_socket(&nobody, &sock, &fact, NULL, 0, RECENT);
	assert_int_equal(sock.verdict, TCT_EOF_READ_NOT_CLOSED);
	fact.data_age_ns = fact.rcv_age_ns = RECENT / 4;
	tct_judge_socket(&nobody, &sock, &fact, NULL, 0, RECENT);
	assert_int_equal(sock.verdict, TCT_STILL_SENDING);
	sock.flags = 0;
	fact.data_age_ns = fact.rcv_age_ns = RECENT / 2;
	tct_judge_socket(&nobody, &sock, &fact, NULL, 0, RECENT);
	assert_int_equal(sock.verdict, TCT_STILL_SENDING);
}

static void test_held_by_child(void **state)
{
	struct tct_fact fact = idle();
	struct tct_case c = { .state = TCT_CLOSE_WAIT, .fact = &fact, .held = true,
			      .passed_on = true, .recent_ns = RECENT };

	(void)state;
	assert_int_equal(tct_judge(&c), TCT_HELD_BY_CHILD);
	fact.unread = 2;
	assert_int_equal(tct_judge(&c), TCT_HELD_BY_CHILD);
	fact.data_age_ns = fact.rcv_age_ns = 0;
	assert_int_equal(tct_judge(&c), TCT_STILL_SENDING);
}

static void test_fin_wait2(void **state)
{
	struct tct_fact fact = idle();
	struct tct_case c = { .state = TCT_FIN_WAIT2, .fact = &fact };

	(void)state;
	assert_int_equal(judge(TCT_FIN_WAIT2, &fact), TCT_HELD);
	assert_int_equal(tct_judge(&c), TCT_VERDICT_NONE);	/* on its way between two */
	fact.data_age_ns = RECENT;
	assert_int_equal(judge(TCT_FIN_WAIT2, &fact), TCT_STILL_RECEIVING);
	assert_int_equal(tct_judge(&c), TCT_VERDICT_NONE);
	fact.flags = TCT_SOCK_DEAD;
	assert_int_equal(judge(TCT_FIN_WAIT2, &fact), TCT_ORPHANED);
	assert_int_equal(tct_judge(&c), TCT_ORPHANED);
}

static void test_fin_on_its_way(void **state)
{
	static const enum tct_state states[] = { TCT_FIN_WAIT1, TCT_CLOSING, TCT_LAST_ACK };

	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		struct tct_fact fact = idle();

		assert_int_equal(judge(states[i], &fact), TCT_NOT_ACKNOWLEDGED);
		fact.data_age_ns = fact.rcv_age_ns = 0;	/* its last data has long arrived */
		assert_int_equal(judge(states[i], &fact), TCT_NOT_ACKNOWLEDGED);
		fact.unacked = 5;
		assert_int_equal(judge(states[i], &fact), TCT_STILL_SENDING);
		fact.retransmits = 1;
		assert_int_equal(judge(states[i], &fact), TCT_NOT_ACKNOWLEDGED);
		fact.snd_wnd = 0;	/* nothing waits for it: all has been sent */
		assert_int_equal(judge(states[i], &fact), TCT_NOT_ACKNOWLEDGED);
		fact.unsent = 1;
		assert_int_equal(judge(states[i], &fact), TCT_ZERO_WINDOW);
	}
}

static void test_handshake(void **state)
{
	struct tct_fact fact = idle();

	(void)state;
	assert_int_equal(judge(TCT_SYN_RECV, &fact), TCT_NOT_ACKNOWLEDGED);
	assert_int_equal(judge(TCT_NEW_SYN_RECV, &fact), TCT_NOT_ACKNOWLEDGED);
}

static void test_no_verdict(void **state)
{
	struct tct_fact fact = idle();

	(void)state;
	assert_int_equal(judge(TCT_ESTABLISHED, &fact), TCT_VERDICT_NONE);
	assert_int_equal(judge(TCT_TIME_WAIT, &fact), TCT_VERDICT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eof),
		cmocka_unit_test(test_still_sending),
		cmocka_unit_test(test_sent_before_it_came_there),
		cmocka_unit_test(test_not_still_sending),
		cmocka_unit_test(test_held_by_child),
		cmocka_unit_test(test_fin_wait2),
		cmocka_unit_test(test_fin_on_its_way),
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
