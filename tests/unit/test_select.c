// SPDX-License-Identifier: GPL-2.0
/* What is printed of what is mirrored: by type, by state, by owner, held until that is known. */
#include "test.h"

#include <string.h>
#include "../../user/sink/select.h"
#include "recorder.h"

struct setup {
	struct tct_select select;
	struct tct_sink in;
	struct tct_sink next;
	struct recorder recorder;
};

static struct setup begin(unsigned int types, uint32_t states, uint32_t pid)
{
	const struct tct_select_config config = { .types = types, .states = states, .pid = pid };

	return (struct setup){ .select.config = config };
}

/* In place: the sinks point into it. */
static void attach(struct setup *setup)
{
	const struct tct_select_config config = setup->select.config;

	recorder_init(&setup->recorder, &setup->next);
	assert_int_equal(tct_select_init(&setup->select, &config, &setup->next, &setup->in), 0);
}

static void finish(struct setup *setup)
{
	tct_select_fini(&setup->select);
	recorder_fini(&setup->recorder);
}

#define expect(setup, lines) assert_string_equal(recorder_take(&(setup)->recorder), lines)

static struct tct_subject who(uint64_t cookie, uint32_t pid)
{
	return (struct tct_subject){ .cookie = cookie,
				     .task = { .pid = pid, .source = pid ? TCT_OWNER_ITER : 0 } };
}

static void move(struct setup *setup, uint64_t time_ns, uint64_t cookie, uint32_t pid,
		 enum tct_state from, enum tct_state to)
{
	struct tct_transition ev = { .mono_ns = time_ns, .who = who(cookie, pid), .from = from,
				     .to = to, .dwell_ns = 1, .legal = true };

	if (setup->in.transition)
		setup->in.transition(setup->in.ctx, &ev);
}

static void end(struct setup *setup, uint64_t time_ns, uint64_t cookie, uint32_t pid)
{
	struct tct_teardown ev = { .mono_ns = time_ns, .who = who(cookie, pid) };

	if (setup->in.teardown)
		setup->in.teardown(setup->in.ctx, &ev);
}

static void time_wait(struct setup *setup, uint64_t time_ns, uint64_t cookie, uint32_t pid,
		      enum tct_state substate)
{
	struct tct_time_wait ev = { .mono_ns = time_ns, .who = who(cookie, pid),
				    .substate = substate, .end = TCT_END_EXPIRED };

	if (setup->in.time_wait)
		setup->in.time_wait(setup->in.ctx, &ev);
}

static void find(struct setup *setup, enum tct_state state, uint32_t holder)
{
	struct tct_holder one = { .pid = holder, .count = 1, .fds = "3" };
	struct tct_finding ev = { .rule = "rule", .state = state, .to = state, .count = 1,
				  .holders = &one, .holder_count = holder ? 1 : 0 };

	setup->in.finding(setup->in.ctx, &ev);
}

static void one_of_each(struct setup *setup)
{
	move(setup, 1, 7, 42, TCT_ESTABLISHED, TCT_FIN_WAIT1);
	time_wait(setup, 2, 7, 42, TCT_TIME_WAIT);
	end(setup, 3, 7, 42);
	find(setup, TCT_CLOSE_WAIT, 42);
}

#define MOVE_LINE "1 move 7 ESTABLISHED>FIN_WAIT1 1 42/iter\n"
#define TIME_WAIT_LINE "2 tw 7 TIME_WAIT 0 life 0 expired rearmed 0 42/iter\n"
#define END_LINE "3 end 7 orderly none 42/iter\n"
#define FINDING_LINE "0 finding #0 rule open CLOSE_WAIT count 1 oldest 0 remote 0 42x1:3\n"

static void expect_types(unsigned int types, const char *lines)
{
	struct setup setup = begin(types, 0, 0);

	attach(&setup);
	one_of_each(&setup);
	expect(&setup, lines);
	finish(&setup);
}

static void test_types(void **state)
{
	(void)state;
	expect_types(TCT_SELECT_ALL, MOVE_LINE TIME_WAIT_LINE END_LINE FINDING_LINE);
	expect_types(TCT_SELECT_TRANSITION, MOVE_LINE);
	expect_types(TCT_SELECT_TIME_WAIT, TIME_WAIT_LINE);
	expect_types(TCT_SELECT_TEARDOWN, END_LINE);
	expect_types(TCT_SELECT_FINDING, FINDING_LINE);
	expect_types(TCT_SELECT_TEARDOWN | TCT_SELECT_FINDING, END_LINE FINDING_LINE);
	expect_types(0, "");
}

/* What is about the run itself is never left out. */
static void test_messages_pass(void **state)
{
	struct setup setup = begin(0, 1u << TCT_LAST_ACK, 42);
	const struct tct_ready ready = { .mono_ns = 1, .mirrored = 5 };
	const struct tct_loss loss = { .mono_ns = 2, .count = 3 };
	const struct tct_summary summary = { .mono_ns = 3, .events = 9 };

	(void)state;
	attach(&setup);
	setup.in.ready(setup.in.ctx, &ready);
	setup.in.loss(setup.in.ctx, &loss);
	setup.in.summary(setup.in.ctx, &summary);
	expect(&setup, "1 ready 5\n2 loss ring 3\n3 summary 9\n");
	finish(&setup);
}

/* Into or out of a state. */
static void test_states(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 1u << TCT_CLOSE_WAIT, 0);

	(void)state;
	attach(&setup);
	move(&setup, 1, 7, 0, TCT_SYN_RECV, TCT_ESTABLISHED);
	move(&setup, 2, 7, 0, TCT_ESTABLISHED, TCT_CLOSE_WAIT);
	move(&setup, 3, 7, 0, TCT_CLOSE_WAIT, TCT_LAST_ACK);
	move(&setup, 4, 7, 0, TCT_LAST_ACK, TCT_CLOSE);
	time_wait(&setup, 5, 8, 0, TCT_TIME_WAIT);
	find(&setup, TCT_LAST_ACK, 0);
	find(&setup, TCT_CLOSE_WAIT, 0);
	expect(&setup, "2 move 7 ESTABLISHED>CLOSE_WAIT 1\n"
		       "3 move 7 CLOSE_WAIT>LAST_ACK 1\n"
		       "0 finding #0 rule open CLOSE_WAIT count 1 oldest 0 remote 0\n");
	assert_int_equal(setup.select.findings, 1);
	finish(&setup);
}

static void test_states_of_time_wait(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 1u << TCT_TIME_WAIT, 0);

	(void)state;
	attach(&setup);
	time_wait(&setup, 1, 7, 0, TCT_FIN_WAIT2);
	time_wait(&setup, 2, 8, 0, TCT_TIME_WAIT);
	end(&setup, 3, 8, 0);
	expect(&setup, "2 tw 8 TIME_WAIT 0 life 0 expired rearmed 0\n");
	finish(&setup);
}

static void test_pid(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 42);

	(void)state;
	attach(&setup);
	one_of_each(&setup);
	move(&setup, 10, 8, 43, TCT_ESTABLISHED, TCT_FIN_WAIT1);
	time_wait(&setup, 11, 8, 43, TCT_TIME_WAIT);
	end(&setup, 12, 8, 43);
	find(&setup, TCT_CLOSE_WAIT, 43);
	find(&setup, TCT_CLOSE_WAIT, 0);
	expect(&setup, MOVE_LINE TIME_WAIT_LINE END_LINE FINDING_LINE);
	assert_int_equal(setup.select.findings, 1);
	assert_false(tct_select_waits(&setup.select));
	finish(&setup);
}

/* One of several holders is enough. */
static void test_pid_of_second_holder(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 42);
	const struct tct_holder both[] = { { .pid = 41, .count = 1, .fds = "3" },
					   { .pid = 42, .count = 1, .fds = "4" } };
	const struct tct_finding ev = { .rule = "rule", .state = TCT_CLOSE_WAIT,
					.to = TCT_CLOSE_WAIT, .holders = both, .holder_count = 2 };

	(void)state;
	attach(&setup);
	setup.in.finding(setup.in.ctx, &ev);
	assert_int_equal(setup.select.findings, 1);
	finish(&setup);
}

/* A single socket's owner counts, even where no descriptor was found. */
static void test_pid_of_socket(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 42);
	const struct tct_subject ours = who(7, 42), theirs = who(8, 43);
	struct tct_finding ev = { .rule = "rule", .state = TCT_LAST_ACK, .to = TCT_LAST_ACK,
				  .socket = &theirs };

	(void)state;
	attach(&setup);
	setup.in.finding(setup.in.ctx, &ev);
	assert_int_equal(setup.select.findings, 0);
	ev.socket = &ours;
	setup.in.finding(setup.in.ctx, &ev);
	assert_int_equal(setup.select.findings, 1);
	finish(&setup);
}

/* Who owns which socket, for a flush: cookie 7 is 42's, 8 is 43's, others are nobody's. */
static struct tct_task owner_of(void *ctx, uint64_t cookie)
{
	*(unsigned int *)ctx += 1;
	if (cookie != 7 && cookie != 8)
		return (struct tct_task){ 0 };
	return (struct tct_task){ .pid = cookie == 7 ? 42 : 43, .source = TCT_OWNER_ITER };
}

static void test_held_until_flush(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 42);
	unsigned int asked = 0;

	(void)state;
	attach(&setup);
	assert_false(tct_select_waits(&setup.select));
	move(&setup, 1, 7, 0, TCT_LISTEN, TCT_SYN_RECV);
	move(&setup, 2, 8, 0, TCT_LISTEN, TCT_SYN_RECV);
	move(&setup, 3, 7, 0, TCT_SYN_RECV, TCT_ESTABLISHED);
	end(&setup, 4, 7, 0);
	time_wait(&setup, 5, 7, 0, TCT_TIME_WAIT);
	assert_true(tct_select_waits(&setup.select));
	expect(&setup, "");
	tct_select_flush(&setup.select, owner_of, &asked, 10);
	expect(&setup, "1 move 7 LISTEN>SYN_RECV 1 42/iter\n"
		       "3 move 7 SYN_RECV>ESTABLISHED 1 42/iter\n"
		       "4 end 7 orderly none 42/iter\n"
		       "5 tw 7 TIME_WAIT 0 life 0 expired rearmed 0 42/iter\n");
	assert_int_equal(asked, 5);
	assert_false(tct_select_waits(&setup.select));
	finish(&setup);
}

/* An event that names the owner lets go what waits of its socket, before itself. */
static void test_held_until_owner_shows(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 42);

	(void)state;
	attach(&setup);
	move(&setup, 1, 7, 0, TCT_LISTEN, TCT_SYN_RECV);
	move(&setup, 2, 8, 0, TCT_LISTEN, TCT_SYN_RECV);
	move(&setup, 3, 7, 42, TCT_ESTABLISHED, TCT_FIN_WAIT1);
	expect(&setup, "1 move 7 LISTEN>SYN_RECV 1 42/iter\n"
		       "3 move 7 ESTABLISHED>FIN_WAIT1 1 42/iter\n");
	assert_true(tct_select_waits(&setup.select));
	move(&setup, 4, 8, 43, TCT_ESTABLISHED, TCT_FIN_WAIT1);
	expect(&setup, "");
	assert_false(tct_select_waits(&setup.select));
	finish(&setup);
}

/* Still nobody's: it waits on, in its order, and is dropped after five seconds. */
static void test_patience(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 42);
	unsigned int asked = 0;

	(void)state;
	attach(&setup);
	move(&setup, 100, 9, 0, TCT_LISTEN, TCT_SYN_RECV);
	move(&setup, 200, 9, 0, TCT_SYN_RECV, TCT_ESTABLISHED);
	tct_select_flush(&setup.select, owner_of, &asked, 100 + 5 * SECOND - 1);
	assert_int_equal(setup.select.held_count, 2);
	tct_select_flush(&setup.select, owner_of, &asked, 100 + 5 * SECOND);
	assert_int_equal(setup.select.held_count, 1);
	move(&setup, 300, 9, 42, TCT_ESTABLISHED, TCT_CLOSE_WAIT);
	expect(&setup, "200 move 9 SYN_RECV>ESTABLISHED 1 42/iter\n"
		       "300 move 9 ESTABLISHED>CLOSE_WAIT 1 42/iter\n");
	finish(&setup);
}

/* What -e and -s leave out does not wait either. */
static void test_only_selected_events_wait(void **state)
{
	struct setup setup = begin(TCT_SELECT_TRANSITION, 1u << TCT_CLOSE_WAIT, 42);

	(void)state;
	attach(&setup);
	move(&setup, 1, 7, 0, TCT_LISTEN, TCT_SYN_RECV);
	end(&setup, 2, 7, 0);
	time_wait(&setup, 3, 7, 0, TCT_TIME_WAIT);
	assert_false(tct_select_waits(&setup.select));
	move(&setup, 4, 7, 0, TCT_ESTABLISHED, TCT_CLOSE_WAIT);
	assert_true(tct_select_waits(&setup.select));
	finish(&setup);
}

/* The room is bounded, and what found none is counted. */
static void test_overflow(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 42);

	(void)state;
	attach(&setup);
	for (uint64_t i = 0; i < 8192 + 3; i++)
		move(&setup, i, 100 + i, 0, TCT_LISTEN, TCT_SYN_RECV);
	assert_int_equal(setup.select.held_count, 8192);
	assert_int_equal(setup.select.overflowed, 3);
	finish(&setup);
}

static void test_without_pid_nothing_waits(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 0);

	(void)state;
	attach(&setup);
	move(&setup, 1, 7, 0, TCT_LISTEN, TCT_SYN_RECV);
	end(&setup, 2, 7, 0);
	assert_false(tct_select_waits(&setup.select));
	expect(&setup, "1 move 7 LISTEN>SYN_RECV 1\n2 end 7 orderly none\n");
	finish(&setup);
}

/* The sink behind it may leave out any call. */
static void test_deaf_sink(void **state)
{
	struct setup setup = begin(TCT_SELECT_ALL, 0, 0);
	const struct tct_ready ready = { 0 };

	(void)state;
	attach(&setup);
	setup.next = (struct tct_sink){ 0 };
	one_of_each(&setup);
	setup.in.ready(setup.in.ctx, &ready);
	assert_int_equal(setup.select.findings, 0);
	finish(&setup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_messages_pass),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_states_of_time_wait),
		cmocka_unit_test(test_pid),
		cmocka_unit_test(test_pid_of_second_holder),
		cmocka_unit_test(test_pid_of_socket),
		cmocka_unit_test(test_held_until_flush),
		cmocka_unit_test(test_held_until_owner_shows),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_only_selected_events_wait),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_without_pid_nothing_waits),
		cmocka_unit_test(test_deaf_sink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
