/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP's state machine as one const table: RFC 9293's edges, Linux's own, and nothing else.
 * A pair that is not in it is illegal, and so is one that only the RFC has when a kernel makes it.
 * Everything that knows about states reads this table: the checker, the names, the diagrams, the
 * tests. tests/model/ proves that its RFC edges are those of the RFC.
 */
#ifndef TCT_FSM_H
#define TCT_FSM_H

#include <stddef.h>
#include <stdint.h>

/* The kernel's numbers (include/net/tcp_states.h). */
enum tct_state {
	TCT_NONE,
	TCT_ESTABLISHED,
	TCT_SYN_SENT,
	TCT_SYN_RECV,
	TCT_FIN_WAIT1,
	TCT_FIN_WAIT2,
	TCT_TIME_WAIT,
	TCT_CLOSE,
	TCT_CLOSE_WAIT,
	TCT_LAST_ACK,
	TCT_LISTEN,
	TCT_CLOSING,
	TCT_NEW_SYN_RECV,
	TCT_STATES
};

enum tct_edge_kind {
	TCT_EDGE_ILLEGAL,	/* what the step returns for a pair that no Linux makes */
	TCT_EDGE_RFC,		/* RFC 9293, section 3.3.2 and 3.10 */
	TCT_EDGE_RFC_ONLY,	/* allowed by RFC 9293, made by no Linux: in the table alone */
	TCT_EDGE_LINUX,		/* made by Linux, not in the RFC */
};

struct tct_edge {
	enum tct_state from;
	enum tct_state to;
	enum tct_edge_kind kind;
	const char *event;	/* in RFC words */
	const char *source;	/* RFC section or kernel function */
};

/* All edges, in the table's order. */
const struct tct_edge *tct_fsm_edges(size_t *count);

/* The edge's row, or NULL when there is none. */
const struct tct_edge *tct_fsm_find(enum tct_state from, enum tct_state to);

/* The pure step of a kernel's socket: what kind of edge this pair is, never TCT_EDGE_RFC_ONLY. */
enum tct_edge_kind tct_fsm_step(enum tct_state from, enum tct_state to);

/* The kernel's name; "UNKNOWN" outside the enum. */
const char *tct_state_name(enum tct_state state);

/* Accepts both `close-wait` and `CLOSE_WAIT`; TCT_NONE when it is no state. */
enum tct_state tct_state_parse(const char *name, size_t len);

#endif
