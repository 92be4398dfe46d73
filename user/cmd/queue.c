// SPDX-License-Identifier: GPL-2.0
#include "queue.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../source/early.h"
#include "../source/thread.h"

#define KEPT_MAX (1 << 20)	/* a buffer that has grown beyond is given back */
#define STDIO_BUFFER (64 << 10)
#define LEAST_ROOM (2 * STDIO_BUFFER)	/* what stdio still has, behind a line that is begun */

struct buffer {
	char *bytes;
	size_t begin, end, room;
};

struct tct_queue {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;	/* there is something to write, or no more will come */
	pthread_cond_t less;	/* something was written */
	struct buffer front;	/* whole lines that are being written: the thread's */
	struct buffer back;	/* what came since */
	size_t waiting;		/* in both; read without the lock */
	size_t bound;
	void (*broken)(void);
	int fd;
	int err;		/* likewise */
	bool full;		/* likewise: no memory for more than what was printed already */
	bool whole;		/* a file: as much as there is at once */
	bool writes;		/* the thread is in write(2) */
	bool last;		/* no more comes: a line without an end is one too */
	bool closed;
	bool orphan;		/* the thread is the last who knows it */
	char stdio[STDIO_BUFFER];	/* the stream's */
};

static int make_room(struct buffer *buffer, size_t len)
{
	size_t room = buffer->room ? buffer->room : LEAST_ROOM;
	char *grown;

	while (room < buffer->end + len)
		room *= 2;
	if (room == buffer->room)
		return 0;
	grown = realloc(buffer->bytes, room);
	if (!grown)
		return -ENOMEM;
	buffer->bytes = grown;
	buffer->room = room;
	return 0;
}

static int append(struct buffer *buffer, const char *bytes, size_t len)
{
	if (make_room(buffer, len))
		return -ENOMEM;
	memcpy(buffer->bytes + buffer->end, bytes, len);
	buffer->end += len;
	return 0;
}

static void empty(struct buffer *buffer)
{
	char *less;

	buffer->begin = 0;
	buffer->end = 0;
	if (buffer->room <= KEPT_MAX)
		return;
	less = realloc(buffer->bytes, LEAST_ROOM);
	if (!less)
		return;
	buffer->bytes = less;
	buffer->room = LEAST_ROOM;
}

/* Under the lock. */
static void look_for_room(struct tct_queue *queue)
{
	bool full = make_room(&queue->back, STDIO_BUFFER);

	__atomic_store_n(&queue->full, full, __ATOMIC_RELAXED);
}

static size_t whole_lines(const char *bytes, size_t len)
{
	const char *last = len ? memrchr(bytes, '\n', len) : NULL;

	return last ? (size_t)(last - bytes) + 1 : 0;
}

/* Under the lock: the whole lines of what came become what is written next. */
static int turn(struct tct_queue *queue)
{
	struct buffer lines = queue->back;
	size_t whole = queue->last ? lines.end : whole_lines(lines.bytes, lines.end);
	int err;

	if (!whole)
		return 0;
	queue->back = queue->front;
	empty(&queue->back);
	err = append(&queue->back, lines.bytes + whole, lines.end - whole);
	lines.end = whole;
	queue->front = lines;
	look_for_room(queue);
	return err;
}

static size_t piece(const struct tct_queue *queue)
{
	const struct buffer *front = &queue->front;
	size_t len = front->end - front->begin, lines;

	if (queue->whole || len <= PIPE_BUF)
		return len;
	lines = whole_lines(front->bytes + front->begin, PIPE_BUF);
	return lines ? lines : PIPE_BUF;
}

/* A descriptor that others made non-blocking is waited for like any. */
static ssize_t write_some(int fd, const char *bytes, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (true) {
		n = write(fd, bytes, len);
		if (n >= 0 || (errno != EAGAIN && errno != EINTR))
			return n;
		poll(&ready, 1, -1);
	}
}

static void set_waiting(struct tct_queue *queue, size_t waiting)
{
	__atomic_store_n(&queue->waiting, waiting, __ATOMIC_RELAXED);
}

static void fail(struct tct_queue *queue, int err)
{
	__atomic_store_n(&queue->err, err, __ATOMIC_RELEASE);
	if (queue->broken && !queue->orphan)
		queue->broken();
	pthread_cond_broadcast(&queue->less);
}

/* Under the lock, which is left for the write. */
static void write_piece(struct tct_queue *queue)
{
	struct buffer *front = &queue->front;
	const char *bytes = front->bytes + front->begin;
	size_t len = piece(queue);
	ssize_t n;
	int err;

	queue->writes = true;
	pthread_mutex_unlock(&queue->lock);
	n = write_some(queue->fd, bytes, len);
	err = n < 0 ? errno : 0;
	pthread_mutex_lock(&queue->lock);
	queue->writes = false;
	if (err) {
		fail(queue, err);
	} else {
		front->begin += (size_t)n;
		set_waiting(queue, queue->waiting - (size_t)n);
	}
	pthread_cond_broadcast(&queue->less);
}

static void destroy(struct tct_queue *queue)
{
	pthread_cond_destroy(&queue->less);
	pthread_cond_destroy(&queue->more);
	pthread_mutex_destroy(&queue->lock);
	free(queue->front.bytes);
	free(queue->back.bytes);
	free(queue);
}

static void *run(void *ctx)
{
	struct tct_queue *queue = ctx;
	bool orphan;
	int err = 0;

	tct_early();	/* what the reader tells has to go as fast as it comes */
	pthread_mutex_lock(&queue->lock);
	while (!queue->closed && !queue->err) {
		if (queue->front.begin == queue->front.end)
			err = turn(queue);
		if (err)
			fail(queue, -err);
		else if (queue->front.begin < queue->front.end)
			write_piece(queue);
		else
			pthread_cond_wait(&queue->more, &queue->lock);
	}
	orphan = queue->orphan;
	pthread_mutex_unlock(&queue->lock);
	if (orphan)
		destroy(queue);
	return NULL;
}

static void init_locks(struct tct_queue *queue)
{
	pthread_condattr_t clock;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->more, NULL);
	pthread_cond_init(&queue->less, &clock);
	pthread_condattr_destroy(&clock);
}

struct tct_queue *tct_queue_new(int fd, void (*broken)(void))
{
	struct tct_queue *queue = calloc(1, sizeof(*queue));
	struct stat what;
	int err;

	if (!queue)
		return NULL;
	queue->fd = fd;
	queue->broken = broken;
	queue->bound = SIZE_MAX;
	queue->whole = !fstat(fd, &what) && S_ISREG(what.st_mode);
	init_locks(queue);
	err = -make_room(&queue->front, 0);
	if (!err)
		err = -make_room(&queue->back, 0);
	if (!err)
		err = -tct_thread_start(&queue->thread, run, queue);
	if (!err)
		return queue;
	destroy(queue);
	errno = err;
	return NULL;
}

/* All or nothing, as the stream behind it wants. */
static ssize_t on_write(void *ctx, const char *bytes, size_t len)
{
	struct tct_queue *queue = ctx;
	int err;

	pthread_mutex_lock(&queue->lock);
	while (!queue->err && queue->waiting > queue->bound)
		pthread_cond_wait(&queue->less, &queue->lock);
	err = queue->err ? -queue->err : append(&queue->back, bytes, len);
	if (!err) {
		look_for_room(queue);
		set_waiting(queue, queue->waiting + len);
		pthread_cond_signal(&queue->more);
	} else {
		queue->err = -err;
	}
	pthread_mutex_unlock(&queue->lock);
	errno = -err;
	return err ? 0 : (ssize_t)len;
}

FILE *tct_queue_open(struct tct_queue *queue)
{
	FILE *file = fopencookie(queue, "w", (cookie_io_functions_t){ .write = on_write });

	if (file)
		setvbuf(file, queue->stdio, _IOFBF, sizeof(queue->stdio));
	return file;
}

size_t tct_queue_waiting(const struct tct_queue *queue)
{
	return __atomic_load_n(&queue->waiting, __ATOMIC_RELAXED);
}

bool tct_queue_is_full(const struct tct_queue *queue)
{
	return __atomic_load_n(&queue->full, __ATOMIC_RELAXED);
}

void tct_queue_bound(struct tct_queue *queue, size_t bound)
{
	pthread_mutex_lock(&queue->lock);
	queue->bound = bound;
	pthread_mutex_unlock(&queue->lock);
}

int tct_queue_error(const struct tct_queue *queue)
{
	return __atomic_load_n(&queue->err, __ATOMIC_ACQUIRE);
}

bool tct_queue_wait(struct tct_queue *queue, int timeout_ms)
{
	struct timespec until;
	bool done;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += timeout_ms * 1000000l;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&queue->lock);
	queue->last = true;
	pthread_cond_signal(&queue->more);
	while (queue->waiting && !queue->err && !err)
		err = pthread_cond_timedwait(&queue->less, &queue->lock, &until);
	done = !queue->waiting || queue->err;
	pthread_mutex_unlock(&queue->lock);
	return done;
}

static size_t lines_of(const struct buffer *buffer)
{
	size_t lines = 0;

	for (size_t i = buffer->begin; i < buffer->end; i++)
		lines += buffer->bytes[i] == '\n';
	return lines;
}

/* A thread in a write that blocks is left behind: it goes with the process, or frees it all. */
size_t tct_queue_free(struct tct_queue *queue)
{
	pthread_t thread = queue->thread;
	bool blocked;
	size_t lines;

	pthread_mutex_lock(&queue->lock);
	lines = lines_of(&queue->front) + lines_of(&queue->back);
	blocked = queue->writes;
	queue->closed = true;
	queue->orphan = blocked;
	pthread_cond_signal(&queue->more);
	pthread_mutex_unlock(&queue->lock);
	if (blocked) {
		pthread_detach(thread);
	} else {
		pthread_join(thread, NULL);
		destroy(queue);
	}
	return lines;
}
