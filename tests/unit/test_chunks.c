// SPDX-License-Identifier: GPL-2.0
/* Records that wait are taken whole, in order, once. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "../../user/source/chunks.h"

#define MANY 10000

struct taker {
	uint64_t next;		/* the cookie that has to come */
	uint64_t refuse;	/* at this one, 0: at none */
};

static int take(void *ctx, const void *data, size_t len)
{
	const struct tct_record_present *rec = data;
	struct taker *taker = ctx;

	assert_true(len >= sizeof(*rec));
	assert_int_equal((uintptr_t)data % 8, 0);
	if (rec->cookie == taker->refuse)
		return -EBADMSG;
	assert_int_equal(rec->cookie, taker->next++);
	return rec->h.size;
}

static void fill(struct tct_chunks *chunks)
{
	struct tct_record_present rec = { .h.size = sizeof(rec) };

	for (rec.cookie = 1; rec.cookie <= MANY; rec.cookie++)
		assert_int_equal(tct_chunks_add(chunks, &rec, sizeof(rec)), 0);
}

static void test_all_in_order(void **state)
{
	struct tct_chunks chunks = { 0 };
	struct taker taker = { .next = 1 };
	struct tct_chunk *chunk;
	int count = 0;

	(void)state;
	fill(&chunks);
	assert_true(chunks.count > 1);
	assert_true(chunks.count * TCT_CHUNK_SIZE < 2 * MANY * sizeof(struct tct_record_present));
	while ((chunk = tct_chunks_pop(&chunks))) {
		count += tct_chunk_feed(chunk, take, &taker);
		free(chunk);
	}
	assert_int_equal(count, MANY);
	assert_int_equal(chunks.count, 0);
	assert_null(chunks.last);
}

static void test_an_error_ends_it(void **state)
{
	struct tct_chunks chunks = { 0 };
	struct taker taker = { .next = 1, .refuse = 3 };

	(void)state;
	fill(&chunks);
	assert_int_equal(tct_chunk_feed(chunks.first, take, &taker), -EBADMSG);
	assert_int_equal(taker.next, 3);
	tct_chunks_clear(&chunks);
	assert_null(chunks.first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_in_order),
		cmocka_unit_test(test_an_error_ends_it),
	};

	return cmocka_run_group_tests_name("chunks", tests, NULL, NULL);
}
