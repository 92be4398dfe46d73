/* SPDX-License-Identifier: GPL-2.0 */
/* A command's run, of this kernel or of a recording: its sinks and hooks, and the options. */
#ifndef TCT_RUN_H
#define TCT_RUN_H

#include "../options.h"
#include "../session/session.h"
#include "output.h"

struct tct_loader;

struct tct_run_config {
	const struct tct_options *options;
	struct tct_output *output;	/* gets the times of the run; NULL: there is none */
	const struct tct_sink *sink;	/* behind the selection by -e, -s and -p */
	const struct tct_sink *messages;	/* for what is said on stderr when asked (USR1) */
	bool detect;			/* run the stuck detector */
	bool audits;			/* ends with an audit, after the duration */
	bool once;			/* one look at what is there; of a recording, the last */
	struct tct_session_hooks hooks;
	uint64_t update_max_ns;		/* most between two updates of a finding; 0: the usual */
	/* live: when all is attached, before what is there is read; may be NULL; ctx: that of hooks */
	void (*attached)(void *ctx, const struct tct_loader *loader);
};

/* Live, or what --replay names. Logs one line when it fails. */
enum tct_exit tct_run(const struct tct_run_config *config);

/* The session's settings that both have in common; `host` must outlive the session. */
void tct_run_session(const struct tct_run_config *run, const struct tct_host *host,
		     struct tct_session_config *config);

#endif
