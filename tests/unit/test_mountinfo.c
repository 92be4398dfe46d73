// SPDX-License-Identifier: GPL-2.0
/* Which lines of /proc/PID/mountinfo are network namespaces. */
#include "test.h"

#include <stdio.h>

#include "../../user/source/mountinfo.h"

static uint32_t parse(const char *text, char line[256], char **path)
{
	snprintf(line, 256, "%s", text);
	*path = NULL;
	return tct_mountinfo_netns(line, path);
}

static void test_a_name_of_ip_netns(void **state)
{
	char line[256], *path;

	(void)state;
	assert_int_equal(parse("36 25 0:4 net:[4026532265] /run/netns/blue rw shared:7 - nsfs nsfs "
			       "rw\n", line, &path), 4026532265);
	assert_string_equal(path, "/run/netns/blue");
	assert_int_equal(parse("36 25 0:4 net:[7] /x rw - nsfs nsfs rw\n", line, &path), 7);
	assert_string_equal(path, "/x");
}

static void test_escapes(void **state)
{
	char line[256], *path;

	(void)state;
	assert_int_equal(parse("1 2 0:4 net:[7] /a\\040b\\134040\\011\\012\\08\\ rw - nsfs nsfs rw\n",
			       line, &path), 7);
	assert_string_equal(path, "/a b\\040\t\n\\08\\");
}

static void test_others(void **state)
{
	static const char *const lines[] = {
		"36 25 0:4 mnt:[4026532265] /run/snapd/ns/x.mnt rw - nsfs nsfs rw\n",
		"36 25 0:4 / / rw - ext4 /dev/vda rw\n",
		"36 25 0:4 net:[7] /tmp/ rw - ext4 nsfs rw\n",
		"36 25 0:4 net:[] /x rw - nsfs nsfs rw\n",
		"36 25 0:4 net:[99999999999] /x rw - nsfs nsfs rw\n",
		"36 25 0:4 net:[7 /x rw - nsfs nsfs rw\n",
		" - nsfs \n", "", "\n", "36 25\n",
	};
	char line[256], *path;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i], line, &path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_name_of_ip_netns),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests_name("mountinfo", tests, NULL, NULL);
}
