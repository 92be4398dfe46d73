// SPDX-License-Identifier: GPL-2.0
/* The first reading: what kernel and mirror do not agree on. What becomes of it: audit_settle.c. */
#include "audit.h"

#include "audit_internal.h"
#include "decode.h"
#include "identity.h"
#include "tracker_internal.h"

#define ENDED_UNIT_NS 100000000ull

void tct_audit_init(struct tct_shards *all)
{
	all->audit = (struct tct_auditor){ .suspects.max = TCT_AUDIT_SUSPECTS_MAX };
	for (unsigned int i = 0; i < all->count; i++)
		all->shard[i].audit.departed.max = TCT_AUDIT_DEPARTED_MAX / all->count;
}

static void clear(struct tct_shards *all)
{
	struct tct_auditor *audit = &all->audit;

	audit->phase = TCT_AUDIT_IDLE;
	tct_keys_clear(&audit->suspects);
	tct_keys_clear(&audit->read);
	tct_keys_clear(&audit->novel);
	tct_listing_clear(&audit->listing);
	for (unsigned int i = 0; i < all->count; i++)
		tct_keys_clear(&all->shard[i].audit.departed);
}

void tct_audit_fini(struct tct_shards *all)
{
	clear(all);
	tct_keys_clear(&all->audit.known);
	tct_keys_clear(&all->audit.ended);
}

void tct_audit_drop(struct tct_shards *all)
{
	clear(all);
}

static void begin_shard(struct tct_tracker *tracker)
{
	tracker->audit.was_short = tracker->beyond;
	tracker->audit.beyond = 0;
}

void tct_audit_begin(struct tct_shards *all, uint64_t now_ns, bool asked)
{
	struct tct_auditor *audit = &all->audit;

	clear(all);
	if (!++audit->number)	/* 0: no audit has found it */
		audit->number = 1;
	audit->phase = TCT_AUDIT_COMPARES;
	audit->begun_ns = now_ns;
	audit->shard = 0;
	audit->cursor = audit->settled = 0;
	audit->thinned = all->thinned;
	audit->connects = audit->doubtful = audit->unfinished = audit->ending = false;
	audit->told = (struct tct_audit){ .asked = asked, .complete = true };
	for (unsigned int i = 0; i < all->count; i++)
		begin_shard(&all->shard[i]);
	all->stuck.doubted = false;
}

void tct_audit_namespace(struct tct_shards *all, uint32_t netns)
{
	struct tct_auditor *audit = &all->audit;

	tct_keys_add(&audit->read, netns, false);
	if (audit->phase != TCT_AUDIT_COMPARES)
		return;
	audit->told.namespaces++;
	if (!tct_keys_find(&audit->known, netns, false))
		tct_keys_add(&audit->novel, netns, false);
}

/* A number that was another's is a new one's now. */
void tct_audit_listed(struct tct_shards *all, const uint32_t *netns, size_t count)
{
	struct tct_auditor *audit = &all->audit;

	tct_listing_set(&audit->listing, netns, count);
	for (size_t i = 0; i < count; i++) {
		struct tct_key *ended = tct_keys_find(&audit->ended, netns[i], false);

		if (ended)
			ended->netns = 0;
	}
}

/* The last that is known of it: an event, or an iterator's look at it. */
uint64_t tct_audit_changed_ns(const struct tct_socket *sock)
{
	uint64_t seen_ns = sock->flags & (TCT_SOCK_SEEDED | TCT_SOCK_MINI) ? sock->seen_ns : 0;

	return seen_ns > sock->entered_ns ? seen_ns : sock->entered_ns;
}

/*
 * How long a socket may live on in a namespace that no task and no file shows any more: an orphan
 * until its retries are over, a mini-socket its time. All others need a holder, which could show it,
 * unless their descriptor is on its way from one process to another.
 */
static uint64_t outlives_ns(const struct tct_socket *sock)
{
	bool orphan = sock->state == TCT_FIN_WAIT1 || sock->state == TCT_FIN_WAIT2 ||
		      sock->state == TCT_CLOSING || sock->state == TCT_LAST_ACK;

	return orphan && !(sock->flags & TCT_SOCK_MINI) ? TCT_AUDIT_GONE_NS : TCT_AUDIT_UNHELD_NS;
}

/*
 * A user's socket does not outlive the listing of its namespace, which it holds; a kernel's own and
 * mini-sockets may, until the namespace has ended them.
 */
static bool has_ended(struct tct_auditor *audit, uint32_t netns, bool mini)
{
	uint64_t wait_ns = mini ? TCT_AUDIT_ENDED_MINI_NS : TCT_AUDIT_ENDED_NS;
	struct tct_key *ended = tct_keys_add(&audit->ended, netns, false);
	uint32_t now = (uint32_t)(audit->begun_ns / ENDED_UNIT_NS);

	if (ended && !ended->netns)
		ended->netns = now;
	if (ended && now - ended->netns >= wait_ns / ENDED_UNIT_NS)
		return true;
	audit->ending = true;
	audit->unfinished |= !mini;
	return false;
}

/*
 * Read whole; or its namespace is no more; or all namespaces that can be were read, and nothing has
 * happened there for that long.
 */
bool tct_audit_was_read(const struct tct_tracker *tracker, const struct tct_socket *sock)
{
	struct tct_auditor *audit = &tracker->all->audit;
	uint32_t netns = tct_mirror_place(&tracker->mirror, sock)->netns;

	if (tct_keys_find(&audit->read, netns, false))
		return true;
	if (!tct_listing_may_have(&audit->listing, netns))
		return has_ended(audit, netns, sock->flags & TCT_SOCK_MINI);
	return audit->told.complete &&
	       tct_audit_changed_ns(sock) + outlives_ns(sock) < audit->begun_ns;
}

bool tct_audit_has_departed(const struct tct_tracker *tracker, uint64_t cookie, uint64_t address,
			    bool mini)
{
	const struct tct_keys *departed = &tracker->audit.departed;

	if (tct_keys_find(departed, tct_identity_key(cookie, address), mini))
		return true;
	return cookie && tracker->mirror.by_address &&
	       tct_keys_find(departed, tct_identity_key(0, address), mini);
}

struct tct_socket *tct_audit_find(struct tct_tracker *tracker, uint64_t cookie, uint64_t address,
				  bool mini)
{
	uint64_t key = tct_identity_key(cookie, address);
	struct tct_socket *sock = tct_mirror_find(&tracker->mirror, key, mini);

	/* one that has left since it was read: its address may be another's by now */
	if (sock || tct_keys_find(&tracker->audit.departed, key, mini))
		return sock;
	return tct_identity_find(&tracker->mirror, cookie, address, mini);
}

static void suspect(struct tct_auditor *audit, uint64_t key, uint32_t netns, bool mini,
		    enum tct_drift kind)
{
	struct tct_key *suspect = tct_keys_add(&audit->suspects, key, mini);

	if (!suspect)
		return;
	suspect->netns = netns;
	suspect->kind = kind;
}

static void is_missing(struct tct_tracker *tracker, const struct tct_record_present *rec)
{
	struct tct_auditor *audit = &tracker->all->audit;
	bool mini = rec->flags & TCT_PRESENT_MINI;

	/* whether a mini-socket passes that filter, only its full socket could tell */
	if (mini && tracker->config.minis_need_socket)
		return;
	if (tct_audit_has_departed(tracker, rec->cookie, rec->address, mini))
		return;
	if (tct_tracker_has_room(tracker, rec->state))
		suspect(audit, tct_identity_key(rec->cookie, rec->address), rec->netns, mini,
			TCT_DRIFT_MISSING);
	else
		tracker->audit.beyond++;
}

static void compare(struct tct_tracker *tracker, const struct tct_record_present *rec)
{
	struct tct_auditor *audit = &tracker->all->audit;
	bool mini = rec->flags & TCT_PRESENT_MINI;
	struct tct_socket *sock;

	if (rec->state == TCT_NEW_SYN_RECV) {
		audit->told.requests++;
		return;
	}
	if (mini && tracker->config.brief)
		return;
	audit->told.kernel++;
	if (mini && tracker->all->flooded)
		return;
	sock = tct_audit_find(tracker, rec->cookie, rec->address, mini);
	if (!sock) {
		is_missing(tracker, rec);
		return;
	}
	sock->audited = audit->number;
	if (sock->state != rec->state && tct_audit_changed_ns(sock) < audit->begun_ns)
		suspect(audit, sock->cookie, tct_mirror_place(&tracker->mirror, sock)->netns, mini,
			TCT_DRIFT_STATE);
}

int tct_audit_feed(struct tct_shards *all, const void *data, size_t len)
{
	struct tct_decoded rec;
	int size = tct_decode(data, len, &rec);

	if (size < 0)
		return size;
	if (all->audit.phase == TCT_AUDIT_SETTLES)
		tct_audit_settle_record(tct_shards_of_record(all, &rec), &rec);
	else if (all->audit.phase == TCT_AUDIT_COMPARES && rec.tag == TCT_REC_PRESENT)
		compare(tct_shards_of_record(all, &rec), rec.present);
	return size;
}

static void sweep(void *ctx, struct tct_socket *sock)
{
	struct tct_tracker *tracker = ctx;
	struct tct_auditor *audit = &tracker->all->audit;
	bool mini = sock->flags & TCT_SOCK_MINI;

	if (sock->audited == audit->number || tct_audit_changed_ns(sock) >= audit->begun_ns)
		return;
	if ((mini && tracker->all->flooded) || !tct_audit_was_read(tracker, sock))
		return;
	suspect(audit, sock->cookie, tct_mirror_place(&tracker->mirror, sock)->netns, mini,
		TCT_DRIFT_GHOST);
	audit->connects |= sock->state == TCT_SYN_SENT;
}

bool tct_audit_sweep(struct tct_shards *all, bool complete, size_t count)
{
	struct tct_auditor *audit = &all->audit;
	struct tct_tracker *tracker = &all->shard[audit->shard];

	if (audit->phase != TCT_AUDIT_COMPARES)
		return false;
	audit->told.complete = complete;
	if (tct_mirror_walk(&tracker->mirror, &audit->cursor, count, sweep, tracker) ||
	    ++audit->shard < all->count)
		return true;
	audit->phase = TCT_AUDIT_SETTLES;
	return false;
}

bool tct_audit_suspect(const struct tct_shards *all, size_t *at, struct tct_suspect *out)
{
	const struct tct_key *suspect = tct_keys_next(&all->audit.suspects, at);

	if (!suspect)
		return false;
	*out = (struct tct_suspect){ .key = suspect->key, .netns = suspect->netns,
				     .mini = suspect->mini };
	return true;
}

uint64_t tct_audit_again_at(const struct tct_shards *all)
{
	const struct tct_auditor *audit = &all->audit;

	return audit->begun_ns +
	       (audit->connects ? TCT_AUDIT_CONNECT_NS : TCT_AUDIT_MOMENT_NS);
}

bool tct_audit_is_under_way(const struct tct_shards *all)
{
	return all->audit.phase != TCT_AUDIT_IDLE;
}

void tct_audit_departed(struct tct_tracker *tracker, const struct tct_socket *sock)
{
	tct_audit_gone(tracker, sock->cookie, sock->flags & TCT_SOCK_MINI);
}

void tct_audit_gone(struct tct_tracker *tracker, uint64_t key, bool mini)
{
	if (tracker->all->audit.phase != TCT_AUDIT_IDLE)
		tct_keys_add(&tracker->audit.departed, key, mini);
}

void tct_audit_short(struct tct_tracker *tracker)
{
	tracker->audit.was_short = true;
	tracker->audit.beyond++;
}

/* By the clock of brief records: what bears an earlier time than it has is before it, too. */
static bool made_up_for(const struct tct_shards *all, uint64_t since_ns)
{
	return since_ns + TCT_STEP_SLACK_NS < all->audit.done_ns;
}

uint64_t tct_audit_at(const struct tct_shards *all)
{
	uint64_t at = TCT_AUDIT_NEVER;

	if (tct_audit_is_under_way(all))
		return at;
	if (all->stuck.doubted || all->audit.unfinished)
		return 0;
	if (all->stuck.degraded && !made_up_for(all, all->lost_ns))
		at = all->lost_ns + TCT_STEP_SLACK_NS + 1;
	if (all->thinned && !all->flooded && !made_up_for(all, all->thinned_ns) &&
	    all->thinned_ns + TCT_STEP_SLACK_NS + 1 < at)
		at = all->thinned_ns + TCT_STEP_SLACK_NS + 1;
	return at;
}
