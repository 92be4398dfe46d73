// SPDX-License-Identifier: GPL-2.0
/* Which edges of the model a real kernel went along in which test. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "coverage.h"
#include "event.h"
#include "fatal.h"
#include "netns.h"

bool coverage_by_netns(const json_t *event, const void *none)
{
	(void)none;
	return netns_is_ours(event_number(event, "netns"));
}

/* As the keys of an object, each once. */
static json_t *edges_of(const json_t *events, bool (*is_its)(const json_t *, const void *),
			const void *arg)
{
	json_t *edges = json_object();
	const json_t *event;
	char edge[64];
	size_t i;

	json_array_foreach(events, i, event) {
		if (!event_has_text(event, "type", "transition") ||
		    !is_its(event, arg))
			continue;
		snprintf(edge, sizeof(edge), "%s %s", event_text(event, "from"),
			 event_text(event, "to"));
		json_object_set_new(edges, edge, json_true());
	}
	return edges;
}

void coverage_note(const json_t *events, const char *test,
		   bool (*is_its)(const json_t *event, const void *arg), const void *arg)
{
	const char *path = getenv("TCT_COVERAGE"), *edge;
	json_t *edges, *seen;
	FILE *file;

	if (!path)
		return;
	file = fopen(path, "ae");
	fatal_unless(file, path);
	edges = edges_of(events, is_its, arg);
	json_object_foreach(edges, edge, seen)
		fprintf(file, "%s %s.%s\n", edge, program_invocation_short_name, test);
	json_decref(edges);
	fatal_unless(!fclose(file), path);
}
