// SPDX-License-Identifier: GPL-2.0
/* The daemon: a run whose sinks are figures, journal and commands, and a thread that answers HTTP. */
#include <string.h>
#include <unistd.h>
#include "../log.h"
#include "../serve/config.h"
#include "../serve/http.h"
#include "../serve/rules.h"
#include "../sink/fan.h"
#include "../source/clock.h"
#include "../source/kernel.h"
#include "../source/stats.h"
#include "cmd.h"
#include "output.h"
#include "run.h"

#define SECOND 1000000000ull
#define UPDATE_MAX_NS (5 * SECOND)	/* so old are a finding's numbers at most */

struct serve {
	struct tct_serve_config config;
	struct tct_options options;	/* its own, with the thresholds that rules need */
	struct tct_session *session;	/* NULL: what was there is not known yet */
	struct tct_output output;
	struct tct_rules rules;
	struct tct_figures figures;
	struct tct_desk desk;
	struct tct_routes routes;
	struct tct_http *http;
	struct tct_fan fan;
	int stats_fd;		/* holds the kernel's statistics; -1: none */
	uint64_t next_tick_ns;
};

/* What is about the run itself goes to stderr; events do not. */
static struct tct_sink messages_of(const struct tct_output *output)
{
	struct tct_sink sink = output->messages;

	sink.transition = NULL;
	sink.time_wait = NULL;
	sink.teardown = NULL;
	sink.finding = NULL;
	return sink;
}

static void on_attached(void *ctx, const struct tct_loader *loader)
{
	struct serve *serve = ctx;

	serve->figures.loader = loader;
	serve->figures.start_ns = tct_clock_mono_ns();
}

static void on_seeded(void *ctx, struct tct_session *session)
{
	struct serve *serve = ctx;

	serve->session = session;
	serve->figures.shards = &session->shards;
}

static bool look_up(void *ctx, uint32_t id, uint32_t *count, uint64_t *entered_ns)
{
	const struct serve *serve = ctx;
	struct tct_standing standing;

	if (!serve->session || !tct_stuck_find(&serve->session->shards.stuck, id, &standing))
		return false;
	*count = standing.count;
	*entered_ns = standing.oldest_ns;
	return true;
}

/* The detector looks as early as any rule wants, and the rules keep back what is too early. */
static void set_rules(struct serve *serve, uint64_t now_ns)
{
	const struct tct_serve_config *config = &serve->config;

	serve->options = config->options;
	tct_rule_thresholds(config->rules, config->rule_count, config->options.threshold_ns,
			    serve->options.threshold_ns);
	tct_rules_set(&serve->rules, config->rules, config->rule_count,
		      config->options.threshold_ns, now_ns);
	if (serve->session)
		tct_session_set_thresholds(serve->session, serve->options.threshold_ns);
}

static void follow_clock(struct serve *serve)
{
	uint64_t offset_ns = serve->output.json.real_offset_ns;

	if (offset_ns == serve->figures.real_offset_ns)
		return;
	serve->figures.real_offset_ns = offset_ns;
	tct_board_set_clock(&serve->figures.board, offset_ns);
}

/* About once a second, while there is anybody to wait for. */
static void tick(struct serve *serve, uint64_t now_ns)
{
	if (now_ns < serve->next_tick_ns)
		return;
	serve->next_tick_ns = now_ns + SECOND;
	tct_http_tick(serve->http, now_ns);
	tct_board_tick(&serve->figures.board, now_ns);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t settle(void *ctx, uint64_t now_ns)
{
	struct serve *serve = ctx;

	follow_clock(serve);
	tct_rules_tick(&serve->rules, now_ns);
	tct_desk_serve(&serve->desk);
	tick(serve, now_ns);
	return earlier(tct_rules_deadline(&serve->rules),
		       tct_http_has_connections(serve->http) ? serve->next_tick_ns
							     : TCT_SESSION_NEVER);
}

static enum tct_exit run(struct serve *serve)
{
	struct tct_sink ruled, sink;
	const struct tct_rules_config rules = {
		.next = &ruled, .service = tct_service_name, .look_up = look_up, .ctx = serve,
	};
	const struct tct_run_config config = {
		.options = &serve->options,
		.output = &serve->output,
		.sink = &sink,
		.messages = &serve->output.messages,
		.detect = true,
		.update_max_ns = UPDATE_MAX_NS,
		.attached = on_attached,
		.hooks = { .settle = settle, .seeded = on_seeded, .ctx = serve },
	};
	const struct tct_http_config http = {
		.listen = serve->config.listen, .fd = -1, .address = serve->config.options.listen,
		.max_connections = serve->config.max_connections,
		.timeout_ns = serve->config.web_timeout_ns, .routes = &serve->routes,
	};
	enum tct_exit status;

	tct_fan_init(&serve->fan, &ruled);
	tct_rules_init(&serve->rules, &rules, &sink);
	set_rules(serve, tct_clock_mono_ns());
	serve->http = tct_http_start(&http);
	status = serve->http ? tct_run(&config) : TCT_EXIT_FAILURE;
	tct_desk_close(&serve->desk);
	tct_http_stop(serve->http);
	tct_rules_fini(&serve->rules);
	return status;
}

static void hold_stats(struct serve *serve)
{
	serve->stats_fd = serve->config.bpf_stats ? tct_stats_hold() : -1;
	if (serve->config.bpf_stats && serve->stats_fd < 0)
		tct_log_error("the kernel keeps no statistics of BPF programs: %s",
			      strerror(-serve->stats_fd));
	serve->figures.costs = serve->stats_fd >= 0 || tct_stats_are_kept();
}

static enum tct_exit start(struct serve *serve)
{
	struct tct_sink *sinks = serve->fan.to;
	uint16_t first, last;

	tct_output_init(&serve->output, &serve->config.options);
	tct_kernel_port_range(&first, &last);
	if (tct_figures_init(&serve->figures, serve->config.max_services, first, last, sinks)) {
		tct_log_error("out of memory");
		return TCT_EXIT_FAILURE;
	}
	sinks[TCT_FIGURES_SINKS] = messages_of(&serve->output);
	serve->fan.count = TCT_FIGURES_SINKS + 1;
	tct_desk_init(&serve->desk);
	serve->routes = (struct tct_routes){ .desk = &serve->desk, .figures = &serve->figures };
	hold_stats(serve);
	return run(serve);
}

enum tct_exit tct_cmd_serve(const struct tct_options *options)
{
	static struct serve serve;	/* large, and one a process */
	enum tct_exit status = tct_serve_config_read(&serve.config, options);

	if (status)
		return status;
	if (options->check_config) {
		puts("the configuration is fine");
	} else {
		status = start(&serve);
		tct_routes_fini(&serve.routes);
		tct_desk_fini(&serve.desk);
		tct_figures_fini(&serve.figures);
		if (serve.stats_fd >= 0)
			close(serve.stats_fd);
	}
	tct_serve_config_fini(&serve.config);
	return status;
}
