// SPDX-License-Identifier: GPL-2.0
#include "closing.h"

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
		closing->half_close = rec->shutdown == TCT_SEND_SHUTDOWN;
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
	closing->dwell_ns[rec->from] = dwell_ns;
	if (rec->to != TCT_CLOSE) {	/* that reset did not end it */
		closing->reset_sent = false;
		closing->reset_reason = NULL;
	}
	learn_process(closing, rec);
	left(closing, rec);
	entered(closing, rec);
}
