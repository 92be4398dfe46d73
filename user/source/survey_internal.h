/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by a survey's life (survey.c) and what its threads read (survey_read.c). */
#ifndef TCT_SURVEY_INTERNAL_H
#define TCT_SURVEY_INTERNAL_H

#include <pthread.h>
#include "chunks.h"
#include "survey.h"

/* In the order in which what they read is taken. */
enum reader_kind { READER_SOCKETS, READER_OWNERS, READERS };

struct reader {
	struct tct_survey *survey;
	bool running;
	pthread_t thread;
	struct tct_chunks filled;	/* the thread's alone */
	struct tct_chunks waiting;	/* under the survey's lock, as what follows */
	bool over;
	int err;
};

struct tct_survey {
	struct tct_snapshot *snapshot;
	int netns_fd;		/* the only one to read; 0: all */
	bool once;		/* no event is waited for meanwhile */
	int event_fd;
	bool running;
	struct tct_survey_job job;
	uint64_t keys[TCT_KEYS_MAX];
	struct tct_survey_result result;	/* the sockets' reader's, while it runs */
	struct reader readers[READERS];
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t room;
	bool cancelled;
};

/* All that was filled. Waits for room; -ECANCELED when nobody will take it. */
int tct_survey_hand_over(struct reader *reader);

/* In the reader's thread, which goes into namespaces. 0 or a negative errno. */
int tct_survey_read_sockets(struct tct_survey *survey);
int tct_survey_read_owners(struct tct_survey *survey);

#endif
