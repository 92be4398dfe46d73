// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <string.h>
#include "live.h"

void tct_run_session(const struct tct_run_config *run, const struct tct_host *host,
		     struct tct_session_config *config)
{
	const struct tct_options *options = run->options;

	*config = (struct tct_session_config){
		.host = host,
		/* totals are made of all events: -e is about what is printed */
		.select.types = run->detect ? options->types : TCT_SELECT_ALL,
		.select.states = options->states,
		.select.pid = options->pid,
		.sink = run->sink,
		.messages = run->messages,
		.detect = run->detect,
		.interval_ns = options->interval_ns,
		.hooks = run->hooks,
	};
	tct_stuck_defaults(&config->stuck);
	memcpy(config->stuck.threshold_ns, options->threshold_ns, sizeof(options->threshold_ns));
}

enum tct_exit tct_run(const struct tct_run_config *config)
{
	return tct_live_run(config);
}
