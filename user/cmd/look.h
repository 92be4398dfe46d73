/* SPDX-License-Identifier: GPL-2.0 */
/* One look at what is there: what `stuck` prints, and what a recording ends with. */
#ifndef TCT_LOOK_H
#define TCT_LOOK_H

#include "../record/recorder.h"
#include "../source/survey.h"
#include "run.h"

struct tct_look {
	struct tct_host host;
	struct tct_session session;
};

/*
 * `run` is one with `once`; `recorder`, if there is one, has its FINISH and gets all of it. Logs
 * one line when it fails. To be ended by tct_look_fini() in any case.
 */
enum tct_exit tct_look_take(struct tct_look *look, const struct tct_run_config *run,
			    struct tct_survey *survey, struct tct_recorder *recorder);
void tct_look_fini(struct tct_look *look);

#endif
