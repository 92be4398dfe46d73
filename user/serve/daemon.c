// SPDX-License-Identifier: GPL-2.0
#include "daemon.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../log.h"
#include "../session/session.h"
#include "../source/clock.h"
#include "../source/kernel.h"
#include "../source/stats.h"
#include "privileges.h"

#define SECOND 1000000000ull
#define REMIND_NS (300 * SECOND)	/* of a finding that lasts, in the journal; doubles */
#define REMIND_MAX_NS (3600 * SECOND)

static bool look_up(void *ctx, uint32_t id, uint32_t *count, uint64_t *entered_ns)
{
	const struct tct_daemon *daemon = ctx;
	struct tct_standing standing;

	if (!daemon->session || !tct_stuck_find(&daemon->session->shards.stuck, id, &standing))
		return false;
	*count = standing.count;
	*entered_ns = standing.oldest_ns;
	return true;
}

/* The detector looks as early as any rule wants, and the rules keep back what is too early. */
static void set_rules(struct tct_daemon *daemon, uint64_t now_ns)
{
	const struct tct_serve_config *config = daemon->config;

	tct_rule_thresholds(config->rules, config->rule_count, config->options.threshold_ns,
			    daemon->options.threshold_ns);
	tct_rules_set(&daemon->rules, config->rules, config->rule_count,
		      config->options.threshold_ns, now_ns);
	if (daemon->session)
		tct_session_set_thresholds(daemon->session, daemon->options.threshold_ns);
}

static struct tct_exec_config exec_config(const struct tct_alert_config *alert)
{
	return (struct tct_exec_config){
		.argv = alert->exec, .timeout_ns = alert->timeout_ns,
		.remind = { .least = alert->min_severity, .first_ns = alert->interval_ns,
			    .max_ns = alert->interval_ns },
	};
}

static bool tells_journal(const struct tct_alert_config *alert)
{
	return alert->journal == TCT_SWITCH_YES ||
	       (alert->journal == TCT_SWITCH_AUTO && tct_journald_is_there());
}

static struct tct_sink *add_sink(struct tct_daemon *daemon)
{
	return &daemon->fan.to[daemon->fan.count++];
}

/* What is about the run itself; events are for others. */
static struct tct_sink without_events(const struct tct_sink *messages)
{
	struct tct_sink sink = *messages;

	sink.transition = NULL;
	sink.time_wait = NULL;
	sink.teardown = NULL;
	sink.finding = NULL;
	return sink;
}

static void add_alerts(struct tct_daemon *daemon, const struct tct_sink *printed)
{
	const struct tct_alert_config *alert = &daemon->config->alert;
	const struct tct_journald_config journald = {
		.remind = { .least = TCT_INFO, .first_ns = REMIND_NS, .max_ns = REMIND_MAX_NS },
	};
	struct tct_sink *sink;

	if (tells_journal(alert)) {
		tct_journald_init(&daemon->journald, &journald, add_sink(daemon));
	} else if (printed) {
		sink = add_sink(daemon);
		*sink = (struct tct_sink){ .ctx = printed->ctx, .finding = printed->finding };
	}
}

static enum tct_exit add_sinks(struct tct_daemon *daemon, const struct tct_sink *messages,
			       const struct tct_sink *printed)
{
	const struct tct_exec_config exec = exec_config(&daemon->config->alert);
	uint16_t first, last;
	int err;

	tct_kernel_port_range(&first, &last);
	err = tct_figures_init(&daemon->figures, daemon->config->max_services, first, last,
			       daemon->fan.to);
	daemon->fan.count = TCT_FIGURES_SINKS;
	*add_sink(daemon) = without_events(messages);
	add_alerts(daemon, printed);
	daemon->exec = tct_exec_new(&exec, add_sink(daemon));
	if (!err && daemon->exec)
		return TCT_EXIT_OK;
	tct_log_error("out of memory");
	return TCT_EXIT_FAILURE;
}

static void hold_stats(struct tct_daemon *daemon)
{
	if (daemon->config->bpf_stats) {
		daemon->stats_fd = tct_stats_hold();
		if (daemon->stats_fd < 0)
			tct_log_error("the kernel keeps no statistics of BPF programs: %s",
				      strerror(-daemon->stats_fd));
	}
	daemon->figures.costs = daemon->stats_fd >= 0 || tct_stats_are_kept();
}

/* What the reader knows beside the figures. */
static void fill(void *ctx, struct tct_snapshot *out)
{
	const struct tct_daemon *daemon = ctx;

	if (!daemon->config->alert.exec)
		return;
	for (int i = 0; i < TCT_EXEC_RESULTS; i++)
		out->execs[out->exec_count++] = (struct tct_result_count){
			tct_exec_result_name(i), tct_exec_count(daemon->exec, i),
		};
}

struct starting {
	struct tct_http_config config;
	struct tct_http *http;
};

/* The thread that answers may touch nothing but what it is given. */
static void start_http(void *ctx)
{
	struct starting *starting = ctx;

	starting->http = tct_http_start(&starting->config);
}

static enum tct_exit listen_for_requests(struct tct_daemon *daemon)
{
	const struct tct_serve_config *config = daemon->config;
	struct starting starting = { .config = {
		.listen = config->listen, .fd = -1, .address = config->address,
		.max_connections = config->max_connections,
		.timeout_ns = config->web_timeout_ns, .routes = &daemon->routes,
	} };
	int err;

	if (config->listen.handed_over) {
		starting.config.fd = tct_notify_listen_fd();
		if (starting.config.fd < 0)
			return TCT_EXIT_FAILURE;
	}
	err = tct_privileges_run_without(start_http, &starting);
	if (err)
		tct_log_error("no thread to answer requests: %s", strerror(-err));
	daemon->http = starting.http;
	return daemon->http ? TCT_EXIT_OK : TCT_EXIT_FAILURE;
}

enum tct_exit tct_daemon_start(struct tct_daemon *daemon, struct tct_serve_config *config,
			       const struct tct_options *given, const struct tct_sink *messages,
			       const struct tct_sink *printed, struct tct_sink *sink)
{
	const struct tct_rules_config rules = {
		.next = &daemon->ruled, .look_up = look_up,
		.ctx = daemon,
	};
	enum tct_exit status;

	*daemon = (struct tct_daemon){
		.first = config, .config = config, .given = given, .options = config->options,
		.stats_fd = -1,
	};
	tct_notify_init(&daemon->notify);
	tct_desk_init(&daemon->desk);
	daemon->routes = (struct tct_routes){
		.desk = &daemon->desk, .figures = &daemon->figures, .fill = fill,
		.fill_ctx = daemon,
	};
	status = add_sinks(daemon, messages, printed);
	tct_fan_init(&daemon->fan, &daemon->ruled);
	tct_rules_init(&daemon->rules, &rules, sink);
	set_rules(daemon, tct_clock_mono_ns());
	if (status)
		return status;
	hold_stats(daemon);
	return listen_for_requests(daemon);
}

static void follow_clock(struct tct_daemon *daemon, uint64_t real_offset_ns)
{
	if (real_offset_ns == daemon->real_offset_ns)
		return;
	daemon->real_offset_ns = daemon->figures.real_offset_ns = real_offset_ns;
	tct_board_set_clock(&daemon->figures.board, real_offset_ns);
	tct_exec_set_clock(daemon->exec, real_offset_ns);
}

void tct_daemon_attached(void *ctx, const struct tct_loader *loader)
{
	struct tct_daemon *daemon = ctx;
	int err = tct_privileges_drop();
	char kept[256];

	tct_privileges_name(kept, sizeof(kept));
	tct_log_verbose("privileges from here on: %s", kept);
	if (err)
		tct_log_error("privileges that are not needed any more were not dropped: %s",
			      strerror(-err));
	follow_clock(daemon, tct_clock_real_offset_ns());	/* what is found is told before a batch */
	daemon->figures.loader = loader;
	daemon->figures.start_ns = tct_clock_mono_ns();
}

void tct_daemon_seeded(void *ctx, struct tct_session *session)
{
	struct tct_daemon *daemon = ctx;

	daemon->session = session;
	daemon->figures.shards = &session->shards;
	tct_notify_ready(&daemon->notify, tct_clock_mono_ns());
}

static void tell_systemd(struct tct_daemon *daemon, uint64_t now_ns)
{
	const struct tct_shards *shards = daemon->figures.shards;
	struct tct_notify_status status = { .findings = daemon->figures.board.count };

	tct_notify_progress(&daemon->notify, now_ns);
	if (!shards)
		return;
	status.mirrored = tct_shards_mirrored(shards);
	for (int i = 0; i < TCT_LOSS_PLACES; i++)
		status.lost += daemon->figures.metrics.counters.losses[i];
	tct_notify_tell_status(&daemon->notify, &status, now_ns);
}

/* About once a second, while there is anybody to wait for. */
static void tick(struct tct_daemon *daemon, uint64_t now_ns)
{
	uint16_t first, last;

	if (now_ns < daemon->next_tick_ns)
		return;
	daemon->next_tick_ns = now_ns + SECOND;
	tct_kernel_port_range(&first, &last);
	tct_figures_set_ports(&daemon->figures, first, last);
	tct_http_tick(daemon->http, now_ns);
	tct_board_tick(&daemon->figures.board, now_ns);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t tct_daemon_settle(struct tct_daemon *daemon, uint64_t real_offset_ns, uint64_t now_ns)
{
	uint64_t at = TCT_SESSION_NEVER;

	follow_clock(daemon, real_offset_ns);
	tct_rules_tick(&daemon->rules, now_ns);
	tct_exec_tick(daemon->exec, now_ns);
	tell_systemd(daemon, now_ns);
	tct_desk_serve(&daemon->desk);
	tick(daemon, now_ns);
	if (tct_http_has_connections(daemon->http))
		at = daemon->next_tick_ns;
	at = earlier(at, tct_rules_deadline(&daemon->rules));
	at = earlier(at, tct_exec_deadline(daemon->exec));
	return earlier(at, tct_notify_deadline(&daemon->notify));
}

static void give_back(struct tct_serve_config *config)
{
	if (config)
		tct_serve_config_fini(config);
	free(config);
}

static void come_into_force(struct tct_daemon *daemon, struct tct_serve_config *next,
			    uint64_t now_ns)
{
	const struct tct_exec_config exec = exec_config(&next->alert);
	struct tct_serve_config *before = daemon->config;

	daemon->config = next;
	set_rules(daemon, now_ns);
	tct_exec_set(daemon->exec, &exec);
	if (before != daemon->first)
		give_back(before);
}

void tct_daemon_reload(struct tct_daemon *daemon, uint64_t now_ns)
{
	struct tct_serve_config *next = calloc(1, sizeof(*next));

	tct_notify_reloading(&daemon->notify, now_ns);
	if (!next || tct_serve_config_read(next, daemon->given)) {
		free(next);
		tct_log_error("the configuration stays as it was");
	} else {
		tct_serve_config_tell_fixed(daemon->first, next);
		come_into_force(daemon, next, now_ns);
		tct_log_error("the configuration was read again");
	}
	tct_notify_ready(&daemon->notify, now_ns);
}

void tct_daemon_stop(struct tct_daemon *daemon)
{
	tct_notify_stopping(&daemon->notify);
	tct_desk_close(&daemon->desk);
	tct_http_stop(daemon->http);
	daemon->http = NULL;
}

void tct_daemon_end(struct tct_daemon *daemon)
{
	if (daemon->exec)
		tct_exec_free(daemon->exec);
	tct_journald_fini(&daemon->journald);
	tct_rules_fini(&daemon->rules);
	tct_routes_fini(&daemon->routes);
	tct_desk_fini(&daemon->desk);
	tct_figures_fini(&daemon->figures);
	if (daemon->stats_fd >= 0)
		close(daemon->stats_fd);
	if (daemon->config != daemon->first)
		give_back(daemon->config);
	give_back(daemon->first);
}
