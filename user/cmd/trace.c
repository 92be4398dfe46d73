// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"
#include "output.h"
#include "run.h"

static void set_clock(void *ctx, uint64_t real_offset_ns)
{
	tct_output_set_clock(ctx, real_offset_ns);
}

enum tct_exit tct_cmd_trace(const struct tct_options *options)
{
	struct tct_output output;
	const struct tct_run_config config = {
		.options = options,
		.sink = &output.sink,
		.messages = &output.messages,
		.detect = true,
		.hooks = { .clock = set_clock, .ctx = &output },
	};

	tct_output_init_live(&output, options);
	return tct_output_end(&output, tct_run(&config));
}
