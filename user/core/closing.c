// SPDX-License-Identifier: GPL-2.0
#include "closing.h"

void tct_closing_init(struct tct_closing *closing)
{
	*closing = (struct tct_closing){
		.fin_retransmits = TCT_UNKNOWN,
		.bytes_after_fin = TCT_UNKNOWN,
	};
	for (int i = 0; i < TCT_CLOSING_DWELLS; i++)
		closing->dwells_ns[i] = TCT_UNKNOWN;
}

/* One more than its place; 0: none. */
static const uint8_t places[TCT_STATES] = {
	[TCT_SYN_SENT] = 1, [TCT_SYN_RECV] = 2, [TCT_ESTABLISHED] = 3, [TCT_FIN_WAIT1] = 4,
	[TCT_FIN_WAIT2] = 5, [TCT_CLOSE_WAIT] = 6, [TCT_LAST_ACK] = 7, [TCT_CLOSING] = 8,
};

int64_t tct_closing_dwell(const struct tct_closing *closing, enum tct_state state)
{
	return places[state] ? closing->dwells_ns[places[state] - 1] : TCT_UNKNOWN;
}

void tct_closing_stayed(struct tct_closing *closing, enum tct_state state, int64_t dwell_ns)
{
	if (places[state])
		closing->dwells_ns[places[state] - 1] = dwell_ns;
}

void tct_closing_gap(struct tct_closing *closing)
{
	closing->gap = true;
	closing->fin_seen = false;
	closing->segs_seen = false;
	closing->fin_alone = false;
	closing->half_close = false;
	closing->fin_retransmits = TCT_UNKNOWN;
	closing->bytes_after_fin = TCT_UNKNOWN;
}

/* Our FIN is queued now; a retransmission counts as the FIN's only if nothing else is in flight. */
static void fin_queued(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	closing->fin_alone = rec->snd_una == rec->write_seq;
	closing->behind_data = rec->snd_nxt != rec->write_seq;
	closing->retrans_at_fin = rec->total_retrans;
	if (closing->fin_alone)
		closing->fin_retransmits = 0;
}

/* Since the connection began, modulo nothing: sequence numbers wrap. */
static uint64_t bytes_written(const struct tct_record_sock *rec)
{
	return rec->bytes_acked + (uint32_t)(rec->write_seq - rec->snd_una);
}

/* The peer's FIN counts as one. */
static uint64_t bytes_received(const struct tct_record_sock *rec)
{
	return rec->bytes_received - (rec->flags & TCT_SOCK_FIN ? 1 : 0);
}

static void entered(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	switch (rec->to) {
	case TCT_FIN_WAIT1:
		fin_queued(closing, rec);
		closing->fin_seen = true;
		closing->half_close = rec->shutdown == TCT_SEND_SHUTDOWN;
		closing->both_down = rec->shutdown == TCT_SHUTDOWN_MASK;
		closing->at_first_fin = bytes_received(rec);
		closing->segs_at_fin = rec->segs_in;
		break;
	case TCT_FIN_WAIT2:
		closing->segs_seen = true;
		closing->segs = rec->segs_in;
		closing->rcv_nxt = rec->rcv_nxt;
		closing->backlog = rec->flags & TCT_SOCK_BACKLOG;
		break;
	case TCT_CLOSE_WAIT:
		closing->fin_seen = true;
		closing->at_first_fin = bytes_written(rec);
		closing->segs_seen = true;
		closing->segs = rec->segs_out;
		break;
	case TCT_LAST_ACK:
		fin_queued(closing, rec);
		closing->segs_at_fin = rec->segs_out;
		closing->both_down = true;
		break;
	case TCT_CLOSING:
		closing->both_down = true;
		break;
	}
}

/*
 * The peer's FIN came with the segment that led to FIN_WAIT2 if none was counted since. But segments
 * that wait for a system call to end are counted before they are looked at, and GRO may have made
 * one of several that carry data: then it is known only where our FIN had a single answer.
 */
static void judge_peers_fin(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	bool single = rec->segs_in - closing->segs_at_fin == 1;
	bool bare = rec->rcv_nxt - closing->rcv_nxt == 1;

	closing->merged = closing->segs_seen && rec->segs_in == closing->segs;
	if (closing->merged && !single && (closing->backlog || !bare))
		closing->segs_seen = false;
}

/*
 * Our FIN carried the acknowledgement of the peer's if no segment went out before it. Behind data it
 * did not go at once, and others went out in LAST_ACK. Where there was none, these may as well have
 * come after it, to answer what the peer sent again.
 */
static void judge_our_fin(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	uint32_t again = rec->total_retrans - closing->retrans_at_fin;
	int32_t first = (int32_t)(rec->segs_out - closing->segs_at_fin - again);

	if (!closing->merged || first <= 1)
		return;
	if (again || !closing->behind_data)
		closing->segs_seen = false;
	closing->merged = false;
}

static void count_received(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	closing->bytes_after_fin = (int64_t)(bytes_received(rec) - closing->at_first_fin);
}

static void left(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	bool sent_fin = rec->from == TCT_FIN_WAIT1 || rec->from == TCT_FIN_WAIT2 ||
			rec->from == TCT_CLOSING || rec->from == TCT_LAST_ACK;

	if (sent_fin && closing->fin_alone)
		closing->fin_retransmits = (int32_t)(rec->total_retrans - closing->retrans_at_fin);
	if (!closing->fin_seen)
		return;
	if (rec->from == TCT_CLOSE_WAIT) {
		closing->merged = closing->segs_seen && rec->segs_out == closing->segs;
		closing->bytes_after_fin = (int64_t)(bytes_written(rec) - closing->at_first_fin);
		closing->half_close = closing->bytes_after_fin > 0;
	}
	if (rec->from == TCT_LAST_ACK)
		judge_our_fin(closing, rec);
	if (rec->from == TCT_FIN_WAIT1 && rec->to == TCT_CLOSING)
		count_received(closing, rec);
	if (rec->from == TCT_FIN_WAIT2 && rec->to == TCT_CLOSE) {
		judge_peers_fin(closing, rec);
		count_received(closing, rec);
	}
}

/* A system call closed it, or the kernel on behalf of a process that ends. */
static void learn_process(struct tct_closing *closing, const struct tct_record_sock *rec)
{
	if (!(rec->flags & TCT_SOCK_TASK))
		return;
	closing->signal = rec->signal;
	if (!(rec->traits & TCT_TRAIT_EXITING))
		closing->process = TCT_PROCESS_RUNS;
	else
		closing->process = rec->signal ? TCT_PROCESS_KILLED : TCT_PROCESS_EXITED;
}

void tct_closing_step(struct tct_closing *closing, const struct tct_record_sock *rec,
		      int64_t dwell_ns)
{
	if (rec->from == rec->to)
		return;		/* close() after shutdown(): nothing is left, nothing entered */
	tct_closing_stayed(closing, rec->from, dwell_ns);
	if (rec->to != TCT_CLOSE) {	/* that reset did not end it */
		closing->reset_sent = false;
		closing->reset_reason = NULL;
	}
	learn_process(closing, rec);
	left(closing, rec);
	entered(closing, rec);
}
