// SPDX-License-Identifier: GPL-2.0
/* What is left of privileges; each test in a child of its own. */
#include "test.h"

#include <cap-ng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../user/serve/privileges.h"
#include "../../user/source/privilege.h"
#include "../../user/source/workers.h"

static void in_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* In a child an assertion has nobody to tell. */
static void expect(bool is_true, const char *what)
{
	if (is_true)
		return;
	fprintf(stderr, "not so: %s\n", what);
	_exit(1);
}

static unsigned long long field(const char *name)
{
	FILE *in = fopen("/proc/thread-self/status", "re");
	unsigned long long value = ~0ull;
	char line[256];

	while (fgets(line, sizeof(line), in)) {
		if (!strncmp(line, name, strlen(name)))
			value = strtoull(line + strlen(name) + 1, NULL, 16);
	}
	fclose(in);
	return value;
}

/* Before Linux 6.2 the number of a process's descriptors has to be counted. */
static unsigned long long kept(void)
{
	struct stat st;

	stat("/proc/self/fd", &st);
	return 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_PTRACE |
	       (st.st_size ? 0 : 1ull << CAP_DAC_READ_SEARCH);
}

static void drop(void)
{
	unsigned long long had = field("CapPrm");
	char names[256];

	expect(!tct_privileges_drop(), "dropped");
	expect(field("CapPrm") == (had & kept()), "permitted");
	expect(field("CapEff") == (had & kept()), "effective");
	expect(!field("CapInh"), "inheritable");
	expect(!field("CapAmb"), "ambient");
	expect(!(field("CapBnd") & ~kept()), "bounding");
	expect(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no new privileges");
	tct_privileges_name(names, sizeof(names));
	expect(strstr(names, "sys_admin") || !(had >> CAP_SYS_ADMIN & 1), "names");
	expect(!strstr(names, "net_raw"), "names of others");
	/* again, as after a mistake: there is nothing left to do */
	expect(!tct_privileges_drop(), "dropped again");
}

static bool is_root(void)
{
	return !geteuid() && field("CapEff") >> CAP_SETPCAP & 1;
}

static void test_drop(void **state)
{
	(void)state;
	if (!is_root()) {
		puts("needs root");
		skip();
	}
	in_child(drop);
}

/* As a unit with User= and AmbientCapabilities= starts it. */
static void drop_as_other(void)
{
	capng_clear(CAPNG_SELECT_ALL);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE |
		      CAPNG_BOUNDING_SET, CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE, -1);
	expect(!capng_change_id(65534, 65534, CAPNG_DROP_SUPP_GRP), "another user");
	expect(!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_PERFMON, 0, 0), "ambient");
	expect(!tct_privilege_missing(false), "enough to attach");
	expect(!strcmp(tct_privilege_missing(true), "CAP_SYS_ADMIN"), "not for a namespace");
	expect(!tct_privileges_drop(), "dropped");
	expect(field("CapPrm") == (1ull << CAP_BPF | 1ull << CAP_SYS_PTRACE), "permitted");
	expect(!field("CapAmb"), "ambient");
	expect(!strcmp(tct_privilege_missing(false), "CAP_PERFMON"), "not again");
}

static void test_drop_as_other(void **state)
{
	(void)state;
	if (!is_root()) {
		puts("needs root");
		skip();
	}
	in_child(drop_as_other);
}

static unsigned long long seen[2];

static void look(void *ctx)
{
	(void)ctx;
	seen[0] = field("CapPrm");
	seen[1] = field("SigBlk");
}

static void test_run_without(void **state)
{
	unsigned long long had = field("CapPrm");

	(void)state;
	seen[0] = 1;
	assert_int_equal(tct_privileges_run_without(look, NULL), 0);
	assert_int_equal(seen[0], had & 1ull << CAP_NET_BIND_SERVICE);
	assert_int_equal(seen[1] >> 14 & 1, 1);	/* SIGTERM */
	assert_int_equal(field("CapPrm"), had);
}

static unsigned long long of_part[2];

static void look_at_part(void *ctx, unsigned int part)
{
	(void)ctx;
	of_part[part] = field("CapPrm");
}

/* Those that read rings beside the first. */
static void test_workers(void **state)
{
	struct tct_workers *workers = tct_workers_new(2, look_at_part, NULL);

	(void)state;
	of_part[1] = 1;
	tct_workers_run(workers);
	assert_int_equal(of_part[0], field("CapPrm"));
	assert_int_equal(of_part[1], 0);
	tct_workers_free(workers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_drop_as_other),
		cmocka_unit_test(test_run_without),
		cmocka_unit_test(test_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
