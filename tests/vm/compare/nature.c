// SPDX-License-Identifier: GPL-2.0
/* In what two streams of the same scenario may differ: the kernel or the provider can no better. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "nature.h"

static bool has(const json_t *event, const char *field, const char *value)
{
	const char *text = json_string_value(json_object_get(event, field));

	return text && !strcmp(text, value);
}

static bool always(const json_t *a, const json_t *b)
{
	(void)a;
	(void)b;
	return true;
}

static bool one_was_looked_up(const json_t *a, const json_t *b)
{
	return has(a, "owner", "iter") != has(b, "owner", "iter");
}

static bool one_is_unknown(const json_t *a, const json_t *b)
{
	return one_was_looked_up(a, b) && (json_is_null(json_object_get(a, "comm")) ||
					   json_is_null(json_object_get(b, "comm")));
}

/* One by one: a field of a type of event, when it may differ, and why. */
static const struct exception {
	const char *type;	/* NULL: any */
	const char *field;
	bool (*applies)(const json_t *a, const json_t *b);
	const char *why;	/* NULL: as the one before */
} exceptions[] = {
	{ "time_wait", "rearmed", always,
	  "the timer tracepoints miss a re-arm into the same slot of the timer wheel" },
	{ "teardown", "reset_reason", always,
	  "kernels before 6.11 do not say why they send a reset" },
	{ NULL, "owner", one_was_looked_up,
	  "who accepted a socket is looked up now and then: before an event or after it" },
	{ NULL, "comm", one_is_unknown, NULL },
};

#define EXCEPTIONS (sizeof(exceptions) / sizeof(exceptions[0]))

static bool is_excepted(const char *field, const json_t *a, const json_t *b)
{
	size_t i;

	for (i = 0; i < EXCEPTIONS; i++) {
		const struct exception *e = &exceptions[i];

		if (!strcmp(field, e->field) && (!e->type || has(a, "type", e->type)) &&
		    e->applies(a, b))
			return true;
	}
	return false;
}

static const char *first_difference(const json_t *a, const json_t *b)
{
	const char *field;
	json_t *value;

	json_object_foreach((json_t *)a, field, value)
		if (!json_equal(value, json_object_get(b, field)) && !is_excepted(field, a, b))
			return field;
	return NULL;
}

const char *nature_differs(const json_t *a, const json_t *b)
{
	const char *field = first_difference(a, b);

	return field ? field : first_difference(b, a);
}

bool nature_is_chance(const json_t *event)
{
	return has(event, "type", "audit") ||
	       (has(event, "from", "LAST_ACK") && has(event, "to", "LAST_ACK"));
}

void nature_explain(void)
{
	size_t i;

	puts("LAST_ACK to LAST_ACK: MPTCP shuts its subflow down and closes it, by turns with the "
	     "peer's last ACK");
	for (i = 0; i < EXCEPTIONS; i++)
		if (exceptions[i].why)
			printf("%s: %s\n", exceptions[i].field, exceptions[i].why);
}
