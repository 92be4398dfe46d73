/* SPDX-License-Identifier: GPL-2.0 */
/* Fields of a JSON object: each fails the test when the field is missing or is another. */
#ifndef FIELD_H
#define FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Borrowed. */
json_t *field_get(const json_t *root, const char *key);

void field_expect_str(const json_t *root, const char *key, const char *expected);
void field_expect_int(const json_t *root, const char *key, int64_t expected);
void field_expect_bool(const json_t *root, const char *key, bool expected);
void field_expect_null(const json_t *root, const char *key);

/* What every line begins with. */
void field_expect_head(const json_t *root, const char *type, uint64_t mono_ns);

/* Those of sample_subject(). */
void field_expect_tuple(const json_t *root);
void field_expect_task(const json_t *root);

#endif
