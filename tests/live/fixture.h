/* SPDX-License-Identifier: GPL-2.0 */
/* cmocka's set-up and tear-down that the live tests share: one tracer for each test. */
#ifndef LIVE_FIXTURE_H
#define LIVE_FIXTURE_H

/* *state is the test's name, and becomes a tracer without options, or nothing yet. */
int fixture_start(void **state);
int fixture_name(void **state);

/* Frees that tracer, and leaves the network namespace that a failed test may still be in. */
int fixture_stop(void **state);

#define LIVE_TEST(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_start, fixture_stop, (void *)#test)

/* For tests that start a tracer of their own and put it into *state. */
#define LIVE_TEST_ALONE(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, fixture_stop, (void *)#test)

#endif
