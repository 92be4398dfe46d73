/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A live run: attach, seed from the iterators, then feed the session until a signal or the
 * duration ends it. All that is kernel, clock and signal is here; sinks get events only.
 */
#ifndef TCT_LIVE_H
#define TCT_LIVE_H

#include "../cmd/run.h"

/* Why this machine or this user cannot run live; TCT_EXIT_OK when it can. Logs one line. */
enum tct_exit tct_live_check_host(const struct tct_options *options);

/* Who asks this host about its processes. */
extern const struct tct_lookups tct_live_lookups;

enum tct_exit tct_live_run(const struct tct_run_config *config);

#endif
