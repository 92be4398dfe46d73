/* SPDX-License-Identifier: GPL-2.0 */
/* A run of a recording instead of this kernel, which it does not touch. */
#ifndef TCT_REPLAY_H
#define TCT_REPLAY_H

#include "../record/reader.h"
#include "../record/sift.h"
#include "run.h"

struct tct_replay {
	struct tct_reader reader;
	struct tct_sift sift;
	struct tct_host host;
	struct tct_session session;
	uint64_t now_ns;	/* of the last input that had a time */
	uint64_t complete_ns;	/* of the last batch */
	bool over;		/* the command has enough, or its time is up */
	bool finished;		/* its FINISH was read: what follows is the last look */
	bool looked;		/* all of which was read */
};

/*
 * All of it; of a run with `once` its last look. What is damaged is told in one line after its
 * good part. To be ended by tct_replay_fini() in any case.
 */
enum tct_exit tct_replay_run(struct tct_replay *replay, const struct tct_run_config *run);
void tct_replay_fini(struct tct_replay *replay);

#endif
