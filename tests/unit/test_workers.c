// SPDX-License-Identifier: GPL-2.0
/* Each part is done once a round, all before the round is over, and side by side. */
#include "test.h"

#include <stdatomic.h>
#include "../../user/source/workers.h"

#define PARTS 4
#define ROUNDS 2000

struct work {
	unsigned int done[PARTS];
	atomic_uint met;
};

static void count(void *ctx, unsigned int part)
{
	((struct work *)ctx)->done[part]++;
}

static void test_each_part_each_round(void **state)
{
	struct work work = { 0 };
	struct tct_workers *workers = tct_workers_new(PARTS, count, &work);

	(void)state;
	assert_non_null(workers);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		tct_workers_run(workers);
		for (int part = 0; part < PARTS; part++)
			assert_int_equal(work.done[part], round);
	}
	tct_workers_free(workers);
}

/* Nobody goes on before all are there: one after the other they would never come back. */
static void meet(void *ctx, unsigned int part)
{
	struct work *work = ctx;

	(void)part;
	atomic_fetch_add(&work->met, 1);
	while (atomic_load(&work->met) < PARTS)
		;
}

static void test_side_by_side(void **state)
{
	struct work work = { 0 };
	struct tct_workers *workers = tct_workers_new(PARTS, meet, &work);

	(void)state;
	assert_non_null(workers);
	tct_workers_run(workers);
	assert_int_equal(work.met, PARTS);
	tct_workers_free(workers);
}

static void test_never_asked(void **state)
{
	struct work work = { 0 };

	(void)state;
	tct_workers_free(tct_workers_new(PARTS, count, &work));
	tct_workers_free(NULL);
	assert_int_equal(work.done[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_part_each_round),
		cmocka_unit_test(test_side_by_side),
		cmocka_unit_test(test_never_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
