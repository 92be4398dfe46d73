// SPDX-License-Identifier: GPL-2.0
#include "chunks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void tct_chunks_push(struct tct_chunks *chunks, struct tct_chunk *chunk)
{
	chunk->next = NULL;
	if (chunks->last)
		chunks->last->next = chunk;
	else
		chunks->first = chunk;
	chunks->last = chunk;
	chunks->count++;
}

static struct tct_chunk *chunk_with_room(struct tct_chunks *chunks, size_t len)
{
	struct tct_chunk *chunk = chunks->last;

	if (chunk && sizeof(chunk->data) - chunk->len >= len)
		return chunk;
	chunk = malloc(sizeof(*chunk));
	if (!chunk)
		return NULL;
	chunk->len = 0;
	tct_chunks_push(chunks, chunk);
	return chunk;
}

int tct_chunks_add(struct tct_chunks *chunks, const void *data, size_t len)
{
	struct tct_chunk *chunk = chunk_with_room(chunks, len);

	if (!chunk)
		return -ENOMEM;
	memcpy(chunk->data + chunk->len, data, len);
	chunk->len += len;
	return 0;
}

struct tct_chunk *tct_chunks_pop(struct tct_chunks *chunks)
{
	struct tct_chunk *chunk = chunks->first;

	if (!chunk)
		return NULL;
	chunks->first = chunk->next;
	if (!chunks->first)
		chunks->last = NULL;
	chunks->count--;
	return chunk;
}

int tct_chunk_feed(const struct tct_chunk *chunk, tct_record_fn fn, void *ctx)
{
	size_t at = 0;
	int count = 0;

	while (at < chunk->len) {
		int size = fn(ctx, chunk->data + at, chunk->len - at);

		if (size < 0)
			return size;
		at += (size_t)size;
		count++;
	}
	return count;
}

void tct_chunks_clear(struct tct_chunks *chunks)
{
	struct tct_chunk *chunk;

	while ((chunk = tct_chunks_pop(chunks)))
		free(chunk);
}
