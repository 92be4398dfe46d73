// SPDX-License-Identifier: GPL-2.0
/* A namespace is left out only when the kernel says that it has no TCP socket. */
#include "test.h"

#include "../../user/source/sockstat.h"

static void test_none(void **state)
{
	static const char *const lines[] = {
		"sockets: used 14\n", "UDP: inuse 3 mem 2\n", "FRAG6: inuse 1 memory 0\n",
		"TCP: inuse 0 orphan 5 tw 0 alloc 7 mem 346\n",	/* all but two are the host's */
		"TCP6: inuse 0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(tct_sockstat_line_has_tcp(lines[i]));
}

static void test_some(void **state)
{
	static const char *const lines[] = {
		"TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 346\n",
		"TCP: inuse 0 orphan 0 tw 1 alloc 0 mem 0\n",
		"TCP6: inuse 12\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_true(tct_sockstat_line_has_tcp(lines[i]));
}

static void test_what_it_cannot_read_is_no_proof(void **state)
{
	(void)state;
	assert_true(tct_sockstat_line_has_tcp("TCP: used 0\n"));
	assert_true(tct_sockstat_line_has_tcp("TCP: inuse 0 orphan 0\n"));
	assert_true(tct_sockstat_line_has_tcp("TCP6:\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_some),
		cmocka_unit_test(test_what_it_cannot_read_is_no_proof),
	};

	return cmocka_run_group_tests_name("sockstat", tests, NULL, NULL);
}
