// SPDX-License-Identifier: GPL-2.0
/* The text sink's lines of a finding: the headline, who holds it, the verdicts and the advice. */
#include "test.h"

#include <string.h>
#include "parade.h"
#include "printout.h"
#include "sample.h"

static struct printout printout;

static int teardown(void **state)
{
	(void)state;
	printout_end(&printout);
	return 0;
}

static void test_color(void **state)
{
	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .color = true });
	parade_finding(&printout.sink);
	assert_non_null(strstr(printout_text(&printout), "\033[31mSTUCK\033[0m CLOSE_WAIT"));
	assert_non_null(strstr(printout_text(&printout), "\033[32mRESOLVED\033[0m CLOSE_WAIT"));
}

static void test_hostile_holder(void **state)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("3");

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .color = false });
	memcpy(holder.comm, "\033[2J\r\x7f\x9b", 8);
	ev.holders = &holder;
	ev.holder_count = 1;
	printout.sink.finding(printout.sink.ctx, &ev);
	assert_null(strchr(printout_text(&printout), '\033'));
	assert_null(strchr(printout_text(&printout), '\r'));
}

static void test_finding(void **state)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("5-6");

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .wide = false });
	ev.status = TCT_UPDATE;
	ev.count = holder.count = 2;
	ev.oldest_ns = 61000000000;
	ev.confidence = TCT_EXACT;
	ev.at_least = false;
	ev.holders = &holder;
	ev.holder_count = 1;
	ev.port_is_local = true;
	memset(ev.verdicts, 0, sizeof(ev.verdicts));
	ev.verdicts[TCT_UNREAD_DATA] = 2;
	ev.unread_bytes = 50;
	ev.advice = "do close it";
	printout.sink.finding(printout.sink.ctx, &ev);
	assert_string_equal(printout_text(&printout),
		"STUCK, still CLOSE_WAIT: 2 sockets, local port 65535, oldest 61.00s\n"
		"    fifteen-letters[4194304] holds 2 by fd 5-6\n"
		"    unread-data: 2 (50 bytes unread)\n"
		"    do close it\n");
}

/* What stays bounded, or works, is not called stuck. */
static void test_finding_info(void **state)
{
	struct tct_finding ev = sample_finding();

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .wide = false });
	ev.severity = TCT_INFO;
	ev.count = 2;
	ev.oldest_ns = 61000000000;
	ev.confidence = TCT_EXACT;
	ev.at_least = false;
	memset(ev.verdicts, 0, sizeof(ev.verdicts));
	ev.verdicts[TCT_STILL_SENDING] = 2;
	ev.unread_bytes = 0;
	ev.advice = "this works";
	printout.sink.finding(printout.sink.ctx, &ev);
	ev.status = TCT_RESOLVED;
	printout.sink.finding(printout.sink.ctx, &ev);
	assert_string_equal(printout_text(&printout),
		"LINGERING CLOSE_WAIT: 2 sockets, remote port 65535, oldest 61.00s\n"
		"    still-sending: 2\n"
		"    this works\n"
		"RESOLVED CLOSE_WAIT: none left, remote port 65535\n");
}

/* How bad it is, and the numbers behind it. */
static void test_finding_critical(void **state)
{
	const struct tct_outlook outlook = { .growth_per_s = 12.5, .fd_limit = 1024,
					     .fd_open = 900, .eta_ns = 10000000000 };
	struct tct_finding ev = sample_finding();

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .wide = false });
	ev.severity = TCT_CRITICAL;
	ev.count = 2;
	ev.oldest_ns = 61000000000;
	ev.confidence = TCT_EXACT;
	ev.at_least = false;
	memset(ev.verdicts, 0, sizeof(ev.verdicts));
	ev.outlook = &outlook;
	ev.advice = "do close it";
	printout.sink.finding(printout.sink.ctx, &ev);
	assert_string_equal(printout_text(&printout),
		"STUCK (critical) CLOSE_WAIT: 2 sockets, remote port 65535, oldest 61.00s\n"
		"    12.5 more each second; 900 of 1,024 descriptors open, the last in 10.00s\n"
		"    do close it\n");
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_color),
		TEST(test_hostile_holder),
		TEST(test_finding),
		TEST(test_finding_info),
		TEST(test_finding_critical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
