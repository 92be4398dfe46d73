// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "reader.h"

#define REAL_OFFSET_NS 1709210096000000000ull	/* 2024-02-29T12:34:56Z */

int reader_setup(void **state)
{
	struct reader *reader = test_calloc(1, sizeof(*reader));

	tct_sink_json_init(&reader->json, open_memstream(&reader->text, &reader->size),
			   REAL_OFFSET_NS, &reader->sink);
	*state = reader;
	return 0;
}

int reader_teardown(void **state)
{
	struct reader *reader = *state;

	fclose(reader->json.json.out);
	free(reader->text);
	test_free(reader);
	return 0;
}

json_t *reader_take(struct reader *reader)
{
	json_error_t error;
	const char *line;
	json_t *root;
	size_t len;

	fflush(reader->json.json.out);
	line = reader->text + reader->taken;
	len = strlen(line);
	reader->taken += len;
	assert_true(len > 2);
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	root = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s in: %s", error.text, line);
	assert_true(json_is_object(root));
	return root;
}
