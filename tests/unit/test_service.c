// SPDX-License-Identifier: GPL-2.0
/* What an operator calls the holder of a socket. */
#include "test.h"

#include <string.h>
#include "../../user/core/service.h"
#include "sample.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void expect(const char *cgroup, const char *comm, const char *name)
{
	char out[TCT_SERVICE_LEN];

	tct_service_name(cgroup, comm, out);
	assert_string_equal(out, name);
}

static void test_unit(void **state)
{
	(void)state;
	expect("/system.slice/nginx.service", "nginx", "nginx.service");
	expect("/system.slice/system-postgresql.slice/postgresql@15-main.service", "postgres",
	       "postgresql@15-main.service");
	expect("/system.slice/redis.service/workers/3", "redis", "redis.service");
	expect("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service", "node",
	       "web.service");
}

/* systemd starts one of these for each connection: addresses and ports make no series. */
static void test_instances_of_connections(void **state)
{
	(void)state;
	expect("/system.slice/system-ssh.slice/ssh@3-10.0.0.1:22-10.0.0.2:40000.service", "sshd",
	       "ssh@.service");
	expect("/system.slice/echo@17-4242-0.service", "echo", "echo@.service");
	expect("/system.slice/redis@6379.service", "redis", "redis@6379.service");
}

static void test_program(void **state)
{
	(void)state;
	expect("/user.slice/user-1000.slice/session-3.scope", "python3", "python3");
	expect("/user.slice/user-1000.slice/user@1000.service/init.scope", "bash", "bash");
	expect("/", "init", "init");
	expect("", "orders", "orders");
	expect(NULL, "orders", "orders");
	expect(NULL, NULL, "?");
	expect(".service", "odd", "odd");
}

static void test_docker(void **state)
{
	(void)state;
	expect("/system.slice/docker-" ID ".scope", "java", "0123456789ab");
	expect("/docker/" ID, "java", "0123456789ab");
}

static void test_containerd(void **state)
{
	(void)state;
	expect("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12.slice/"
	       "cri-containerd-" ID ".scope", "java", "0123456789ab");
	expect("/kubepods/burstable/pod1234/" ID, "java", "0123456789ab");
	expect("/system.slice/containerd.service/kubepods-besteffort-pod1.slice:cri-containerd:" ID,
	       "java", "0123456789ab");
	expect("/system.slice/nerdctl-" ID ".scope", "java", "0123456789ab");
}

static void test_crio_and_podman(void **state)
{
	(void)state;
	expect("/kubepods.slice/kubepods-pod1.slice/crio-" ID ".scope", "java", "0123456789ab");
	expect("/machine.slice/libpod-" ID ".scope/container", "java", "0123456789ab");
	expect("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", "java",
	       "0123456789ab");
}

/* What only looks like an id is none. */
static void test_no_container(void **state)
{
	(void)state;
	expect("/docker/0123456789abcdef", "java", "java");
	expect("/docker/" ID "0", "java", "java");
	expect("/docker-" ID "x.scope", "java", "java");
	expect("/a:b", "java", "java");
}

static void test_too_long(void **state)
{
	char cgroup[300], out[TCT_SERVICE_LEN];

	(void)state;
	memset(cgroup, 'x', sizeof(cgroup));
	strcpy(cgroup + sizeof(cgroup) - sizeof(".service"), ".service");
	cgroup[0] = '/';
	tct_service_name(cgroup, "x", out);
	assert_int_equal(strlen(out), TCT_SERVICE_LEN - 1);
	memcpy(cgroup + 280, "@1:2:3", 6);
	tct_service_name(cgroup, "x", out);
	assert_int_equal(strlen(out), TCT_SERVICE_LEN - 1);
}

/* The one with most sockets speaks for all. */
static void test_of_a_finding(void **state)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holders[] = {
		{ .pid = 1, .count = 3, .comm = "few", .cgroup = NULL },
		{ .pid = 2, .count = 30, .comm = "many", .cgroup = "/system.slice/web.service" },
	};
	char out[TCT_SERVICE_LEN];

	(void)state;
	tct_service_of(&ev, out);
	assert_string_equal(out, TCT_SERVICE_NONE);
	ev.holders = holders;
	ev.holder_count = 2;
	tct_service_of(&ev, out);
	assert_string_equal(out, "web.service");
	assert_ptr_equal(tct_service_holder(&ev), &holders[1]);
}

/* Whoever names a program or a cgroup: what is no printable ASCII is shown as what it is not. */
static void test_hostile_names(void **state)
{
	(void)state;
	expect(NULL, "a\nb\tc\x7f\xff", "a?b?c??");
	expect(NULL, "\"} 1\\", "\"} 1\\");
	expect("/system.slice/a\nb.service", "x", "a?b.service");
	expect("/system.slice/a@1:\n.service", "x", "a@.service");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unit),
		cmocka_unit_test(test_instances_of_connections),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_docker),
		cmocka_unit_test(test_containerd),
		cmocka_unit_test(test_crio_and_podman),
		cmocka_unit_test(test_no_container),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_of_a_finding),
		cmocka_unit_test(test_hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
