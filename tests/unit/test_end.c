// SPDX-License-Identifier: GPL-2.0
/* The end reason of a mini-socket, told by the kernel functions in a stack. */
#include "test.h"

#include <string.h>
#include "stream.h"

#define ELSEWHERE 0xffffffff81000000ull

static struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX];

static int setup(void **state)
{
	(void)state;
	memset(symbols, 0, sizeof(symbols));
	stream_symbols(symbols);
	return 0;
}

static enum tct_end end_of(const __u64 *stack, enum tct_state substate)
{
	return tct_end_of_stack(stack, TCT_STACK_DEPTH, substate, symbols);
}

static enum tct_end end_in(const char *symbol, enum tct_state substate)
{
	const __u64 stack[TCT_STACK_DEPTH] = { ELSEWHERE, stream_frame(symbol), ELSEWHERE };

	return end_of(stack, substate);
}

static void expect_both(const char *symbol, enum tct_end end)
{
	assert_int_equal(end_in(symbol, TCT_TIME_WAIT), end);
	assert_int_equal(end_in(symbol, TCT_FIN_WAIT2), end);
}

static void test_reasons(void **state)
{
	(void)state;
	expect_both("__run_timers", TCT_END_EXPIRED);
	expect_both("__run_timers.part.0", TCT_END_EXPIRED);
	expect_both("__run_timer_base", TCT_END_EXPIRED);
	expect_both("expire_timers", TCT_END_EXPIRED);
	expect_both("__inet_check_established", TCT_END_REUSED_OUT);
	expect_both("__inet6_check_established", TCT_END_REUSED_OUT);
	expect_both("__inet_hash_connect", TCT_END_REUSED_OUT);
	expect_both("tcp_timewait_state_process", TCT_END_RESET);
	expect_both("inet_twsk_purge", TCT_END_PURGED);
	expect_both("tcp_abort", TCT_END_DESTROYED);
}

static void test_rearmed(void **state)
{
	(void)state;
	expect_both("__mod_timer", TCT_END_REARMED);
	expect_both("mod_timer_pending", TCT_END_REARMED);
}

/* A SYN takes over a TIME_WAIT; to a FIN_WAIT2 it can only be data after close(). */
static void test_receive(void **state)
{
	(void)state;
	assert_int_equal(end_in("tcp_v4_rcv", TCT_TIME_WAIT), TCT_END_REUSED_IN);
	assert_int_equal(end_in("tcp_v6_rcv", TCT_TIME_WAIT), TCT_END_REUSED_IN);
	assert_int_equal(end_in("tcp_v4_rcv", TCT_FIN_WAIT2), TCT_END_RESET_SENT);
	assert_int_equal(end_in("tcp_v6_rcv", TCT_FIN_WAIT2), TCT_END_RESET_SENT);
	assert_int_equal(end_in("tcp_timewait_state_process", TCT_FIN_WAIT2), TCT_END_RESET);
	assert_string_equal(tct_end_name(TCT_END_RESET_SENT), "reset");
}

static void test_innermost_wins(void **state)
{
	const __u64 reset[TCT_STACK_DEPTH] = { stream_frame("tcp_timewait_state_process"),
					       stream_frame("tcp_v4_rcv") };
	const __u64 rearm[TCT_STACK_DEPTH] = { ELSEWHERE, stream_frame("__mod_timer"),
					       stream_frame("tcp_timewait_state_process"),
					       stream_frame("tcp_v4_rcv") };
	/* the timer interrupt came while a segment was received */
	const __u64 expired[TCT_STACK_DEPTH] = { stream_frame("__run_timers"),
						 stream_frame("tcp_v4_rcv") };

	(void)state;
	assert_int_equal(end_of(reset, TCT_TIME_WAIT), TCT_END_RESET);
	assert_int_equal(end_of(rearm, TCT_TIME_WAIT), TCT_END_REARMED);
	assert_int_equal(end_of(expired, TCT_TIME_WAIT), TCT_END_EXPIRED);
}

static void test_unknown(void **state)
{
	const __u64 empty[TCT_STACK_DEPTH] = { 0 };
	const __u64 strange[TCT_STACK_DEPTH] = { ELSEWHERE, UINT64_MAX, 1 };
	/* a stack ends with its first 0 */
	const __u64 behind[TCT_STACK_DEPTH] = { ELSEWHERE, 0, stream_frame("tcp_abort") };

	(void)state;
	assert_int_equal(end_of(empty, TCT_TIME_WAIT), TCT_END_UNKNOWN);
	assert_int_equal(end_of(strange, TCT_TIME_WAIT), TCT_END_UNKNOWN);
	assert_int_equal(end_of(behind, TCT_TIME_WAIT), TCT_END_UNKNOWN);
}

static void test_depth(void **state)
{
	__u64 stack[TCT_STACK_DEPTH];

	(void)state;
	for (size_t i = 0; i < TCT_STACK_DEPTH; i++)
		stack[i] = ELSEWHERE;
	stack[TCT_STACK_DEPTH - 1] = stream_frame("tcp_abort");
	assert_int_equal(end_of(stack, TCT_TIME_WAIT), TCT_END_DESTROYED);
	assert_int_equal(tct_end_of_stack(stack, TCT_STACK_DEPTH - 1, TCT_TIME_WAIT, symbols),
			 TCT_END_UNKNOWN);
	assert_int_equal(tct_end_of_stack(stack, 0, TCT_TIME_WAIT, symbols), TCT_END_UNKNOWN);
}

/* A return address lies behind the function's first byte, at the latest right behind its last. */
static void test_edges_of_a_function(void **state)
{
	__u64 stack[TCT_STACK_DEPTH] = { 0 };

	(void)state;
	stack[0] = symbols[0].start;
	assert_int_equal(end_of(stack, TCT_TIME_WAIT), TCT_END_UNKNOWN);
	stack[0] = symbols[0].start + 1;
	assert_int_equal(end_of(stack, TCT_TIME_WAIT), TCT_END_EXPIRED);
	stack[0] = symbols[0].stop;
	assert_int_equal(end_of(stack, TCT_TIME_WAIT), TCT_END_EXPIRED);
	stack[0] = symbols[0].stop + 1;
	assert_int_equal(end_of(stack, TCT_TIME_WAIT), TCT_END_UNKNOWN);
}

static void test_unresolved(void **state)
{
	const __u64 stack[TCT_STACK_DEPTH] = { 0x10, stream_frame("tcp_v4_rcv") };

	(void)state;
	memset(symbols, 0, sizeof(symbols));
	symbols[0].stop = UINT64_MAX;
	assert_int_equal(end_of(stack, TCT_TIME_WAIT), TCT_END_UNKNOWN);
}

static void test_symbol_names(void **state)
{
	size_t count = 0;

	(void)state;
	while (tct_end_symbol_name(count))
		count++;
	assert_in_range(count, 11, TCT_END_SYMBOLS_MAX);
	assert_null(tct_end_symbol_name(SIZE_MAX));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(tct_end_name(TCT_END_EXPIRED), "expired");
	assert_string_equal(tct_end_name(TCT_END_REUSED_OUT), "reused-out");
	assert_string_equal(tct_end_name(TCT_END_REUSED_IN), "reused-in");
	assert_string_equal(tct_end_name(TCT_END_RESET), "reset");
	assert_string_equal(tct_end_name(TCT_END_PURGED), "purged");
	assert_string_equal(tct_end_name(TCT_END_DESTROYED), "destroyed");
	assert_string_equal(tct_end_name(TCT_END_FIN_ARRIVED), "fin-arrived");
	assert_string_equal(tct_end_name(TCT_END_UNKNOWN), "unknown");
	assert_string_equal(tct_end_name(TCT_END_REARMED), "unknown");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reasons),
		TEST(test_rearmed),
		TEST(test_receive),
		TEST(test_innermost_wins),
		TEST(test_unknown),
		TEST(test_depth),
		TEST(test_edges_of_a_function),
		TEST(test_unresolved),
		TEST(test_symbol_names),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
