// SPDX-License-Identifier: GPL-2.0
/* The kernel side's filters, for the records of a recording. */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "../../user/record/sift.h"
#include "stream.h"

#define SK 0xffff888000001000ull

struct sieve {
	struct tct_filter_config config;
	struct tct_sift sift;
	uint64_t times[8];	/* of what passed */
	int count;
};

static int setup(void **state)
{
	static struct sieve sieve;

	memset(&sieve, 0, sizeof(sieve));
	*state = &sieve;
	return 0;
}

static int teardown(void **state)
{
	tct_sift_fini(&((struct sieve *)*state)->sift);
	return 0;
}

static int take(void *ctx, const struct tct_input *input)
{
	struct sieve *sieve = ctx;
	const struct tct_record_sock *rec = input->data;

	assert_true(sieve->count < (int)COUNT(sieve->times));
	sieve->times[sieve->count++] = rec ? rec->id.time_ns : input->now_ns;
	return 0;
}

static int put(struct sieve *sieve, const void *rec)
{
	const struct tct_record_header *h = rec;
	const struct tct_input input = { .kind = TCT_IN_RECORD, .data = rec, .len = h->size };

	return tct_sift_pass(&sieve->sift, &input, take, sieve);
}

static void move(struct sieve *sieve, enum tct_state from, enum tct_state to, uint16_t lport,
		 uint16_t rport, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(7, from, to, time_ns);

	rec.id.address = SK;
	rec.id.lport = lport;
	rec.id.rport = rport;
	assert_int_equal(put(sieve, &rec), 0);
}

static void start(struct sieve *sieve)
{
	assert_int_equal(tct_sift_init(&sieve->sift, &sieve->config, 0), 0);
}

static void want_lport(struct sieve *sieve, uint16_t port)
{
	sieve->config.filter.by_lport = 1;
	sieve->config.lports[port / 64] |= 1ull << port % 64;
	start(sieve);
}

static void test_without_filters_all_pass(void **state)
{
	struct sieve *sieve = *state;

	start(sieve);
	move(sieve, TCT_CLOSE, TCT_SYN_SENT, 0, 80, 1);
	assert_int_equal(sieve->count, 1);
}

static void test_port_known_later(void **state)
{
	struct sieve *sieve = *state;

	want_lport(sieve, 4000);
	move(sieve, TCT_CLOSE, TCT_SYN_SENT, 0, 80, 1);
	assert_int_equal(sieve->count, 0);
	move(sieve, TCT_SYN_SENT, TCT_ESTABLISHED, 4000, 80, 2);
	move(sieve, TCT_ESTABLISHED, TCT_FIN_WAIT1, 4000, 80, 3);
	assert_int_equal(sieve->count, 3);
	assert_int_equal(sieve->times[0], 1);
	assert_int_equal(sieve->times[1], 2);
}

static void test_other_port(void **state)
{
	struct sieve *sieve = *state;

	want_lport(sieve, 4000);
	move(sieve, TCT_CLOSE, TCT_SYN_SENT, 0, 80, 1);
	move(sieve, TCT_SYN_SENT, TCT_ESTABLISHED, 4001, 80, 2);
	move(sieve, TCT_CLOSE, TCT_SYN_SENT, 0, 80, 3);	/* the same address, another socket */
	move(sieve, TCT_SYN_SENT, TCT_ESTABLISHED, 4000, 80, 4);
	assert_int_equal(sieve->count, 2);
	assert_int_equal(sieve->times[0], 3);
}

/* Up to 6.12 a child has no peer at first, and its listener's cookie. */
static void test_child_without_peer(void **state)
{
	struct sieve *sieve = *state;

	sieve->config.filter.by_rport = 1;
	sieve->config.rports[5000 / 64] |= 1ull << 5000 % 64;
	start(sieve);
	move(sieve, TCT_LISTEN, TCT_SYN_RECV, 80, 0, 1);
	move(sieve, TCT_SYN_RECV, TCT_ESTABLISHED, 80, 5000, 2);
	move(sieve, TCT_SYN_RECV, TCT_ESTABLISHED, 80, 5001, 3);
	assert_int_equal(sieve->count, 2);
}

static void test_steps_wait_too(void **state)
{
	struct tct_record_step first = stream_step(7, TCT_CLOSE, TCT_SYN_SENT, 1);
	struct tct_record_step second = stream_step(7, TCT_SYN_SENT, TCT_ESTABLISHED, 2);
	struct sieve *sieve = *state;

	want_lport(sieve, 40000);
	first.lport = 0;
	first.address = second.address = SK;
	put(sieve, &first);
	assert_int_equal(sieve->count, 0);
	put(sieve, &second);
	assert_int_equal(sieve->count, 2);
}

static void test_family_and_namespace(void **state)
{
	struct tct_record_tw tw = stream_tw(TCT_REC_TW_START, 7, TCT_TIME_WAIT, 1);
	struct sieve *sieve = *state;

	sieve->config.filter.family = AF_INET6;
	sieve->config.filter.netns = 2;
	start(sieve);
	put(sieve, &tw);
	tw.id.family = AF_INET6;
	put(sieve, &tw);
	tw.id.netns = 2;
	assert_int_equal(sieve->count, 0);
	put(sieve, &tw);
	assert_int_equal(sieve->count, 1);
}

static void test_owners_of_a_namespace(void **state)
{
	struct tct_record_owner owner = stream_owner(7, 42, 3, "curl");
	struct sieve *sieve = *state;

	sieve->config.filter.netns = 2;
	start(sieve);
	put(sieve, &owner);
	assert_int_equal(sieve->count, 0);
	owner.netns = 2;
	put(sieve, &owner);
	assert_int_equal(sieve->count, 1);
}

static void test_no_audit_of_a_part(void **state)
{
	const struct tct_input audit = { .kind = TCT_IN_AUDIT_SWEEP, .now_ns = 1 };
	const struct tct_input batch = { .kind = TCT_IN_BATCH, .now_ns = 2 };
	struct sieve *sieve = *state;

	want_lport(sieve, 4000);
	tct_sift_pass(&sieve->sift, &audit, take, sieve);
	assert_int_equal(sieve->count, 0);
	tct_sift_pass(&sieve->sift, &batch, take, sieve);
	assert_int_equal(sieve->count, 1);
}

/* What was recorded with a filter is whole for the same filter, its audits as well. */
static void test_as_recorded(void **state)
{
	const struct tct_input begin = { .kind = TCT_IN_AUDIT_BEGIN, .now_ns = 1 };
	struct sieve *sieve = *state;
	struct tct_filter_config *config = &sieve->config;
	uint32_t recorded;

	assert_int_equal(tct_sift_filter(config), 0);
	config->filter.netns = 1;
	recorded = tct_sift_filter(config);
	assert_int_not_equal(recorded, 0);
	assert_int_equal(tct_sift_init(&sieve->sift, config, recorded), 0);
	tct_sift_pass(&sieve->sift, &begin, take, sieve);
	assert_int_equal(sieve->count, 1);
	config->filter.by_lport = 1;
	assert_int_equal(tct_sift_init(&sieve->sift, config, recorded), 0);
	tct_sift_pass(&sieve->sift, &begin, take, sieve);
	assert_int_equal(sieve->count, 1);
}

static void test_no_record(void **state)
{
	const uint64_t bytes[2] = { 16, 0 };
	const struct tct_input input = { .kind = TCT_IN_RECORD, .data = bytes, .len = 16 };
	struct sieve *sieve = *state;

	want_lport(sieve, 4000);
	assert_int_equal(tct_sift_pass(&sieve->sift, &input, take, sieve), -EBADMSG);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_filters_all_pass),
		TEST(test_port_known_later),
		TEST(test_other_port),
		TEST(test_child_without_peer),
		TEST(test_steps_wait_too),
		TEST(test_family_and_namespace),
		TEST(test_owners_of_a_namespace),
		TEST(test_no_audit_of_a_part),
		TEST(test_as_recorded),
		TEST(test_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
