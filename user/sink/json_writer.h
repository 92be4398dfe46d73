/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A streaming JSON writer: no tree, no allocation, one pass; a stdio stream gets whole lines, or
 * parts of a very long one. (jansson builds a tree per line, some 40 allocations for a transition;
 * a busy host makes 200,000 a second. tests/unit/test_json*.c read all that this writes back with
 * jansson.) What takes a key is in this header: the compiler knows how long a constant one is.
 */
#ifndef TCT_JSON_WRITER_H
#define TCT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TCT_JSON_PART 4096
#define TCT_JSON_FIELD 384	/* of 64 a key with what is around it; the longest double has 314 */

struct tct_json {
	FILE *out;
	bool comma;
	size_t len;		/* of the line so far, or its last part */
	char text[TCT_JSON_PART];
};

/* What was written so far is in `out`: something else may be written there, which has no comma. */
void tct_json_flush(struct tct_json *json);

/* After the outermost value was closed: the end of the line. */
void tct_json_end(struct tct_json *json);

void tct_json_close(struct tct_json *json, char bracket);

/* A value, right after its key: see below. */
void tct_json_put_open(struct tct_json *json, char bracket);
void tct_json_put_str(struct tct_json *json, const char *value);
void tct_json_put_plain(struct tct_json *json, const char *value, size_t len);
void tct_json_put_u64(struct tct_json *json, uint64_t value);
void tct_json_put_i64(struct tct_json *json, int64_t value, int64_t unknown);
void tct_json_put_bool(struct tct_json *json, bool value);
void tct_json_put_real(struct tct_json *json, double value);

/* `key` is NULL inside an array and at the top; else a short word of plain ASCII. */
static inline void tct_json_key(struct tct_json *json, const char *key)
{
	char *at;

	if (json->len > sizeof(json->text) - TCT_JSON_FIELD)
		tct_json_flush(json);
	at = json->text + json->len;
	if (json->comma)
		*at++ = ',';
	json->comma = true;
	if (key) {
		*at++ = '"';
		at = (char *)mempcpy(at, key, strlen(key));
		*at++ = '"';
		*at++ = ':';
	}
	json->len = (size_t)(at - json->text);
}

static inline void tct_json_open(struct tct_json *json, const char *key, char bracket)
{
	tct_json_key(json, key);
	tct_json_put_open(json, bracket);
}

/* NULL is written as null. */
static inline void tct_json_str(struct tct_json *json, const char *key, const char *value)
{
	tct_json_key(json, key);
	tct_json_put_str(json, value);
}

/* At most 64 characters, of which none needs escaping. */
static inline void tct_json_plain(struct tct_json *json, const char *key, const char *value,
				  size_t len)
{
	tct_json_key(json, key);
	tct_json_put_plain(json, value, len);
}

static inline void tct_json_u64(struct tct_json *json, const char *key, uint64_t value)
{
	tct_json_key(json, key);
	tct_json_put_u64(json, value);
}

/* `unknown` is written as null. */
static inline void tct_json_i64(struct tct_json *json, const char *key, int64_t value,
				int64_t unknown)
{
	tct_json_key(json, key);
	tct_json_put_i64(json, value, unknown);
}

static inline void tct_json_bool(struct tct_json *json, const char *key, bool value)
{
	tct_json_key(json, key);
	tct_json_put_bool(json, value);
}

/* Three decimals. */
static inline void tct_json_real(struct tct_json *json, const char *key, double value)
{
	tct_json_key(json, key);
	tct_json_put_real(json, value);
}

#endif
