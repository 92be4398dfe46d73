// SPDX-License-Identifier: GPL-2.0
/* Whole events are left out where there is no room: which, until when, and counted. */
#include "test.h"

#include "../../user/sink/gate.h"
#include "recorder.h"
#include "sample.h"

#define ROOM 800

struct gated {
	struct recorder recorder;
	struct tct_sink printed;
	struct tct_gate gate;
	struct tct_sink sink;
	size_t waiting;
	struct tct_summary summary;
};

static size_t waiting(void *ctx)
{
	return ((const struct gated *)ctx)->waiting;
}

static struct gated g;

static void on_summary(void *ctx, const struct tct_summary *ev)
{
	(void)ctx;
	g.summary = *ev;
}

static int setup(void **state)
{
	(void)state;
	g = (struct gated){ .waiting = 0 };
	recorder_init(&g.recorder, &g.printed);
	g.printed.summary = on_summary;
	g.gate = (struct tct_gate){
		.next = &g.printed, .waiting = waiting, .ctx = &g, .room = ROOM,
	};
	tct_gate_init(&g.gate, &g.sink);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	recorder_fini(&g.recorder);
	return 0;
}

static void move(uint64_t mono_ns)
{
	const struct tct_transition ev = {
		.mono_ns = mono_ns, .who = { .cookie = 7 }, .legal = true,
		.from = TCT_ESTABLISHED, .to = TCT_FIN_WAIT1, .dwell_ns = 10,
	};

	g.sink.transition(g.sink.ctx, &ev);
}

static void lose_at(uint64_t mono_ns, enum tct_loss_where where, uint64_t count)
{
	const struct tct_loss ev = { .mono_ns = mono_ns, .where = where, .count = count };

	g.sink.loss(g.sink.ctx, &ev);
}

static void lose(enum tct_loss_where where, uint64_t count)
{
	lose_at(500, where, count);
}

static void expect(const char *text)
{
	assert_string_equal(recorder_take(&g.recorder), text);
}

#define MOVE(time) #time " move 7 ESTABLISHED>FIN_WAIT1 10\n"

static void test_all_pass_while_there_is_room(void **state)
{
	(void)state;
	move(1);
	g.waiting = ROOM / 8 * 7 - 1;
	move(2);
	expect(MOVE(1) MOVE(2));
	assert_int_equal(g.gate.dropped, 0);
}

/* Shut at seven eighths, open again at a half: then the loss is told, once. */
static void test_stream_stops_and_goes_on(void **state)
{
	(void)state;
	g.waiting = ROOM / 8 * 7;
	move(1);
	g.waiting = ROOM / 2 + 1;
	move(2);
	expect("");
	g.waiting = ROOM / 2;
	move(3);
	move(4);
	expect("3 loss sink 2\n" MOVE(3) MOVE(4));
	g.waiting = ROOM;
	move(5);
	g.waiting = 0;
	move(6);
	expect("6 loss sink 3\n" MOVE(6));
}

static void test_all_kinds_of_the_stream(void **state)
{
	struct tct_time_wait time_wait = sample_time_wait();
	struct tct_teardown end = sample_teardown();

	(void)state;
	g.waiting = ROOM / 8 * 7;
	move(1);
	g.sink.time_wait(g.sink.ctx, &time_wait);
	g.sink.teardown(g.sink.ctx, &end);
	expect("");
	assert_int_equal(g.gate.dropped, 3);
}

/* What matters more passes until there is no room at all. */
static void test_losses_and_findings(void **state)
{
	struct tct_finding finding = sample_finding();

	(void)state;
	g.waiting = ROOM - 1;
	lose(TCT_LOSS_RING, 3);
	expect("500 loss ring 3\n");
	g.sink.finding(g.sink.ctx, &finding);
	assert_string_not_equal(recorder_take(&g.recorder), "");
	assert_int_equal(g.gate.dropped, 0);
	g.waiting = ROOM;
	lose(TCT_LOSS_RING, 4);
	g.sink.finding(g.sink.ctx, &finding);
	expect("");
	assert_int_equal(g.gate.dropped, 2);
}

/* Each batch of a flood has its losses: of each place one a second is told. */
static void test_losses_are_told_at_times(void **state)
{
	(void)state;
	lose_at(10, TCT_LOSS_RING, 1);
	lose_at(20, TCT_LOSS_RING, 2);
	lose_at(20, TCT_LOSS_HOOK, 5);
	lose_at(9 + SECOND, TCT_LOSS_RING, 3);
	expect("10 loss ring 1\n20 loss hook 5\n");
	lose_at(10 + SECOND, TCT_LOSS_RING, 4);
	expect("1000000010 loss ring 4\n");
}

/* What was held back comes before what follows from it, and before the totals. */
static void test_losses_are_told_in_time(void **state)
{
	const struct tct_audit audit = { .mono_ns = 30 };
	const struct tct_summary summary = { .mono_ns = 50, .lost = 4 };

	(void)state;
	g.printed.audit = NULL;
	lose_at(10, TCT_LOSS_RING, 1);
	lose_at(20, TCT_LOSS_RING, 2);
	g.sink.audit(g.sink.ctx, &audit);
	expect("10 loss ring 1\n30 loss ring 2\n");
	lose_at(40, TCT_LOSS_RING, 4);
	expect("");
	g.sink.summary(g.sink.ctx, &summary);
	expect("50 loss ring 4\n");
	assert_int_equal(g.summary.lost, 4);
}

/* Whatever comes first when there is room again tells them. */
static void test_told_without_the_stream(void **state)
{
	(void)state;
	g.waiting = ROOM;
	move(1);
	g.waiting = ROOM / 2;
	lose(TCT_LOSS_RING, 3);
	expect("500 loss sink 1\n500 loss ring 3\n");
}

/* Others lose events in the same place before: one count. */
static void test_losses_of_one_place_add_up(void **state)
{
	(void)state;
	g.waiting = ROOM / 8 * 7;
	move(1);
	lose(TCT_LOSS_SINK, 10);
	expect("500 loss sink 11\n");
	move(2);
	g.waiting = 0;
	move(3);
	expect("3 loss sink 12\n" MOVE(3));
}

static void test_summary_has_them(void **state)
{
	const struct tct_summary ev = { .mono_ns = 9, .lost = 5, .losses = { [TCT_LOSS_RING] = 5 } };

	(void)state;
	g.waiting = ROOM;
	move(1);
	g.sink.summary(g.sink.ctx, &ev);
	expect("9 loss sink 1\n");
	assert_int_equal(g.summary.lost, 6);
	assert_int_equal(g.summary.losses[TCT_LOSS_RING], 5);
	assert_int_equal(g.summary.losses[TCT_LOSS_SINK], 1);
}

static void test_no_bound(void **state)
{
	(void)state;
	g.gate.room = 0;
	g.waiting = SIZE_MAX;
	move(1);
	assert_true(tct_gate_admits(&g.gate, 2));
	expect(MOVE(1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_pass_while_there_is_room),
		TEST(test_stream_stops_and_goes_on),
		TEST(test_all_kinds_of_the_stream),
		TEST(test_losses_and_findings),
		TEST(test_losses_are_told_at_times),
		TEST(test_losses_are_told_in_time),
		TEST(test_told_without_the_stream),
		TEST(test_losses_of_one_place_add_up),
		TEST(test_summary_has_them),
		TEST(test_no_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
