// SPDX-License-Identifier: GPL-2.0
/* What the tracers of each test showed, kept for a comparison. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "event.h"
#include "fatal.h"
#include "keep.h"
#include "netns.h"

static const char *running;
static int count;	/* of its tracers */

void keep_for(const char *test)
{
	running = test;
	count = 0;
}

const char *keep_test(void)
{
	return running;
}

static FILE *create(const char *dir)
{
	char path[512], nth[16] = "";
	FILE *file;

	if (++count > 1)
		snprintf(nth, sizeof(nth), ".%d", count);
	snprintf(path, sizeof(path), "%s/%s.%s%s.json", dir, program_invocation_short_name,
		 running, nth);
	file = fopen(path, "we");
	fatal_unless(file, path);
	return file;
}

/* Tests of other programs may run beside this one, each in namespaces of its own. */
static bool is_ours(const json_t *event)
{
	return !json_object_get(event, "netns") || netns_is_ours(event_number(event, "netns"));
}

void keep_events(const json_t *events)
{
	const char *dir = getenv("TCT_KEEP");
	const json_t *event;
	FILE *file;
	size_t i;

	if (!dir || !running)
		return;
	file = create(dir);
	json_array_foreach(events, i, event) {
		if (!is_ours(event))
			continue;
		json_dumpf(event, file, JSON_COMPACT);
		fputc('\n', file);
	}
	fatal_unless(!fclose(file), dir);
}
