// SPDX-License-Identifier: GPL-2.0
/* What a client would take, by RFC 9110's headers. */
#include "test.h"

#include "../../user/serve/accept.h"

#define OPENMETRICS "application/openmetrics-text"

static void test_what_prometheus_sends(void **state)
{
	static const char accept[] =
		"application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
		"version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

	(void)state;
	assert_int_equal(tct_accept_weight(accept, OPENMETRICS), 1000);
	assert_int_equal(tct_accept_weight(accept, "text/plain"), 500);
	assert_int_equal(tct_accept_weight(accept, "image/png"), 100);
}

static void test_the_most_specific_decides(void **state)
{
	static const char accept[] = "*/*;q=0.1, text/*;q=0.3 , text/plain ; q=0.7";

	(void)state;
	assert_int_equal(tct_accept_weight(accept, "text/plain"), 700);
	assert_int_equal(tct_accept_weight(accept, "text/html"), 300);
	assert_int_equal(tct_accept_weight(accept, OPENMETRICS), 100);
}

static void test_refused(void **state)
{
	(void)state;
	assert_int_equal(tct_accept_weight("gzip;q=0, *;q=0.5", "gzip"), 0);
	assert_int_equal(tct_accept_weight("gzip;q=0, *;q=0.5", "br"), 500);
	assert_int_equal(tct_accept_weight("identity", "gzip"), -1);
	assert_int_equal(tct_accept_weight("", "gzip"), -1);
	assert_int_equal(tct_accept_weight(NULL, "gzip"), -1);
}

/* A part of a name is another name. */
static void test_no_part_of_a_name(void **state)
{
	(void)state;
	assert_int_equal(tct_accept_weight("gzipped, xgzip", "gzip"), -1);
	assert_int_equal(tct_accept_weight("GZip", "gzip"), 1000);
	assert_int_equal(tct_accept_weight("text/plainer", "text/plain"), -1);
}

static void test_nonsense(void **state)
{
	(void)state;
	assert_int_equal(tct_accept_weight(",,;;q=,;", "gzip"), -1);
	assert_int_equal(tct_accept_weight("gzip;q", "gzip"), 1000);
	assert_int_equal(tct_accept_weight("gzip;q=x", "gzip"), 0);
	assert_int_equal(tct_accept_weight("gzip;q=7", "gzip"), 1000);
	assert_int_equal(tct_accept_weight(" \t,", "gzip"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_prometheus_sends),
		cmocka_unit_test(test_the_most_specific_decides),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_part_of_a_name),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
