// SPDX-License-Identifier: GPL-2.0
#include "teardown.h"

#include <errno.h>

#define SEND_SHUTDOWN 2
#define SHUTDOWN_MASK 3

void tct_closing_init(struct tct_closing *closing)
{
	*closing = (struct tct_closing){
		.fin_retransmits = TCT_UNKNOWN,
		.bytes_after_fin = TCT_UNKNOWN,
	};
	for (int s = 0; s < TCT_STATES; s++)
		closing->dwell_ns[s] = TCT_UNKNOWN;
}

/* Our FIN is queued now; a retransmission counts as the FIN's only if nothing else is in flight. */
static void fin_queued(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	closing->fin_alone = rec->snd_una == rec->write_seq;
	closing->retrans_at_fin = rec->total_retrans;
	if (closing->fin_alone)
		closing->fin_retransmits = 0;
}

static void entered(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	switch (rec->to) {
	case TCT_FIN_WAIT1:
		fin_queued(closing, rec);
		closing->fin_seen = true;
		closing->half_close = rec->shutdown == SEND_SHUTDOWN;
		closing->first_fin_seq = rec->rcv_nxt;
		break;
	case TCT_FIN_WAIT2:
		closing->segs_seen = true;
		closing->segs = rec->segs_in;
		break;
	case TCT_CLOSE_WAIT:
		closing->fin_seen = true;
		closing->first_fin_seq = rec->write_seq;
		closing->segs_seen = true;
		closing->segs = rec->segs_out;
		break;
	case TCT_LAST_ACK:
		fin_queued(closing, rec);
		break;
	}
}

static void left(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	bool sent_fin = rec->from == TCT_FIN_WAIT1 || rec->from == TCT_FIN_WAIT2 ||
			rec->from == TCT_CLOSING || rec->from == TCT_LAST_ACK;

	if (sent_fin && closing->fin_alone)
		closing->fin_retransmits = (int32_t)(rec->total_retrans - closing->retrans_at_fin);
	if (rec->from == TCT_CLOSE_WAIT && closing->fin_seen) {
		closing->merged = closing->segs_seen && rec->segs_out == closing->segs;
		closing->bytes_after_fin = (int32_t)(rec->write_seq - closing->first_fin_seq);
		closing->half_close = closing->bytes_after_fin > 0;
	}
	/* the peer's FIN is in rcv_nxt at the hand-over */
	if (rec->from == TCT_FIN_WAIT2 && rec->to == TCT_CLOSE && closing->fin_seen) {
		int32_t received = (int32_t)(rec->rcv_nxt - closing->first_fin_seq);

		closing->merged = closing->segs_seen && rec->segs_in == closing->segs;
		closing->bytes_after_fin = received > 0 ? received - 1 : 0;
	}
}

void tct_closing_step(struct tct_closing *closing, const struct tct_record_sock *rec,
		      int64_t dwell_ns)
{
	if (rec->from == rec->to)
		return;		/* close() after shutdown(): nothing is left, nothing entered */
	closing->dwell_ns[rec->from] = dwell_ns;
	left(closing, rec);
	entered(closing, rec);
}

/* The state that was left says whose FIN came first. */
static enum tct_closer first_fin(enum tct_state from)
{
	switch (from) {
	case TCT_FIN_WAIT1:
	case TCT_FIN_WAIT2:
		return TCT_CLOSER_LOCAL;
	case TCT_CLOSING:
		return TCT_CLOSER_BOTH;
	case TCT_CLOSE_WAIT:
	case TCT_LAST_ACK:
		return TCT_CLOSER_REMOTE;
	default:
		return TCT_CLOSER_NONE;
	}
}

static enum tct_kind kind_of_error(const struct tct_record_sock *rec)
{
	switch (rec->err) {
	case ECONNREFUSED:
		return TCT_KIND_REFUSED;
	case ECONNRESET:
	case EPIPE:
		return TCT_KIND_RESET_RECEIVED;
	case ETIMEDOUT:
		return TCT_KIND_TIMEOUT;
	case ECONNABORTED:
		return TCT_KIND_DESTROYED;
	default:
		return TCT_KIND_UNKNOWN;
	}
}

/* tcp_close() sets both directions down, looks for unread data, and then for SO_LINGER. */
static enum tct_kind kind_of_abort(const struct tct_record_sock *rec)
{
	bool fin_received = rec->from == TCT_CLOSE_WAIT;
	int32_t unread = (int32_t)(rec->rcv_nxt - fin_received - rec->copied_seq);

	if (rec->shutdown != SHUTDOWN_MASK || rec->flags & TCT_SOCK_DEAD)
		return TCT_KIND_UNKNOWN;	/* not by close(), or close() is long over */
	if (unread > 0)
		return TCT_KIND_ABORT_UNREAD;
	return rec->flags & TCT_SOCK_ABORTS ? TCT_KIND_ABORT_LINGER : TCT_KIND_UNKNOWN;
}

/* Without an error the end was made here: by close(), disconnect or an abort. */
static enum tct_kind kind_of_close(const struct tct_closing *closing,
				   const struct tct_record_sock *rec)
{
	switch (rec->from) {
	case TCT_SYN_SENT:
	case TCT_SYN_RECV:
		return TCT_KIND_NEVER_OPENED;
	case TCT_LAST_ACK:
		if (!closing->segs_seen)
			return TCT_KIND_UNKNOWN;
		return closing->merged ? TCT_KIND_ORDERLY_MERGED : TCT_KIND_ORDERLY;
	case TCT_ESTABLISHED:
	case TCT_CLOSE_WAIT:
	case TCT_FIN_WAIT1:
	case TCT_FIN_WAIT2:
		return kind_of_abort(rec);
	default:
		return TCT_KIND_UNKNOWN;
	}
}

static enum tct_kind kind_of_hand_over(const struct tct_closing *closing,
				       const struct tct_record_sock *rec)
{
	if (rec->from == TCT_CLOSING)
		return TCT_KIND_SIMULTANEOUS;
	if (!closing->segs_seen)
		return TCT_KIND_UNKNOWN;
	return closing->merged ? TCT_KIND_ORDERLY_MERGED : TCT_KIND_ORDERLY;
}

static enum tct_closer closer_of(const struct tct_record_sock *rec, enum tct_kind kind)
{
	enum tct_closer closer = first_fin(rec->from);

	if (closer != TCT_CLOSER_NONE)
		return closer;
	switch (kind) {
	case TCT_KIND_REFUSED:
	case TCT_KIND_RESET_RECEIVED:
		return TCT_CLOSER_REMOTE;
	case TCT_KIND_NEVER_OPENED:
	case TCT_KIND_ABORT_UNREAD:
	case TCT_KIND_ABORT_LINGER:
	case TCT_KIND_DISCONNECTED:
	case TCT_KIND_REPAIR:
	case TCT_KIND_DESTROYED:
		return TCT_CLOSER_LOCAL;
	case TCT_KIND_ORDERLY:
	case TCT_KIND_ORDERLY_MERGED:
	case TCT_KIND_SIMULTANEOUS:
	case TCT_KIND_RESET_SENT:
	case TCT_KIND_TIMEOUT:
	case TCT_KIND_UNREACHABLE:
	case TCT_KIND_REAPED:
	case TCT_KIND_UNKNOWN:
	case TCT_KINDS:
		break;
	}
	return TCT_CLOSER_NONE;
}

static void copy_out(const struct tct_closing *closing, struct tct_teardown *out)
{
	for (int s = 0; s < TCT_STATES; s++)
		out->dwell_ns[s] = closing->dwell_ns[s];
	out->fin_retransmits = closing->fin_retransmits;
	out->bytes_after_fin = closing->bytes_after_fin;
	out->retransmits = TCT_UNKNOWN;
	out->probes = TCT_UNKNOWN;
	out->unread_bytes = TCT_UNKNOWN;
	out->last_ack_lost = TCT_UNKNOWN;
	out->reset_reason = closing->reset_reason;
	out->half_close_ns = closing->fin_seen ? 0 : TCT_UNKNOWN;
}

void tct_closing_finish(const struct tct_closing *closing, const struct tct_record_sock *rec,
			enum tct_state to, struct tct_teardown *out)
{
	copy_out(closing, out);
	if (to == TCT_TIME_WAIT)
		out->kind = kind_of_hand_over(closing, rec);
	else
		out->kind = rec->err ? kind_of_error(rec) : kind_of_close(closing, rec);
	out->closer = closer_of(rec, out->kind);
	if (closing->half_close && out->closer == TCT_CLOSER_LOCAL)
		out->half_close_ns = closing->dwell_ns[TCT_FIN_WAIT2];
	if (closing->half_close && out->closer == TCT_CLOSER_REMOTE)
		out->half_close_ns = closing->dwell_ns[TCT_CLOSE_WAIT];
}

void tct_closing_finish_mini(const struct tct_closing *closing, enum tct_end end, int64_t dwell_ns,
			     struct tct_teardown *out)
{
	copy_out(closing, out);
	out->dwell_ns[TCT_FIN_WAIT2] = dwell_ns;
	out->closer = TCT_CLOSER_LOCAL;
	switch (end) {
	case TCT_END_FIN_ARRIVED:
		out->kind = TCT_KIND_ORDERLY;
		break;
	case TCT_END_RESET:
		out->kind = TCT_KIND_RESET_RECEIVED;
		break;
	case TCT_END_RESET_SENT:
		out->kind = TCT_KIND_RESET_SENT;
		break;
	case TCT_END_DESTROYED:
		out->kind = TCT_KIND_DESTROYED;
		break;
	default:
		out->kind = TCT_KIND_UNKNOWN;
	}
}
