// SPDX-License-Identifier: GPL-2.0
/* --mode=summary beside the full stream, both of the same load: what they say must be the same. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "finding.h"
#include "fixture.h"
#include "mixed.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

#define CONNECTIONS 2000
#define KEPT 20
#define HELD 25
#define ROUNDS 20
#define STATES 13
#define OPENED_WITHIN_NS 500000000LL
#define NEAR_NS 200000		/* of a bucket's bound: the two programs read the clock in turn */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const names[STATES] = {
	"UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
	"CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
};

/* Counts by [from][to]. */
struct pairs {
	int64_t of[STATES][STATES];
};

static int number_of(const char *name)
{
	for (int i = 0; i < STATES; i++) {
		if (!strcmp(names[i], name))
			return i;
	}
	fail_msg("no state %s", name);
	return 0;
}

static char ours[32];

static struct tracer *start(const char *const more[])
{
	const char *args[12] = { NULL };
	size_t n = 0;

	snprintf(ours, sizeof(ours), "net:[%" PRIu64 "]", netns_inode());
	while (more[n]) {
		args[n] = more[n];
		n++;
	}
	args[n++] = "--netns";
	args[n] = ours;
	return tracer_start(args);
}

static void add(struct pairs *pairs, const json_t *event, int64_t count)
{
	pairs->of[number_of(event_text(event, "from"))][number_of(event_text(event, "to"))] +=
		count;
}

static struct pairs pairs_of_stream(const struct tracer *t)
{
	struct pairs pairs = { 0 };
	const json_t *event;
	size_t i;

	json_array_foreach(tracer_events(t), i, event) {
		if (event_has_text(event, "type", "transition"))
			add(&pairs, event, 1);
	}
	return pairs;
}

static struct pairs pairs_of_summary(const struct tracer *t)
{
	struct pairs pairs = { 0 };
	const json_t *row;
	size_t i;

	json_array_foreach(event_part(tracer_summary(t), "transitions"), i, row)
		add(&pairs, row, event_number(row, "count"));
	return pairs;
}

/* How many pairs differ; each is shown. */
static int differences(const struct pairs *a, const struct pairs *b)
{
	int count = 0;

	for (int from = 0; from < STATES; from++) {
		for (int to = 0; to < STATES; to++) {
			if (a->of[from][to] == b->of[from][to])
				continue;
			print_message("%s to %s: %" PRId64 " and %" PRId64 "\n", names[from],
				      names[to], a->of[from][to], b->of[from][to]);
			count++;
		}
	}
	return count;
}

static void load(void)
{
	struct mixed mixed = { "127.0.0.1", 4711, CONNECTIONS, KEPT };
	struct child child = child_start(mixed_drive, &mixed);

	child_await(child.link);
	child_signal(child.link);
	assert_int_equal(child_wait(&child), 0);
}

/* What is in the order of the bounds, of one series: the state that came next. */
struct series {
	int64_t count;
	int64_t upto[16];
	int64_t near[16];	/* so many of them are so close to the bound that they may be beyond */
};

static const double bounds_s[] = { 0.001, 0.01, 0.1, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400 };

static void observe(struct series *series, int64_t ns)
{
	series->count++;
	for (size_t i = 0; i < COUNT(bounds_s); i++) {
		int64_t beyond_ns = ns - (int64_t)(bounds_s[i] * 1e9);

		series->upto[i] += beyond_ns <= 0;
		series->near[i] += llabs(beyond_ns) < NEAR_NS;
	}
}

static struct series series_of_stream(const struct tracer *t, const char *from, const char *to)
{
	struct series series = { 0 };
	const json_t *event;
	size_t i;

	json_array_foreach(tracer_events(t), i, event) {
		if (event_has_text(event, "type", "transition") &&
		    event_has_text(event, "from", from) && event_has_text(event, "to", to) &&
		    !event_is_null(event, "dwell_ns"))
			observe(&series, event_number(event, "dwell_ns"));
	}
	return series;
}

static bool agrees(const struct series *series, const json_t *hist)
{
	json_t *buckets = event_part(hist, "buckets");

	if (event_number(hist, "count") != series->count)
		return false;
	for (size_t i = 0; i < COUNT(bounds_s); i++) {
		const json_t *bucket = json_array_get(buckets, i);
		int64_t apart = event_number(bucket, "count") - series->upto[i];

		if (llabs(apart) > series->near[i])
			return false;
	}
	return true;
}

/* Each series of a histogram; how many there were. */
static int expect_histograms(const struct tracer *hist, const struct tracer *stream)
{
	const json_t *event;
	int count = 0;
	size_t i;

	json_array_foreach(tracer_events(hist), i, event) {
		struct series series;

		if (!event_has_text(event, "type", "hist"))
			continue;
		series = series_of_stream(stream, event_text(event, "state"),
					  event_text(event, "to"));
		if (!agrees(&series, event))
			fail_msg("%s to %s: %" PRId64 " in the stream, %" PRId64 " counted",
				 event_text(event, "state"), event_text(event, "to"), series.count,
				 event_number(event, "count"));
		series.upto[0] += 1 + series.near[0];
		assert_false(agrees(&series, event));
		count++;
	}
	return count;
}

static void test_counts_are_those_of_the_stream(void **state)
{
	struct tracer *full, *summary, *established, *last_ack, *time_wait;
	struct pairs streamed, counted;

	netns_enter();
	*state = full = start((const char *const[]){ NULL });
	summary = start((const char *const[]){ "--mode=summary", NULL });
	established = start((const char *const[]){ "hist", "established", "--mode=summary", NULL });
	last_ack = start((const char *const[]){ "hist", "last-ack", "--mode=summary", NULL });
	time_wait = start((const char *const[]){ "hist", "time-wait", "--mode=summary", NULL });
	load();
	tracer_finish(full);
	tracer_finish(summary);
	tracer_finish(established);
	tracer_finish(last_ack);
	tracer_finish(time_wait);
	netns_leave();

	streamed = pairs_of_stream(full);
	counted = pairs_of_summary(summary);
	assert_true(streamed.of[1][4] > CONNECTIONS / 4);
	assert_int_equal(differences(&streamed, &counted), 0);
	assert_int_equal(event_number(tracer_summary(full), "transitions_total"),
			 event_number(tracer_summary(summary), "transitions_total"));
	assert_true(event_is_null(tracer_summary(summary), "teardowns"));
	assert_true(event_is_null(tracer_summary(time_wait), "teardowns"));
	assert_true(expect_histograms(established, full) >= 2);
	assert_true(expect_histograms(last_ack, full) >= 1);
	streamed.of[1][4]++;
	assert_int_equal(differences(&streamed, &counted), 1);
	tracer_free(summary);
	tracer_free(established);
	tracer_free(last_ack);
	tracer_free(time_wait);
}

/* Ends that their peers have left, until told to close them. */
static void hold(int link, void *arg)
{
	const struct end *there = arg;
	int held[HELD];

	child_await(link);
	for (int i = 0; i < HELD; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);

		fatal_unless(!sockets_connect(client, there->laddr, there->lport), "connect");
		held[i] = accept(there->fd, NULL, NULL);
		fatal_unless(held[i] >= 0, "accept");
		close(client);
	}
	child_signal(link);
	child_await(link);
	for (int i = 0; i < HELD; i++)
		close(held[i]);
	child_signal(link);
}

static struct finding_wanted wanted(const struct end *there, const char *status, int count)
{
	return (struct finding_wanted){ .lport = there->lport, .state = "CLOSE_WAIT",
					.status = status, .count = count };
}

static int64_t first_owner(const json_t *finding)
{
	return event_number(json_array_get(event_part(finding, "owners"), 0), "pid");
}

/* The last one that has all of them: it may have opened with the first. */
static const json_t *all_held(struct tracer *t, const struct end *there)
{
	return finding_wait(t, wanted(there, NULL, HELD));
}

static void expect_same_finding(struct tracer *full, struct tracer *summary,
				const struct end *there, pid_t holder)
{
	const json_t *a = finding_wait(full, wanted(there, "open", 0));
	const json_t *b = finding_wait(summary, wanted(there, "open", 0));

	assert_true(llabs(event_number(a, "mono_ns") - event_number(b, "mono_ns")) <
		    OPENED_WITHIN_NS * deadline_patience());
	a = all_held(full, there);
	b = all_held(summary, there);
	assert_int_equal(first_owner(a), holder);
	assert_int_equal(first_owner(b), holder);
	assert_string_equal(event_text(a, "verdict"), event_text(b, "verdict"));
	assert_string_equal(event_text(b, "confidence"), "exact");
	assert_true(llabs(event_number(a, "oldest_ns") - event_number(b, "oldest_ns") -
			  event_number(a, "mono_ns") + event_number(b, "mono_ns")) < NEAR_NS * 10);
}

static void test_findings_are_those_of_the_stream(void **state)
{
	static const char *const thresholds = "--stuck=close-wait=1500ms";
	struct tracer *full, *summary;
	struct child holder;
	struct end there;

	netns_enter();
	there = sockets_end(sockets_listen("127.0.0.1", 0, HELD));
	holder = child_start(hold, &there);
	*state = full = start((const char *const[]){ thresholds, NULL });
	summary = start((const char *const[]){ "--mode=summary", thresholds, NULL });
	child_signal(holder.link);
	child_await(holder.link);
	expect_same_finding(full, summary, &there, holder.pid);
	child_signal(holder.link);
	child_await(holder.link);
	finding_wait(full, wanted(&there, "resolved", 0));
	finding_wait(summary, wanted(&there, "resolved", 0));
	assert_int_equal(child_wait(&holder), 0);
	close(there.fd);
	tracer_finish(full);
	tracer_finish(summary);
	tracer_free(summary);
	netns_leave();
}

/* Those that lingered before it began, too: since when is not known. */
static void test_what_was_there_is_found(void **state)
{
	struct tracer *summary;
	struct child holder;
	struct end there;
	const json_t *found;

	netns_enter();
	there = sockets_end(sockets_listen("127.0.0.1", 0, HELD));
	holder = child_start(hold, &there);
	child_signal(holder.link);
	child_await(holder.link);
	*state = summary = start((const char *const[]){ "--mode=summary", "--older-than=1s", NULL });
	found = all_held(summary, &there);
	assert_int_equal(first_owner(found), holder.pid);
	assert_true(event_flag(found, "oldest_at_least"));
	child_signal(holder.link);
	child_await(holder.link);
	finding_wait(summary, wanted(&there, "resolved", 0));
	assert_int_equal(child_wait(&holder), 0);
	close(there.fd);
	tracer_finish(summary);
	netns_leave();
}

/* Their addresses are those of sockets that are gone. */
static void test_each_listener_is_told(void **state)
{
	int listeners[HELD];
	struct tracer *summary;

	netns_enter();
	*state = summary = start((const char *const[]){ "--mode=summary", NULL });
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < HELD; i++)
			listeners[i] = sockets_listen("127.0.0.1", 0, 1);
		for (int i = 0; i < HELD; i++)
			close(listeners[i]);
	}
	tracer_finish(summary);
	assert_int_equal(event_number(tracer_summary(summary), "events"), 2 * ROUNDS * HELD);
	assert_int_equal(event_number(tracer_summary(summary), "attempts"), 2 * ROUNDS * HELD);
	netns_leave();
}

/* All is counted, and those whose stay is not known are told: each once. */
static void test_what_finds_no_room_is_told(void **state)
{
	const json_t *lost;
	struct tracer *summary;
	struct child holder;
	struct end there;

	netns_enter();
	there = sockets_end(sockets_listen("127.0.0.1", 0, HELD));
	holder = child_start(hold, &there);
	*state = summary = start((const char *const[]){ "--mode=summary", "--max-sockets=10",
							NULL });
	child_signal(holder.link);
	child_await(holder.link);
	child_signal(holder.link);
	child_await(holder.link);
	assert_int_equal(child_wait(&holder), 0);
	close(there.fd);
	tracer_finish_losing(summary, 2 * HELD);
	lost = event_part(tracer_summary(summary), "lost_in");
	assert_true(event_number(lost, "mirror") > HELD);
	assert_int_equal(event_number(lost, "ring"), 0);
	assert_int_equal(pairs_of_summary(summary).of[1][8], HELD);
	assert_int_equal(tracer_said(summary, "the ring buffer was full"), 0);
	netns_leave();
}

/* Clients that have sent their FIN, and whose peers do so when told; none asked for its cookie. */
static void close_in_halves(int link, void *arg)
{
	int listener = *(int *)arg, clients[HELD], servers[HELD];
	struct end there = sockets_end(listener);

	for (int i = 0; i < HELD; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		fatal_unless(!sockets_connect(clients[i], there.laddr, there.lport), "connect");
		servers[i] = accept(listener, NULL, NULL);
		fatal_unless(servers[i] >= 0, "accept");
		shutdown(clients[i], SHUT_WR);
	}
	child_signal(link);
	child_await(link);
	for (int i = 0; i < HELD; i++) {
		close(servers[i]);
		sockets_wait_state(clients[i], TCP_CLOSE);
	}
	child_signal(link);
}

/*
 * Sockets that nobody watched have no cookie, and hand none over to their mini-sockets. Where
 * another tracer watches this host they have one anyway.
 */
static void test_mini_sockets_of_those_that_were_there(void **state)
{
	struct tracer *summary;
	struct child child;
	struct pairs pairs;
	int listener;

	netns_enter();
	listener = sockets_listen("127.0.0.1", 0, HELD);
	child = child_start(close_in_halves, &listener);
	child_await(child.link);
	*state = summary = start((const char *const[]){ "hist", "fin-wait2", "--mode=summary",
							NULL });
	child_signal(child.link);
	child_await(child.link);
	assert_int_equal(child_wait(&child), 0);
	tracer_finish(summary);
	pairs = pairs_of_summary(summary);
	assert_int_equal(pairs.of[5][6], HELD);
	assert_int_equal(pairs.of[5][7], 0);
	close(listener);
	netns_leave();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_counts_are_those_of_the_stream),
		LIVE_TEST_ALONE(test_findings_are_those_of_the_stream),
		LIVE_TEST_ALONE(test_what_was_there_is_found),
		LIVE_TEST_ALONE(test_each_listener_is_told),
		LIVE_TEST_ALONE(test_what_finds_no_room_is_told),
		LIVE_TEST_ALONE(test_mini_sockets_of_those_that_were_there),
	};

	return cmocka_run_group_tests_name("--mode=summary", tests, NULL, NULL);
}
