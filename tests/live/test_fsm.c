// SPDX-License-Identifier: GPL-2.0
/* fsm --live: what sockets did meanwhile, counted on the edges of the model. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "deadline.h"
#include "event.h"
#include "fixture.h"
#include "netns.h"
#include "sockets.h"

#define CONNECTIONS 5
#define PATIENCE_MS 10000
#define TEXT_MAX 65536

/* What a running program writes to is opened anew: it shares our descriptor's place in the file. */
static bool says(FILE *file, const char *words)
{
	char path[32];
	FILE *again;
	bool said;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	again = fopen(path, "re");
	said = again && command_said(again, words);
	if (again)
		fclose(again);
	return said;
}

static bool has_begun(const void *arg)
{
	const struct command *c = arg;

	return says(c->err, "Ctrl-C") || says(c->out, "\"ready\"");
}

static void make_connections(void)
{
	int i;

	for (i = 0; i < CONNECTIONS; i++) {
		struct pair p = sockets_pair("127.0.0.1");

		sockets_close_in_order(&p.client, &p.server);
	}
}

/* All that it printed while five connections of this namespace closed in order. */
static void observe(const char *form, char text[TEXT_MAX])
{
	char self[16];
	const char *const args[] = { "fsm", "--live", "-d", "60", "--netns", self, form, NULL };
	const char *all[COMMAND_ARGS_MAX];
	struct command c;
	int code;

	netns_enter();
	snprintf(self, sizeof(self), "%d", getpid());
	command_args(all, args);
	c = command_start(all, -1, NULL);
	assert_true(deadline_until(has_begun, &c, PATIENCE_MS));
	make_connections();
	kill(c.pid, SIGINT);
	code = command_wait(&c, PATIENCE_MS);
	command_text(c.out, text, TEXT_MAX);
	command_close(&c);
	assert_int_equal(code, 0);
}

static void test_text(void **state)
{
	char text[TEXT_MAX];

	(void)state;
	observe(NULL, text);
	assert_non_null(strstr(text, "CLOSE       -> SYN_SENT          5       -  active OPEN"));
	assert_non_null(strstr(text, "ESTABLISHED -> FIN_WAIT1         5 "));
	assert_non_null(strstr(text, "FIN_WAIT2   -> TIME_WAIT         5 "));
	assert_non_null(strstr(text, "not seen: 17 of the 29 edges that Linux makes\n"));
	assert_null(strstr(text, "illegal"));
}

static const json_t *edge_of(const json_t *model, const char *from, const char *to)
{
	const json_t *edge;
	size_t i;

	json_array_foreach(event_part(model, "edges"), i, edge)
		if (event_has_text(edge, "from", from) && event_has_text(edge, "to", to))
			return edge;
	return NULL;
}

static void test_json(void **state)
{
	char text[TEXT_MAX], *line;
	json_t *model;

	(void)state;
	observe("--json", text);
	line = strstr(text, "{\"v\":1,\"type\":\"fsm\"");
	assert_non_null(line);
	model = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(model);
	assert_int_equal(event_number(edge_of(model, "ESTABLISHED", "CLOSE_WAIT"), "count"), 5);
	assert_true(event_number(edge_of(model, "ESTABLISHED", "CLOSE_WAIT"), "median_ns") > 0);
	assert_true(event_is_null(edge_of(model, "CLOSE", "SYN_SENT"), "median_ns"));
	assert_int_equal(event_number(edge_of(model, "FIN_WAIT1", "CLOSING"), "count"), 0);
	assert_int_equal(event_number(model, "illegal"), 0);
	json_decref(model);
}

static void test_svg(void **state)
{
	char text[TEXT_MAX];

	(void)state;
	observe("--svg", text);
	assert_memory_equal(text, "<svg ", 5);
	assert_non_null(strstr(text, "</svg>\n"));
	assert_non_null(strstr(text, ">active OPEN, snd SYN</text>\n"));
	assert_non_null(strstr(text, ">5x</text>\n"));
	assert_non_null(strstr(text, "unseen\">\n<title>FIN_WAIT1 to CLOSING: "));
	assert_null(strstr(text, "unseen\">\n<title>LAST_ACK to CLOSE: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_text),
		LIVE_TEST_ALONE(test_json),
		LIVE_TEST_ALONE(test_svg),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("fsm --live", tests, NULL, NULL);
}
