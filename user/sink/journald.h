/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings to the systemd journal, each with fields that a query can ask for:
 *
 *   journalctl MESSAGE_ID=0f6c1e2a5d4b4c0e9a63d1b7c8f20001
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

#define TCT_JOURNALD_SERVICE_LEN 256	/* room for service() to write to */

struct tct_journald_config {
	/* What sd_journal_sendv() does; NULL: it does it. 0 or a negative errno. */
	int (*send)(void *ctx, const struct iovec *fields, int count);
	void *ctx;
	/* The name of the service that a process is of. */
	void (*service)(const char *cgroup, const char *comm, char *out);
	enum tct_severity least;	/* what is less is not told */
};

struct tct_journald {
	struct tct_journald_config config;
	uint64_t failed;	/* findings that the journal did not take */
};

void tct_journald_init(struct tct_journald *journald, const struct tct_journald_config *config,
		       struct tct_sink *ops);

/* Of a rule of a finding; NULL: it has none. */
const char *tct_journald_message_id(const char *rule);

/* Whether stderr is the journal's own: its lines get there anyhow, and fields are welcome. */
bool tct_journald_is_there(void);

#endif
