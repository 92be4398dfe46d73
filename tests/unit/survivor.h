/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tracker that is killed again and again and goes on from what it left in memory: chunks of its
 * pools, the journal, the endings that waited. A kill comes in the middle of a record, out of a
 * sink's call or out of a journal's.
 */
#ifndef SURVIVOR_H
#define SURVIVOR_H

#include <setjmp.h>
#include "../../user/core/restore.h"
#include "../../user/core/shards.h"

#define SURVIVOR_CHUNKS 4
#define SURVIVOR_LOG (1 << 20)

/* What a kill leaves. */
struct survivor_memory {
	struct tct_journal_head head;
	struct tct_ending pending[2][TCT_PENDING_MAX];
	void *chunks[TCT_JOURNAL_POOLS][SURVIVOR_CHUNKS];
	size_t chunk_size[TCT_JOURNAL_POOLS];
	_Alignas(8) char log[SURVIVOR_LOG];
};

struct survivor {
	struct survivor_memory *memory;
	struct tct_journal journal;
	struct tct_shards shards;
	const struct tct_sink *sink;
	const void *(*record)(void *ctx, uint64_t position);	/* NULL after the last */
	void *ctx;
	uint64_t position;	/* of the next record */
	uint64_t now_ns;	/* of the last one */
	unsigned int lives;
	unsigned int fuse;	/* calls until it is killed; 0: never */
	jmp_buf killed;
};

struct survivor_memory *survivor_memory_new(void);
void survivor_memory_free(struct survivor_memory *memory);

/* A new life. What tct_restore() says. */
int survivor_start(struct survivor *s);

/* Its heap is gone, the memory stays. */
void survivor_bury(struct survivor *s);

/* From the sink's calls: one of these kills. */
void survivor_burn(struct survivor *s);

/* Ends the batch. */
void survivor_commit(struct survivor *s);

#endif
