// SPDX-License-Identifier: GPL-2.0
/* JSON lines, read as they come from a pipe or from a file that grows. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "stream.h"

#define READ_SIZE 65536

static int open_pipe(struct stream *s)
{
	int ends[2];

	fatal_unless(!pipe2(ends, O_CLOEXEC), "pipe");
	s->fd = ends[0];
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	return ends[1];
}

/* The writer opens the nameless file anew, for a file offset of its own. */
static int open_file(struct stream *s)
{
	FILE *file = tmpfile();
	char path[32];
	int out;

	fatal_unless(file, "temporary file");
	s->fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
	fclose(file);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	out = open(path, O_WRONLY | O_CLOEXEC | O_APPEND);
	fatal_unless(out >= 0, "stream file");
	return out;
}

int stream_open(struct stream *s, bool is_file)
{
	*s = (struct stream){ .is_file = is_file };
	return is_file ? open_file(s) : open_pipe(s);
}

void stream_close(struct stream *s)
{
	close(s->fd);
	free(s->buffer);
}

static json_t *parse(const char *line, size_t length)
{
	json_error_t error;
	json_t *event = json_loadb(line, length, 0, &error);

	if (!event)
		fail_msg("not JSON (%s): %.*s", error.text, (int)length, line);
	if (!event_has_number(event, "v", 1))
		fail_msg("not of schema 1: %.*s", (int)length, line);
	return event;
}

static void take_lines(struct stream *s, void (*take)(json_t *, void *), void *arg)
{
	char *line = s->buffer, *end = s->buffer + s->used, *newline;
	json_t *event;

	while ((newline = memchr(line, '\n', end - line))) {
		event = parse(line, newline - line);
		take(event, arg);
		json_decref(event);
		line = newline + 1;
	}
	s->used = end - line;
	memmove(s->buffer, line, s->used);
}

static void make_room(struct stream *s)
{
	if (s->room - s->used >= READ_SIZE)
		return;
	s->room = s->used + 2 * READ_SIZE;
	s->buffer = realloc(s->buffer, s->room);
	fatal_unless(s->buffer, "memory");
}

bool stream_read(struct stream *s, void (*take)(json_t *, void *), void *arg)
{
	ssize_t n;

	make_room(s);
	n = read(s->fd, s->buffer + s->used, s->room - s->used);
	if (n <= 0) {
		s->ended = !n && (!s->is_file || s->writer_gone);
		return false;
	}
	s->used += n;
	take_lines(s, take, arg);
	return true;
}

/* A pipe tells when there is more; a file has to be looked at again. */
void stream_rest(const struct stream *s, uint64_t deadline)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	struct pollfd pipe = { .fd = s->fd, .events = POLLIN };

	if (s->is_file)
		nanosleep(&nap, NULL);
	else
		poll(&pipe, 1, deadline_left_ms(deadline));
}
