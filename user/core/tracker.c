// SPDX-License-Identifier: GPL-2.0
#include "tracker.h"

#include <errno.h>
#include <string.h>
#include "subject.h"
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
		     const struct tct_sink *sink)
{
	memset(tracker, 0, sizeof(*tracker));
	tracker->config = *config;
	tracker->sink = sink;
	learn_edges(tracker);
	tct_tasks_init(&tracker->tasks);
	tct_pool_init(&tracker->closings, sizeof(struct tct_closing));
	tct_audit_init(&tracker->audit);
	tct_stuck_init(&tracker->stuck, &config->stuck, &tracker->mirror, &tracker->tasks,
		       sink);
	return tct_mirror_init(&tracker->mirror);
}

void tct_tracker_fini(struct tct_tracker *tracker)
{
	tct_stuck_fini(&tracker->stuck);
	tct_audit_fini(&tracker->audit);
	tct_keys_clear(&tracker->scanned);
	tct_owners_fini(&tracker->owners);
	tct_facts_fini(&tracker->facts);
	tct_pool_fini(&tracker->closings);
	tct_tasks_fini(&tracker->tasks);
	tct_mirror_fini(&tracker->mirror);
}

int tct_tracker_feed(struct tct_tracker *tracker, const void *data, size_t len)
{
	struct tct_decoded rec;
	int size = tct_decode(data, len, &rec);

	if (size < 0)
		return size;
	switch (rec.tag) {
	case TCT_REC_STATE:
		tct_tracker_on_state(tracker, rec.sock);
		break;
	case TCT_REC_SOCK:
		tct_tracker_on_sock(tracker, rec.sock);
		break;
	case TCT_REC_FOUND:
		tct_tracker_on_found(tracker, rec.found);
		break;
	case TCT_REC_TW_START:
		tct_tracker_on_tw_start(tracker, rec.tw);
		break;
	case TCT_REC_TW_REARM:
		tct_tracker_on_tw_rearm(tracker, rec.tw);
		break;
	case TCT_REC_TW_SEGMENT:
		tct_tracker_on_tw_segment(tracker, rec.tw);
		break;
	case TCT_REC_TW_CANCEL:
		tct_tracker_on_tw_cancel(tracker, rec.tw_cancel);
		break;
	case TCT_REC_TW_END:
		tct_tracker_on_tw_end(tracker, rec.tw_cancel);
		break;
	case TCT_REC_TW_SOCK:
		tct_tracker_on_tw_sock(tracker, rec.tw);
		break;
	case TCT_REC_STEP:
		tct_tracker_on_step(tracker, rec.step);
		break;
	case TCT_REC_RESET:
		tct_tracker_on_reset(tracker, rec.reset);
		break;
	case TCT_REC_OWNER:
		tct_tracker_on_owner(tracker, rec.owner);
		break;
	case TCT_REC_PRESENT:
	case TCT_REC_HOLDER:
		break;
	}
	return size;
}

void tct_tracker_foresee(struct tct_tracker *tracker, const void *data, size_t len)
{
	tct_ahead_record(&tracker->ahead, &tracker->mirror, &tracker->closings, data, len);
}

void tct_tracker_scan_begin(struct tct_tracker *tracker, uint64_t now_ns)
{
	tracker->scan_from_ns = now_ns;
	tct_keys_clear(&tracker->scanned);
	tct_owners_clear(&tracker->owners);
	tct_facts_clear(&tracker->facts);
}

void tct_tracker_scan_namespace(struct tct_tracker *tracker, uint32_t netns)
{
	tct_keys_add(&tracker->scanned, netns, false);
	if (tracker->mirror.seeding)
		tct_keys_add(&tracker->audit.known, netns, false);
}

void tct_tracker_scan_end(struct tct_tracker *tracker, uint64_t now_ns)
{
	const struct tct_scan scan = { .owners = &tracker->owners, .facts = &tracker->facts,
				       .namespaces = &tracker->scanned };

	tct_owners_sort(&tracker->owners);
	tct_facts_sort(&tracker->facts);
	tct_stuck_scanned(&tracker->stuck, &scan, now_ns, now_ns - tracker->scan_from_ns);
}

int tct_tracker_seeded(struct tct_tracker *tracker)
{
	int err = tct_mirror_sort(&tracker->mirror);

	return err ? err : tct_sides_infer(&tracker->sides, &tracker->mirror);
}

void tct_tracker_scan_failed(struct tct_tracker *tracker, uint64_t now_ns)
{
	tct_owners_clear(&tracker->owners);
	tracker->stuck.next_scan_ns = now_ns + tracker->config.stuck.scan_ns;
}

bool tct_tracker_tick(struct tct_tracker *tracker, uint64_t now_ns)
{
	return tct_stuck_tick(&tracker->stuck, now_ns);
}

uint64_t tct_tracker_deadline(const struct tct_tracker *tracker)
{
	return tct_stuck_deadline(&tracker->stuck);
}

static uint64_t lost(const struct tct_tracker *tracker)
{
	uint64_t sum = 0;

	for (int i = 0; i < TCT_LOSS_PLACES; i++)
		sum += tracker->losses[i];
	return sum;
}

void tct_tracker_illegal(struct tct_tracker *tracker, const struct tct_transition *ev)
{
	const struct tct_socket *sock = tct_mirror_find(&tracker->mirror, ev->who.cookie, false);
	struct tct_finding finding = {
		.mono_ns = ev->mono_ns,
		.id = ++tracker->stuck.last_id,
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

struct tct_task tct_tracker_owner(const struct tct_tracker *tracker, uint64_t cookie)
{
	const struct tct_socket *sock = tct_mirror_find(&tracker->mirror, cookie, false);

	if (!sock)
		sock = tct_mirror_find(&tracker->mirror, cookie, true);
	return sock ? tct_task_of(&tracker->tasks, sock) : (struct tct_task){ 0 };
}

void tct_tracker_summary(const struct tct_tracker *tracker, uint64_t now_ns,
			 struct tct_summary *out)
{
	*out = tracker->totals;
	out->mono_ns = now_ns;
	out->lost = lost(tracker);
	memcpy(out->losses, tracker->losses, sizeof(out->losses));
	out->findings += tracker->stuck.opened;
	out->transitions_total = tracker->received;
	out->mirrored = tracker->mirror.pool.live;
}
