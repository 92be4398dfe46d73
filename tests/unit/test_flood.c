// SPDX-License-Identifier: GPL-2.0
/* When the stream is thinned and when it is full again: series of batches, as a reader has them. */
#include "test.h"

#include <string.h>
#include "../../user/core/flood.h"

#define MS (SECOND / 1000)
#define BATCH_MS 10
#define ROOM 65536
#define FAST 1000	/* events a batch */
#define SLOW 100

/* A reader that looks every BATCH_MS. */
struct series {
	struct tct_flood_watch watch;
	struct tct_flood_look look;
	int begun, ended;
	uint64_t begun_ns, ended_ns, start_ns;
};

static struct series series(void)
{
	struct series s = { .look = { .now_ns = 100 * SECOND, .room = ROOM } };

	s.start_ns = s.look.now_ns;
	tct_flood_see(&s.watch, &s.look);
	return s;
}

static void see(struct series *s)
{
	switch (tct_flood_see(&s->watch, &s->look)) {
	case TCT_FLOOD_BEGINS:
		s->begun++;
		s->begun_ns = s->look.now_ns;
		break;
	case TCT_FLOOD_ENDS:
		s->ended++;
		s->ended_ns = s->look.now_ns;
		break;
	case TCT_FLOOD_AS_BEFORE:
		break;
	}
}

/* For so long, each batch brings so many events, loses and leaves that. */
static void run(struct series *s, int ms, uint64_t events, uint64_t lost, uint64_t waiting)
{
	for (int t = 0; t < ms; t += BATCH_MS) {
		s->look.now_ns += BATCH_MS * MS;
		s->look.attempts += events;
		s->look.lost += lost;
		s->look.waiting = waiting;
		see(s);
	}
}

static void expect(const struct series *s, int begun, int ended)
{
	assert_int_equal(s->begun, begun);
	assert_int_equal(s->ended, ended);
	assert_int_equal(s->watch.on, begun > ended);
}

static void test_load_without_loss_is_none(void **state)
{
	struct series s = series();

	(void)state;
	run(&s, 60000, FAST, 0, ROOM / 2);
	expect(&s, 0, 0);
}

static void test_loss_that_lasts(void **state)
{
	struct series s = series();

	(void)state;
	run(&s, 900, FAST, 1, 0);
	expect(&s, 0, 0);
	run(&s, 300, FAST, 1, 0);
	expect(&s, 1, 0);
	assert_in_range(s.begun_ns - s.start_ns, SECOND, SECOND + 2 * BATCH_MS * MS);
}

static void test_full_ring_that_lasts(void **state)
{
	struct series s = series();

	(void)state;
	run(&s, 1200, FAST, 0, ROOM / 2 + 1);
	expect(&s, 1, 0);
}

/* A reader that was stopped for ten seconds finds much lost at once, and nothing after. */
static void test_one_loss(void **state)
{
	struct series s = series();

	(void)state;
	run(&s, 1000, SLOW, 0, 0);
	s.look.now_ns += 10 * SECOND;
	run(&s, BATCH_MS, FAST, 50 * FAST, ROOM);
	run(&s, 5000, SLOW, 0, 0);
	expect(&s, 0, 0);
}

/* Losses half a second apart are bursts; a tenth of a second apart they last. */
static void test_bursts(void **state)
{
	struct series s = series();

	(void)state;
	for (int i = 0; i < 20; i++) {
		run(&s, BATCH_MS, FAST, 1, 0);
		run(&s, 500, SLOW, 0, 0);
	}
	expect(&s, 0, 0);
	for (int i = 0; i < 20; i++) {
		run(&s, BATCH_MS, FAST, 1, 0);
		run(&s, 100, SLOW, 0, 0);
	}
	expect(&s, 1, 0);
}

static void test_over_when_calm(void **state)
{
	struct series s = series();

	(void)state;
	run(&s, 2000, FAST, 10, 0);
	run(&s, 8000, FAST, 0, 0);
	expect(&s, 1, 0);	/* as many as before: the full stream had no room for them */
	run(&s, 2500, SLOW, 0, 0);
	expect(&s, 1, 0);
	run(&s, 2500, SLOW, 0, 0);
	expect(&s, 1, 1);
}

/* It has to be calm for three seconds on end, and nothing may be lost. */
static void test_not_over_in_between(void **state)
{
	struct series s = series();

	(void)state;
	run(&s, 2000, FAST, 10, 0);
	for (int i = 0; i < 10; i++) {
		run(&s, 2000, SLOW, 0, 0);
		run(&s, 1000, FAST, 0, 0);
	}
	expect(&s, 1, 0);
	for (int i = 0; i < 10; i++) {
		run(&s, 2000, SLOW, 0, 0);
		run(&s, BATCH_MS, SLOW, 1, 0);
	}
	expect(&s, 1, 0);
}

static void test_half_of_the_rate_is_calm(void **state)
{
	struct series s = series();

	(void)state;
	run(&s, 2000, FAST, 10, 0);
	run(&s, 10000, FAST * 6 / 10, 0, 0);
	expect(&s, 1, 0);
	run(&s, 5000, FAST * 4 / 10, 0, 0);
	expect(&s, 1, 1);
}

/* The quiet before it is not the rate that it begins with. */
static void test_begins_after_a_long_quiet(void **state)
{
	struct series s = series();

	(void)state;
	s.look.now_ns += 1000 * SECOND;
	run(&s, 1500, FAST, 1, 0);
	expect(&s, 1, 0);
	assert_in_range(s.watch.limit, FAST * 45, FAST * 55);
}

static void test_never_twice_in_ten_seconds(void **state)
{
	struct series s = series();
	uint64_t first_ns = 0;

	(void)state;
	run(&s, 1500, FAST, 10, 0);
	first_ns = s.begun_ns;
	run(&s, 5000, SLOW, 0, 0);
	expect(&s, 1, 1);
	run(&s, 3000, FAST, 10, 0);
	expect(&s, 1, 1);
	run(&s, 3000, FAST, 10, 0);
	expect(&s, 2, 1);
	assert_true(s.begun_ns - first_ns >= 10 * SECOND);
}

/* On an idle host no batch comes: it asks to be looked at, and sees one long calm window. */
static void test_over_on_an_idle_host(void **state)
{
	struct series s = series();

	(void)state;
	assert_int_equal(tct_flood_deadline(&s.watch), UINT64_MAX);
	run(&s, 1500, FAST, 10, 0);
	for (int i = 0; i < 10 && s.watch.on; i++) {
		assert_in_range(tct_flood_deadline(&s.watch), s.look.now_ns,
				s.look.now_ns + SECOND);
		s.look.now_ns = tct_flood_deadline(&s.watch);
		see(&s);
	}
	expect(&s, 1, 1);
	assert_in_range(s.ended_ns - s.begun_ns, 3 * SECOND, 6 * SECOND);
	assert_int_equal(tct_flood_deadline(&s.watch), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load_without_loss_is_none),
		cmocka_unit_test(test_loss_that_lasts),
		cmocka_unit_test(test_full_ring_that_lasts),
		cmocka_unit_test(test_one_loss),
		cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_over_when_calm),
		cmocka_unit_test(test_not_over_in_between),
		cmocka_unit_test(test_half_of_the_rate_is_calm),
		cmocka_unit_test(test_begins_after_a_long_quiet),
		cmocka_unit_test(test_never_twice_in_ten_seconds),
		cmocka_unit_test(test_over_on_an_idle_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
