/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings to the systemd journal, each with fields that a query can ask for:
 *
 *   journalctl MESSAGE_ID=cfbdc5ab374647a0830d9f313ee1a062
 *   journalctl TCPCLOSE_SERVICE=nginx.service TCPCLOSE_STATUS=open
 *
 * MESSAGE (one line: what, how many, how old, who), MESSAGE_ID (one a rule, see journald.c),
 * PRIORITY (info 6, warning 4, critical 2, resolved 5), and what is known of TCPCLOSE_RULE,
 * _SEVERITY, _STATUS, _STATE, _VERDICT, _COUNT, _OLDEST_NS, _SERVICE, _PID, _COMM, _PORT,
 * _FINDING (its id) and _ADVICE.
 */
#ifndef TCT_SINK_JOURNALD_H
#define TCT_SINK_JOURNALD_H

#include <sys/uio.h>
#include "../core/event.h"
#include "remind.h"

struct tct_journald_config {
	/* What sd_journal_sendv() does; NULL: it does it. 0 or a negative errno. */
	int (*send)(void *ctx, const struct iovec *fields, int count);
	void *ctx;
	struct tct_remind_config remind;	/* which of them are told */
};

struct tct_journald {
	struct tct_journald_config config;
	struct tct_remind remind;
	uint64_t failed;	/* findings that the journal did not take */
};

void tct_journald_init(struct tct_journald *journald, const struct tct_journald_config *config,
		       struct tct_sink *ops);
void tct_journald_fini(struct tct_journald *journald);

/* Of a rule of a finding; NULL: it has none. */
const char *tct_journald_message_id(const char *rule);

/* Whether stderr is the journal's own: its lines get there anyhow, and fields are welcome. */
bool tct_journald_is_there(void);

#endif
