/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is remembered of a connection from its first FIN or reset on: the numbers of its
 * transitions that later decide how it ended (teardown.h).
 */
#ifndef TCT_CLOSING_H
#define TCT_CLOSING_H

#include "event.h"

#define TCT_CLOSING_DWELLS 8	/* states that a connection can be in before it ends */

struct tct_closing {
	int64_t dwells_ns[TCT_CLOSING_DWELLS];	/* tct_closing_dwell() */
	uint64_t at_first_fin;	/* bytes the other side had sent, or we had written, at that time */
	uint32_t segs;		/* segs_in at FIN_WAIT2, segs_out at CLOSE_WAIT */
	uint32_t segs_at_fin;	/* the same, when our FIN was queued */
	uint32_t rcv_nxt;	/* at FIN_WAIT2 */
	uint32_t retrans_at_fin;
	int64_t fin_retransmits;
	int64_t bytes_after_fin;
	const char *reset_reason;	/* of the last reset that was sent, NULL: not known */
	/* yes or no, and no bool: memory that was pinned by another may have anything here */
	uint8_t reset_sent;	/* one was, before the last transition */
	uint8_t fin_seen;		/* the first FIN's transition was observed */
	uint8_t segs_seen;
	uint8_t fin_alone;		/* nothing but our FIN could be sent again */
	uint8_t half_close;	/* shutdown(SHUT_WR), not close() */
	uint8_t merged;		/* FIN and ACK came in one segment */
	uint8_t backlog;		/* segs_in may be ahead of what led to FIN_WAIT2 */
	uint8_t behind_data;	/* our FIN was queued behind data that had not gone out */
	uint8_t both_down;	/* shutdown() and the peer's FIN left close() nothing to shut */
	uint8_t gap;	/* a step was not seen: what follows from all of them is not known */
	uint8_t process;	/* enum tct_process, of the one that closed it */
	uint8_t signal;
};

_Static_assert(sizeof(struct tct_closing) == 128, "two cache lines");

void tct_closing_init(struct tct_closing *closing);

/* How long it was in that state: TCT_UNKNOWN as well for one that a connection cannot be in. */
int64_t tct_closing_dwell(const struct tct_closing *closing, enum tct_state state);
void tct_closing_stayed(struct tct_closing *closing, enum tct_state state, int64_t dwell_ns);

/* A step was not seen. */
void tct_closing_gap(struct tct_closing *closing);

/* Each transition of a full socket, its last included; `dwell_ns` is that of rec->from. */
void tct_closing_step(struct tct_closing *closing, const struct tct_record_sock *rec,
		      int64_t dwell_ns);

#endif
