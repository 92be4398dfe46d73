// SPDX-License-Identifier: GPL-2.0
/* What is answered, and its gzip. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "../../user/serve/page.h"
#include "../../user/serve/reply.h"

#define LARGE (4u << 20)

/* Unpacks what must be one gzip member and no more, of that content. */
static void expect_unpacked(const struct tct_reply *reply, const char *wanted, size_t len)
{
	z_stream stream = { .next_in = (unsigned char *)reply->body,
			    .avail_in = (unsigned int)reply->len };
	char *got = malloc(len + 1);

	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_out = (unsigned char *)got;
	stream.avail_out = (unsigned int)len + 1;
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.avail_in, 0);
	assert_int_equal(stream.total_out, len);
	assert_memory_equal(got, wanted, len);
	inflateEnd(&stream);
	free(got);
}

static void test_text(void **state)
{
	struct tct_reply reply;

	(void)state;
	tct_reply_text(&reply, 404, "no %s, %d\n", "page", 7);
	assert_int_equal(reply.status, 404);
	assert_string_equal(reply.type, "text/plain; charset=utf-8");
	assert_string_equal(reply.body, "no page, 7\n");
	assert_int_equal(reply.len, 11);
	assert_false(reply.is_static);
	assert_false(reply.is_page);
	tct_reply_clear(&reply);
	assert_null(reply.body);
}

static void test_error(void **state)
{
	struct tct_reply reply;

	(void)state;
	tct_reply_error(&reply, 400, "%s wants a number", "limit");
	assert_int_equal(reply.status, 400);
	assert_string_equal(reply.type, "application/json");
	assert_string_equal(reply.body, "{\"error\":\"limit wants a number\"}\n");
	tct_reply_clear(&reply);
}

static void test_json(void **state)
{
	struct tct_reply reply;

	(void)state;
	tct_reply_json(&reply, strdup("{}\n"));
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.type, "application/json");
	assert_int_equal(reply.len, 3);
	tct_reply_clear(&reply);
	tct_reply_json(&reply, NULL);	/* there was no memory for it */
	assert_null(reply.body);
	assert_int_equal(reply.len, 0);
}

static void test_gzip(void **state)
{
	struct tct_reply reply;
	char *body = malloc(LARGE);

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		body[i] = "tcpclose_transitions_total"[i % 26];
	reply = (struct tct_reply){ .status = 200, .body = body, .len = LARGE };
	body = malloc(LARGE);
	memcpy(body, reply.body, LARGE);
	assert_true(tct_reply_gzip(&reply));
	assert_in_range(reply.len, 20, LARGE / 20);
	expect_unpacked(&reply, body, LARGE);
	tct_reply_clear(&reply);
	free(body);
}

/* What cannot be packed becomes larger by a little. */
static void test_gzip_of_noise(void **state)
{
	struct tct_reply reply;
	char noise[5000], *body = malloc(sizeof(noise));
	unsigned int seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(rand_r(&seed) >> 7);
	memcpy(body, noise, sizeof(noise));
	reply = (struct tct_reply){ .status = 200, .body = body, .len = sizeof(noise) };
	assert_true(tct_reply_gzip(&reply));
	expect_unpacked(&reply, noise, sizeof(noise));
	tct_reply_clear(&reply);
}

static void test_gzip_of_nothing(void **state)
{
	struct tct_reply reply;

	(void)state;
	tct_reply_text(&reply, 200, "%s", "");
	assert_true(tct_reply_gzip(&reply));
	expect_unpacked(&reply, "", 0);
	tct_reply_clear(&reply);
}

/* The page is part of the program: its gzip is not, and is freed. */
static void test_gzip_of_the_page(void **state)
{
	struct tct_reply reply = { .status = 200, .is_static = true, .is_page = true };
	const char *page = tct_page(&reply.len);
	size_t len = reply.len;

	(void)state;
	reply.body = (char *)page;
	assert_true(len > 0);
	assert_int_equal(page[len], 0);
	assert_true(tct_reply_gzip(&reply));
	assert_false(reply.is_static);
	assert_true(reply.is_page);
	expect_unpacked(&reply, page, len);
	tct_reply_clear(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_gzip_of_noise),
		cmocka_unit_test(test_gzip_of_nothing),
		cmocka_unit_test(test_gzip_of_the_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
