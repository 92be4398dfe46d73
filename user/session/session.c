// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <errno.h>
#include <string.h>
#include "../core/memo.h"
#include "../core/tally.h"
#include "answers.h"
#include "audits.h"

static int init_tracker(struct tct_session *session)
{
	const struct tct_host *host = session->config.host;
	struct tct_tracker_config config = {
		.stuck = session->config.stuck,
		.cookieless = host->cookieless,
		.sees_resets = host->sees_resets,
		.reset_reason = host->sees_resets ? host->reset_reason : NULL,
		.sees_segments = host->sees_segments,
		.hz = host->hz,
		.minis_need_socket = host->minis_need_socket,
		.brief = host->brief,
		.holds_back = host->holds_back,
		.max_sockets = host->max_sockets,
	};

	config.stuck.lookups = &session->lookups;
	memcpy(config.end_symbols, host->end_symbols, sizeof(config.end_symbols));
	return tct_shards_init(&session->shards, &config, host->shards ? host->shards : 1,
			       &session->selected);
}

int tct_session_init(struct tct_session *session, const struct tct_session_config *config)
{
	int err;

	*session = (struct tct_session){ .config = *config, .settles_ns = TCT_SESSION_NEVER };
	tct_answers_init(session);
	if (config->interval_ns && config->hooks.interval)
		session->next_interval_ns = config->host->start_ns + config->interval_ns;
	err = tct_select_init(&session->select, &config->select, config->sink, &session->selected);
	return err ? err : init_tracker(session);
}

void tct_session_fini(struct tct_session *session)
{
	tct_shards_fini(&session->shards);
	tct_select_fini(&session->select);
	tct_answers_fini(session);
}

static const char *provider(const char *name)
{
	return name[0] ? name : NULL;
}

static void tell_ready(struct tct_session *session, const struct tct_input *seeded)
{
	const struct tct_host *host = session->config.host;
	const struct tct_shards *shards = &session->shards;
	struct tct_ready ev = {
		.mono_ns = seeded->now_ns,
		.namespaces = session->namespaces,
		.requests = (uint32_t)seeded->value,
		.set_state = provider(host->set_state),
		.time_wait = provider(host->time_wait),
		.time_wait_end = provider(host->time_wait_end),
		.reset = provider(host->reset),
		.kernel = host->kernel,
		.mirrored = tct_shards_mirrored(shards),
		.continued = session->continued,
		.waited = session->waited,
		.transitions_total = tct_shards_received(shards),
	};

	for (int s = 0; s < TCT_STATES; s++) {
		ev.by_state[s] = tct_shards_in_state(shards, s) + session->minis[s];
		ev.mirrored += session->minis[s];
	}
	if (session->selected.ready)
		session->selected.ready(session->selected.ctx, &ev);
}

static int on_seeded(struct tct_session *session, const struct tct_input *seeded)
{
	const struct tct_session_hooks *hooks = &session->config.hooks;
	int err = tct_shards_seeded(&session->shards);

	if (err)
		return err;
	session->namespaces = seeded->which;
	tell_ready(session, seeded);
	if (hooks->seeded)
		hooks->seeded(hooks->ctx, session);
	return 0;
}

/* What was told came without its numbers, and is counted among the rest. */
static void tell_tallied(const struct tct_session *session, struct tct_summary *ev)
{
	ev->transitions_total = session->tallied_received;
	ev->counted = true;
	memset(ev->teardowns, 0, sizeof(ev->teardowns));
	if (!session->paired)
		return;
	ev->pairs = session->pairs;
	ev->events = 0;
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++)
			ev->events += session->pairs[from][to];
	}
}

static void tell_summary(const struct tct_session *session, uint64_t now_ns,
			 const struct tct_sink *sink)
{
	struct tct_summary ev;

	tct_shards_summary(&session->shards, now_ns, &ev);
	for (int s = 0; s < TCT_STATES; s++)
		ev.mirrored += session->minis[s];
	ev.attempts = session->attempts;
	ev.received = session->received;
	ev.duration_ns = now_ns - session->config.host->start_ns;
	if (session->tallied)
		tell_tallied(session, &ev);
	if (sink->summary)
		sink->summary(sink->ctx, &ev);
}

/*
 * Brief: nobody watches the mini-sockets, so the mirror gets none, and they are counted. Which
 * cgroup they were in, nobody can tell.
 */
static int count_mini(struct tct_session *session, const struct tct_input *input)
{
	struct tct_decoded rec;
	int size = tct_decode(input->data, input->len, &rec);

	if (size > 0 && !session->config.host->minis_need_socket)
		session->minis[rec.tw->substate]++;
	return size;
}

static bool counts_minis(const struct tct_session *session)
{
	return session->config.host->brief && !session->config.stuck.once;
}

static int on_record(struct tct_session *session, const struct tct_input *input)
{
	const struct tct_record_header *h = input->data;

	if (counts_minis(session) && input->len >= sizeof(*h) && h->tag == TCT_REC_TW_SOCK)
		return count_mini(session, input);
	return tct_shards_feed(&session->shards, input->data, input->len);
}

static void on_interval(struct tct_session *session, uint64_t now_ns)
{
	uint64_t every_ns = session->config.interval_ns;

	if (!session->next_interval_ns || now_ns < session->next_interval_ns)
		return;
	session->next_interval_ns = now_ns - (now_ns - session->next_interval_ns) % every_ns +
				    every_ns;
	session->config.hooks.interval(session->config.hooks.ctx, now_ns);
}

/* What did not come is judged by the time before: who is not run for a while has missed nothing. */
static void on_batch(struct tct_session *session, uint64_t now_ns, uint64_t complete_ns)
{
	const struct tct_session_hooks *hooks = &session->config.hooks;

	tct_shards_judge(&session->shards, now_ns);
	tct_shards_settle(&session->shards, complete_ns);
	if (session->config.detect)
		session->wants_scan = tct_shards_tick(&session->shards, now_ns);
	if (hooks->settle)
		session->settles_ns = hooks->settle(hooks->ctx, now_ns);
	on_interval(session, now_ns);
}

static struct tct_task owner_of(void *ctx, uint64_t cookie)
{
	return tct_shards_owner(ctx, cookie);
}

/* Of one look, no batch will collect what has passed its threshold. */
static void on_scan_end(struct tct_session *session, uint64_t now_ns)
{
	if (session->config.stuck.once)
		tct_shards_tick(&session->shards, now_ns);
	tct_shards_scan_end(&session->shards, now_ns);
	tct_answers_drop(session);
}

static int on_flood(struct tct_session *session, const struct tct_input *in)
{
	const struct tct_sink *sink = &session->selected;
	struct tct_flood ev = { .mono_ns = in->now_ns, .over = !in->which };

	if (ev.over && in->len != sizeof(uint64_t[TCT_STATES][TCT_STATES]))
		return -EBADMSG;
	if (ev.over) {
		ev.duration_ns = session->flood_ns ? in->now_ns - session->flood_ns : 0;
		ev.counts = in->data;
		for (int from = 0; from < TCT_STATES; from++) {
			for (int to = 0; to < TCT_STATES; to++)
				ev.transitions += ev.counts[from][to];
		}
	}
	session->flood_ns = ev.over ? 0 : in->now_ns;
	tct_shards_flood(&session->shards, !ev.over, in->now_ns);
	if (sink->flood)
		sink->flood(sink->ctx, &ev);
	return 0;
}

static int on_tally(struct tct_session *session, const struct tct_input *in)
{
	const struct tct_tally *tally = in->data;

	if (in->len != sizeof(*tally))
		return -EBADMSG;
	session->tallied = true;
	session->paired = in->which;
	session->tallied_received = tally->received;
	memcpy(session->pairs, tally->pairs, sizeof(session->pairs));
	if (session->paired && session->selected.tally)
		session->selected.tally(session->selected.ctx, tally);
	return 0;
}

/* What came in between is told before the totals. */
static void on_finish(struct tct_session *session, uint64_t now_ns, uint64_t complete_ns,
		      bool goes_on)
{
	tct_shards_judge(&session->shards, now_ns);
	tct_shards_settle(&session->shards, complete_ns);
	if (!goes_on)
		tct_shards_flush(&session->shards);
	tell_summary(session, now_ns, &session->selected);
}

static int restore(struct tct_shards *shards, const struct tct_memo *memo)
{
	return tct_memo_restore(tct_shards_of_key(shards, memo->cookie), memo);
}

/* What the runs before have left, or what was there when a flight's segment began. */
static int inherit(struct tct_session *session, const struct tct_input *in)
{
	struct tct_shards *shards = &session->shards;

	switch (in->kind) {
	case TCT_IN_CONTINUED:
		shards->shard[0].received = in->value;
		session->waited = in->which;
		session->continued = true;
		return 0;
	case TCT_IN_FORGOTTEN:
		shards->shard[0].received = in->value;
		return 0;
	case TCT_IN_BEYOND:
		if (in->which >= shards->count)
			return -EBADMSG;
		shards->shard[in->which].beyond = (uint32_t)in->value;
		return 0;
	case TCT_IN_DOUBT:
		tct_shards_doubt(shards, in->which, in->now_ns);
		return 0;
	case TCT_IN_SOCKET:
		if (in->len != sizeof(struct tct_memo))
			return -EBADMSG;
		return restore(shards, in->data);
	default:	/* apply()'s own */
		return -EBADMSG;
	}
}

static int apply(struct tct_session *session, const struct tct_input *in)
{
	struct tct_shards *shards = &session->shards;

	switch (in->kind) {
	case TCT_IN_RECORD:
		return on_record(session, in);
	case TCT_IN_BATCH:
		on_batch(session, in->now_ns, in->value);
		return 0;
	case TCT_IN_SCAN_BEGIN:
		tct_shards_scan_begin(shards, in->now_ns);
		return 0;
	case TCT_IN_SCAN_END:
		on_scan_end(session, in->now_ns);
		return 0;
	case TCT_IN_SCAN_FAILED:
		tct_shards_scan_failed(shards, in->now_ns);
		return 0;
	case TCT_IN_SEEDED:
		return on_seeded(session, in);
	case TCT_IN_OWNERS:
		tct_select_flush(&session->select, owner_of, shards, in->now_ns);
		return 0;
	case TCT_IN_MINIS:
		memset(session->minis, 0, sizeof(session->minis));
		return 0;
	case TCT_IN_LOSS:
		if (in->which >= TCT_LOSS_PLACES)
			return -EBADMSG;
		tct_shards_loss(shards, (enum tct_loss_where)in->which, in->value, in->now_ns);
		return 0;
	case TCT_IN_ASKED:
		tell_summary(session, in->now_ns, session->config.messages);
		return 0;
	case TCT_IN_CLOCK:
		if (session->config.set_clock)
			session->config.set_clock(session->config.clock, in->value);
		return 0;
	case TCT_IN_CGROUP:
	case TCT_IN_FILES:
		return tct_answers_keep(session, in);
	case TCT_IN_FINISH:
		on_finish(session, in->now_ns, in->value, in->which);
		return 0;
	case TCT_IN_ATTEMPTS:
		session->attempts = in->value;
		return 0;
	case TCT_IN_RECEIVED:
		session->received = in->value;
		return 0;
	case TCT_IN_FLOOD:
		return on_flood(session, in);
	case TCT_IN_TALLY:
		return on_tally(session, in);
	case TCT_IN_CONTINUED:
	case TCT_IN_FORGOTTEN:
	case TCT_IN_BEYOND:
	case TCT_IN_DOUBT:
	case TCT_IN_SOCKET:
		return inherit(session, in);
	case TCT_IN_JOIN:
		return 0;	/* as every input that is no record: tct_session_apply() */
	case TCT_IN_NAMESPACE:
		tct_shards_scan_namespace(shards, in->which);
		return 0;
	case TCT_IN_LISTED:
	case TCT_IN_AUDIT_BEGIN:
	case TCT_IN_AUDIT_NAMESPACE:
	case TCT_IN_AUDIT_LISTED:
	case TCT_IN_AUDIT_RECORD:
	case TCT_IN_AUDIT_SWEEP:
	case TCT_IN_AUDIT_AGAIN:
	case TCT_IN_AUDIT_SETTLE:
	case TCT_IN_AUDIT_DROP:
		return tct_audits_apply(session, in);
	case TCT_INPUTS:
		break;
	}
	return -EBADMSG;
}

int tct_session_apply(struct tct_session *session, const struct tct_input *input)
{
	bool joins = input->kind != TCT_IN_RECORD;
	struct tct_input taken = *input;
	int size;

	if (joins)
		tct_shards_join(&session->shards);
	size = apply(session, input);
	if (joins)
		tct_shards_join(&session->shards);
	if (size < 0 || !session->config.tee)
		return size;
	if (tct_input_is_record(input))
		taken.len = (size_t)size;
	session->config.tee(session->config.tee_ctx, &taken);
	return size;
}

int tct_session_feed(struct tct_session *session, unsigned int shard, const void *data,
		     size_t len)
{
	struct tct_decoded rec;
	int size = tct_decode(data, len, &rec);

	if (size > 0)
		tct_tracker_take(&session->shards.shard[shard], &rec);
	return size;
}

void tct_session_set_thresholds(struct tct_session *session,
				const uint64_t threshold_ns[TCT_STATES])
{
	memcpy(session->config.stuck.threshold_ns, threshold_ns,
	       sizeof(session->config.stuck.threshold_ns));
	tct_shards_set_thresholds(&session->shards, threshold_ns);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t tct_session_deadline(const struct tct_session *session)
{
	const struct tct_shards *shards = &session->shards;
	uint64_t at = tct_shards_settles_at(shards);

	if (tct_session_has_enough(session))
		return 0;
	if (session->config.detect)
		at = earlier(at, tct_shards_deadline(shards));
	if (session->next_interval_ns)
		at = earlier(at, session->next_interval_ns);
	return earlier(at, session->settles_ns);
}

bool tct_session_has_enough(const struct tct_session *session)
{
	return session->config.hooks.enough && *session->config.hooks.enough;
}
