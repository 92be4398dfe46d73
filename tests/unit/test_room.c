// SPDX-License-Identifier: GPL-2.0
/* Descriptors for connections, within what the process may have. */
#include "test.h"

#include <sys/resource.h>
#include "../../user/serve/room.h"

static void set_limit(rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = { soft, hard };

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t soft(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	return limit.rlim_cur;
}

/* The hard limit only falls, so that this needs no privilege. */
static void test_room(void **state)
{
	(void)state;
	set_limit(500, 1000);
	assert_int_equal(tct_room_for(100), 100);
	assert_int_equal(soft(), 500);			/* it was enough */
	assert_int_equal(tct_room_for(600), 600);
	assert_int_equal(soft(), 600 + TCT_ROOM_OWN);	/* raised */
	assert_int_equal(tct_room_for(65535), 1000 - TCT_ROOM_OWN);
	assert_int_equal(soft(), 1000);			/* as far as that goes */
	set_limit(TCT_ROOM_OWN + 1, TCT_ROOM_OWN + 1);
	assert_int_equal(tct_room_for(10), 1);
	set_limit(100, 100);
	assert_int_equal(tct_room_for(10), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
