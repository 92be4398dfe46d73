// SPDX-License-Identifier: GPL-2.0
/* Values as people read them: durations, endpoints, times, wrapped lines. */
#include "test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/sink/format.h"

#define DAY_NS (86400 * (int64_t)SECOND)

static void expect_duration(int64_t ns, const char *expected)
{
	char text[16];

	tct_format_duration(ns, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_durations(void **state)
{
	(void)state;
	expect_duration(TCT_UNKNOWN, "-");
	expect_duration(0, "0us");
	expect_duration(1000, "1us");
	expect_duration(12300000, "12.3ms");
	expect_duration(1500, "2us");	/* a half goes to the even one */
	expect_duration(2500, "2us");
	expect_duration(1350000, "1.4ms");
	expect_duration(1450001, "1.5ms");
	expect_duration(9004999999, "9.00s");
	expect_duration(-1500, "-1us");
	expect_duration(59200000000, "59.20s");
	expect_duration(100 * (int64_t)SECOND, "1m40s");
	expect_duration(7500 * (int64_t)SECOND, "2h05m");
	expect_duration(3 * DAY_NS, "72h00m");
	expect_duration(5 * DAY_NS + 3600 * (int64_t)SECOND, "5d01h");
	expect_duration(365 * DAY_NS, "365d00h");
}

/* "At most seven characters": all that a column has. */
static void expect_width(int64_t ns)
{
	char text[32];

	tct_format_duration(ns, text, sizeof(text));
	if (strlen(text) > 7)
		fail_msg("%lld ns is '%s'", (long long)ns, text);
}

static void test_duration_width(void **state)
{
	(void)state;
	for (int64_t ns = 1; ns < 1000 * DAY_NS; ns += ns / 3000 + 1)
		expect_width(ns);
}

/* Right below the next unit, where rounding makes one digit more. */
static void test_duration_rounding(void **state)
{
	(void)state;
	expect_width(999999);
	expect_width(999949999);
	expect_width(999950000);
	expect_width(999999999);
	expect_width(99999999999);
	expect_width(3599999999999);
	expect_width(100 * 3600 * (int64_t)SECOND - 1);
}

/* A host that has been up for years. */
static void test_duration_of_years(void **state)
{
	(void)state;
	expect_width(1000 * DAY_NS);
	expect_width(9999 * DAY_NS);
}

static void expect_endpoint(const char *address, uint16_t port, int width, const char *expected)
{
	uint8_t bytes[16] = { 0 }, family = strchr(address, ':') ? AF_INET6 : AF_INET;
	char text[TCT_ENDPOINT_LEN];

	assert_int_equal(inet_pton(family, address, bytes), 1);
	tct_format_endpoint(bytes, family, port, width, text);
	assert_string_equal(text, expected);
}

static void test_endpoints(void **state)
{
	(void)state;
	expect_endpoint("1.2.3.4", 80, 0, "1.2.3.4:80");
	expect_endpoint("1.2.3.4", 80, 21, "1.2.3.4:80");
	expect_endpoint("255.255.255.255", 65535, 21, "255.255.255.255:65535");
	expect_endpoint("::1", 80, 21, "[::1]:80");
	expect_endpoint("::ffff:10.0.0.1", 80, 0, "[::ffff:10.0.0.1]:80");
	expect_endpoint("2001:db8:1111:2222:3333:4444:5555:6666", 65535, 0,
			"[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
}

/* Both ends of an address stay readable. */
static void test_endpoint_cut(void **state)
{
	(void)state;
	expect_endpoint("2001:db8:1111:2222:3333:4444:5555:6666", 65535, 21,
			"[2001:d~5:6666]:65535");
}

static void test_endpoint_width(void **state)
{
	static const uint8_t longest[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	for (int width = 18; width < 60; width++) {
		char text[TCT_ENDPOINT_LEN];

		tct_format_endpoint(longest, AF_INET6, 65535, width, text);
		assert_true(strlen(text) <= (size_t)width);
		assert_non_null(strstr(text, "]:65535"));
	}
}

/* As the C library writes it, whatever is zero. */
static void test_addresses(void **state)
{
	char text[TCT_ADDRESS_LEN], expected[INET6_ADDRSTRLEN], *end;
	uint8_t address[16];

	(void)state;
	srandom(1);
	for (int i = 0; i < 200000; i++) {
		uint8_t family = i % 4 ? AF_INET6 : AF_INET;
		long zeros = random(), short_words = random();

		for (int b = 0; b < 16; b++) {
			bool zero = zeros >> b / 2 & 1 || (short_words >> b / 2 & 1 && !(b & 1));

			address[b] = (uint8_t)(zero ? 0 : random() % 3 ? random() : 0xff);
		}
		end = tct_format_address(address, family, text);
		assert_ptr_equal(end, text + strlen(text));
		assert_string_equal(text, inet_ntop(family, address, expected, sizeof(expected)));
	}
	tct_format_address(address, 0, text);
	assert_string_equal(text, "?");
}

static void expect_number(uint64_t value)
{
	char text[32], expected[32];

	*tct_format_u64(value, text) = '\0';
	snprintf(expected, sizeof(expected), "%llu", (unsigned long long)value);
	assert_string_equal(text, expected);
	*tct_format_hex(value, text) = '\0';
	snprintf(expected, sizeof(expected), "%llx", (unsigned long long)value);
	assert_string_equal(text, expected);
	*tct_format_i64(-(int64_t)value, text) = '\0';
	snprintf(expected, sizeof(expected), "%lld", (long long)-(int64_t)value);
	assert_string_equal(text, expected);
}

/* Around each number that has one digit more. */
static void test_numbers(void **state)
{
	(void)state;
	expect_number(0);
	for (uint64_t power = 1; power < UINT64_MAX / 10; power *= 10) {
		expect_number(power - 1);
		expect_number(power);
		expect_number(power * 9 + 7);
	}
	expect_number(INT64_MAX);
	expect_number(UINT64_MAX);
}

static void expect_digits(uint64_t value, int count, const char *expected)
{
	char text[32];

	*tct_format_digits(value, count, text) = '\0';
	assert_string_equal(text, expected);
}

static void test_digits(void **state)
{
	(void)state;
	expect_digits(1042, 3, "042");
	expect_digits(1042, 2, "42");
	expect_digits(1042, 1, "2");
	expect_digits(1042, 0, "");
	expect_digits(7, 9, "000000007");
	expect_digits(UINT64_MAX, 19, "8446744073709551615");
}

static void test_columns(void **state)
{
	char text[32];

	(void)state;
	*tct_format_column("NEW_SYN_RECV", 11, text) = '\0';
	assert_string_equal(text, "NEW_SYN_REC");
	*tct_format_column("CLOSE", 11, text) = '\0';
	assert_string_equal(text, "CLOSE      ");
	*tct_format_right("12us", 7, text) = '\0';
	assert_string_equal(text, "   12us");
	*tct_format_right("12345678", 7, text) = '\0';
	assert_string_equal(text, "12345678");
}

static void test_rfc3339(void **state)
{
	char text[40];

	(void)state;
	tct_format_rfc3339(0, text, sizeof(text));
	assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
	tct_format_rfc3339(1709210096000000007, text, sizeof(text));
	assert_string_equal(text, "2024-02-29T12:34:56.000000007Z");
	tct_format_rfc3339(1735689599999999999, text, sizeof(text));
	assert_string_equal(text, "2024-12-31T23:59:59.999999999Z");
}

static void expect_wrapped_at(int column, const char *text, int indent, int width,
			      const char *expected)
{
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	tct_format_wrap(out, text, column, indent, width);
	fclose(out);
	assert_string_equal(got, expected);
	free(got);
}

static void expect_wrapped(const char *text, int indent, int width, const char *expected)
{
	expect_wrapped_at(0, text, indent, width, expected);
}

static void test_wrap(void **state)
{
	(void)state;
	expect_wrapped("", 4, 20, "");
	expect_wrapped("one", 4, 20, "    one\n");
	expect_wrapped("one two three four", 2, 12, "  one two\n  three four\n");
	expect_wrapped("exactly twelve", 0, 14, "exactly twelve\n");
	expect_wrapped("exactly twelve", 0, 13, "exactly\ntwelve\n");
	expect_wrapped("two  blanks", 0, 20, "two blanks\n");
}

static void test_wrap_goes_on(void **state)
{
	(void)state;
	expect_wrapped_at(5, "one two", 2, 14, " one two\n");
	expect_wrapped_at(5, "one two", 2, 9, " one\n  two\n");
	expect_wrapped_at(5, "", 2, 9, "\n");
}

static void test_wrap_breaks_long_lists(void **state)
{
	(void)state;
	expect_wrapped("fd 1,22,333,4444", 2, 10, "  fd\n  1,22,\n  333,4444\n");
	expect_wrapped("unbreakable", 0, 5, "unbreakable\n");
}

static void test_plain(void **state)
{
	char text[8];

	(void)state;
	tct_format_plain("a\033[2J\n\xff", text, sizeof(text));
	assert_string_equal(text, "a?[2J??");
	tct_format_plain("too long by far", text, sizeof(text));
	assert_string_equal(text, "too lon");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_duration_width),
		cmocka_unit_test(test_duration_rounding),
		cmocka_unit_test(test_duration_of_years),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_endpoint_cut),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_endpoint_width),
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_wrap_goes_on),
		cmocka_unit_test(test_wrap_breaks_long_lists),
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
