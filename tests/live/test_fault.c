// SPDX-License-Identifier: GPL-2.0
/* What goes wrong around the tracer: it goes on, says so, and is right again afterwards. */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "audits.h"
#include "child.h"
#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "finding.h"
#include "fixture.h"
#include "memcg.h"
#include "netns.h"
#include "path.h"
#include "preload.h"
#include "programs.h"
#include "sockets.h"
#include "storm.h"
#include "tracer.h"

#define HERE "/proc/self/ns/net"
#define PATIENCE_MS TRACER_PATIENCE_MS
#define ADDRESS "127.0.31.1"
#define BOUND 500
#define OLD 10			/* pairs that are half closed when it starts */
#define OPEN 990		/* ... and open */
#define LATER 100
#define CROWD 6000		/* pairs, more than a mirror's piece of memory */
#define ASLEEP_S 10
#define THRESHOLD_S 3
/* orphans that other tests have left in namespaces of theirs are stuck indeed */
#define CLOSE_WAIT_ONLY "close-wait=3s,fin-wait1=off,fin-wait2=off,last-ack=off,closing=off,syn-recv=off"
#define MISSED_LOAD 2000	/* connections that a ring of 64 KiB cannot hold */
#define SHIFT_S 3600
#define SECOND_NS 1000000000
#define CGROUP_BYTES (24 << 20)
#define COMERS 3		/* processes whose namespaces come and go */
#define GONE_MAX 1000		/* namespaces of each */
#define AUDITS 20

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Pairs over one listener, which stays. */
struct pool {
	int listener;
	int count;
	struct { int client, server; } pairs[CROWD];
};

static struct pool pool;

static void pool_open(void)
{
	pool.listener = sockets_listen(ADDRESS, 0, 64);
	pool.count = 0;
}

static void pool_add(int count)
{
	uint16_t port = sockets_end(pool.listener).lport;

	for (; count; count--, pool.count++) {
		int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		fatal_unless(client >= 0 && !sockets_connect(client, ADDRESS, port), "connect");
		pool.pairs[pool.count].client = client;
		pool.pairs[pool.count].server = accept4(pool.listener, NULL, NULL, SOCK_CLOEXEC);
		fatal_unless(pool.pairs[pool.count].server >= 0, "accept");
	}
}

/* All but the first `keep`, without a TIME_WAIT. */
static void pool_drop(int keep)
{
	while (pool.count > keep) {
		pool.count--;
		sockets_abort(pool.pairs[pool.count].client);
		close(pool.pairs[pool.count].server);
	}
}

static void pool_close(void)
{
	pool_drop(0);
	if (pool.listener)
		close(pool.listener);
	pool.listener = 0;
}

/* Also what a test that failed had left. */
static int stop(void **state)
{
	int err = fixture_stop(state);

	preload_close();
	pool_close();
	memcg_close();
	return err;
}

static bool is_loss_of_mirror(const json_t *event, const void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "loss") && event_has_text(event, "where", "mirror");
}

static int64_t lost_in(const json_t *summary, const char *where)
{
	return event_number(event_part(summary, "lost_in"), where);
}

/* The stuck ones are there, the rest is counted to the last one and comes when there is room. */
static void test_at_the_bound(void **state)
{
	const json_t *audit;
	struct tracer *t;

	netns_enter();
	pool_open();
	pool_add(OLD + OPEN);
	for (int i = 0; i < OLD; i++)
		shutdown(pool.pairs[i].client, SHUT_WR);
	*state = t = tracer_start(ARGS("--max-sockets", "500", "--netns", HERE, "--audit", "off",
				       "--stuck=close-wait=1s"));
	assert_int_equal(event_number(tracer_ready(t), "mirrored"), BOUND);
	/* it opens with the first that is due */
	finding_wait(t, (struct finding_wanted){ .state = "CLOSE_WAIT", .count = OLD });
	pool_add(LATER);
	audit = audits_ask(t);
	audits_print(audit);
	assert_int_equal(audits_drift(audit), 0);
	assert_int_equal(event_number(audit, "kernel"), 2 * (OLD + OPEN + LATER) + 1);
	assert_int_equal(event_number(audit, "mirrored"), BOUND);
	assert_int_equal(event_number(audit, "beyond"), 2 * (OLD + OPEN + LATER) + 1 - BOUND);
	pool_drop(OLD + LATER);
	audit = audits_ask(t);
	audits_print(audit);
	assert_int_equal(audits_drift(audit), 0);
	assert_true(event_number(audit, "seeded") > 0);
	assert_int_equal(event_number(audit, "mirrored"), 2 * (OLD + LATER) + 1);
	assert_int_equal(event_number(audit, "beyond"), 0);
	assert_int_equal(tracer_stop(t), 0);
	assert_int_equal(lost_in(tracer_summary(t), "mirror"),
			 2 * (OLD + OPEN + LATER) + 1 - BOUND);
	tracer_finish_losing(t, INT32_MAX);
}

/* Not one byte of data more than it has now, from the outside. */
static void limit_memory(const struct tracer *t, bool limited)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (limited)
		limit.rlim_cur = (rlim_t)tracer_memory_kb(t, "VmData") << 10;
	fatal_unless(!prlimit(tracer_pid(t), RLIMIT_DATA, &limit, NULL), "prlimit");
}

/* A cgroup's limit would have the kernel kill it: here malloc() fails, and it goes on. */
static void test_no_memory(void **state)
{
	const json_t *audit;
	struct tracer *t;
	int64_t seeded;

	if (getenv("TCT_SANITIZED"))
		fatal_skip("a sanitizer ends the program when there is no memory");
	netns_enter();
	pool_open();
	*state = t = tracer_start(ARGS("--netns", HERE, "--audit", "off", "-e", "time_wait,finding"));
	limit_memory(t, true);
	pool_add(CROWD);
	assert_non_null(tracer_wait(t, is_loss_of_mirror, NULL, PATIENCE_MS));
	limit_memory(t, false);
	audit = audits_ask(t);
	audits_print(audit);
	assert_int_equal(audits_drift(audit), 0);
	seeded = event_number(audit, "seeded");
	assert_int_equal(event_number(audit, "mirrored"), event_number(audit, "kernel"));
	tracer_finish_losing(t, INT32_MAX);
	assert_true(seeded > 0);
	assert_true(lost_in(tracer_summary(t), "mirror") >= seeded);
	assert_int_equal(lost_in(tracer_summary(t), "ring"), 0);
	pool_close();
}

/* What the kernel refuses is said in one line, and nothing stays. */
static void test_cgroup_is_full(void **state)
{
	struct command c;
	char said[512];
	int code;

	(void)state;
	memcg_open(CGROUP_BYTES);
	c = command_start(ARGS("--ring", "64M", "--json"), -1, memcg_join);
	code = command_wait(&c, PATIENCE_MS);
	command_text(c.err, said, sizeof(said));
	print_message("exit %d: %s\n", code, said);
	assert_int_equal(command_lines(c.out), 0);
	command_close(&c);
	memcg_close();
	if (code != -SIGKILL) {		/* a kernel that kills first says so itself */
		assert_int_equal(code, 1);
		assert_non_null(strstr(said, "memory"));
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	}
	assert_true(programs_settle(PATIENCE_MS));
}

static bool is_audit(const json_t *event, const void *complete)
{
	return event_has_text(event, "type", "audit") &&
	       event_flag(event, "complete") == *(const bool *)complete;
}

/* It opens nothing more: what cannot be read is said, and not taken for gone. */
static void test_no_descriptors(void **state)
{
	const struct rlimit none = { 3, 20000 }, some = { 1024, 20000 };
	const bool complete = true, incomplete = false;
	struct tracer *t;
	int64_t mirrored;

	netns_enter();
	pool_open();
	pool_add(OLD);
	*state = t = tracer_start(ARGS("--netns", HERE, "--audit", "100ms"));
	mirrored = event_number(tracer_ready(t), "mirrored");
	assert_non_null(tracer_wait(t, is_audit, &complete, PATIENCE_MS));
	fatal_unless(!prlimit(tracer_pid(t), RLIMIT_NOFILE, &none, NULL), "prlimit");
	assert_non_null(tracer_wait(t, is_audit, &incomplete, PATIENCE_MS));
	assert_int_equal(audits_drift(audits_ask(t)), 0);
	fatal_unless(!prlimit(tracer_pid(t), RLIMIT_NOFILE, &some, NULL), "prlimit");
	audits_expect_none(audits_ask(t), mirrored);
	tracer_finish(t);
}

static void nap(int seconds)
{
	struct timespec left = { .tv_sec = seconds };

	while (nanosleep(&left, &left))
		;
}

static struct end half_close(const struct pair *p)
{
	shutdown(p->client.fd, SHUT_WR);
	return p->server;
}

static void expect_confidence(struct tracer *t, const struct end *end, const char *confidence)
{
	const json_t *finding = finding_wait(t, (struct finding_wanted){ .cookie = end->cookie });

	assert_string_equal(event_text(finding, "confidence"), confidence);
}

/* As a host that was suspended. What lingered before and ended meanwhile is no finding. */
static void test_asleep(void **state)
{
	struct tracer *t;
	struct pair gone, missed, later;
	struct end stuck;

	netns_enter();
	*state = t = tracer_start(ARGS("--netns", HERE, "--ring", "64K", "--stuck=close-wait=3s",
				       "--audit", "off"));
	gone = sockets_pair("127.0.31.2");
	half_close(&gone);
	path_step(t, &gone.server, "CLOSE_WAIT");
	kill(tracer_pid(t), SIGSTOP);
	storm_run(MISSED_LOAD);
	close(gone.server.fd);
	close(gone.client.fd);
	nap(ASLEEP_S);		/* a sleep's length, no condition */
	missed = sockets_pair("127.0.31.3");
	half_close(&missed);
	kill(tracer_pid(t), SIGCONT);
	audits_print(audits_ask(t));
	audits_expect_none(audits_ask(t), 2);
	later = sockets_pair("127.0.31.4");
	stuck = half_close(&later);
	expect_confidence(t, &missed.server, "repaired");
	expect_confidence(t, &stuck, "exact");
	assert_int_equal(finding_count(t, (struct finding_wanted){ .cookie = gone.server.cookie }),
			 0);
	assert_int_equal(tracer_stop(t), 0);
	assert_true(lost_in(tracer_summary(t), "ring") > 0);
	assert_int_equal(event_number(tracer_summary(t), "attempts"),
			 event_number(tracer_summary(t), "received") +
				 lost_in(tracer_summary(t), "ring"));
	tracer_finish_losing(t, INT32_MAX);
}

/* One namespace after the other, with sockets in each that go with it. */
static void come_and_go(int link, void *arg)
{
	struct pollfd told = { .fd = link, .events = POLLIN };
	int turns = 0;

	(void)arg;
	for (; !poll(&told, 1, 0) && turns < GONE_MAX; turns++) {
		struct pair p;

		fatal_unless(!unshare(CLONE_NEWNET), "a namespace");
		netns_up();
		p = sockets_pair(ADDRESS);
		shutdown(p.client.fd, SHUT_WR);
		close(p.server.fd);
		if (turns % 2)
			close(p.client.fd);
		else
			sockets_abort(p.client.fd);
	}
	child_await(link);
	child_tell(link, &turns, sizeof(turns));
}

static int64_t drift_of(const struct tracer *t, const char *address)
{
	const json_t *event;
	int64_t count = 0;
	size_t i;

	json_array_foreach(tracer_events(t), i, event)
		count += event_has_text(event, "type", "difference") &&
			 event_has_text(event, "laddr", address);
	return count;
}

static bool keep_audits(const json_t *event, void *arg)
{
	(void)arg;
	return event_has_text(event, "type", "audit") ||
	       event_has_text(event, "type", "difference");
}

/* Read by handle, by name and by process while they are deleted: gone is gone, no fault of ours. */
static void test_namespaces_go_while_read(void **state)
{
	struct child children[COMERS];
	struct tracer *t;
	int gone = 0;

	*state = t = tracer_start_to_file(ARGS("--audit", "off", "-e", "time_wait,finding"), keep_audits,
					  NULL);
	for (int i = 0; i < COMERS; i++)
		children[i] = child_start(come_and_go, NULL);
	for (int i = 0; i < AUDITS; i++)
		audits_ask(t);
	for (int i = 0; i < COMERS; i++) {
		int turns;

		child_signal(children[i].link);
		child_hear(children[i].link, &turns, sizeof(turns));
		assert_int_equal(child_wait(&children[i]), 0);
		gone += turns;
	}
	print_message("%d audits while %d namespaces went, and one more:\n", AUDITS, gone);
	audits_print(audits_ask(t));
	assert_true(gone > AUDITS);
	assert_in_range(drift_of(t, ADDRESS), 0, TRACER_UNSEEN_MAX);
	assert_int_equal(tracer_said(t, "could not"), 0);
	tracer_finish_losing(t, INT32_MAX);
}

/* In a namespace of its own, which goes with it. */
static void linger(int link, void *arg)
{
	struct pair p;

	(void)arg;
	netns_enter();
	p = sockets_pair(ADDRESS);
	half_close(&p);
	child_tell(link, &p.server, sizeof(p.server));
	child_await(link);
}

static bool is_all_there(struct tracer *t, void *unused)
{
	const json_t *audit = audits_ask(t);

	(void)unused;
	audits_print(audit);
	return event_number(audit, "mirrored") == event_number(audit, "kernel");
}

/* That a namespace went, with all that lingered in it, was lost: none of it is stuck. */
static void test_namespace_goes_unseen(void **state)
{
	struct child child;
	struct tracer *t;
	struct end end;

	netns_enter();
	*state = t = tracer_start(ARGS("--ring", "64K", "--audit", "off", "--stuck", CLOSE_WAIT_ONLY));
	child = child_start(linger, NULL);
	child_hear(child.link, &end, sizeof(end));
	path_step(t, &end, "CLOSE_WAIT");
	kill(tracer_pid(t), SIGSTOP);
	storm_run(MISSED_LOAD);
	child_kill(&child);
	kill(tracer_pid(t), SIGCONT);
	assert_true(tracer_until(t, is_all_there, NULL, PATIENCE_MS));
	nap(THRESHOLD_S + 1);	/* past its threshold, no condition */
	audits_print(audits_ask(t));
	assert_int_equal(finding_count(t, (struct finding_wanted){ .cookie = end.cookie }), 0);
	assert_int_equal(tracer_stop(t), 0);
	assert_true(lost_in(tracer_summary(t), "ring") > 0);
	tracer_finish_losing(t, INT32_MAX);
}

/* The wall clock of the program alone: nobody else's is set. */
struct shift {
	char path[32];
	volatile int64_t *seconds;
};

static struct shift shift_open(void)
{
	struct shift shift = { .path = "/tmp/tct-shift-XXXXXX" };
	int fd;

	preload_open("clockshift.so");
	fd = mkstemp(shift.path);
	fatal_unless(fd >= 0 && !ftruncate(fd, sizeof(*shift.seconds)), shift.path);
	shift.seconds = mmap(NULL, sizeof(*shift.seconds), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			     0);
	fatal_unless(shift.seconds != MAP_FAILED, "mmap");
	close(fd);
	setenv("CLOCKSHIFT", shift.path, 1);
	return shift;
}

static void shift_close(struct shift *shift)
{
	munmap((void *)shift->seconds, sizeof(*shift->seconds));
	unlink(shift->path);
}

/* Seconds of the day; the test is not about midnight. */
static int seconds_of(const json_t *event)
{
	int hours, minutes, seconds;

	fatal_unless(sscanf(strchr(event_text(event, "ts"), 'T'), "T%d:%d:%d", &hours, &minutes,
			    &seconds) == 3, "ts");
	return (hours * 60 + minutes) * 60 + seconds;
}

/* It looks at the clock with each batch, and what is in that is of the time before. */
static bool has_seen_the_clock(struct tracer *t, void *unused)
{
	(void)unused;
	close(sockets_listen(ADDRESS, 0, 1));
	return tracer_said(t, "the wall clock was set by +3600");
}

static void test_clock_is_set(void **state)
{
	const json_t *before, *after, *finding;
	struct shift shift;
	struct tracer *t;
	struct pair p;
	int64_t moved_ns;

	netns_enter();
	shift = shift_open();
	*state = t = tracer_start(ARGS("--netns", HERE, "--stuck=close-wait=2s"));
	preload_close();
	p = sockets_pair("127.0.31.5");
	before = path_step(t, &p.server, "ESTABLISHED");
	*shift.seconds = SHIFT_S;
	assert_true(tracer_until(t, has_seen_the_clock, NULL, PATIENCE_MS));
	half_close(&p);
	after = path_step(t, &p.server, "CLOSE_WAIT");
	moved_ns = event_number(after, "mono_ns") - event_number(before, "mono_ns");
	assert_in_range(moved_ns, 0, 2 * (int64_t)SECOND_NS);
	assert_in_range((seconds_of(after) - seconds_of(before) + 86400) % 86400, SHIFT_S,
			SHIFT_S + 2);
	assert_int_equal(tracer_said(t, "the wall clock was set by +3600"), 1);
	finding = finding_wait(t, (struct finding_wanted){ .cookie = p.server.cookie });
	assert_in_range(event_number(finding, "oldest_ns"), 2 * (int64_t)SECOND_NS,
			10 * (int64_t)SECOND_NS);
	*shift.seconds = 0;
	close(p.client.fd);
	close(p.server.fd);
	path_step(t, &p.server, "CLOSE");
	tracer_finish(t);
	assert_int_equal(tracer_said(t, "the wall clock was set by"), 2);
	shift_close(&shift);
}

#define FAULT_TEST(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, stop, (void *)#test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(test_at_the_bound),
		FAULT_TEST(test_no_memory),
		FAULT_TEST(test_no_descriptors),
		FAULT_TEST(test_cgroup_is_full),
		FAULT_TEST(test_namespaces_go_while_read),
		FAULT_TEST(test_namespace_goes_unseen),
		FAULT_TEST(test_clock_is_set),
		FAULT_TEST(test_asleep),
	};
	const struct rlimit files = { 2 * CROWD + 256, 20000 };

	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &files);
	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
