// SPDX-License-Identifier: GPL-2.0
/* The recorder alone: of what it records it prints only what is about the run. */
#include "cmd.h"
#include "output.h"
#include "run.h"

enum tct_exit tct_cmd_record(const struct tct_options *options)
{
	struct tct_output output;
	struct tct_sink sink;
	const struct tct_run_config config = {
		.options = options,
		.output = &output,
		.sink = &sink,
		.messages = &output.messages,
		.detect = true,		/* so that a replay finds what a finding looks up */
	};

	tct_output_init_live(&output, options);
	sink = output.sink;
	sink.transition = NULL;
	sink.time_wait = NULL;
	sink.teardown = NULL;
	sink.finding = NULL;
	return tct_output_end(&output, tct_run(&config));
}
