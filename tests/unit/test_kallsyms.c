// SPDX-License-Identifier: GPL-2.0
/* Functions by the addresses where they begin and where the next one does. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "../../user/source/kallsyms.h"

static struct tct_kallsyms parse(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct tct_kallsyms symbols;

	assert_non_null(file);
	tct_kallsyms_parse(file, &symbols);
	fclose(file);
	return symbols;
}

static const struct tct_end_symbol *of(const struct tct_kallsyms *symbols, const char *name)
{
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		if (!strcmp(tct_end_symbol_name(i), name))
			return &symbols->ends[i];
	}
	fail_msg("%s is not looked for", name);
	return NULL;
}

static void expect(const struct tct_kallsyms *symbols, const char *name, uint64_t start,
		   uint64_t stop)
{
	assert_int_equal(of(symbols, name)->start, start);
	assert_int_equal(of(symbols, name)->stop, stop);
}

static void test_from_one_to_the_next(void **state)
{
	struct tct_kallsyms symbols = parse("0000000000000000 A fixed_percpu_data\n"
					    "ffffffff81000000 T _stext\n"
					    "ffffffff81000100 t __mod_timer\n"
					    "ffffffff81000100 T same_place\n"
					    "ffffffff81000180 t x\n"
					    "ffffffff81000200 T tcp_v4_rcv\n"
					    "ffffffff81000300 t tw_timer_handler\n"
					    "ffffffff81000400 T _etext\n");

	(void)state;
	expect(&symbols, "__mod_timer", 0xffffffff81000100, 0xffffffff81000180);
	expect(&symbols, "tcp_v4_rcv", 0xffffffff81000200, 0xffffffff81000300);
	assert_int_equal(symbols.tw_timer_handler, 0xffffffff81000300);
	assert_int_equal(symbols.found, 2);
}

static void test_names_that_begin_alike(void **state)
{
	struct tct_kallsyms symbols = parse("ffffffff81000000 t __mod_timer_unlocked\n"
					    "ffffffff81000100 t tw_timer_handler_of_another\n"
					    "ffffffff81000200 t tcp_v4_rcv.cold\n"
					    "ffffffff81000300 t x\n");

	(void)state;
	assert_int_equal(symbols.found, 0);
	assert_int_equal(symbols.tw_timer_handler, 0);
}

/* Whole it is better than a part of it, whichever comes first. */
static void test_parts(void **state)
{
	struct tct_kallsyms symbols = parse("ffffffff81000000 t expire_timers.part.0\n"
					    "ffffffff81000100 t tcp_abort\n"
					    "ffffffff81000200 t tcp_abort.isra.0\n"
					    "ffffffff81000300 t inet_twsk_purge.constprop.0\n"
					    "ffffffff81000400 t inet_twsk_purge\n"
					    "ffffffff81000500 t x\n");

	(void)state;
	expect(&symbols, "expire_timers", 0xffffffff81000000, 0xffffffff81000100);
	expect(&symbols, "tcp_abort", 0xffffffff81000100, 0xffffffff81000200);
	expect(&symbols, "inet_twsk_purge", 0xffffffff81000400, 0xffffffff81000500);
}

static void test_ipv6_may_be_a_module(void **state)
{
	struct tct_kallsyms symbols = parse("ffffffff81000100 T tcp_v4_rcv\n"
					    "ffffffff81000200 T _etext\n"
					    "ffffffffc0000100 t tcp_v6_rcv\t[ipv6]\n"
					    "ffffffffc0000200 t y\t[ipv6]\n");

	(void)state;
	expect(&symbols, "tcp_v6_rcv", 0xffffffffc0000100, 0xffffffffc0000200);
	symbols = parse("ffffffff81000100 T tcp_v6_rcv\n"
			"ffffffff81000200 T _etext\n"
			"ffffffffc0000100 t tcp_v6_rcv\t[other]\n"
			"ffffffffc0000200 t y\t[other]\n");
	expect(&symbols, "tcp_v6_rcv", 0xffffffff81000100, 0xffffffff81000200);
}

static void test_hidden_addresses(void **state)
{
	struct tct_kallsyms symbols = parse("0000000000000000 T tcp_v4_rcv\n"
					    "0000000000000000 t tw_timer_handler\n"
					    "0000000000000000 T _etext\n");

	(void)state;
	assert_int_equal(symbols.found, 0);
	assert_int_equal(symbols.tw_timer_handler, 0);
}

static void test_other_lines(void **state)
{
	struct tct_kallsyms symbols = parse("\n \nx\nffffffff81000000\nffffffff81000000 T\n"
					    "ffffffff81000000 T \nffffffff81000100 T tcp_v4_rcv");

	(void)state;
	expect(&symbols, "tcp_v4_rcv", 0xffffffff81000100, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_one_to_the_next),
		cmocka_unit_test(test_names_that_begin_alike),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_ipv6_may_be_a_module),
		cmocka_unit_test(test_hidden_addresses),
		cmocka_unit_test(test_other_lines),
	};

	return cmocka_run_group_tests_name("kallsyms", tests, NULL, NULL);
}
