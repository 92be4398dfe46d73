// SPDX-License-Identifier: GPL-2.0
#include "text_audit.h"

#include <stdio.h>
#include "format.h"
#include "text.h"

#define WIDTH 80

static const char *state_or_none(enum tct_state state)
{
	return state == TCT_NONE ? "nothing" : tct_state_name(state);
}

void tct_text_difference(void *ctx, const struct tct_difference *ev)
{
	const struct tct_sink_text *sink = ctx;
	const struct tct_tuple *tuple = &ev->who.tuple;
	char local[80], remote[80], text[256];

	tct_format_endpoint(tuple->laddr, tuple->family, tuple->lport, 0, local);
	tct_format_endpoint(tuple->raddr, tuple->family, tuple->rport, 0, remote);
	snprintf(text, sizeof(text), "DRIFT %s to %s: mirror %s, kernel %s", local, remote,
		 state_or_none(ev->mirror), state_or_none(ev->kernel));
	tct_format_wrap(sink->config.out, text, 0, 0, WIDTH);
}

/* A healthy host's audits say nothing unless somebody asked. */
void tct_text_audit(void *ctx, const struct tct_audit *ev)
{
	const struct tct_sink_text *sink = ctx;
	uint32_t drift = 0;
	char took[16], text[512];

	for (int d = 0; d < TCT_DRIFTS; d++)
		drift += ev->drift[d];
	if (!drift && !ev->asked)
		return;
	tct_format_duration((int64_t)ev->duration_ns, took, sizeof(took));
	snprintf(text, sizeof(text),
		 "audit: %u differences%s among %u sockets of %u network namespace%s%s, in %s: "
		 "%u missing, %u ghosts, %u in another state; %u races; %u mirrored, %u beyond the "
		 "bound, %u requests",
		 drift, drift ? " (repaired)" : "", ev->kernel, ev->namespaces,
		 ev->namespaces == 1 ? "" : "s", ev->complete ? "" : " (not all could be read)",
		 took, ev->drift[TCT_DRIFT_MISSING], ev->drift[TCT_DRIFT_GHOST],
		 ev->drift[TCT_DRIFT_STATE], ev->races, ev->mirrored, ev->beyond, ev->requests);
	tct_format_wrap(sink->config.out, text, 0, 0, WIDTH);
}

void tct_text_flood(void *ctx, const struct tct_flood *ev)
{
	const struct tct_sink_text *sink = ctx;
	char took[16], text[256];

	if (!ev->over) {
		snprintf(text, sizeof(text), "flood: events come faster than they can be told: "
			 "until it is over, they are counted, and only findings are told");
	} else {
		tct_format_duration((int64_t)ev->duration_ns, took, sizeof(took));
		snprintf(text, sizeof(text), "flood over after %s: %llu transitions were counted, "
			 "not told", took, (unsigned long long)ev->transitions);
	}
	tct_format_wrap(sink->config.messages, text, 0, 0, WIDTH);
}
