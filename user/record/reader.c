// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "frame.h"

/* Returns `err`. */
static int fail(struct tct_reader *reader, int err, const char *why)
{
	snprintf(reader->why, sizeof(reader->why), "%s", why);
	return err;
}

static int fail_by_version(struct tct_reader *reader, const char *what, int its, int ours)
{
	snprintf(reader->why, sizeof(reader->why), "its %s version %d, this program's %d", what,
		 its, ours);
	return -EINVAL;
}

/* How much there was, up to `len`; a negative errno. */
static ssize_t read_all(int fd, void *data, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (uint8_t *)data + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static int check_start(struct tct_reader *reader, const struct tct_layout_start *start)
{
	if (memcmp(start->magic, TCT_LAYOUT_MAGIC, sizeof(start->magic)))
		return fail(reader, -EINVAL, "it is no recording of ours");
	if (start->order == __builtin_bswap32(TCT_LAYOUT_ORDER))
		return fail(reader, -EINVAL, "it was made on a machine of the other byte order");
	if (start->order != TCT_LAYOUT_ORDER)
		return fail(reader, -EINVAL, "its beginning is damaged");
	if (start->version != TCT_LAYOUT_VERSION)
		return fail_by_version(reader, "format is", start->version, TCT_LAYOUT_VERSION);
	if (start->records != TCT_RECORD_VERSION)
		return fail_by_version(reader, "records are", start->records, TCT_RECORD_VERSION);
	if (start->length != sizeof(reader->host))
		return fail(reader, -EINVAL, "its beginning is damaged");
	return 0;
}

static int check_host(struct tct_reader *reader, uint32_t crc)
{
	uint16_t sizes[TCT_LAYOUT_TAGS];

	if (crc32(0, (const Bytef *)&reader->host, sizeof(reader->host)) != crc)
		return fail(reader, -EINVAL, "its beginning is damaged");
	tct_layout_sizes(sizes);
	for (size_t tag = 0; tag < TCT_LAYOUT_TAGS; tag++) {	/* 0: there was none of it then */
		if (reader->host.sizes[tag] && reader->host.sizes[tag] != sizes[tag])
			return fail(reader, -EINVAL, "its records are of another size than this program's");
	}
	return 0;
}

static int read_start(struct tct_reader *reader)
{
	struct tct_layout_start start = { 0 };
	ssize_t got = read_all(reader->fd, &start, sizeof(start));
	int err;

	if (got < 0)
		return fail(reader, (int)got, strerror((int)-got));
	if (!got)
		return fail(reader, -EINVAL, "it is empty");
	err = check_start(reader, &start);
	if (err)
		return err;
	got = read_all(reader->fd, &reader->host, sizeof(reader->host));
	if (got < 0)
		return fail(reader, (int)got, strerror((int)-got));
	if (got < (ssize_t)sizeof(reader->host))
		return fail(reader, -EINVAL, "it ends before its first record");
	reader->offset = sizeof(start) + sizeof(reader->host);
	return check_host(reader, start.crc);
}

int tct_reader_start(struct tct_reader *reader, int fd)
{
	int err;

	*reader = (struct tct_reader){ .fd = fd, .frames = malloc(TCT_LAYOUT_BLOCK_MAX) };
	err = reader->frames ? read_start(reader) : fail(reader, -ENOMEM, "out of memory");
	if (err)
		tct_reader_close(reader);
	return err;
}

int tct_reader_open(struct tct_reader *reader, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return tct_reader_start(reader, fd);
	*reader = (struct tct_reader){ .fd = -1 };
	return fail(reader, -errno, strerror(errno));
}

static int damaged(struct tct_reader *reader)
{
	snprintf(reader->why, sizeof(reader->why), "it is damaged at byte %llu",
		 (unsigned long long)reader->offset);
	return -EBADMSG;
}

static int end_of_blocks(struct tct_reader *reader, ssize_t got)
{
	if (got < 0)
		return fail(reader, (int)got, strerror((int)-got));
	reader->cut = got > 0;
	return 0;
}

/* 1, 0 at the end, or a negative errno. */
static int read_block(struct tct_reader *reader)
{
	struct tct_layout_block block = { 0 };
	ssize_t got;

	reader->offset += reader->length ? sizeof(block) + reader->length : 0;
	reader->length = reader->at = 0;
	got = read_all(reader->fd, &block, sizeof(block));
	if (got < (ssize_t)sizeof(block))
		return end_of_blocks(reader, got);
	if (block.magic != TCT_LAYOUT_BLOCK || !block.length || block.length % 8 ||
	    block.length > TCT_LAYOUT_BLOCK_MAX)
		return damaged(reader);
	got = read_all(reader->fd, reader->frames, block.length);
	if (got < (ssize_t)block.length)
		return end_of_blocks(reader, got < 0 ? got : (ssize_t)sizeof(block));
	if (crc32(0, reader->frames, block.length) != block.crc)
		return damaged(reader);
	reader->length = block.length;
	return 1;
}

int tct_reader_next(struct tct_reader *reader, struct tct_input *input)
{
	int got = 1;

	if (reader->at == reader->length)
		got = read_block(reader);
	if (got <= 0)
		return got;
	got = tct_frame_get(reader->frames + reader->at, reader->length - reader->at, input);
	if (got < 0)
		return damaged(reader);
	reader->at += (size_t)got;
	return 1;
}

void tct_reader_close(struct tct_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	free(reader->frames);
	reader->frames = NULL;
}
