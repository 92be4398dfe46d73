// SPDX-License-Identifier: GPL-2.0
/* Sockets that were there before us, in every network namespace, whatever holds it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "finding.h"
#include "fixture.h"
#include "mounts.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

#define ADDRESS "127.0.21.1"
#define PATIENCE_MS 15000
#define EXIT_FINDINGS 3
#define REQUESTS 3
#define NSFS_ROOT (-10003)	/* FD_NSFS_ROOT */
#define LOOKS 20	/* at namespaces that come and go */

/*
 * Below those that the kernel chooses. What is left of a test stays there for minutes: the next run
 * of this program takes others.
 */
static uint16_t port_of(int test)
{
	return (uint16_t)(20000 + getpid() % 1000 * 10 + test);
}

/* One connection for each state of the server's end. */
struct scene {
	uint16_t port;
	int listener;
	struct pair open, half, orphan;
	int late;		/* the client of an end in FIN_WAIT2 */
};

static struct pair connection(const struct scene *s)
{
	struct pair p;
	int fd = sockets_open(AF_INET, 0);

	fatal_unless(!sockets_connect(fd, ADDRESS, s->port), "connect");
	p.server = sockets_accept(s->listener);
	p.client = sockets_end(fd);
	return p;
}

/* Afterwards what is sent gets lost: nothing changes any more. */
static void loopback_down(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	fatal_unless(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo), "lo down");
	close(fd);
}

/*
 * In a namespace of its own: LISTEN, ESTABLISHED, CLOSE_WAIT, an orphan in FIN_WAIT1, mini-sockets
 * in FIN_WAIT2 and TIME_WAIT.
 */
static void scene_open(struct scene *s)
{
	struct pair p;

	netns_enter();
	s->listener = sockets_listen(ADDRESS, s->port, 8);
	p = connection(s);
	sockets_close_in_order(&p.server, &p.client);
	p = connection(s);
	close(p.server.fd);
	sockets_wait_mini(&p.server, TCP_FIN_WAIT2);
	s->late = p.client.fd;
	s->open = connection(s);
	s->half = connection(s);
	shutdown(s->half.client.fd, SHUT_WR);
	sockets_wait_state(s->half.server.fd, TCP_CLOSE_WAIT);
	s->orphan = connection(s);
	loopback_down();
	close(s->orphan.server.fd);
}

/* Two orphans in FIN_WAIT1, one in LAST_ACK, and the mini-sockets are left. */
static void scene_close_all(const struct scene *s)
{
	const int fds[] = { s->listener, s->open.client.fd, s->open.server.fd, s->half.client.fd,
			    s->half.server.fd, s->orphan.client.fd, s->late };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		close(fds[i]);
}

static const char *const of_open[] = { "LISTEN", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT1",
				       "FIN_WAIT2", "TIME_WAIT", NULL };
static const char *const of_closed[] = { "FIN_WAIT1", "FIN_WAIT1", "LAST_ACK", "FIN_WAIT2",
					 "TIME_WAIT", NULL };

static int64_t count_of(const char *const states[], const char *state)
{
	int64_t count = 0;

	for (; *states; states++)
		count += !strcmp(*states, state);
	return count;
}

static int64_t length_of(const char *const states[])
{
	int64_t count = 0;

	while (states[count])
		count++;
	return count;
}

/* What a tracer that starts now finds at the scene's port. */
static struct tracer *start_expecting(uint16_t port, const char *const states[])
{
	char text[8];
	const char *const args[] = { "-L", text, NULL };
	const json_t *ready, *count;
	struct tracer *t;
	const char *state;

	snprintf(text, sizeof(text), "%u", port);
	t = tracer_start(args);
	ready = tracer_ready(t);
	json_object_foreach(event_part(ready, "by_state"), state, count) {
		if (json_integer_value(count) != count_of(states, state))
			fail_msg("%lld in %s", json_integer_value(count), state);
	}
	assert_int_equal(event_number(ready, "mirrored"), length_of(states));
	assert_true(event_number(ready, "namespaces") >= 2);
	return t;
}

/* The tracer holds no namespace when it has read it. */
static bool holds_a_namespace(pid_t pid)
{
	char path[64], to[64];
	const struct dirent *entry;
	bool found = false;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	fatal_unless(dir, "opendir");
	while ((entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, to, sizeof(to) - 1);
		to[len > 0 ? len : 0] = '\0';
		found |= !strncmp(to, "net:[", 5);
	}
	closedir(dir);
	return found;
}

static void expect_all(void **state, void (*part)(int link, void *arg), uint16_t port,
		       const char *const states[])
{
	struct child holder = child_start(part, &port);
	struct tracer *t;

	child_await(holder.link);
	*state = t = start_expecting(port, states);
	assert_false(holds_a_namespace(tracer_pid(t)));
	tracer_finish(t);
	child_kill(&holder);
}

static void say_and_stay(int link)
{
	child_signal(link);
	child_await(link);
}

static void be_in_it(int link, void *arg)
{
	struct scene s = { .port = *(uint16_t *)arg };

	scene_open(&s);
	scene_close_all(&s);
	say_and_stay(link);
}

static void test_held_by_a_process(void **state)
{
	expect_all(state, be_in_it, port_of(1), of_closed);
}

static void *stay(void *arg)
{
	child_await(*(int *)arg);
	return NULL;
}

/* A thread goes where its creator is, and stays there when that one leaves. */
static void have_a_thread_in_it(int link, void *arg)
{
	struct scene s = { .port = *(uint16_t *)arg };
	pthread_t thread;

	scene_open(&s);
	fatal_unless(!pthread_create(&thread, NULL, stay, &link), "pthread_create");
	scene_close_all(&s);
	netns_leave();
	child_signal(link);
	pthread_join(thread, NULL);
}

static void test_held_by_a_thread(void **state)
{
	expect_all(state, have_a_thread_in_it, port_of(2), of_closed);
}

static void have_it_open(int link, void *arg)
{
	struct scene s = { .port = *(uint16_t *)arg };

	scene_open(&s);
	fatal_unless(open("/proc/self/ns/net", O_RDONLY) >= 0, "open");
	scene_close_all(&s);
	netns_leave();
	say_and_stay(link);
}

static void test_held_by_a_descriptor(void **state)
{
	expect_all(state, have_it_open, port_of(3), of_closed);
}

static void have_sockets_in_it(int link, void *arg)
{
	struct scene s = { .port = *(uint16_t *)arg };

	scene_open(&s);
	netns_leave();
	say_and_stay(link);
}

static void test_held_by_sockets(void **state)
{
	expect_all(state, have_sockets_in_it, port_of(4), of_open);
}

static void bind_here(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0);

	fatal_unless(fd >= 0, path);
	close(fd);
	fatal_unless(!mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL), "bind");
}

/* Where only those in its mount namespace see it, under a name with a space. */
static void have_it_mounted(int link, void *arg)
{
	struct scene s = { .port = *(uint16_t *)arg };

	fatal_unless(mounts_private(), "unshare");
	fatal_unless(!mount("none", "/mnt", "tmpfs", 0, NULL), "tmpfs");
	scene_open(&s);
	bind_here("/mnt/blue red");
	scene_close_all(&s);
	netns_leave();
	say_and_stay(link);
}

static void test_held_by_a_mount_elsewhere(void **state)
{
	expect_all(state, have_it_mounted, port_of(5), of_closed);
}

static char named[64];	/* below /run/netns; "" while there is none */

static void name_it(int link, void *arg)
{
	struct scene s = { .port = *(uint16_t *)arg };

	scene_open(&s);
	bind_here(named);
	scene_close_all(&s);
	child_signal(link);
}

static int remove_name(void **state)
{
	if (named[0]) {
		umount2(named, MNT_DETACH);
		unlink(named);
	}
	named[0] = '\0';
	return fixture_stop(state);
}

static void test_held_by_its_name(void **state)
{
	uint16_t port = port_of(6);
	struct child maker;

	mkdir("/run/netns", 0755);
	snprintf(named, sizeof(named), "/run/netns/tct-%d", getpid());
	maker = child_start(name_it, &port);
	child_await(maker.link);
	assert_int_equal(child_wait(&maker), 0);
	*state = start_expecting(port, of_closed);
	tracer_finish(*state);
}

/* A handle opens it where the kernel makes them of namespaces (6.18). */
static bool has_handles(void)
{
	struct {
		struct file_handle header;
		char rest[MAX_HANDLE_SZ];
	} handle = { .header.handle_bytes = MAX_HANDLE_SZ };
	int mount, fd = -1;

	if (!name_to_handle_at(AT_FDCWD, "/proc/self/ns/net", &handle.header, &mount,
			       AT_SYMLINK_FOLLOW))
		fd = open_by_handle_at(NSFS_ROOT, &handle.header, O_RDONLY);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void leave_orphans_in_it(int link, void *arg)
{
	struct scene s = { .port = *(uint16_t *)arg };

	(void)link;
	scene_open(&s);
	scene_close_all(&s);
}

static void test_held_by_orphans(void **state)
{
	uint16_t port = port_of(9);
	struct child maker;

	if (!has_handles())
		skip();
	maker = child_start(leave_orphans_in_it, &port);
	assert_int_equal(child_wait(&maker), 0);
	*state = start_expecting(port, of_closed);
	tracer_finish(*state);
}

/* Connected, as the clients see it; to the server requests until they send something. */
static void have_requests_in_it(int link, void *arg)
{
	uint16_t port = *(uint16_t *)arg;
	int listener, i, wait_s = 60;

	netns_enter();
	listener = sockets_listen(ADDRESS, port, 8);
	fatal_unless(!setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &wait_s, sizeof(wait_s)),
		     "TCP_DEFER_ACCEPT");
	for (i = 0; i < REQUESTS; i++)
		fatal_unless(!sockets_connect(sockets_open(AF_INET, 0), ADDRESS, port), "connect");
	say_and_stay(link);
}

static void test_requests_are_counted(void **state)
{
	static const char *const expected[] = { "LISTEN", NULL };
	uint16_t port = port_of(8);
	struct child holder = child_start(have_requests_in_it, &port);

	child_await(holder.link);
	*state = start_expecting(port, expected);
	assert_int_equal(event_number(tracer_ready(*state), "requests"), REQUESTS);
	tracer_finish(*state);
	child_kill(&holder);
}

/* What is stuck in some other namespace is found there, with who holds it. */
static void test_stuck_elsewhere(void **state)
{
	uint16_t port = port_of(7);
	struct child holder = child_start(have_sockets_in_it, &port);
	json_t *finding;

	(void)state;
	child_await(holder.link);
	finding = finding_stuck("close-wait=1ms", (struct finding_wanted){
		.lport = port, .count = 1, .state = "CLOSE_WAIT" });
	assert_int_equal(event_number(json_array_get(event_part(finding, "owners"), 0), "pid"),
			 holder.pid);
	json_decref(finding);
	child_kill(&holder);
}

/* Namespaces, each with a socket, as fast as the kernel makes them. */
static void come_and_go(int link, void *arg)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	(void)arg;
	for (int i = 0;; i++) {
		fatal_unless(!unshare(CLONE_NEWNET), "unshare");
		close(sockets_listen("0.0.0.0", 0, 1));
		fatal_unless(!setns(home, CLONE_NEWNET), "setns");
		if (i == 1)
			child_signal(link);
	}
}

static void test_namespaces_that_come_and_go(void **state)
{
	const char *const args[] = { "stuck", "--older-than", "1h", "--json", NULL };
	struct child maker = child_start(come_and_go, NULL);
	struct command c;
	int i, code;

	(void)state;
	child_await(maker.link);
	for (i = 0; i < LOOKS; i++) {
		code = command_run(&c, args, PATIENCE_MS);
		assert_true(!code || code == EXIT_FINDINGS);
		assert_false(command_said(c.err, "network namespace"));
		assert_false(command_said(c.err, "failed"));
		command_close(&c);
	}
	child_kill(&maker);
}

#define NAMED(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, remove_name, (void *)#test)

/* From here on neither this program nor what it starts opens anything by a handle. */
static void forget_handles(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open_by_handle_at, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	fatal_unless(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");
	assert_false(has_handles());
}

static void test_without_handles(void **state)
{
	(void)state;
	forget_handles();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_held_by_a_process),
		LIVE_TEST_ALONE(test_held_by_a_thread),
		LIVE_TEST_ALONE(test_held_by_a_descriptor),
		LIVE_TEST_ALONE(test_held_by_sockets),
		LIVE_TEST_ALONE(test_held_by_a_mount_elsewhere),
		NAMED(test_held_by_its_name),
		LIVE_TEST_ALONE(test_held_by_orphans),
		LIVE_TEST_ALONE(test_requests_are_counted),
		LIVE_TEST_ALONE(test_stuck_elsewhere),
		LIVE_TEST_ALONE(test_namespaces_that_come_and_go),
		/* the last ones: it cannot be undone */
		cmocka_unit_test(test_without_handles),
		LIVE_TEST_ALONE(test_held_by_a_process),
		LIVE_TEST_ALONE(test_held_by_a_descriptor),
		LIVE_TEST_ALONE(test_held_by_sockets),
		LIVE_TEST_ALONE(test_held_by_a_mount_elsewhere),
		NAMED(test_held_by_its_name),
		LIVE_TEST_ALONE(test_namespaces_that_come_and_go),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("namespaces", tests, NULL, NULL);
}
