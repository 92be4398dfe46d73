// SPDX-License-Identifier: GPL-2.0
#include "restore.h"

#include <errno.h>
#include <stdlib.h>
#include "tracker_internal.h"

void tct_restore_sizes(uint64_t sizes[TCT_JOURNAL_POOLS])
{
	sizes[TCT_JOURNAL_SOCKETS] = sizeof(struct tct_socket);
	sizes[TCT_JOURNAL_PLACES] = sizeof(struct tct_place);
	sizes[TCT_JOURNAL_TASKS] = sizeof(struct tct_owner);
	sizes[TCT_JOURNAL_CLOSINGS] = sizeof(struct tct_closing);
}

void tct_restore_watch(struct tct_journal *journal, struct tct_tracker *tracker,
		       void *(*chunk)(void *ctx, enum tct_journal_pools which, uint32_t number),
		       void *ctx)
{
	tct_journal_watch(journal, TCT_JOURNAL_SOCKETS, &tracker->mirror.pool, chunk, ctx);
	tct_journal_watch(journal, TCT_JOURNAL_PLACES, &tracker->mirror.places.pool, chunk, ctx);
	tct_journal_watch(journal, TCT_JOURNAL_TASKS, &tracker->tasks.pool, chunk, ctx);
	tct_journal_watch(journal, TCT_JOURNAL_CLOSINGS, &tracker->closings, chunk, ctx);
}

static int reopen(const struct tct_journal *journal, struct tct_tracker *tracker)
{
	const uint32_t *used = tct_journal_state(journal)->used;
	int err = tct_pool_reopen(&tracker->mirror.pool, used[TCT_JOURNAL_SOCKETS]);

	if (!err)
		err = tct_pool_reopen(&tracker->mirror.places.pool, used[TCT_JOURNAL_PLACES]);
	if (!err)
		err = tct_pool_reopen(&tracker->tasks.pool, used[TCT_JOURNAL_TASKS]);
	if (!err)
		err = tct_pool_reopen(&tracker->closings, used[TCT_JOURNAL_CLOSINGS]);
	return err;
}

/* Its socket's alone. The reason of a reset is a string of the process that is gone. */
static bool adopt_closing(struct tct_tracker *tracker, uint32_t index, bool *claimed)
{
	struct tct_closing *closing;

	if (!index || index >= tracker->closings.used || claimed[index])
		return false;
	claimed[index] = true;
	closing = tct_pool_get(&tracker->closings, index);
	closing->reset_reason = NULL;
	tct_pool_adopt(&tracker->closings);
	return true;
}

static void adopt_sockets(struct tct_tracker *tracker, bool *claimed)
{
	struct tct_pool *pool = &tracker->mirror.pool;

	for (uint32_t i = pool->used - 1; i > 0; i--) {
		struct tct_socket *sock = tct_mirror_at(&tracker->mirror, i);

		if (!tct_mirror_adopt(&tracker->mirror, i)) {
			sock->state = TCT_NONE;
			tct_pool_drop(pool, i);
			continue;
		}
		if (!tct_tasks_adopt(&tracker->tasks, sock->owner))
			sock->owner = 0;
		if (!adopt_closing(tracker, sock->closing, claimed))
			sock->closing = 0;
	}
}

int tct_restore(struct tct_journal *journal, struct tct_tracker *tracker)
{
	int err = reopen(journal, tracker);
	bool *claimed;

	if (!err)
		err = tct_journal_recover(journal);
	if (err)
		return err;
	claimed = calloc(tracker->closings.used, sizeof(*claimed));
	if (!claimed)
		return -ENOMEM;
	tct_places_disown(&tracker->mirror.places);
	tct_tasks_disown(&tracker->tasks);
	adopt_sockets(tracker, claimed);
	tct_places_sweep(&tracker->mirror.places);
	tct_tasks_sweep(&tracker->tasks);
	for (uint32_t i = tracker->closings.used - 1; i > 0; i--) {
		if (!claimed[i])
			tct_pool_drop(&tracker->closings, i);
	}
	free(claimed);
	return 0;
}

void tct_restore_know(struct tct_tracker *tracker)
{
	for (uint32_t i = 1; i < tracker->mirror.pool.used; i++) {
		const struct tct_socket *sock = tct_mirror_at(&tracker->mirror, i);

		if (sock->state != TCT_NONE)
			tct_keys_add(&tracker->all->audit.known,
				     tct_mirror_place(&tracker->mirror, sock)->netns, false);
	}
}

void tct_restore_prune(struct tct_tracker *tracker,
		       bool (*keep)(const void *ctx, const struct tct_socket *sock),
		       const void *ctx)
{
	for (uint32_t i = 1; i < tracker->mirror.pool.used; i++) {
		struct tct_socket *sock = tct_mirror_at(&tracker->mirror, i);

		if (sock->state != TCT_NONE && !keep(ctx, sock))
			tct_tracker_forget(tracker, sock, 0);
	}
}
