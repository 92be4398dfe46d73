/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a recording, block by block; nothing in it is trusted. What cannot be read, and why, is
 * told in words.
 */
#ifndef TCT_READER_H
#define TCT_READER_H

#include <stdbool.h>
#include "../session/input.h"
#include "layout.h"

struct tct_reader {
	int fd;
	struct tct_layout_host host;
	uint8_t *frames;	/* of this block */
	size_t length;
	size_t at;
	uint64_t offset;	/* of the block in the file */
	bool cut;		/* the file ends within a block: all before it was read */
	char why[160];		/* what is wrong with it */
};

/* 0, or a negative errno with `why` set. */
int tct_reader_open(struct tct_reader *reader, const char *path);

/* The same of an open file, which it will close. */
int tct_reader_start(struct tct_reader *reader, int fd);

/*
 * The next input: 1, 0 at the end, which may be `cut`, or a negative errno with `why` set.
 * What it points to is good until the next call.
 */
int tct_reader_next(struct tct_reader *reader, struct tct_input *input);

void tct_reader_close(struct tct_reader *reader);

#endif
