// SPDX-License-Identifier: GPL-2.0
/* The reading end of slots, two shards in one memory that is written as bpf/slots.bpf.h does. */
#define _GNU_SOURCE
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../user/source/consumer.h"

#define SIZE 4096	/* of a shard: a page, for it is mapped */
#define SHARDS 2
#define SHARD 1		/* the one that is read */
#define EACH sizeof(struct tct_slot)
#define FIT (SIZE / EACH)
#define TAKEN_MAX 512

struct area {
	_Alignas(64) struct tct_slot_ends ends[SHARDS];
	char *memory;
	int fd;
	struct tct_consumer consumer;
	uint64_t taken[TAKEN_MAX];
	int count;
	int foreseen;
};

static struct area *area_new(void)
{
	struct area *area = aligned_alloc(64, sizeof(*area));
	struct tct_slots slots = { .size = SIZE };

	assert_non_null(area);
	memset(area, 0, sizeof(*area));
	area->fd = memfd_create("slots", MFD_CLOEXEC);
	assert_true(area->fd >= 0);
	assert_int_equal(ftruncate(area->fd, SHARDS * SIZE), 0);
	area->memory = mmap(NULL, SHARDS * SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, area->fd, 0);
	assert_true(area->memory != MAP_FAILED);
	slots.map_fd = area->fd;
	slots.ends = area->ends;
	assert_int_equal(tct_consumer_open_slots(&area->consumer, &slots, SHARD), 0);
	return area;
}

static void area_free(struct area *area)
{
	tct_consumer_close(&area->consumer);
	munmap(area->memory, SHARDS * SIZE);
	close(area->fd);
	free(area);
}

/* Taken, its record written, not whole yet. */
static struct tct_slot *take_slot(struct area *area, uint64_t cookie)
{
	struct tct_slot *slot = (void *)(area->memory + SHARD * SIZE +
					 area->ends[SHARD].produced % SIZE);
	const struct tct_record_step step = {
		.h = { .size = sizeof(step), .tag = TCT_REC_STEP }, .cookie = cookie,
	};

	area->ends[SHARD].produced += EACH;
	assert_true(area->ends[SHARD].produced - area->ends[SHARD].consumed <= SIZE);
	memcpy(slot->part, &step, sizeof(step));
	return slot;
}

static void produce(struct area *area, uint64_t cookie)
{
	struct tct_slot *slot = take_slot(area, cookie);

	slot->end = area->ends[SHARD].produced;
}

static int take(void *ctx, const void *data, size_t len)
{
	const struct tct_record_step *rec = data;
	struct area *area = ctx;

	assert_int_equal(len, sizeof(*rec));
	assert_true(area->count < TAKEN_MAX);
	area->taken[area->count++] = rec->cookie;
	return (int)len;
}

static int drain(struct area *area, int max)
{
	return tct_consumer_drain(&area->consumer, max, take, area);
}

/* A record of so many parts, whose bytes are all different from its neighbours'. */
static size_t produce_long(struct area *area, int parts, unsigned char tag, int late)
{
	unsigned char record[TCT_SLOT_PARTS_MAX * TCT_SLOT_PART];
	const struct tct_record_header header = { .size = (uint16_t)(parts * TCT_SLOT_PART - 8) };

	for (size_t i = 0; i < sizeof(record); i++)
		record[i] = (unsigned char)(tag + i);
	memcpy(record, &header, sizeof(header));
	for (int i = 0; i < parts; i++) {
		uint64_t at = area->ends[SHARD].produced;
		struct tct_slot *slot = (void *)(area->memory + SHARD * SIZE + at % SIZE);

		memcpy(slot->part, record + i * TCT_SLOT_PART, TCT_SLOT_PART);
		area->ends[SHARD].produced += EACH;
		if (i != late)
			slot->end = at + EACH;
	}
	return header.size;
}

static int take_long(void *ctx, const void *data, size_t len)
{
	const unsigned char *record = data;
	struct area *area = ctx;

	for (size_t i = sizeof(struct tct_record_header) + 1; i < len; i++)
		assert_int_equal(record[i], (unsigned char)(record[i - 1] + 1));
	area->taken[area->count++] = len;
	return (int)len;
}

/* In one piece, wherever the memory ends within them. */
static void test_puts_parts_together(void **state)
{
	struct area *area = area_new();

	(void)state;
	for (int i = 0; i < 200; i++) {
		size_t size = produce_long(area, 1 + i % TCT_SLOT_PARTS_MAX, (unsigned char)i, -1);

		assert_int_equal(tct_consumer_drain(&area->consumer, 1, take_long, area), 1);
		assert_int_equal(area->taken[i], size);
	}
	assert_int_equal(area->ends[SHARD].consumed, area->ends[SHARD].produced);
	area_free(area);
}

/* Whichever of its parts it is that is not written yet. */
static void test_waits_for_each_part(void **state)
{
	struct area *area = area_new();

	(void)state;
	for (int late = 0; late < 3; late++) {
		uint64_t at = area->ends[SHARD].produced + (uint64_t)late * EACH;
		struct tct_slot *slot = (void *)(area->memory + SHARD * SIZE + at % SIZE);

		area->count = 0;
		produce_long(area, 3, 7, late);
		assert_int_equal(tct_consumer_drain(&area->consumer, 1, take_long, area), 0);
		assert_true(area->consumer.busy);
		slot->end = at + EACH;
		assert_int_equal(tct_consumer_drain(&area->consumer, 1, take_long, area), 1);
	}
	area_free(area);
}

/* What a slot held a round ago is not taken for what it holds now. */
static void test_goes_round(void **state)
{
	struct area *area = area_new();

	(void)state;
	for (uint64_t i = 0; i < 400; i++) {
		produce(area, i + 1);
		if (i % 7 == 6)
			assert_int_equal(drain(area, TAKEN_MAX), 7);
	}
	drain(area, TAKEN_MAX);
	assert_int_equal(area->count, 400);
	for (uint64_t i = 0; i < 400; i++)
		assert_int_equal(area->taken[i], i + 1);
	assert_int_equal(area->ends[SHARD].consumed, area->ends[SHARD].produced);
	assert_int_equal(area->ends[0].consumed, 0);
	area_free(area);
}

static void test_fills_to_the_last(void **state)
{
	struct area *area = area_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < FIT; i++)
			produce(area, i);
		assert_int_equal(drain(area, TAKEN_MAX), FIT);
	}
	area_free(area);
}

/* What is behind it was whole before, and waits all the same; in each round. */
static void test_waits_for_what_is_written(void **state)
{
	struct area *area = area_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		struct tct_slot *slot;
		unsigned long end;

		area->count = 0;
		produce(area, 1);
		slot = take_slot(area, 2);
		end = area->ends[SHARD].produced;
		for (uint64_t i = 3; i <= FIT; i++)
			produce(area, i);
		assert_int_equal(drain(area, TAKEN_MAX), 1);
		assert_true(area->consumer.busy);
		assert_int_equal(area->ends[SHARD].consumed, end - EACH);
		assert_int_equal(tct_consumer_waiting(&area->consumer), 0);
		slot->end = end;
		assert_int_equal(tct_consumer_waiting(&area->consumer), FIT - 1);
		assert_int_equal(drain(area, TAKEN_MAX), FIT - 1);
		assert_false(area->consumer.busy);
		assert_int_equal(area->taken[1], 2);
	}
	area_free(area);
}

static void foresee(void *ctx, const void *data, size_t len)
{
	struct area *area = ctx;

	(void)data;
	(void)len;
	area->foreseen++;
}

/* Each once, whatever the drains end at. */
static void test_foresees(void **state)
{
	struct area *area = area_new();

	(void)state;
	tct_consumer_foresee(&area->consumer, foresee, area);
	for (uint64_t i = 0; i < 300; i++) {
		produce(area, i);
		if (i % 13 == 12)
			assert_int_equal(drain(area, TAKEN_MAX), 13);
	}
	drain(area, 1);
	assert_int_equal(area->foreseen, 300);
	area_free(area);
}

static void test_refuses_what_cannot_be_mapped(void **state)
{
	struct tct_slot_ends ends[1] = { 0 };
	const struct tct_slots slots = { .map_fd = -1, .size = SIZE, .ends = ends };
	struct tct_consumer consumer = { 0 };

	(void)state;
	assert_true(tct_consumer_open_slots(&consumer, &slots, 0) < 0);
	tct_consumer_close(&consumer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_round),
		cmocka_unit_test(test_fills_to_the_last),
		cmocka_unit_test(test_waits_for_what_is_written),
		cmocka_unit_test(test_puts_parts_together),
		cmocka_unit_test(test_waits_for_each_part),
		cmocka_unit_test(test_foresees),
		cmocka_unit_test(test_refuses_what_cannot_be_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
