// SPDX-License-Identifier: GPL-2.0
/* Signals and wake-ups of a live run: each ends a wait, none is lost, none makes it spin. */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include "../../user/cmd/signals.h"

#define WAKES 20000

static int fd;

static bool is_awake(int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, timeout_ms) > 0;
}

static void test_wake(void **state)
{
	(void)state;
	assert_false(is_awake(0));
	tct_signals_wake();
	assert_true(is_awake(0));
	tct_signals_drain();
	assert_false(is_awake(0));
	tct_signals_drain();
	tct_signals_wake();
	tct_signals_wake();
	assert_true(is_awake(0));
	tct_signals_drain();
	assert_false(is_awake(0));
}

static void test_usr1(void **state)
{
	(void)state;
	raise(SIGUSR1);
	assert_true(is_awake(0));
	tct_signals_drain();
	assert_true(tct_signals_take_usr1());
	assert_false(tct_signals_take_usr1());
	assert_false(is_awake(0));
	assert_false(tct_signals_stop());
}

static void test_hup(void **state)
{
	(void)state;
	tct_signals_reload_on_hup();
	raise(SIGHUP);
	assert_true(is_awake(0));
	tct_signals_drain();
	assert_true(tct_signals_take_hup());
	assert_false(tct_signals_take_hup());
	assert_false(tct_signals_stop());
}

static volatile bool over;
static volatile unsigned long done, seen;

static void *wake_often(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < WAKES; i++) {
		done++;
		tct_signals_wake();
	}
	over = true;
	tct_signals_wake();
	return NULL;
}

/* The last of many is seen; after it all is quiet. */
static void test_storm(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, wake_often, NULL), 0);
	while (!over) {
		assert_true(is_awake(10000));
		tct_signals_drain();
		seen = done;
	}
	pthread_join(thread, NULL);
	tct_signals_drain();
	assert_int_equal(done, WAKES);
	assert_false(is_awake(0));
}

static void test_term(void **state)
{
	(void)state;
	tct_signals_drain();
	raise(SIGTERM);
	assert_true(is_awake(0));
	assert_true(tct_signals_stop());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_usr1),
		cmocka_unit_test(test_hup),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_term),
	};

	fd = tct_signals_hold();
	if (fd < 0)
		return 1;
	tct_signals_release();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
