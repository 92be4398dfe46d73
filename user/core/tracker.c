// SPDX-License-Identifier: GPL-2.0
#include "tracker.h"

#include "teardown.h"
#include "tracker_internal.h"

static void learn_edges(struct tct_tracker *tracker)
{
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++)
			tracker->legal[from] |=
				(tct_fsm_step(from, to) != TCT_EDGE_ILLEGAL) << to;
	}
}

int tct_tracker_init(struct tct_tracker *tracker, const struct tct_tracker_config *config,
		     struct tct_shards *all, unsigned int shard, const struct tct_sink *sink)
{
	tracker->config = *config;
	tracker->all = all;
	tracker->shard = shard;
	tracker->sink = sink;
	learn_edges(tracker);
	tct_tasks_init(&tracker->tasks);
	tct_pool_init(&tracker->closings, sizeof(struct tct_closing));
	return tct_mirror_init(&tracker->mirror);
}

void tct_tracker_fini(struct tct_tracker *tracker)
{
	tct_keys_clear(&tracker->audit.departed);
	tct_pool_fini(&tracker->closings);
	tct_tasks_fini(&tracker->tasks);
	tct_mirror_fini(&tracker->mirror);
}

void tct_tracker_take(struct tct_tracker *tracker, const struct tct_decoded *rec)
{
	switch (rec->tag) {
	case TCT_REC_STATE:
		tct_tracker_on_state(tracker, rec->sock);
		break;
	case TCT_REC_SOCK:
		tct_tracker_on_sock(tracker, rec->sock);
		break;
	case TCT_REC_FOUND:
		tct_tracker_on_found(tracker, rec->found);
		break;
	case TCT_REC_STAYS:
		tct_tracker_on_stays(tracker, rec->stays);
		break;
	case TCT_REC_TW_START:
		tct_tracker_on_tw_start(tracker, rec->tw);
		break;
	case TCT_REC_TW_REARM:
		tct_tracker_on_tw_rearm(tracker, rec->tw);
		break;
	case TCT_REC_TW_SEGMENT:
		tct_tracker_on_tw_segment(tracker, rec->tw);
		break;
	case TCT_REC_TW_CANCEL:
		tct_tracker_on_tw_cancel(tracker, rec->tw_cancel);
		break;
	case TCT_REC_TW_END:
		tct_tracker_on_tw_end(tracker, rec->tw_cancel);
		break;
	case TCT_REC_TW_SOCK:
		tct_tracker_on_tw_sock(tracker, rec->tw);
		break;
	case TCT_REC_STEP:
		tct_tracker_on_step(tracker, rec->step);
		break;
	case TCT_REC_RESET:
		tct_tracker_on_reset(tracker, rec->reset);
		break;
	case TCT_REC_OWNER:
		tct_tracker_on_owner(tracker, rec->owner);
		break;
	case TCT_REC_PRESENT:
	case TCT_REC_HOLDER:
		break;
	}
}

void tct_tracker_foresee(struct tct_tracker *tracker, const void *data, size_t len)
{
	tct_ahead_record(&tracker->ahead, &tracker->mirror, &tracker->closings, data, len);
}

void tct_tracker_illegal(struct tct_tracker *tracker, const struct tct_transition *ev)
{
	const struct tct_socket *sock = tct_mirror_find(&tracker->mirror, ev->who.cookie, false);
	struct tct_finding finding = {
		.mono_ns = ev->mono_ns,
		.id = tct_shards_next_id(tracker->all),
		.rule = "illegal-transition",
		.severity = TCT_CRITICAL,
		.status = TCT_OPEN,
		.state = ev->from,
		.to = ev->to,
		.count = 1,
		.oldest_ns = TCT_UNKNOWN,
		.first_mono_ns = ev->mono_ns,
		.netns = ev->who.netns,
		.port = ev->who.tuple.lport,
		.port_is_local = true,
		.socket = &ev->who,
		.confidence = tct_tracker_confidence(tracker, sock),
		.advice = "TCP has no such edge: a kernel bug, a patched stack, or memory corruption",
	};

	tracker->totals.illegal++;
	tracker->totals.findings++;
	if (tracker->sink->finding)
		tracker->sink->finding(tracker->sink->ctx, &finding);
}
