// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../../user/record/anonymize.h"
#include "stream.h"

static const struct tct_cipher fixed = {
	{ 0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull }
};

static int setup(void **state)
{
	static struct tct_anonymize anonymize;
	struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX] = { 0 };

	stream_symbols(symbols);
	symbols[0].start = symbols[0].stop = 0;	/* not resolved */
	*state = &anonymize;
	return tct_anonymize_init(&anonymize, symbols);
}

/* The published vectors of SipHash-2-4 with this key and the input 00 01 02 ... */
static void test_hash(void **state)
{
	uint8_t input[15];

	(void)state;
	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	assert_true(tct_cipher_hash(&fixed, input, 0) == 0x726fdb47dd0e0e31ull);
	assert_true(tct_cipher_hash(&fixed, input, 8) == 0x93f5f5799a932462ull);
	assert_true(tct_cipher_hash(&fixed, input, 15) == 0xa129ca6149be45e5ull);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(uint32_t));
}

/* No two of a /14 become one: of a hash, some 8 pairs would be expected to. */
static void test_v4_is_a_bijection(void **state)
{
	static uint32_t made[1u << 18];

	for (uint32_t i = 0; i < COUNT(made); i++) {
		uint32_t address = htonl(0x0a000000 + i);
		uint8_t bytes[16] = { 0 };

		memcpy(bytes, &address, sizeof(address));
		tct_anonymize_address(*state, AF_INET, bytes);
		memcpy(&made[i], bytes, sizeof(made[i]));
	}
	qsort(made, COUNT(made), sizeof(made[0]), compare);
	for (size_t i = 1; i < COUNT(made); i++)
		assert_true(made[i] != made[i - 1]);
}

static void make(const char *text, uint8_t family, uint8_t out[16])
{
	memset(out, 0, 16);
	assert_int_equal(inet_pton(family, text, out), 1);
}

static void expect_kept(const struct tct_anonymize *anonymize, uint8_t family, const char *text)
{
	uint8_t before[16], after[16];

	make(text, family, before);
	memcpy(after, before, sizeof(after));
	tct_anonymize_address(anonymize, family, after);
	assert_memory_equal(before, after, sizeof(after));
}

static void test_special_addresses_stay(void **state)
{
	expect_kept(*state, AF_INET, "0.0.0.0");
	expect_kept(*state, AF_INET, "127.0.0.1");
	expect_kept(*state, AF_INET, "127.1.2.3");
	expect_kept(*state, AF_INET, "224.0.0.1");
	expect_kept(*state, AF_INET, "255.255.255.255");
	expect_kept(*state, AF_INET6, "::");
	expect_kept(*state, AF_INET6, "::1");
	expect_kept(*state, AF_INET6, "ff02::1");
	expect_kept(*state, AF_INET6, "::ffff:127.0.0.1");
}

static void test_no_address_becomes_special(void **state)
{
	for (uint32_t i = 0; i < 100000; i++) {
		uint8_t v4[16] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		uint8_t v6[16] = { 0x20, 1, 0xd, 0xb8, [13] = (uint8_t)(i >> 16),
				   (uint8_t)(i >> 8), (uint8_t)i };

		tct_anonymize_address(*state, AF_INET, v4);
		assert_true(v4[0] && v4[0] != 127 && v4[0] < 224);
		tct_anonymize_address(*state, AF_INET6, v6);
		assert_int_not_equal(v6[0], 0xff);
		assert_true(v6[0] || v6[1] || v6[2] || v6[9]);
	}
}

static void test_mapped_as_plain(void **state)
{
	uint8_t plain[16], mapped[16];

	make("192.0.2.7", AF_INET, plain);
	make("::ffff:192.0.2.7", AF_INET6, mapped);
	tct_anonymize_address(*state, AF_INET, plain);
	tct_anonymize_address(*state, AF_INET6, mapped);
	assert_int_equal(mapped[10], 0xff);
	assert_int_equal(mapped[11], 0xff);
	assert_memory_equal(plain, mapped + 12, 4);
}

static void test_another_key_another_address(void **state)
{
	struct tct_anonymize other = *(struct tct_anonymize *)*state;
	uint8_t a[16], b[16];

	other.cipher.key[0]++;
	make("2001:db8::1", AF_INET6, a);
	make("2001:db8::1", AF_INET6, b);
	tct_anonymize_address(*state, AF_INET6, a);
	tct_anonymize_address(&other, AF_INET6, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void test_record(void **state)
{
	struct tct_record_sock rec = stream_state(7, TCT_CLOSE, TCT_SYN_SENT, 100), was, twin;

	rec.id.address = 0xffff888012345678ull;
	stream_by(&rec, 42, "curl");
	was = twin = rec;
	tct_anonymize_record(*state, &rec, sizeof(rec));
	tct_anonymize_record(*state, &twin, sizeof(twin));
	assert_memory_equal(&rec, &twin, sizeof(rec));
	assert_memory_not_equal(rec.id.laddr, was.id.laddr, 4);
	assert_memory_not_equal(rec.id.raddr, was.id.raddr, 4);
	assert_true(rec.id.address != was.id.address);
	assert_true(rec.id.address >> 63);
	memcpy(rec.id.laddr, was.id.laddr, 16);
	memcpy(rec.id.raddr, was.id.raddr, 16);
	rec.id.address = was.id.address;
	assert_memory_equal(&rec, &was, sizeof(rec));
}

/* The same end as without, of every symbol there is, and no kernel address. */
static void test_stack(void **state)
{
	const struct tct_anonymize *anonymize = *state;
	struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX], other[TCT_END_SYMBOLS_MAX];

	memcpy(symbols, anonymize->symbols, sizeof(symbols));
	tct_anonymize_symbols(anonymize, other);
	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		struct tct_record_tw_cancel rec =
			stream_cancel(7, TCT_TIME_WAIT, 100, tct_end_symbol_name(i));
		enum tct_end end;

		rec.stack[1] = rec.stack[0];
		rec.stack[0] = 0xffffffff81234567ull;
		end = tct_end_of_stack(rec.stack, TCT_STACK_DEPTH, TCT_TIME_WAIT, symbols);
		tct_anonymize_record(anonymize, &rec, sizeof(rec));
		assert_int_equal(tct_end_of_stack(rec.stack, TCT_STACK_DEPTH, TCT_TIME_WAIT, other),
				 end);
		assert_int_equal(end == TCT_END_UNKNOWN, i == 0);
		assert_true(rec.stack[0] && rec.stack[0] < 0x100000);
		assert_true(rec.stack[1] < 0x100000);
		assert_int_equal(rec.stack[2], 0);
	}
}

static void test_unknown_bytes_stay(void **state)
{
	uint64_t bytes[4] = { 1, 2, 3, 4 }, was[4];

	memcpy(was, bytes, sizeof(bytes));
	tct_anonymize_record(*state, bytes, sizeof(bytes));
	assert_memory_equal(bytes, was, sizeof(bytes));
}

static void test_cgroup(void **state)
{
	char a[TCT_ANONYMOUS_CGROUP_LEN], b[TCT_ANONYMOUS_CGROUP_LEN];

	tct_anonymize_cgroup(*state, "/system.slice/acme.service", 26, a);
	tct_anonymize_cgroup(*state, "/system.slice/acme.service", 26, b);
	assert_string_equal(a, b);
	assert_null(strstr(a, "acme"));
	tct_anonymize_cgroup(*state, "/system.slice/acmf.service", 26, b);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_hash, setup),
		cmocka_unit_test_setup(test_v4_is_a_bijection, setup),
		cmocka_unit_test_setup(test_special_addresses_stay, setup),
		cmocka_unit_test_setup(test_no_address_becomes_special, setup),
		cmocka_unit_test_setup(test_mapped_as_plain, setup),
		cmocka_unit_test_setup(test_another_key_another_address, setup),
		cmocka_unit_test_setup(test_record, setup),
		cmocka_unit_test_setup(test_stack, setup),
		cmocka_unit_test_setup(test_unknown_bytes_stay, setup),
		cmocka_unit_test_setup(test_cgroup, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
