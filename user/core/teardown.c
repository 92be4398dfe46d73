// SPDX-License-Identifier: GPL-2.0
#include "teardown.h"

#include <errno.h>
#include <string.h>

#define ABORT_REASONS "tcp-abort-on-"	/* what tcp_close() gives */

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

static enum tct_closer closer_of(enum tct_state from, enum tct_kind kind)
{
	switch (kind) {
	case TCT_KIND_REFUSED:
	case TCT_KIND_RESET_RECEIVED:
		return TCT_CLOSER_REMOTE;
	case TCT_KIND_TIMEOUT:
	case TCT_KIND_UNREACHABLE:
	case TCT_KIND_REAPED:
		return TCT_CLOSER_NONE;
	case TCT_KIND_NEVER_OPENED:
	case TCT_KIND_RESET_SENT:
	case TCT_KIND_ABORT_UNREAD:
	case TCT_KIND_ABORT_LINGER:
	case TCT_KIND_DISCONNECTED:
	case TCT_KIND_REPAIR:
	case TCT_KIND_DESTROYED:
		return first_fin(from) ? first_fin(from) : TCT_CLOSER_LOCAL;
	case TCT_KIND_ORDERLY:
	case TCT_KIND_ORDERLY_MERGED:
	case TCT_KIND_SIMULTANEOUS:
	case TCT_KIND_UNKNOWN:
	case TCT_KINDS:
		break;
	}
	return first_fin(from);
}

static bool fin_taken(const struct tct_record_sock *rec)
{
	return rec->flags & TCT_SOCK_FIN;
}

static bool is_orphan(const struct tct_record_sock *rec)
{
	return rec->flags & TCT_SOCK_DEAD;
}

/* write_seq counts our FIN. */
static bool our_fin_acked(const struct tct_record_sock *rec)
{
	return rec->snd_una == rec->write_seq;
}

/* Bytes that nobody read; the peer's FIN counts as one in rcv_nxt. */
static int32_t unread_bytes(const struct tct_record_sock *rec)
{
	int32_t unread = (int32_t)(rec->rcv_nxt - fin_taken(rec) - rec->copied_seq);

	return unread > 0 ? unread : 0;
}

/* Both FINs have come and are acknowledged: as far as the peer can see, the end is orderly. */
static bool is_complete(const struct tct_record_sock *rec)
{
	switch (rec->from) {
	case TCT_FIN_WAIT2:
		return fin_taken(rec);
	case TCT_CLOSING:
	case TCT_LAST_ACK:
		return our_fin_acked(rec);
	default:
		return false;
	}
}

static enum tct_kind kind_of_complete(const struct tct_closing *closing, enum tct_state from)
{
	if (from == TCT_CLOSING)
		return TCT_KIND_SIMULTANEOUS;
	if (!closing->segs_seen)
		return TCT_KIND_UNKNOWN;
	return closing->merged ? TCT_KIND_ORDERLY_MERGED : TCT_KIND_ORDERLY;
}

/*
 * tcp_close() sets both directions down before it looks for unread data and for SO_LINGER; before,
 * only shutdown() and the peer's FIN do.
 */
static bool is_by_close(const struct tct_record_sock *rec)
{
	return rec->shutdown == TCT_SHUTDOWN_MASK && !is_orphan(rec) &&
	       (rec->from == TCT_ESTABLISHED || rec->from == TCT_CLOSE_WAIT);
}

/*
 * Data for an end that reads no more: tcp_rcv_state_process() treats it as if a reset had come,
 * and then sends one.
 */
static bool may_be_late_data(const struct tct_record_sock *rec)
{
	return rec->err == ECONNRESET && rec->shutdown & TCT_RCV_SHUTDOWN && !fin_taken(rec) &&
	       (rec->from == TCT_FIN_WAIT1 || rec->from == TCT_FIN_WAIT2);
}

static enum tct_kind kind_of_reset(const struct tct_record_sock *rec, enum tct_reset reset)
{
	if (!may_be_late_data(rec))
		return TCT_KIND_RESET_RECEIVED;
	switch (reset) {
	case TCT_RESET_SENT:
		return TCT_KIND_RESET_SENT;
	case TCT_RESET_NONE:
		return TCT_KIND_RESET_RECEIVED;
	case TCT_RESET_UNKNOWN:
		break;
	}
	return TCT_KIND_UNKNOWN;
}

static bool is_opening(const struct tct_record_sock *rec)
{
	return rec->from == TCT_SYN_SENT || rec->from == TCT_SYN_RECV;
}

/*
 * An ICMP error ends a connect at once. Later it is only remembered (sk_err_soft), and is what
 * tcp_write_err() reports when the retransmissions give up.
 */
static enum tct_kind kind_of_icmp(const struct tct_record_sock *rec)
{
	if (is_opening(rec))
		return rec->err == ECONNREFUSED ? TCT_KIND_REFUSED : TCT_KIND_UNREACHABLE;
	return rec->retransmits || rec->probes ? TCT_KIND_TIMEOUT : TCT_KIND_UNKNOWN;
}

static enum tct_kind kind_of_error(const struct tct_record_sock *rec, enum tct_reset reset)
{
	switch (rec->err) {
	case ECONNRESET:
	case EPIPE:
		return kind_of_reset(rec, reset);
	case ETIMEDOUT:
		return TCT_KIND_TIMEOUT;
	case ECONNABORTED:
		return TCT_KIND_DESTROYED;
	default:
		return kind_of_icmp(rec);
	}
}

/* Nobody holds it any more: the kernel gave it up, or data came for it. */
static enum tct_kind kind_of_orphan(const struct tct_closing *closing,
				    const struct tct_record_sock *rec, enum tct_reset reset)
{
	/* tcp_check_oom(), tcp_out_of_resources(), a namespace that goes */
	if (rec->from != TCT_FIN_WAIT2 || closing->reset_sent)
		return TCT_KIND_REAPED;
	if (rec->traits & TCT_TRAIT_LINGER2)
		return TCT_KIND_ABORT_LINGER;
	switch (reset) {
	case TCT_RESET_SENT:
		return TCT_KIND_RESET_SENT;
	case TCT_RESET_NONE:
		return TCT_KIND_REAPED;
	case TCT_RESET_UNKNOWN:
		break;
	}
	return TCT_KIND_UNKNOWN;
}

/*
 * By close(), or by a connect() to AF_UNSPEC. Both directions may have been down before: then only
 * the reset's reason tells which, where the kernel gives one (tcp_send_active_reset(), 6.12).
 */
static enum tct_kind kind_of_abort(const struct tct_closing *closing,
				   const struct tct_record_sock *rec)
{
	bool down = rec->shutdown == TCT_SHUTDOWN_MASK;
	bool either = down && closing->both_down, close = down && !either;

	if (closing->gap)	/* both may have been down */
		return TCT_KIND_UNKNOWN;
	if (either && closing->reset_reason)
		close = !strncmp(closing->reset_reason, ABORT_REASONS, strlen(ABORT_REASONS));
	else if (either && (unread_bytes(rec) || rec->flags & TCT_SOCK_ABORTS))
		return TCT_KIND_UNKNOWN;
	if (!close)
		return TCT_KIND_DISCONNECTED;
	if (unread_bytes(rec))
		return TCT_KIND_ABORT_UNREAD;
	return rec->flags & TCT_SOCK_ABORTS ? TCT_KIND_ABORT_LINGER : TCT_KIND_UNKNOWN;
}

/* Without an error the end was made on this host. */
static enum tct_kind kind_of_close(const struct tct_closing *closing,
				   const struct tct_record_sock *rec, enum tct_reset reset)
{
	if (is_opening(rec))
		return TCT_KIND_NEVER_OPENED;
	if (rec->traits & TCT_TRAIT_REPAIR)
		return TCT_KIND_REPAIR;
	if (is_orphan(rec))
		return kind_of_orphan(closing, rec, reset);
	/* its listener has closed; or a subflow of MPTCP */
	if (rec->flags & TCT_SOCK_QUEUED || closing->reset_sent)
		return TCT_KIND_RESET_SENT;
	return kind_of_abort(closing, rec);
}

enum tct_kind tct_teardown_kind(const struct tct_closing *closing,
				const struct tct_record_sock *rec, enum tct_state to,
				enum tct_reset reset)
{
	if (to == TCT_TIME_WAIT || is_complete(rec))
		return kind_of_complete(closing, rec->from);
	if (rec->err && !is_by_close(rec))
		return kind_of_error(rec, reset);
	return kind_of_close(closing, rec, reset);
}

bool tct_teardown_awaits_reset(const struct tct_closing *closing,
			       const struct tct_record_sock *rec, enum tct_state to)
{
	if (closing->reset_sent || to == TCT_TIME_WAIT || is_complete(rec))
		return false;
	if (rec->err && !is_by_close(rec))
		return may_be_late_data(rec);
	return rec->from != TCT_SYN_SENT && !(rec->traits & TCT_TRAIT_REPAIR);
}

enum tct_state tct_teardown_never_created(const struct tct_record_sock *rec, enum tct_state to,
					  enum tct_reset reset)
{
	if (to == TCT_TIME_WAIT || rec->from == TCT_LAST_ACK)
		return TCT_NONE;
	if (is_complete(rec))
		return TCT_TIME_WAIT;
	if (rec->from == TCT_FIN_WAIT2 && is_orphan(rec) && !rec->err &&
	    !(rec->traits & TCT_TRAIT_LINGER2) && reset == TCT_RESET_NONE)
		return TCT_FIN_WAIT2;
	return TCT_NONE;
}

static void copy_out(const struct tct_closing *closing, struct tct_teardown *out)
{
	for (int s = 0; s < TCT_STATES; s++)
		out->dwell_ns[s] = tct_closing_dwell(closing, s);
	out->fin_retransmits = closing->fin_retransmits;
	out->bytes_after_fin = closing->bytes_after_fin;
	out->reset_reason = closing->reset_reason;
	out->half_close_ns = closing->fin_seen ? 0 : TCT_UNKNOWN;
	out->retransmits = TCT_UNKNOWN;
	out->probes = TCT_UNKNOWN;
	out->unread_bytes = TCT_UNKNOWN;
	out->last_ack_lost = TCT_UNKNOWN;
	out->process = closing->process;
	out->signal = closing->signal;
}

void tct_teardown_make(const struct tct_closing *closing, const struct tct_record_sock *rec,
		       enum tct_state to, enum tct_reset reset, struct tct_teardown *out)
{
	copy_out(closing, out);
	out->kind = tct_teardown_kind(closing, rec, to, reset);
	out->closer = closer_of(rec->from, out->kind);
	out->retransmits = rec->retransmits;
	out->probes = rec->probes;
	if (out->kind == TCT_KIND_ABORT_UNREAD)
		out->unread_bytes = unread_bytes(rec);
	if (closing->half_close && first_fin(rec->from) == TCT_CLOSER_LOCAL)
		out->half_close_ns = tct_closing_dwell(closing, TCT_FIN_WAIT2);
	if (closing->half_close && first_fin(rec->from) == TCT_CLOSER_REMOTE)
		out->half_close_ns = tct_closing_dwell(closing, TCT_CLOSE_WAIT);
}

static enum tct_kind kind_of_mini(enum tct_end end)
{
	switch (end) {
	case TCT_END_FIN_ARRIVED:
		return TCT_KIND_ORDERLY;
	case TCT_END_RESET:
		return TCT_KIND_RESET_RECEIVED;
	case TCT_END_RESET_SENT:
		return TCT_KIND_RESET_SENT;
	case TCT_END_DESTROYED:
		return TCT_KIND_DESTROYED;
	case TCT_END_EXPIRED:
	case TCT_END_PURGED:
	case TCT_END_REUSED_OUT:
	case TCT_END_REUSED_IN:
	case TCT_END_NEVER_CREATED:
		return TCT_KIND_REAPED;
	case TCT_END_UNKNOWN:
	case TCT_END_REARMED:
	case TCT_ENDS:
		break;
	}
	return TCT_KIND_UNKNOWN;
}

void tct_teardown_make_mini(const struct tct_closing *closing, enum tct_end end, int64_t dwell_ns,
			    struct tct_teardown *out)
{
	copy_out(closing, out);
	if (closing->half_close)	/* until close() handed it over */
		out->half_close_ns = tct_closing_dwell(closing, TCT_FIN_WAIT2);
	out->dwell_ns[TCT_FIN_WAIT2] = dwell_ns;
	out->kind = kind_of_mini(end);
	out->closer = closer_of(TCT_FIN_WAIT2, out->kind);
}
