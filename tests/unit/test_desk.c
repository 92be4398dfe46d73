// SPDX-License-Identifier: GPL-2.0
/* Questions of one thread to another: answered in time, or never. */
#include "test.h"

#include <pthread.h>
#include <time.h>
#include "../../user/serve/desk.h"

#define LONG_MS 10000
#define SHORT_MS 20
#define MANY 20000

struct fixture {
	struct tct_desk desk;
	pthread_t reader;
	bool ends;		/* the reader's loop; atomic */
	int done;		/* pieces of work */
	pthread_t by;		/* who did the last */
};

static void work(void *ctx)
{
	struct fixture *f = ctx;

	f->done++;
	f->by = pthread_self();
}

static void *read_events(void *arg)
{
	struct fixture *f = arg;

	while (!__atomic_load_n(&f->ends, __ATOMIC_ACQUIRE)) {
		const struct timespec rest = { .tv_nsec = 1000 };

		tct_desk_serve(&f->desk);
		nanosleep(&rest, NULL);
	}
	return NULL;
}

static void start_reader(struct fixture *f)
{
	assert_int_equal(pthread_create(&f->reader, NULL, read_events, f), 0);
}

static void end_reader(struct fixture *f)
{
	__atomic_store_n(&f->ends, true, __ATOMIC_RELEASE);
	pthread_join(f->reader, NULL);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void test_the_reader_does_the_work(void **state)
{
	struct fixture *f = *state;

	start_reader(f);
	for (int i = 1; i <= MANY / 10; i++) {
		assert_true(tct_desk_ask(&f->desk, work, f, LONG_MS));
		assert_int_equal(f->done, i);
		assert_true(pthread_equal(f->by, f->reader));
	}
	end_reader(f);
}

static void test_nobody_asks(void **state)
{
	struct fixture *f = *state;

	tct_desk_serve(&f->desk);
	tct_desk_serve(&f->desk);
	assert_int_equal(f->done, 0);
}

/* Who asked is gone by then, and so is what the work would touch. */
static void test_never_after_a_time_out(void **state)
{
	struct fixture *f = *state;
	uint64_t begin_ms = now_ms();

	assert_false(tct_desk_ask(&f->desk, work, f, SHORT_MS));
	assert_in_range(now_ms() - begin_ms, SHORT_MS - 1, LONG_MS);
	tct_desk_serve(&f->desk);
	assert_int_equal(f->done, 0);
	start_reader(f);
	assert_true(tct_desk_ask(&f->desk, work, f, LONG_MS));
	end_reader(f);
	assert_int_equal(f->done, 1);
}

/* Both at the same moment: true is done, false is not. */
static void test_a_time_out_at_the_last_moment(void **state)
{
	struct fixture *f = *state;
	int answered = 0;

	start_reader(f);
	for (int i = 0; i < MANY; i++) {
		int before = f->done;
		bool told = tct_desk_ask(&f->desk, work, f, 0);

		answered += told;
		assert_int_equal(__atomic_load_n(&f->done, __ATOMIC_ACQUIRE), before + told);
	}
	end_reader(f);
	assert_int_equal(f->done, answered);
	print_message("%d of %d were answered in no time\n", answered, MANY);
}

static void *ask(void *arg)
{
	struct fixture *f = arg;

	return tct_desk_ask(&f->desk, work, f, LONG_MS) ? f : NULL;
}

/* Whoever waits is not left waiting. */
static void test_closed_while_one_waits(void **state)
{
	const struct timespec rest = { .tv_nsec = 1000000 };
	struct fixture *f = *state;
	uint64_t begin_ms = now_ms();
	pthread_t asker;
	void *answered;

	assert_int_equal(pthread_create(&asker, NULL, ask, f), 0);
	while (!__atomic_load_n(&f->desk.work, __ATOMIC_ACQUIRE))
		nanosleep(&rest, NULL);
	tct_desk_close(&f->desk);
	pthread_join(asker, &answered);
	assert_null(answered);
	assert_true(now_ms() - begin_ms < LONG_MS);
	assert_int_equal(f->done, 0);
}

static void test_closed_before(void **state)
{
	struct fixture *f = *state;

	tct_desk_close(&f->desk);
	assert_false(tct_desk_ask(&f->desk, work, f, LONG_MS));
	tct_desk_serve(&f->desk);
	assert_int_equal(f->done, 0);
}

static void *serve_and_close(void *arg)
{
	const struct timespec rest = { .tv_nsec = 1000 };
	struct fixture *f = arg;

	while (!f->done) {
		nanosleep(&rest, NULL);
		tct_desk_serve(&f->desk);
	}
	tct_desk_close(&f->desk);
	return NULL;
}

/* What was done before is an answer: whoever asked has to know, as it may have to free it. */
static void test_closed_just_after_the_answer(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 1000; i++) {
		pthread_t reader;

		f->done = 0;
		tct_desk_init(&f->desk);
		assert_int_equal(pthread_create(&reader, NULL, serve_and_close, f), 0);
		assert_true(tct_desk_ask(&f->desk, work, f, LONG_MS));
		pthread_join(reader, NULL);
		tct_desk_fini(&f->desk);
	}
	tct_desk_init(&f->desk);
}

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ 0 };
	tct_desk_init(&fixture.desk);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	tct_desk_fini(&((struct fixture *)*state)->desk);
	return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_reader_does_the_work),
		TEST(test_nobody_asks),
		TEST(test_never_after_a_time_out),
		TEST(test_a_time_out_at_the_last_moment),
		TEST(test_closed_while_one_waits),
		TEST(test_closed_before),
		TEST(test_closed_just_after_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
