/* SPDX-License-Identifier: GPL-2.0 */
/* JSON lines, read as they come from a pipe or from a file that grows. */
#ifndef LIVE_STREAM_H
#define LIVE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

struct stream {
	int fd;
	bool is_file;
	bool writer_gone;	/* the caller's word that a file will not grow any more */
	bool ended;
	char *buffer;		/* what follows the last whole line */
	size_t used, room;
};

/* Returns the write end for the child, close-on-exec; the caller closes it. */
int stream_open(struct stream *s, bool is_file);
void stream_close(struct stream *s);

/* Hands each whole line to take(), as an object of schema version 1 which it may keep by a
 * reference of its own; anything else fails the test. Returns whether anything came. */
bool stream_read(struct stream *s, void (*take)(json_t *event, void *arg), void *arg);

/* Until there may be more, or the deadline. */
void stream_rest(const struct stream *s, uint64_t deadline);

#endif
