// SPDX-License-Identifier: GPL-2.0
/*
 * A recording, through the reader, the filters, a session and the sinks. Of the file's three parts
 * the first byte tells how many are made right before it is read: none, the beginning, the
 * checksums of blocks too; or all of it, whose inputs are then made of few bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include "../../user/cmd/replay.h"
#include "../../user/core/memo.h"
#include "../../user/record/writer.h"
#include "outlet.h"
#include "records.h"

#define MILLISECOND 1000000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tct_layout_host make_host(uint8_t flags)
{
	struct tct_host host = { .start_ns = 1, .hz = 250, .kernel = "6.1", .set_state = "kmod" };
	struct tct_layout_host out;

	for (size_t i = 0; tct_end_symbol_name(i); i++) {
		host.end_symbols[i].start = (i + 1) * 0x1000;
		host.end_symbols[i].stop = host.end_symbols[i].start + 0x100;
	}
	tct_layout_put_host(&host, NULL, &out);
	out.flags = flags;
	strcpy(out.reasons[1], "some-reason");
	return out;
}

static void put(int fd, const void *data, size_t len)
{
	if (write(fd, data, len) != (ssize_t)len)
		abort();
}

static void put_start(int fd, uint8_t flags)
{
	const struct tct_layout_host host = make_host(flags);
	const struct tct_layout_start start = {
		.magic = TCT_LAYOUT_MAGIC, .order = TCT_LAYOUT_ORDER,
		.version = TCT_LAYOUT_VERSION, .records = TCT_RECORD_VERSION,
		.length = sizeof(host),
		.crc = (uint32_t)crc32(0, (const Bytef *)&host, sizeof(host)),
	};

	put(fd, &start, sizeof(start));
	put(fd, &host, sizeof(host));
}

static void put_repaired(int fd, const uint8_t *data, size_t size)
{
	struct tct_layout_block block;

	while (size > sizeof(block)) {
		memcpy(&block, data, sizeof(block));
		data += sizeof(block);
		size -= sizeof(block);
		block.magic = TCT_LAYOUT_BLOCK;
		block.length = block.length < size ? block.length & ~7u : (uint32_t)size & ~7u;
		block.crc = (uint32_t)crc32(0, data, block.length);
		put(fd, &block, sizeof(block));
		put(fd, data, block.length);
		data += block.length;
		size -= block.length;
	}
}

static size_t length_of(enum tct_input_kind kind, struct bytes *bytes)
{
	if (kind == TCT_IN_CGROUP || kind == TCT_IN_FILES)
		return bytes_u8(bytes) & 63;
	if (kind == TCT_IN_SOCKET)
		return sizeof(struct tct_memo);
	if (kind == TCT_IN_LISTED || kind == TCT_IN_AUDIT_LISTED)
		return (bytes_u8(bytes) & 3) * sizeof(uint32_t);
	return kind == TCT_IN_FLOOD ? sizeof(uint64_t[TCT_STATES][TCT_STATES]) : 0;
}

static void put_other(struct tct_writer *writer, struct bytes *bytes, uint8_t choice,
		      uint64_t now_ns)
{
	/* what no record belongs to: the numbers have gaps */
	static const uint8_t kinds[] = {
		TCT_IN_BATCH, TCT_IN_SCAN_BEGIN, TCT_IN_SCAN_END, TCT_IN_SCAN_FAILED,
		TCT_IN_SEEDED, TCT_IN_OWNERS, TCT_IN_MINIS, TCT_IN_LOSS, TCT_IN_ASKED,
		TCT_IN_CLOCK, TCT_IN_CGROUP, TCT_IN_FILES, TCT_IN_FINISH, TCT_IN_NAMESPACE,
		TCT_IN_SOCKET, TCT_IN_ATTEMPTS, TCT_IN_RECEIVED, TCT_IN_FLOOD,
		TCT_IN_CONTINUED, TCT_IN_DOUBT, TCT_IN_FORGOTTEN, TCT_IN_BEYOND,
		TCT_IN_AUDIT_BEGIN,
		TCT_IN_AUDIT_NAMESPACE, TCT_IN_AUDIT_SWEEP, TCT_IN_AUDIT_AGAIN,
		TCT_IN_AUDIT_SETTLE, TCT_IN_AUDIT_DROP, TCT_IN_JOIN, TCT_IN_TALLY,
		TCT_IN_LISTED, TCT_IN_AUDIT_LISTED,
	};
	uint64_t data[TCT_STATES * TCT_STATES];
	struct tct_input input = {
		.kind = kinds[choice % sizeof(kinds)], .which = bytes_u8(bytes) & 7,
		.now_ns = now_ns, .value = bytes_number(bytes), .data = data,
	};

	input.len = length_of(input.kind, bytes);
	bytes_copy(bytes, data, input.len);
	tct_writer_put(writer, &input);
}

/* Records most often, and all other inputs. */
static void put_made(struct tct_writer *writer, struct bytes *bytes, uint64_t *now_ns)
{
	uint8_t choice = bytes_u8(bytes);
	union record rec;
	struct tct_input input = { .kind = TCT_IN_RECORD, .data = &rec };

	*now_ns += bytes_number(bytes) * MILLISECOND;
	if (choice >= 144) {
		put_other(writer, bytes, choice, *now_ns);
		return;
	}
	if (choice >= 128) {
		input.kind = TCT_IN_AUDIT_RECORD;
		choice = choice & 1 ? TCT_REC_PRESENT - 1 : choice;
	}
	records_make(&rec, choice, bytes, *now_ns);
	input.len = rec.h.size;
	tct_writer_put(writer, &input);
}

static void make(int fd, uint8_t flags, struct bytes *bytes)
{
	const struct tct_layout_host host = make_host(flags);
	uint64_t now_ns = 1000 * MILLISECOND;
	struct tct_writer writer;

	if (tct_writer_start(&writer, dup(fd), &host))
		abort();
	while (bytes->left)
		put_made(&writer, bytes, &now_ns);
	if (tct_writer_close(&writer))
		abort();
}

static void fill(int fd, struct bytes *bytes)
{
	uint8_t mode = bytes_u8(bytes) & 3, flags = bytes_u8(bytes);

	if (mode == 3) {
		make(fd, flags, bytes);
		return;
	}
	if (mode)
		put_start(fd, flags);
	if (mode == 2)
		put_repaired(fd, bytes->next, bytes->left);
	else
		put(fd, bytes->next, bytes->left);
}

static void set_options(struct tct_options *options, uint8_t choice)
{
	struct tct_filter *filter = &options->filter.filter;
	struct tct_stuck_config defaults;

	tct_stuck_defaults(&defaults);
	memcpy(options->threshold_ns, defaults.threshold_ns, sizeof(options->threshold_ns));
	options->types = TCT_SELECT_ALL;
	options->pid = choice & 1;
	options->states = choice & 2 ? 0xaaa : 0;
	filter->by_lport = choice >> 2 & 1;
	filter->by_rport = choice >> 3 & 1;
	filter->netns = choice >> 4 & 1;
	filter->family = choice & 32 ? 10 : 0;
	options->duration_ns = choice & 64 ? 1000 * MILLISECOND : 0;
	options->filter.lports[0] = options->filter.rports[0] = 6;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size };
	uint8_t choice = bytes_u8(&bytes), sinks = bytes_u8(&bytes);
	int fd = memfd_create("recording", MFD_CLOEXEC);
	struct tct_options options = { 0 };
	struct tct_replay replay;
	struct outlet outlet;
	struct tct_run_config run = {
		.options = &options, .sink = &outlet.sink, .messages = &outlet.sink,
		.detect = choice & 128, .once = sinks & 128,
	};
	char path[32];

	if (fd < 0)
		abort();
	fill(fd, &bytes);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	options.replay = path;
	set_options(&options, choice);
	outlet_init(&outlet, sinks);
	tct_replay_run(&replay, &run);
	tct_replay_fini(&replay);
	outlet_fini(&outlet, replay.now_ns);
	close(fd);
	return 0;
}
