// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <unistd.h>

#include "event.h"
#include "fixture.h"
#include "service.h"
#include "tracer.h"
#include "watch.h"

struct tracer *watch_start(void **state)
{
	char self[16];
	const char *const args[] = { "--stuck", "close-wait=" WATCH_THRESHOLD, "-e", "finding",
				     "--netns", self, NULL };

	snprintf(self, sizeof(self), "%d", getpid());
	*state = tracer_start(args);
	return *state;
}

int watch_stop(void **state)
{
	service_stop_all();
	return fixture_stop(state);
}

bool watch_is_finding(const json_t *event, uint16_t port)
{
	return event_has_text(event, "type", "finding") &&
	       event_has_number(event, "service_lport", port);
}
