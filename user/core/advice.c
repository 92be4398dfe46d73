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

static const char *const close_wait[TCT_VERDICTS] = {
	[TCT_EOF_READ_NOT_CLOSED] =
		"the program read the EOF and did not close(): a descriptor leak",
	[TCT_EOF_NOT_READ] =
		"the program never read the EOF: it is blocked, or does not poll this socket",
	[TCT_UNREAD_DATA] =
		"data and the EOF wait unread: the program is blocked, or does not poll this socket",
	[TCT_NOT_ACCEPTED] =
		"still in the accept queue: the program is not calling accept()",
};

const char *tct_stuck_rule(enum tct_state state)
{
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].state == state)
			return rules[i].rule;
	}
	return NULL;
}

const char *tct_advice(enum tct_state state, enum tct_verdict verdict, bool held)
{
	if (state == TCT_CLOSE_WAIT && verdict < TCT_VERDICTS && close_wait[verdict])
		return close_wait[verdict];
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].state == state)
			return held ? rules[i].held : rules[i].orphan;
	}
	return "";
}
