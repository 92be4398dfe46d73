// SPDX-License-Identifier: GPL-2.0
/*
 * --mode=summary: the kernel side counts, and an iterator looks now and then for sockets that will
 * soon have been in their state for too long. Those are mirrored: their steps come by the ring.
 */
#include <stdlib.h>
#include <string.h>
#include "../log.h"
#include "../source/clock.h"
#include "../source/kernel.h"
#include "live_internal.h"

#define PERIOD_SHARE 4		/* of the smallest threshold */
#define PERIOD_MIN_NS 250000000ull
#define READING_SHARE 4	/* readings take at most one part in so many of the time */

void tct_live_choose_mode(struct live *live, const struct tct_run_config *run)
{
	const struct tct_options *options = run->options;

	live->summary = options->summary;
	live->tallies = live->summary && !(options->command == TCT_CMD_HIST &&
					   options->hist_state == TCT_TIME_WAIT);
	live->brief = !live->summary && run->detect && options->types == TCT_SELECT_FINDING;
	live->stays.next_ns = UINT64_MAX;
	live->stays.epoch = 1;
}

enum tct_exit tct_live_check_mode(const struct tct_options *options)
{
	if (!options->summary ||
	    (tct_kernel_has_btf() && tct_kernel_makes_cookies()))
		return TCT_EXIT_OK;
	tct_log_error("--mode=summary needs BTF and bpf_get_socket_cookie() for programs on "
		      "tracepoints (Linux 5.12): this kernel lacks it");
	return TCT_EXIT_KERNEL;
}

static uint64_t period_of(const struct live *live)
{
	const struct tct_stuck_config *config = &live->session.shards.stuck.config;
	uint64_t least_ns = UINT64_MAX, period_ns;

	for (int s = 0; s < TCT_STATES; s++) {
		if (config->threshold_ns[s] && config->threshold_ns[s] < least_ns)
			least_ns = config->threshold_ns[s];
	}
	if (least_ns == UINT64_MAX || !live->session.config.detect)
		return UINT64_MAX;
	period_ns = least_ns / PERIOD_SHARE;
	if (period_ns < PERIOD_MIN_NS)
		period_ns = PERIOD_MIN_NS;
	return period_ns > live->stays.took_ns * READING_SHARE
		       ? period_ns : live->stays.took_ns * READING_SHARE;
}

/*
 * What would pass its threshold before the reading after the next one, with half a period in hand
 * and the time that a scan for it takes, is told; and at first all that has been in such a state for
 * a time that nobody knows, and who holds it: that says how long a scan takes.
 */
void tct_live_stays_job(const struct live *live, struct tct_survey_job *job)
{
	const struct tct_stuck *stuck = &live->session.shards.stuck;
	uint64_t period_ns = period_of(live), early_ns = UINT64_MAX;

	*job = (struct tct_survey_job){
		.sockets = TCT_SURVEY_STAYS,
		.stays = { .epoch = live->stays.epoch, .keeps_minis = !live->began },
	};
	if (!live->tallies) {
		job->sockets = TCT_SURVEY_FULL;
		job->states = 1u << TCT_TIME_WAIT;
	} else if (period_ns != UINT64_MAX) {
		job->states = tct_stuck_states(stuck) | (live->began ? 0 : 1u << TCT_LISTEN);
		job->owner_states = live->began ? 0 : job->states;
		early_ns = period_ns / 2 * 3 + tct_pace_lead(&stuck->pace);
	}
	for (int s = 0; s < TCT_STATES; s++) {
		uint64_t threshold_ns = stuck->config.threshold_ns[s];

		if (threshold_ns > early_ns)
			job->stays.least_ns[s] = threshold_ns - early_ns;
	}
}

void tct_live_rest_from_stays(struct live *live, int err)
{
	const struct tct_survey_result *result = tct_survey_result(live->survey);
	uint64_t period_ns;

	live->seeding = false;
	live->stays.epoch += err != 0;	/* what was told and not taken is told again */
	live->stays.took_ns = result->sockets_ns - result->begin_ns;
	period_ns = period_of(live);
	live->stays.next_ns = period_ns == UINT64_MAX ? UINT64_MAX : result->end_ns + period_ns;
}

/* The ring waits meanwhile: what comes belongs behind what is read, as at the start. */
void tct_live_look_for_stays(struct live *live, uint64_t now_ns)
{
	struct tct_survey_job job;

	if (live->summary)
		tct_loader_see_room(live->loader, tct_survey_kept(live->survey).made);
	if (now_ns < live->stays.next_ns || live->look != TCT_LOOK_NONE)
		return;
	tct_live_stays_job(live, &job);
	live->seeding = true;
	if (tct_live_look_at(live, TCT_LOOK_STAYS, &job))
		tct_live_rest_from_stays(live, -1);
}

uint64_t tct_live_stays_deadline(const struct live *live)
{
	return live->look == TCT_LOOK_NONE ? live->stays.next_ns : UINT64_MAX;
}

uint64_t tct_live_unkept(const struct live *live)
{
	return live->summary ? tct_loader_unkept(live->loader) +
			       tct_survey_kept(live->survey).unkept : 0;
}

void tct_live_tell_tally(struct live *live, uint64_t now_ns)
{
	struct tct_tally *tally = live->summary ? malloc(sizeof(*tally)) : NULL;
	struct tct_input input = {
		.kind = TCT_IN_TALLY, .which = live->tallies, .now_ns = now_ns, .data = tally,
		.len = sizeof(*tally),
	};
	int err;

	if (!tally)
		return;
	err = tct_loader_tally(live->loader, tally);
	if (err)
		tct_log_error("reading what was counted failed: %s", strerror(-err));
	else
		tct_live_tell(live, &input);
	free(tally);
}

void tct_live_tell_interval(struct live *live, uint64_t now_ns)
{
	if (live->session.next_interval_ns && now_ns >= live->session.next_interval_ns)
		tct_live_tell_tally(live, now_ns);
}
