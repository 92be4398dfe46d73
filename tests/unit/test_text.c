// SPDX-License-Identifier: GPL-2.0
/* The text sink: lines that fit in 80 columns whatever is in them, and carry no stray codes. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
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

/* Without a time in front, with the wall clock, and with seconds of the first hours. */
static const struct tct_text_config fronts[] = {
	{ .differences = 9 },
	{ .differences = 9, .clock = true },
	{ .differences = 9, .seconds = true, .start_mono_ns = SAMPLE_MONO_NS - 9999 * SECOND },
};

typedef void (*put_events)(const struct tct_sink *sink);

static void expect_event_fits(put_events put)
{
	for (size_t i = 0; i < COUNT(fronts); i++) {
		printout_begin(&printout, fronts[i]);
		put(&printout.sink);
		printout_expect_fits(&printout);
	}
}

/* One test a kind of event, so that one that is too wide does not hide another. */
static void test_width(void **state)
{
	expect_event_fits(*(put_events *)*state);
}

static put_events transition_fits = parade_transition, new_syn_recv_fits = parade_new_syn_recv,
		  time_wait_fits = parade_time_wait,
		  teardown_fits = parade_teardown, finding_fits = parade_finding,
		  one_socket_fits = parade_finding_of_one_socket,
		  holder_fits = parade_finding_with_holder, ranges_fit = parade_finding_with_ranges,
		  illegal_fits = parade_illegal, ready_fits = parade_ready, loss_fits = parade_loss,
		  audit_fits = parade_audit, flood_fits = parade_flood,
		  summary_fits = parade_summary;

static void test_no_color(void **state)
{
	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .color = false });
	parade_all(&printout.sink);
	assert_null(strchr(printout_text(&printout), '\033'));
}

/* A process may name itself as it likes: it must not write to our terminal. */
static void test_hostile_comm(void **state)
{
	struct tct_transition ev = sample_transition();

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .color = false });
	memcpy(ev.who.task.comm, "\033[2J\n\r\x7f\x9b", 9);
	printout.sink.transition(printout.sink.ctx, &ev);
	for (const char *p = printout_text(&printout); *p; p++) {
		if ((*p >= ' ' && *p < 0x7f) || *p == '\n')
			continue;
		fail_msg("byte 0x%02x was printed", (unsigned char)*p);
	}
	/* the titles and the event */
	assert_ptr_equal(strchr(strchr(printout_text(&printout), '\n') + 1, '\n'),
			 printout_text(&printout) + printout.size - 1);
}

static struct tct_transition small_transition(void)
{
	return (struct tct_transition){
		.mono_ns = 12345678900,
		.who = { .cookie = 0x1f, .netns = 4026531840,
			 .tuple = { .family = AF_INET, .lport = 40000, .rport = 80,
				    .laddr = { 10, 0, 0, 1 }, .raddr = { 10, 0, 0, 2 } },
			 .task = { .pid = 42, .comm = "curl" } },
		.from = TCT_ESTABLISHED,
		.to = TCT_CLOSE_WAIT,
		.dwell_ns = 1500000000,
		.legal = true,
	};
}

static void test_transition(void **state)
{
	struct tct_transition ev = small_transition();

	(void)state;
	printout_begin(&printout, fronts[0]);
	printout.sink.transition(printout.sink.ctx, &ev);
	ev.legal = false;
	ev.dwell_ns = TCT_UNKNOWN;
	ev.who.task.pid = 0;
	ev.who.tuple.rport = 0;
	printout.sink.transition(printout.sink.ctx, &ev);
	assert_string_equal(printout_text(&printout),
		"PID     COMM      LPORT REMOTE                FROM           TO            AFTER\n"
		"42      curl      40000 10.0.0.2:80           ESTABLISHED -> CLOSE_WAIT    1.50s\n"
		"-       -         40000 -                     ESTABLISHED !> CLOSE_WAIT        -\n");
}

static void test_seconds(void **state)
{
	struct tct_transition ev = small_transition();

	(void)state;
	printout_begin(&printout, (struct tct_text_config){
		.seconds = true, .start_mono_ns = 345678900 });
	printout.sink.transition(printout.sink.ctx, &ev);
	assert_string_equal(printout_text(&printout),
		"TIME     PID     LPORT REMOTE                FROM           TO            AFTER\n"
		"12.000   42      40000 10.0.0.2:80           ESTABLISHED -> CLOSE_WAIT    1.50s\n");
}

/* The columns stay apart after a day. */
static void test_seconds_of_a_day(void **state)
{
	struct tct_transition ev = small_transition();

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .seconds = true });
	ev.mono_ns = 99999999000000;
	printout.sink.transition(printout.sink.ctx, &ev);
	assert_non_null(strstr(printout_text(&printout), "\n100000.0 42 "));
}

static void test_seconds_of_months(void **state)
{
	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .seconds = true });
	parade_transition(&printout.sink);
	printout_expect_fits(&printout);
}

static void test_clock(void **state)
{
	struct tct_transition ev = small_transition();

	(void)state;
	printout_begin(&printout, (struct tct_text_config){
		.clock = true, .real_offset_ns = 1709210096000000000 });
	printout.sink.transition(printout.sink.ctx, &ev);
	assert_non_null(strstr(printout_text(&printout), "\n12:35:08 42      40000 10.0.0.2:80 "));
}

static void test_wide(void **state)
{
	struct tct_transition ev = sample_transition();

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .wide = true });
	printout.sink.transition(printout.sink.ctx, &ev);
	assert_non_null(strstr(printout_text(&printout), "7fffffffffffffff 4026531840 4194304 "
			"fifteen-letters [ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65535 "
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 ESTABLISHED !> "
			"ESTABLISHED 999d23h\n"));
}

/* Once, whatever comes first. */
static void test_titles(void **state)
{
	const char *second;

	(void)state;
	printout_begin(&printout, fronts[0]);
	parade_teardown(&printout.sink);
	parade_transition(&printout.sink);
	second = strchr(printout_text(&printout), '\n') + 1;
	assert_memory_equal(printout_text(&printout), "PID ", 4);
	assert_null(strstr(second, "PID "));
}

static void test_messages_are_apart(void **state)
{
	char *messages = NULL;
	size_t size;

	(void)state;
	printout_begin(&printout, fronts[0]);
	printout.text.config.messages = open_memstream(&messages, &size);
	parade_ready(&printout.sink);
	parade_loss(&printout.sink);
	parade_summary(&printout.sink);
	fclose(printout.text.config.messages);
	assert_string_equal(printout_text(&printout), "");
	assert_non_null(strstr(messages, "lost 18446744073709551615 events so far: the ring buffer "
			       "was full (--ring)\n"));
	free(messages);
}

static void audit(uint32_t ghosts, bool asked)
{
	const struct tct_audit ev = {
		.asked = asked, .complete = true, .kernel = 1, .mirrored = 1, .namespaces = 2,
		.drift[TCT_DRIFT_GHOST] = ghosts, .duration_ns = 6800000,
	};

	printout.sink.audit(printout.sink.ctx, &ev);
}

static void test_audit(void **state)
{
	(void)state;
	printout_begin(&printout, fronts[0]);
	audit(0, false);
	assert_string_equal(printout_text(&printout), "");
	audit(0, true);
	audit(1, false);
	assert_string_equal(printout_text(&printout),
			    "audit: 0 differences; 1 socket in 2 network namespaces; took 6.8ms\n"
			    "audit: 1 difference, repaired: 1 gone from the kernel; 1 socket in 2 "
			    "network\n    namespaces; took 6.8ms\n");
}

/* What a recording has of them. */
static void test_all_audits(void **state)
{
	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .audits = true });
	audit(0, false);
	assert_memory_equal(printout_text(&printout), "audit: 0 differences;", 21);
}

/* Some of each audit's; the audit's own line has the numbers. */
static void test_differences(void **state)
{
	const struct tct_difference ev = {
		.drift = TCT_DRIFT_GHOST, .who = small_transition().who,
		.mirror = TCT_CLOSE_WAIT, .kernel = TCT_NONE,
	};
	const char *one = "DIFFERENCE 10.0.0.1:40000 to 10.0.0.2:80: CLOSE_WAIT in the mirror, gone "
			  "from\n    the kernel\n";

	(void)state;
	printout_begin(&printout, (struct tct_text_config){ .differences = 1 });
	for (int i = 0; i < 3; i++)
		printout.sink.difference(printout.sink.ctx, &ev);
	assert_string_equal(printout_text(&printout), one);
	audit(3, false);
	printout.sink.difference(printout.sink.ctx, &ev);
	assert_string_equal(printout_text(&printout) + strlen(printout_text(&printout)) -
			    strlen(one), one);
}

#define FITS(name) { #name, test_width, NULL, teardown, &(name) }
#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FITS(transition_fits),
		FITS(new_syn_recv_fits),
		FITS(time_wait_fits),
		FITS(teardown_fits),
		FITS(finding_fits),
		FITS(one_socket_fits),
		FITS(holder_fits),
		FITS(ranges_fit),
		FITS(illegal_fits),
		FITS(ready_fits),
		FITS(audit_fits),
		FITS(flood_fits),
		FITS(loss_fits),
		FITS(summary_fits),
		TEST(test_no_color),
		TEST(test_hostile_comm),
		TEST(test_transition),
		TEST(test_seconds),
		TEST(test_seconds_of_a_day),
		TEST(test_seconds_of_months),
		TEST(test_clock),
		TEST(test_wide),
		TEST(test_titles),
		TEST(test_messages_are_apart),
		TEST(test_audit),
		TEST(test_all_audits),
		TEST(test_differences),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
