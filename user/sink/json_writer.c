// SPDX-License-Identifier: GPL-2.0
#include "json_writer.h"

#include <string.h>
#include "format.h"

#define ESCAPED_MAX 8

void tct_json_flush(struct tct_json *json)
{
	fwrite_unlocked(json->text, 1, json->len, json->out);
	json->len = 0;
}

static void put_char(struct tct_json *json, char c)
{
	if (json->len == sizeof(json->text))
		tct_json_flush(json);
	json->text[json->len++] = c;
}

static void set_end(struct tct_json *json, const char *end)
{
	json->len = (size_t)(end - json->text);
}

void tct_json_put_open(struct tct_json *json, char bracket)
{
	put_char(json, bracket);
	json->comma = false;
}

void tct_json_close(struct tct_json *json, char bracket)
{
	put_char(json, bracket);
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

static const bool is_special[256] = {
	[0 ... 0x1f] = true, ['"'] = true, ['\\'] = true, [0x7f ... 0xff] = true,
};

static char *put_string(struct tct_json *json, const char *value, char *at)
{
	const char *limit = json->text + sizeof(json->text) - ESCAPED_MAX;

	*at++ = '"';
	for (; *value; value++) {
		if (at > limit) {
			set_end(json, at);
			tct_json_flush(json);
			at = json->text;
		}
		if (is_special[(unsigned char)*value])
			at = put_escaped((unsigned char)*value, at);
		else
			*at++ = *value;
	}
	*at++ = '"';
	return at;
}

void tct_json_put_str(struct tct_json *json, const char *value)
{
	char *at = json->text + json->len;

	set_end(json, value ? put_string(json, value, at) : stpcpy(at, "null"));
}

void tct_json_put_plain(struct tct_json *json, const char *value, size_t len)
{
	char *at = json->text + json->len;

	*at++ = '"';
	at = mempcpy(at, value, len);
	*at++ = '"';
	set_end(json, at);
}

void tct_json_put_u64(struct tct_json *json, uint64_t value)
{
	set_end(json, tct_format_u64(value, json->text + json->len));
}

void tct_json_put_i64(struct tct_json *json, int64_t value, int64_t unknown)
{
	char *at = json->text + json->len;

	set_end(json, value == unknown ? stpcpy(at, "null") : tct_format_i64(value, at));
}

void tct_json_put_bool(struct tct_json *json, bool value)
{
	set_end(json, stpcpy(json->text + json->len, value ? "true" : "false"));
}

void tct_json_put_real(struct tct_json *json, double value)
{
	json->len += (size_t)sprintf(json->text + json->len, "%.3f", value);
}

void tct_json_end(struct tct_json *json)
{
	put_char(json, '\n');
	tct_json_flush(json);
	json->comma = false;
}
