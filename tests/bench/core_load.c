// SPDX-License-Identifier: GPL-2.0
#include "core_load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../../user/core/fsm.h"

#define STEP_NS 100		/* between two records */
#define SERVICE 443
#define PROCESSES 200
#define LOCAL_ADDRESSES 4
#define NETNS 4026531840u
#define SEED_SHIFT 40
#define STEPS_MAX 8
#define ROOM 1024		/* bytes: of what one step writes at most */
#define FRAME 0x1000		/* an address that no end is known by */

enum what { END, STATE, HAND_OVER, MINI_ENDS };

struct step {
	enum what what;
	uint8_t from;
	uint8_t to;
	bool by_task;
};

static const struct step lives[][STEPS_MAX] = {
	{	/* closes first */
		{ STATE, TCT_CLOSE, TCT_SYN_SENT, true },
		{ STATE, TCT_SYN_SENT, TCT_ESTABLISHED, false },
		{ STATE, TCT_ESTABLISHED, TCT_FIN_WAIT1, true },
		{ STATE, TCT_FIN_WAIT1, TCT_FIN_WAIT2, false },
		{ HAND_OVER, TCT_FIN_WAIT2, TCT_CLOSE, false },
		{ MINI_ENDS, TCT_TIME_WAIT, TCT_CLOSE, false },
	},
	{	/* closes last */
		{ STATE, TCT_LISTEN, TCT_SYN_RECV, false },
		{ STATE, TCT_SYN_RECV, TCT_ESTABLISHED, false },
		{ STATE, TCT_ESTABLISHED, TCT_CLOSE_WAIT, false },
		{ STATE, TCT_CLOSE_WAIT, TCT_LAST_ACK, true },
		{ STATE, TCT_LAST_ACK, TCT_CLOSE, false },
	},
	{	/* is reset */
		{ STATE, TCT_LISTEN, TCT_SYN_RECV, false },
		{ STATE, TCT_SYN_RECV, TCT_ESTABLISHED, false },
		{ STATE, TCT_ESTABLISHED, TCT_CLOSE, false },
	},
};

static const uint8_t life_of_eight[8] = { 0, 0, 0, 1, 1, 1, 1, 2 };

/* xorshift64* */
static uint32_t pick(struct load *load, uint32_t below)
{
	load->random ^= load->random >> 12;
	load->random ^= load->random << 25;
	load->random ^= load->random >> 27;
	return (uint32_t)((load->random * 0x2545F4914F6CDD1Dull >> 32) * below >> 32);
}

int load_init(struct load *load, uint32_t count, uint8_t family, bool brief, uint32_t seed)
{
	*load = (struct load){
		.slots = calloc(count, sizeof(*load->slots)), .count = count, .family = family,
		.brief = brief, .random = 88172645463325252ull + seed,
		.cookie = (uint64_t)seed << SEED_SHIFT, .now_ns = 1000000000,
	};
	return load->slots ? 0 : -1;
}

void load_fini(struct load *load)
{
	free(load->slots);
}

static struct tct_record_header header(enum tct_record_tag tag, size_t size)
{
	return (struct tct_record_header){ .size = (uint16_t)size, .tag = tag,
					   .version = TCT_RECORD_VERSION };
}

/* Everything about a socket follows from its cookie. */
static void fill_id(struct load *load, const struct load_slot *slot, struct tct_record_id *id)
{
	uint32_t remote = (uint32_t)(slot->cookie * 2654435761u);
	uint16_t other = (uint16_t)(slot->cookie | 32768);
	size_t at = load->family == AF_INET ? 0 : 12;

	*id = (struct tct_record_id){
		.time_ns = load->now_ns, .cookie = slot->cookie,
		.address = 0xffff888000000000ull + slot->cookie * 2048, .netns = NETNS,
		.lport = slot->life ? SERVICE : other, .rport = slot->life ? other : SERVICE,
		.family = load->family,
	};
	id->laddr[at] = 10;
	id->laddr[at + 3] = 1 + slot->cookie % LOCAL_ADDRESSES;
	memcpy(&id->raddr[at], &remote, sizeof(remote));
	if (at)
		id->laddr[0] = id->raddr[0] = 0xfd;
}

static void put_brief(struct load *load, struct ring *ring, const struct load_slot *slot,
		      const struct step *step)
{
	struct tct_record_step rec;
	struct tct_record_id id;

	fill_id(load, slot, &id);
	rec = (struct tct_record_step){
		.h = header(TCT_REC_STEP, sizeof(rec)), .from = step->from, .to = step->to,
		.family = id.family, .time_ns = id.time_ns, .cookie = id.cookie,
		.address = id.address, .netns = id.netns, .lport = id.lport, .rport = id.rport,
	};
	ring_put(ring, &rec, sizeof(rec));
}

static void put_full(struct load *load, struct ring *ring, const struct load_slot *slot,
		     const struct step *step)
{
	bool reset = step->from == TCT_ESTABLISHED && step->to == TCT_CLOSE;
	struct tct_record_sock rec = {
		.h = header(TCT_REC_STATE, sizeof(rec)), .from = step->from, .to = step->to,
		.snd_una = 1000 + slot->step, .snd_nxt = 1000 + slot->step,
		.write_seq = 1000 + slot->step, .rcv_nxt = 2000 + slot->step,
		.copied_seq = 2000 + slot->step, .segs_in = slot->step, .segs_out = slot->step,
		.err = reset ? 104 : 0, .shutdown = step->by_task ? 3 : 0,
	};

	fill_id(load, slot, &rec.id);
	if (step->to == TCT_CLOSE)
		rec.flags |= TCT_SOCK_FIN;
	if (step->by_task) {
		rec.flags |= TCT_SOCK_TASK;
		rec.pid = 1000 + (uint32_t)(slot->cookie % PROCESSES);
		memcpy(rec.comm, "worker", sizeof("worker"));
	}
	ring_put(ring, &rec, sizeof(rec));
}

static void fill_mini(struct load *load, const struct load_slot *slot, enum tct_record_tag tag,
		      size_t size, struct tct_record_tw *rec)
{
	*rec = (struct tct_record_tw){ .h = header(tag, size), .substate = TCT_TIME_WAIT };
	fill_id(load, slot, &rec->id);
}

static void put_state(struct load *load, struct ring *ring, const struct load_slot *slot,
		      const struct step *step)
{
	if (load->brief)
		put_brief(load, ring, slot, step);
	else
		put_full(load, ring, slot, step);
	load->transitions++;
	load->records++;
	load->now_ns += STEP_NS;
}

static void put_mini(struct load *load, struct ring *ring, const struct load_slot *slot, bool ends)
{
	struct tct_record_tw_cancel end;

	if (ends) {
		fill_mini(load, slot, TCT_REC_TW_END, sizeof(end), &end.tw);
		for (int i = 0; i < TCT_STACK_DEPTH; i++)
			end.stack[i] = FRAME + (uint64_t)i;
		ring_put(ring, &end, sizeof(end));
	} else {
		fill_mini(load, slot, TCT_REC_TW_START, sizeof(end.tw), &end.tw);
		ring_put(ring, &end.tw, sizeof(end.tw));
	}
	load->records++;
	load->now_ns += STEP_NS;
}

static void put_step(struct load *load, struct ring *ring, struct load_slot *slot)
{
	const struct step *step = &lives[slot->life][slot->step++];

	if (step->what == HAND_OVER && !load->brief)
		put_mini(load, ring, slot, false);
	if (step->what == STATE || step->what == HAND_OVER)
		put_state(load, ring, slot, step);
	else if (!load->brief)
		put_mini(load, ring, slot, true);
	if (lives[slot->life][slot->step].what == END ||
	    (load->brief && lives[slot->life][slot->step].what == MINI_ENDS))
		slot->cookie = 0;
}

static void begin(struct load *load, struct load_slot *slot)
{
	slot->cookie = ++load->cookie;
	slot->life = life_of_eight[pick(load, 8)];
	slot->step = 0;
}

static void go_on(struct load *load, struct ring *ring, struct load_slot *slot)
{
	put_step(load, ring, slot);
	if (slot->cookie)
		return;
	begin(load, slot);
	put_step(load, ring, slot);
}

void load_fill(struct load *load, struct ring *ring)
{
	while (ring_has_room(ring, ROOM))
		go_on(load, ring, &load->slots[pick(load, load->count)]);
}

bool load_begin(struct load *load, struct ring *ring, uint32_t *next)
{
	for (; *next < load->count && ring_has_room(ring, ROOM); ++*next) {
		begin(load, &load->slots[*next]);
		put_step(load, ring, &load->slots[*next]);
		put_step(load, ring, &load->slots[*next]);
	}
	return *next < load->count;
}
