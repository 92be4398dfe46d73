// SPDX-License-Identifier: GPL-2.0
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "frame.h"

#define ROOM (2 * TCT_WRITER_BLOCK)	/* a block, and the frame that makes it one */
#define HEAD sizeof(struct tct_layout_block)

static int write_all(struct tct_writer *writer, const void *data, size_t len)
{
	const uint8_t *next = data;

	while (len) {
		ssize_t got = write(writer->fd, next, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		next += got;
		len -= (size_t)got;
		writer->bytes += (uint64_t)got;
	}
	return 0;
}

static int write_start(struct tct_writer *writer, const struct tct_layout_host *host)
{
	struct tct_layout_start start = {
		.magic = TCT_LAYOUT_MAGIC,
		.order = TCT_LAYOUT_ORDER,
		.version = TCT_LAYOUT_VERSION,
		.records = TCT_RECORD_VERSION,
		.length = sizeof(*host),
		.crc = (uint32_t)crc32(0, (const Bytef *)host, sizeof(*host)),
	};
	int err = write_all(writer, &start, sizeof(start));

	return err ? err : write_all(writer, host, sizeof(*host));
}

int tct_writer_start(struct tct_writer *writer, int fd, const struct tct_layout_host *host)
{
	*writer = (struct tct_writer){ .fd = fd, .used = HEAD, .block = malloc(ROOM) };
	writer->err = writer->block ? write_start(writer, host) : -ENOMEM;
	if (writer->err)
		tct_writer_close(writer);
	return writer->err;
}

int tct_writer_open(struct tct_writer *writer, const char *path,
		    const struct tct_layout_host *host)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		return tct_writer_start(writer, fd, host);
	*writer = (struct tct_writer){ .fd = -1, .err = -errno };
	return writer->err;
}

static void flush(struct tct_writer *writer)
{
	struct tct_layout_block head = {
		.magic = TCT_LAYOUT_BLOCK,
		.length = (uint32_t)(writer->used - HEAD),
		.frames = writer->frames,
	};

	if (!writer->frames || writer->err)
		return;
	head.crc = (uint32_t)crc32(0, writer->block + HEAD, head.length);
	memcpy(writer->block, &head, HEAD);
	writer->err = write_all(writer, writer->block, writer->used);
	writer->used = HEAD;
	writer->frames = 0;
	writer->since_ns = 0;
}

static void flush_when_due(struct tct_writer *writer, const struct tct_input *input)
{
	if (writer->used >= TCT_WRITER_BLOCK || input->now_ns >= tct_writer_deadline(writer))
		flush(writer);
}

void *tct_writer_put(struct tct_writer *writer, const struct tct_input *input)
{
	size_t size = tct_frame_size(input);
	uint8_t *at;

	flush_when_due(writer, input);
	if (!writer->err && size > ROOM - writer->used)
		writer->err = -EMSGSIZE;
	if (writer->err)
		return NULL;
	at = writer->block + writer->used;
	writer->used += size;
	writer->frames++;
	writer->records += input->kind == TCT_IN_RECORD;
	if (!writer->since_ns)
		writer->since_ns = input->now_ns;
	return tct_frame_put(at, input);
}

uint64_t tct_writer_deadline(const struct tct_writer *writer)
{
	return writer->since_ns ? writer->since_ns + TCT_WRITER_AGE_NS : UINT64_MAX;
}

int tct_writer_close(struct tct_writer *writer)
{
	if (writer->block)
		flush(writer);
	if (writer->fd >= 0 && close(writer->fd) && !writer->err)
		writer->err = -errno;
	writer->fd = -1;
	free(writer->block);
	writer->block = NULL;
	return writer->err;
}
