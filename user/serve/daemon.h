/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `serve` adds to a run: sinks that keep figures, tell the journal and run commands, a thread
 * that answers HTTP, and what is due between two batches of events.
 */
#ifndef TCT_DAEMON_H
#define TCT_DAEMON_H

#include "../sink/fan.h"
#include "../sink/journald.h"
#include "config.h"
#include "exec.h"
#include "http.h"
#include "notify.h"
#include "rules.h"

struct tct_session;

struct tct_daemon {
	struct tct_serve_config *first;	/* the run's own: what it uses of it stays as it was */
	struct tct_serve_config *config;	/* as read last */
	const struct tct_options *given;	/* the command line, to read it again with */
	struct tct_options options;	/* the run's, with the thresholds that rules need */
	struct tct_session *session;	/* NULL: what was there is not known yet */
	struct tct_figures figures;
	struct tct_rules rules;
	struct tct_fan fan;
	struct tct_sink ruled;		/* the fan, behind the rules */
	struct tct_journald journald;
	struct tct_exec *exec;
	struct tct_notify notify;
	struct tct_desk desk;
	struct tct_routes routes;
	struct tct_http *http;
	int stats_fd;			/* holds the kernel's statistics; -1: none */
	uint64_t real_offset_ns;
	uint64_t next_tick_ns;
};

/*
 * Takes over `config`. `messages` gets what is about the run itself, `printed`, unless it is NULL,
 * findings where no journal does; `sink` becomes the run's. Listens from here on. Logs one line when
 * it fails; tct_daemon_end() in any case. It must not move.
 */
enum tct_exit tct_daemon_start(struct tct_daemon *daemon, struct tct_serve_config *config,
			       const struct tct_options *given, const struct tct_sink *messages,
			       const struct tct_sink *printed, struct tct_sink *sink);

/* The run's events; ctx is the daemon. */
void tct_daemon_attached(void *ctx, const struct tct_loader *loader);
void tct_daemon_seeded(void *ctx, struct tct_session *session);

/*
 * After each batch. `real_offset_ns`: CLOCK_REALTIME minus CLOCK_MONOTONIC. When to be called again
 * without any event.
 */
uint64_t tct_daemon_settle(struct tct_daemon *daemon, uint64_t real_offset_ns, uint64_t now_ns);

/* HUP: the file is read again, and takes the place of what was read before if it is fine. */
void tct_daemon_reload(struct tct_daemon *daemon, uint64_t now_ns);

/* The run is over: nobody is answered any more. */
void tct_daemon_stop(struct tct_daemon *daemon);
void tct_daemon_end(struct tct_daemon *daemon);

#endif
