// SPDX-License-Identifier: GPL-2.0
/* What outlives a run (--pin), and how the next one goes on from there. */
#include <errno.h>
#include <string.h>
#include "../core/restore.h"
#include "../log.h"
#include "../source/clock.h"
#include "../session/memos.h"
#include "live_internal.h"
#include "../cmd/output.h"

#define SOON_NS 10000000ull
#define LATER_NS 100000000ull

enum tct_exit tct_live_open_pin(struct live *live)
{
	struct tct_pin_layout layout = { 0 };

	if (!live->options->pin)
		return TCT_EXIT_OK;
	layout.programs = tct_loader_layout();
	tct_restore_sizes(layout.elements);
	return tct_pin_open(&live->pin, live->options->pin, &layout);
}

static bool port_in(const uint64_t *set, uint16_t port)
{
	return set[port / 64] >> port % 64 & 1;
}

/* As bpf/filter.bpf.h; of a cgroup only the kernel knows. */
static bool is_watched(const void *ctx, const struct tct_socket *sock)
{
	const struct live *live = ctx;
	const struct tct_filter_config *config = &live->options->filter;
	const struct tct_filter *filter = &config->filter;
	const struct tct_place *place = tct_mirror_place(&live->session.shards.shard->mirror,
							 sock);

	if (live->brief && sock->flags & TCT_SOCK_MINI)
		return false;
	if (filter->by_cgroup || (filter->family && filter->family != place->family) ||
	    (filter->netns && filter->netns != place->netns))
		return false;
	return (!filter->by_lport || port_in(config->lports, sock->lport)) &&
	       (!filter->by_rport || port_in(config->rports, sock->rport));
}

static void take_over(struct live *live)
{
	struct tct_tracker *tracker = live->session.shards.shard;
	const struct tct_journal_state *state = tct_journal_state(tct_pin_journal(live->pin));

	tct_pending_restore(&tracker->pending, tct_pin_pending(live->pin), state->pending);
	tct_shards_doubt(&live->session.shards, state->doubts, tct_clock_mono_ns());
	tracker->beyond = state->beyond;
	if (tct_loader_has_changed(live->loader))
		tct_restore_prune(tracker, is_watched, live);
	else
		tct_restore_know(tracker);
	live->host.continued = true;
}

static int start_anew(struct live *live)
{
	const struct tct_session_config config = live->session.config;

	tct_log_error("--pin: the mirror in %s is damaged: sockets are read anew",
		      live->options->pin);
	tct_pin_forget_mirror(live->pin);
	tct_session_fini(&live->session);
	return tct_session_init(&live->session, &config);
}

int tct_live_resume(struct live *live)
{
	struct tct_journal *journal;
	int err;

	if (!live->pin)
		return 0;
	journal = tct_pin_journal(live->pin);
	live->before = *tct_journal_state(journal);
	tct_restore_watch(journal, live->session.shards.shard, tct_pin_chunk, live->pin);
	if (!live->before.seeded) {
		tct_pin_forget_mirror(live->pin);
		return 0;
	}
	err = tct_restore(journal, live->session.shards.shard);
	if (!err)
		take_over(live);
	if (err != -EBADMSG)
		return err;
	err = start_anew(live);
	if (!err)
		tct_restore_watch(journal, live->session.shards.shard, tct_pin_chunk, live->pin);
	return err;
}

static void count_from(struct live *live)
{
	struct tct_journal_state *before = &live->before;
	struct tct_loader_counts counts;

	if (!tct_loader_continues(live->loader))
		before->losses[TCT_LOSS_HOOK] = 0;
	counts = (struct tct_loader_counts){
		.attempts = before->records + before->losses[TCT_LOSS_RING],
		.lost_ring = before->losses[TCT_LOSS_RING],
		.lost_hook = before->losses[TCT_LOSS_HOOK],
	};
	tct_loader_count_from(live->loader, &counts);
}

void tct_live_hold(struct live *live)
{
	struct tct_input continued = { .kind = TCT_IN_CONTINUED, .value = live->before.received };
	const struct tct_input forgotten = { .kind = TCT_IN_FORGOTTEN,
					     .value = live->before.received };

	if (!live->pin)
		return;
	count_from(live);
	tct_loader_thin_counts(live->loader, live->flooded);
	if (!live->host.continued) {
		if (live->before.received)
			tct_live_tell(live, &forgotten);
		return;
	}
	if (live->session.config.tee)
		tct_memos_tell(&live->session.shards, live->session.config.tee,
			       live->session.config.tee_ctx);
	tct_ring_hold(live->ring, live->before.position);
	continued.which = (uint32_t)tct_ring_waiting(live->ring);
	continued.now_ns = tct_clock_mono_ns();
	tct_live_tell(live, &continued);
}

static void commit(struct live *live)
{
	const struct tct_tracker *tracker = live->session.shards.shard;
	struct tct_journal_state state = live->before;

	live->committed = tct_ring_position(live->ring);
	live->committed_ns = tct_clock_mono_ns();
	state.position = tct_ring_position(live->ring);
	state.received = tracker->received;
	state.records += tct_ring_received(live->ring);
	for (int w = 0; w < TCT_LOSS_PLACES; w++)
		state.losses[w] += live->losses[w];
	state.seeded = true;
	state.doubts = tct_shards_doubts(tracker->all);
	state.beyond = tracker->beyond;
	state.pending = tct_pending_copy(&tracker->pending, tct_pin_next_pending(live->pin));
	tct_journal_commit(tct_pin_journal(live->pin), &state);
	if (tct_ring_is_held(live->ring))
		tct_ring_release(live->ring);
	else	/* what was there at the start is in, with the events of that time */
		tct_ring_hold(live->ring, state.position);
	tct_loader_settle(live->loader, live->committed_ns);
}

/* A kill from here on finds the mirror, unless events wait that belong to it. */
void tct_live_begin(struct live *live)
{
	if (live->pin && !live->backlog.first)
		commit(live);
}

/* The ring needs what is held of it, or the log has no room for much more. */
static bool has_to_end(const struct live *live)
{
	return tct_ring_end(live->ring) - live->committed > live->options->ring_bytes / 2 ||
	       tct_journal_is_full(tct_pin_journal(live->pin));
}

/*
 * What was told is on its way to the output: a batch is not over before it is there, or a kill
 * would lose it. But a reader who takes nothing does not hold up the ring.
 */
void tct_live_commit(struct live *live)
{
	if (!live->pin || live->backlog.first || tct_ring_position(live->ring) != live->printed)
		return;
	if (tct_output_is_written() || has_to_end(live))
		commit(live);
}

/* A reader who takes nothing is looked at less often. */
uint64_t tct_live_commit_deadline(const struct live *live)
{
	uint64_t now_ns = tct_clock_mono_ns();

	if (!live->pin || live->committed == tct_ring_position(live->ring))
		return UINT64_MAX;
	return now_ns + (now_ns - live->committed_ns < LATER_NS ? SOON_NS : LATER_NS);
}

int tct_live_relieve(struct live *live)
{
	if (!live->pin || !tct_ring_is_held(live->ring) ||
	    !tct_journal_is_full(tct_pin_journal(live->pin)))
		return 0;
	if (tct_output_flush())
		return -EPIPE;
	commit(live);
	return 0;
}

/* The hooks go on: what came after the end began is the next run's. */
void tct_live_drain_last(struct live *live)
{
	uint64_t end = tct_ring_position(live->ring) + tct_ring_level(live->ring);

	do {
		if (!live->backlog.first && !tct_output_flush())
			commit(live);
	} while ((live->backlog.first || tct_ring_position(live->ring) < end) &&
		 tct_live_drain(live) > 0);
}

enum tct_exit tct_live_leave(struct live *live)
{
	if (!live->pin)
		return TCT_EXIT_OK;
	commit(live);
	tct_log_error("the hooks stay: go on with --pin %s, remove them with --pin %s --unpin",
		      live->options->pin, live->options->pin);
	return TCT_EXIT_OK;
}
