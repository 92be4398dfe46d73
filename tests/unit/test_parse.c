// SPDX-License-Identifier: GPL-2.0
/* Values of options: what is taken, what is refused, and that a refusal changes nothing. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../../user/parse.h"

#define WORDS (65536 / 64)
#define UNTOUCHED 12345

static void expect_duration(const char *text, uint64_t expected)
{
	uint64_t ns = UNTOUCHED;

	if (tct_parse_duration(text, &ns))
		fail_msg("'%s' was refused", text);
	assert_int_equal(ns, expected);
}

static void test_durations(void **state)
{
	(void)state;
	expect_duration("60", 60 * SECOND);
	expect_duration("60s", 60 * SECOND);
	expect_duration("0.5", SECOND / 2);
	expect_duration("1.5m", 90 * SECOND);
	expect_duration("500ms", SECOND / 2);
	expect_duration("2h", 7200 * SECOND);
	expect_duration("1d", 86400 * SECOND);
	expect_duration("0.000000001", 1);
	expect_duration("007", 7 * SECOND);
	expect_duration("3155759999", 3155759999 * SECOND);
}

/* A whole number of ms is exact, whatever its binary fraction. */
static void test_durations_exact(void **state)
{
	(void)state;
	for (unsigned int ms = 1; ms < 2000; ms++) {
		char text[16];

		snprintf(text, sizeof(text), "%ums", ms);
		expect_duration(text, ms * 1000000ull);
	}
}

static void test_durations_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "0", "0s", "0.0", "0.0000000001", "-1", "+1", " 60", "60 ", "60 s",
		"s", "ms", "60S", "60sec", "1e3", "1E3", "1e3s", "1E3s", "0x10", "inf", "nan",
		".5s", "1.5.5s", "1,5", "5ss", "5us", "3155760000", "1000000000000h",
		"99999999999999999999999999999999", "60s,", "--1", "1p3",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint64_t ns = UNTOUCHED;
		int err = tct_parse_duration(bad[i], &ns);

		if (err != -EINVAL)
			fail_msg("'%s' was taken as %llu ns", bad[i], (unsigned long long)ns);
		assert_int_equal(ns, UNTOUCHED);
	}
}

static void expect_number(const char *text, uint32_t max, uint32_t expected)
{
	uint32_t number = UNTOUCHED;

	assert_int_equal(tct_parse_number(text, max, &number), 0);
	assert_int_equal(number, expected);
}

static void test_numbers(void **state)
{
	(void)state;
	expect_number("1", 1, 1);
	expect_number("4194304", 4194304, 4194304);
	expect_number("0042", 100, 42);
	expect_number("4294967295", UINT32_MAX, UINT32_MAX);
}

static void test_numbers_refused(void **state)
{
	static const char *const bad[] = { "", "0", "00", "-1", "+1", " 1", "1 ", "1.0", "1e3",
					   "0x1", "101", "4294967296", "4294967297",
					   "18446744073709551617", "1,", "a" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t number = UNTOUCHED;

		if (tct_parse_number(bad[i], 100, &number) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(number, UNTOUCHED);
	}
}

static bool has_port(const uint64_t *bits, uint32_t port)
{
	return bits[port / 64] >> port % 64 & 1;
}

static unsigned int count_ports(const uint64_t *bits)
{
	unsigned int count = 0;

	for (size_t i = 0; i < WORDS; i++)
		count += (unsigned int)__builtin_popcountll(bits[i]);
	return count;
}

static void test_port_list(void **state)
{
	uint64_t bits[WORDS] = { 0 };

	(void)state;
	assert_int_equal(tct_parse_ports("80,443,8000-8010", bits), 0);
	assert_int_equal(count_ports(bits), 13);
	assert_true(has_port(bits, 80) && has_port(bits, 443));
	assert_true(has_port(bits, 8000) && has_port(bits, 8010));
	assert_false(has_port(bits, 7999) || has_port(bits, 8011));
}

static void test_port_limits(void **state)
{
	uint64_t bits[WORDS] = { 0 };

	(void)state;
	assert_int_equal(tct_parse_ports("1,65535", bits), 0);
	assert_int_equal(count_ports(bits), 2);
	assert_true(has_port(bits, 1) && has_port(bits, 65535));
	assert_int_equal(tct_parse_ports("1-65535", bits), 0);
	assert_int_equal(count_ports(bits), 65535);
	assert_false(has_port(bits, 0));
}

/* Two options of one kind add up; a range may be one port, and overlap. */
static void test_ports_add_up(void **state)
{
	uint64_t bits[WORDS] = { 0 };

	(void)state;
	assert_int_equal(tct_parse_ports("22", bits), 0);
	assert_int_equal(tct_parse_ports("80-80,79-81", bits), 0);
	assert_int_equal(count_ports(bits), 4);
	assert_true(has_port(bits, 22));
}

static const char *const bad_ports[] = {
	"", ",", "0", "65536", "-1", "80,", ",80", "80,,443", "80-", "-80", "80-79", "80-65536",
	"0-80", "80-443-8000", "80 443", "80, 443", " 80", "80 ", "http", "1e3", "80;443",
	"4294967376", "0x50", "80.5", "80,443,x",
};

static void test_ports_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_ports); i++) {
		uint64_t bits[WORDS] = { 0 };

		if (tct_parse_ports(bad_ports[i], bits) != -EINVAL)
			fail_msg("'%s' was taken", bad_ports[i]);
	}
}

static void test_refused_ports_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_ports); i++) {
		uint64_t bits[WORDS] = { 0 };

		tct_parse_ports(bad_ports[i], bits);
		if (count_ports(bits))
			fail_msg("'%s' was refused and yet set %u ports", bad_ports[i],
				 count_ports(bits));
	}
}

static void test_states(void **state)
{
	uint32_t bits = 0;

	(void)state;
	assert_int_equal(tct_parse_states("close-wait,LAST_ACK", &bits), 0);
	assert_int_equal(bits, 1u << TCT_CLOSE_WAIT | 1u << TCT_LAST_ACK);
	assert_int_equal(tct_parse_states("fin-wait-1,fin-wait-1", &bits), 0);
	assert_int_equal(bits, 1u << TCT_CLOSE_WAIT | 1u << TCT_LAST_ACK | 1u << TCT_FIN_WAIT1);
}

static void test_states_refused(void **state)
{
	static const char *const bad[] = { "", ",", "close-wait,", ",close-wait", "unknown", "8",
					   "close-wait,bogus", "close-wait;last-ack",
					   "close-wait, last-ack", "close-wait,,last-ack", "all" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t bits = UNTOUCHED;

		if (tct_parse_states(bad[i], &bits) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(bits, UNTOUCHED);
	}
}

static void set_thresholds(uint64_t *ns)
{
	memset(ns, 0, TCT_STATES * sizeof(*ns));
	ns[TCT_CLOSE_WAIT] = 60 * SECOND;
	ns[TCT_LAST_ACK] = 61 * SECOND;
}

static void test_thresholds(void **state)
{
	uint64_t ns[TCT_STATES];

	(void)state;
	set_thresholds(ns);
	assert_int_equal(tct_parse_thresholds("close-wait=5s", ns), 0);
	assert_int_equal(ns[TCT_CLOSE_WAIT], 5 * SECOND);
	assert_int_equal(ns[TCT_LAST_ACK], 61 * SECOND);
	assert_int_equal(tct_parse_thresholds("CLOSE_WAIT=1.5m,last-ack=100ms", ns), 0);
	assert_int_equal(ns[TCT_CLOSE_WAIT], 90 * SECOND);
	assert_int_equal(ns[TCT_LAST_ACK], SECOND / 10);
}

static void test_thresholds_off(void **state)
{
	uint64_t ns[TCT_STATES];

	(void)state;
	set_thresholds(ns);
	assert_int_equal(tct_parse_thresholds("close-wait=off,last-ack=0", ns), 0);
	assert_int_equal(ns[TCT_CLOSE_WAIT], 0);
	assert_int_equal(ns[TCT_LAST_ACK], 0);
}

static void test_thresholds_refused(void **state)
{
	static const char *const bad[] = {
		"", ",", "=", "=5s", "close-wait", "close-wait=", "close-wait=5s,", "close-wait=-1",
		"close-wait=1e3", "close-wait=5s,last-ack", "close-wait=5s,bogus=5s",
		"established=5s", "bogus=5s", "close-wait=of", "close-wait=offf", "close-wait=0s",
		"close-wait,last-ack=5s", "close-wait==5s", "close-wait=5s;last-ack=5s",
		"close-wait=5s,close-wait=", "close-wait 5s",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint64_t ns[TCT_STATES], before[TCT_STATES];

		set_thresholds(ns);
		set_thresholds(before);
		if (tct_parse_thresholds(bad[i], ns) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_memory_equal(ns, before, sizeof(ns));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_durations_exact),
		cmocka_unit_test(test_durations_refused),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbers_refused),
		cmocka_unit_test(test_port_list),
		cmocka_unit_test(test_port_limits),
		cmocka_unit_test(test_ports_add_up),
		cmocka_unit_test(test_ports_refused),
		cmocka_unit_test(test_refused_ports_change_nothing),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_states_refused),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_thresholds_off),
		cmocka_unit_test(test_thresholds_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
