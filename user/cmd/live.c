// SPDX-License-Identifier: GPL-2.0
#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "../log.h"
#include "../source/clock.h"
#include "../source/files.h"
#include "../source/kallsyms.h"
#include "../source/kernel.h"
#include "../source/privilege.h"
#include "../source/reset_reason.h"
#include "../source/target.h"
#include "live_internal.h"
#include "output.h"
#include "signals.h"

#define READER_NICE (-10)

enum tct_exit tct_live_check_host(const struct tct_options *options)
{
	const char *missing;

	if (!tct_kernel_has_btf() && !options->btf) {
		tct_log_error("this kernel shows no BTF (/sys/kernel/btf/vmlinux): give its types "
			      "with --btf FILE, or build it with CONFIG_DEBUG_INFO_BTF=y");
		return TCT_EXIT_KERNEL;
	}
	missing = tct_privilege_missing(options->filter.netns_fd);
	if (missing) {
		tct_log_error("missing privilege %s: run as root (sudo tcpclose-trace)", missing);
		return TCT_EXIT_PRIVILEGE;
	}
	return TCT_EXIT_OK;
}

void tct_live_stuck_config(const struct tct_options *options, struct tct_stuck_config *config)
{
	tct_stuck_defaults(config);
	memcpy(config->threshold_ns, options->threshold_ns, sizeof(options->threshold_ns));
	config->cgroup_of = tct_target_cgroup_of;
	config->files_of = tct_files_of_process;
}

static void tell_ready(struct live *live)
{
	const enum tct_provider *chosen = tct_loader_choice(live->loader)->chosen;
	struct tct_ready ev = {
		.mono_ns = tct_clock_mono_ns(),
		.set_state = tct_provider_name(chosen[TCT_POINT_SET_STATE]),
		.time_wait = tct_provider_name(chosen[TCT_POINT_TIME_WAIT]),
		.time_wait_end = tct_provider_name(chosen[TCT_POINT_TIME_WAIT_END]),
		.reset = tct_provider_name(chosen[TCT_POINT_RESET]),
		.kernel = tct_kernel_release(),
		.mirrored = live->tracker.mirror.pool.live,
	};

	memcpy(ev.by_state, live->tracker.mirror.by_state, sizeof(ev.by_state));
	for (int s = 0; s < TCT_STATES; s++) {
		ev.by_state[s] += live->minis[s];
		ev.mirrored += live->minis[s];
	}
	if (live->selected.ready)
		live->selected.ready(live->selected.ctx, &ev);
}

static void tell_summary(struct live *live, const struct tct_sink *sink)
{
	struct tct_summary ev;
	uint64_t now_ns = tct_clock_mono_ns();

	tct_tracker_summary(&live->tracker, now_ns, &ev);
	tct_live_count_minis(live);
	for (int s = 0; s < TCT_STATES; s++)
		ev.mirrored += live->minis[s];
	ev.attempts = tct_loader_attempts(live->loader);
	ev.received = tct_ring_received(live->ring);
	ev.duration_ns = now_ns - live->start_ns;
	if (sink->summary)
		sink->summary(sink->ctx, &ev);
}

/* Reading what the hooks skipped is a system call a program: once a second, and when in doubt. */
static void update_losses(struct live *live, uint64_t now_ns, bool at_once)
{
	uint64_t ring = tct_loader_lost_ring(live->loader);

	tct_tracker_loss(&live->tracker, TCT_LOSS_RING, ring, now_ns);
	tct_tracker_loss(&live->tracker, TCT_LOSS_SINK, live->select.overflowed, now_ns);
	if (at_once || now_ns >= live->next_losses_ns) {
		live->next_losses_ns = now_ns + 1000000000ull;
		tct_tracker_loss(&live->tracker, TCT_LOSS_HOOK,
				 tct_loader_lost_hook(live->loader), now_ns);
	}
}

/* What did not come is judged by the time before: who is not run for a while has missed nothing. */
static int drain(struct live *live)
{
	uint64_t before_ns = tct_clock_mono_ns();
	int got = tct_ring_drain(live->ring);

	if (got >= 0 && tct_ring_is_drained(live->ring))
		live->complete_ns = before_ns;
	return got;
}

static void after_batch(struct live *live)
{
	uint64_t now_ns = tct_clock_mono_ns();

	update_losses(live, now_ns, live->tracker.mismatches);
	tct_tracker_judge(&live->tracker, now_ns);
	tct_tracker_settle(&live->tracker, live->complete_ns);
	tct_live_look_for_owners(live, now_ns);
	if (live->config->detect && tct_tracker_tick(&live->tracker, now_ns))
		tct_live_scan(live, tct_stuck_states(&live->tracker.stuck));
	if (live->config->settle)
		live->settles_ns = live->config->settle(live->config->ctx, now_ns);
	if (live->next_interval_ns && now_ns >= live->next_interval_ns) {
		live->next_interval_ns += live->config->options->interval_ns;
		live->config->interval(live->config->ctx);
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool is_enough(const struct live *live)
{
	return live->config->enough && *live->config->enough;
}

static uint64_t deadline(const struct live *live)
{
	uint64_t at = live->config->detect ? tct_tracker_deadline(&live->tracker) : UINT64_MAX;

	if (is_enough(live))
		return 0;
	if (live->config->options->duration_ns)
		at = earlier(at, live->start_ns + live->config->options->duration_ns);
	at = earlier(at, tct_tracker_settles_at(&live->tracker));
	if (live->config->settle)
		at = earlier(at, live->settles_ns);
	if (live->next_interval_ns)
		at = earlier(at, live->next_interval_ns);
	if (tct_live_wants_owners(live))
		at = earlier(at, live->next_owners_ns);
	return at;
}

static bool is_over(const struct live *live)
{
	uint64_t duration_ns = live->config->options->duration_ns;

	return duration_ns && tct_clock_mono_ns() >= live->start_ns + duration_ns;
}

/* USR1 asks for the totals so far; all other signals end the run. */
static bool ends(struct live *live)
{
	if (tct_signals_take_usr1())
		tell_summary(live, live->config->messages);
	return tct_signals_stop() || is_over(live) || is_enough(live);
}

static enum tct_exit loop(struct live *live)
{
	int got = 0;

	while (!ends(live)) {
		got = drain(live);
		if (got < 0)
			break;
		after_batch(live);
		if (tct_output_flush())
			return TCT_EXIT_FAILURE;
		got = tct_ring_wait(live->ring, deadline(live));
		if (got < 0)
			break;
	}
	if (got >= 0)
		return TCT_EXIT_OK;
	tct_log_error("reading events failed: %s", strerror(-got));
	return TCT_EXIT_FAILURE;
}

/* What came in between is told before the totals. */
static enum tct_exit finish(struct live *live)
{
	uint64_t now_ns;

	tct_loader_detach(live->loader);
	while (drain(live) > 0)
		;
	now_ns = tct_clock_mono_ns();
	live->next_owners_ns = 0;
	tct_live_look_for_owners(live, now_ns);
	update_losses(live, now_ns, true);
	tct_tracker_judge(&live->tracker, now_ns);
	tct_tracker_settle(&live->tracker, live->complete_ns);
	tct_tracker_flush(&live->tracker);
	tell_summary(live, &live->selected);
	return tct_output_flush();
}

/*
 * On a host that is out of CPU the reader has to run before the ring is full. It uses little of
 * it: being early costs the others nothing. Not being allowed to is no error.
 */
static void be_early(void)
{
	if (setpriority(PRIO_PROCESS, 0, READER_NICE))
		tct_log_verbose("no higher priority: %s", strerror(errno));
}

static enum tct_exit start_tracker(struct live *live, const struct tct_kallsyms *symbols)
{
	const struct tct_options *options = live->config->options;
	const struct tct_select_config selection = {
		/* totals are made of all events: -e is about what is printed */
		.types = live->config->detect ? options->types : TCT_SELECT_ALL,
		.states = options->states,
		.pid = options->pid,
	};
	struct tct_tracker_config config = {
		.hz = tct_clock_hz(),
		.sees_segments = tct_loader_sees_segments(live->loader),
		.minis_need_socket = options->filter.filter.by_cgroup,
		.cookieless = !tct_loader_makes_cookies(live->loader),
	};

	if (tct_loader_choice(live->loader)->chosen[TCT_POINT_RESET] != TCT_AUTO) {
		config.sees_resets = true;
		config.reset_reason = tct_reset_reason;
	}

	tct_live_stuck_config(options, &config.stuck);
	memcpy(config.end_symbols, symbols->ends, sizeof(config.end_symbols));
	if (tct_select_init(&live->select, &selection, live->config->sink, &live->selected) ||
	    tct_tracker_init(&live->tracker, &config, &live->selected)) {
		tct_log_error("out of memory");
		return TCT_EXIT_FAILURE;
	}
	return TCT_EXIT_OK;
}

/* Iterators need the kernel's own BTF: without, nothing is known of what was there before. */
static enum tct_exit load_snapshot(struct live *live)
{
	if (!tct_kernel_has_btf()) {
		tct_log_error("without the kernel's own BTF, sockets that are there already and "
			      "who holds them cannot be read: only what happens from now on is shown");
		return TCT_EXIT_OK;
	}
	return tct_snapshot_load(&live->snapshot, &live->config->options->filter,
				 tct_loader_makes_cookies(live->loader));
}

static enum tct_exit attach(struct live *live, const struct tct_kallsyms *symbols)
{
	const struct tct_options *options = live->config->options;
	const struct tct_loader_config config = {
		.filter = &options->filter,
		.btf = options->btf,
		.tw_timer_handler = symbols->tw_timer_handler,
		.only = options->probes,
		.ring_bytes = options->ring_bytes,
		.brief = live->brief,
	};

	return tct_loader_attach(&live->loader, &config);
}

/* Without addresses one cannot tell mini-sockets' timers from others. */
static void read_symbols(const struct live *live, struct tct_kallsyms *symbols)
{
	if (live->brief) {
		memset(symbols, 0, sizeof(*symbols));
		return;
	}
	tct_kallsyms_read(symbols);
	if (!symbols->found)
		tct_log_error("/proc/kallsyms shows no addresses (CAP_SYSLOG): why a TIME_WAIT "
			      "ended will be unknown");
}

/*
 * Attach first, then read what is there, then apply what happened since: no socket is missed, and
 * an event that the iterator's read already includes is recognised by its time.
 */
static enum tct_exit start(struct live *live, int stop_fd)
{
	struct tct_kallsyms symbols;
	enum tct_exit status;

	read_symbols(live, &symbols);
	status = attach(live, &symbols);
	if (!status)
		status = start_tracker(live, &symbols);
	if (!status)
		status = load_snapshot(live);
	if (status)
		return status;
	live->ring = tct_ring_new(tct_loader_ring_fd(live->loader),
				  tct_loader_asleep_flag(live->loader), stop_fd, tct_live_feed,
				  live);
	if (!live->ring) {
		tct_log_error("opening the ring buffer failed: %s", strerror(errno));
		return TCT_EXIT_FAILURE;
	}
	live->start_ns = tct_clock_mono_ns();
	if (live->config->interval && live->config->options->interval_ns)
		live->next_interval_ns = live->start_ns + live->config->options->interval_ns;
	if (tct_live_scan(live, TCT_ALL_STATES))
		return TCT_EXIT_FAILURE;
	if (tct_tracker_seeded(&live->tracker)) {
		tct_log_error("out of memory");
		return TCT_EXIT_FAILURE;
	}
	tell_ready(live);
	if (live->config->seeded)
		live->config->seeded(live->config->ctx, &live->tracker.mirror);
	return TCT_EXIT_OK;
}

enum tct_exit tct_live_run(const struct tct_live_config *config)
{
	struct live *live = calloc(1, sizeof(*live));
	enum tct_exit status = tct_live_check_host(config->options);
	int stop_fd;

	if (!live || status) {
		free(live);
		return status ? status : TCT_EXIT_FAILURE;
	}
	live->config = config;
	live->brief = config->detect && config->options->types == TCT_SELECT_FINDING;
	stop_fd = tct_signals_hold();
	be_early();
	status = start(live, stop_fd);
	tct_signals_release();
	if (!status)
		status = loop(live);
	if (!status)
		status = finish(live);
	tct_ring_free(live->ring);
	tct_loader_free(live->loader);
	tct_snapshot_free(live->snapshot);
	tct_tracker_fini(&live->tracker);
	tct_select_fini(&live->select);
	free(live);
	return status;
}
