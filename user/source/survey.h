/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads the sockets of every network namespace, in a thread of its own, which goes from one into the
 * next, and at the same time, in another thread, who holds them: the caller stays where it is and
 * reads events meanwhile. What the threads have read waits in bounded memory until it is taken, all
 * sockets first; when that is full, they wait. Which of a socket and its descriptor was read first
 * is not known: what was accepted, passed on or closed meanwhile may have no holder.
 */
#ifndef TCT_SURVEY_H
#define TCT_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "inodes.h"
#include "snapshot.h"

struct tct_survey;

enum tct_survey_sockets {
	TCT_SURVEY_NONE,	/* no sockets, no namespaces: owners alone */
	TCT_SURVEY_FULL,	/* TCT_ITER_SOCKETS */
	TCT_SURVEY_STAYS,	/* TCT_ITER_STAYS */
	TCT_SURVEY_PRESENT,	/* TCT_ITER_PRESENT */
};

struct tct_survey_job {
	enum tct_survey_sockets sockets;
	uint32_t states;	/* as tct_snapshot_want_states(); not of PRESENT */
	const uint64_t *keys;	/* as tct_snapshot_want_keys(), copied; not of PRESENT */
	size_t key_count;
	struct tct_snapshot_stays stays;	/* of STAYS only */
	uint32_t owner_states;	/* the descriptors of those; 0: none */
};

struct tct_survey_result {
	uint64_t begin_ns;
	uint64_t sockets_ns;		/* then all sockets were read; owners may not be */
	uint64_t end_ns;
	struct tct_inodes namespaces;	/* that were read to the end; the survey's */
	bool lists;			/* what follows is known */
	struct tct_inodes listed;	/* all that the kernel had; the survey's */
	uint32_t unread;		/* that are there, and were not, or not to the end */
	int unread_err;			/* why the last of these was not: a negative errno */
	uint32_t sockets;		/* records of sockets, requests not among them */
	uint32_t requests;		/* NEW_SYN_RECV */
};

/* As tct_snapshot_load(); with a filter's netns_fd that one is read and no other. */
enum tct_exit tct_survey_new(struct tct_survey **out, const struct tct_snapshot_config *config);

/* Ends a job that is under way. NULL is fine. */
void tct_survey_free(struct tct_survey *survey);

/* Readable when records can be taken or the job has ended. */
int tct_survey_fd(const struct tct_survey *survey);

/* One job at a time. 0 or a negative errno. */
int tct_survey_start(struct tct_survey *survey, const struct tct_survey_job *job);

/*
 * Hands on what has been read, some `most` records. Returns 1 while there is or may be more, 0 when
 * all was taken and the job is over, or a negative errno, the function's or the job's, which ends
 * it.
 */
int tct_survey_take(struct tct_survey *survey, tct_record_fn fn, void *ctx, int most);

/* Start and take all. */
int tct_survey_run(struct tct_survey *survey, const struct tct_survey_job *job, tct_record_fn fn,
		   void *ctx);

/* Of the job that was over last, until the next one starts. */
const struct tct_survey_result *tct_survey_result(const struct tct_survey *survey);

/* --mode=summary, also while a job is under way. */
struct tct_snapshot_kept tct_survey_kept(const struct tct_survey *survey);

#endif
