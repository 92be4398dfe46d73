// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* Returns `err`. */
static int __attribute__((format(printf, 3, 4)))
fail(struct tct_reader *reader, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reader->why, sizeof(reader->why), format, args);
	va_end(args);
	return err;
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
		return fail(reader, -EINVAL, "its format is version %u, this program reads %u",
			    start->version, TCT_LAYOUT_VERSION);
	if (start->records != TCT_RECORD_VERSION)
		return fail(reader, -EINVAL, "its records are version %u, this program's are %u",
			    start->records, TCT_RECORD_VERSION);
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
	if (memcmp(sizes, reader->host.sizes, sizeof(sizes)))
		return fail(reader, -EINVAL, "its records are of another size than this program's");
	return 0;
}

static int read_start(struct tct_reader *reader)
{
	struct tct_layout_start start = { 0 };
	ssize_t got = read_all(reader->fd, &start, sizeof(start));
	int err;

	if (got < 0)
		return fail(reader, (int)got, "%s", strerror((int)-got));
	if (!got)
		return fail(reader, -EINVAL, "it is empty");
	err = check_start(reader, &start);
	if (err)
		return err;
	got = read_all(reader->fd, &reader->host, sizeof(reader->host));
	if (got < 0)
		return fail(reader, (int)got, "%s", strerror((int)-got));
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
	return fail(reader, -errno, "%s", strerror(errno));
}

static int damaged(struct tct_reader *reader)
{
	return fail(reader, -EBADMSG, "it is damaged at byte %llu",
		    (unsigned long long)reader->offset);
}

static int end_of_blocks(struct tct_reader *reader, ssize_t got)
{
	if (got < 0)
		return fail(reader, (int)got, "%s", strerror((int)-got));
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

static int get_record(const struct tct_layout_frame *frame, struct tct_input *input)
{
	const struct tct_record_header *record = (const void *)(frame + 1);

	*input = (struct tct_input){ .kind = TCT_IN_RECORD, .data = record,
				     .len = frame->length - sizeof(*frame) };
	return input->len >= sizeof(*record) && record->size == input->len ? 1 : -EBADMSG;
}

static int get_other(const struct tct_layout_input *frame, struct tct_input *input)
{
	if (frame->frame.length < sizeof(*frame) ||
	    frame->len > frame->frame.length - sizeof(*frame))
		return -EBADMSG;
	*input = (struct tct_input){
		.kind = (enum tct_input_kind)frame->frame.kind,
		.which = frame->which,
		.now_ns = frame->now_ns,
		.value = frame->value,
		.data = frame->len ? frame + 1 : NULL,
		.len = frame->len,
	};
	return 1;
}

static int get_frame(struct tct_reader *reader, struct tct_input *input)
{
	const struct tct_layout_frame *frame = (const void *)(reader->frames + reader->at);
	size_t left = reader->length - reader->at;

	if (frame->length < sizeof(*frame) || frame->length % 8 || frame->length > left ||
	    !frame->kind || frame->kind >= TCT_INPUTS)
		return -EBADMSG;
	reader->at += frame->length;
	if (frame->kind == TCT_IN_RECORD)
		return get_record(frame, input);
	return get_other((const struct tct_layout_input *)frame, input);
}

int tct_reader_next(struct tct_reader *reader, struct tct_input *input)
{
	int got = 1;

	if (reader->at == reader->length)
		got = read_block(reader);
	if (got > 0)
		got = get_frame(reader, input);
	return got == -EBADMSG && !reader->why[0] ? damaged(reader) : got;
}

void tct_reader_close(struct tct_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	free(reader->frames);
	reader->frames = NULL;
}
