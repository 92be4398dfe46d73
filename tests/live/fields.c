// SPDX-License-Identifier: GPL-2.0
/* What must hold of an event, in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "fields.h"

#define WORD 64

struct want {
	char field[WORD];
	bool at_least;
	char value[WORD];
};

/* Returns what follows, NULL at the end. */
static const char *next(const char *text, struct want *want)
{
	int used = 0;

	*want = (struct want){ .at_least = false };
	text += strspn(text, " ");
	if (sscanf(text, "%63[a-z_A-Z0-9.]>=%63[^ ]%n", want->field, want->value, &used) == 2)
		want->at_least = true;
	else if (sscanf(text, "%63[a-z_A-Z0-9.]=%63[^ ]%n", want->field, want->value, &used) != 2)
		return NULL;
	return text + used;
}

static const json_t *field_of(const json_t *event, const char *field)
{
	char name[WORD];
	char *rest;

	snprintf(name, sizeof(name), "%s", field);
	rest = strchr(name, '.');
	if (!rest)
		return json_object_get(event, name);
	*rest = '\0';
	return json_object_get(json_object_get(event, name), rest + 1);
}

static void spell(const json_t *value, char text[WORD])
{
	if (json_is_integer(value))
		snprintf(text, WORD, "%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		snprintf(text, WORD, "%s", json_string_value(value));
	else if (json_is_boolean(value))
		snprintf(text, WORD, "%s", json_is_true(value) ? "true" : "false");
	else
		snprintf(text, WORD, "%s", value ? "null" : "missing");
}

static bool holds(const struct want *want, const json_t *value, const char *text)
{
	if (want->at_least)
		return json_is_integer(value) && json_integer_value(value) >= atoll(want->value);
	return !strcmp(text, want->value);
}

static bool is_known(const struct want *want, const json_t *ready)
{
	return strcmp(want->field, "reset_reason") ||
	       !event_is_null(event_part(ready, "probes"), "reset_reason");
}

bool fields_hold(const json_t *event, const char *wanted, const json_t *ready, char *words,
		 size_t room)
{
	const json_t *value;
	struct want want;
	char text[WORD];

	while ((wanted = next(wanted, &want))) {
		value = field_of(event, want.field);
		spell(value, text);
		if (!is_known(&want, ready) || holds(&want, value, text))
			continue;
		snprintf(words, room, "%s is %s, not %s%s", want.field, text,
			 want.at_least ? "at least " : "", want.value);
		return false;
	}
	return true;
}
