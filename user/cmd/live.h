/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A live run: attach, seed from the iterators, then feed the tracker until a signal or the
 * duration ends it. All that is kernel, clock and signal is here; sinks get events only.
 */
#ifndef TCT_LIVE_H
#define TCT_LIVE_H

#include "../core/event.h"
#include "../core/mirror.h"
#include "../core/stuck.h"
#include "../options.h"

struct tct_live_config {
	const struct tct_options *options;
	const struct tct_sink *sink;	/* behind the selection by -e, -s and -p */
	const struct tct_sink *messages;	/* for what is said on stderr when asked (USR1) */
	bool detect;			/* run the stuck detector */
	void (*interval)(void *ctx);	/* every options->interval_ns, when both are set */
	/* after each batch of events; returns when to be called again without any, UINT64_MAX: never */
	uint64_t (*settle)(void *ctx, uint64_t now_ns);
	/* when what was there at the start is known */
	void (*seeded)(void *ctx, const struct tct_mirror *mirror);
	const bool *enough;	/* ends the run once it is set; NULL: nothing does */
	void *ctx;		/* of all */
};

/* Why this machine or this user cannot run live; TCT_EXIT_OK when it can. Logs one line. */
enum tct_exit tct_live_check_host(const struct tct_options *options);

/* The detector's settings for a live host, with the thresholds that the options ask for. */
void tct_live_stuck_config(const struct tct_options *options, struct tct_stuck_config *config);

enum tct_exit tct_live_run(const struct tct_live_config *config);

#endif
