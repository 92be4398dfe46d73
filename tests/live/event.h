/* SPDX-License-Identifier: GPL-2.0 */
/* Reading one line of the JSON stream. A missing or ill-typed field fails the test by name. */
#ifndef LIVE_EVENT_H
#define LIVE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

const char *event_text(const json_t *event, const char *field);
int64_t event_number(const json_t *event, const char *field);
bool event_flag(const json_t *event, const char *field);

/* The object or array of that name. */
json_t *event_part(const json_t *event, const char *field);

/* No failure: whether the field is there and null. */
bool event_is_null(const json_t *event, const char *field);

/* No failure: equality, and false when the field is missing. */
bool event_has_text(const json_t *event, const char *field, const char *value);
bool event_has_number(const json_t *event, const char *field, int64_t value);

#endif
