/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes a recording: frames gather in a block, which goes out in one piece when it has 64 KiB or
 * is a second old. What is written is other people's: the file is its owner's only (0600).
 */
#ifndef TCT_WRITER_H
#define TCT_WRITER_H

#include "../session/input.h"
#include "layout.h"

#define TCT_WRITER_BLOCK (64u << 10)
#define TCT_WRITER_AGE_NS 1000000000ull

struct tct_writer {
	int fd;
	int err;		/* the first failure, a negative errno: from then on nothing is written */
	uint8_t *block;		/* head and frames */
	size_t used;		/* of both */
	uint32_t frames;	/* in it */
	uint64_t since_ns;	/* the first time that a frame in it had; 0: none yet */
	uint64_t records;	/* of TCT_IN_RECORD, in all */
	uint64_t bytes;		/* in the file */
};

/* Creates `path`, which must not be there. 0 or a negative errno. */
int tct_writer_open(struct tct_writer *writer, const char *path,
		    const struct tct_layout_host *host);

/* The same into an open file, which it will close. */
int tct_writer_start(struct tct_writer *writer, int fd, const struct tct_layout_host *host);

/*
 * Room for one input, filled. The data is there to be changed in place until the next call. NULL
 * after a failure.
 */
void *tct_writer_put(struct tct_writer *writer, const struct tct_input *input);

/* When the block should go out, UINT64_MAX for never: an input with a time does it. */
uint64_t tct_writer_deadline(const struct tct_writer *writer);

/* Writes the rest. 0 or the first failure's negative errno. */
int tct_writer_close(struct tct_writer *writer);

#endif
