// SPDX-License-Identifier: GPL-2.0
/* What a process's cgroups leave it of the machine's memory. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../user/source/memory.h"

#define PATH_ROOM 256

/* A directory with what /proc and the hierarchies of cgroups would have. */
static char dir[32];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/tct-memory-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char line[64];

	(void)state;
	snprintf(line, sizeof(line), "rm -r %s", dir);
	return system(line);
}

static const char *path_of(const char *name)
{
	static char paths[2][PATH_ROOM];
	static int turn;

	turn = !turn;
	snprintf(paths[turn], PATH_ROOM, "%s/%s", dir, name);
	return paths[turn];
}

static void make(const char *name)
{
	assert_int_equal(mkdir(path_of(name), 0700), 0);
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Mounts at v1 (two hierarchies) and v2 below the directory. */
static void put_mounts(void)
{
	char text[4 * PATH_ROOM];

	snprintf(text, sizeof(text), "proc /proc proc rw 0 0\ncgroup %s/cpu cgroup rw,cpu 0 0\n"
		 "cgroup %s/v1 cgroup rw,nosuid,memory 0 0\ncgroup2 %s/v2 cgroup2 rw 0 0\n", dir,
		 dir, dir);
	put("mounts", text);
}

static uint64_t limit(void)
{
	return tct_memory_limit(path_of("cgroup"), path_of("mounts"));
}

static void test_none(void **state)
{
	(void)state;
	assert_int_equal(limit(), UINT64_MAX);		/* no files at all */
	put_mounts();
	put("cgroup", "");
	assert_int_equal(limit(), UINT64_MAX);
	make("v2");
	make("v2/a");
	put("cgroup", "0::/a\n");
	assert_int_equal(limit(), UINT64_MAX);		/* no controller there */
	put("v2/a/memory.max", "max\n");
	assert_int_equal(limit(), UINT64_MAX);
}

static void test_second_version(void **state)
{
	(void)state;
	put_mounts();
	make("v2");
	make("v2/a");
	make("v2/a/b");
	put("cgroup", "0::/a/b\n");
	put("v2/a/b/memory.max", "5000\n");
	assert_int_equal(limit(), 5000);
	put("v2/a/memory.max", "3000\n");
	assert_int_equal(limit(), 3000);		/* one above it has less */
	put("v2/a/memory.max", "7000\n");
	assert_int_equal(limit(), 5000);
}

/* In a container the root that it sees has the limit, whatever it is below that. */
static void test_root_of_a_container(void **state)
{
	(void)state;
	put_mounts();
	make("v2");
	put("v2/memory.max", "9000\n");
	put("cgroup", "0::/\n");
	assert_int_equal(limit(), 9000);
	put("cgroup", "0::/init.scope\n");
	assert_int_equal(limit(), 9000);
	put("cgroup", "0::/../../not/to/be/seen\n");
	assert_int_equal(limit(), 9000);
}

static void test_first_version(void **state)
{
	(void)state;
	put_mounts();
	make("cpu");
	make("v1");
	make("v1/a");
	put("cpu/memory.limit_in_bytes", "1\n");	/* none of its files */
	put("v1/memory.limit_in_bytes", "9223372036854771712\n");
	put("v1/a/memory.limit_in_bytes", "4000\n");
	put("cgroup", "5:cpu:/\n4:cpuset,memory:/a\n0::/\n");
	assert_int_equal(limit(), 4000);
	put("cgroup", "4:memory:/\n0::/\n");
	assert_int_equal(limit(), 9223372036854771712u);
	put("cgroup", "4:name=memory:/a\n");
	assert_int_equal(limit(), UINT64_MAX);
}

static void test_both(void **state)
{
	(void)state;
	put_mounts();
	make("v1");
	make("v2");
	put("v1/memory.limit_in_bytes", "4000\n");
	put("v2/memory.max", "6000\n");
	put("cgroup", "4:memory:/\n0::/\n");
	assert_int_equal(limit(), 4000);
	put("v2/memory.max", "2000\n");
	assert_int_equal(limit(), 2000);
}

static void test_of_this_process(void **state)
{
	(void)state;
	assert_in_range(tct_memory_bytes(), 1 << 20, UINT64_MAX - 1);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(test_none),
		IN_DIR(test_second_version),
		IN_DIR(test_root_of_a_container),
		IN_DIR(test_first_version),
		IN_DIR(test_both),
		cmocka_unit_test(test_of_this_process),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
