// SPDX-License-Identifier: GPL-2.0
/* Watches for a while, then compares the mirror that came of it with the kernel's own sockets. */
#include "../log.h"
#include "../source/kernel.h"
#include "cmd.h"
#include "output.h"
#include "run.h"

#define WATCH_NS 1000000000ull	/* without -d */

struct run {
	struct tct_output output;
	bool done;
	bool told;
	bool differs;
};

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	struct run *run = ctx;

	run->done |= ev->asked;
	run->told = true;
	for (int d = 0; d < TCT_DRIFTS; d++)
		run->differs |= ev->drift[d] != 0;
	run->output.sink.audit(run->output.sink.ctx, ev);
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	const struct tct_sink *sink = &((struct run *)ctx)->output.sink;

	sink->difference(sink->ctx, ev);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	const struct tct_sink *sink = &((struct run *)ctx)->output.sink;

	sink->loss(sink->ctx, ev);
}

static enum tct_exit end_without(const struct tct_options *options)
{
	if (!options->replay) {
		tct_log_error("ended before its audit: nothing was compared");
		return TCT_EXIT_OK;
	}
	tct_log_error("'%s' has no audit of these sockets", options->replay);
	return TCT_EXIT_FAILURE;
}

enum tct_exit tct_cmd_audit(const struct tct_options *options)
{
	struct tct_options watch = *options;
	struct run run = { .done = false };
	const struct tct_sink sink = {
		.ctx = &run, .audit = on_audit, .difference = on_difference, .loss = on_loss,
	};
	const struct tct_run_config config = {
		.options = &watch,
		.output = &run.output,
		.sink = &sink,
		.messages = &run.output.messages,
		.audits = true,
		.hooks.enough = options->replay ? NULL : &run.done,
	};
	enum tct_exit status;

	if (!options->replay && !tct_kernel_has_btf()) {
		tct_log_error("an audit reads the kernel's sockets by iterators, which need the "
			      "kernel's own BTF (/sys/kernel/btf/vmlinux)");
		return TCT_EXIT_KERNEL;
	}
	if (!watch.duration_ns && !options->replay)
		watch.duration_ns = WATCH_NS;
	watch.audit_ns = 0;
	tct_output_init_live(&run.output, options);
	status = tct_output_end(&run.output, tct_run(&config));
	if (!status && !run.told)
		return end_without(options);
	return !status && run.differs ? TCT_EXIT_FINDINGS : status;
}
