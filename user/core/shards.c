// SPDX-License-Identifier: GPL-2.0
#include "shards.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "subject.h"
#include "tracker_internal.h"

static int init_shards(struct tct_shards *all)
{
	struct tct_tracker_config config = all->config;

	if (config.max_sockets)
		config.max_sockets = (config.max_sockets + all->count - 1) / all->count;
	for (unsigned int i = 0; i < all->count; i++) {
		const struct tct_sink *sink = all->count > 1 ? &all->gathers[i] : all->sink;

		tct_gather_init(&all->gather[i], all->sink, &all->gathers[i]);
		if (tct_tracker_init(&all->shard[i], &config, all, i, sink))
			return -ENOMEM;
	}
	return 0;
}

int tct_shards_init(struct tct_shards *all, const struct tct_tracker_config *config,
		    unsigned int count, const struct tct_sink *sink)
{
	struct tct_mirrors mirrors = { .count = count };

	memset(all, 0, sizeof(*all));
	all->config = *config;
	all->sink = sink;
	all->shard = calloc(count, sizeof(*all->shard));
	if (!all->shard)
		return -ENOMEM;
	all->count = count;
	for (unsigned int i = 0; i < count; i++) {
		mirrors.mirror[i] = &all->shard[i].mirror;
		mirrors.tasks[i] = &all->shard[i].tasks;
	}
	tct_audit_init(all);
	tct_stuck_init(&all->stuck, &config->stuck, &mirrors, sink);
	return init_shards(all);
}

void tct_shards_fini(struct tct_shards *all)
{
	tct_stuck_fini(&all->stuck);
	tct_audit_fini(all);
	tct_scan_fini(&all->reading);
	tct_scan_fini(&all->read);
	for (unsigned int i = 0; i < all->count; i++) {
		tct_tracker_fini(&all->shard[i]);
		tct_gather_fini(&all->gather[i]);
	}
	free(all->shard);
}

struct tct_tracker *tct_shards_of(const struct tct_shards *all, uint64_t cookie)
{
	return &all->shard[tct_shard_of(cookie, all->count)];
}

struct tct_tracker *tct_shards_of_key(const struct tct_shards *all, uint64_t key)
{
	return tct_shards_of(all, TCT_KEY_IS_ADDRESS(key) ? 0 : key);
}

struct tct_tracker *tct_shards_of_record(const struct tct_shards *all,
					 const struct tct_decoded *rec)
{
	switch (rec->tag) {
	case TCT_REC_STATE:
	case TCT_REC_SOCK:
		return tct_shards_of(all, rec->sock->id.cookie);
	case TCT_REC_FOUND:
	case TCT_REC_STAYS:
		return tct_shards_of(all, rec->found->sock.id.cookie);
	case TCT_REC_TW_START:
	case TCT_REC_TW_REARM:
	case TCT_REC_TW_SEGMENT:
	case TCT_REC_TW_SOCK:
		return tct_shards_of(all, rec->tw->id.cookie);
	case TCT_REC_TW_CANCEL:
	case TCT_REC_TW_END:
		return tct_shards_of(all, rec->tw_cancel->tw.id.cookie);
	case TCT_REC_STEP:
		return tct_shards_of(all, rec->step->cookie);
	case TCT_REC_RESET:
		return tct_shards_of(all, rec->reset->id.cookie);
	case TCT_REC_OWNER:
		return tct_shards_of(all, rec->owner->cookie);
	case TCT_REC_PRESENT:
		return tct_shards_of(all, rec->present->cookie);
	case TCT_REC_HOLDER:
		break;
	}
	return &all->shard[0];
}

int tct_shards_feed(struct tct_shards *all, const void *data, size_t len)
{
	struct tct_decoded rec;
	int size = tct_decode(data, len, &rec);

	if (size > 0)
		tct_tracker_take(all->count == 1 ? all->shard : tct_shards_of_record(all, &rec),
				 &rec);
	return size;
}

void tct_shards_scan_begin(struct tct_shards *all, uint64_t now_ns)
{
	tct_scan_fini(&all->reading);
	all->reading.begin_ns = now_ns;
	tct_stuck_scan_begins(&all->stuck);
}

static bool is_seeding(const struct tct_shards *all)
{
	return all->shard[0].mirror.seeding;
}

void tct_shards_scan_namespace(struct tct_shards *all, uint32_t netns)
{
	tct_keys_add(&all->reading.namespaces, netns, false);
	if (is_seeding(all))
		tct_keys_add(&all->audit.known, netns, false);
}

void tct_shards_scan_listed(struct tct_shards *all, const uint32_t *netns, size_t count)
{
	tct_listing_set(&all->reading.listing, netns, count);
}

void tct_shards_scan_end(struct tct_shards *all, uint64_t now_ns)
{
	tct_scan_order(&all->reading);
	tct_scan_fini(&all->read);
	all->read = all->reading;
	all->reading = (struct tct_scan){ 0 };
	tct_stuck_scanned(&all->stuck, &all->read, now_ns);
}

int tct_shards_seeded(struct tct_shards *all)
{
	int err = 0;

	for (unsigned int i = 0; i < all->count && !err; i++)
		err = tct_mirror_sort(&all->shard[i].mirror);
	return err ? err : tct_sides_infer(&all->sides, &all->stuck.mirrors);
}

void tct_shards_scan_failed(struct tct_shards *all, uint64_t now_ns)
{
	tct_scan_fini(&all->reading);
	tct_pace_failed(&all->stuck.pace, now_ns, all->config.stuck.scan_ns);
}

void tct_shards_set_thresholds(struct tct_shards *all, const uint64_t threshold_ns[TCT_STATES])
{
	const size_t size = sizeof(all->config.stuck.threshold_ns);

	memcpy(all->config.stuck.threshold_ns, threshold_ns, size);
	for (unsigned int i = 0; i < all->count; i++)
		memcpy(all->shard[i].config.stuck.threshold_ns, threshold_ns, size);
	tct_stuck_set_thresholds(&all->stuck, threshold_ns);
}

bool tct_shards_tick(struct tct_shards *all, uint64_t now_ns)
{
	return tct_stuck_tick(&all->stuck, now_ns);
}

uint64_t tct_shards_deadline(const struct tct_shards *all)
{
	return tct_stuck_deadline(&all->stuck);
}

void tct_shards_settle(struct tct_shards *all, uint64_t now_ns)
{
	for (unsigned int i = 0; i < all->count; i++)
		tct_tracker_settle(&all->shard[i], now_ns);
	tct_shards_join(all);
}

void tct_shards_flush(struct tct_shards *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		tct_tracker_flush(&all->shard[i]);
	tct_shards_join(all);
}

uint64_t tct_shards_settles_at(const struct tct_shards *all)
{
	uint64_t at = UINT64_MAX;

	for (unsigned int i = 0; i < all->count; i++) {
		uint64_t due = tct_pending_deadline(&all->shard[i].pending);

		at = due < at ? due : at;
	}
	return at;
}

struct tct_task tct_shards_owner(const struct tct_shards *all, uint64_t cookie)
{
	const struct tct_tracker *tracker = tct_shards_of_key(all, cookie);
	const struct tct_socket *sock = tct_mirror_find(&tracker->mirror, cookie, false);

	if (!sock)
		sock = tct_mirror_find(&tracker->mirror, cookie, true);
	return sock ? tct_task_of(&tracker->tasks, sock) : (struct tct_task){ 0 };
}
