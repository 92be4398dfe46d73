// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <string.h>
#include "../live/live.h"
#include "replay.h"

static void set_clock(void *output, uint64_t real_offset_ns)
{
	tct_output_set_clock(output, real_offset_ns);
}

/* One look tells nothing of states that are not shown: they need not be judged. */
static void leave_out(struct tct_stuck_config *config, uint32_t shown)
{
	for (int state = 0; state < TCT_STATES; state++) {
		if (!(shown >> state & 1))
			config->threshold_ns[state] = 0;
	}
}

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
	config->stuck.once = run->once;
	if (run->update_max_ns)
		config->stuck.update_max_ns = run->update_max_ns;
	if (run->once)
		config->stuck.threshold_ns[TCT_NEW_SYN_RECV] = options->threshold_ns[TCT_SYN_RECV];
	if (run->once && options->states)
		leave_out(&config->stuck, options->states);
	if (!run->output)
		return;
	tct_output_start(run->output, host->real_offset_ns, host->start_ns);
	config->set_clock = set_clock;
	config->clock = run->output;
}

enum tct_exit tct_run(const struct tct_run_config *config)
{
	struct tct_replay replay;
	enum tct_exit status;

	if (!config->options->replay)
		return tct_live_run(config);
	status = tct_replay_run(&replay, config);
	tct_replay_fini(&replay);
	return status;
}
