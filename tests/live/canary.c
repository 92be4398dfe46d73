// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "canary.h"
#include "command.h"
#include "event.h"
#include "fatal.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"
#include "watch.h"

#define CANARIES 7001		/* and above */
#define EXIT_FINDINGS 3

static uint16_t canary;		/* port of the latest */

struct tracer *canary_watch(void **state)
{
	canary = CANARIES;
	return watch_start(state);
}

static bool is_of_canary(uint16_t port)
{
	return port >= CANARIES && port <= canary;
}

static bool is_canarys(const json_t *event, const void *arg)
{
	return watch_is_finding(event, *(const uint16_t *)arg);
}

/* Whoever was in CLOSE_WAIT before it has been there past the threshold once it is found. */
static void wait_for_canary(struct tracer *t)
{
	int listener = sockets_listen(WATCH_ADDRESS, ++canary, 1);
	int client = sockets_bound(WATCH_ADDRESS, 0, 0);
	char none;
	int leak;

	fatal_unless(!sockets_connect(client, WATCH_ADDRESS, canary), "connect");
	leak = sockets_accept(listener).fd;
	close(client);
	fatal_unless(recv(leak, &none, 1, 0) == 0, "end of data");
	assert_non_null(tracer_wait(t, is_canarys, &canary, WATCH_PATIENCE_MS));
	close(listener);	/* the leak stays */
}

static void expect_no_alarm(const json_t *event)
{
	const json_t *port = json_object_get(event, "service_lport");
	char *line;

	if (!event_has_text(event, "type", "finding") ||
	    is_of_canary(json_integer_value(port)) ||
	    (event_has_text(event, "severity", "info") &&
	     !strstr(event_text(event, "advice"), "descriptor leak")))
		return;
	line = json_dumps(event, JSON_COMPACT);
	print_error("%s\n", line);
	free(line);
	fail_msg("a false alarm");
}

void canary_expect_alone_at_once(void)
{
	char here[32];
	const char *const args[] = { "stuck", "--older-than", WATCH_THRESHOLD, "--netns", here,
				     "--json", NULL };
	struct command c;
	char *line = NULL;
	size_t room = 0;

	/* what other tests have left in namespaces of theirs is stuck indeed */
	snprintf(here, sizeof(here), "net:[%llu]", (unsigned long long)netns_inode());
	assert_int_equal(command_run(&c, args, WATCH_PATIENCE_MS), EXIT_FINDINGS);
	rewind(c.out);
	while (getline(&line, &room, c.out) > 0) {
		json_t *event = json_loads(line, 0, NULL);

		expect_no_alarm(event);
		json_decref(event);
	}
	free(line);
	command_close(&c);
}

void canary_expect_alone(struct tracer *t)
{
	const json_t *event;
	size_t i;

	wait_for_canary(t);
	json_array_foreach(tracer_events(t), i, event)
		expect_no_alarm(event);
}
