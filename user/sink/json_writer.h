/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A streaming JSON writer: no tree, no allocation, one pass; a stdio stream gets whole lines, or
 * parts of a very long one. (jansson builds
 * a tree per line, some 40 allocations for a transition; a busy host makes 200,000 a second.
 * tests/unit/test_json*.c read all that this writes back with jansson.)
 */
#ifndef TCT_JSON_WRITER_H
#define TCT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define TCT_JSON_PART 4096

struct tct_json {
	FILE *out;
	bool comma;
	size_t len;		/* of the line so far, or its last part */
	char text[TCT_JSON_PART];
};

/* `key` is NULL inside an array and at the top; else a short word of plain ASCII. */
void tct_json_open(struct tct_json *json, const char *key, char bracket);
void tct_json_close(struct tct_json *json, char bracket);
void tct_json_str(struct tct_json *json, const char *key, const char *value);	/* NULL: null */
void tct_json_u64(struct tct_json *json, const char *key, uint64_t value);
void tct_json_bool(struct tct_json *json, const char *key, bool value);

/* `unknown` is written as null. */
void tct_json_i64(struct tct_json *json, const char *key, int64_t value, int64_t unknown);

/* Three decimals. */
void tct_json_real(struct tct_json *json, const char *key, double value);

/* What was written so far is in `out`: something else may be written there, which has no comma. */
void tct_json_flush(struct tct_json *json);

/* After the outermost value was closed: the end of the line. */
void tct_json_end(struct tct_json *json);

#endif
