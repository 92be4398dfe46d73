// SPDX-License-Identifier: GPL-2.0
/* Bytes that are no record are refused, and nothing that may come in makes the core crash. */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "../../user/core/decode.h"
#include "stream.h"

#define ROUNDS 200000
#define LONGEST sizeof(struct tct_record_tw_cancel)

_Static_assert(LONGEST >= sizeof(struct tct_record_sock), "the longest record");

struct buffer {
	_Alignas(8) uint8_t bytes[LONGEST];
};

/* A good record of each kind; returns its size. */
static size_t make(enum tct_record_tag tag, uint64_t cookie, uint64_t time_ns,
		   struct buffer *out)
{
	struct tct_record_sock sock = stream_state(cookie, TCT_ESTABLISHED, TCT_CLOSE_WAIT,
						   time_ns);
	struct tct_record_tw tw = stream_tw(tag, cookie, TCT_TIME_WAIT, time_ns);
	struct tct_record_tw_cancel cancel = stream_cancel(cookie, TCT_TIME_WAIT, time_ns,
							   "__run_timers");
	struct tct_record_owner owner = stream_owner(cookie, 42, 3, "curl");
	struct tct_record_step step = stream_step(cookie, TCT_ESTABLISHED, TCT_CLOSE_WAIT,
						  time_ns);

	struct tct_record_reset reset = { .h = tw.h, .state = TCT_CLOSE, .id = tw.id };
	struct tct_record_found found = stream_found(cookie, TCT_CLOSE_WAIT, time_ns);

	memset(out, 0, sizeof(*out));
	sock.h.tag = tag;
	cancel.tw.h.tag = tag;
	if (tag == TCT_REC_STATE || tag == TCT_REC_SOCK)
		memcpy(out, &sock, sizeof(sock));
	else if (tag == TCT_REC_TW_CANCEL || tag == TCT_REC_TW_END)
		memcpy(out, &cancel, sizeof(cancel));
	else if (tag == TCT_REC_RESET)
		memcpy(out, &reset, sizeof(reset));
	else if (tag == TCT_REC_OWNER)
		memcpy(out, &owner, sizeof(owner));
	else if (tag == TCT_REC_FOUND)
		memcpy(out, &found, sizeof(found));
	else if (tag == TCT_REC_STEP)
		memcpy(out, &step, sizeof(step));
	else
		memcpy(out, &tw, sizeof(tw));
	return ((struct tct_record_header *)out)->size;
}

static int decode(const struct buffer *buffer, size_t len)
{
	struct tct_decoded rec;

	return tct_decode(buffer->bytes, len, &rec);
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 168, 168, 88, 88, 216, 88, 48, 40, 216, 88, 88,
					216 };

	(void)state;
	for (int tag = TCT_REC_STATE; tag <= TCT_REC_FOUND; tag++) {
		struct buffer buffer;
		struct tct_decoded rec = { 0 };
		size_t size = make(tag, 7, 100, &buffer);

		assert_int_equal(size, sizes[tag]);
		assert_int_equal(tct_decode(buffer.bytes, size, &rec), size);
		assert_int_equal(rec.tag, tag);
		assert_ptr_equal(rec.sock, buffer.bytes);
	}
}

/* More bytes may follow: the next record. */
static void test_more_follows(void **state)
{
	struct buffer buffer;

	(void)state;
	make(TCT_REC_OWNER, 7, 100, &buffer);
	assert_int_equal(decode(&buffer, LONGEST), sizeof(struct tct_record_owner));
}

static void test_truncated(void **state)
{
	(void)state;
	for (int tag = TCT_REC_STATE; tag <= TCT_REC_FOUND; tag++) {
		struct buffer buffer;
		size_t size = make(tag, 7, 100, &buffer);

		for (size_t len = 0; len < size; len++)
			assert_int_equal(decode(&buffer, len), -EBADMSG);
	}
}

/* Read from an allocation of just that length, so that ASan sees a look beyond it. */
static void test_truncated_reads_no_further(void **state)
{
	(void)state;
	for (int tag = TCT_REC_STATE; tag <= TCT_REC_FOUND; tag++) {
		struct buffer buffer;
		size_t size = make(tag, 7, 100, &buffer);

		for (size_t len = 0; len < size; len++) {
			uint8_t *exact = test_malloc(len ? len : 1);
			struct tct_decoded rec;

			memcpy(exact, buffer.bytes, len);
			assert_int_equal(tct_decode(exact, len, &rec), -EBADMSG);
			test_free(exact);
		}
	}
}

static void test_wrong_size(void **state)
{
	(void)state;
	for (int tag = TCT_REC_STATE; tag <= TCT_REC_FOUND; tag++) {
		struct buffer buffer;
		size_t right = make(tag, 7, 100, &buffer);

		for (uint32_t size = 0; size <= UINT16_MAX; size++) {
			((struct tct_record_header *)&buffer)->size = (uint16_t)size;
			assert_int_equal(decode(&buffer, LONGEST),
					 size == right ? (int)right : -EBADMSG);
		}
	}
}

static void test_wrong_tag(void **state)
{
	static const size_t sizes[] = { 0, 4, 32, 40, 80, 160, 176 };

	(void)state;
	for (int tag = 0; tag < 256; tag++) {
		struct buffer buffer;

		if (tag >= TCT_REC_STATE && tag <= TCT_REC_STAYS)
			continue;
		make(TCT_REC_STATE, 7, 100, &buffer);
		for (size_t i = 0; i < COUNT(sizes); i++) {
			((struct tct_record_header *)&buffer)->size = (uint16_t)sizes[i];
			((struct tct_record_header *)&buffer)->tag = (uint8_t)tag;
			assert_int_equal(decode(&buffer, LONGEST), -EBADMSG);
		}
	}
}

static void test_wrong_version(void **state)
{
	(void)state;
	for (int tag = TCT_REC_STATE; tag <= TCT_REC_FOUND; tag++) {
		struct buffer buffer;
		size_t size = make(tag, 7, 100, &buffer);

		for (int version = 0; version < 256; version++) {
			((struct tct_record_header *)&buffer)->version = (uint8_t)version;
			assert_int_equal(decode(&buffer, size),
					 version == TCT_RECORD_VERSION ? (int)size : -EBADMSG);
		}
	}
}

static void test_states(void **state)
{
	(void)state;
	for (int number = 0; number < 256; number++) {
		struct tct_record_sock from = stream_state(7, number, TCT_CLOSE, 100);
		struct tct_record_sock to = stream_state(7, TCT_CLOSE, number, 100);
		struct tct_decoded rec;
		int expected = number >= 1 && number <= 12 ? (int)sizeof(from) : -EBADMSG;

		assert_int_equal(tct_decode(&from, sizeof(from), &rec), expected);
		assert_int_equal(tct_decode(&to, sizeof(to), &rec), expected);
		from.h.tag = to.h.tag = TCT_REC_SOCK;
		assert_int_equal(tct_decode(&from, sizeof(from), &rec), expected);
		assert_int_equal(tct_decode(&to, sizeof(to), &rec), expected);
	}
}

static void test_states_of_found(void **state)
{
	(void)state;
	for (int number = 0; number < 256; number++) {
		struct tct_record_found found = stream_found(7, number, 100);
		struct tct_decoded rec;

		assert_int_equal(tct_decode(&found, sizeof(found), &rec),
				 number >= 1 && number <= 12 ? (int)sizeof(found) : -EBADMSG);
	}
}

static void test_substates(void **state)
{
	static const enum tct_record_tag tags[] = { TCT_REC_TW_START, TCT_REC_TW_SEGMENT,
						    TCT_REC_TW_CANCEL, TCT_REC_TW_SOCK };

	(void)state;
	for (size_t i = 0; i < COUNT(tags); i++) {
		struct buffer buffer;
		size_t size = make(tags[i], 7, 100, &buffer);

		for (int number = 0; number < 256; number++) {
			((struct tct_record_tw *)&buffer)->substate = (uint8_t)number;
			assert_int_equal(decode(&buffer, size),
					 number == TCT_TIME_WAIT || number == TCT_FIN_WAIT2
						 ? (int)size : -EBADMSG);
		}
	}
}

static void test_families(void **state)
{
	(void)state;
	for (int family = 0; family < 256; family++) {
		struct tct_record_sock sock = stream_state(7, TCT_CLOSE, TCT_LISTEN, 100);
		struct tct_record_tw tw = stream_tw(TCT_REC_TW_START, 7, TCT_TIME_WAIT, 100);
		struct tct_decoded rec;
		bool good = family == AF_INET || family == AF_INET6;

		sock.id.family = tw.id.family = (uint8_t)family;
		assert_int_equal(tct_decode(&sock, sizeof(sock), &rec),
				 good ? (int)sizeof(sock) : -EBADMSG);
		assert_int_equal(tct_decode(&tw, sizeof(tw), &rec),
				 good ? (int)sizeof(tw) : -EBADMSG);
	}
}

static void test_owner_without_pid(void **state)
{
	struct tct_record_owner owner = stream_owner(7, 0, 3, "curl");
	struct tct_decoded rec;

	(void)state;
	assert_int_equal(tct_decode(&owner, sizeof(owner), &rec), -EBADMSG);
}

/* The tracker passes the refusal on, and is not changed by it. */
static void test_tracker_refuses(void **state)
{
	struct stream *stream = *state;
	struct tct_record_sock rec = stream_state(7, TCT_CLOSE, 13, 100);

	assert_int_equal(tct_shards_feed(&stream->shards, &rec, sizeof(rec)), -EBADMSG);
	assert_int_equal(tct_shards_feed(&stream->shards, &rec, 0), -EBADMSG);
	assert_int_equal(stream->shards.shard[0].mirror.pool.live, 0);
	stream_expect(stream, "");
}

/* xorshift64*, always from the same seed. */
static uint32_t next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)(*seed * 0x2545F4914F6CDD1Dull >> 32);
}

/* The states and the numbers vary even where no byte is flipped, so that sockets really move. */
static size_t make_random(uint64_t *seed, uint64_t time_ns, struct buffer *out)
{
	enum tct_record_tag tag = TCT_REC_STATE + next_random(seed) % TCT_REC_FOUND;
	size_t size = make(tag, 1 + next_random(seed) % 64, time_ns, out);
	struct tct_record_sock *sock = (struct tct_record_sock *)out;

	if (tag == TCT_REC_STATE || tag == TCT_REC_SOCK || tag == TCT_REC_STEP ||
	    tag == TCT_REC_FOUND) {
		sock->from = (uint8_t)(1 + next_random(seed) % 12);
		sock->to = (uint8_t)(1 + next_random(seed) % 12);
		sock->flags = (uint8_t)next_random(seed);
	} else if (tag != TCT_REC_OWNER) {
		((struct tct_record_tw *)out)->substate =
			next_random(seed) % 2 ? TCT_TIME_WAIT : TCT_FIN_WAIT2;
	}
	return size;
}

static void mutate(uint64_t *seed, struct buffer *buffer, size_t size)
{
	uint32_t flips = next_random(seed) % 6;

	while (flips--)
		buffer->bytes[next_random(seed) % size] = (uint8_t)next_random(seed);
}

static void scan_at(struct stream *stream, uint64_t now_ns)
{
	if (tct_shards_tick(&stream->shards, now_ns)) {
		tct_shards_scan_begin(&stream->shards, now_ns);
		tct_shards_scan_end(&stream->shards, now_ns);
	}
	tct_shards_judge(&stream->shards, 300);
	recorder_take(&stream->recorder);
}

/* Whatever came in: every socket is on one list of one state, and the counts agree. */
static void expect_consistent(const struct tct_shards *shards)
{
	const struct tct_tracker *tracker = shards->shard;
	uint64_t counted = 0, listed = shards->stuck.part[0].fresh.count;

	for (int s = 0; s < TCT_STATES; s++) {
		counted += tracker->mirror.by_state[s];
		listed += tracker->mirror.lists[0][s].count + tracker->mirror.lists[1][s].count;
	}
	for (uint32_t i = shards->stuck.groups.first; i;) {
		const struct tct_group *group = tct_groups_at(&shards->stuck.groups, i);

		assert_true(tct_group_count(group) > 0);
		listed += tct_group_count(group);
		i = group->next;
	}
	assert_int_equal(counted, tracker->mirror.pool.live);
	assert_int_equal(listed, tracker->mirror.pool.live);
}

static void test_mutations(void **state)
{
	struct stream *stream = *state;
	uint64_t seed = 20240229, now_ns = SECOND;
	size_t taken = 0;

	for (size_t round = 0; round < ROUNDS; round++) {
		struct buffer buffer;
		size_t size = make_random(&seed, now_ns, &buffer);
		int got;

		now_ns += 1 + next_random(&seed) % (SECOND / 10);
		mutate(&seed, &buffer, size);
		if (next_random(&seed) % 16 == 0)
			size = next_random(&seed) % (size + 1);
		got = tct_shards_feed(&stream->shards, buffer.bytes, size);
		assert_true(got == -EBADMSG || (got > 0 && (size_t)got <= size));
		taken += got > 0;
		if (round % 1000 == 0)
			scan_at(stream, now_ns);
		if (round == ROUNDS / 2)
			assert_int_equal(tct_shards_seeded(&stream->shards), 0);
	}
	tct_shards_join(&stream->shards);
	expect_consistent(&stream->shards);
	assert_true(taken > ROUNDS / 2);
	assert_true(taken < ROUNDS);
	/* it got everywhere */
	assert_true(stream->shards.stuck.opened > 100);
	assert_true(stream->shards.shard[0].totals.illegal > 100);
	assert_true(stream->shards.shard[0].totals.teardowns[TCT_KIND_ORDERLY] > 0);
	assert_true(stream->shards.shard[0].mirror.pool.live > 1000);
}

/* Bytes without any structure but a header that promises some. */
static void test_noise(void **state)
{
	struct stream *stream = *state;
	uint64_t seed = 1;

	for (size_t round = 0; round < ROUNDS / 10; round++) {
		struct buffer buffer, scratch;
		enum tct_record_tag tag = TCT_REC_STATE + round % 7;
		size_t size = make(tag, 7, 100, &scratch);

		for (size_t i = 0; i < sizeof(buffer); i++)
			buffer.bytes[i] = (uint8_t)next_random(&seed);
		memcpy(&buffer, &scratch, sizeof(struct tct_record_header));
		tct_shards_feed(&stream->shards, buffer.bytes, size);
	}
	tct_shards_join(&stream->shards);
	expect_consistent(&stream->shards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_more_follows),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_truncated_reads_no_further),
		cmocka_unit_test(test_wrong_size),
		cmocka_unit_test(test_wrong_tag),
		cmocka_unit_test(test_wrong_version),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_states_of_found),
		cmocka_unit_test(test_substates),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_owner_without_pid),
		cmocka_unit_test_setup_teardown(test_tracker_refuses, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(test_mutations, stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(test_noise, stream_setup, stream_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
