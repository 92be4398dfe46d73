// SPDX-License-Identifier: GPL-2.0
#include "survey.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "../core/fsm.h"
#include "../log.h"
#include "chunks.h"
#include "clock.h"
#include "netns.h"
#include "thread.h"
#include "sockstat.h"

#define WAITING_MAX (16u << 20)		/* bytes that one reader has read, and nobody taken */
#define CHUNKS_MAX (WAITING_MAX / TCT_CHUNK_SIZE)
#define RUN_BATCH 65536

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

enum tct_exit tct_survey_new(struct tct_survey **out, const struct tct_snapshot_config *config)
{
	struct tct_survey *survey = calloc(1, sizeof(*survey));
	enum tct_exit status;

	if (!survey)
		return TCT_EXIT_FAILURE;
	survey->netns_fd = config->filter->netns_fd;
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
 * Under the lock: the reader whose turn it is. All that the one before it has read was taken; the last
 * one's turn, or that of one that failed, does not end.
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

/* All that was filled. Waits for room; -ECANCELED when nobody will take it. */
static int hand_over(struct reader *reader)
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

static bool is_request(const struct tct_record_header *h)
{
	if (h->tag == TCT_REC_FOUND)
		return ((const struct tct_record_found *)h)->sock.to == TCT_NEW_SYN_RECV;
	return h->tag == TCT_REC_PRESENT &&
	       ((const struct tct_record_present *)h)->state == TCT_NEW_SYN_RECV;
}

/* Of an iterator that we wrote: its sizes are right, its contents are judged by who takes it. */
static int keep(struct reader *reader, const struct tct_record_header *h, size_t len)
{
	const struct tct_chunk *chunk = reader->filled.first;
	int err = 0;

	if (!h->size || h->size > len)
		return -EBADMSG;
	if (chunk && chunk->len + h->size > sizeof(chunk->data))
		err = hand_over(reader);
	if (!err)
		err = tct_chunks_add(&reader->filled, h, h->size);
	return err ? err : h->size;
}

static int keep_socket(void *ctx, const void *data, size_t len)
{
	const struct tct_record_header *h = data;
	struct tct_survey *survey = ctx;

	if (is_request(h))
		survey->result.requests++;
	else
		survey->result.sockets++;
	return keep(&survey->readers[READER_SOCKETS], h, len);
}

static int keep_owner(void *ctx, const void *data, size_t len)
{
	struct tct_survey *survey = ctx;

	return keep(&survey->readers[READER_OWNERS], data, len);
}

static bool ends_the_job(int err)
{
	return err == -ENOMEM || err == -ECANCELED || err == -EBADMSG;
}

/*
 * An iterator looks at all sockets of the host, whosever they are: one that has none is not asked.
 * Some other namespace may be read still when this one could not.
 */
static int read_namespace(void *ctx, int fd, uint32_t inode)
{
	struct tct_survey *survey = ctx;
	static const enum tct_iterator iterators[] = {
		[TCT_SURVEY_FULL] = TCT_ITER_SOCKETS,
		[TCT_SURVEY_STAYS] = TCT_ITER_STAYS,
		[TCT_SURVEY_PRESENT] = TCT_ITER_PRESENT,
	};
	int err = setns(fd, CLONE_NEWNET) ? -errno : 0;

	if (!err && tct_sockstat_has_tcp())
		err = tct_snapshot_read(survey->snapshot, iterators[survey->job.sockets],
					keep_socket, survey);
	if (!err)
		return tct_inodes_add(&survey->result.namespaces, inode) < 0 ? -ENOMEM : 0;
	if (ends_the_job(err))
		return err;
	survey->result.unread++;
	survey->result.unread_err = err;
	return 0;
}

static int read_all(struct tct_survey *survey)
{
	struct tct_netns_walk walk = {
		.snapshot = survey->snapshot, .visit = read_namespace, .ctx = survey,
	};
	int err = tct_netns_walk(&walk);

	if (walk.err)
		survey->result.unread_err = walk.err;
	survey->result.unread += (uint32_t)tct_netns_unvisited(&walk);
	tct_netns_end(&walk);
	return err;
}

static int read_sockets(struct tct_survey *survey)
{
	int err = survey->netns_fd ? tct_netns_visit(survey->netns_fd, read_namespace, survey)
				   : read_all(survey);

	survey->result.sockets_ns = tct_clock_mono_ns();
	return err;
}

static int read_owners(struct tct_survey *survey)
{
	return tct_snapshot_read(survey->snapshot, TCT_ITER_OWNERS, keep_owner, survey);
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

	be_ordinary();
	err = read(survey);
	if (!err)
		err = hand_over(reader);
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
	read_with(reader, read_sockets);
	return NULL;
}

static void *owners_main(void *reader)
{
	read_with(reader, read_owners);
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
	struct tct_inodes namespaces = survey->result.namespaces;
	uint64_t begin_ns = tct_clock_mono_ns();
	int err;

	if (survey->running)
		return -EBUSY;
	tct_inodes_clear(&namespaces);
	survey->result = (struct tct_survey_result){
		.begin_ns = begin_ns, .sockets_ns = begin_ns, .end_ns = begin_ns,
		.namespaces = namespaces,
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
	pthread_cond_destroy(&survey->room);
	pthread_mutex_destroy(&survey->lock);
	free(survey);
}
