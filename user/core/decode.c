// SPDX-License-Identifier: GPL-2.0
#include "decode.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include "fsm.h"

size_t tct_decode_size(uint8_t tag)
{
	switch ((enum tct_record_tag)tag) {
	case TCT_REC_STATE:
	case TCT_REC_SOCK:
		return sizeof(struct tct_record_sock);
	case TCT_REC_FOUND:
		return sizeof(struct tct_record_found);
	case TCT_REC_STAYS:
		return sizeof(struct tct_record_stays);
	case TCT_REC_TW_START:
	case TCT_REC_TW_REARM:
	case TCT_REC_TW_SEGMENT:
	case TCT_REC_TW_SOCK:
		return sizeof(struct tct_record_tw);
	case TCT_REC_TW_CANCEL:
	case TCT_REC_TW_END:
		return sizeof(struct tct_record_tw_cancel);
	case TCT_REC_RESET:
		return sizeof(struct tct_record_reset);
	case TCT_REC_OWNER:
		return sizeof(struct tct_record_owner);
	case TCT_REC_STEP:
		return sizeof(struct tct_record_step);
	case TCT_REC_PRESENT:
		return sizeof(struct tct_record_present);
	case TCT_REC_HOLDER:
		return sizeof(struct tct_record_holder);
	}
	return 0;
}

static bool good_state(uint8_t state)
{
	return state > TCT_NONE && state < TCT_STATES;
}

static bool good_family(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

static bool good_id(const struct tct_record_id *id)
{
	return good_family(id->family);
}

static bool good_step(const struct tct_record_step *rec)
{
	return good_state(rec->from) && good_state(rec->to) && good_family(rec->family);
}

static bool good_sock(const struct tct_record_sock *rec)
{
	return good_state(rec->from) && good_state(rec->to) && good_id(&rec->id);
}

static bool good_tw(const struct tct_record_tw *rec)
{
	return (rec->substate == TCT_TIME_WAIT || rec->substate == TCT_FIN_WAIT2) &&
	       good_id(&rec->id);
}

static bool good(const struct tct_decoded *rec)
{
	switch (rec->tag) {
	case TCT_REC_STATE:
	case TCT_REC_SOCK:
		return good_sock(rec->sock);
	case TCT_REC_FOUND:
	case TCT_REC_STAYS:
		return good_sock(&rec->found->sock);
	case TCT_REC_TW_START:
	case TCT_REC_TW_REARM:
	case TCT_REC_TW_SEGMENT:
	case TCT_REC_TW_SOCK:
	case TCT_REC_TW_CANCEL:
	case TCT_REC_TW_END:
		return good_tw(rec->tw);
	case TCT_REC_RESET:
		return good_state(rec->reset->state) && good_id(&rec->reset->id);
	case TCT_REC_OWNER:
		return rec->owner->pid != 0;
	case TCT_REC_STEP:
		return good_step(rec->step);
	case TCT_REC_PRESENT:
		return good_state(rec->present->state);
	case TCT_REC_HOLDER:
		return rec->holder->pid != 0;
	}
	return false;
}

int tct_decode(const void *data, size_t len, struct tct_decoded *out)
{
	const struct tct_record_header *h = data;

	if (len < sizeof(*h) || h->version != TCT_RECORD_VERSION)
		return -EBADMSG;
	if (!h->size || h->size != tct_decode_size(h->tag) || h->size > len)
		return -EBADMSG;
	out->tag = (enum tct_record_tag)h->tag;
	out->sock = data;
	return good(out) ? h->size : -EBADMSG;
}
