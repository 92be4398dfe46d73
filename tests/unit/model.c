// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <stdlib.h>
#include <string.h>
#include "../../user/core/identity.h"
#include "test.h"

#define STORE_MS 3		/* between an event and what it tells, at most */
#define CONNECT_MS 400		/* until a connect() has found its port, rarely */
#define NAMESPACES 3
#define TICK_NS 10000000ull

struct model *model_new(uint64_t seed)
{
	struct model *model = calloc(1, sizeof(*model));

	assert_non_null(model);
	model->seed = seed * 0x9E3779B97F4A7C15ull + 1;
	model->now_ms = 10000;
	model->last_cookie = 100;
	return model;
}

void model_free(struct model *model)
{
	free(model);
}

/* xorshift64* */
uint32_t model_random(struct model *model, uint32_t n)
{
	model->seed ^= model->seed >> 12;
	model->seed ^= model->seed << 25;
	model->seed ^= model->seed >> 27;
	return (uint32_t)((model->seed * 0x2545F4914F6CDD1Dull) >> 33) % n;
}

static uint64_t address_of(const struct model *model, const struct model_slot *slot)
{
	return 0xffff888000000000ull + (uint64_t)(slot - model->slots) * 0x1000;
}

/* Room for an event; NULL when it is lost. */
static struct model_event *emit(struct model *model)
{
	if (model_random(model, 100) < model->loss_percent) {
		model->lost++;
		return NULL;
	}
	assert_true(model->queued < MODEL_QUEUE);
	return &model->queue[model->queued++];
}

static uint64_t now_ns(const struct model *model)
{
	return model->now_ms * MODEL_MS;
}

/* Its time is right to a tick. */
static void emit_step(struct model *model, const struct model_slot *slot, uint64_t cookie,
		      enum tct_state from, enum tct_state to)
{
	struct model_event *event = emit(model);
	uint64_t at_ns = now_ns(model) / TICK_NS * TICK_NS + TICK_NS / 2;

	if (!event)
		return;
	event->rec.step = stream_step(cookie, from, to, at_ns);
	event->rec.step.address = address_of(model, slot);
	event->rec.step.netns = slot->next.netns;
	if (cookie != slot->next.cookie)	/* its listener's */
		event->rec.step.rport = 0;
}

static void emit_state(struct model *model, const struct model_slot *slot, enum tct_state from,
		       enum tct_state to)
{
	bool listener = model->shows_listener && from == TCT_LISTEN;
	uint64_t cookie = listener ? 1 : slot->next.cookie;
	struct model_event *event;

	if (model->brief || model->thinned) {
		emit_step(model, slot, cookie, from, to);
		return;
	}
	event = emit(model);
	if (!event)
		return;
	event->rec.sock = stream_state(cookie, from, to, now_ns(model));
	event->rec.sock.id.address = address_of(model, slot);
	event->rec.sock.id.netns = slot->next.netns;
	if (listener)
		event->rec.sock.id.rport = 0;
}

static void emit_mini(struct model *model, const struct model_slot *slot, enum tct_record_tag tag)
{
	struct model_event *event = model->brief || model->thinned ? NULL : emit(model);
	struct tct_record_tw_cancel rec;

	if (!event)
		return;
	rec = stream_cancel(slot->next.cookie, slot->next.state, now_ns(model), "__run_timers");
	rec.tw.h.tag = tag;
	if (tag != TCT_REC_TW_END)
		rec.tw.h.size = sizeof(rec.tw);
	rec.tw.id.address = address_of(model, slot) + 0x100000;
	rec.tw.id.netns = slot->next.netns;
	event->rec.end = rec;
}

/* The event fires before the store. */
static void move(struct model *model, struct model_slot *slot, enum tct_state to)
{
	enum tct_state from = slot->next.state;
	uint32_t delay = model_random(model, 4) ? 0 : model_random(model, STORE_MS + 1);

	emit_state(model, slot, from, to);
	slot->next.state = to;
	slot->store_ms = model->now_ms + delay;
	slot->busy_ms = slot->store_ms + 1;
}

/* Unhashed first; the event then. */
static void go(struct model *model, struct model_slot *slot)
{
	slot->leaves = slot->next.state;
	slot->close_ms = model->now_ms + model_random(model, STORE_MS + 1);
	slot->next.there = slot->shown.there = false;
	slot->busy_ms = slot->close_ms + 1;
}

static void hand_over(struct model *model, struct model_slot *slot, enum tct_state substate)
{
	enum tct_state from = slot->next.state;

	slot->next.mini = true;
	slot->next.state = substate;
	emit_mini(model, slot, TCT_REC_TW_START);
	slot->shown = slot->next;
	slot->leaves = from;
	slot->close_ms = model->now_ms + model_random(model, STORE_MS + 1);
	slot->busy_ms = slot->close_ms + 1;
}

/*
 * A connect() is not shown until it has found its port. What is lost is not slow: of one that
 * neither an event nor an iterator has told, no audit can know.
 */
static void open_one(struct model *model, struct model_slot *slot)
{
	bool active = model_random(model, 2);
	bool again = active && slot->next.cookie && !slot->next.mini && !model_random(model, 4);
	uint32_t netns = again ? slot->next.netns : 1 + model_random(model, NAMESPACES);
	bool slow = active && !model->loss_percent && !model_random(model, 20);
	uint32_t delay = slow ? model_random(model, CONNECT_MS) : 0;

	slot->next = (struct model_look){
		.there = true, .netns = netns,
		.cookie = again ? slot->next.cookie : ++model->last_cookie,
		.state = active ? TCT_CLOSE : TCT_LISTEN,
	};
	move(model, slot, active ? TCT_SYN_SENT : TCT_SYN_RECV);
	slot->store_ms = model->now_ms + delay;
	slot->busy_ms = slot->store_ms + 1;
}

static void act_mini(struct model *model, struct model_slot *slot)
{
	if (slot->next.state == TCT_FIN_WAIT2 && model_random(model, 2)) {
		slot->next.state = TCT_TIME_WAIT;
		emit_mini(model, slot, TCT_REC_TW_REARM);
		slot->shown = slot->next;
		return;
	}
	slot->next.there = slot->shown.there = false;
	emit_mini(model, slot, TCT_REC_TW_END);
}

static void act(struct model *model, struct model_slot *slot)
{
	bool one = model_random(model, 2);

	if (slot->next.mini) {
		act_mini(model, slot);
		return;
	}
	if (!model_random(model, 12)) {
		go(model, slot);
		return;
	}
	switch (slot->next.state) {
	case TCT_SYN_SENT:
	case TCT_SYN_RECV:
		move(model, slot, TCT_ESTABLISHED);
		break;
	case TCT_ESTABLISHED:
		move(model, slot, one ? TCT_CLOSE_WAIT : TCT_FIN_WAIT1);
		break;
	case TCT_CLOSE_WAIT:
		move(model, slot, TCT_LAST_ACK);
		break;
	case TCT_FIN_WAIT1:
		move(model, slot, one ? TCT_FIN_WAIT2 : TCT_CLOSING);
		break;
	case TCT_FIN_WAIT2:
		hand_over(model, slot, one ? TCT_TIME_WAIT : TCT_FIN_WAIT2);
		break;
	case TCT_CLOSING:
		hand_over(model, slot, TCT_TIME_WAIT);
		break;
	default:
		go(model, slot);
		break;
	}
}

static void go_on(struct model *model, struct model_slot *slot)
{
	if (slot->close_ms && model->now_ms >= slot->close_ms) {
		emit_state(model, slot, slot->leaves, TCT_CLOSE);
		slot->close_ms = 0;
	}
	if (slot->next.there && model->now_ms >= slot->store_ms)
		slot->shown = slot->next;
}

/* Some are slow, as real ones are: these become due. */
static bool is_idle(struct model *model, const struct model_slot *slot)
{
	size_t at = (size_t)(slot - model->slots);

	return model->now_ms < slot->busy_ms || model_random(model, at % 4 ? 400 : 20);
}

void model_tick(struct model *model)
{
	model->now_ms++;
	for (size_t i = 0; i < MODEL_SLOTS; i++) {
		struct model_slot *slot = &model->slots[i];

		go_on(model, slot);
		if (is_idle(model, slot))
			continue;
		if (slot->next.there)
			act(model, slot);
		else
			open_one(model, slot);
		go_on(model, slot);
	}
}

void model_calm(struct model *model)
{
	for (int i = 0; i < CONNECT_MS + STORE_MS; i++) {
		model->now_ms++;
		for (size_t s = 0; s < MODEL_SLOTS; s++)
			go_on(model, &model->slots[s]);
	}
}

void model_deliver(struct model *model)
{
	for (size_t i = 0; i < model->queued; i++)
		stream_feed(model->stream, &model->queue[i].rec);
	model->queued = 0;
	tct_shards_loss(&model->stream->shards, TCT_LOSS_RING, model->lost, now_ns(model));
	tct_shards_judge(&model->stream->shards, now_ns(model));
	tct_shards_settle(&model->stream->shards, now_ns(model));
}

bool model_present(const struct model *model, size_t at, struct tct_record_present *out)
{
	const struct model_slot *slot = &model->slots[at];
	const struct model_look *shown = &slot->shown;

	*out = (struct tct_record_present){
		.h = { .size = sizeof(*out), .tag = TCT_REC_PRESENT,
		       .version = TCT_RECORD_VERSION },
		.state = shown->state,
		.flags = shown->mini ? TCT_PRESENT_MINI : 0,
		.time_ns = now_ns(model),
		.cookie = shown->cookie,
		.address = address_of(model, slot) + (shown->mini ? 0x100000 : 0),
		.netns = shown->netns,
	};
	return shown->there;
}

static bool lingers(enum tct_state state)
{
	return state != TCT_ESTABLISHED && state != TCT_SYN_SENT;
}

void model_feed_found(struct model *model, size_t at,
		      int (*feed)(struct tct_shards *shards, const void *data, size_t len))
{
	const struct model_slot *slot = &model->slots[at];
	const struct model_look *shown = &slot->shown;
	struct tct_record_found found = stream_found(shown->cookie, shown->state, now_ns(model));
	struct tct_record_tw tw = stream_tw(TCT_REC_TW_SOCK, shown->cookie, shown->state,
					    now_ns(model));
	struct tct_record_id *id = shown->mini ? &tw.id : &found.sock.id;
	const void *rec = shown->mini ? (void *)&tw : (void *)&found;

	if (!shown->there)
		return;
	id->address = address_of(model, slot) + (shown->mini ? 0x100000 : 0);
	id->netns = shown->netns;
	if (!shown->mini && !lingers(shown->state)) {
		found.sock.h.tag = TCT_REC_SOCK;
		found.sock.h.size = sizeof(found.sock);
	}
	assert_true(feed(&model->stream->shards, rec,
			 ((const struct tct_record_header *)rec)->size) > 0);
}

/* A child is known by its address until its next event. */
static struct tct_socket *mirrored(struct model *model, const struct model_slot *slot)
{
	const struct model_look *look = &slot->next;

	return tct_identity_find(&model->stream->shards.shard[0].mirror, look->cookie,
				 address_of(model, slot), look->mini);
}

/* How many are there, and how many of them the mirror has. */
static void compare(struct model *model, uint32_t *there, uint32_t *found)
{
	*there = *found = 0;
	for (size_t i = 0; i < MODEL_SLOTS; i++) {
		const struct model_look *look = &model->slots[i].next;
		struct tct_socket *sock;

		if (!look->there || (look->mini && model->brief))
			continue;
		++*there;
		sock = mirrored(model, &model->slots[i]);
		if (!sock)
			continue;
		assert_int_equal(sock->state, look->state);
		++*found;
	}
}

void model_expect_mirrored(struct model *model)
{
	uint32_t there, found;

	compare(model, &there, &found);
	assert_int_equal(found, there);
	assert_int_equal(model->stream->shards.shard[0].mirror.pool.live, there);
}

void model_expect_some_mirrored(struct model *model)
{
	uint32_t there, found;

	compare(model, &there, &found);
	assert_int_equal(model->stream->shards.shard[0].mirror.pool.live, found);
}
