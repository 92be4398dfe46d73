// SPDX-License-Identifier: GPL-2.0
/* Reading one line of the JSON stream. A missing or ill-typed field fails the test by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "event.h"

static json_t *field_of(const json_t *event, const char *field, const char *kind, bool ok)
{
	char *line;

	if (ok)
		return json_object_get(event, field);
	line = json_dumps(event, JSON_COMPACT);
	print_error("%s\n", line ? line : "no such event");
	free(line);
	fail_msg("field \"%s\" is not %s", field, kind);
	return NULL;
}

const char *event_text(const json_t *event, const char *field)
{
	bool ok = json_is_string(json_object_get(event, field));

	return json_string_value(field_of(event, field, "a string", ok));
}

int64_t event_number(const json_t *event, const char *field)
{
	bool ok = json_is_integer(json_object_get(event, field));

	return json_integer_value(field_of(event, field, "an integer", ok));
}

bool event_flag(const json_t *event, const char *field)
{
	bool ok = json_is_boolean(json_object_get(event, field));

	return json_is_true(field_of(event, field, "a boolean", ok));
}

json_t *event_part(const json_t *event, const char *field)
{
	const json_t *part = json_object_get(event, field);

	return field_of(event, field, "an object or an array",
			json_is_object(part) || json_is_array(part));
}

bool event_is_null(const json_t *event, const char *field)
{
	return json_is_null(json_object_get(event, field));
}

bool event_has_text(const json_t *event, const char *field, const char *value)
{
	const char *text = json_string_value(json_object_get(event, field));

	return text && !strcmp(text, value);
}

bool event_has_number(const json_t *event, const char *field, int64_t value)
{
	const json_t *number = json_object_get(event, field);

	return json_is_integer(number) && json_integer_value(number) == value;
}
