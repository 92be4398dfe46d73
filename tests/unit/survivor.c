// SPDX-License-Identifier: GPL-2.0
#include "survivor.h"

#include <stdlib.h>
#include <string.h>
#include "test.h"

struct survivor_memory *survivor_memory_new(void)
{
	struct survivor_memory *memory = calloc(1, sizeof(*memory));

	assert_non_null(memory);
	memory->chunk_size[TCT_JOURNAL_SOCKETS] = sizeof(struct tct_socket) * TCT_POOL_CHUNK;
	memory->chunk_size[TCT_JOURNAL_PLACES] = sizeof(struct tct_place) * TCT_POOL_CHUNK;
	memory->chunk_size[TCT_JOURNAL_TASKS] = sizeof(struct tct_owner) * TCT_POOL_CHUNK;
	memory->chunk_size[TCT_JOURNAL_CLOSINGS] = sizeof(struct tct_closing) * TCT_POOL_CHUNK;
	return memory;
}

void survivor_memory_free(struct survivor_memory *memory)
{
	for (int pool = 0; pool < TCT_JOURNAL_POOLS; pool++) {
		for (int i = 0; i < SURVIVOR_CHUNKS; i++)
			free(memory->chunks[pool][i]);
	}
	free(memory);
}

static void *chunk(void *ctx, enum tct_journal_pools which, uint32_t number)
{
	struct survivor_memory *memory = ctx;

	if (number >= SURVIVOR_CHUNKS)
		return NULL;
	if (!memory->chunks[which][number])
		memory->chunks[which][number] = calloc(1, memory->chunk_size[which]);
	return memory->chunks[which][number];
}

void survivor_burn(struct survivor *s)
{
	if (s->fuse && !--s->fuse)
		longjmp(s->killed, 1);
}

int survivor_start(struct survivor *s)
{
	struct tct_tracker_config config = { .sees_resets = true, .hz = 250 };
	const struct tct_journal_state *state;
	int err;

	tct_stuck_defaults(&config.stuck);
	config.stuck.threshold_ns[TCT_CLOSE_WAIT] = 50000000;
	tct_journal_init(&s->journal, &s->memory->head, s->memory->log, SURVIVOR_LOG);
	assert_int_equal(tct_shards_init(&s->shards, &config, 1, s->sink), 0);
	tct_restore_watch(&s->journal, s->shards.shard, chunk, s->memory);
	state = tct_journal_state(&s->journal);
	s->position = state->position;
	err = tct_restore(&s->journal, s->shards.shard);
	if (err)
		return err;
	s->shards.shard[0].received = state->received;
	tct_pending_restore(&s->shards.shard[0].pending, s->memory->pending[s->memory->head.batch & 1],
			    state->pending);
	s->lives++;
	assert_int_equal(tct_shards_seeded(&s->shards), 0);
	survivor_commit(s);
	return 0;
}

void survivor_bury(struct survivor *s)
{
	tct_shards_fini(&s->shards);
	tct_journal_fini(&s->journal);
}

void survivor_commit(struct survivor *s)
{
	struct tct_ending *room = s->memory->pending[(s->memory->head.batch + 1) & 1];
	const struct tct_journal_state state = {
		.position = s->position,
		.received = s->shards.shard[0].received,
		.seeded = true,
		.pending = tct_pending_copy(&s->shards.shard[0].pending, room),
	};

	tct_journal_commit(&s->journal, &state);
}
