/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a connection ended, from the numbers that its transitions carry. A field whose deciding
 * moment was not observed stays TCT_UNKNOWN, the kind `unknown`.
 */
#ifndef TCT_TEARDOWN_H
#define TCT_TEARDOWN_H

#include "event.h"

/* What is remembered of a connection from its first FIN or reset on. */
struct tct_closing {
	int64_t dwell_ns[TCT_STATES];
	uint32_t first_fin_seq;	/* what the other side had sent, or we had written, at that time */
	uint32_t segs;		/* segs_in at FIN_WAIT2, segs_out at CLOSE_WAIT */
	uint32_t retrans_at_fin;
	int64_t fin_retransmits;
	int64_t bytes_after_fin;
	const char *reset_reason;
	bool fin_seen;		/* the first FIN's transition was observed */
	bool segs_seen;
	bool fin_alone;		/* nothing but our FIN could be sent again */
	bool half_close;	/* shutdown(SHUT_WR), not close() */
	bool merged;		/* FIN and ACK came in one segment */
};

void tct_closing_init(struct tct_closing *closing);

/* Each transition of a full socket, its last included; `dwell_ns` is that of rec->from. */
void tct_closing_step(struct tct_closing *closing, const struct tct_record_sock *rec,
		      int64_t dwell_ns);

/* The connection ended by this transition; `to` is TIME_WAIT at a hand-over. */
void tct_closing_finish(const struct tct_closing *closing, const struct tct_record_sock *rec,
			enum tct_state to, struct tct_teardown *out);

/* The connection ended in a FIN_WAIT2 mini-socket that lived there for `dwell_ns`. */
void tct_closing_finish_mini(const struct tct_closing *closing, enum tct_end end, int64_t dwell_ns,
			     struct tct_teardown *out);

#endif
