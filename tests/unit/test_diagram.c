// SPDX-License-Identifier: GPL-2.0
/* Every form of the diagram has every edge of the table, with what was seen of it. */
#include "test.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/sink/diagram.h"

static const struct tct_diagram bare;

static char *draw(void (*form)(const struct tct_diagram *, FILE *),
		  const struct tct_diagram *diagram)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	form(diagram, out);
	fclose(out);
	return text;
}

static void draw_json(const struct tct_diagram *diagram, FILE *out)
{
	struct tct_sink_json sink;
	struct tct_sink ops;

	tct_sink_json_init(&sink, out, 0, &ops);
	tct_diagram_json(diagram, &sink, 1500);
}

/* `pattern` takes the names of both ends. */
static void expect_every_edge(const char *text, const char *pattern)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	for (size_t i = 0; i < count; i++) {
		char edge[128];

		snprintf(edge, sizeof(edge), pattern, tct_state_name(edges[i].from),
			 tct_state_name(edges[i].to));
		if (!strstr(text, edge))
			fail_msg("'%s' is missing", edge);
		if (!strstr(text, edges[i].event))
			fail_msg("'%s' is missing", edges[i].event);
	}
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word)) != NULL) {
		count++;
		text++;
	}
	return count;
}

static size_t edge_count(void)
{
	size_t count;

	tct_fsm_edges(&count);
	return count;
}

static void test_text(void **state)
{
	char *text = draw(tct_diagram_text, &bare);

	(void)state;
	expect_every_edge(text, "%-11s -> %-11s ");
	assert_int_equal(count_of(text, " -> "), edge_count());
	assert_non_null(strstr(text, "tcp_close_state()"));
	assert_non_null(strstr(text, "RFC 9293 3.10.7.4"));
	free(text);
}

/* Cuts the text into its lines. */
static void expect_to_fit(char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strlen(line) > 80)
			fail_msg("%zu columns: %s", strlen(line), line);
	}
}

static void test_text_fits(void **state)
{
	char *text = draw(tct_diagram_text, &bare);

	(void)state;
	expect_to_fit(text);
	free(text);
}

/* Each edge that Linux makes, seen a million times. */
static void test_live_text_fits(void **state)
{
	struct tct_diagram diagram;
	struct tct_sink sink;
	size_t count;
	char *text;

	(void)state;
	tct_fsm_edges(&count);
	assert_int_equal(tct_diagram_init_live(&diagram, &sink), 0);
	for (size_t i = 0; i < count; i++)
		diagram.edges[i].count = 1000000;
	text = draw(tct_diagram_text, &diagram);
	assert_int_equal(count_of(text, " -> "), count);
	assert_non_null(strstr(text, "not seen: 0 of the 29 edges"));
	expect_to_fit(text);
	free(text);
	tct_diagram_fini(&diagram);
}

static void test_dot(void **state)
{
	char *text = draw(tct_diagram_dot, &bare);

	(void)state;
	expect_every_edge(text, "\t%s -> %s [label=");
	assert_int_equal(count_of(text, " -> "), edge_count());
	assert_memory_equal(text, "digraph tcp {\n", 14);
	assert_string_equal(text + strlen(text) - 3, "\n}\n");
	assert_int_equal(count_of(text, "{"), count_of(text, "}"));
	assert_non_null(strstr(text, "style=dashed"));
	assert_non_null(strstr(text, "style=dotted"));
	assert_null(strstr(text, "color=gray"));
	free(text);
}

static void test_mermaid(void **state)
{
	char *text = draw(tct_diagram_mermaid, &bare);

	(void)state;
	expect_every_edge(text, "    %s --> %s: ");
	assert_int_equal(count_of(text, " --> "), edge_count());
	assert_memory_equal(text, "stateDiagram-v2\n", 16);
	/* a colon or a semicolon in a label would end it */
	assert_int_equal(count_of(text, ":"), edge_count());
	assert_null(strchr(text, ';'));
	free(text);
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("%s in: %s", error.text, text);
	return root;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	assert_non_null(value);
	return value;
}

static const json_t *edge_of(const json_t *root, const char *from, const char *to)
{
	const json_t *list = json_object_get(root, "edges");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *edge = json_array_get(list, i);

		if (!strcmp(string_of(edge, "from"), from) && !strcmp(string_of(edge, "to"), to))
			return edge;
	}
	fail_msg("no edge %s to %s", from, to);
	return NULL;
}

static void test_json(void **state)
{
	char *text = draw(draw_json, &bare);
	json_t *root = parse(text), *list = json_object_get(root, "edges");
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(root, "v")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "mono_ns")), 1500);
	assert_string_equal(string_of(root, "type"), "fsm");
	assert_int_equal(json_array_size(list), count);
	for (size_t i = 0; i < count; i++) {
		const json_t *edge = json_array_get(list, i);

		assert_string_equal(string_of(edge, "from"), tct_state_name(edges[i].from));
		assert_string_equal(string_of(edge, "to"), tct_state_name(edges[i].to));
		assert_string_equal(string_of(edge, "event"), edges[i].event);
		assert_string_equal(string_of(edge, "source"), edges[i].source);
		assert_null(json_object_get(edge, "count"));
	}
	assert_string_equal(string_of(edge_of(root, "CLOSE", "LISTEN"), "kind"), "rfc");
	assert_string_equal(string_of(edge_of(root, "LISTEN", "SYN_SENT"), "kind"), "rfc-only");
	assert_string_equal(string_of(edge_of(root, "CLOSE", "CLOSE"), "kind"), "linux");
	assert_int_equal(count_of(text, "\n"), 1);
	json_decref(root);
	free(text);
}

static void see(const struct tct_sink *sink, enum tct_state from, enum tct_state to, int64_t dwell)
{
	const struct tct_transition ev = { .from = from, .to = to, .dwell_ns = dwell };

	sink->transition(sink->ctx, &ev);
}

/* Twice with a known dwell, once with an unknown one; outside the table, and only in the RFC. */
static void observe(struct tct_diagram *diagram)
{
	struct tct_sink sink;

	assert_int_equal(tct_diagram_init_live(diagram, &sink), 0);
	see(&sink, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 20);
	see(&sink, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 20);
	see(&sink, TCT_ESTABLISHED, TCT_CLOSE_WAIT, TCT_UNKNOWN);
	see(&sink, TCT_SYN_SENT, TCT_CLOSE, TCT_UNKNOWN);
	see(&sink, TCT_ESTABLISHED, TCT_LISTEN, 20);
	see(&sink, TCT_TIME_WAIT, TCT_SYN_RECV, 20);
}

static void expect_seen(const json_t *edge, int count, int median)
{
	const json_t *ns = json_object_get(edge, "median_ns");

	assert_int_equal(json_integer_value(json_object_get(edge, "count")), count);
	assert_non_null(ns);
	if (median < 0)
		assert_true(json_is_null(ns));
	else
		assert_int_equal(json_integer_value(ns), median);
}

static void test_live_json(void **state)
{
	struct tct_diagram diagram;
	json_t *root;
	char *text;

	(void)state;
	observe(&diagram);
	text = draw(draw_json, &diagram);
	root = parse(text);
	expect_seen(edge_of(root, "ESTABLISHED", "CLOSE_WAIT"), 3, 20);
	expect_seen(edge_of(root, "SYN_SENT", "CLOSE"), 1, -1);
	expect_seen(edge_of(root, "CLOSE", "LISTEN"), 0, -1);
	expect_seen(edge_of(root, "TIME_WAIT", "SYN_RECV"), 1, 20);
	assert_int_equal(json_integer_value(json_object_get(root, "illegal")), 2);
	json_decref(root);
	free(text);
	tct_diagram_fini(&diagram);
}

static void test_live_text(void **state)
{
	struct tct_diagram diagram;
	char *text;

	(void)state;
	observe(&diagram);
	text = draw(tct_diagram_text, &diagram);
	assert_int_equal(count_of(text, " -> "), 3);
	assert_non_null(strstr(text, "ESTABLISHED -> CLOSE_WAIT        3     0us  rcv FIN,"));
	assert_non_null(strstr(text, "SYN_SENT    -> CLOSE             1       -  CLOSE, ABORT"));
	assert_non_null(strstr(text, "TIME_WAIT   -> SYN_RECV          1     0us  illegal: no"));
	assert_non_null(strstr(text, "not seen: 27 of the 29 edges that Linux makes\n"));
	assert_non_null(strstr(text, "illegal: 2\n"));
	expect_to_fit(text);
	free(text);
	tct_diagram_fini(&diagram);
}

static void test_live_graphs(void **state)
{
	struct tct_diagram diagram;
	char *dot, *mermaid;

	(void)state;
	observe(&diagram);
	dot = draw(tct_diagram_dot, &diagram);
	mermaid = draw(tct_diagram_mermaid, &diagram);
	expect_every_edge(dot, "\t%s -> %s [label=");
	expect_every_edge(mermaid, "    %s --> %s: ");
	assert_non_null(strstr(dot, "rcv FIN, snd ACK\\n3x, 0us\"];\n"));
	assert_non_null(strstr(mermaid, "rcv FIN, snd ACK, 3x, 0us\n"));
	/* all but the three that were seen */
	assert_int_equal(count_of(dot, "color=gray"), edge_count() - 3);
	free(dot);
	free(mermaid);
	tct_diagram_fini(&diagram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_fits),
		cmocka_unit_test(test_dot),
		cmocka_unit_test(test_mermaid),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_live_json),
		cmocka_unit_test(test_live_text),
		cmocka_unit_test(test_live_text_fits),
		cmocka_unit_test(test_live_graphs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
