// SPDX-License-Identifier: GPL-2.0
/* The text sink: lines that fit in 80 columns whatever is in them, and carry no stray codes. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "../../user/core/advice.h"
#include "../../user/sink/text.h"
#include "sample.h"

#define WIDTH 80

struct fixture {
	struct tct_sink_text text;
	struct tct_sink sink;
	FILE *out;		/* data and messages alike */
	char *got;
	size_t size;
};

static struct fixture fixture;

static int teardown(void **state)
{
	(void)state;
	if (fixture.out)
		fclose(fixture.out);
	free(fixture.got);
	fixture = (struct fixture){ 0 };
	return 0;
}

static void begin(struct tct_text_config config)
{
	teardown(NULL);
	fixture.out = open_memstream(&fixture.got, &fixture.size);
	config.out = config.messages = fixture.out;
	tct_sink_text_init(&fixture.text, &config, &fixture.sink);
}

static const char *got(void)
{
	fflush(fixture.out);
	return fixture.got;
}

static void expect_fits(void)
{
	const char *line = got();

	assert_true(fixture.size > 0);
	assert_int_equal(fixture.got[fixture.size - 1], '\n');
	while (*line) {
		size_t len = strcspn(line, "\n");

		if (len > WIDTH)
			fail_msg("%zu columns: %.*s", len, (int)len, line);
		line += len + 1;
	}
}

/* Without a time in front, with the wall clock, and with seconds of the first hours. */
static const struct tct_text_config fronts[] = {
	{ .wide = false },
	{ .clock = true },
	{ .seconds = true, .start_mono_ns = SAMPLE_MONO_NS - 9999 * SECOND },
};

static void put_transition(const struct tct_sink *sink)
{
	struct tct_transition ev = sample_transition();

	sink->transition(sink->ctx, &ev);
	ev.dwell_ns = TCT_UNKNOWN;
	sink->transition(sink->ctx, &ev);
}

/* A request's state: of a full socket it is never true, but it can be told. */
static void put_new_syn_recv(const struct tct_sink *sink)
{
	struct tct_transition ev = sample_transition();

	ev.from = ev.to = TCT_NEW_SYN_RECV;
	sink->transition(sink->ctx, &ev);
}

static void put_time_wait(const struct tct_sink *sink)
{
	struct tct_time_wait ev = sample_time_wait();

	sink->time_wait(sink->ctx, &ev);
	ev.duration_ns = TCT_UNKNOWN;
	sink->time_wait(sink->ctx, &ev);
}

static void put_teardown(const struct tct_sink *sink)
{
	for (int kind = 0; kind < TCT_KINDS; kind++) {
		for (int closer = TCT_CLOSER_NONE; closer <= TCT_CLOSER_BOTH; closer++) {
			struct tct_teardown ev = sample_teardown();

			ev.kind = kind;
			ev.closer = closer;
			sink->teardown(sink->ctx, &ev);
		}
	}
}

/* Every rule and status: the headline, the verdicts and the advice. */
static void put_finding(const struct tct_sink *sink)
{
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		for (int status = TCT_OPEN; status <= TCT_RESOLVED; status++) {
			struct tct_finding ev = sample_finding();

			if (!tct_stuck_rule(s))
				continue;
			ev.state = ev.to = s;
			ev.status = status;
			ev.rule = tct_stuck_rule(s);
			ev.advice = tct_advice(s, TCT_VERDICT_NONE, false);
			sink->finding(sink->ctx, &ev);
		}
	}
}

static void put_finding_of_one_socket(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_subject who = sample_subject();

	ev.socket = &who;
	ev.count = 1;
	ev.at_least = false;
	ev.confidence = TCT_EXACT;
	sink->finding(sink->ctx, &ev);
}

/* One process, its sockets by ranges of descriptors that fill the line's end. */
static void put_finding_with_holder(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("1048575-1048576");

	ev.status = TCT_OPEN;
	ev.count = 2;
	ev.at_least = false;
	ev.confidence = TCT_EXACT;
	ev.holders = &holder;
	ev.holder_count = 1;
	sink->finding(sink->ctx, &ev);
}

/* Every second descriptor is a stuck socket: as many ranges as are told. */
static void put_finding_with_ranges(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder;
	char fds[256] = "1001";

	while (strlen(fds) < 240)
		strcat(fds, ",1003");
	holder = sample_holder(fds);
	ev.count = 2;
	ev.at_least = false;
	ev.confidence = TCT_EXACT;
	ev.holders = &holder;
	ev.holder_count = 1;
	sink->finding(sink->ctx, &ev);
}

static void put_illegal(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_subject who = sample_subject();

	ev.severity = TCT_CRITICAL;
	ev.rule = "illegal-transition";
	ev.state = ev.to = TCT_NEW_SYN_RECV;
	ev.socket = &who;
	sink->finding(sink->ctx, &ev);
}

static void put_ready(const struct tct_sink *sink)
{
	struct tct_ready ev = sample_ready();

	sink->ready(sink->ctx, &ev);
}

static void put_loss(const struct tct_sink *sink)
{
	for (int where = 0; where < TCT_LOSS_PLACES; where++) {
		const struct tct_loss ev = { .where = where, .count = UINT64_MAX };

		sink->loss(sink->ctx, &ev);
	}
}

static void put_summary(const struct tct_sink *sink)
{
	struct tct_summary ev = sample_summary();

	sink->summary(sink->ctx, &ev);
}

typedef void (*put_events)(const struct tct_sink *sink);

static void expect_event_fits(put_events put)
{
	for (size_t i = 0; i < COUNT(fronts); i++) {
	
		begin(fronts[i]);
		put(&fixture.sink);
		expect_fits();
		}
}

/* One test a kind of event, so that one that is too wide does not hide another. */
static void test_width(void **state)
{
	expect_event_fits(*(put_events *)*state);
}

static put_events transition_fits = put_transition, new_syn_recv_fits = put_new_syn_recv,
		  time_wait_fits = put_time_wait,
		  teardown_fits = put_teardown, finding_fits = put_finding,
		  one_socket_fits = put_finding_of_one_socket,
		  holder_fits = put_finding_with_holder, ranges_fit = put_finding_with_ranges,
		  illegal_fits = put_illegal, ready_fits = put_ready, loss_fits = put_loss,
		  summary_fits = put_summary;

static void put_all(const struct tct_sink *sink)
{
	put_transition(sink);
	put_time_wait(sink);
	put_teardown(sink);
	put_finding(sink);
	put_finding_of_one_socket(sink);
	put_illegal(sink);
	put_loss(sink);
	put_ready(sink);
	put_summary(sink);
}

static void test_no_color(void **state)
{
	(void)state;
	begin((struct tct_text_config){ .color = false });
	put_all(&fixture.sink);
	assert_null(strchr(got(), '\033'));
}

static void test_color(void **state)
{
	(void)state;
	begin((struct tct_text_config){ .color = true });
	put_finding(&fixture.sink);
	assert_non_null(strstr(got(), "\033[31mSTUCK\033[0m CLOSE_WAIT"));
	assert_non_null(strstr(got(), "\033[32mRESOLVED\033[0m CLOSE_WAIT"));
}

/* A process may name itself as it likes: it must not write to our terminal. */
static void test_hostile_comm(void **state)
{
	struct tct_transition ev = sample_transition();

	(void)state;
	begin((struct tct_text_config){ .color = false });
	memcpy(ev.who.task.comm, "\033[2J\n\r\x7f\x9b", 9);
	fixture.sink.transition(fixture.sink.ctx, &ev);
	for (const char *p = got(); *p; p++) {
		if ((*p >= ' ' && *p < 0x7f) || *p == '\n')
			continue;
		fail_msg("byte 0x%02x was printed", (unsigned char)*p);
	}
	/* the titles and the event */
	assert_ptr_equal(strchr(strchr(got(), '\n') + 1, '\n'),
			 got() + fixture.size - 1);
}

static void test_hostile_holder(void **state)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("3");

	(void)state;
	begin((struct tct_text_config){ .color = false });
	memcpy(holder.comm, "\033[2J\r\x7f\x9b", 8);
	ev.holders = &holder;
	ev.holder_count = 1;
	fixture.sink.finding(fixture.sink.ctx, &ev);
	assert_null(strchr(got(), '\033'));
	assert_null(strchr(got(), '\r'));
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
	begin(fronts[0]);
	fixture.sink.transition(fixture.sink.ctx, &ev);
	ev.legal = false;
	ev.dwell_ns = TCT_UNKNOWN;
	ev.who.task.pid = 0;
	ev.who.tuple.rport = 0;
	fixture.sink.transition(fixture.sink.ctx, &ev);
	assert_string_equal(got(),
		"PID     COMM      LPORT REMOTE                FROM           TO            AFTER\n"
		"42      curl      40000 10.0.0.2:80           ESTABLISHED -> CLOSE_WAIT    1.50s\n"
		"-       -         40000 -                     ESTABLISHED !> CLOSE_WAIT        -\n");
}

static void test_seconds(void **state)
{
	struct tct_transition ev = small_transition();

	(void)state;
	begin((struct tct_text_config){ .seconds = true, .start_mono_ns = 345678900 });
	fixture.sink.transition(fixture.sink.ctx, &ev);
	assert_string_equal(got(),
		"TIME     PID     LPORT REMOTE                FROM           TO            AFTER\n"
		"12.000   42      40000 10.0.0.2:80           ESTABLISHED -> CLOSE_WAIT    1.50s\n");
}

/* The columns stay apart after a day. */
static void test_seconds_of_a_day(void **state)
{
	struct tct_transition ev = small_transition();

	(void)state;
	begin((struct tct_text_config){ .seconds = true });
	ev.mono_ns = 99999999000000;
	fixture.sink.transition(fixture.sink.ctx, &ev);
	assert_non_null(strstr(got(), "\n100000.0 42 "));
}

static void test_seconds_of_months(void **state)
{
	(void)state;
	begin((struct tct_text_config){ .seconds = true });
	put_transition(&fixture.sink);
	expect_fits();
}

static void test_clock(void **state)
{
	struct tct_transition ev = small_transition();

	(void)state;
	begin((struct tct_text_config){ .clock = true,
						  .real_offset_ns = 1709210096000000000 });
	fixture.sink.transition(fixture.sink.ctx, &ev);
	assert_non_null(strstr(got(), "\n12:35:08 42      40000 10.0.0.2:80 "));
}

static void test_wide(void **state)
{
	struct tct_transition ev = sample_transition();

	(void)state;
	begin((struct tct_text_config){ .wide = true });
	fixture.sink.transition(fixture.sink.ctx, &ev);
	assert_non_null(strstr(got(), "7fffffffffffffff 4026531840 4194304 "
			"fifteen-letters [ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65535 "
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 ESTABLISHED !> "
			"ESTABLISHED 999d23h\n"));
}

/* Once, whatever comes first. */
static void test_titles(void **state)
{
	const char *second;

	(void)state;
	begin(fronts[0]);
	put_teardown(&fixture.sink);
	put_transition(&fixture.sink);
	second = strchr(got(), '\n') + 1;
	assert_memory_equal(got(), "PID ", 4);
	assert_null(strstr(second, "PID "));
}

static void test_finding(void **state)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("5-6");

	(void)state;
	begin(fronts[0]);
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
	fixture.sink.finding(fixture.sink.ctx, &ev);
	assert_string_equal(got(),
		"STUCK, still CLOSE_WAIT: 2 sockets, local port 65535, oldest 61.00s\n"
		"    fifteen-letters[4194304] holds 2 by fd 5-6\n"
		"    unread-data: 2 (50 bytes unread)\n"
		"    do close it\n");
}

/* How bad it is, and the numbers behind it. */
static void test_finding_critical(void **state)
{
	const struct tct_outlook outlook = { .growth_per_s = 12.5, .fd_limit = 1024,
					     .fd_open = 900, .eta_ns = 10000000000 };
	struct tct_finding ev = sample_finding();

	(void)state;
	begin(fronts[0]);
	ev.severity = TCT_CRITICAL;
	ev.count = 2;
	ev.oldest_ns = 61000000000;
	ev.confidence = TCT_EXACT;
	ev.at_least = false;
	memset(ev.verdicts, 0, sizeof(ev.verdicts));
	ev.outlook = &outlook;
	ev.advice = "do close it";
	fixture.sink.finding(fixture.sink.ctx, &ev);
	assert_string_equal(got(),
		"STUCK (critical) CLOSE_WAIT: 2 sockets, remote port 65535, oldest 61.00s\n"
		"    12.5 more each second; 900 of 1,024 descriptors open, the last in 10.00s\n"
		"    do close it\n");
}

static void test_messages_are_apart(void **state)
{
	char *messages = NULL;
	size_t size;

	(void)state;
	begin(fronts[0]);
	fixture.text.config.messages = open_memstream(&messages, &size);
	put_ready(&fixture.sink);
	put_loss(&fixture.sink);
	put_summary(&fixture.sink);
	fclose(fixture.text.config.messages);
	assert_string_equal(got(), "");
	assert_non_null(strstr(messages, "lost 18446744073709551615 events so far in the ring\n"));
	free(messages);
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
		FITS(loss_fits),
		FITS(summary_fits),
		TEST(test_no_color),
		TEST(test_color),
		TEST(test_hostile_comm),
		TEST(test_hostile_holder),
		TEST(test_transition),
		TEST(test_seconds),
		TEST(test_seconds_of_a_day),
		TEST(test_seconds_of_months),
		TEST(test_clock),
		TEST(test_wide),
		TEST(test_titles),
		TEST(test_finding),
		TEST(test_finding_critical),
		TEST(test_messages_are_apart),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
