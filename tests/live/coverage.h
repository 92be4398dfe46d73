/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which edges of the model a real kernel went along in which test: appended to the file that
 * $TCT_COVERAGE names, one line "FROM TO PROGRAM.TEST" an edge. Without it nothing is noted.
 */
#ifndef LIVE_COVERAGE_H
#define LIVE_COVERAGE_H

#include <jansson.h>

/* All of one tracer's that has finished well, but those of other programs' namespaces. */
void coverage_note(const json_t *events, const char *test);

#endif
