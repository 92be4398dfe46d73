// SPDX-License-Identifier: GPL-2.0
/* What a tracer has told of one socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "event.h"
#include "told.h"

bool told_is_about(const json_t *event, const struct end *end)
{
	if (end->cookie)
		return event_has_number(event, "cookie", end->cookie);
	return event_has_number(event, "netns", end->netns) &&
	       event_has_number(event, "lport", end->lport) &&
	       event_has_number(event, "rport", end->rport) &&
	       event_has_text(event, "laddr", end->laddr) &&
	       event_has_text(event, "raddr", end->raddr);
}

struct search {
	const char *type;
	const struct end *end;
	int nth;		/* that many more are to be passed over */
	size_t next;		/* all before it were looked at */
	const json_t *found;
};

static bool has_come(struct tracer *t, void *arg)
{
	struct search *s = arg;
	const json_t *event;

	for (; !s->found && s->next < json_array_size(tracer_events(t)); s->next++) {
		event = json_array_get(tracer_events(t), s->next);
		if (event_has_text(event, "type", s->type) && told_is_about(event, s->end) && !s->nth--)
			s->found = event;
	}
	return s->found;
}

const json_t *told_event(struct tracer *t, const char *type, const struct end *end, int nth,
			 int wait_ms)
{
	struct search s = { .type = type, .end = end, .nth = nth };

	tracer_until(t, has_come, &s, wait_ms);
	return s.found;
}

int told_count(const struct tracer *t, const char *type, const struct end *end)
{
	const json_t *event;
	int count = 0;
	size_t i;

	json_array_foreach(tracer_events(t), i, event)
		count += event_has_text(event, "type", type) && told_is_about(event, end);
	return count;
}

bool told_with_gap(const struct tracer *t, const struct end *end)
{
	const char *at = NULL;
	const json_t *event;
	bool gap = false;
	size_t i;

	json_array_foreach(tracer_events(t), i, event) {
		if (!event_has_text(event, "type", "transition") || !told_is_about(event, end))
			continue;
		gap |= at && strcmp(at, event_text(event, "from"));
		at = event_text(event, "to");
	}
	return gap || !at || (strcmp(at, "CLOSE") && strcmp(at, "TIME_WAIT"));
}

bool told_same(const struct end *a, const struct end *b)
{
	if (a->cookie || b->cookie)
		return a->cookie == b->cookie;
	return a->netns == b->netns && a->lport == b->lport && a->rport == b->rport;
}

void told_show(const struct tracer *t, const struct end *end)
{
	const json_t *event;
	char *line;
	size_t i;

	json_array_foreach(tracer_events(t), i, event) {
		if (!told_is_about(event, end))
			continue;
		line = json_dumps(event, JSON_COMPACT);
		print_message("%s\n", line);
		free(line);
	}
}
