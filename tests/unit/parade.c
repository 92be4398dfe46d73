// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <string.h>
#include "../../user/core/advice.h"
#include "parade.h"
#include "sample.h"

void parade_transition(const struct tct_sink *sink)
{
	struct tct_transition ev = sample_transition();

	sink->transition(sink->ctx, &ev);
	ev.dwell_ns = TCT_UNKNOWN;
	sink->transition(sink->ctx, &ev);
}

void parade_new_syn_recv(const struct tct_sink *sink)
{
	struct tct_transition ev = sample_transition();

	ev.from = ev.to = TCT_NEW_SYN_RECV;
	sink->transition(sink->ctx, &ev);
}

void parade_time_wait(const struct tct_sink *sink)
{
	struct tct_time_wait ev = sample_time_wait();

	for (int end = 0; end < TCT_ENDS; end++) {
		ev.end = end;
		sink->time_wait(sink->ctx, &ev);
	}
	ev.duration_ns = TCT_UNKNOWN;
	sink->time_wait(sink->ctx, &ev);
}

void parade_teardown(const struct tct_sink *sink)
{
	for (int kind = 0; kind < TCT_KINDS; kind++) {
		for (int closer = TCT_CLOSER_NONE; closer <= TCT_CLOSER_BOTH; closer++) {
			struct tct_teardown ev = sample_teardown();

			ev.kind = kind;
			ev.closer = closer;
			sink->teardown(sink->ctx, &ev);
		}
	}
}

void parade_finding(const struct tct_sink *sink)
{
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		for (int status = TCT_OPEN; status <= TCT_RESOLVED; status++) {
			struct tct_finding ev = sample_finding();

			if (!tct_stuck_rule(s))
				continue;
			ev.state = ev.to = s;
			ev.status = status;
			ev.rule = tct_stuck_rule(s);
			ev.advice = tct_advice(s, TCT_VERDICT_NONE, false, false);
			sink->finding(sink->ctx, &ev);
		}
	}
}

void parade_finding_of_one_socket(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_subject who = sample_subject();

	ev.socket = &who;
	ev.count = 1;
	ev.at_least = false;
	ev.confidence = TCT_EXACT;
	sink->finding(sink->ctx, &ev);
}

void parade_finding_with_holder(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("1048575-1048576");

	ev.status = TCT_OPEN;
	ev.count = 2;
	ev.at_least = false;
	ev.confidence = TCT_EXACT;
	ev.holders = &holder;
	ev.holder_count = 1;
	sink->finding(sink->ctx, &ev);
}

void parade_finding_with_ranges(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder;
	char fds[256] = "1001";

	while (strlen(fds) < 240)
		strcat(fds, ",1003");
	holder = sample_holder(fds);
	ev.count = 2;
	ev.at_least = false;
	ev.confidence = TCT_EXACT;
	ev.holders = &holder;
	ev.holder_count = 1;
	sink->finding(sink->ctx, &ev);
}

void parade_illegal(const struct tct_sink *sink)
{
	struct tct_finding ev = sample_finding();
	struct tct_subject who = sample_subject();

	ev.severity = TCT_CRITICAL;
	ev.rule = "illegal-transition";
	ev.state = ev.to = TCT_NEW_SYN_RECV;
	ev.socket = &who;
	sink->finding(sink->ctx, &ev);
}

void parade_ready(const struct tct_sink *sink)
{
	struct tct_ready ev = sample_ready();

	sink->ready(sink->ctx, &ev);
}

void parade_audit(const struct tct_sink *sink)
{
	const struct tct_audit audit = {
		.mono_ns = SAMPLE_MONO_NS, .asked = true, .kernel = UINT32_MAX, .mirrored = UINT32_MAX,
		.requests = UINT32_MAX, .namespaces = UINT32_MAX, .races = UINT32_MAX,
		.beyond = UINT32_MAX, .seeded = UINT32_MAX, .duration_ns = UINT64_MAX / 2,
		.drift = { 1000000000, 1000000000, 1000000000 },
	};

	for (int drift = 0; drift < TCT_DRIFTS; drift++) {
		const struct tct_difference ev = {
			.mono_ns = SAMPLE_MONO_NS, .drift = drift, .who = sample_subject(), .mirror = TCT_ESTABLISHED,
			.kernel = TCT_NEW_SYN_RECV,
		};

		sink->difference(sink->ctx, &ev);
	}
	sink->audit(sink->ctx, &audit);
}

void parade_flood(const struct tct_sink *sink)
{
	const struct tct_flood begun = { .over = false };
	const struct tct_flood over = {
		.over = true, .duration_ns = UINT64_MAX / 2, .transitions = UINT64_MAX,
	};

	sink->flood(sink->ctx, &begun);
	sink->flood(sink->ctx, &over);
}

void parade_loss(const struct tct_sink *sink)
{
	for (int where = 0; where < TCT_LOSS_PLACES; where++) {
		const struct tct_loss ev = { .where = where, .count = UINT64_MAX };

		sink->loss(sink->ctx, &ev);
	}
}

void parade_summary(const struct tct_sink *sink)
{
	struct tct_summary ev = sample_summary();

	sink->summary(sink->ctx, &ev);
}

void parade_all(const struct tct_sink *sink)
{
	parade_transition(sink);
	parade_time_wait(sink);
	parade_teardown(sink);
	parade_finding(sink);
	parade_finding_of_one_socket(sink);
	parade_illegal(sink);
	parade_loss(sink);
	parade_ready(sink);
	parade_summary(sink);
}
