// SPDX-License-Identifier: GPL-2.0
/* What is left in the ring, as the kernel's side and ours see it. */
#include "test.h"

#include <linux/bpf.h>
#include <string.h>
#include "../../user/source/consumer.h"

#define SIZE 4096
#define RECORD 32	/* with its header */

struct field {
	unsigned long consumed, produced;
	_Alignas(8) char data[2 * SIZE];
	struct tct_consumer consumer;
};

/* A record of the kernel's side: submitted, or still being written (BPF_RINGBUF_BUSY_BIT). */
static void produce(struct field *field, uint32_t flag)
{
	uint32_t header = (RECORD - BPF_RINGBUF_HDR_SZ) | flag;

	memcpy(field->data + field->produced, &header, sizeof(header));
	field->produced += RECORD;
}

static int setup(void **state)
{
	static struct field field;

	field = (struct field){ 0 };
	field.consumer = (struct tct_consumer){
		.consumed = &field.consumed, .produced = &field.produced, .data = field.data,
		.size = SIZE,
	};
	*state = &field;
	return 0;
}

static int take(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	(void)data;
	return (int)len;
}

static void drain(struct field *field, int max, int count, bool left)
{
	bool more = !left;

	assert_int_equal(tct_consumer_drain(&field->consumer, max, &more, take, NULL), count);
	assert_int_equal(more, left);
}

static void test_all_is_read(void **state)
{
	struct field *field = *state;

	produce(field, 0);
	produce(field, BPF_RINGBUF_DISCARD_BIT);
	produce(field, 0);
	drain(field, 10, 2, false);
	assert_int_equal(field->consumed, 3 * RECORD);
	assert_int_equal(tct_consumer_level(&field->consumer), 0);
}

static void test_as_many_as_asked_for(void **state)
{
	struct field *field = *state;

	produce(field, 0);
	produce(field, 0);
	drain(field, 1, 1, true);
	drain(field, 1, 1, false);
}

/* One CPU has reserved its place and was interrupted: what others sent since waits behind it. */
static void test_one_is_being_written(void **state)
{
	struct field *field = *state;

	produce(field, BPF_RINGBUF_BUSY_BIT);
	produce(field, 0);
	drain(field, 10, 0, true);
	assert_int_equal(tct_consumer_level(&field->consumer), 2 * RECORD);
	field->produced = 0;
	produce(field, 0);
	field->produced += RECORD;
	drain(field, 10, 2, false);
}

/* What is read is released when it is in for good; a quarter of the ring may be held. */
static void test_held(void **state)
{
	struct field *field = *state;

	for (int i = 0; i < SIZE / RECORD / 2; i++)
		produce(field, 0);
	tct_consumer_hold(&field->consumer, 0);
	drain(field, 1000, SIZE / RECORD / 4 + 1, true);
	assert_int_equal(field->consumed, 0);
	drain(field, 1000, 0, true);
	tct_consumer_release(&field->consumer);
	drain(field, 1000, SIZE / RECORD / 4 - 1, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_all_is_read, setup),
		cmocka_unit_test_setup(test_as_many_as_asked_for, setup),
		cmocka_unit_test_setup(test_one_is_being_written, setup),
		cmocka_unit_test_setup(test_held, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
