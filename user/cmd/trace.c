// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"
#include "output.h"
#include "run.h"

enum tct_exit tct_cmd_trace(const struct tct_options *options)
{
	struct tct_output output;
	const struct tct_run_config config = {
		.options = options,
		.output = &output,
		.sink = &output.sink,
		.messages = &output.messages,
		.detect = true,
	};

	tct_output_init_live(&output, options);
	return tct_output_end(&output, tct_run(&config));
}
