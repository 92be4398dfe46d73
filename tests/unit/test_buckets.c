// SPDX-License-Identifier: GPL-2.0
/* The hash of a pool's elements, against what it has to be: each is found, and no other. */
#include "test.h"

#include "../../user/core/buckets.h"

#define MANY 200000
#define ALIKE 100

struct element {
	uint64_t key;
};

struct table {
	struct tct_pool pool;
	struct tct_buckets buckets;
};

static uint32_t hash(const void *element)
{
	return tct_buckets_hash(((const struct element *)element)->key);
}

static uint32_t same(const void *element)
{
	(void)element;
	return 12345;
}

static bool is(const void *element, const void *key)
{
	return ((const struct element *)element)->key == *(const uint64_t *)key;
}

static void begin(struct table *table, uint32_t (*by)(const void *element))
{
	tct_pool_init(&table->pool, sizeof(struct element));
	assert_int_equal(tct_buckets_init(&table->buckets, &table->pool, by), 0);
}

static void end(struct table *table)
{
	tct_buckets_fini(&table->buckets);
	tct_pool_fini(&table->pool);
}

static uint32_t add(struct table *table, uint64_t key)
{
	uint32_t index = tct_pool_alloc(&table->pool);

	((struct element *)tct_pool_get(&table->pool, index))->key = key;
	assert_true(tct_buckets_link(&table->buckets, index));
	return index;
}

static uint32_t find(const struct table *table, uint64_t key)
{
	return tct_buckets_find(&table->buckets, tct_buckets_hash(key), is, &key);
}

/* Through all its ways to grow: the first part that moves, whole ones that are added. */
static void test_grows(void **state)
{
	static uint32_t index[MANY];
	struct table table;

	(void)state;
	begin(&table, hash);
	for (uint64_t i = 0; i < MANY; i++)
		index[i] = add(&table, i);
	for (uint64_t i = 0; i < MANY; i++)
		assert_int_equal(find(&table, i), index[i]);
	assert_int_equal(find(&table, MANY), 0);
	assert_true(tct_buckets_bytes(&table.buckets) < 12 * MANY);
	for (uint64_t i = 0; i < MANY; i += 2)
		tct_buckets_unlink(&table.buckets, index[i]);
	for (uint64_t i = 0; i < MANY; i++)
		assert_int_equal(find(&table, i), i % 2 ? index[i] : 0);
	end(&table);
}

/* Numbers in a row and addresses of objects, both: next to no bucket is full. */
static void test_spreads(void **state)
{
	static const uint64_t steps[] = { 1, 16, 2048, 1ull << 32 };

	(void)state;
	for (size_t s = 0; s < COUNT(steps); s++) {
		struct table table;

		begin(&table, hash);
		for (uint64_t i = 0; i < MANY; i++)
			add(&table, i * steps[s]);
		assert_true(table.buckets.more.live < table.buckets.count / 8);
		end(&table);
	}
}

/* Nothing tells them apart but they themselves: far more than a bucket holds. */
static void test_same_hash(void **state)
{
	struct table table;
	uint32_t index[ALIKE];

	(void)state;
	begin(&table, same);
	for (uint64_t i = 0; i < ALIKE; i++)
		index[i] = add(&table, i);
	for (int round = 0; round < 2000; round++)	/* buckets are split all the time */
		add(&table, 1000);
	for (uint64_t i = 0; i < ALIKE; i++)
		assert_int_equal(tct_buckets_find(&table.buckets, same(NULL), is, &i), index[i]);
	tct_buckets_unlink(&table.buckets, index[50]);
	for (uint64_t i = 0; i < ALIKE; i++)
		assert_int_equal(tct_buckets_find(&table.buckets, same(NULL), is, &i),
				 i == 50 ? 0 : index[i]);
	end(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_spreads),
		cmocka_unit_test(test_same_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
