// SPDX-License-Identifier: GPL-2.0
/*
 * The picture: a layout by hand, as RFC 9293's figure 5 has it. CLOSE stands on top and once more
 * at the bottom; an abort leads to a small CLOSE beside the state it ends.
 */
#include <stdbool.h>
#include <string.h>
#include "diagram.h"

#define BOX_WIDTH 124
#define BOX_HEIGHT 40
#define PILL_WIDTH 54
#define PILL_HEIGHT 22
#define LINE_HEIGHT 15
#define LABEL_LINES 4
#define LABEL_LEN 64

/* Centres. */
static const struct {
	enum tct_state state;
	const char *group;
	int x, y;
} boxes[] = {
	{ TCT_CLOSE, "closed", 500, 90 },
	{ TCT_LISTEN, "open", 200, 195 },
	{ TCT_SYN_RECV, "open", 200, 315 },
	{ TCT_SYN_SENT, "open", 800, 315 },
	{ TCT_ESTABLISHED, "established", 500, 445 },
	{ TCT_FIN_WAIT1, "active", 200, 575 },
	{ TCT_FIN_WAIT2, "active", 200, 725 },
	{ TCT_CLOSING, "active", 500, 725 },
	{ TCT_TIME_WAIT, "active", 500, 865 },
	{ TCT_CLOSE_WAIT, "passive", 800, 575 },
	{ TCT_LAST_ACK, "passive", 800, 725 },
	{ TCT_CLOSE, "closed", 800, 865 },
};

enum grows { UP, DOWN };	/* from a label's y: its last line's, or its first line's */

/* `width` is where a label's lines break, in characters; a pill is the small CLOSE at the end. */
static const struct route {
	enum tct_state from, to;
	const char *path;
	int x, y;
	const char *anchor;
	enum grows grows;
	int width;
	int pill_x, pill_y;
} routes[] = {
	{ TCT_CLOSE, TCT_LISTEN, "M438 82H198Q186 82 186 94V173", 312, 74, "middle", UP, 40, 0, 0 },
	{ TCT_LISTEN, TCT_CLOSE, "M214 175V110Q214 98 226 98H436", 330, 114, "middle", DOWN, 40,
	  0, 0 },
	{ TCT_CLOSE, TCT_SYN_SENT, "M562 82H802Q814 82 814 94V293", 695, 74, "middle", UP, 40,
	  0, 0 },
	{ TCT_SYN_SENT, TCT_CLOSE, "M786 295V110Q786 98 774 98H564", 674, 114, "middle", DOWN, 40,
	  0, 0 },
	{ TCT_LISTEN, TCT_SYN_RECV, "M200 215V293", 210, 251, "start", DOWN, 40, 0, 0 },
	{ TCT_SYN_SENT, TCT_SYN_RECV, "M738 315H264", 500, 307, "middle", UP, 40, 0, 0 },
	{ TCT_SYN_RECV, TCT_ESTABLISHED, "M230 335V433Q230 445 242 445H436", 338, 437, "middle", UP,
	  40, 0, 0 },
	{ TCT_SYN_SENT, TCT_ESTABLISHED, "M770 335V433Q770 445 758 445H564", 662, 437, "middle", UP,
	  40, 0, 0 },
	{ TCT_SYN_RECV, TCT_FIN_WAIT1, "M170 335V553", 160, 441, "end", DOWN, 40, 0, 0 },
	{ TCT_SYN_RECV, TCT_CLOSE, "M138 315H103", 74, 343, "middle", DOWN, 11, 74, 315 },
	{ TCT_ESTABLISHED, TCT_CLOSE, "M500 425V391", 535, 370, "start", DOWN, 11, 500, 378 },
	{ TCT_ESTABLISHED, TCT_FIN_WAIT1, "M470 465V555Q470 567 458 567H264", 362, 559, "middle",
	  UP, 40, 0, 0 },
	{ TCT_ESTABLISHED, TCT_CLOSE_WAIT, "M530 465V563Q530 575 542 575H736", 638, 567, "middle",
	  UP, 40, 0, 0 },
	{ TCT_FIN_WAIT1, TCT_FIN_WAIT2, "M214 595V703", 224, 651, "start", DOWN, 40, 0, 0 },
	{ TCT_FIN_WAIT1, TCT_CLOSING, "M262 583H488Q500 583 500 595V703", 380, 601, "middle", DOWN,
	  40, 0, 0 },
	{ TCT_FIN_WAIT1, TCT_FIN_WAIT1, "M138 567C98 553 98 597 136 584", 98, 571, "end", DOWN, 13,
	  0, 0 },
	{ TCT_FIN_WAIT1, TCT_CLOSE, "M170 595V627", 136, 637, "end", DOWN, 11, 170, 640 },
	{ TCT_FIN_WAIT2, TCT_TIME_WAIT, "M214 745V853Q214 865 226 865H436", 335, 857, "middle", UP,
	  40, 0, 0 },
	{ TCT_FIN_WAIT2, TCT_FIN_WAIT2, "M138 717C98 703 98 747 136 734", 98, 721, "end", DOWN, 13,
	  0, 0 },
	{ TCT_FIN_WAIT2, TCT_CLOSE, "M170 745V777", 136, 787, "end", DOWN, 11, 170, 790 },
	{ TCT_CLOSING, TCT_TIME_WAIT, "M500 745V843", 510, 805, "start", DOWN, 40, 0, 0 },
	{ TCT_CLOSING, TCT_CLOSING, "M528 705C518 669 562 669 551 703", 566, 674, "start", DOWN, 13,
	  0, 0 },
	{ TCT_CLOSING, TCT_CLOSE, "M562 725H597", 626, 753, "middle", DOWN, 11, 626, 725 },
	{ TCT_CLOSE_WAIT, TCT_LAST_ACK, "M800 595V703", 810, 651, "start", DOWN, 40, 0, 0 },
	{ TCT_CLOSE_WAIT, TCT_CLOSE, "M862 575H897", 926, 603, "middle", DOWN, 11, 926, 575 },
	{ TCT_LAST_ACK, TCT_LAST_ACK, "M862 717C902 703 902 747 864 734", 902, 721, "start", DOWN,
	  13, 0, 0 },
	{ TCT_LAST_ACK, TCT_CLOSE, "M800 745V843", 810, 795, "start", DOWN, 17, 0, 0 },
	{ TCT_TIME_WAIT, TCT_CLOSE, "M562 865H736", 655, 857, "middle", UP, 14, 0, 0 },
	{ TCT_CLOSE, TCT_CLOSE, "M488 70C478 34 522 34 513 68", 526, 36, "start", DOWN, 40, 0, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char style[] =
	".ground{fill:#fff}.box{stroke:#57606a;stroke-width:1.5}\n"
	"text{font:12.5px Helvetica,Arial,'DejaVu Sans',sans-serif;fill:#1f2328}\n"
	"text.name{font-weight:bold;font-size:14px;text-anchor:middle}\n"
	"text.end{font-size:11px;text-anchor:middle}\n"
	"text.title{font-weight:bold;font-size:15px}\n"
	"text.side{font-style:italic;fill:#57606a}\n"
	"text.seen{font-weight:bold;fill:#0550ae}\n"
	".closed{fill:#eaeef2}.open{fill:#ddf4ff}.established{fill:#d2f8db}\n"
	".active{fill:#ffe7d1}.passive{fill:#f0e0ff}.panel{fill-opacity:.3}\n"
	"path{fill:none;stroke:#424a53;stroke-width:1.5;marker-end:url(#tip)}\n"
	".linux path{stroke-dasharray:5 3}\n"
	".unseen path{stroke:#c4cbd2;marker-end:url(#faint)}.unseen text{fill:#8c959f}\n"
	"marker path{marker-end:none;stroke:none;fill:#424a53}#faint path{fill:#c4cbd2}\n"
	"@media(prefers-color-scheme:dark){\n"
	".ground{fill:#0d1117}.box{stroke:#9198a1}text{fill:#e6edf3}text.side{fill:#9198a1}\n"
	"text.seen{fill:#79c0ff}\n"
	".closed{fill:#30363d}.open{fill:#10386e}.established{fill:#11512a}\n"
	".active{fill:#5c3310}.passive{fill:#43266e}\n"
	"path{stroke:#b1bac4}marker path{fill:#b1bac4}\n"
	".unseen path{stroke:#3d444d}.unseen text{fill:#6e7681}#faint path{fill:#3d444d}\n"
	"}\n";

static void escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else
			fputc(*text, out);
	}
}

static void draw_text(FILE *out, const char *class, int x, int y, const char *text)
{
	fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
	escape(out, text);
	fputs("</text>\n", out);
}

static void draw_box(FILE *out, const char *group, int x, int y, const char *name)
{
	fprintf(out,
		"<rect class=\"box %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"10\"/>\n",
		group, x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2, BOX_WIDTH, BOX_HEIGHT);
	draw_text(out, "name", x, y + 5, name);
}

static void draw_pill(FILE *out, int x, int y)
{
	fprintf(out,
		"<rect class=\"box closed\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		"rx=\"11\"/>\n",
		x - PILL_WIDTH / 2, y - PILL_HEIGHT / 2, PILL_WIDTH, PILL_HEIGHT);
	draw_text(out, "end", x, y + 4, tct_state_name(TCT_CLOSE));
}

/* Cuts off the first line of `*text`, which breaks at blanks. */
static void take_line(const char **text, int width, char line[LABEL_LEN])
{
	size_t len = strlen(*text);

	if (len > (size_t)width) {
		len = width;
		while (len && (*text)[len] != ' ')
			len--;
	}
	snprintf(line, LABEL_LEN, "%.*s", (int)len, *text);
	*text += len + ((*text)[len] == ' ');
}

/* The event, broken into lines, and what was seen. */
static void draw_label(FILE *out, const struct route *route, const char *event, const char *seen)
{
	char lines[LABEL_LINES][LABEL_LEN];
	int count = 0, y = route->y;

	while (*event && count < LABEL_LINES - 1)
		take_line(&event, route->width, lines[count++]);
	if (*seen)
		snprintf(lines[count++], LABEL_LEN, "%s", seen);
	if (route->grows == UP)
		y -= (count - 1) * LINE_HEIGHT;
	for (int i = 0; i < count; i++) {
		fprintf(out, "<text%s x=\"%d\" y=\"%d\" text-anchor=\"%s\">",
			*seen && i == count - 1 ? " class=\"seen\"" : "", route->x,
			y + i * LINE_HEIGHT, route->anchor);
		escape(out, lines[i]);
		fputs("</text>\n", out);
	}
}

static void draw_edge(const struct tct_diagram *diagram, size_t i, const struct route *route,
		      FILE *out)
{
	size_t count;
	const struct tct_edge *edge = &tct_fsm_edges(&count)[i];
	bool unseen = diagram->edges && !tct_diagram_count(diagram, i);
	char seen[64] = "";

	if (!unseen)
		tct_diagram_seen(diagram, i, "", seen, sizeof(seen));
	fprintf(out, "<g class=\"%s%s\">\n<title>%s to %s: ",
		edge->kind == TCT_EDGE_LINUX ? "linux" : "rfc", unseen ? " unseen" : "",
		tct_state_name(edge->from), tct_state_name(edge->to));
	escape(out, edge->event);
	fprintf(out, "</title>\n<path d=\"%s\"/>\n", route->path);
	if (route->pill_x)
		draw_pill(out, route->pill_x, route->pill_y);
	draw_label(out, route, edge->event, seen);
	fputs("</g>\n", out);
}

static const struct route *find_route(const struct tct_edge *edge)
{
	for (size_t i = 0; i < COUNT(routes); i++) {
		if (routes[i].from == edge->from && routes[i].to == edge->to)
			return &routes[i];
	}
	return NULL;
}

static void draw_ground(FILE *out)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 990\" role=\"img\">\n"
		"<title>The states of a TCP connection</title>\n<style>\n%s</style>\n<defs>\n",
		style);
	for (int i = 0; i < 2; i++)
		fprintf(out, "<marker id=\"%s\" viewBox=\"0 0 10 10\" refX=\"8\" refY=\"5\" "
			"markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" "
			"orient=\"auto\"><path d=\"M0 0L10 5L0 10z\"/></marker>\n",
			i ? "faint" : "tip");
	fputs("</defs>\n<rect class=\"ground\" width=\"1000\" height=\"990\" rx=\"14\"/>\n"
	      "<rect class=\"panel active\" x=\"8\" y=\"515\" width=\"700\" height=\"390\" "
	      "rx=\"14\"/>\n"
	      "<rect class=\"panel passive\" x=\"716\" y=\"515\" width=\"276\" height=\"252\" "
	      "rx=\"14\"/>\n"
	      "<text class=\"side\" x=\"22\" y=\"536\">active close</text>\n"
	      "<text class=\"side\" x=\"978\" y=\"536\" text-anchor=\"end\">passive close</text>\n",
	      out);
}

static void draw_legend(const struct tct_diagram *diagram, FILE *out)
{
	size_t count, left_out = 0;
	const struct tct_edge *edges = tct_fsm_edges(&count);
	char line[128];

	for (size_t i = 0; i < count; i++)
		left_out += edges[i].kind == TCT_EDGE_RFC_ONLY;
	fputs("<g class=\"rfc\"><path d=\"M22 934H58\"/></g>\n"
	      "<text x=\"66\" y=\"938\">RFC 9293</text>\n"
	      "<g class=\"linux\"><path d=\"M146 934H182\"/></g>\n"
	      "<text x=\"190\" y=\"938\">Linux's own</text>\n", out);
	if (diagram->edges)
		fputs("<g class=\"unseen\"><path d=\"M290 934H326\"/></g>\n"
		      "<text x=\"334\" y=\"938\">not seen; else how often, and the median of the "
		      "time in the state that was left</text>\n", out);
	snprintf(line, sizeof(line), "Left out: %zu edges that RFC 9293 allows and no Linux makes.",
		 left_out);
	draw_text(out, "side", 22, 964, line);
}

static void draw_title(const struct tct_diagram *diagram, FILE *out)
{
	uint64_t seen = 0;
	size_t count;
	char line[64];

	if (!diagram->edges)
		return;
	tct_fsm_edges(&count);
	for (size_t i = 0; i < count; i++)
		seen += tct_diagram_count(diagram, i);
	snprintf(line, sizeof(line), "%llu transitions seen", (unsigned long long)seen);
	draw_text(out, "title", 22, 34, line);
	snprintf(line, sizeof(line), "illegal: %llu", (unsigned long long)diagram->illegal);
	if (diagram->illegal)
		draw_text(out, "title", 22, 54, line);
}

void tct_diagram_svg(const struct tct_diagram *diagram, FILE *out)
{
	size_t count;
	const struct tct_edge *edges = tct_fsm_edges(&count);

	draw_ground(out);
	draw_title(diagram, out);
	for (size_t i = 0; i < count; i++) {
		const struct route *route = find_route(&edges[i]);

		if (route)
			draw_edge(diagram, i, route, out);
	}
	for (size_t i = 0; i < COUNT(boxes); i++)
		draw_box(out, boxes[i].group, boxes[i].x, boxes[i].y,
			 tct_state_name(boxes[i].state));
	draw_legend(diagram, out);
	fputs("</svg>\n", out);
}
