// SPDX-License-Identifier: GPL-2.0
/* The const table of TCP's transitions: which pairs are in it, and the names of states. */
#include "test.h"

#include <string.h>
#include "../../user/core/fsm.h"

/* All that TCP on Linux does, written down a second time: a row a state it leaves. */
static const uint16_t expected[TCT_STATES] = {
	[TCT_CLOSE] = 1 << TCT_LISTEN | 1 << TCT_SYN_SENT | 1 << TCT_CLOSE,
	[TCT_LISTEN] = 1 << TCT_SYN_RECV | 1 << TCT_CLOSE,
	[TCT_SYN_SENT] = 1 << TCT_SYN_RECV | 1 << TCT_ESTABLISHED | 1 << TCT_CLOSE,
	[TCT_SYN_RECV] = 1 << TCT_ESTABLISHED | 1 << TCT_FIN_WAIT1 | 1 << TCT_CLOSE,
	[TCT_ESTABLISHED] = 1 << TCT_FIN_WAIT1 | 1 << TCT_CLOSE_WAIT | 1 << TCT_CLOSE,
	/* close() after shutdown() sets the same state again while the FIN is not acknowledged */
	[TCT_FIN_WAIT1] = 1 << TCT_FIN_WAIT1 | 1 << TCT_FIN_WAIT2 | 1 << TCT_CLOSING |
			  1 << TCT_CLOSE,
	[TCT_FIN_WAIT2] = 1 << TCT_FIN_WAIT2 | 1 << TCT_TIME_WAIT | 1 << TCT_CLOSE,
	[TCT_CLOSING] = 1 << TCT_CLOSING | 1 << TCT_TIME_WAIT | 1 << TCT_CLOSE,
	[TCT_CLOSE_WAIT] = 1 << TCT_LAST_ACK | 1 << TCT_CLOSE,
	[TCT_LAST_ACK] = 1 << TCT_LAST_ACK | 1 << TCT_CLOSE,
	[TCT_TIME_WAIT] = 1 << TCT_CLOSE,
};

static bool is_expected(enum tct_state from, enum tct_state to)
{
	return expected[from] >> to & 1;
}

static void expect_pair(enum tct_state from, enum tct_state to)
{
	bool legal = tct_fsm_step(from, to) != TCT_EDGE_ILLEGAL;

	if (legal != is_expected(from, to))
		fail_msg("%s to %s is %s", tct_state_name(from), tct_state_name(to),
			 legal ? "legal and should not be" : "illegal and should not be");
}

static void test_opening(void **state)
{
	(void)state;
	for (int to = TCT_NONE; to < TCT_STATES; to++) {
		expect_pair(TCT_CLOSE, to);
		expect_pair(TCT_LISTEN, to);
		expect_pair(TCT_SYN_SENT, to);
		expect_pair(TCT_SYN_RECV, to);
	}
}

static void test_closing(void **state)
{
	(void)state;
	for (int to = TCT_NONE; to < TCT_STATES; to++) {
		expect_pair(TCT_ESTABLISHED, to);
		expect_pair(TCT_FIN_WAIT2, to);
		expect_pair(TCT_CLOSE_WAIT, to);
		expect_pair(TCT_TIME_WAIT, to);
	}
}

static void test_fin_unacknowledged(void **state)
{
	(void)state;
	for (int to = TCT_NONE; to < TCT_STATES; to++) {
		expect_pair(TCT_FIN_WAIT1, to);
		expect_pair(TCT_CLOSING, to);
		expect_pair(TCT_LAST_ACK, to);
	}
}

static void test_states_without_edges(void **state)
{
	(void)state;
	for (int other = TCT_NONE; other < TCT_STATES; other++) {
		assert_int_equal(tct_fsm_step(TCT_NONE, other), TCT_EDGE_ILLEGAL);
		assert_int_equal(tct_fsm_step(other, TCT_NONE), TCT_EDGE_ILLEGAL);
		assert_int_equal(tct_fsm_step(TCT_NEW_SYN_RECV, other), TCT_EDGE_ILLEGAL);
		assert_int_equal(tct_fsm_step(other, TCT_NEW_SYN_RECV), TCT_EDGE_ILLEGAL);
	}
	assert_int_equal(tct_fsm_step(255, 255), TCT_EDGE_ILLEGAL);
	assert_null(tct_fsm_find(TCT_ESTABLISHED, TCT_LISTEN));
}

static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(tct_fsm_step(TCT_CLOSE, TCT_SYN_SENT), TCT_EDGE_RFC);
	assert_int_equal(tct_fsm_step(TCT_FIN_WAIT2, TCT_TIME_WAIT), TCT_EDGE_RFC);
	assert_int_equal(tct_fsm_step(TCT_TIME_WAIT, TCT_CLOSE), TCT_EDGE_RFC);
	assert_int_equal(tct_fsm_step(TCT_CLOSE, TCT_CLOSE), TCT_EDGE_LINUX);
	assert_int_equal(tct_fsm_step(TCT_FIN_WAIT2, TCT_FIN_WAIT2), TCT_EDGE_LINUX);
}

static void expect_rfc_only(enum tct_state from, enum tct_state to)
{
	const struct tct_edge *edge = tct_fsm_find(from, to);

	assert_non_null(edge);
	assert_int_equal(edge->kind, TCT_EDGE_RFC_ONLY);
	assert_int_equal(tct_fsm_step(from, to), TCT_EDGE_ILLEGAL);
}

/* In the table, and yet illegal when a kernel makes it. */
static void test_rfc_only(void **state)
{
	(void)state;
	expect_rfc_only(TCT_LISTEN, TCT_SYN_SENT);
	expect_rfc_only(TCT_SYN_RECV, TCT_LISTEN);
	expect_rfc_only(TCT_FIN_WAIT1, TCT_TIME_WAIT);
	expect_rfc_only(TCT_ESTABLISHED, TCT_TIME_WAIT);
	expect_rfc_only(TCT_TIME_WAIT, TCT_SYN_RECV);
}

/* Every row is found by its pair, once, and says what it is and where it is from. */
static void test_rows(void **state)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	(void)state;
	assert_true(count >= 27);
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(tct_fsm_find(edges[i].from, edges[i].to), &edges[i]);
		assert_int_not_equal(edges[i].kind, TCT_EDGE_ILLEGAL);
		assert_true(strlen(edges[i].event) > 0);
		assert_true(strlen(edges[i].source) > 0);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(tct_state_name(TCT_ESTABLISHED), "ESTABLISHED");
	assert_string_equal(tct_state_name(TCT_FIN_WAIT1), "FIN_WAIT1");
	assert_string_equal(tct_state_name(TCT_CLOSE), "CLOSE");
	assert_string_equal(tct_state_name(TCT_NEW_SYN_RECV), "NEW_SYN_RECV");
	assert_string_equal(tct_state_name(TCT_NONE), "UNKNOWN");
	assert_string_equal(tct_state_name(TCT_STATES), "UNKNOWN");
	assert_string_equal(tct_state_name(255), "UNKNOWN");
}

static enum tct_state parse(const char *name)
{
	return tct_state_parse(name, strlen(name));
}

/* Every name reads back, in the kernel's spelling and in that of ss. */
static void test_parse_all(void **state)
{
	(void)state;
	for (int s = TCT_ESTABLISHED; s < TCT_STATES; s++) {
		char name[16];

		assert_int_equal(parse(tct_state_name(s)), s);
		strcpy(name, tct_state_name(s));
		for (char *p = name; *p; p++)
			*p = *p == '_' ? '-' : *p >= 'A' && *p <= 'Z' ? *p + 32 : *p;
		assert_int_equal(parse(name), s);
	}
}

static void test_parse(void **state)
{
	(void)state;
	assert_int_equal(parse("fin-wait-1"), TCT_FIN_WAIT1);
	assert_int_equal(parse("FIN_WAIT_2"), TCT_FIN_WAIT2);
	assert_int_equal(parse("Close-Wait"), TCT_CLOSE_WAIT);
	assert_int_equal(parse("close"), TCT_CLOSE);
	assert_int_equal(parse("closing"), TCT_CLOSING);
	assert_int_equal(tct_state_parse("close-wait,rest", 10), TCT_CLOSE_WAIT);
	assert_int_equal(tct_state_parse("close-wait,rest", 5), TCT_CLOSE);
}

static void test_parse_rejects(void **state)
{
	static const char *const bad[] = { "", "-", "_", "UNKNOWN", "closed", "clos", "close-",
					   "close wait", "close-wait ", " close", "fin-wait",
					   "fin-wait-3", "6", "time-wait-1" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (parse(bad[i]) != TCT_NONE)
			fail_msg("'%s' was read as %s", bad[i], tct_state_name(parse(bad[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opening),
		cmocka_unit_test(test_closing),
		cmocka_unit_test(test_fin_unacknowledged),
		cmocka_unit_test(test_states_without_edges),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_rfc_only),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_parse_all),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_rejects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
