/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which edges of the model a real kernel went along in which test: appended to the file that
 * $TCT_COVERAGE names, one line "FROM TO PROGRAM.TEST" an edge. Without it nothing is noted.
 */
#ifndef LIVE_COVERAGE_H
#define LIVE_COVERAGE_H

#include <stdbool.h>
#include <jansson.h>

/* Those of a tracer's transitions that are the test's own. */
void coverage_note(const json_t *events, const char *test,
		   bool (*is_its)(const json_t *event, const void *arg), const void *arg);

/* The usual ones: in a namespace that this program started in or has entered. */
bool coverage_by_netns(const json_t *event, const void *none);

#endif
