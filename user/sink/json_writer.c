// SPDX-License-Identifier: GPL-2.0
#include "json_writer.h"

#include <string.h>

static void put(struct tct_json *json, const char *text, size_t len)
{
	fwrite_unlocked(text, 1, len, json->out);
}

/*
 * Names of processes and cgroups are bytes of the user's choice: what is not plain ASCII is
 * written as the code point of the same number (Latin-1), so that a line is always valid JSON.
 */
static void put_escaped(struct tct_json *json, unsigned char c)
{
	char text[8];

	if (c == '"' || c == '\\') {
		text[0] = '\\';
		text[1] = (char)c;
		put(json, text, 2);
		return;
	}
	snprintf(text, sizeof(text), "\\u%04x", c);
	put(json, text, 6);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_string(struct tct_json *json, const char *value)
{
	const char *run = value;

	put(json, "\"", 1);
	for (; *value; value++) {
		if (is_plain((unsigned char)*value))
			continue;
		put(json, run, (size_t)(value - run));
		put_escaped(json, (unsigned char)*value);
		run = value + 1;
	}
	put(json, run, (size_t)(value - run));
	put(json, "\"", 1);
}

static void begin(struct tct_json *json, const char *key)
{
	if (json->comma)
		put(json, ",", 1);
	json->comma = true;
	if (!key)
		return;
	put_string(json, key);
	put(json, ":", 1);
}

void tct_json_open(struct tct_json *json, const char *key, char bracket)
{
	begin(json, key);
	put(json, &bracket, 1);
	json->comma = false;
}

void tct_json_close(struct tct_json *json, char bracket)
{
	put(json, &bracket, 1);
	json->comma = true;
}

void tct_json_str(struct tct_json *json, const char *key, const char *value)
{
	begin(json, key);
	if (value)
		put_string(json, value);
	else
		put(json, "null", 4);
}

static void put_number(struct tct_json *json, uint64_t value, bool negative)
{
	char text[24], *p = text + sizeof(text);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	if (negative)
		*--p = '-';
	put(json, p, (size_t)(text + sizeof(text) - p));
}

void tct_json_u64(struct tct_json *json, const char *key, uint64_t value)
{
	begin(json, key);
	put_number(json, value, false);
}

void tct_json_i64(struct tct_json *json, const char *key, int64_t value, int64_t unknown)
{
	begin(json, key);
	if (value == unknown)
		put(json, "null", 4);
	else
		put_number(json, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

void tct_json_bool(struct tct_json *json, const char *key, bool value)
{
	begin(json, key);
	put(json, value ? "true" : "false", value ? 4 : 5);
}

void tct_json_real(struct tct_json *json, const char *key, double value)
{
	char text[64];

	begin(json, key);
	put(json, text, (size_t)snprintf(text, sizeof(text), "%.3f", value));
}
