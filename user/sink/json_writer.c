// SPDX-License-Identifier: GPL-2.0
#include "json_writer.h"

#include <string.h>
#include "format.h"

#define KEY_MAX 64	/* with what is around it */
#define NUMBER_MAX 24
#define ESCAPED_MAX 8

void tct_json_flush(struct tct_json *json)
{
	fwrite_unlocked(json->text, 1, json->len, json->out);
	json->len = 0;
}

/* Where the next `len` characters go, which are few. */
static char *room(struct tct_json *json, size_t len)
{
	if (len > sizeof(json->text) - json->len)
		tct_json_flush(json);
	return json->text + json->len;
}

static void set_end(struct tct_json *json, const char *end)
{
	json->len = (size_t)(end - json->text);
}

/* Returns where the value goes, for which there is so much room. */
static char *begin(struct tct_json *json, const char *key, size_t len)
{
	char *at = room(json, KEY_MAX + len);

	if (json->comma)
		*at++ = ',';
	json->comma = true;
	if (!key)
		return at;
	*at++ = '"';
	at = stpcpy(at, key);
	*at++ = '"';
	*at++ = ':';
	return at;
}

void tct_json_open(struct tct_json *json, const char *key, char bracket)
{
	char *at = begin(json, key, 1);

	*at++ = bracket;
	set_end(json, at);
	json->comma = false;
}

void tct_json_close(struct tct_json *json, char bracket)
{
	*room(json, 1) = bracket;
	json->len++;
	json->comma = true;
}

/*
 * Names of processes and cgroups are bytes of the user's choice: what is not plain ASCII is
 * written as the code point of the same number (Latin-1), so that a line is always valid JSON.
 */
static char *put_escaped(unsigned char c, char *out)
{
	static const char hex[] = "0123456789abcdef";

	*out++ = '\\';
	if (c == '"' || c == '\\') {
		*out++ = (char)c;
		return out;
	}
	out = stpcpy(out, "u00");
	*out++ = hex[c >> 4];
	*out++ = hex[c & 0xf];
	return out;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static char *put_string(struct tct_json *json, const char *value, char *at)
{
	const char *limit = json->text + sizeof(json->text) - ESCAPED_MAX;

	*at++ = '"';
	for (; *value; value++) {
		if (at > limit) {
			set_end(json, at);
			at = room(json, ESCAPED_MAX + 1);
		}
		if (is_plain((unsigned char)*value))
			*at++ = *value;
		else
			at = put_escaped((unsigned char)*value, at);
	}
	*at++ = '"';
	return at;
}

void tct_json_str(struct tct_json *json, const char *key, const char *value)
{
	char *at = begin(json, key, 2 * ESCAPED_MAX);

	set_end(json, value ? put_string(json, value, at) : stpcpy(at, "null"));
}

void tct_json_u64(struct tct_json *json, const char *key, uint64_t value)
{
	set_end(json, tct_format_u64(value, begin(json, key, NUMBER_MAX)));
}

void tct_json_i64(struct tct_json *json, const char *key, int64_t value, int64_t unknown)
{
	char *at = begin(json, key, NUMBER_MAX);

	set_end(json, value == unknown ? stpcpy(at, "null") : tct_format_i64(value, at));
}

void tct_json_bool(struct tct_json *json, const char *key, bool value)
{
	set_end(json, stpcpy(begin(json, key, NUMBER_MAX), value ? "true" : "false"));
}

void tct_json_real(struct tct_json *json, const char *key, double value)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%.3f", value);

	set_end(json, mempcpy(begin(json, key, sizeof(text)), text, (size_t)len));
}

void tct_json_end(struct tct_json *json)
{
	*room(json, 1) = '\n';
	json->len++;
	tct_json_flush(json);
	json->comma = false;
}
