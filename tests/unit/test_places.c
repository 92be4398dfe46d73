// SPDX-License-Identifier: GPL-2.0
/* Each place is kept once, however many sockets are there, and no longer than they are. */
#include "test.h"

#include <string.h>
#include <sys/socket.h>

#include "../../user/core/places.h"

#define MANY 5000

static int setup(void **state)
{
	static struct tct_places places;

	assert_int_equal(tct_places_init(&places), 0);
	*state = &places;
	return 0;
}

static int teardown(void **state)
{
	tct_places_fini(*state);
	return 0;
}

static uint32_t take(struct tct_places *places, uint32_t netns, uint8_t family, uint32_t address)
{
	uint8_t laddr[16] = { 0 };

	memcpy(laddr, &address, sizeof(address));
	return tct_places_take(places, netns, family, laddr);
}

static void test_same(void **state)
{
	uint32_t first = take(*state, 1, AF_INET, 7);

	assert_int_not_equal(first, 0);
	assert_int_equal(take(*state, 1, AF_INET, 7), first);
	assert_int_not_equal(take(*state, 2, AF_INET, 7), first);
	assert_int_not_equal(take(*state, 1, AF_INET6, 7), first);
	assert_int_not_equal(take(*state, 1, AF_INET, 8), first);
	assert_int_equal(tct_places_get(*state, first)->netns, 1);
	assert_int_equal(tct_places_get(*state, first)->family, AF_INET);
	assert_int_equal(tct_places_get(*state, first)->laddr[0], 7);
}

static void test_nowhere(void **state)
{
	assert_int_equal(tct_places_get(*state, 0)->netns, 0);
	assert_int_equal(tct_places_get(*state, 0)->family, 0);
	tct_places_drop(*state, 0);
}

static void test_drop(void **state)
{
	struct tct_places *places = *state;
	uint32_t first = take(places, 1, AF_INET, 7);

	take(places, 1, AF_INET, 7);
	tct_places_drop(places, first);
	assert_int_equal(take(places, 1, AF_INET, 7), first);
	tct_places_drop(places, first);
	tct_places_drop(places, first);
	assert_int_equal(places->pool.live, 0);
	assert_int_equal(places->buckets.linked, 0);
	assert_int_not_equal(take(places, 3, AF_INET, 9), 0);
	assert_int_equal(places->pool.used, 2);
}

/* A host with as many local addresses as sockets: no chain is long. */
static void test_many(void **state)
{
	struct tct_places *places = *state;
	static uint32_t taken[MANY];

	for (uint32_t i = 0; i < MANY; i++)
		taken[i] = take(places, 1, AF_INET6, i);
	assert_int_equal(places->pool.live, MANY);
	assert_true(places->buckets.count * TCT_BUCKET_SLOTS / 2 >= MANY - 6);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(take(places, 1, AF_INET6, i), taken[i]);
		tct_places_drop(places, taken[i]);
		tct_places_drop(places, taken[i]);
	}
	assert_int_equal(places->pool.live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
