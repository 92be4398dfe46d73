// SPDX-License-Identifier: GPL-2.0
#include "advice.h"

/* CLOSE_WAIT and LAST_ACK wait for our side, the others for the peer or the network. */
static const struct {
	enum tct_state state;
	const char *rule;
	const char *held;
	const char *orphan;
} rules[] = {
	{ TCT_CLOSE_WAIT, "stuck-close-wait",
	  "the peer has closed; this program must close() too",
	  "the peer has closed and no process holds the socket: it was never accepted, or its "
	  "holder just ended" },
	{ TCT_FIN_WAIT1, "stuck-fin-wait1",
	  "our FIN is not acknowledged: peer gone, network cut, or its window is closed",
	  "our FIN is not acknowledged; the kernel gives up after tcp_orphan_retries" },
	{ TCT_FIN_WAIT2, "stuck-fin-wait2",
	  "the peer has not closed; shutdown() without close() waits for ever",
	  "the peer has not closed; the kernel ends this after tcp_fin_timeout" },
	{ TCT_LAST_ACK, "stuck-last-ack",
	  "our FIN is not acknowledged: peer gone or network cut",
	  "our FIN is not acknowledged; the kernel gives up after tcp_orphan_retries" },
	{ TCT_CLOSING, "stuck-closing",
	  "both sides have closed, our FIN is not acknowledged",
	  "both sides have closed; the kernel gives up after tcp_orphan_retries" },
	{ TCT_SYN_RECV, "stuck-syn-recv",
	  "the handshake does not complete: the peer's ACK is missing",
	  "the handshake does not complete: the peer's ACK is missing" },
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

/* In whatever state; what is not here is told by the state. */
static const char *const verdicts[TCT_VERDICTS] = {
	[TCT_EOF_READ_NOT_CLOSED] =
		"the program read the EOF and has not closed: a leak, or still at work",
	[TCT_EOF_NOT_READ] =
		"the program never read the EOF: it is blocked, or does not poll this socket",
	[TCT_UNREAD_DATA] =
		"data and the EOF wait unread: the program is blocked, or does not poll this socket",
	[TCT_NOT_ACCEPTED] =
		"still in the accept queue: the program is not calling accept()",
	[TCT_STILL_SENDING] =
		"data still goes out and the peer takes it: this works, nothing to do",
	[TCT_STILL_RECEIVING] =
		"data still comes in after our FIN: this works, nothing to do",
	[TCT_HELD_BY_CHILD] =
		"only a forked child, or one that was passed it, holds it: that one must close() it",
	[TCT_ZERO_WINDOW] =
		"the peer's window is closed: its program does not read what we have sent",
};

static const char leak[] = "the program read the EOF and did not close(): a descriptor leak";

/* Of a CLOSE_WAIT: what waits for the peer is data, not our FIN. */
static const char close_wait_unacked[] =
	"the peer has closed and does not acknowledge our data: it is gone, or the network cut";

/* Of a request. */
static const char request_not_accepted[] =
	"the handshake is done: the accept queue is full, or the listener waits for data "
	"(TCP_DEFER_ACCEPT)";

const char *tct_stuck_rule(enum tct_state state)
{
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].state == state)
			return rules[i].rule;
	}
	return NULL;
}

const char *tct_advice(enum tct_state state, enum tct_verdict verdict, bool held, bool leaks)
{
	if (verdict == TCT_EOF_READ_NOT_CLOSED && leaks)
		return leak;
	if (state == TCT_NEW_SYN_RECV && verdict == TCT_NOT_ACCEPTED)
		return request_not_accepted;
	if (verdict < TCT_VERDICTS && verdicts[verdict])
		return verdicts[verdict];
	if (state == TCT_CLOSE_WAIT && verdict == TCT_NOT_ACKNOWLEDGED)
		return close_wait_unacked;
	if (state == TCT_NEW_SYN_RECV)	/* a request is SYN_RECV before it is a socket */
		state = TCT_SYN_RECV;
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].state == state)
			return held ? rules[i].held : rules[i].orphan;
	}
	return "";
}
