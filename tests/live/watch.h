/* SPDX-License-Identifier: GPL-2.0 */
/* Programs of others (service.h) watched for CLOSE_WAIT, in a network namespace of the test's. */
#ifndef LIVE_WATCH_H
#define LIVE_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#define WATCH_ADDRESS "127.0.0.1"
#define WATCH_THRESHOLD "2s"
#define WATCH_THRESHOLD_NS 2000000000LL
#define WATCH_PATIENCE_MS 20000

struct tracer;

/* The tracer becomes *state: findings of this namespace's sockets, others test beside us. */
struct tracer *watch_start(void **state);

/* Stops the programs, then the tracer. */
int watch_stop(void **state);

#define WATCH_TEST(test) \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_name, watch_stop, (void *)#test)

/* Of the sockets of who listens on that port. */
bool watch_is_finding(const json_t *event, uint16_t port);

#endif
