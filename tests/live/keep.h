/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tracers of each test showed, kept for a comparison: one file a tracer, PROGRAM.TEST.json,
 * in the directory that $TCT_KEEP names. Without it nothing is kept.
 */
#ifndef LIVE_KEEP_H
#define LIVE_KEEP_H

#include <jansson.h>

/* The test that runs from now on; NULL: none whose events are to be kept. */
void keep_for(const char *test);

/* Its name, or NULL. */
const char *keep_test(void);

/* All of one tracer's that has finished well, but those of other programs' namespaces. */
void keep_events(const json_t *events);

#endif
