// SPDX-License-Identifier: GPL-2.0
#include "../log.h"
#include "../sink/collect.h"
#include "../sink/diagram.h"
#include "cmd.h"
#include "output.h"
#include "run.h"

struct run {
	const struct tct_options *options;
	struct tct_diagram diagram;
	struct tct_output output;
};

static void print(void *ctx, uint64_t now_ns)
{
	struct run *run = ctx;

	tct_output_wait(&run->output);
	if (run->options->json)
		tct_diagram_json(&run->diagram, &run->output.json, now_ns);
	else if (run->options->format == TCT_FSM_DOT)
		tct_diagram_dot(&run->diagram, stdout);
	else if (run->options->format == TCT_FSM_MERMAID)
		tct_diagram_mermaid(&run->diagram, stdout);
	else if (run->options->format == TCT_FSM_SVG)
		tct_diagram_svg(&run->diagram, stdout);
	else
		tct_diagram_text(&run->diagram, stdout);
}

static enum tct_exit run_live(struct run *run)
{
	struct tct_collect collect = { .print = print, .ctx = run };
	struct tct_sink sink;
	const struct tct_run_config config = {
		.options = run->options,
		.output = &run->output,
		.sink = &sink,
		.messages = &run->output.messages,
	};
	enum tct_exit status;

	if (tct_diagram_init_live(&run->diagram, &collect.events)) {
		tct_log_error("out of memory");
		return TCT_EXIT_FAILURE;
	}
	collect.messages = run->output.sink;
	tct_collect_init(&collect, &sink);
	status = tct_run(&config);
	tct_diagram_fini(&run->diagram);
	return status;
}

enum tct_exit tct_cmd_fsm(const struct tct_options *options)
{
	struct run run = { .options = options };

	if (options->live) {
		tct_output_init_live(&run.output, options);
		return tct_output_end(&run.output, run_live(&run));
	}
	tct_output_init(&run.output, options);
	print(&run, 0);
	return tct_output_flush();
}
