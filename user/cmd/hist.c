// SPDX-License-Identifier: GPL-2.0
#include <time.h>
#include "../sink/hist.h"
#include "../sink/collect.h"
#include "cmd.h"
#include "output.h"
#include "run.h"

struct run {
	struct tct_sink_hist hist;
	struct tct_output output;
	bool json;
	bool clock;		/* -T */
};

static void print_clock(const struct run *run, uint64_t now_ns)
{
	time_t now = (time_t)((now_ns + run->output.text.config.real_offset_ns) / 1000000000);
	char text[16];
	struct tm tm;

	strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&now, &tm));
	puts(text);
}

static void print(struct run *run, uint64_t now_ns)
{
	if (run->clock && !run->json)
		print_clock(run, now_ns);
	if (run->json)
		tct_sink_hist_json(&run->hist, &run->output.json, now_ns);
	else
		tct_sink_hist_print(&run->hist, stdout, tct_output_columns());
}

static void print_interval(void *ctx, uint64_t now_ns)
{
	struct run *run = ctx;

	if (tct_output_admits(&run->output, now_ns))
		print(run, now_ns);
}

static void print_last(void *ctx, uint64_t now_ns)
{
	struct run *run = ctx;

	tct_output_wait(&run->output);
	print(run, now_ns);
}

enum tct_exit tct_cmd_hist(const struct tct_options *options)
{
	struct run run = { .json = options->json, .clock = options->clock };
	struct tct_collect collect = { .print = print_last, .ctx = &run };
	struct tct_sink sink;
	const struct tct_run_config config = {
		.options = options,
		.output = &run.output,
		.sink = &sink,
		.messages = &run.output.messages,
		.hooks = { .interval = print_interval, .ctx = &run },
	};
	enum tct_exit status;

	tct_output_init_live(&run.output, options);
	tct_sink_hist_init(&run.hist, options->hist_state, &collect.events);
	collect.messages = run.output.sink;
	tct_collect_init(&collect, &sink);
	status = tct_output_end(&run.output, tct_run(&config));
	tct_sink_hist_fini(&run.hist);
	return status;
}
