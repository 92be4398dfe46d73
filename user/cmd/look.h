/* SPDX-License-Identifier: GPL-2.0 */
/* One look at what is there: what `stuck` prints, and what a recording ends with. */
#ifndef TCT_LOOK_H
#define TCT_LOOK_H

#include "../record/recorder.h"
#include "../source/survey.h"
#include "run.h"

/*
 * `run` is one with `once`, `host` must outlive the session; `recorder`, if there is one, has its
 * FINISH and gets all of it. Logs one line when it fails. The session is zeroed before and ended by
 * tct_session_fini() in any case.
 */
enum tct_exit tct_look_take(struct tct_session *session, const struct tct_run_config *run,
			    const struct tct_host *host, struct tct_survey *survey,
			    struct tct_recorder *recorder);

#endif
