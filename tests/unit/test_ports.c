// SPDX-License-Identifier: GPL-2.0
/* Local ports that TIME_WAIT keeps from one destination. */
#include "test.h"

#include "../../user/sink/ports.h"

static struct tct_subject to(uint32_t peer, uint16_t lport)
{
	struct tct_subject who = {
		.netns = 1, .tuple = { .family = 2, .lport = lport, .rport = 80, .laddr = { 10 } },
	};

	who.tuple.raddr[0] = (uint8_t)(peer >> 16);
	who.tuple.raddr[1] = (uint8_t)(peer >> 8);
	who.tuple.raddr[2] = (uint8_t)peer;
	return who;
}

static void enter(struct tct_ports *ports, uint32_t peer, uint16_t lport)
{
	const struct tct_subject who = to(peer, lport);

	tct_ports_enter(ports, &who);
}

static void leave(struct tct_ports *ports, uint32_t peer, uint16_t lport)
{
	const struct tct_subject who = to(peer, lport);

	tct_ports_leave(ports, &who);
}

static void test_the_most_of_one_destination(void **state)
{
	struct tct_ports *ports = *state;

	assert_int_equal(tct_ports_most(ports), 0);
	for (uint16_t i = 0; i < 5; i++)
		enter(ports, 1, 40000 + i);
	for (uint16_t i = 0; i < 3; i++)
		enter(ports, 2, 40000 + i);
	assert_int_equal(tct_ports_most(ports), 5);
	for (uint16_t i = 0; i < 4; i++)
		leave(ports, 1, 40000 + i);
	assert_int_equal(tct_ports_most(ports), 3);
}

/* A server's port, or one that a program chose, is not among those that run out. */
static void test_other_ports_do_not_count(void **state)
{
	struct tct_ports *ports = *state;

	enter(ports, 1, 443);
	enter(ports, 1, 61000);
	assert_int_equal(tct_ports_most(ports), 0);
}

/* Of one that was there before, only the end is seen. */
static void test_an_end_alone(void **state)
{
	struct tct_ports *ports = *state;

	leave(ports, 1, 40000);
	enter(ports, 1, 40000);
	assert_int_equal(tct_ports_most(ports), 1);
	leave(ports, 1, 40000);
	leave(ports, 1, 40000);
	enter(ports, 1, 40001);
	assert_int_equal(tct_ports_most(ports), 1);
}

static void test_destinations_find_no_room(void **state)
{
	struct tct_ports *ports = *state;

	for (uint32_t peer = 0; peer < TCT_PORTS_MAX + 10; peer++)
		enter(ports, peer, 40000);
	assert_int_equal(ports->untold, 10);
	assert_int_equal(ports->used, TCT_PORTS_MAX);
}

static void test_those_without_ports_make_room(void **state)
{
	struct tct_ports *ports = *state;

	for (uint32_t peer = 0; peer < TCT_PORTS_MAX; peer++)
		enter(ports, peer, 40000);
	enter(ports, 4000, 40001);
	for (uint32_t peer = 0; peer < TCT_PORTS_MAX / 2; peer++)
		leave(ports, peer, 40000);
	for (uint32_t peer = 10000; peer < 10000 + TCT_PORTS_MAX / 2; peer++)
		enter(ports, peer, 40000);
	assert_int_equal(ports->untold, 0);
	assert_int_equal(tct_ports_most(ports), 2);
	leave(ports, 4000, 40000);
	leave(ports, 4000, 40001);
	assert_int_equal(tct_ports_most(ports), 1);
}

static void test_counted_anew(void **state)
{
	struct tct_ports *ports = *state;

	for (uint32_t peer = 0; peer < TCT_PORTS_MAX; peer++)
		enter(ports, peer, 40000);
	tct_ports_clear(ports);
	assert_int_equal(tct_ports_most(ports), 0);
	leave(ports, 1, 40000);
	for (uint32_t peer = 10000; peer < 10000 + TCT_PORTS_MAX; peer++)
		enter(ports, peer, 40000);
	assert_int_equal(ports->untold, 0);
	assert_int_equal(tct_ports_most(ports), 1);
}

static int set_up(void **state)
{
	static struct tct_ports ports;

	*state = &ports;
	return tct_ports_init(&ports, 32768, 60999);
}

static int tear_down(void **state)
{
	tct_ports_fini(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_most_of_one_destination, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_ports_do_not_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_end_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_destinations_find_no_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_those_without_ports_make_room, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_counted_anew, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
