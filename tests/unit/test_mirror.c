// SPDX-License-Identifier: GPL-2.0
/* The mirror: sockets by cookie, lists by state in the order of entry, and its pool. */
#include "test.h"

#include "../../user/core/mirror.h"

#define MANY 100000u

static int setup(void **state)
{
	struct tct_mirror *mirror = test_malloc(sizeof(*mirror));

	*state = mirror;
	return tct_mirror_init(mirror);
}

static int teardown(void **state)
{
	tct_mirror_fini(*state);
	test_free(*state);
	return 0;
}

static struct tct_socket *enter(struct tct_mirror *mirror, uint64_t cookie, enum tct_state state,
				uint64_t entered_ns)
{
	struct tct_socket *sock = tct_mirror_add(mirror, cookie, false);

	assert_non_null(sock);
	tct_mirror_enter(mirror, sock, state, entered_ns);
	return sock;
}

/* The list read from both ends gives these cookies. */
static void expect_list(struct tct_mirror *mirror, enum tct_state state, const uint64_t *cookies,
			size_t count)
{
	const struct tct_list *list = &mirror->lists[0][state];
	uint32_t index = list->head;

	assert_int_equal(list->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_non_null(tct_mirror_at(mirror, index));
		assert_int_equal(tct_mirror_at(mirror, index)->cookie, cookies[i]);
		index = tct_mirror_at(mirror, index)->next;
	}
	assert_int_equal(index, 0);
	index = list->tail;
	for (size_t i = count; i-- > 0;) {
		assert_int_equal(tct_mirror_at(mirror, index)->cookie, cookies[i]);
		index = tct_mirror_at(mirror, index)->prev;
	}
	assert_int_equal(index, 0);
}

static void test_empty(void **state)
{
	struct tct_mirror *mirror = *state;

	assert_null(tct_mirror_find(mirror, 0, false));
	assert_null(tct_mirror_find(mirror, 7, true));
	assert_null(tct_mirror_at(mirror, 0));
	assert_int_equal(mirror->pool.live, 0);
	expect_list(mirror, TCT_CLOSE_WAIT, NULL, 0);
}

static void test_add_and_find(void **state)
{
	struct tct_mirror *mirror = *state;
	struct tct_socket *sock = tct_mirror_add(mirror, 7, false);

	assert_non_null(sock);
	assert_int_not_equal(sock->index, 0);
	assert_int_equal(sock->cookie, 7);
	assert_int_equal(sock->state, TCT_NONE);
	assert_ptr_equal(tct_mirror_find(mirror, 7, false), sock);
	assert_ptr_equal(tct_mirror_at(mirror, sock->index), sock);
	assert_null(tct_mirror_find(mirror, 8, false));
	assert_null(tct_mirror_find(mirror, 7, true));
	assert_int_equal(mirror->pool.live, 1);
}

static void test_mini_with_the_same_cookie(void **state)
{
	struct tct_mirror *mirror = *state;
	struct tct_socket *full = tct_mirror_add(mirror, 7, false);
	struct tct_socket *mini = tct_mirror_add(mirror, 7, true);

	tct_mirror_enter(mirror, full, TCT_FIN_WAIT2, 100);
	tct_mirror_enter(mirror, mini, TCT_FIN_WAIT2, 100);
	assert_ptr_not_equal(full, mini);
	assert_ptr_equal(tct_mirror_find(mirror, 7, false), full);
	assert_ptr_equal(tct_mirror_find(mirror, 7, true), mini);
	assert_int_equal(mirror->lists[0][TCT_FIN_WAIT2].count, 1);
	assert_int_equal(mirror->lists[1][TCT_FIN_WAIT2].count, 1);
	assert_int_equal(mirror->by_state[TCT_FIN_WAIT2], 2);
	tct_mirror_remove(mirror, full);
	assert_null(tct_mirror_find(mirror, 7, false));
	assert_ptr_equal(tct_mirror_find(mirror, 7, true), mini);
	assert_int_equal(mirror->by_state[TCT_FIN_WAIT2], 1);
}

static void test_remove_is_forgotten(void **state)
{
	struct tct_mirror *mirror = *state;
	struct tct_socket *sock = enter(mirror, 7, TCT_CLOSE_WAIT, 100);
	uint32_t index = sock->index;

	sock->owner = 99;
	tct_mirror_remove(mirror, sock);
	assert_null(tct_mirror_find(mirror, 7, false));
	assert_int_equal(mirror->by_state[TCT_CLOSE_WAIT], 0);
	expect_list(mirror, TCT_CLOSE_WAIT, NULL, 0);
	/* its place is used again, and holds nothing of it */
	sock = tct_mirror_add(mirror, 8, false);
	assert_int_equal(sock->index, index);
	assert_int_equal(sock->owner, 0);
	assert_int_equal(sock->state, TCT_NONE);
}

static void test_enter_moves(void **state)
{
	struct tct_mirror *mirror = *state;
	struct tct_socket *sock = enter(mirror, 7, TCT_ESTABLISHED, 100);
	static const uint64_t seven[] = { 7 };

	tct_mirror_enter(mirror, sock, TCT_CLOSE_WAIT, 200);
	assert_int_equal(sock->state, TCT_CLOSE_WAIT);
	assert_int_equal(sock->entered_ns, 200);
	assert_int_equal(mirror->by_state[TCT_ESTABLISHED], 0);
	assert_int_equal(mirror->by_state[TCT_CLOSE_WAIT], 1);
	expect_list(mirror, TCT_ESTABLISHED, NULL, 0);
	expect_list(mirror, TCT_CLOSE_WAIT, seven, 1);
}

static void test_order(void **state)
{
	struct tct_mirror *mirror = *state;
	static const uint64_t expected[] = { 4, 2, 1, 5, 3 };

	assert_int_equal(tct_mirror_sort(mirror), 0);
	enter(mirror, 1, TCT_CLOSE_WAIT, 200);
	enter(mirror, 2, TCT_CLOSE_WAIT, 150);	/* out of order, before all */
	enter(mirror, 3, TCT_CLOSE_WAIT, 300);
	enter(mirror, 4, TCT_CLOSE_WAIT, 100);
	enter(mirror, 5, TCT_CLOSE_WAIT, 250);	/* in the middle */
	expect_list(mirror, TCT_CLOSE_WAIT, expected, COUNT(expected));
}

/* An iterator's sockets come in any order, and are put in theirs at the end. */
static void test_sort(void **state)
{
	struct tct_mirror *mirror = *state;
	static const uint64_t arrived[] = { 1, 2, 3 }, expected[] = { 3, 1, 4, 2 };

	enter(mirror, 1, TCT_CLOSE_WAIT, 200);
	enter(mirror, 2, TCT_CLOSE_WAIT, 300);
	enter(mirror, 3, TCT_CLOSE_WAIT, 100);
	enter(mirror, 9, TCT_LAST_ACK, 50);
	expect_list(mirror, TCT_CLOSE_WAIT, arrived, COUNT(arrived));
	assert_int_equal(tct_mirror_sort(mirror), 0);
	enter(mirror, 4, TCT_CLOSE_WAIT, 250);
	expect_list(mirror, TCT_CLOSE_WAIT, expected, COUNT(expected));
}

/* Equal times keep the order of arrival. */
/* Ages from a nanosecond to years, by any byte of them; those of one age as they came. */
static void test_sort_many(void **state)
{
	struct tct_mirror *mirror = *state;
	struct tct_list *list = &mirror->lists[0][TCT_CLOSE_WAIT];
	const struct tct_socket *sock, *next;
	uint64_t seed = 1;

	mirror->seeding = true;
	for (uint64_t cookie = 1; cookie <= MANY; cookie++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		enter(mirror, cookie, TCT_CLOSE_WAIT, seed >> 40 << seed % 40);
	}
	assert_int_equal(tct_list_sort(mirror, list), 0);
	assert_int_equal(list->count, MANY);
	for (sock = tct_mirror_at(mirror, list->head); sock->next; sock = next) {
		next = tct_mirror_at(mirror, sock->next);
		assert_true(sock->entered_ns < next->entered_ns ||
			    (sock->entered_ns == next->entered_ns && sock->cookie < next->cookie));
	}
	assert_int_equal(sock->index, list->tail);
}

static void test_order_of_equals(void **state)
{
	struct tct_mirror *mirror = *state;
	static const uint64_t expected[] = { 1, 2, 3 };

	for (uint64_t cookie = 1; cookie <= 3; cookie++)
		enter(mirror, cookie, TCT_CLOSE_WAIT, 100);
	expect_list(mirror, TCT_CLOSE_WAIT, expected, COUNT(expected));
}

static void test_remove_from_list(void **state)
{
	struct tct_mirror *mirror = *state;
	struct tct_socket *sock[5];
	static const uint64_t without_middle[] = { 0, 1, 3, 4 }, without_ends[] = { 1, 3 };

	for (uint64_t i = 0; i < 5; i++)
		sock[i] = enter(mirror, i, TCT_LAST_ACK, i);
	tct_mirror_remove(mirror, sock[2]);
	expect_list(mirror, TCT_LAST_ACK, without_middle, COUNT(without_middle));
	tct_mirror_remove(mirror, sock[0]);
	tct_mirror_remove(mirror, sock[4]);
	expect_list(mirror, TCT_LAST_ACK, without_ends, COUNT(without_ends));
	tct_mirror_remove(mirror, sock[1]);
	tct_mirror_remove(mirror, sock[3]);
	expect_list(mirror, TCT_LAST_ACK, NULL, 0);
}

/* Cookies that differ only in their high bits, or not at all in the low ones. */
static void test_unlucky_cookies(void **state)
{
	struct tct_mirror *mirror = *state;

	for (uint64_t i = 0; i < 1000; i++)
		enter(mirror, i << 54, TCT_ESTABLISHED, i);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(tct_mirror_find(mirror, i << 54, false)->entered_ns, i);
	tct_mirror_remove(mirror, tct_mirror_find(mirror, 500ull << 54, false));
	assert_null(tct_mirror_find(mirror, 500ull << 54, false));
	assert_non_null(tct_mirror_find(mirror, 499ull << 54, false));
	assert_non_null(tct_mirror_find(mirror, 999ull << 54, false));
}

static void test_grow(void **state)
{
	struct tct_mirror *mirror = *state;
	struct tct_socket *first = enter(mirror, 1, TCT_ESTABLISHED, 1);

	for (uint64_t cookie = 2; cookie <= MANY; cookie++)
		enter(mirror, cookie, TCT_ESTABLISHED, cookie);
	assert_int_equal(mirror->pool.live, MANY);
	assert_int_equal(mirror->by_state[TCT_ESTABLISHED], MANY);
	assert_ptr_equal(tct_mirror_find(mirror, 1, false), first);
	for (uint64_t cookie = 1; cookie <= MANY; cookie++)
		assert_int_equal(tct_mirror_find(mirror, cookie, false)->entered_ns, cookie);
	assert_null(tct_mirror_find(mirror, MANY + 1, false));
	/* buckets are half full at most, on average */
	assert_true(mirror->buckets.count * TCT_BUCKET_SLOTS / 2 >= MANY - 6);
}

/* Memory does not grow under churn: what was freed is used again. */
static void seed(struct tct_mirror *mirror, uint64_t cookie, uint64_t entered_ns)
{
	tct_mirror_seed(mirror, tct_mirror_add(mirror, cookie, false), TCT_ESTABLISHED, entered_ns);
}

/* Later, too: what comes in no order waits, what is in order comes behind it, and some leave. */
static void test_seed_later(void **state)
{
	static const uint64_t order[] = { 1, 5, 4, 2, 3, 7 };
	struct tct_mirror *mirror = *state;

	assert_int_equal(tct_mirror_sort(mirror), 0);
	enter(mirror, 1, TCT_ESTABLISHED, 100);
	enter(mirror, 2, TCT_ESTABLISHED, 200);
	seed(mirror, 3, 300);
	assert_int_equal(mirror->lists[0][TCT_ESTABLISHED].loose, 0);
	seed(mirror, 4, 150);
	seed(mirror, 5, 120);
	seed(mirror, 6, 110);
	enter(mirror, 7, TCT_ESTABLISHED, 400);
	tct_mirror_remove(mirror, tct_mirror_find(mirror, 6, false));
	assert_int_equal(tct_mirror_sort(mirror), 0);
	expect_list(mirror, TCT_ESTABLISHED, order, COUNT(order));
	assert_int_equal(mirror->lists[0][TCT_ESTABLISHED].loose, 0);
}

/* The only ones that wait leave again. */
static void test_seeded_leave(void **state)
{
	static const uint64_t order[] = { 1, 3 };
	struct tct_mirror *mirror = *state;

	assert_int_equal(tct_mirror_sort(mirror), 0);
	enter(mirror, 1, TCT_ESTABLISHED, 100);
	seed(mirror, 2, 50);
	tct_mirror_remove(mirror, tct_mirror_find(mirror, 2, false));
	assert_int_equal(mirror->lists[0][TCT_ESTABLISHED].loose, 0);
	enter(mirror, 3, TCT_ESTABLISHED, 300);
	expect_list(mirror, TCT_ESTABLISHED, order, COUNT(order));
}

static void count_visit(void *ctx, struct tct_socket *sock)
{
	(*(uint32_t *)ctx)++;
	sock->audited++;
}

/* While the hash grows in between, each that was there at the beginning is met once. */
static void test_walk(void **state)
{
	struct tct_mirror *mirror = *state;
	uint64_t cursor = 0, next = 5001;
	uint32_t before;
	uint32_t visits = 0;

	assert_int_equal(tct_mirror_sort(mirror), 0);
	for (uint64_t cookie = 1; cookie <= 1000; cookie++)
		enter(mirror, cookie, TCT_ESTABLISHED, cookie);
	before = mirror->buckets.count;
	while (tct_mirror_walk(mirror, &cursor, 20, count_visit, &visits)) {
		for (int i = 0; i < 200; i++, next++)
			enter(mirror, next, TCT_ESTABLISHED, next);
	}
	assert_true(visits >= 1000);
	assert_true(mirror->buckets.count > before);
	for (uint64_t cookie = 1; cookie <= 1000; cookie++)
		assert_int_equal(tct_mirror_find(mirror, cookie, false)->audited, 1);
	assert_int_equal(cursor, 0);
}

static void test_churn(void **state)
{
	struct tct_mirror *mirror = *state;
	uint32_t used;

	for (uint64_t cookie = 1; cookie <= MANY; cookie++)
		enter(mirror, cookie, TCT_ESTABLISHED, cookie);
	used = mirror->pool.used;
	for (uint64_t cookie = 1; cookie <= MANY; cookie++) {
		tct_mirror_remove(mirror, tct_mirror_find(mirror, cookie, false));
		enter(mirror, MANY + cookie, TCT_ESTABLISHED, MANY + cookie);
	}
	assert_int_equal(mirror->pool.used, used);
	assert_int_equal(mirror->pool.live, MANY);
	assert_null(tct_mirror_find(mirror, MANY, false));
	assert_non_null(tct_mirror_find(mirror, 2 * MANY, false));
	assert_int_equal(tct_mirror_at(mirror, mirror->lists[0][TCT_ESTABLISHED].head)->cookie,
			 MANY + 1);
}

static void test_pool(void **state)
{
	struct tct_pool pool;
	uint32_t first, second;

	(void)state;
	tct_pool_init(&pool, 12);
	first = tct_pool_alloc(&pool);
	second = tct_pool_alloc(&pool);
	assert_int_not_equal(first, 0);
	assert_int_not_equal(first, second);
	assert_null(tct_pool_get(&pool, 0));
	tct_pool_free(&pool, 0);
	assert_int_equal(pool.live, 2);
	tct_pool_free(&pool, first);
	assert_int_equal(pool.live, 1);
	assert_int_equal(tct_pool_alloc(&pool), first);
	tct_pool_fini(&pool);
	assert_int_equal(pool.live, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_add_and_find),
		TEST(test_mini_with_the_same_cookie),
		TEST(test_remove_is_forgotten),
		TEST(test_enter_moves),
		TEST(test_order),
		TEST(test_sort),
		TEST(test_sort_many),
		TEST(test_order_of_equals),
		TEST(test_remove_from_list),
		TEST(test_unlucky_cookies),
		TEST(test_grow),
		TEST(test_seed_later),
		TEST(test_seeded_leave),
		TEST(test_walk),
		TEST(test_churn),
		cmocka_unit_test(test_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
