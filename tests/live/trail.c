// SPDX-License-Identifier: GPL-2.0
/* The events of one socket, in order, among all that a tracer has shown. */
#include "event.h"
#include "trail.h"

/* The kernel chooses an automatic port only after it told of SYN_SENT. */
static bool has_lport(const json_t *event, const struct end *end)
{
	return event_has_number(event, "lport", end->lport) ||
	       (event_has_text(event, "to", "SYN_SENT") && event_has_number(event, "lport", 0));
}

static bool has_tuple(const json_t *event, const struct end *end)
{
	return event_has_number(event, "netns", end->netns) && has_lport(event, end) &&
	       event_has_number(event, "rport", end->rport) &&
	       event_has_text(event, "laddr", end->laddr) &&
	       event_has_text(event, "raddr", end->raddr);
}

static bool has_cookie(const json_t *event, const struct end *end)
{
	return event_has_number(event, "cookie", end->cookie);
}

struct trail trail_of(const struct tracer *t, const struct end *end)
{
	struct trail trail = { .tracer = t, .end = end };
	const json_t *events = tracer_events(t);

	while (trail.known < json_array_size(events) &&
	       !has_cookie(json_array_get(events, trail.known), end))
		trail.known++;
	return trail;
}

static bool is_its(const struct trail *trail, const json_t *event)
{
	if (has_cookie(event, trail->end))
		return true;
	return trail->next < trail->known && event_is_null(event, "cookie") &&
	       has_tuple(event, trail->end);
}

const json_t *trail_next(struct trail *trail, const char *type)
{
	const json_t *events = tracer_events(trail->tracer), *event;

	for (; trail->next < json_array_size(events); trail->next++) {
		event = json_array_get(events, trail->next);
		if (!event_has_text(event, "type", type) || !is_its(trail, event))
			continue;
		trail->next++;
		return event;
	}
	return NULL;
}
