// SPDX-License-Identifier: GPL-2.0
#include <time.h>
#include "../sink/hist.h"
#include "../sink/collect.h"
#include "../source/clock.h"
#include "cmd.h"
#include "live.h"
#include "output.h"

struct run {
	struct tct_sink_hist hist;
	struct tct_output output;
	bool json;
	bool clock;		/* -T */
};

static void print_clock(void)
{
	time_t now = time(NULL);
	char text[16];
	struct tm tm;

	strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&now, &tm));
	puts(text);
}

static void print(void *ctx)
{
	struct run *run = ctx;

	if (run->clock && !run->json)
		print_clock();
	if (run->json)
		tct_sink_hist_json(&run->hist, &run->output.json, tct_clock_mono_ns());
	else
		tct_sink_hist_print(&run->hist, stdout, tct_output_columns());
}

enum tct_exit tct_cmd_hist(const struct tct_options *options)
{
	struct run run = { .json = options->json, .clock = options->clock };
	struct tct_collect collect = { .print = print, .ctx = &run };
	struct tct_sink sink;
	const struct tct_live_config config = {
		.options = options,
		.sink = &sink,
		.messages = &run.output.messages,
		.interval = print,
		.ctx = &run,
	};
	enum tct_exit status;

	tct_output_init(&run.output, options);
	tct_sink_hist_init(&run.hist, options->hist_state, &collect.events);
	collect.messages = run.output.sink;
	tct_collect_init(&collect, &sink);
	status = tct_live_run(&config);
	tct_sink_hist_fini(&run.hist);
	return status;
}
