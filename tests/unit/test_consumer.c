// SPDX-License-Identifier: GPL-2.0
/* The reading end of a ring, against one in plain memory that is written as the kernel does. */
#include "test.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/source/consumer.h"

#define SIZE 4096
#define TAKEN_MAX 512

struct ring {
	unsigned long consumed, produced;
	char data[2 * SIZE];
	struct tct_consumer consumer;
	uint64_t taken[TAKEN_MAX];
	int count;
	int told;	/* records that came when the kernel knew of all before them */
	uint64_t foreseen[TAKEN_MAX];
	int foreseen_count;
};

static struct ring *ring_new(void)
{
	struct ring *ring = aligned_alloc(8, sizeof(*ring));

	assert_non_null(ring);
	memset(ring, 0, sizeof(*ring));
	ring->consumer = (struct tct_consumer){
		.consumed = &ring->consumed, .produced = &ring->produced, .data = ring->data,
		.size = SIZE,
	};
	return ring;
}

/* The second half is the first one again. */
static void put(struct ring *ring, unsigned long at, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t place = (at + i) % SIZE;

		ring->data[place] = ring->data[place + SIZE] = ((const char *)bytes)[i];
	}
}

/* Returns where its header is. */
static unsigned long produce(struct ring *ring, uint64_t cookie, uint32_t flags)
{
	const struct tct_record_step rec = {
		.h = { .size = sizeof(rec), .tag = TCT_REC_STEP }, .cookie = cookie,
	};
	const uint32_t header[2] = { (uint32_t)sizeof(rec) | flags, 0 };
	unsigned long at = ring->produced;

	put(ring, at, header, sizeof(header));
	put(ring, at + sizeof(header), &rec, sizeof(rec));
	ring->produced += sizeof(header) + sizeof(rec);
	assert_true(ring->produced - ring->consumed <= SIZE);
	return at;
}

static void submit(struct ring *ring, unsigned long at)
{
	const uint32_t header = sizeof(struct tct_record_step);

	put(ring, at, &header, sizeof(header));
}

static int take(void *ctx, const void *data, size_t len)
{
	const struct tct_record_step *rec = data;
	struct ring *ring = ctx;

	assert_int_equal(len, sizeof(*rec));
	assert_true(ring->count < TAKEN_MAX);
	ring->taken[ring->count++] = rec->cookie;
	return (int)len;
}

static int drain(struct ring *ring, int max)
{
	return tct_consumer_drain(&ring->consumer, max, take, ring);
}

/* Records of 48 bytes do not divide the ring: each round tears another one. */
static void test_goes_round(void **state)
{
	struct ring *ring = ring_new();

	(void)state;
	for (uint64_t i = 0; i < 400; i++) {
		produce(ring, i + 1, 0);
		if (i % 7 == 6)
			assert_int_equal(drain(ring, TAKEN_MAX), 7);
	}
	drain(ring, TAKEN_MAX);
	assert_int_equal(ring->count, 400);
	for (uint64_t i = 0; i < 400; i++)
		assert_int_equal(ring->taken[i], i + 1);
	assert_int_equal(ring->consumed, ring->produced);
	free(ring);
}

/* What is behind it was complete before, and waits all the same. */
static void test_waits_for_what_is_written(void **state)
{
	struct ring *ring = ring_new();
	unsigned long at;

	(void)state;
	produce(ring, 1, 0);
	at = produce(ring, 2, BPF_RINGBUF_BUSY_BIT);
	produce(ring, 3, 0);
	assert_int_equal(drain(ring, TAKEN_MAX), 1);
	assert_true(ring->consumer.busy);
	assert_false(ring->consumer.more);
	assert_int_equal(ring->consumed, at);
	assert_int_equal(tct_consumer_end(&ring->consumer), ring->produced);
	assert_int_equal(tct_consumer_waiting(&ring->consumer), 0);
	submit(ring, at);
	assert_int_equal(tct_consumer_waiting(&ring->consumer), 2);
	assert_int_equal(drain(ring, TAKEN_MAX), 2);
	assert_false(ring->consumer.busy);
	assert_int_equal(ring->taken[2], 3);
	free(ring);
}

static void test_passes_over_what_was_discarded(void **state)
{
	struct ring *ring = ring_new();

	(void)state;
	produce(ring, 1, BPF_RINGBUF_DISCARD_BIT);
	produce(ring, 2, 0);
	produce(ring, 3, BPF_RINGBUF_DISCARD_BIT);
	assert_int_equal(tct_consumer_waiting(&ring->consumer), 1);
	assert_int_equal(drain(ring, TAKEN_MAX), 1);
	assert_int_equal(ring->taken[0], 2);
	assert_int_equal(ring->consumed, ring->produced);
	free(ring);
}

static void test_ends_at_its_bound(void **state)
{
	struct ring *ring = ring_new();

	(void)state;
	for (uint64_t i = 1; i <= 10; i++)
		produce(ring, i, 0);
	assert_int_equal(drain(ring, 4), 4);
	assert_true(ring->consumer.more);
	assert_int_equal(drain(ring, 6), 6);
	assert_false(ring->consumer.more);
	free(ring);
}

static int take_behind(void *ctx, const void *data, size_t len)
{
	struct ring *ring = ctx;
	unsigned long untold = ring->consumer.position - ring->consumed;

	assert_true(untold <= SIZE / 32);
	ring->told += !untold;
	return take(ctx, data, len);
}

/* Not of each record, but before what was read could be missed; of the last one at the end. */
static void test_tells_the_kernel(void **state)
{
	struct ring *ring = ring_new();

	(void)state;
	for (uint64_t i = 1; i <= 60; i++)
		produce(ring, i, 0);
	assert_int_equal(tct_consumer_drain(&ring->consumer, 39, take_behind, ring), 39);
	assert_in_range(ring->told, 10, 20);
	assert_int_equal(ring->consumed, ring->consumer.position);
	assert_int_equal(drain(ring, TAKEN_MAX), 21);
	assert_int_equal(ring->consumed, ring->produced);
	free(ring);
}

static int refuse(void *ctx, const void *data, size_t len)
{
	return take(ctx, data, len) && ((struct ring *)ctx)->count > 2 ? -EBADMSG : (int)len;
}

/* It is read, and what is behind it is not. */
static void test_ends_at_one_that_is_refused(void **state)
{
	struct ring *ring = ring_new();

	(void)state;
	for (uint64_t i = 1; i <= 5; i++)
		produce(ring, i, 0);
	assert_int_equal(tct_consumer_drain(&ring->consumer, TAKEN_MAX, refuse, ring), -EBADMSG);
	assert_int_equal(ring->count, 3);
	assert_int_equal(ring->consumed, ring->consumer.position);
	assert_int_equal(drain(ring, TAKEN_MAX), 2);
	assert_int_equal(ring->taken[3], 4);
	free(ring);
}

/* At most a quarter of the ring is held back, and all of it is there until it is released. */
static void test_holds_a_quarter(void **state)
{
	struct ring *ring = ring_new();
	int got, most = SIZE / 4 / 48 + 1;

	(void)state;
	tct_consumer_hold(&ring->consumer, 0);
	for (uint64_t i = 1; i <= 80; i++)
		produce(ring, i, 0);
	got = drain(ring, TAKEN_MAX);
	assert_int_equal(got, most);
	assert_true(ring->consumer.more);
	assert_int_equal(ring->consumed, 0);
	assert_int_equal(drain(ring, TAKEN_MAX), 0);
	assert_true(ring->consumer.more);
	tct_consumer_release(&ring->consumer);
	assert_int_equal(ring->consumed, got * 48);
	assert_int_equal(drain(ring, TAKEN_MAX), most);
	assert_int_equal(ring->taken[most], most + 1);
	free(ring);
}

static void foresee(void *ctx, const void *data, size_t len)
{
	const struct tct_record_step *rec = data;
	struct ring *ring = ctx;

	assert_int_equal(len, sizeof(*rec));
	assert_true(ring->foreseen_count < TAKEN_MAX);
	ring->foreseen[ring->foreseen_count++] = rec->cookie;
}

static int take_foreseen(void *ctx, const void *data, size_t len)
{
	const struct ring *ring = ctx;

	assert_true(ring->foreseen_count > ring->count);
	assert_true(ring->foreseen_count <= ring->count + 16);
	assert_int_equal(ring->foreseen[ring->count],
			 ((const struct tct_record_step *)data)->cookie);
	return take(ctx, data, len);
}

static void drain_foreseen(struct ring *ring, int max, int got)
{
	assert_int_equal(tct_consumer_drain(&ring->consumer, max, take_foreseen, ring), got);
}

/* Each once and in order, some time before it is handed on, whatever the drains end at. */
static void test_foresees(void **state)
{
	struct ring *ring = ring_new();
	unsigned long at = 0;

	(void)state;
	tct_consumer_foresee(&ring->consumer, foresee, ring);
	for (uint64_t i = 1; i <= 70; i++) {
		if (i == 60)
			at = produce(ring, i, BPF_RINGBUF_BUSY_BIT);
		else
			produce(ring, i, i % 9 ? 0 : BPF_RINGBUF_DISCARD_BIT);
	}
	drain_foreseen(ring, 30, 30);
	assert_true(ring->foreseen_count > 40);
	drain_foreseen(ring, TAKEN_MAX, 23);
	assert_int_equal(ring->foreseen_count, 53);
	submit(ring, at);
	drain_foreseen(ring, TAKEN_MAX, 10);
	assert_int_equal(ring->foreseen_count, 63);
	for (uint64_t i = 0; i < 300; i++) {
		produce(ring, i + 1, 0);
		if (i % 13 == 12)
			drain_foreseen(ring, TAKEN_MAX, 13);
	}
	drain_foreseen(ring, TAKEN_MAX, 1);
	assert_int_equal(ring->foreseen_count, 363);
	free(ring);
}

/* Where reading begins again, what was foreseen was of another place. */
static void test_foresees_after_a_hold(void **state)
{
	struct ring *ring = ring_new();

	(void)state;
	tct_consumer_foresee(&ring->consumer, foresee, ring);
	for (uint64_t i = 1; i <= 20; i++)
		produce(ring, i, 0);
	drain_foreseen(ring, 1, 1);
	ring->count = ring->foreseen_count = 0;
	tct_consumer_hold(&ring->consumer, 0);
	drain_foreseen(ring, TAKEN_MAX, 20);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_round),
		cmocka_unit_test(test_waits_for_what_is_written),
		cmocka_unit_test(test_passes_over_what_was_discarded),
		cmocka_unit_test(test_ends_at_its_bound),
		cmocka_unit_test(test_tells_the_kernel),
		cmocka_unit_test(test_ends_at_one_that_is_refused),
		cmocka_unit_test(test_holds_a_quarter),
		cmocka_unit_test(test_foresees),
		cmocka_unit_test(test_foresees_after_a_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
