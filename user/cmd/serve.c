// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <unistd.h>
#include "../log.h"
#include "../serve/daemon.h"
#include "cmd.h"
#include "output.h"
#include "run.h"
#include "signals.h"

#define UPDATE_MAX_NS 5000000000ull	/* so old are a finding's numbers at most */

struct serve {
	struct tct_daemon daemon;
	struct tct_output output;
};

static void on_attached(void *ctx, const struct tct_loader *loader)
{
	tct_daemon_attached(&((struct serve *)ctx)->daemon, loader);
}

static void on_seeded(void *ctx, struct tct_session *session)
{
	tct_daemon_seeded(&((struct serve *)ctx)->daemon, session);
}

static uint64_t settle(void *ctx, uint64_t now_ns)
{
	struct serve *serve = ctx;

	if (tct_signals_take_hup())
		tct_daemon_reload(&serve->daemon, now_ns);
	return tct_daemon_settle(&serve->daemon, serve->output.json.real_offset_ns, now_ns);
}

static enum tct_exit run(struct serve *serve, struct tct_serve_config *config,
			 const struct tct_options *options)
{
	struct tct_sink sink;
	const struct tct_run_config run = {
		.options = &serve->daemon.options,
		.output = &serve->output,
		.sink = &sink,
		.messages = &serve->output.messages,
		.detect = true,
		.update_max_ns = UPDATE_MAX_NS,
		.attached = on_attached,
		.hooks = { .settle = settle, .seeded = on_seeded, .ctx = serve },
	};
	enum tct_exit status;

	tct_output_init(&serve->output, &config->options);
	status = tct_daemon_start(&serve->daemon, config, options, &serve->output.messages,
				  &serve->output.printed, &sink);
	if (!status) {
		tct_signals_reload_on_hup();
		status = tct_run(&run);
	}
	tct_daemon_stop(&serve->daemon);
	tct_daemon_end(&serve->daemon);
	return status;
}

enum tct_exit tct_cmd_serve(const struct tct_options *options)
{
	struct tct_serve_config *config = calloc(1, sizeof(*config));
	static struct serve serve;	/* large, and one a process */
	enum tct_exit status = config ? tct_serve_config_read(config, options) : TCT_EXIT_FAILURE;

	if (status || options->check_config) {
		if (!status)
			puts("the configuration is fine");
		if (!status)
			tct_serve_config_fini(config);
		free(config);
		return status ? status : tct_output_flush();
	}
	return run(&serve, config, options);
}
