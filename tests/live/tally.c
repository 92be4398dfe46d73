// SPDX-License-Identifier: GPL-2.0
/* A tracer's events, counted as the daemon counts them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "deadline.h"
#include "event.h"
#include "tally.h"

bool tally_enter(const json_t *event, void *arg)
{
	const char *type = event_text(event, "type");
	json_t *counts = arg, *count;
	char sample[160];

	if (!strcmp(type, "transition"))
		snprintf(sample, sizeof(sample),
			 "tcpclose_transitions_total{from=\"%s\",to=\"%s\"}",
			 event_text(event, "from"), event_text(event, "to"));
	else if (!strcmp(type, "teardown"))
		snprintf(sample, sizeof(sample),
			 "tcpclose_teardowns_total{kind=\"%s\",closer=\"%s\"}",
			 event_text(event, "kind"), event_text(event, "closer"));
	else if (!strcmp(type, "time_wait") && !event_is_null(event, "duration_ns"))
		snprintf(sample, sizeof(sample),
			 "tcpclose_time_wait_duration_seconds_count{end=\"%s\"}",
			 event_text(event, "end"));
	else
		return false;
	count = json_object_get(counts, sample);
	json_object_set_new(counts, sample, json_integer(json_integer_value(count) + 1));
	return false;
}

/* Of all samples whose name and labels begin so, that are not 0. */
static int moved(const char *text, const char *prefix)
{
	int count = 0;

	for (const char *line = strstr(text, prefix); line; line = strstr(line + 1, prefix)) {
		const char *value = strchr(line, '}');

		count += line[-1] == '\n' && value && strtod(value + 1, NULL) > 0;
	}
	return count;
}

static bool is_equal(const char *text, const json_t *counts, bool tells)
{
	const char *sample;
	json_t *count;
	bool equal = true;

	json_object_foreach((json_t *)counts, sample, count) {
		double got = metrics_value(text, sample);

		if (got == (double)json_integer_value(count))
			continue;
		equal = false;
		if (tells)
			print_message("%s: %g, and the tracer has %lld\n", sample, got,
				      (long long)json_integer_value(count));
	}
	return equal && moved(text, "tcpclose_transitions_total{") +
			moved(text, "tcpclose_teardowns_total{") +
			moved(text, "tcpclose_time_wait_duration_seconds_count{") ==
			(int)json_object_size(counts);
}

void tally_expect(const struct daemon *d, const json_t *counts)
{
	static const char *const places[] = {
		"tcpclose_events_lost_total{where=\"ring\"}",
		"tcpclose_events_lost_total{where=\"hook\"}",
		"tcpclose_events_lost_total{where=\"mirror\"}",
		"tcpclose_events_lost_total{where=\"sink\"}",
	};
	uint64_t deadline = deadline_in_ms(DAEMON_PATIENCE_MS);
	char *text = daemon_metrics(d);

	while (!is_equal(text, counts, false) && deadline_left_ms(deadline)) {
		free(text);
		text = daemon_metrics(d);
	}
	assert_true(is_equal(text, counts, true));
	assert_true(metrics_value(text, "tcpclose_illegal_transitions_total") == 0);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_true(metrics_value(text, places[i]) == 0);
	free(text);
}
