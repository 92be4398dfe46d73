// SPDX-License-Identifier: GPL-2.0
/* The cgroup of a process, as hosts of any age show it. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/source/target.h"

/* `wanted` is NULL: it has none. */
static void expect(const char *content, const char *wanted)
{
	FILE *in = fmemopen((void *)content, strlen(content), "r");
	char *got = tct_target_cgroup_read(in);

	fclose(in);
	if (wanted) {
		assert_non_null(got);
		assert_string_equal(got, wanted);
	} else {
		assert_null(got);
	}
	free(got);
}

static void test_version_2(void **state)
{
	(void)state;
	expect("0::/system.slice/nginx.service\n", "/system.slice/nginx.service");
	expect("0::/\n", "/");
	expect("0::/a:b\n", "/a:b");
}

/* The hierarchies of controllers are somebody's choice, systemd's own is not. */
static void test_version_1(void **state)
{
	(void)state;
	expect("9:memory:/elsewhere\n1:name=systemd:/system.slice/nginx.service\n",
	       "/system.slice/nginx.service");
	expect("9:memory:/elsewhere\n8:pids:/\n", NULL);
	expect("1:name=systemd2:/a\n2:name=system:/b\n", NULL);
}

static void test_both(void **state)
{
	(void)state;
	expect("9:memory:/m\n1:name=systemd:/docker/id\n0::/system.slice/docker.service\n",
	       "/system.slice/docker.service");
	expect("9:memory:/m\n1:name=systemd:/docker/id\n0::/\n", "/docker/id");
	expect("0::/\n9:memory:/m\n", "/");
}

static void test_nonsense(void **state)
{
	(void)state;
	expect("\n", NULL);
	expect("0\n0:\n::\n:\n", NULL);
	expect("name=systemd:/a\n", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_2),
		cmocka_unit_test(test_version_1),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
