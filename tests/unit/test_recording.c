// SPDX-License-Identifier: GPL-2.0
/* A recording written and read again, whole, cut off and damaged. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "../../user/record/reader.h"
#include "../../user/record/recorder.h"
#include "stream.h"

#define START_SIZE (sizeof(struct tct_layout_start) + sizeof(struct tct_layout_host))

static const char *reason(uint32_t number)
{
	return number == 3 ? "not-specified" : NULL;
}

static struct tct_host make_host(void)
{
	struct tct_host host = {
		.kernel = "6.1.0", .set_state = "tracepoint", .start_ns = 100,
		.real_offset_ns = 1700000000ull * SECOND, .hz = 250, .sees_resets = true,
		.brief = true, .reset_reason = reason,
	};

	stream_symbols(host.end_symbols);
	return host;
}

static struct tct_layout_host make_format_host(void)
{
	struct tct_host host = make_host();
	struct tct_layout_host out;

	tct_layout_put_host(&host, NULL, &out);
	return out;
}

/* An empty file without a name. */
static int new_file(void)
{
	int fd = memfd_create("recording", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	return fd;
}

static void put_state(struct tct_writer *writer, uint64_t cookie)
{
	const struct tct_record_sock rec =
		stream_state(cookie, TCT_SYN_SENT, TCT_ESTABLISHED, 100 + cookie);
	const struct tct_input input = { .kind = TCT_IN_RECORD, .data = &rec, .len = sizeof(rec) };

	assert_non_null(tct_writer_put(writer, &input));
}

static void put_batch(struct tct_writer *writer, uint64_t now_ns)
{
	const struct tct_input input = { .kind = TCT_IN_BATCH, .now_ns = now_ns, .value = now_ns };

	assert_non_null(tct_writer_put(writer, &input));
}

/* Blocks with a record and a batch each; returns the file's content. */
static uint8_t *make_recording(int blocks, size_t *size)
{
	const struct tct_layout_host host = make_format_host();
	struct tct_writer writer;
	int fd = new_file(), copy = dup(fd);
	uint8_t *bytes;

	assert_int_equal(tct_writer_start(&writer, fd, &host), 0);
	for (int i = 0; i < blocks; i++) {
		put_batch(&writer, (uint64_t)(i + 1) * 2 * SECOND);
		put_state(&writer, (uint64_t)i);
	}
	assert_int_equal(tct_writer_close(&writer), 0);
	*size = writer.bytes;
	bytes = malloc(*size);
	assert_int_equal(pread(copy, bytes, *size, 0), *size);
	close(copy);
	return bytes;
}

/* The inputs read, or the error; `reader` is closed, its words are good. */
static int read_all(struct tct_reader *reader, const void *bytes, size_t size)
{
	struct tct_input input;
	int fd = new_file(), count = 0, got;

	assert_int_equal(write(fd, bytes, size), size);
	lseek(fd, 0, SEEK_SET);
	got = tct_reader_start(reader, fd);
	while (!got && (got = tct_reader_next(reader, &input)) > 0) {
		count++;
		got = 0;
	}
	if (reader->fd >= 0)
		tct_reader_close(reader);
	return got ? got : count;
}

static void test_round_trip(void **state)
{
	static const char path[] = "/system.slice";
	const struct tct_layout_host host = make_format_host();
	const struct tct_record_sock rec = stream_state(7, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	const struct tct_input inputs[] = {
		{ .kind = TCT_IN_SCAN_BEGIN, .now_ns = 5 },
		{ .kind = TCT_IN_RECORD, .data = &rec, .len = sizeof(rec) },
		{ .kind = TCT_IN_CGROUP, .which = 42, .data = path, .len = strlen(path) },
		{ .kind = TCT_IN_CGROUP, .which = 43 },
		{ .kind = TCT_IN_LOSS, .which = 1, .now_ns = 7, .value = 3 },
		{ .kind = TCT_IN_FINISH, .now_ns = 9, .value = 8 },
	};
	struct tct_writer writer;
	struct tct_reader reader;
	struct tct_input got;
	int fd = new_file(), copy = dup(fd);

	(void)state;
	assert_int_equal(tct_writer_start(&writer, fd, &host), 0);
	for (size_t i = 0; i < COUNT(inputs); i++)
		assert_non_null(tct_writer_put(&writer, &inputs[i]));
	assert_int_equal(tct_writer_close(&writer), 0);
	lseek(copy, 0, SEEK_SET);
	assert_int_equal(tct_reader_start(&reader, copy), 0);
	for (size_t i = 0; i < COUNT(inputs); i++) {
		assert_int_equal(tct_reader_next(&reader, &got), 1);
		assert_int_equal(got.kind, inputs[i].kind);
		assert_int_equal(got.which, inputs[i].which);
		assert_int_equal(got.now_ns, inputs[i].now_ns);
		assert_int_equal(got.value, inputs[i].value);
		assert_int_equal(got.len, inputs[i].len);
		assert_int_equal((uintptr_t)got.data % 8, 0);
		if (got.len)
			assert_memory_equal(got.data, inputs[i].data, got.len);
	}
	assert_int_equal(tct_reader_next(&reader, &got), 0);
	assert_false(reader.cut);
	tct_reader_close(&reader);
}

static void test_host(void **state)
{
	const struct tct_layout_host known = make_format_host();
	const struct tct_host host = make_host();
	struct tct_host got;

	(void)state;
	tct_layout_get_host(&known, &got);
	assert_string_equal(known.reasons[3], "not-specified");
	assert_string_equal(known.reasons[4], "");
	got.reset_reason = host.reset_reason;
	assert_memory_equal(&got, &host, sizeof(got));
}

static void test_block_goes_out_after_a_second(void **state)
{
	const struct tct_layout_host host = make_format_host();
	struct tct_writer writer;

	(void)state;
	assert_int_equal(tct_writer_start(&writer, new_file(), &host), 0);
	put_state(&writer, 1);
	assert_true(tct_writer_deadline(&writer) == UINT64_MAX);
	put_batch(&writer, 10 * SECOND);
	assert_true(tct_writer_deadline(&writer) == 11 * SECOND);
	put_batch(&writer, 11 * SECOND - 1);
	assert_int_equal(writer.bytes, START_SIZE);
	put_batch(&writer, 11 * SECOND);
	assert_true(writer.bytes > START_SIZE);
	assert_int_equal(tct_writer_close(&writer), 0);
}

static void test_block_goes_out_when_full(void **state)
{
	const struct tct_layout_host host = make_format_host();
	struct tct_writer writer;
	int count = 0;

	(void)state;
	assert_int_equal(tct_writer_start(&writer, new_file(), &host), 0);
	while (writer.bytes == START_SIZE && count < 1000)
		put_state(&writer, (uint64_t)++count);
	assert_in_range(writer.bytes - START_SIZE, TCT_WRITER_BLOCK, TCT_WRITER_BLOCK + 256);
	assert_int_equal(tct_writer_close(&writer), 0);
}

/* Every block before the cut is read, and what is missing is told, at each byte. */
static void test_cut_at_every_byte(void **state)
{
	struct tct_reader reader;
	size_t size, block;
	uint8_t *bytes = make_recording(3, &size);

	(void)state;
	block = (size - START_SIZE) / 3;
	for (size_t end = 0; end <= size; end++) {
		int got = read_all(&reader, bytes, end);

		if (end < START_SIZE) {
			assert_int_equal(got, -EINVAL);
			assert_true(reader.why[0]);
			continue;
		}
		assert_true(got >= 0 && got % 2 == 0);
		assert_true(got <= (int)((end - START_SIZE) / block + 1) * 2);
		assert_true(end < size || got == 6);
		if (end == size || end == START_SIZE)
			assert_false(reader.cut);
	}
	assert_int_equal(read_all(&reader, bytes, size - 1), 4);
	assert_true(reader.cut);
	free(bytes);
}

/* No flipped bit passes: it is told, or in the padding of the beginning's text it changes none. */
static void test_every_flipped_bit(void **state)
{
	struct tct_reader reader;
	size_t size;
	uint8_t *bytes = make_recording(2, &size);

	(void)state;
	for (size_t i = 0; i < 8 * size; i++) {
		int got;

		bytes[i / 8] ^= (uint8_t)(1u << i % 8);
		got = read_all(&reader, bytes, size);
		if (got >= 0 && !reader.cut)	/* the number of frames, which nobody needs */
			assert_in_range((i / 8 - START_SIZE) % ((size - START_SIZE) / 2), 12, 15);
		else if (got < 0)
			assert_true(reader.why[0]);
		bytes[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	free(bytes);
}

static void test_good_part_before_damage(void **state)
{
	struct tct_reader reader;
	struct tct_input input;
	size_t size;
	uint8_t *bytes = make_recording(2, &size);
	int fd = new_file();

	(void)state;
	bytes[size - 1] ^= 1;
	assert_int_equal(write(fd, bytes, size), size);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(tct_reader_start(&reader, fd), 0);
	assert_int_equal(tct_reader_next(&reader, &input), 1);
	assert_int_equal(tct_reader_next(&reader, &input), 1);
	assert_int_equal(tct_reader_next(&reader, &input), -EBADMSG);
	assert_non_null(strstr(reader.why, "damaged at byte"));
	tct_reader_close(&reader);
	free(bytes);
}

/* A block whose checksum is right, and whose frames are not. */
static void expect_bad_frame(uint32_t length, uint32_t kind, uint32_t len)
{
	size_t size;
	uint8_t *bytes = make_recording(1, &size);
	struct tct_layout_block block;
	struct tct_layout_input frame = {
		.frame = { .length = length, .kind = kind }, .len = len,
	};
	struct tct_reader reader;

	memcpy(&block, bytes + START_SIZE, sizeof(block));
	memcpy(bytes + START_SIZE + sizeof(block), &frame, sizeof(frame));
	block.crc = (uint32_t)crc32(0, bytes + START_SIZE + sizeof(block), block.length);
	memcpy(bytes + START_SIZE, &block, sizeof(block));
	assert_int_equal(read_all(&reader, bytes, size), -EBADMSG);
	free(bytes);
}

static void test_bad_frames(void **state)
{
	(void)state;
	expect_bad_frame(0, TCT_IN_BATCH, 0);
	expect_bad_frame(8, TCT_IN_BATCH, 0);
	expect_bad_frame(31, TCT_IN_BATCH, 0);
	expect_bad_frame(1u << 20, TCT_IN_BATCH, 0);
	expect_bad_frame(UINT32_MAX & ~7u, TCT_IN_BATCH, 0);
	expect_bad_frame(40, TCT_IN_CGROUP, 9);
	expect_bad_frame(40, TCT_IN_CGROUP, UINT32_MAX);
	expect_bad_frame(32, 0, 0);
	expect_bad_frame(32, TCT_INPUTS, 0);
	expect_bad_frame(8, TCT_IN_RECORD, 0);
}

/* `at` in the start gets `value`; returns the words. */
static const char *words_of(size_t at, const void *value, size_t len)
{
	static struct tct_reader reader;
	size_t size;
	uint8_t *bytes = make_recording(1, &size);

	memcpy(bytes + at, value, len);
	assert_int_equal(read_all(&reader, bytes, size), -EINVAL);
	free(bytes);
	return reader.why;
}

static void test_not_ours(void **state)
{
	const uint32_t swapped = __builtin_bswap32(TCT_LAYOUT_ORDER);
	const uint16_t version = 99;
	struct tct_reader reader;

	(void)state;
	assert_string_equal(words_of(0, "PK", 2), "it is no recording of ours");
	assert_non_null(strstr(words_of(8, &swapped, 4), "other byte order"));
	assert_non_null(strstr(words_of(12, &version, 2), "format is version 99"));
	assert_non_null(strstr(words_of(14, &version, 2), "records are version 99"));
	assert_int_equal(read_all(&reader, "", 0), -EINVAL);
	assert_string_equal(reader.why, "it is empty");
	assert_int_equal(tct_reader_open(&reader, "/"), -EISDIR);
	assert_int_equal(tct_reader_open(&reader, "/nowhere/at/all"), -ENOENT);
}

static void test_other_sizes(void **state)
{
	struct tct_layout_host host = make_format_host();
	struct tct_layout_start start;
	struct tct_reader reader;
	size_t size;
	uint8_t *bytes = make_recording(1, &size);

	(void)state;
	host.sizes[TCT_REC_STATE]++;
	memcpy(&start, bytes, sizeof(start));
	start.crc = (uint32_t)crc32(0, (const Bytef *)&host, sizeof(host));
	memcpy(bytes, &start, sizeof(start));
	memcpy(bytes + sizeof(start), &host, sizeof(host));
	assert_int_equal(read_all(&reader, bytes, size), -EINVAL);
	assert_non_null(strstr(reader.why, "another size"));
	free(bytes);
}

static void test_file_is_private_and_never_overwritten(void **state)
{
	const struct tct_host host = make_host();
	struct tct_recorder recorder;
	char path[] = "/tmp/tct-recording-XXXXXX";
	struct stat st;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(tct_recorder_open(&recorder, path, &host, false), -EEXIST);
	unlink(path);
	assert_int_equal(tct_recorder_open(&recorder, path, &host, false), 0);
	assert_int_equal(tct_recorder_close(&recorder), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	unlink(path);
}

static void test_full_disk(void **state)
{
	const struct tct_layout_host host = make_format_host();
	const struct tct_input batch = { .kind = TCT_IN_BATCH, .now_ns = 1 };
	struct tct_recorder recorder = { 0 };
	int fd = new_file();

	(void)state;
	assert_int_equal(tct_writer_start(&recorder.writer, fd, &host), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	for (int i = 0; i < 10000 && !recorder.failed; i++)
		tct_recorder_take(&recorder, &batch);
	assert_true(recorder.failed);
	assert_int_equal(tct_recorder_close(&recorder), -EPERM);
}

static void test_anonymous(void **state)
{
	const struct tct_host host = make_host();
	const struct tct_record_sock rec = stream_state(7, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	const struct tct_input inputs[] = {
		{ .kind = TCT_IN_RECORD, .data = &rec, .len = sizeof(rec) },
		{ .kind = TCT_IN_CGROUP, .which = 42, .data = "/acme", .len = 5 },
	};
	char path[] = "/tmp/tct-recording-XXXXXX";
	struct tct_recorder recorder;
	struct tct_reader reader;
	struct tct_input got;

	(void)state;
	close(mkstemp(path));
	unlink(path);
	assert_int_equal(tct_recorder_open(&recorder, path, &host, true), 0);
	for (size_t i = 0; i < COUNT(inputs); i++)
		tct_recorder_take(&recorder, &inputs[i]);
	assert_int_equal(tct_recorder_close(&recorder), 0);
	assert_int_equal(tct_reader_open(&reader, path), 0);
	unlink(path);
	assert_true(reader.host.flags & TCT_LAYOUT_ANONYMOUS);
	assert_int_equal(tct_reader_next(&reader, &got), 1);
	assert_memory_not_equal(got.data, &rec, sizeof(rec));
	assert_int_equal(tct_reader_next(&reader, &got), 1);
	assert_memory_equal(got.data, "/cgroup-", 8);
	tct_reader_close(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_block_goes_out_after_a_second),
		cmocka_unit_test(test_block_goes_out_when_full),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_every_flipped_bit),
		cmocka_unit_test(test_good_part_before_damage),
		cmocka_unit_test(test_bad_frames),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_other_sizes),
		cmocka_unit_test(test_file_is_private_and_never_overwritten),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_anonymous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
