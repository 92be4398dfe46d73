// SPDX-License-Identifier: GPL-2.0
#include "sift.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "../core/decode.h"
#include "../core/fsm.h"

/* What a record tells of its socket. */
struct who {
	uint64_t address;
	uint32_t netns;
	uint16_t lport;
	uint16_t rport;
	uint8_t family;
};

uint32_t tct_sift_filter(const struct tct_filter_config *config)
{
	const struct tct_filter *filter = &config->filter;
	const uint32_t place[] = {
		filter->by_lport, filter->by_rport, filter->family, filter->netns,
	};
	uLong crc = crc32(0, NULL, 0);

	if (!filter->by_lport && !filter->by_rport && !filter->family && !filter->netns)
		return 0;
	crc = crc32(crc, (const Bytef *)place, sizeof(place));
	crc = crc32(crc, (const Bytef *)config->lports, sizeof(config->lports));
	crc = crc32(crc, (const Bytef *)config->rports, sizeof(config->rports));
	return crc ? (uint32_t)crc : 1;
}

int tct_sift_init(struct tct_sift *sift, const struct tct_filter_config *config, uint32_t recorded)
{
	uint32_t filter = tct_sift_filter(config);

	*sift = (struct tct_sift){ 0 };
	if (!filter || filter == recorded)
		return 0;
	sift->config = config;
	sift->held = calloc(TCT_SIFT_HELD, sizeof(*sift->held));
	return sift->held ? 0 : -ENOMEM;
}

void tct_sift_fini(struct tct_sift *sift)
{
	free(sift->held);
	sift->held = NULL;
}

static bool has_port(const uint64_t *bits, uint16_t port)
{
	return bits[port / 64] >> port % 64 & 1;
}

static bool passes_ports(const struct tct_filter_config *config, const struct who *who)
{
	return (!config->filter.by_lport || has_port(config->lports, who->lport)) &&
	       (!config->filter.by_rport || has_port(config->rports, who->rport));
}

static bool passes_place(const struct tct_filter *filter, const struct who *who)
{
	return (!filter->family || filter->family == who->family) &&
	       (!filter->netns || filter->netns == who->netns);
}

static struct who who_of(const struct tct_record_id *id)
{
	return (struct who){
		.address = id->address, .netns = id->netns,
		.lport = id->lport, .rport = id->rport, .family = id->family,
	};
}

static struct who who_of_step(const struct tct_record_step *step)
{
	return (struct who){
		.address = step->address, .netns = step->netns,
		.lport = step->lport, .rport = step->rport, .family = step->family,
	};
}

static struct tct_record_sock *place_of(const struct tct_sift *sift, const struct who *who)
{
	return &sift->held[(who->address >> 6 ^ who->address >> 18) % TCT_SIFT_HELD];
}

static uint64_t address_of(const struct tct_record_sock *held)
{
	const struct tct_record_step *step = (const void *)held;

	return held->h.tag == TCT_REC_STEP ? step->address : held->id.address;
}

/* The event that waited for this one: goes first, or is forgotten with it. */
static int release(struct tct_sift *sift, const struct who *who, bool passes, tct_sift_fn fn,
		   void *ctx)
{
	struct tct_record_sock *held = place_of(sift, who);
	const struct tct_input first = { .kind = TCT_IN_RECORD, .data = held,
					 .len = held->h.size };
	int got = 0;

	if (!held->h.size || address_of(held) != who->address)
		return 0;
	if (passes)
		got = fn(ctx, &first);
	held->h.size = 0;
	return got;
}

/* As state_passes() of bpf/state.bpf.h. */
static bool must_wait(const struct tct_filter *filter, const struct who *who, uint8_t to)
{
	return (filter->by_rport && !who->rport && to == TCT_SYN_RECV) ||
	       (filter->by_lport && !who->lport && to == TCT_SYN_SENT);
}

static int sift_transition(struct tct_sift *sift, const struct tct_input *input, uint8_t from,
			   uint8_t to, const struct who *who, tct_sift_fn fn, void *ctx)
{
	bool passes = passes_place(&sift->config->filter, who) &&
		      passes_ports(sift->config, who);
	int got = 0;

	if (must_wait(&sift->config->filter, who, to)) {
		memcpy(place_of(sift, who), input->data, input->len);
		return 0;
	}
	if (from == TCT_SYN_SENT || from == TCT_SYN_RECV)
		got = release(sift, who, passes, fn, ctx);
	return got < 0 || !passes ? got : fn(ctx, input);
}

static int sift_socket(const struct tct_sift *sift, const struct tct_input *input,
		       const struct tct_record_id *id, tct_sift_fn fn, void *ctx)
{
	const struct who who = who_of(id);

	if (!passes_place(&sift->config->filter, &who) || !passes_ports(sift->config, &who))
		return 0;
	return fn(ctx, input);
}

static int sift_record(struct tct_sift *sift, const struct tct_input *input, tct_sift_fn fn,
		       void *ctx)
{
	const struct tct_filter *filter = &sift->config->filter;
	struct tct_decoded rec;
	struct who who;

	if (tct_decode(input->data, input->len, &rec) != (int)input->len)
		return -EBADMSG;
	switch (rec.tag) {
	case TCT_REC_STATE:
		who = who_of(&rec.sock->id);
		return sift_transition(sift, input, rec.sock->from, rec.sock->to, &who, fn,
				       ctx);
	case TCT_REC_STEP:
		who = who_of_step(rec.step);
		return sift_transition(sift, input, rec.step->from, rec.step->to, &who, fn,
				       ctx);
	case TCT_REC_SOCK:
		return sift_socket(sift, input, &rec.sock->id, fn, ctx);
	case TCT_REC_FOUND:
	case TCT_REC_STAYS:
		return sift_socket(sift, input, &rec.found->sock.id, fn, ctx);
	case TCT_REC_TW_START:
	case TCT_REC_TW_REARM:
	case TCT_REC_TW_SEGMENT:
	case TCT_REC_TW_SOCK:
		return sift_socket(sift, input, &rec.tw->id, fn, ctx);
	case TCT_REC_TW_CANCEL:
	case TCT_REC_TW_END:
		return sift_socket(sift, input, &rec.tw_cancel->tw.id, fn, ctx);
	case TCT_REC_RESET:
		return sift_socket(sift, input, &rec.reset->id, fn, ctx);
	case TCT_REC_OWNER:
		return filter->netns && filter->netns != rec.owner->netns ? 0 : fn(ctx, input);
	case TCT_REC_PRESENT:
	case TCT_REC_HOLDER:
		return fn(ctx, input);
	}
	return -EBADMSG;
}

/* What an audit reads has no ports to go by: none is made of a part of what it read. */
static bool is_of_audit(enum tct_input_kind kind)
{
	return (kind >= TCT_IN_AUDIT_BEGIN && kind <= TCT_IN_AUDIT_DROP) ||
	       kind == TCT_IN_AUDIT_LISTED;
}

int tct_sift_pass(struct tct_sift *sift, const struct tct_input *input, tct_sift_fn fn, void *ctx)
{
	if (sift->config && is_of_audit(input->kind))
		return 0;
	if (!sift->config || input->kind != TCT_IN_RECORD)
		return fn(ctx, input);
	return sift_record(sift, input, fn, ctx);
}
