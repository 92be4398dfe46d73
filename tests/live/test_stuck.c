// SPDX-License-Identifier: GPL-2.0
/* Sockets that linger in CLOSE_WAIT: one finding for all of a process and port, its count, its
 * age, its owners, and its end. */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

#define LINGERING 9900
#define LINGERING_SLOW 500	/* where TCT_PATIENCE is above */
#define SLOW 10
#define EXIT_FINDINGS 3
#define AGE_SLACK_NS 100000000LL
#define STUCK_MS 1000		/* bound for slow machines; the goal is 200 */
#define PATIENCE_MS 15000

/* What the process that holds them is told: so many more; none means close all. */
struct order {
	int more;
};

/* What it answers. */
struct done {
	uint64_t first_ns;	/* when the first of this order lost its peer */
};

/*
 * A client's port stays taken for 60 s after it went away. A machine that needs longer to open them
 * all gives some ports out again, and the lingering end that still knows one is reset.
 */
static int lingering(void)
{
	return deadline_patience() > SLOW ? LINGERING_SLOW : LINGERING;
}

/* Each client goes away at once and leaves only the end that nobody closes. */
static void hold_more(const struct end *there, int *held, struct order order, struct done *done)
{
	int i, client;

	for (i = 0; i < order.more; i++) {
		client = socket(AF_INET, SOCK_STREAM, 0);
		fatal_unless(!sockets_connect(client, there->laddr, there->lport), "connect");
		held[i] = accept(there->fd, NULL, NULL);
		fatal_unless(held[i] >= 0, "accept");
		if (!i)
			done->first_ns = deadline_now_ns();
		close(client);
	}
}

static void hold(int link, void *arg)
{
	const struct end *there = arg;
	int held[LINGERING], count = 0, i;
	struct order order;
	struct done done;

	for (;;) {
		child_hear(link, &order, sizeof(order));
		hold_more(there, held + count, order, &done);
		count += order.more;
		for (i = 0; !order.more && i < count; i++)
			close(held[i]);
		child_tell(link, &done, sizeof(done));
	}
}

static struct done order(struct child *holder, int more)
{
	struct order order = { more };
	struct done done;

	child_tell(holder->link, &order, sizeof(order));
	child_hear(holder->link, &done, sizeof(done));
	return done;
}

struct wanted {
	uint16_t port;
	int64_t count;		/* -1 for any */
	const char *status;	/* NULL for any */
};

static bool is_wanted(const json_t *event, const void *arg)
{
	const struct wanted *want = arg;

	return event_has_text(event, "type", "finding") &&
	       event_has_number(event, "service_lport", want->port) &&
	       (want->count < 0 || event_has_number(event, "count", want->count)) &&
	       (!want->status || event_has_text(event, "status", want->status));
}

static const json_t *wait_finding(struct tracer *t, struct wanted want)
{
	const json_t *finding = tracer_wait(t, is_wanted, &want, PATIENCE_MS);

	if (!finding)
		fail_msg("no finding with count %" PRId64 ", status %s", want.count,
			 want.status ? want.status : "any");
	return finding;
}

static int count_findings(const struct tracer *t, struct wanted want)
{
	const json_t *event;
	int count = 0;
	size_t i;

	json_array_foreach(tracer_events(t), i, event)
		count += is_wanted(event, &want);
	return count;
}

static bool has_owner(const json_t *finding, pid_t pid)
{
	const json_t *owner;
	char comm[16];
	size_t i;

	prctl(PR_GET_NAME, comm);
	json_array_foreach(event_part(finding, "owners"), i, owner)
		if (event_has_number(owner, "pid", pid) && event_has_text(owner, "comm", comm))
			return true;
	return false;
}

static bool has_only_owner(const json_t *finding, pid_t pid)
{
	const json_t *owner;
	size_t i;

	json_array_foreach(event_part(finding, "owners"), i, owner)
		if (!event_has_number(owner, "pid", pid))
			return false;
	return has_owner(finding, pid);
}

/* The line of stdout with a finding of that port, or NULL. The caller drops the reference. */
static json_t *finding_in(FILE *out, uint16_t port)
{
	struct wanted want = { .port = port, .count = -1 };
	json_t *event = NULL;
	size_t room = 0;
	char *line = NULL;

	rewind(out);
	while (!event && getline(&line, &room, out) > 0) {
		event = json_loads(line, 0, NULL);
		if (event && !is_wanted(event, &want)) {
			json_decref(event);
			event = NULL;
		}
	}
	free(line);
	return event;
}

/* The one-shot command finds the same, and fast. */
static void expect_one_shot(const char *older_than, uint16_t port, int64_t count, pid_t pid)
{
	const char *const args[] = { "stuck", "--older-than", older_than, "--json", NULL };
	uint64_t start = deadline_now_ns(), took;
	const char *all[COMMAND_ARGS_MAX];
	struct command c;
	json_t *finding;
	int code;

	command_args(all, args);
	code = command_run(&c, all, PATIENCE_MS);
	took = deadline_now_ns() - start;
	print_message("stuck took %.3f s for %" PRId64 " sockets\n", took / 1e9, count);
	finding = finding_in(c.out, port);
	command_close(&c);
	assert_int_equal(code, EXIT_FINDINGS);
	assert_non_null(finding);
	assert_int_equal(event_number(finding, "count"), count);
	assert_string_equal(event_text(finding, "state"), "CLOSE_WAIT");
	assert_true(has_only_owner(finding, pid));
	json_decref(finding);
	assert_true(took < deadline_patience() * STUCK_MS * 1000000ULL);
}

static const char *const stuck_args[] = { "--stuck", "close-wait=2s", "-e", "finding", NULL };

static struct child start_holder(const char *address, struct end *there)
{
	struct child holder;

	*there = sockets_end(sockets_listen(address, 0, 64));
	holder = child_start(hold, there);
	close(there->fd);
	return holder;
}

static void expect_resolved(struct tracer *t, struct child *holder, uint16_t port)
{
	order(holder, 0);
	wait_finding(t, (struct wanted){ port, -1, "resolved" });
	assert_int_equal(count_findings(t, (struct wanted){ port, -1, "open" }), 1);
	assert_int_equal(count_findings(t, (struct wanted){ port, -1, "resolved" }), 1);
	child_kill(holder);
}

static void test_half_before_and_half_after_the_start(void **state)
{
	struct end there;
	struct child holder = start_holder("127.0.7.1", &there);
	const json_t *finding;
	struct tracer *t;

	order(&holder, lingering() / 2);
	*state = t = tracer_start(stuck_args);
	order(&holder, lingering() / 2);
	finding = wait_finding(t, (struct wanted){ there.lport, lingering(), NULL });
	assert_string_equal(event_text(finding, "state"), "CLOSE_WAIT");
	assert_true(has_only_owner(finding, holder.pid));
	expect_one_shot("1s", there.lport, lingering(), holder.pid);
	expect_resolved(t, &holder, there.lport);
	tracer_finish_but_unseen(t);
}

/*
 * Nobody has asked for their cookies yet: sockets and descriptors are read at the same time, and are
 * known to be the same all the same.
 */
static void test_first_look_of_all(void **state)
{
	struct end there;
	struct child holder = start_holder("127.0.7.4", &there);

	(void)state;
	order(&holder, lingering());
	expect_one_shot("1ms", there.lport, lingering(), holder.pid);
	order(&holder, 0);
	child_kill(&holder);
}

static void test_age_of_those_after_the_start(void **state)
{
	struct end there;
	struct child holder = start_holder("127.0.7.2", &there);
	const json_t *finding;
	struct tracer *t;
	uint64_t first;
	int64_t off;

	*state = t = tracer_start(stuck_args);
	first = order(&holder, lingering()).first_ns;
	finding = wait_finding(t, (struct wanted){ there.lport, lingering(), NULL });
	off = event_number(finding, "mono_ns") - first - event_number(finding, "oldest_ns");
	print_message("the oldest is %.3f ms off\n", off / 1e6);
	assert_true(llabs(off) < deadline_patience() * AGE_SLACK_NS);
	assert_true(has_only_owner(finding, holder.pid));
	expect_resolved(t, &holder, there.lport);
	tracer_finish_but_unseen(t);
}

static void keep_descriptor(int link, void *arg)
{
	(void)arg;
	child_await(link);
}

static void test_all_who_share_a_descriptor_are_owners(void **state)
{
	const char *const args[] = { "--stuck", "close-wait=1s", "-e", "finding", NULL };
	const json_t *finding;
	struct child other;
	struct tracer *t;
	struct pair p;

	*state = t = tracer_start(args);
	p = sockets_pair("127.0.7.3");
	other = child_start(keep_descriptor, NULL);
	shutdown(p.client.fd, SHUT_WR);
	finding = wait_finding(t, (struct wanted){ p.server.lport, 1, "open" });
	assert_true(has_owner(finding, getpid()));
	assert_true(has_owner(finding, other.pid));
	child_kill(&other);
	close(p.server.fd);
	close(p.client.fd);
	wait_finding(t, (struct wanted){ p.server.lport, -1, "resolved" });
	tracer_finish_but_unseen(t);
}

static void test_nothing_stuck_in_an_empty_namespace(void **state)
{
	const char *const args[] = { "stuck", "--netns", "/proc/self/ns/net", "--json", NULL };
	struct command c;

	(void)state;
	netns_enter();
	assert_int_equal(command_run(&c, args, PATIENCE_MS), 0);
	command_close(&c);
	netns_leave();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_half_before_and_half_after_the_start),
		LIVE_TEST_ALONE(test_first_look_of_all),
		LIVE_TEST_ALONE(test_age_of_those_after_the_start),
		LIVE_TEST_ALONE(test_all_who_share_a_descriptor_are_owners),
		LIVE_TEST_ALONE(test_nothing_stuck_in_an_empty_namespace),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("stuck", tests, NULL, NULL);
}
