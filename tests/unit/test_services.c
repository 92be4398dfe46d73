// SPDX-License-Identifier: GPL-2.0
/* Names of services as label values: never more than allowed. */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include "../../user/sink/services.h"

#define HOUR (3600 * SECOND)

static uint32_t take(struct tct_services *services, const char *name, uint64_t now_ns)
{
	return tct_services_take(services, name, TCT_CLOSE_WAIT, now_ns);
}

static void test_a_name_has_one_place(void **state)
{
	struct tct_services *services = *state;
	uint32_t web = take(services, "web", 1);

	assert_int_not_equal(web, TCT_SERVICES_OTHER);
	assert_int_not_equal(take(services, "db", 1), web);
	assert_int_equal(take(services, "web", 1), web);
	assert_string_equal(services->slots[web].name, "web");
	assert_int_equal(services->slots[web].users, 2);
	assert_int_equal(services->folded, 0);
}

/* 10,000 names make no more series than were asked for. */
static void test_too_many_are_other(void **state)
{
	struct tct_services *services = *state;
	char name[TCT_SERVICE_LEN];

	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "unit-%d.service", i);
		assert_int_equal(take(services, name, 1),
				 i < 3 ? (uint32_t)i + 1 : TCT_SERVICES_OTHER);
	}
	assert_int_equal(services->count, 4);
	assert_int_equal(services->folded, 10000 - 3);
	assert_string_equal(services->slots[TCT_SERVICES_OTHER].name, "other");
}

static void test_one_that_nothing_uses_makes_room(void **state)
{
	struct tct_services *services = *state;
	uint32_t place;

	take(services, "a", 0);
	place = take(services, "b", 0);
	take(services, "c", 0);
	assert_int_equal(take(services, "d", 5 * HOUR), TCT_SERVICES_OTHER);
	tct_services_drop(services, place, 5 * HOUR);
	assert_int_equal(take(services, "d", 6 * HOUR - 1), TCT_SERVICES_OTHER);
	assert_int_equal(take(services, "b", 6 * HOUR - 1), place);
	tct_services_drop(services, place, 6 * HOUR);
	assert_int_equal(take(services, "d", 7 * HOUR), place);
	assert_string_equal(services->slots[place].name, "d");
	assert_int_equal(services->slots[place].users, 1);
}

static void test_a_program_called_other(void **state)
{
	struct tct_services *services = *state;

	assert_int_equal(take(services, "other", 1), TCT_SERVICES_OTHER);
	assert_int_equal(services->folded, 0);
	assert_int_equal(services->count, 1);
}

/* One that became `other` stays what it was counted as, until there is room. */
static void test_moves(void **state)
{
	struct tct_services *services = *state;
	uint32_t web = take(services, "web", 1);

	assert_int_equal(tct_services_move(services, web, "db", TCT_LAST_ACK, 2), 2);
	assert_int_equal(services->slots[web].users, 0);
	assert_int_equal(services->slots[2].users, 1);
	assert_int_equal(services->slots[2].states, 1u << TCT_LAST_ACK);
	take(services, "c", 2);
	assert_int_equal(take(services, "d", 2), TCT_SERVICES_OTHER);
	assert_int_equal(tct_services_move(services, TCT_SERVICES_OTHER, "d", TCT_CLOSE_WAIT, 3),
			 TCT_SERVICES_OTHER);
	assert_int_equal(services->folded, 1);
	assert_int_equal(services->slots[TCT_SERVICES_OTHER].users, 1);
	assert_int_equal(tct_services_move(services, TCT_SERVICES_OTHER, "d", TCT_CLOSE_WAIT,
					   3 * HOUR), web);
	assert_int_equal(services->slots[TCT_SERVICES_OTHER].users, 0);
}

static int set_up(void **state)
{
	static struct tct_services services;

	*state = &services;
	return tct_services_init(&services, 3);
}

static int tear_down(void **state)
{
	tct_services_fini(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_name_has_one_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_many_are_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_that_nothing_uses_makes_room, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_program_called_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_moves, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
