// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <string.h>
#include "field.h"

json_t *field_get(const json_t *root, const char *key)
{
	json_t *value = json_object_get(root, key);

	if (!value)
		fail_msg("there is no \"%s\"", key);
	return value;
}

void field_expect_str(const json_t *root, const char *key, const char *expected)
{
	assert_true(json_is_string(field_get(root, key)));
	assert_string_equal(json_string_value(field_get(root, key)), expected);
}

void field_expect_int(const json_t *root, const char *key, int64_t expected)
{
	if (!json_is_integer(field_get(root, key)))
		fail_msg("\"%s\" is no integer", key);
	assert_int_equal(json_integer_value(field_get(root, key)), expected);
}

void field_expect_bool(const json_t *root, const char *key, bool expected)
{
	assert_true(json_is_boolean(field_get(root, key)));
	assert_int_equal(json_is_true(field_get(root, key)), expected);
}

void field_expect_null(const json_t *root, const char *key)
{
	if (!json_is_null(field_get(root, key)))
		fail_msg("\"%s\" is not null", key);
}

void field_expect_head(const json_t *root, const char *type, uint64_t mono_ns)
{
	field_expect_int(root, "v", 1);
	field_expect_str(root, "type", type);
	field_expect_int(root, "mono_ns", (int64_t)mono_ns);
	assert_int_equal(strlen(json_string_value(field_get(root, "ts"))), 30);
}

void field_expect_tuple(const json_t *root)
{
	field_expect_str(root, "family", "ipv6");
	field_expect_str(root, "laddr", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
	field_expect_str(root, "raddr", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	field_expect_int(root, "lport", 65535);
	field_expect_int(root, "rport", 65535);
	field_expect_int(root, "netns", 4026531840);
	field_expect_int(root, "cookie", INT64_MAX);
}

void field_expect_task(const json_t *root)
{
	field_expect_int(root, "pid", 4194304);
	field_expect_str(root, "comm", "fifteen-letters");
}
