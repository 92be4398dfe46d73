// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "printout.h"

#define WIDTH 80

void printout_end(struct printout *p)
{
	if (p->out)
		fclose(p->out);
	free(p->got);
	*p = (struct printout){ 0 };
}

void printout_begin(struct printout *p, struct tct_text_config config)
{
	printout_end(p);
	p->out = open_memstream(&p->got, &p->size);
	config.out = config.messages = p->out;
	tct_sink_text_init(&p->text, &config, &p->sink);
}

const char *printout_text(struct printout *p)
{
	fflush(p->out);
	return p->got;
}

void printout_expect_fits(struct printout *p)
{
	const char *line = printout_text(p);

	assert_true(p->size > 0);
	assert_int_equal(p->got[p->size - 1], '\n');
	while (*line) {
		size_t len = strcspn(line, "\n");

		if (len > WIDTH)
			fail_msg("%zu columns: %.*s", len, (int)len, line);
		line += len + 1;
	}
}
