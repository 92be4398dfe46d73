// SPDX-License-Identifier: GPL-2.0
/* Findings open when their threshold has passed, among many sockets and soon after each other. */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "finding.h"
#include "fixture.h"
#include "sockets.h"
#include "tracer.h"

#define CROWD 9900		/* connections of a process, whose descriptors are limited */
#define CROWD_SLOW 500		/* where TCT_PATIENCE is above */
#define SLOW 10
#define LEAKS 10
#define APART_NS 100000000L	/* a tenth of what the detector leaves between two scans */
#define THRESHOLD_NS 2000000000LL
#define LATE_NS 250000000LL	/* the aim is 50 ms: the bench shows it, where nobody disturbs */
#define LATE_MAX 2		/* of all, on a machine that others use */

/* Connections that stay established. */
static void crowd(int link, void *arg)
{
	int count = deadline_patience() > SLOW ? CROWD_SLOW : CROWD;
	struct end there = sockets_end(sockets_listen("127.0.7.9", 0, 64));

	(void)arg;
	for (int i = 0; i < count; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);

		fatal_unless(!sockets_connect(client, there.laddr, there.lport), "connect");
		fatal_unless(accept(there.fd, NULL, NULL) >= 0, "accept");
	}
	child_signal(link);
	child_await(link);
}

static int64_t late(struct tracer *t, const struct pair *pair)
{
	const json_t *finding = finding_wait(t, (struct finding_wanted){
		.lport = pair->server.lport, .status = "open",
	});

	return event_number(finding, "oldest_ns") - THRESHOLD_NS;
}

static void test_one_after_the_other(void **state)
{
	const char *const args[] = { "--stuck", "close-wait=2s", "-e", "finding", NULL };
	const struct timespec apart = { .tv_nsec = APART_NS };
	struct child others = child_start(crowd, NULL);
	struct pair pairs[LEAKS];
	int64_t worst = 0;
	struct tracer *t;
	int too_late = 0;

	child_await(others.link);
	*state = t = tracer_start(args);
	for (int i = 0; i < LEAKS; i++)
		pairs[i] = sockets_pair("127.0.7.10");
	for (int i = 0; i < LEAKS; i++) {
		shutdown(pairs[i].client.fd, SHUT_WR);
		nanosleep(&apart, NULL);	/* a trickle is what is looked at */
	}
	for (int i = 0; i < LEAKS; i++) {
		int64_t ns = late(t, &pairs[i]);

		worst = ns > worst ? ns : worst;
		too_late += ns > deadline_patience() * LATE_NS;
	}
	print_message("at worst %.3f ms late\n", (double)worst / 1e6);
	assert_in_range(too_late, 0, LATE_MAX);
	for (int i = 0; i < LEAKS; i++) {
		close(pairs[i].server.fd);
		close(pairs[i].client.fd);
	}
	child_kill(&others);
	tracer_finish_but_unseen(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_one_after_the_other),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("prompt", tests, NULL, NULL);
}
