/* SPDX-License-Identifier: GPL-2.0 */
/* Records that wait to be taken, in the order in which they came. Its memory goes as they do. */
#ifndef TCT_CHUNKS_H
#define TCT_CHUNKS_H

#include <stddef.h>
#include <stdint.h>
#include "snapshot.h"

#define TCT_CHUNK_SIZE (64u << 10)	/* bytes, with what manages it */

struct tct_chunk {
	struct tct_chunk *next;
	size_t len;
	_Alignas(8) char data[TCT_CHUNK_SIZE - 2 * sizeof(size_t)];
};

struct tct_chunks {
	struct tct_chunk *first;
	struct tct_chunk *last;
	size_t count;		/* of chunks */
};

/* Copies one record, `len` bytes; 0 or -ENOMEM. */
int tct_chunks_add(struct tct_chunks *chunks, const void *data, size_t len);

/* As they are: the first, now the caller's to free(), or NULL; and back at the end. */
struct tct_chunk *tct_chunks_pop(struct tct_chunks *chunks);
void tct_chunks_push(struct tct_chunks *chunks, struct tct_chunk *chunk);

/* Hands on all records of one chunk: their number or a negative errno, the function's. */
int tct_chunk_feed(const struct tct_chunk *chunk, tct_record_fn fn, void *ctx);

void tct_chunks_clear(struct tct_chunks *chunks);

#endif
