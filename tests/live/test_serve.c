// SPDX-License-Identifier: GPL-2.0
/* The daemon's figures: they are those of real sockets, and of whoever holds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "daemon.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "holder.h"
#include "http.h"
#include "mixed.h"
#include "netns.h"
#include "sockets.h"
#include "tally.h"
#include "tracer.h"

#define PATIENCE_MS DAEMON_PATIENCE_MS
#define QUICK "[stuck]\nclose-wait = 1s\n[trace]\naudit = off\n"
#define HELD 25
#define PAGED 230
#define MIXED 1500
#define CHILDREN 12
#define NAMES 5
#define WAITING 12

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct daemon *daemon_of_test;
static struct child holders[CHILDREN];
static char here[64];	/* this namespace alone: others beside us may leak, too */

static void start(const char *config)
{
	snprintf(here, sizeof(here), "net:[%llu]", (unsigned long long)netns_inode());
	daemon_of_test = daemon_start(config, ARGS("--netns", here));
}

static int stop(void **state)
{
	(void)state;
	for (int i = 0; i < CHILDREN; i++)
		child_kill(&holders[i]);
	daemon_free(daemon_of_test);
	daemon_of_test = NULL;
	holder_remove_cgroups();
	netns_leave();
	return 0;
}

static void finish(void)
{
	daemon_finish(daemon_of_test);
}

/* Of the one finding that is open; NULL: there is another number of them. */
static json_t *only_finding(void)
{
	json_t *root = http_json(daemon_port(daemon_of_test), "/api/v1/findings", 200);
	json_t *finding = json_array_get(event_part(root, "findings"), 0);

	if (event_number(root, "count") != 1)
		finding = NULL;
	json_incref(finding);
	json_decref(root);
	return finding;
}

static bool has_finding_of(const void *count)
{
	json_t *finding = only_finding();
	bool has = finding && event_has_number(finding, "count", *(const int *)count);

	json_decref(finding);
	return has;
}

static bool has_no_finding(const void *none)
{
	json_t *root = http_json(daemon_port(daemon_of_test), "/api/v1/findings", 200);
	bool has_none = event_number(root, "count") == 0 &&
			json_array_size(event_part(root, "findings")) == 0;

	(void)none;
	json_decref(root);
	return has_none;
}

static double findings_by(const char *text, const char *severity)
{
	char sample[128];

	snprintf(sample, sizeof(sample),
		 "tcpclose_findings{rule=\"stuck-close-wait\",severity=\"%s\"}", severity);
	return metrics_value(text, sample);
}

static void expect_leak(const json_t *finding)
{
	const json_t *owner = json_array_get(event_part(finding, "owners"), 0);
	char service[128], sample[256];
	char *text = daemon_metrics(daemon_of_test);

	assert_string_equal(event_text(finding, "rule"), "stuck-close-wait");
	assert_string_equal(event_text(finding, "state"), "CLOSE_WAIT");
	assert_string_equal(event_text(finding, "verdict"), "eof-not-read");
	assert_int_equal(event_number(owner, "pid"), holders[0].pid);
	assert_string_equal(event_text(owner, "comm"), "leaky");
	snprintf(service, sizeof(service), "%s", event_text(finding, "service"));
	snprintf(sample, sizeof(sample),
		 "tcpclose_stuck_sockets{state=\"CLOSE_WAIT\",service=\"%s\"}", service);
	assert_true(metrics_value(text, sample) == HELD);
	snprintf(sample, sizeof(sample), "tcpclose_close_wait_oldest_seconds{service=\"%s\"}",
		 service);
	assert_true(metrics_value(text, sample) >= 1);
	assert_true(metrics_value(text, sample) < 60);
	snprintf(sample, sizeof(sample), "tcpclose_finding_sockets{rule=\"stuck-close-wait\","
		 "severity=\"%s\",service=\"%s\"}", event_text(finding, "severity"), service);
	assert_true(metrics_value(text, sample) == HELD);
	assert_true(findings_by(text, "info") + findings_by(text, "warning") +
		    findings_by(text, "critical") == 1);
	snprintf(sample, sizeof(sample), "tcpclose_descriptors_open{service=\"%s\"}", service);
	assert_true(metrics_value(text, sample) > HELD);
	assert_true(metrics_value(text, "tcpclose_sockets{state=\"CLOSE_WAIT\"}") == HELD);
	free(text);
}

static void test_a_leak_comes_and_goes(void **state)
{
	static const int held = HELD;
	static const struct holder_wish wish = { .comm = "leaky", .count = HELD };
	json_t *finding;
	char *text;

	(void)state;
	start(QUICK);
	assert_true(has_no_finding(NULL));
	holders[0] = holder_start(&wish);
	assert_true(deadline_until(has_finding_of, &held, PATIENCE_MS));
	finding = only_finding();
	assert_non_null(finding);
	expect_leak(finding);
	json_decref(finding);
	holder_end(&holders[0]);
	assert_true(deadline_until(has_no_finding, NULL, PATIENCE_MS));
	text = daemon_metrics(daemon_of_test);
	assert_true(metrics_value(text, "tcpclose_sockets{state=\"CLOSE_WAIT\"}") == 0);
	assert_true(findings_by(text, "info") + findings_by(text, "warning") +
		    findings_by(text, "critical") == 0);
	assert_null(strstr(text, "\ntcpclose_close_wait_oldest_seconds{"));
	assert_null(strstr(text, "\ntcpclose_finding_sockets{"));
	assert_non_null(strstr(text, "\ntcpclose_stuck_sockets{state=\"CLOSE_WAIT\",service="));
	free(text);
	finish();
}

struct paged {
	struct pair pairs[PAGED];
	bool seen[PAGED];
	int count;
};

static void tick_off(struct paged *paged, const json_t *sock)
{
	int64_t cookie = event_number(sock, "cookie");

	for (int i = 0; i < PAGED; i++) {
		const struct end *end = &paged->pairs[i].server;

		if ((int64_t)end->cookie != cookie)
			continue;
		assert_false(paged->seen[i]);
		paged->seen[i] = true;
		paged->count++;
		assert_int_equal(event_number(sock, "lport"), end->lport);
		assert_int_equal(event_number(sock, "rport"), end->rport);
		assert_string_equal(event_text(sock, "laddr"), end->laddr);
		assert_string_equal(event_text(sock, "state"), "CLOSE_WAIT");
		assert_int_equal(event_number(sock, "netns"), end->netns);
		return;
	}
	fail_msg("cookie %lld is none of ours", (long long)cookie);
}

static bool all_are_mirrored(const void *none)
{
	json_t *root = http_json(daemon_port(daemon_of_test),
				 "/api/v1/sockets?state=close-wait&limit=1", 200);
	bool all = event_number(root, "total") == PAGED;

	(void)none;
	json_decref(root);
	return all;
}

/* Every socket of the state, each once, in pages; those that were there before us, and others. */
static void test_pages_of_sockets(void **state)
{
	static struct paged paged;
	char target[128] = "/api/v1/sockets?state=close-wait&limit=37";
	bool more = true;

	(void)state;
	for (int i = 0; i < PAGED; i++) {
		if (i == PAGED / 2)
			start("[trace]\nshards = 2\naudit = off\n");
		paged.pairs[i] = sockets_pair("127.0.0.1");
		close(paged.pairs[i].client.fd);
		sockets_wait_state(paged.pairs[i].server.fd, TCP_CLOSE_WAIT);
	}
	assert_true(deadline_until(all_are_mirrored, NULL, PATIENCE_MS));
	for (int pages = 0; more && pages < PAGED; pages++) {
		json_t *root = http_json(daemon_port(daemon_of_test), target, 200), *sock;
		size_t i;

		json_array_foreach(event_part(root, "sockets"), i, sock)
			tick_off(&paged, sock);
		more = !event_is_null(root, "next");
		if (more)
			snprintf(target, sizeof(target),
				 "/api/v1/sockets?state=close-wait&limit=37&after=%s",
				 event_text(root, "next"));
		json_decref(root);
	}
	assert_int_equal(paged.count, PAGED);
	for (int i = 0; i < PAGED; i++)
		close(paged.pairs[i].server.fd);
	finish();
}

/* In a namespace of its own, where no request is among what is counted. */
static void drive(int link, void *arg)
{
	uint64_t inode;

	netns_enter();
	inode = netns_inode();
	child_tell(link, &inode, sizeof(inode));
	child_await(link);
	mixed_drive(link, arg);
}

/*
 * Nothing has been told between two looks. What decides about a teardown may come 10 ms later, and
 * a tracer that ends before it does not know.
 */
static bool is_quiet(const void *none)
{
	static double last;
	double events = daemon_value(daemon_of_test, "tcpclose_events_total"), before = last;

	(void)none;
	last = events;
	return events > MIXED && events == before;
}

/* What a tracer beside it tells one by one: every edge, kind of teardown and end of TIME_WAIT. */
static void test_counts_are_those_of_a_tracer(void **state)
{
	struct mixed mixed = { .address = "127.0.0.1", .seed = 7, .connections = MIXED };
	struct child driver = child_start(drive, &mixed);
	json_t *counts = json_object();
	struct tracer *t;
	uint64_t inode;

	(void)state;
	holders[0] = driver;
	child_hear(driver.link, &inode, sizeof(inode));
	snprintf(here, sizeof(here), "net:[%llu]", (unsigned long long)inode);
	daemon_of_test = daemon_start("[trace]\naudit = off\n", ARGS("--netns", here));
	t = tracer_start_to_file(ARGS("--netns", here), tally_enter, counts);
	child_signal(driver.link);
	child_await(driver.link);
	child_signal(driver.link);
	assert_int_equal(child_wait(&holders[0]), 0);
	assert_true(deadline_until(is_quiet, NULL, PATIENCE_MS));
	tracer_finish(t);
	assert_true(json_object_size(counts) > 20);
	tally_expect(daemon_of_test, counts);
	tracer_free(t);
	json_decref(counts);
	finish();
}

static void expect_service(const char *service, double count)
{
	char sample[160];

	snprintf(sample, sizeof(sample),
		 "tcpclose_stuck_sockets{state=\"CLOSE_WAIT\",service=\"%s\"}", service);
	daemon_wait_value(daemon_of_test, sample, count);
}

#define ID_TAIL "3456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID(n) "ab" n ID_TAIL

/* Where engines keep their containers, and systemd its units. */
static void test_services_by_cgroup(void **state)
{
	static const struct {
		const char *cgroup;
		const char *service;
	} cases[] = {
		{ "system.slice/test-nginx.service", "test-nginx.service" },
		{ "system.slice/test-pool.service/workers", "test-pool.service" },
		{ "docker/" ID("1"), "ab13456789ab" },
		{ "system.slice/docker-" ID("2") ".scope", "ab23456789ab" },
		{ "kubepods.slice/kubepods-podabc.slice/cri-containerd-" ID("3") ".scope",
		  "ab33456789ab" },
		{ "kubepods.slice/kubepods-podabc.slice/crio-" ID("4") ".scope", "ab43456789ab" },
		{ "machine.slice/libpod-" ID("5") ".scope/container", "ab53456789ab" },
		{ "plain", "holder-7" },
	};

	(void)state;
	holder_cgroup("plain");
	start(QUICK);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct holder_wish wish = {
			.comm = "holder-7", .cgroup = holder_cgroup(cases[i].cgroup), .count = 1,
		};

		holders[i] = holder_start(&wish);
	}
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_service(cases[i].service, 1);
	for (size_t i = 0; i < COUNT(cases); i++)
		holder_end(&holders[i]);
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_service(cases[i].service, 0);
	finish();
}

/* Hostile names, too: each is one series, and the rest is `other`. */
static void test_too_many_services(void **state)
{
	char *text;
	int series = 0;

	(void)state;
	holder_cgroup("plain");
	start(QUICK "[metrics]\nmax-services = 5\n");
	for (int i = 0; i < CHILDREN; i++) {
		char comm[32];	/* cut to 15 characters */
		struct holder_wish wish = { comm, holder_cgroup("plain"), 2 };

		snprintf(comm, sizeof(comm), "%c\"\\\n{%d}", 'a' + i, i);
		holders[i] = holder_start(&wish);
	}
	expect_service("other", 2 * (CHILDREN - NAMES));
	text = daemon_metrics(daemon_of_test);
	for (const char *at = text; (at = strstr(at, "\ntcpclose_stuck_sockets{")); at++)
		series++;
	assert_int_equal(series, NAMES + 1);
	assert_true(metrics_value(text, "tcpclose_series_folded_total") == CHILDREN - NAMES);
	free(text);
	for (int i = 0; i < CHILDREN; i++)
		holder_end(&holders[i]);
	expect_service("other", 0);
	finish();
}

static const char *const label_keys[] = {
	"state", "from", "to", "le", "end", "kind", "closer", "service", "rule", "severity",
	"where", "prog", "code", "result", "version", "kernel", "set_state", "time_wait",
	"time_wait_end",
};

/* What may be a number, and does not come from a socket. */
static bool may_be_number(const char *key)
{
	return !strcmp(key, "le") || !strcmp(key, "code") || !strcmp(key, "kernel") ||
	       !strcmp(key, "version");
}

static void expect_bounded(const char *key, const char *value, const char *const *forbidden)
{
	size_t i = 0;

	while (i < COUNT(label_keys) && strcmp(label_keys[i], key))
		i++;
	if (i == COUNT(label_keys))
		fail_msg("a label %s=\"%s\"", key, value);
	for (i = 0; forbidden[i]; i++)
		if (!may_be_number(key) && strstr(value, forbidden[i]))
			fail_msg("%s=\"%s\" has %s in it", key, value, forbidden[i]);
}

/* A series for each pid, address or port would be the end of whoever stores them. */
static void test_labels_are_bounded(void **state)
{
	static const struct holder_wish wish = { .comm = "leaky", .count = 3 };
	static const int held = 3;
	char pid[16], lport[16], rport[16], key[64], value[256];
	const char *const forbidden[] = { pid, lport, rport, "127.0.", NULL };
	struct pair pair;
	char *text;

	(void)state;
	start(QUICK);
	holders[0] = holder_start(&wish);
	pair = sockets_pair("127.0.0.1");	/* the holder has none of these */
	assert_true(deadline_until(has_finding_of, &held, PATIENCE_MS));
	snprintf(pid, sizeof(pid), "%d", holders[0].pid);
	snprintf(lport, sizeof(lport), "%u", pair.client.lport);
	snprintf(rport, sizeof(rport), "%u", pair.client.rport);
	sockets_close_in_order(&pair.client, &pair.server);
	text = daemon_metrics(daemon_of_test);
	for (const char *at = text; (at = strpbrk(at, "{,\n"));) {
		at++;
		if (sscanf(at, "%63[a-z_]=\"%255[^\"]\"", key, value) == 2)
			expect_bounded(key, value, forbidden);
	}
	free(text);
	holder_end(&holders[0]);
	finish();
}

/* Of those that were there before us, and of others, towards one address and port. */
static void test_ports_in_time_wait(void **state)
{
	struct end listener;

	(void)state;
	netns_enter();	/* others' connections leave TIME_WAIT behind, too */
	listener = sockets_end(sockets_listen("127.0.0.3", 0, 8));
	for (int i = 0; i < WAITING; i++) {
		int client = sockets_open(AF_INET, 0);
		struct end ends[2];

		if (i == WAITING / 2)
			start("[trace]\naudit = off\n");
		fatal_unless(!sockets_connect(client, "127.0.0.3", listener.lport), "connect");
		ends[0] = sockets_end(client);
		ends[1] = sockets_accept(listener.fd);
		sockets_close_in_order(&ends[0], &ends[1]);
	}
	daemon_wait_value(daemon_of_test, "tcpclose_time_wait_ports_max", WAITING);
	assert_true(daemon_value(daemon_of_test, "tcpclose_ephemeral_ports") > 1000);
	close(listener.fd);
	finish();
}

#define TEST(test) cmocka_unit_test_teardown(test, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_leak_comes_and_goes),
		TEST(test_pages_of_sockets),
		TEST(test_counts_are_those_of_a_tracer),
		TEST(test_services_by_cgroup),
		TEST(test_too_many_services),
		TEST(test_labels_are_bounded),
		TEST(test_ports_in_time_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
