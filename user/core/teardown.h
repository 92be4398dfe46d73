/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a connection ended, from its last transition, the numbers of its closing, and whether this
 * host then sent a reset. What was not observed stays TCT_UNKNOWN, the kind `unknown`.
 */
#ifndef TCT_TEARDOWN_H
#define TCT_TEARDOWN_H

#include "closing.h"

/* A reset that this host sent after the last transition (tcp_send_reset). */
enum tct_reset {
	TCT_RESET_UNKNOWN,	/* nobody watches, or it may still come */
	TCT_RESET_NONE,
	TCT_RESET_SENT
};

/*
 * Whether a reset that follows belongs to this end, or decides its kind: tcp_close() and
 * disconnect send theirs after CLOSE, and so does a segment that comes for a closed end.
 */
bool tct_teardown_awaits_reset(const struct tct_closing *closing,
			       const struct tct_record_sock *rec, enum tct_state to);

/* Ended by this transition of a full socket; `to` is TIME_WAIT at a hand-over. */
void tct_teardown_make(const struct tct_closing *closing, const struct tct_record_sock *rec,
		       enum tct_state to, enum tct_reset reset, struct tct_teardown *out);

/* Of that the kind alone, which costs a part of it. */
enum tct_kind tct_teardown_kind(const struct tct_closing *closing,
				const struct tct_record_sock *rec, enum tct_state to,
				enum tct_reset reset);

/*
 * The substate of the mini-socket that should have followed and did not: bucket limit or no memory
 * (tcp_time_wait()). TCT_NONE when none was due.
 */
enum tct_state tct_teardown_never_created(const struct tct_record_sock *rec, enum tct_state to,
					  enum tct_reset reset);

/* Ended in a FIN_WAIT2 mini-socket that lived there for `dwell_ns`. */
void tct_teardown_make_mini(const struct tct_closing *closing, enum tct_end end, int64_t dwell_ns,
			    struct tct_teardown *out);

#endif
