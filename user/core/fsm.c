// SPDX-License-Identifier: GPL-2.0
#include "fsm.h"

#include <ctype.h>
#include <stdbool.h>

#define RFC TCT_EDGE_RFC
#define ONLY TCT_EDGE_RFC_ONLY
#define LNX TCT_EDGE_LINUX
#define ABORTED "RFC 9293 3.10.5, 3.10.7.4, 3.10.8"

/*
 * Linux has no state for a request before the third segment of the handshake: LISTEN to SYN_RECV
 * is the child's first.
 */
static const struct tct_edge edges[] = {
	/* opening */
	{ TCT_CLOSE, TCT_LISTEN, RFC, "passive OPEN", "RFC 9293 3.10.1" },
	{ TCT_CLOSE, TCT_SYN_SENT, RFC, "active OPEN, snd SYN", "RFC 9293 3.10.1" },
	{ TCT_LISTEN, TCT_SYN_RECV, RFC, "rcv SYN, snd SYN,ACK", "RFC 9293 3.10.7.2" },
	{ TCT_LISTEN, TCT_CLOSE, RFC, "CLOSE or ABORT", "RFC 9293 3.10.4, 3.10.5" },
	{ TCT_SYN_SENT, TCT_SYN_RECV, RFC, "rcv SYN, snd SYN,ACK", "RFC 9293 3.10.7.3" },
	{ TCT_SYN_SENT, TCT_ESTABLISHED, RFC, "rcv SYN,ACK, snd ACK", "RFC 9293 3.10.7.3" },
	{ TCT_SYN_SENT, TCT_CLOSE, RFC, "CLOSE, ABORT, RST or time-out",
	  "RFC 9293 3.10.4, 3.10.5, 3.10.7.3, 3.10.8" },
	{ TCT_SYN_RECV, TCT_ESTABLISHED, RFC, "rcv ACK of SYN", "RFC 9293 3.10.7.4" },
	{ TCT_SYN_RECV, TCT_FIN_WAIT1, RFC, "CLOSE, snd FIN", "RFC 9293 3.10.4" },
	{ TCT_SYN_RECV, TCT_CLOSE, RFC, "RST, ABORT or time-out", ABORTED },
	/* closing */
	{ TCT_ESTABLISHED, TCT_FIN_WAIT1, RFC, "CLOSE, snd FIN", "RFC 9293 3.10.4" },
	{ TCT_ESTABLISHED, TCT_CLOSE_WAIT, RFC, "rcv FIN, snd ACK", "RFC 9293 3.10.7.4" },
	{ TCT_FIN_WAIT1, TCT_FIN_WAIT2, RFC, "rcv ACK of FIN", "RFC 9293 3.10.7.4" },
	{ TCT_FIN_WAIT1, TCT_CLOSING, RFC, "rcv FIN, snd ACK", "RFC 9293 3.10.7.4" },
	{ TCT_FIN_WAIT2, TCT_TIME_WAIT, RFC, "rcv FIN, snd ACK", "RFC 9293 3.10.7.4" },
	{ TCT_CLOSING, TCT_TIME_WAIT, RFC, "rcv ACK of FIN", "RFC 9293 3.10.7.4" },
	{ TCT_CLOSE_WAIT, TCT_LAST_ACK, RFC, "CLOSE, snd FIN", "RFC 9293 3.10.4" },
	{ TCT_LAST_ACK, TCT_CLOSE, RFC, "ACK of FIN, RST, ABORT or time-out", ABORTED },
	{ TCT_TIME_WAIT, TCT_CLOSE, RFC, "2MSL time-out, RST or ABORT", ABORTED },
	/* tcp_done() */
	{ TCT_ESTABLISHED, TCT_CLOSE, RFC, "RST, ABORT or time-out", ABORTED },
	{ TCT_FIN_WAIT1, TCT_CLOSE, RFC, "RST, ABORT or time-out", ABORTED },
	{ TCT_FIN_WAIT2, TCT_CLOSE, RFC, "RST, ABORT or time-out", ABORTED },
	{ TCT_CLOSE_WAIT, TCT_CLOSE, RFC, "RST, ABORT or time-out", ABORTED },
	{ TCT_CLOSING, TCT_CLOSE, RFC, "RST, ABORT or time-out", ABORTED },
	/* the RFC's, and why Linux does not make it: connect() on a listener is EISCONN */
	{ TCT_LISTEN, TCT_SYN_SENT, ONLY, "SEND or active OPEN, snd SYN",
	  "RFC 9293 3.10.1, 3.10.2" },
	/* the child is closed, its listener never left LISTEN */
	{ TCT_SYN_RECV, TCT_LISTEN, ONLY, "rcv RST or SYN, after passive OPEN",
	  "RFC 9293 3.10.7.4" },
	/* FIN_WAIT2 is entered in between, even when one segment carries both ACK and FIN */
	{ TCT_FIN_WAIT1, TCT_TIME_WAIT, ONLY, "rcv FIN,ACK of FIN, snd ACK", "RFC 9293 3.10.7.4" },
	/* the SYN ends TIME_WAIT and goes to the listener */
	{ TCT_TIME_WAIT, TCT_SYN_RECV, ONLY, "rcv SYN that reopens, snd SYN,ACK", "RFC 9293 3.6.1" },
	{ TCT_SYN_RECV, TCT_TIME_WAIT, ONLY, "snd RST, or the SYN was old", "RFC 9293 3.5.2, 3.6.1" },
	/* who sends a reset does not linger */
	{ TCT_ESTABLISHED, TCT_TIME_WAIT, ONLY, "snd RST", "RFC 9293 3.5.2" },
	{ TCT_CLOSE_WAIT, TCT_TIME_WAIT, ONLY, "snd RST", "RFC 9293 3.5.2" },
	{ TCT_LAST_ACK, TCT_TIME_WAIT, ONLY, "snd RST", "RFC 9293 3.5.2" },
	/* Linux's own */
	{ TCT_CLOSE, TCT_CLOSE, LNX, "destroyed while closed", "tcp_abort()" },
	/* new_state[] of tcp_close_state() names the state again when close() follows shutdown() */
	{ TCT_FIN_WAIT1, TCT_FIN_WAIT1, LNX, "close() after shutdown()", "tcp_close_state()" },
	{ TCT_FIN_WAIT2, TCT_FIN_WAIT2, LNX, "close() after shutdown()", "tcp_close_state()" },
	{ TCT_CLOSING, TCT_CLOSING, LNX, "close() after shutdown()", "tcp_close_state()" },
	{ TCT_LAST_ACK, TCT_LAST_ACK, LNX, "close() after shutdown()", "tcp_close_state()" },
};

#define EDGE_COUNT (sizeof(edges) / sizeof(edges[0]))

static const char *const names[TCT_STATES] = {
	[TCT_NONE] = "UNKNOWN",
	[TCT_ESTABLISHED] = "ESTABLISHED",
	[TCT_SYN_SENT] = "SYN_SENT",
	[TCT_SYN_RECV] = "SYN_RECV",
	[TCT_FIN_WAIT1] = "FIN_WAIT1",
	[TCT_FIN_WAIT2] = "FIN_WAIT2",
	[TCT_TIME_WAIT] = "TIME_WAIT",
	[TCT_CLOSE] = "CLOSE",
	[TCT_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCT_LAST_ACK] = "LAST_ACK",
	[TCT_LISTEN] = "LISTEN",
	[TCT_CLOSING] = "CLOSING",
	[TCT_NEW_SYN_RECV] = "NEW_SYN_RECV",
};

const struct tct_edge *tct_fsm_edges(size_t *count)
{
	*count = EDGE_COUNT;
	return edges;
}

const struct tct_edge *tct_fsm_find(enum tct_state from, enum tct_state to)
{
	for (size_t i = 0; i < EDGE_COUNT; i++) {
		if (edges[i].from == from && edges[i].to == to)
			return &edges[i];
	}
	return NULL;
}

enum tct_edge_kind tct_fsm_step(enum tct_state from, enum tct_state to)
{
	const struct tct_edge *edge = tct_fsm_find(from, to);

	return edge && edge->kind != TCT_EDGE_RFC_ONLY ? edge->kind : TCT_EDGE_ILLEGAL;
}

const char *tct_state_name(enum tct_state state)
{
	return state < TCT_STATES ? names[state] : names[TCT_NONE];
}

/* FIN_WAIT1 is fin-wait-1 in ss: separators do not count. */
static bool same_name(const char *name, const char *text, size_t len)
{
	size_t i = 0;

	for (; *name; name++) {
		if (*name == '_')
			continue;
		while (i < len && (text[i] == '-' || text[i] == '_'))
			i++;
		if (i == len || toupper((unsigned char)text[i++]) != *name)
			return false;
	}
	return i == len;
}

enum tct_state tct_state_parse(const char *name, size_t len)
{
	for (enum tct_state s = TCT_ESTABLISHED; s < TCT_STATES; s++) {
		if (same_name(names[s], name, len))
			return s;
	}
	return TCT_NONE;
}
