// SPDX-License-Identifier: GPL-2.0
#include "survey_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "../log.h"
#include "clock.h"
#include "thread.h"

#define WAITING_MAX (16u << 20)		/* bytes that one reader has read, and nobody taken */
#define CHUNKS_MAX (WAITING_MAX / TCT_CHUNK_SIZE)
#define RUN_BATCH 65536

enum tct_exit tct_survey_new(struct tct_survey **out, const struct tct_snapshot_config *config)
{
	struct tct_survey *survey = calloc(1, sizeof(*survey));
	enum tct_exit status;

	if (!survey)
		return TCT_EXIT_FAILURE;
	survey->netns_fd = config->filter->netns_fd;
	survey->once = config->once;
	for (int i = 0; i < READERS; i++)
		survey->readers[i].survey = survey;
	pthread_mutex_init(&survey->lock, NULL);
	pthread_cond_init(&survey->room, NULL);
	survey->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (survey->event_fd < 0) {
		tct_log_error("no event descriptor: %s", strerror(errno));
		status = TCT_EXIT_FAILURE;
	} else {
		status = tct_snapshot_load(&survey->snapshot, config);
	}
	if (status)
		tct_survey_free(survey);
	else
		*out = survey;
	return status;
}

int tct_survey_fd(const struct tct_survey *survey)
{
	return survey->event_fd;
}

const struct tct_survey_result *tct_survey_result(const struct tct_survey *survey)
{
	return &survey->result;
}

struct tct_snapshot_kept tct_survey_kept(const struct tct_survey *survey)
{
	return tct_snapshot_kept(survey->snapshot);
}

/*
 * Under the lock: the reader whose turn it is. All that the one before it has read was taken; the
 * turn of the last one, or of one that failed, does not end.
 */
static struct reader *first_reader(struct tct_survey *survey)
{
	struct reader *reader = survey->readers;

	while (reader < &survey->readers[READERS - 1] && reader->over && !reader->err &&
	       !reader->waiting.first)
		reader++;
	return reader;
}

/* Under the lock: readable as long as there is something to take. */
static void show(struct tct_survey *survey)
{
	const struct reader *reader = first_reader(survey);
	const uint64_t one = 1;
	uint64_t old;
	ssize_t done;

	if (reader->waiting.first || reader->over)
		done = write(survey->event_fd, &one, sizeof(one));
	else
		done = read(survey->event_fd, &old, sizeof(old));
	(void)done;	/* it is what it was to become */
}

int tct_survey_hand_over(struct reader *reader)
{
	struct tct_survey *survey = reader->survey;
	struct tct_chunk *chunk;
	bool cancelled;

	pthread_mutex_lock(&survey->lock);
	while (reader->waiting.count >= CHUNKS_MAX && !survey->cancelled)
		pthread_cond_wait(&survey->room, &survey->lock);
	while ((chunk = tct_chunks_pop(&reader->filled)))
		tct_chunks_push(&reader->waiting, chunk);
	show(survey);
	cancelled = survey->cancelled;
	pthread_mutex_unlock(&survey->lock);
	return cancelled ? -ECANCELED : 0;
}

/* Before anything is read. */
static int prepare(struct tct_survey *survey)
{
	bool brief = survey->job.sockets == TCT_SURVEY_PRESENT;

	tct_snapshot_want_states(survey->snapshot, survey->job.states);
	tct_snapshot_want_owners(survey->snapshot, survey->job.owner_states);
	tct_snapshot_want_stays(survey->snapshot, &survey->job.stays);
	return tct_snapshot_want_keys(survey->snapshot, survey->keys,
				      brief ? 0 : survey->job.key_count);
}

/* Who starts it may be ahead of others, so as to lose no event; this can wait. */
static void be_ordinary(void)
{
	if (getpriority(PRIO_PROCESS, 0) < 0)
		setpriority(PRIO_PROCESS, 0, 0);
}

static void read_with(struct reader *reader, int (*read)(struct tct_survey *survey))
{
	struct tct_survey *survey = reader->survey;
	int err;

	if (!survey->once)
		be_ordinary();
	err = read(survey);
	if (!err)
		err = tct_survey_hand_over(reader);
	tct_chunks_clear(&reader->filled);
	pthread_mutex_lock(&survey->lock);
	survey->result.end_ns = tct_clock_mono_ns();
	reader->err = err;
	reader->over = true;
	show(survey);
	pthread_mutex_unlock(&survey->lock);
}

static void *sockets_main(void *reader)
{
	read_with(reader, tct_survey_read_sockets);
	return NULL;
}

static void *owners_main(void *reader)
{
	read_with(reader, tct_survey_read_owners);
	return NULL;
}

static int start_reader(struct reader *reader, void *(*run)(void *reader))
{
	bool wanted = !reader->over;
	int err = wanted ? tct_thread_start(&reader->thread, run, reader) : 0;

	reader->running = wanted && !err;
	return err;
}

static void end_reader(struct reader *reader)
{
	if (reader->running)
		pthread_join(reader->thread, NULL);
	reader->running = false;
	tct_chunks_clear(&reader->waiting);
}

/* Returns what the job did. */
static int join(struct tct_survey *survey)
{
	int err = 0;

	pthread_mutex_lock(&survey->lock);
	survey->cancelled = true;
	pthread_cond_broadcast(&survey->room);
	pthread_mutex_unlock(&survey->lock);
	for (int i = 0; i < READERS; i++)
		end_reader(&survey->readers[i]);
	survey->running = false;
	for (int i = 0; i < READERS; i++) {
		survey->readers[i].over = false;
		if (!err)
			err = survey->readers[i].err;
	}
	show(survey);
	return err;
}

/* One that is not wanted is over. */
static int start_readers(struct tct_survey *survey)
{
	struct reader *sockets = &survey->readers[READER_SOCKETS];
	struct reader *owners = &survey->readers[READER_OWNERS];
	int err;

	sockets->over = survey->job.sockets == TCT_SURVEY_NONE;
	owners->over = !survey->job.owner_states;
	sockets->err = owners->err = 0;
	survey->running = true;
	err = start_reader(sockets, sockets_main);
	if (!err)
		err = start_reader(owners, owners_main);
	if (err)
		join(survey);
	return err;
}

int tct_survey_start(struct tct_survey *survey, const struct tct_survey_job *job)
{
	struct tct_inodes namespaces = survey->result.namespaces, listed = survey->result.listed;
	uint64_t begin_ns = tct_clock_mono_ns();
	int err;

	if (survey->running)
		return -EBUSY;
	tct_inodes_clear(&namespaces);
	tct_inodes_clear(&listed);
	survey->result = (struct tct_survey_result){
		.begin_ns = begin_ns, .sockets_ns = begin_ns, .end_ns = begin_ns,
		.namespaces = namespaces, .listed = listed,
	};
	survey->job = *job;
	if (job->key_count && job->key_count <= TCT_KEYS_MAX)
		memcpy(survey->keys, job->keys, job->key_count * sizeof(*job->keys));
	survey->cancelled = false;
	err = prepare(survey);
	return err ? err : start_readers(survey);
}

/* NULL when there is none now; `*over`: nor will there be. */
static struct tct_chunk *take_chunk(struct tct_survey *survey, bool *over)
{
	struct reader *reader;
	struct tct_chunk *chunk;

	pthread_mutex_lock(&survey->lock);
	reader = first_reader(survey);
	chunk = tct_chunks_pop(&reader->waiting);
	*over = !chunk && reader->over;
	show(survey);
	pthread_cond_broadcast(&survey->room);
	pthread_mutex_unlock(&survey->lock);
	return chunk;
}

int tct_survey_take(struct tct_survey *survey, tct_record_fn fn, void *ctx, int most)
{
	struct tct_chunk *chunk;
	int taken = 0, got;
	bool over = false;

	while (survey->running && taken < most && (chunk = take_chunk(survey, &over))) {
		got = tct_chunk_feed(chunk, fn, ctx);
		free(chunk);
		if (got < 0) {
			join(survey);
			return got;
		}
		taken += got;
	}
	if (over)
		return join(survey);
	return survey->running;
}

int tct_survey_run(struct tct_survey *survey, const struct tct_survey_job *job, tct_record_fn fn,
		   void *ctx)
{
	struct pollfd readable = { .fd = survey->event_fd, .events = POLLIN };
	int more = tct_survey_start(survey, job);

	if (more)
		return more;
	do {
		poll(&readable, 1, -1);
		more = tct_survey_take(survey, fn, ctx, RUN_BATCH);
	} while (more > 0);
	return more;
}

void tct_survey_free(struct tct_survey *survey)
{
	if (!survey)
		return;
	if (survey->running)
		join(survey);
	if (survey->event_fd >= 0)
		close(survey->event_fd);
	tct_snapshot_free(survey->snapshot);
	tct_inodes_fini(&survey->result.namespaces);
	tct_inodes_fini(&survey->result.listed);
	pthread_cond_destroy(&survey->room);
	pthread_mutex_destroy(&survey->lock);
	free(survey);
}
