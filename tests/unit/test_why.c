// SPDX-License-Identifier: GPL-2.0
/* The numbers behind a finding in words. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "../../user/core/facts.h"
#include "../../user/sink/why.h"

static void expect(const struct tct_lingering *why, const struct tct_outlook *outlook,
		   uint32_t count, const char *text)
{
	struct tct_finding ev = { .why = why, .outlook = outlook, .count = count };
	char out[256];

	tct_why_format(&ev, out, sizeof(out));
	assert_string_equal(out, text);
}

static struct tct_lingering unknown(void)
{
	struct tct_lingering why;

	tct_lingering_init(&why);
	return why;
}

static void test_nothing(void **state)
{
	struct tct_lingering why = unknown();
	struct tct_outlook outlook = { .growth_per_s = -1, .fd_limit = TCT_UNKNOWN,
				       .fd_open = TCT_UNKNOWN, .eta_ns = TCT_UNKNOWN };

	(void)state;
	expect(NULL, NULL, 1, "");
	expect(&why, &outlook, 1, "");
}

static void test_retransmissions(void **state)
{
	struct tct_lingering why = unknown();

	(void)state;
	why.retransmits = 3;
	expect(&why, NULL, 1, "3 retransmissions");
	why.limit = 8;
	why.next_ns = 4200 * SECOND / 1000;
	why.unacked_bytes = 1448;
	why.zero_window = 1;
	expect(&why, NULL, 1, "3 retransmissions of at most 8, next in 4.20s; 1,448 bytes not "
			      "acknowledged; the peer's window is closed");
	why.zero_window = 2;
	why.unacked_bytes = 0;
	why.retransmits = 1;
	why.next_ns = -1;	/* due */
	expect(&why, NULL, 3, "1 retransmission of at most 8, next in 0us; "
			      "the peer's window is closed for 2");
}

static void test_probes(void **state)
{
	struct tct_lingering why = unknown();

	(void)state;
	why.retransmits = 0;
	why.probes = 2;
	why.limit = 15;
	why.unacked_bytes = 1234567;
	expect(&why, NULL, 1, "2 window probes of at most 15; 1,234,567 bytes not acknowledged");
}

static void test_kept(void **state)
{
	struct tct_lingering why = unknown();

	(void)state;
	why.kept_ns = 34 * SECOND;
	expect(&why, NULL, 1, "the kernel lets go in 34.00s");
}

static void test_outlook(void **state)
{
	struct tct_outlook outlook = { .growth_per_s = 12.5, .fd_limit = 1024, .fd_open = 900,
				       .eta_ns = 10 * SECOND };

	(void)state;
	expect(NULL, &outlook, 1, "12.5 more each second; 900 of 1,024 descriptors open, "
				  "the last in 10.00s");
	outlook = (struct tct_outlook){ .fd_limit = 1024, .fd_open = 512, .eta_ns = TCT_UNKNOWN };
	expect(NULL, &outlook, 1, "512 of 1,024 descriptors open");
	outlook.fd_open = 511;
	expect(NULL, &outlook, 1, "");
}

/* All at once, as large as can be, is cut and never overflows. */
static void test_long(void **state)
{
	const struct tct_lingering why = { .unacked_bytes = INT64_MAX, .zero_window = INT32_MAX,
					   .retransmits = 255, .limit = 255,
					   .next_ns = INT64_MAX, .kept_ns = INT64_MAX };
	const struct tct_outlook outlook = { .growth_per_s = 1e300, .fd_limit = INT64_MAX,
					     .fd_open = INT64_MAX, .eta_ns = INT64_MAX };
	const struct tct_finding ev = { .why = &why, .outlook = &outlook, .count = 2 };

	(void)state;
	for (size_t size = 1; size < 400; size++) {
		char *out = malloc(size);

		tct_why_format(&ev, out, size);
		assert_true(strlen(out) < size);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_retransmissions),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_outlook),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
