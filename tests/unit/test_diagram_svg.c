// SPDX-License-Identifier: GPL-2.0
/* The picture is well-formed, has every edge that Linux makes, and none of its words overlap. */
#include "test.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/sink/diagram.h"

#define CANVAS_WIDTH 1000
#define CANVAS_HEIGHT 990
#define FONT_WIDTH 6.7		/* of a character, on average, in the widest of the fonts */
#define FONT_HEIGHT 11
#define DEPTH_MAX 8
#define LABELS_MAX 256

static const struct tct_diagram bare;

/* The caller frees *text. */
static void draw(const struct tct_diagram *diagram, char **text)
{
	size_t size;
	FILE *out = open_memstream(text, &size);

	tct_diagram_svg(diagram, out);
	fclose(out);
}

/* Every edge that Linux makes, so often. */
static void observe(struct tct_diagram *diagram, uint64_t times, int64_t dwell)
{
	struct tct_sink sink;
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	assert_int_equal(tct_diagram_init_live(diagram, &sink), 0);
	for (size_t i = 0; i < count; i++) {
		const struct tct_transition ev = {
			.from = edges[i].from, .to = edges[i].to, .dwell_ns = dwell,
		};

		if (edges[i].kind == TCT_EDGE_RFC_ONLY)
			continue;
		sink.transition(sink.ctx, &ev);
		diagram->edges[i].count = times;
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

struct reader {
	const char *at;
	const char *open[DEPTH_MAX];	/* names of the elements around it */
	int depth;
};

static size_t name_length(const char *name)
{
	size_t len = 0;

	while (isalnum((unsigned char)name[len]))
		len++;
	return len;
}

static void expect_escaped(const char *from, const char *to)
{
	for (; from < to; from++) {
		assert_int_not_equal(*from, '>');
		if (*from == '&' && strncmp(from, "&lt;", 4) && strncmp(from, "&gt;", 4) &&
		    strncmp(from, "&amp;", 5))
			fail_msg("not escaped: %.20s", from);
	}
}

/* From one "<" to the next. */
static void read_tag(struct reader *r)
{
	const char *end = strchr(r->at, '>'), *name = r->at + 1;

	assert_non_null(end);
	if (*name == '/') {
		assert_in_range(r->depth, 1, DEPTH_MAX);
		r->depth--;
		assert_int_equal(end - name - 1, name_length(r->open[r->depth]));
		assert_memory_equal(name + 1, r->open[r->depth], end - name - 1);
	} else if (end[-1] != '/') {
		assert_in_range(r->depth, 0, DEPTH_MAX - 1);
		r->open[r->depth++] = name;
	}
	r->at = strchr(end, '<');
	if (r->at)
		expect_escaped(end + 1, r->at);
}

static void expect_well_formed(const char *text)
{
	struct reader r = { .at = text };
	int roots = 0;

	assert_memory_equal(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 40);
	while (r.at) {
		roots += !r.depth;
		read_tag(&r);
	}
	assert_int_equal(r.depth, 0);
	assert_int_equal(roots, 1);
	assert_int_equal(count_of(text, "\"") % 2, 0);
}

/* Once each, and the RFC-only ones never. */
static void expect_every_edge(const char *text)
{
	size_t count, drawn = 0;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	for (size_t i = 0; i < count; i++) {
		bool wanted = edges[i].kind != TCT_EDGE_RFC_ONLY;
		char edge[128];

		snprintf(edge, sizeof(edge), "<title>%s to %s: %s</title>",
			 tct_state_name(edges[i].from), tct_state_name(edges[i].to),
			 edges[i].event);
		if (count_of(text, edge) != wanted)
			fail_msg("'%s' is there %zu times", edge, count_of(text, edge));
		drawn += wanted;
	}
	assert_int_equal(count_of(text, " to "), drawn);
}

static void test_model(void **state)
{
	char *text;

	(void)state;
	draw(&bare, &text);
	expect_well_formed(text);
	expect_every_edge(text);
	assert_int_equal(count_of(text, "<g class=\"linux\">\n<title>"), 5);
	assert_int_equal(count_of(text, "<g class=\"rfc\">\n<title>"), 24);
	assert_null(strstr(text, "unseen\">"));
	assert_null(strstr(text, "class=\"seen\""));
	assert_non_null(strstr(text, "Left out: 8 edges"));
	free(text);
}

static void test_live(void **state)
{
	struct tct_diagram diagram;
	char *text;

	(void)state;
	observe(&diagram, 17, 20);
	diagram.edges[0].count = 0;
	diagram.illegal = 3;
	draw(&diagram, &text);
	expect_well_formed(text);
	expect_every_edge(text);
	assert_int_equal(count_of(text, ">17x, 0us</text>"), 28);
	assert_int_equal(count_of(text, "unseen\">\n<title>CLOSE to LISTEN: "), 1);
	assert_int_equal(count_of(text, "unseen\">\n<title>"), 1);
	assert_non_null(strstr(text, ">476 transitions seen<"));
	assert_non_null(strstr(text, ">illegal: 3<"));
	free(text);
	tct_diagram_fini(&diagram);
}

static void test_unknown_median_is_left_out(void **state)
{
	struct tct_diagram diagram;
	char *text;

	(void)state;
	observe(&diagram, 17, TCT_UNKNOWN);
	draw(&diagram, &text);
	assert_int_equal(count_of(text, ">17x</text>"), 29);
	free(text);
	tct_diagram_fini(&diagram);
}

struct area {
	double left, right, top, bottom;
	const char *words;
};

/* From a <text> element as the sink writes it; 0 for the name of a state. */
static int area_of(const char *text, struct area *area)
{
	const char *words = strchr(text, '>') + 1, *x = strstr(text, " x=\"");
	const char *y = strstr(text, " y=\"");
	double width = (strchr(words, '<') - words) * FONT_WIDTH, at, shift = 0;

	assert_true(x && x < words && y && y < words);
	at = atof(x + 4);
	if (!strncmp(words - 5, "end\">", 5))
		shift = width;
	else if (!strncmp(words - 8, "middle\">", 8))
		shift = width / 2;
	*area = (struct area){ at - shift, at - shift + width, atof(y + 4) - FONT_HEIGHT,
			       atof(y + 4), words };
	return strncmp(text, "<text class=\"name\"", 18) &&
	       strncmp(text, "<text class=\"end\"", 17);
}

static bool overlap(const struct area *a, const struct area *b)
{
	return a->left < b->right && b->left < a->right && a->top < b->bottom &&
	       b->top < a->bottom;
}

static void expect_apart(const struct area *areas, int count)
{
	for (int i = 0; i < count; i++) {
		assert_in_range(areas[i].left + .5, 0, CANVAS_WIDTH);
		assert_in_range(areas[i].right + .5, 0, CANVAS_WIDTH);
		assert_in_range(areas[i].bottom, FONT_HEIGHT, CANVAS_HEIGHT);
		for (int j = 0; j < i; j++) {
			if (overlap(&areas[i], &areas[j]))
				fail_msg("'%.20s' lies on '%.20s'", areas[i].words, areas[j].words);
		}
	}
}

static void test_labels_do_not_overlap(void **state)
{
	struct area areas[LABELS_MAX];
	struct tct_diagram diagram;
	int count = 0;
	char *text;

	(void)state;
	observe(&diagram, 99999, 59000000000);
	draw(&diagram, &text);
	for (const char *at = strstr(text, "<text"); at; at = strstr(at + 1, "<text")) {
		assert_in_range(count, 0, LABELS_MAX - 1);
		count += area_of(at, &areas[count]);
	}
	assert_in_range(count, 29 * 2, LABELS_MAX);
	expect_apart(areas, count);
	free(text);
	tct_diagram_fini(&diagram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_unknown_median_is_left_out),
		cmocka_unit_test(test_labels_do_not_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
