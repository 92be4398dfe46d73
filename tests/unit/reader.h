/* SPDX-License-Identifier: GPL-2.0 */
/* A JSON sink, and its lines read back. */
#ifndef READER_H
#define READER_H

#include <jansson.h>
#include "../../user/sink/json.h"

struct reader {
	struct tct_sink_json json;
	struct tct_sink sink;
	char *text;
	size_t size;
	size_t taken;		/* bytes of it */
};

/* cmocka's set-up and tear-down: *state is a struct reader. It is 2024-02-29T12:34:56Z at 0. */
int reader_setup(void **state);
int reader_teardown(void **state);

#define READER_TEST(test) cmocka_unit_test_setup_teardown(test, reader_setup, reader_teardown)

/* The only line that was written since the last call, as a tree that the caller drops. */
json_t *reader_take(struct reader *reader);

#endif
