// SPDX-License-Identifier: GPL-2.0
/* How a live run starts: whether it can, its hooks, its session, its first reading. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../cmd/output.h"
#include "../log.h"
#include "../source/clock.h"
#include "../source/files.h"
#include "../source/kallsyms.h"
#include "../source/kernel.h"
#include "../source/memory.h"
#include "../source/privilege.h"
#include "../source/reset_reason.h"
#include "../source/target.h"
#include "live_internal.h"

#define PROCESSORS_A_SHARD 4

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

static char *cgroup_of(void *ctx, uint32_t pid)
{
	(void)ctx;
	return tct_target_cgroup_of(pid);
}

static bool files_of(void *ctx, uint32_t pid, struct tct_files *out)
{
	(void)ctx;
	return tct_files_of_process(pid, out);
}

const struct tct_lookups tct_live_lookups = { .cgroup_of = cgroup_of, .files_of = files_of };

static void name_provider(const struct live *live, enum tct_point point, char name[TCT_NAME_LEN])
{
	const char *known = tct_provider_name(tct_loader_choice(live->loader)->chosen[point]);

	snprintf(name, TCT_NAME_LEN, "%s", known ? known : "");
}

static void describe_host(struct live *live, const struct tct_kallsyms *symbols)
{
	struct tct_host *host = &live->host;

	*host = (struct tct_host){
		.start_ns = tct_clock_mono_ns(),
		.real_offset_ns = tct_clock_real_offset_ns(),
		.hz = tct_clock_hz(),
		.max_sockets = live->options->max_sockets ? live->options->max_sockets
							  : tct_mirror_bound(tct_memory_bytes()),
		.shards = tct_loader_shards(live->loader),
		.cookieless = !tct_loader_makes_cookies(live->loader),
		.sees_resets = tct_loader_choice(live->loader)->chosen[TCT_POINT_RESET] != TCT_AUTO,
		.sees_segments = tct_loader_sees_segments(live->loader),
		.minis_need_socket = live->options->filter.filter.by_cgroup,
		.holds_back = live->options->filter.filter.by_lport ||
			      live->options->filter.filter.by_rport,
		.brief = live->brief,
		.filter = tct_sift_filter(&live->options->filter),
		.reset_reason = tct_reset_reason,
	};
	live->real_offset_ns = host->real_offset_ns;
	snprintf(host->kernel, sizeof(host->kernel), "%s", tct_kernel_release());
	name_provider(live, TCT_POINT_SET_STATE, host->set_state);
	name_provider(live, TCT_POINT_TIME_WAIT, host->time_wait);
	name_provider(live, TCT_POINT_TIME_WAIT_END, host->time_wait_end);
	name_provider(live, TCT_POINT_RESET, host->reset);
	tct_reset_reason(0);	/* knows them before there are threads that ask */
	memcpy(host->end_symbols, symbols->ends, sizeof(host->end_symbols));
}

static void take(void *ctx, const struct tct_input *input)
{
	struct live *live = ctx;

	if (live->options->record)
		tct_recorder_take(&live->recorder, input);
	if (live->options->flight)
		tct_flight_take(&live->flight, input);
}

static enum tct_exit start_recording(struct live *live, struct tct_session_config *config)
{
	const struct tct_flight_config flight = {
		.dir = live->options->flight,
		.host = &live->host,
		.session = &live->session,
		.anonymous = live->options->anonymize,
		.bytes = TCT_FLIGHT_BYTES,
		.span_ns = TCT_FLIGHT_SPAN_NS,
		.rest_ns = TCT_FLIGHT_REST_NS,
		.told = tct_recording_told,
	};

	tct_flight_init(&live->flight, &flight);
	if (!live->options->record && !live->options->flight)
		return TCT_EXIT_OK;
	config->tee = take;
	config->tee_ctx = live;
	if (!live->options->record)
		return TCT_EXIT_OK;
	return tct_recording_open(&live->recorder, live->options, &live->host);
}

static enum tct_exit start_session(struct live *live, const struct tct_run_config *run,
				   const struct tct_kallsyms *symbols)
{
	struct tct_session_config config;
	enum tct_exit status;

	describe_host(live, symbols);
	tct_run_session(run, &live->host, &config);
	config.lookups = tct_live_lookups;
	status = start_recording(live, &config);
	if (status)
		return status;
	if (!tct_session_init(&live->session, &config) && !tct_live_resume(live))
		return TCT_EXIT_OK;
	tct_log_error("out of memory");
	return TCT_EXIT_FAILURE;
}

/* Iterators need the kernel's own BTF: without, nothing is known of what was there before. */
static enum tct_exit load_survey(struct live *live)
{
	const struct tct_snapshot_maps maps = {
		.stays_fd = tct_loader_stays_fd(live->loader),
		.minis_fd = tct_loader_minis_fd(live->loader),
	};
	const struct tct_snapshot_config config = {
		.filter = &live->options->filter,
		.cookies = tct_loader_makes_cookies(live->loader),
		.maps = live->summary ? &maps : NULL,
	};
	enum tct_exit status;

	if (!tct_kernel_has_btf()) {
		tct_log_error("without the kernel's own BTF, sockets that are there already and "
			      "who holds them cannot be read: only what happens from now on is shown");
		return TCT_EXIT_OK;
	}
	status = tct_survey_new(&live->survey, &config);
	if (!status && tct_ring_watch(live->ring, tct_survey_fd(live->survey))) {
		tct_log_error("waiting for what is read failed: %s", strerror(errno));
		status = TCT_EXIT_FAILURE;
	}
	return status;
}

/* One reader keeps up with what few processors can do; what is pinned has one ring. */
static uint32_t shards_wanted(const struct tct_options *options)
{
	long shards = sysconf(_SC_NPROCESSORS_ONLN) / PROCESSORS_A_SHARD;

	if (options->shards)
		return options->shards;
	if (shards < 1 || options->pin || options->summary)
		return 1;
	return shards < TCT_SHARDS_MAX ? (uint32_t)shards : TCT_SHARDS_MAX;
}

static enum tct_exit attach(struct live *live, const struct tct_kallsyms *symbols)
{
	const struct tct_options *options = live->options;
	const struct tct_loader_config config = {
		.filter = &options->filter,
		.btf = options->btf,
		.tw_timer_handler = symbols->tw_timer_handler,
		.only = options->probes,
		.ring_bytes = options->ring_bytes,
		.shards = shards_wanted(options),
		.brief = live->brief,
		.summary = live->summary,
		.max_sockets = options->max_sockets,
		.tallies = live->tallies,
		.pin = live->pin,
	};

	enum tct_exit status = tct_loader_attach(&live->loader, &config);

	if (status)
		return status;
	if (tct_loader_shards(live->loader) < options->shards) {
		tct_log_error("--shards %u: this kernel does not tell sockets apart from their "
			      "first event on: only --shards 1 works here", options->shards);
		return TCT_EXIT_KERNEL;
	}
	tct_log_verbose("shards: %u", tct_loader_shards(live->loader));
	return TCT_EXIT_OK;
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
 * Functions are attached to one after the other: until all are, some transitions of a socket are
 * told and others are not. What it has come to by then is read from the kernel.
 */
static bool is_whole(const struct live *live)
{
	enum tct_provider provider = tct_loader_choice(live->loader)->chosen[TCT_POINT_SET_STATE];

	return live->host.continued ||
	       (provider != TCT_FENTRY && provider != TCT_KPROBE);
}

static enum tct_exit open_ring(struct live *live, int stop_fd)
{
	struct tct_ring_config config = {
		.count = live->host.shards,
		.slots = tct_loader_slots(live->loader),
		.asleep = tct_loader_asleep_flag(live->loader),
		.stop_fd = stop_fd,
		.fn = tct_live_on_event,
		.foresee = tct_live_foresee,
		.ctx = live,
	};

	for (unsigned int i = 0; i < config.count; i++)
		config.map_fds[i] = tct_loader_ring_fd(live->loader, i);
	live->ring = tct_ring_new(&config);
	if (live->ring) {
		if (!is_whole(live))
			live->whole = tct_ring_ends(live->ring);
		tct_live_hold(live);
		return TCT_EXIT_OK;
	}
	tct_log_error("opening the ring buffer failed: %s", strerror(errno));
	return TCT_EXIT_FAILURE;
}

enum tct_exit tct_live_start(struct live *live, const struct tct_run_config *run, int stop_fd)
{
	struct tct_kallsyms symbols;
	enum tct_exit status;

	read_symbols(live, &symbols);
	status = tct_live_open_pin(live);
	if (!status)
		status = attach(live, &symbols);
	if (!status)
		status = start_session(live, run, &symbols);
	if (!status)
		status = open_ring(live, stop_fd);
	if (!status)
		status = load_survey(live);
	if (live->options->audit_ns)
		live->audit.next_ns = tct_clock_mono_ns() + live->options->audit_ns;
	if (live->host.continued)
		live->audit.next_ns = 0;
	return status;
}
