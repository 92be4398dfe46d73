/* SPDX-License-Identifier: GPL-2.0 */
/* A session's tee that makes a recording of it; anonymised when asked. */
#ifndef TCT_RECORDER_H
#define TCT_RECORDER_H

#include "anonymize.h"
#include "writer.h"

struct tct_recorder {
	struct tct_writer writer;
	struct tct_anonymize anonymize;
	bool anonymous;
	bool failed;	/* a write did: from then on nothing is recorded */
};

/* 0 or a negative errno. What `path` names must not be there. */
int tct_recorder_open(struct tct_recorder *recorder, const char *path, const struct tct_host *host,
		      bool anonymous);

/* Takes one input; a struct tct_recorder as `ctx`, for struct tct_session_config. */
void tct_recorder_take(void *ctx, const struct tct_input *input);

/* Writes the rest. 0, or what failed first, now or before. */
int tct_recorder_close(struct tct_recorder *recorder);

#endif
