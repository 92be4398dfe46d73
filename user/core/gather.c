// SPDX-License-Identifier: GPL-2.0
#include "gather.h"

#include <stdlib.h>

#define FIRST_ROOM (64u << 10)

/* The memory of a large batch is kept: the next one is likely to be as large. */
static bool make_room(struct tct_gather *gather, size_t size)
{
	size_t room = gather->room ? 2 * gather->room : FIRST_ROOM;
	char *bytes;

	if (gather->used + size <= gather->room)
		return true;
	bytes = realloc(gather->bytes, room);
	if (!bytes) {
		gather->dropped++;
		return false;
	}
	gather->bytes = bytes;
	gather->room = room;
	return true;
}

static struct tct_gathered *add(struct tct_gather *gather, enum tct_gathered_kind kind,
				size_t size, uint64_t mono_ns)
{
	struct tct_gathered *added;

	size = (size + 7) & ~(size_t)7;
	if (!make_room(gather, size))
		return NULL;
	added = (struct tct_gathered *)(void *)(gather->bytes + gather->used);
	added->size = (uint32_t)size;
	added->kind = kind;
	added->mono_ns = mono_ns;
	gather->used += size;
	return added;
}

#define SIZE_WITH(member) \
	(offsetof(struct tct_gathered, member) + sizeof(((struct tct_gathered *)0)->member))

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_gathered *added = add(ctx, TCT_GATHERED_TRANSITION, SIZE_WITH(transition),
					 ev->mono_ns);

	if (added)
		added->transition = *ev;
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_gathered *added = add(ctx, TCT_GATHERED_TIME_WAIT, SIZE_WITH(time_wait),
					 ev->mono_ns);

	if (added)
		added->time_wait = *ev;
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_gathered *added = add(ctx, TCT_GATHERED_TEARDOWN, SIZE_WITH(teardown),
					 ev->mono_ns);

	if (added)
		added->teardown = *ev;
}

/* Of a shard: about one socket, which nobody was looked up for. */
static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_gathered *added = add(ctx, TCT_GATHERED_FINDING, SIZE_WITH(socket),
					 ev->mono_ns);

	if (!added)
		return;
	added->finding = *ev;
	added->socket = *ev->socket;
}

void tct_gather_init(struct tct_gather *gather, const struct tct_sink *real, struct tct_sink *out)
{
	*gather = (struct tct_gather){ 0 };
	*out = (struct tct_sink){
		.ctx = gather,
		.transition = real->transition ? on_transition : NULL,
		.time_wait = real->time_wait ? on_time_wait : NULL,
		.teardown = real->teardown ? on_teardown : NULL,
		.finding = real->finding ? on_finding : NULL,
	};
}

void tct_gather_fini(struct tct_gather *gather)
{
	free(gather->bytes);
}

/* Where a copy points to its own part, that has moved with it. */
struct tct_gathered *tct_gather_next(struct tct_gather *gather)
{
	struct tct_gathered *next;

	if (gather->at == gather->used)
		return NULL;
	next = (struct tct_gathered *)(void *)(gather->bytes + gather->at);
	if (next->kind == TCT_GATHERED_FINDING)
		next->finding.socket = &next->socket;
	return next;
}

void tct_gather_take(struct tct_gather *gather)
{
	gather->at += ((struct tct_gathered *)(void *)(gather->bytes + gather->at))->size;
}

void tct_gather_clear(struct tct_gather *gather)
{
	gather->used = gather->at = 0;
}
