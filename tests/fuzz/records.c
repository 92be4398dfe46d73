// SPDX-License-Identifier: GPL-2.0
#include "records.h"

#include <string.h>
#include <sys/socket.h>

static void make_id(struct tct_record_id *id, struct bytes *bytes, uint64_t now_ns)
{
	uint8_t traits = bytes_u8(bytes);

	id->time_ns = now_ns;
	id->cookie = bytes_u8(bytes) & 15;
	id->address = 0xffff888000000000ull + (traits & 3);
	id->netns = 1 + (traits >> 2 & 1);
	id->family = traits & 8 ? AF_INET6 : AF_INET;
	id->lport = bytes_u8(bytes) & 7;
	id->rport = traits >> 4 & 7;
	id->laddr[0] = id->raddr[0] = 10;
	id->raddr[3] = traits >> 7;
}

static void make_sock(struct tct_record_sock *sock, struct bytes *bytes, uint64_t now_ns)
{
	uint8_t states = bytes_u8(bytes);

	sock->from = 1 + states % 12;
	sock->to = sock->h.tag == TCT_REC_STATE ? 1 + bytes_u8(bytes) % 12 : sock->from;
	sock->flags = bytes_u8(bytes);
	sock->shutdown = bytes_u8(bytes) & 3;
	make_id(&sock->id, bytes, now_ns);
	sock->pid = bytes_u8(bytes) & 3;
	memset(sock->comm, 'a' + (int)sock->pid, sock->pid ? TCT_COMM_LEN : 0);
	sock->err = bytes_u8(bytes);
	sock->snd_una = (uint32_t)bytes_number(bytes);
	sock->snd_nxt = sock->snd_una + bytes_u8(bytes);
	sock->write_seq = sock->snd_nxt + (uint32_t)bytes_number(bytes);
	sock->rcv_nxt = (uint32_t)bytes_number(bytes);
	sock->copied_seq = sock->rcv_nxt - bytes_u8(bytes) + 1;
	sock->segs_in = bytes_u8(bytes);
	sock->segs_out = bytes_u8(bytes);
	sock->total_retrans = bytes_u8(bytes);
	sock->bytes_acked = bytes_number(bytes);
	sock->bytes_received = bytes_number(bytes);
	sock->rcv_age_ns = bytes_number(bytes) << 24;
	sock->retransmits = bytes_u8(bytes);
	sock->probes = bytes_u8(bytes);
	sock->traits = bytes_u8(bytes);
	sock->signal = bytes_u8(bytes);
}

static void make_found(struct tct_record_found *found, struct bytes *bytes, uint64_t now_ns)
{
	make_sock(&found->sock, bytes, now_ns);
	found->snd_wnd = (uint32_t)bytes_number(bytes);
	found->known = bytes_u8(bytes);
	found->limit = bytes_u8(bytes);
	found->rto_ns = bytes_number(bytes) << 24;
	found->data_age_ns = bytes_number(bytes) << 24;
	found->age_ns = bytes_number(bytes) << 24;
	found->timer_ns = (int64_t)(bytes_number(bytes) << 24);
	found->kept_ns = (int64_t)(bytes_number(bytes) << 24);
}

static void make_tw(struct tct_record_tw *tw, struct bytes *bytes, uint64_t now_ns)
{
	uint8_t choice = bytes_u8(bytes);

	tw->substate = choice & 1 ? 5 : 6;
	tw->flags = choice >> 1 & 1;
	make_id(&tw->id, bytes, now_ns);
	tw->left_jiffies = (int64_t)bytes_number(bytes) - 100;
}

static void make_cancel(struct tct_record_tw_cancel *cancel, struct bytes *bytes, uint64_t now_ns)
{
	make_tw(&cancel->tw, bytes, now_ns);
	for (int i = 0; i < 3; i++)
		cancel->stack[i] = (bytes_u8(bytes) % 20 + 1) * 0x1000ull + 0x80;
}

static void make_step(struct tct_record_step *step, struct bytes *bytes, uint64_t now_ns)
{
	struct tct_record_id id = { 0 };

	step->from = 1 + bytes_u8(bytes) % 12;
	step->to = 1 + bytes_u8(bytes) % 12;
	step->flags = bytes_u8(bytes);
	make_id(&id, bytes, now_ns);
	step->family = id.family;
	step->time_ns = id.time_ns;
	step->cookie = id.cookie;
	step->address = id.address;
	step->netns = id.netns;
	step->lport = id.lport;
	step->rport = id.rport;
}

static void make_reset(struct tct_record_reset *reset, struct bytes *bytes, uint64_t now_ns)
{
	reset->state = 1 + bytes_u8(bytes) % 12;
	make_id(&reset->id, bytes, now_ns);
	reset->reason = (uint32_t)bytes_number(bytes);
}

static void make_owner(struct tct_record_owner *owner, struct bytes *bytes)
{
	owner->pid = 1 + (bytes_u8(bytes) & 3);
	owner->fd = (uint32_t)bytes_number(bytes);
	owner->netns = 1;
	owner->cookie = bytes_u8(bytes) & 15;
	owner->address = 0xffff888000000000ull + (owner->cookie & 3);
	memset(owner->comm, 'a' + (int)owner->pid, TCT_COMM_LEN);
}

static void make_present(struct tct_record_present *present, struct bytes *bytes, uint64_t now_ns)
{
	present->state = 1 + bytes_u8(bytes) % 12;
	present->flags = bytes_u8(bytes) & 1;
	present->time_ns = now_ns;
	present->cookie = bytes_u8(bytes) & 15;
	present->address = 0xffff888000000000ull + (present->cookie & 3);
	present->netns = 1;
}

void records_make(union record *rec, uint8_t choice, struct bytes *bytes, uint64_t now_ns)
{
	memset(rec, 0, sizeof(*rec));
	rec->h.tag = 1 + choice % TCT_REC_STAYS;
	rec->h.version = TCT_RECORD_VERSION;
	switch ((enum tct_record_tag)rec->h.tag) {
	case TCT_REC_STATE:
	case TCT_REC_SOCK:
		rec->h.size = sizeof(rec->sock);
		make_sock(&rec->sock, bytes, now_ns);
		break;
	case TCT_REC_FOUND:
		rec->h.size = sizeof(rec->found);
		make_found(&rec->found, bytes, now_ns);
		break;
	case TCT_REC_STAYS:
		rec->h.size = sizeof(rec->stays);
		make_found(&rec->found, bytes, now_ns);
		rec->stays.entered_ns = bytes_u8(bytes) & 1 ? now_ns - bytes_u8(bytes) : 0;
		rec->stays.flags = bytes_u8(bytes) & 3;
		break;
	case TCT_REC_TW_START:
	case TCT_REC_TW_REARM:
	case TCT_REC_TW_SEGMENT:
	case TCT_REC_TW_SOCK:
		rec->h.size = sizeof(rec->tw);
		make_tw(&rec->tw, bytes, now_ns);
		break;
	case TCT_REC_TW_CANCEL:
	case TCT_REC_TW_END:
		rec->h.size = sizeof(rec->cancel);
		make_cancel(&rec->cancel, bytes, now_ns);
		break;
	case TCT_REC_STEP:
		rec->h.size = sizeof(rec->step);
		make_step(&rec->step, bytes, now_ns);
		break;
	case TCT_REC_RESET:
		rec->h.size = sizeof(rec->reset);
		make_reset(&rec->reset, bytes, now_ns);
		break;
	case TCT_REC_OWNER:
		rec->h.size = sizeof(rec->owner);
		make_owner(&rec->owner, bytes);
		break;
	case TCT_REC_PRESENT:
		rec->h.size = sizeof(rec->present);
		make_present(&rec->present, bytes, now_ns);
		break;
	case TCT_REC_HOLDER:
		rec->h.size = sizeof(rec->holder);
		rec->holder.pid = 1;
		break;
	}
}
