// SPDX-License-Identifier: GPL-2.0
/* A teardown's line: which details it has, and which are left out where there is no room. */
#include "test.h"

#include "../../user/sink/text_teardown.h"
#include "sample.h"

#define WIDE TCT_TEARDOWN_LEN
#define NARROW 34

static struct tct_teardown plain(enum tct_kind kind, enum tct_closer closer)
{
	struct tct_teardown ev = sample_teardown();

	ev.kind = kind;
	ev.closer = closer;
	ev.fin_retransmits = ev.half_close_ns = ev.bytes_after_fin = 0;
	ev.retransmits = ev.probes = ev.unread_bytes = ev.last_ack_lost = TCT_UNKNOWN;
	ev.reset_reason = NULL;
	return ev;
}

static void expect(const struct tct_teardown *ev, size_t width, const char *text)
{
	char line[TCT_TEARDOWN_LEN];

	tct_text_teardown(ev, width, line);
	assert_string_equal(line, text);
}

static void test_bare(void **state)
{
	struct tct_teardown ev = plain(TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE);

	(void)state;
	expect(&ev, WIDE, "= orderly, by the peer");
	ev = plain(TCT_KIND_REAPED, TCT_CLOSER_NONE);
	expect(&ev, WIDE, "= reaped");
}

static void test_gave_up(void **state)
{
	struct tct_teardown ev = plain(TCT_KIND_TIMEOUT, TCT_CLOSER_NONE);

	(void)state;
	ev.retransmits = 15;
	ev.probes = 0;
	expect(&ev, NARROW, "= timeout, 15 retransmits");
	ev.retransmits = 0;
	ev.probes = 1;
	expect(&ev, NARROW, "= timeout, 1 probe");
}

static void test_details(void **state)
{
	struct tct_teardown ev = plain(TCT_KIND_ABORT_UNREAD, TCT_CLOSER_LOCAL);

	(void)state;
	ev.unread_bytes = 86;
	ev.process = TCT_PROCESS_KILLED;
	ev.signal = 9;
	ev.reset_reason = "tcp-abort-on-close";
	expect(&ev, WIDE,
	       "= abort-unread, by us, 86 unread, killed by 9, reset: tcp-abort-on-close");
	expect(&ev, NARROW, "= abort-unread, by us, 86 unread");
	ev.process = TCT_PROCESS_EXITED;
	ev.unread_bytes = TCT_UNKNOWN;
	expect(&ev, NARROW, "= abort-unread, by us, exited");
}

static void test_fin(void **state)
{
	struct tct_teardown ev = plain(TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE);

	(void)state;
	ev.fin_retransmits = 1;
	ev.last_ack_lost = 1;
	ev.half_close_ns = 2000000;
	ev.bytes_after_fin = 3;
	expect(&ev, WIDE,
	       "= orderly, by the peer, last ACK lost, FIN sent 2x, half 2.0ms, 3 bytes after FIN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_gave_up),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_fin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
