// SPDX-License-Identifier: GPL-2.0
/* What is gathered of a connection: its two ends, when it is told, and what is given up. */
#include "test.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "tale.h"

#define REST_NS 20000000ull

static struct tale tale;
static struct tale_socket client, server;

static void begin(const struct tct_stories_config *config)
{
	client = tale_client();
	server = tale_server();
	tale_begin(&tale, TALE_JSON, config);
}

static int setup(void **state)
{
	(void)state;
	begin(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tale_end(&tale);
	return 0;
}

static void again(const struct tct_stories_config *config)
{
	tale_end(&tale);
	begin(config);
}

static void reset_client(uint64_t us)
{
	tale_move(&tale, &client, TCT_ESTABLISHED, TCT_CLOSE, us);
	tale_tear(&tale, &client, TCT_KIND_ABORT_LINGER, TCT_CLOSER_LOCAL, us);
}

static void reset_server(uint64_t us)
{
	tale_move(&tale, &server, TCT_ESTABLISHED, TCT_CLOSE, us);
	tale_tear(&tale, &server, TCT_KIND_RESET_RECEIVED, TCT_CLOSER_REMOTE, us);
}

static void play(void)
{
	tale_open(&tale, &client, &server);
	reset_client(500);
	reset_server(510);
}

/* Whether the last story had both its ends. */
static bool told_both(void)
{
	const char *last = tale_text(&tale), *next;
	json_t *story, *a, *b;
	bool both;

	while ((next = strchr(last, '\n')) && next[1])
		last = next + 1;
	story = json_loads(last, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(story);
	a = json_object_get(story, "a");
	b = json_object_get(story, "b");
	both = json_is_true(json_object_get(a, "seen")) && json_is_true(json_object_get(b, "seen"));
	json_decref(story);
	return both;
}

static unsigned int told(void)
{
	tale_text(&tale);
	return tale.told;
}

static void test_both_ends(void **state)
{
	(void)state;
	play();
	assert_int_equal(told(), 1);
	assert_true(told_both());
	assert_int_equal(tale.stories.count, 0);
}

/* Events of two CPUs come a moment apart, in any order. */
static void test_server_told_first(void **state)
{
	(void)state;
	tale_move(&tale, &server, TCT_LISTEN, TCT_SYN_RECV, 105);
	tale_move(&tale, &server, TCT_SYN_RECV, TCT_ESTABLISHED, 110);
	reset_server(510);
	assert_int_equal(tct_stories_settle(&tale.stories, 511000), 510000 + REST_NS);
	assert_int_equal(tale.told, 0);
	tale_move(&tale, &client, TCT_CLOSE, TCT_SYN_SENT, 50);
	tale_move(&tale, &client, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	reset_client(500);
	assert_int_equal(told(), 1);
	assert_true(told_both());
}

static void test_nothing_to_settle(void **state)
{
	(void)state;
	tale_open(&tale, &client, &server);
	assert_true(tct_stories_settle(&tale.stories, 1) == UINT64_MAX);
}

/* Its port was not chosen when it began, and the peer may know it as IPv4. */
static void test_port_chosen_later(void **state)
{
	(void)state;
	client.who.tuple.lport = 0;
	tale_move(&tale, &client, TCT_CLOSE, TCT_SYN_SENT, 50);
	client.who.tuple.lport = 40000;
	tale_move(&tale, &client, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	tale_move(&tale, &server, TCT_SYN_RECV, TCT_ESTABLISHED, 110);
	reset_client(500);
	reset_server(510);
	assert_int_equal(told(), 1);
	assert_true(told_both());
}

static void test_other_namespace(void **state)
{
	(void)state;
	server.who.netns = 2;
	play();
	assert_int_equal(told(), 1);
	assert_true(told_both());
}

/* The same addresses in two namespaces, and yet not the same connection. */
static void test_numbers_differ(void **state)
{
	(void)state;
	server.who.netns = 2;
	server.numbers.rcv_nxt++;
	play();
	assert_int_equal(told(), 2);
	assert_false(told_both());
}

/* Both were there before us: in one namespace there is no other with these addresses. */
static void test_beginning_not_seen(void **state)
{
	(void)state;
	reset_client(500);
	reset_server(510);
	assert_int_equal(told(), 1);
	assert_true(told_both());
}

static void test_beginning_not_seen_elsewhere(void **state)
{
	(void)state;
	server.who.netns = 2;
	reset_client(500);
	reset_server(510);
	assert_int_equal(told(), 2);
	assert_false(told_both());
}

/* One end is over: the other's end is waited for, or the run's. */
static void test_peer_still_open(void **state)
{
	(void)state;
	tale_open(&tale, &client, &server);
	reset_client(500);
	assert_int_equal(told(), 0);
	tale_text_at_end(&tale, 1000000);
	assert_int_equal(tale.told, 1);
	assert_true(told_both());
}

static void test_open_is_no_story(void **state)
{
	(void)state;
	tale_open(&tale, &client, &server);
	tale_text_at_end(&tale, 1000000);
	assert_int_equal(tale.told, 0);
	assert_int_equal(tale.stories.count, 0);
}

/* connect() again with the same socket: cookie and addresses are the same. */
static void test_socket_used_again(void **state)
{
	(void)state;
	play();
	client.entered_us = 0;
	tale_move(&tale, &client, TCT_CLOSE, TCT_SYN_SENT, 600);
	assert_int_equal(tale.told, 1);
	assert_true(told_both());
	client.numbers.rcv_nxt++;
	tale_move(&tale, &client, TCT_SYN_SENT, TCT_ESTABLISHED, 700);
	reset_client(800);
	assert_int_equal(told(), 2);
	assert_false(told_both());
}

static void test_listener_is_no_story(void **state)
{
	(void)state;
	tale_move(&tale, &server, TCT_CLOSE, TCT_LISTEN, 10);
	tale_move(&tale, &server, TCT_LISTEN, TCT_CLOSE, 20);
	assert_int_equal(tale.stories.count, 0);
}

/* One in TIME_WAIT from before us: what it was is not known. */
static void test_mini_alone(void **state)
{
	(void)state;
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_EXPIRED, 100);
	assert_int_equal(told(), 0);
	assert_int_equal(tale.stories.count, 0);
}

/* Kernels that make no cookies: a socket is its address, its mini-socket another's. */
static void test_without_cookies(void **state)
{
	(void)state;
	client.who.cookie = TCT_KEY_ADDRESS | 0x1000;
	tale_move(&tale, &client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 500);
	tale_move(&tale, &client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 600);
	tale_move(&tale, &client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 700);
	tale_tear(&tale, &client, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL, 700);
	assert_int_equal(told(), 0);
	client.who.cookie = TCT_KEY_ADDRESS | 0x2000;
	tale_leave(&tale, &client, TCT_TIME_WAIT, TCT_END_EXPIRED, 800);
	assert_int_equal(told(), 1);
	assert_non_null(strstr(tale_text(&tale), "TIME_WAIT: expired"));
}

static void expect_one_end(const char *comm)
{
	assert_non_null(strstr(tale_text(&tale), comm));
	assert_non_null(strstr(tale_text(&tale), "\"seen\":false"));
}

/* Of one connection no beginning was seen; the next with its addresses is another. */
static void test_addresses_used_again(void **state)
{
	(void)state;
	reset_server(500);
	client.who.cookie = 3;
	tale_move(&tale, &client, TCT_CLOSE, TCT_SYN_SENT, 600);
	tale_move(&tale, &client, TCT_SYN_SENT, TCT_ESTABLISHED, 700);
	assert_int_equal(told(), 1);
	expect_one_end("\"httpd\"");
	reset_client(800);
	assert_int_equal(told(), 2);
	assert_false(told_both());
}

/* Nothing was seen of either beginning: it is the one that is over. */
static void test_torn_peer_is_the_one(void **state)
{
	(void)state;
	reset_server(500);
	server.who.cookie = 4;
	server.entered_us = 0;
	tale_move(&tale, &server, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 510);
	reset_client(520);
	assert_int_equal(told(), 1);
	assert_true(told_both());
	assert_int_equal(tale.stories.count, 1);
}

static void open_many(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		client.who.cookie = 100 + i;
		client.who.tuple.lport = (uint16_t)(1000 + i);
		client.entered_us = 0;
		tale_move(&tale, &client, TCT_SYN_SENT, TCT_ESTABLISHED, 100 + i);
	}
}

/* The oldest makes room; what it does later is still told, without its beginning. */
static void test_cap(void **state)
{
	const struct tct_stories_config config = { .max = 4 };

	(void)state;
	again(&config);
	open_many(6);
	assert_int_equal(tale.stories.count, 4);
	assert_int_equal(tale.stories.given_up, 2);
	client.who.cookie = 100;
	client.who.tuple.lport = 1000;
	client.entered_us = 0;
	reset_client(1000);
	assert_int_equal(told(), 1);
	assert_int_equal(tale.stories.given_up, 3);
}

/* One that only waits for its TIME_WAIT's end is told when it makes room. */
static void test_cap_tells_what_is_torn(void **state)
{
	const struct tct_stories_config config = { .max = 4 };

	(void)state;
	again(&config);
	tale_move(&tale, &client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 50);
	tale_tear(&tale, &client, TCT_KIND_ORDERLY, TCT_CLOSER_LOCAL, 50);
	open_many(4);
	assert_int_equal(tale.told, 1);
	assert_int_equal(tale.stories.given_up, 0);
}

/* The peer of one that is over is still to end: both are told then, once. */
static void test_cap_spares_what_is_half_over(void **state)
{
	const struct tct_stories_config config = { .max = 4 };

	(void)state;
	again(&config);
	tale_open(&tale, &client, &server);
	reset_client(500);
	open_many(5);
	assert_int_equal(tale.told, 0);
	reset_server(2000);
	assert_int_equal(told(), 1);
	assert_true(told_both());
}

/* One that waits for its peer is told without it when the peer makes room. */
static void test_peer_that_makes_room(void **state)
{
	(void)state;
	tale_open(&tale, &client, &server);
	reset_client(500);
	assert_int_equal(told(), 0);
	tale_move(&tale, &server, TCT_LISTEN, TCT_SYN_RECV, 600);
	assert_int_equal(told(), 1);
	expect_one_end("\"curl\"");
}

static void test_cap_spares_the_chosen(void **state)
{
	const struct tct_stories_config config = {
		.max = 4, .pick = { .by = TCT_PICK_COOKIE, .cookie = 1 },
	};

	(void)state;
	again(&config);
	tale_move(&tale, &client, TCT_SYN_SENT, TCT_ESTABLISHED, 50);
	open_many(9);
	client = tale_client();
	reset_client(1000);
	assert_int_equal(told(), 1);
	assert_non_null(strstr(tale_text(&tale), "\"cookie\":1,"));
	assert_non_null(strstr(tale_text(&tale), "\"sent_bytes\":null"));
}

static struct tct_stories_config picked(const char *text)
{
	struct tct_stories_config config = { 0 };

	assert_int_equal(tct_pick_parse(text, &config.pick), 0);
	return config;
}

static void expect_told(const char *pick, unsigned int count)
{
	const struct tct_stories_config config = picked(pick);

	again(&config);
	play();
	if (told() != count)
		fail_msg("'%s' chose %u, not %u", pick, tale.told, count);
	if (count)
		assert_true(told_both());
	assert_int_equal(tale.stories.count, 0);
}

/* The one that was chosen is told as far as it went; others are counted. */
static void test_open_at_the_end(void **state)
{
	const struct tct_stories_config config = picked("1");

	(void)state;
	tale_open(&tale, &client, &server);
	tale_text_at_end(&tale, 1000000);
	assert_int_equal(tale.told, 0);
	assert_int_equal(tale.stories.left_open, 1);
	again(&config);
	tale_open(&tale, &client, &server);
	tale_move(&tale, &server, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 500);
	tale_text_at_end(&tale, 1000000);
	assert_int_equal(tale.told, 1);
	assert_int_equal(tale.stories.left_open, 0);
	assert_non_null(strstr(tale_text(&tale), "is in CLOSE_WAIT"));
}

static void test_pick(void **state)
{
	(void)state;
	expect_told("1", 1);
	expect_told("sk:2", 1);
	expect_told("3", 0);
	expect_told("10.0.0.1:40000-10.0.0.2:80", 1);
	expect_told("10.0.0.2:80", 1);
	expect_told("10.0.0.2:81", 0);
	expect_told("10.0.0.1:40001-10.0.0.2:80", 0);
}

static void test_states(void **state)
{
	struct tct_stories_config config = { .states = 1u << TCT_CLOSING };

	(void)state;
	again(&config);
	play();
	assert_int_equal(told(), 0);
	config.states |= 1u << TCT_ESTABLISHED;
	again(&config);
	play();
	assert_int_equal(told(), 1);
}

/* Every line is JSON, with what the contract asks of any line. */
static void test_json(void **state)
{
	json_t *story, *steps;

	(void)state;
	play();
	story = json_loads(tale_text(&tale), JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(story);
	assert_int_equal(json_integer_value(json_object_get(story, "v")), 1);
	assert_string_equal(json_string_value(json_object_get(story, "type")), "explain");
	assert_non_null(json_object_get(story, "ts"));
	assert_non_null(json_object_get(story, "mono_ns"));
	assert_non_null(json_object_get(story, "sentence"));
	steps = json_object_get(story, "steps");
	assert_int_equal(json_array_size(steps), 2);
	json_decref(story);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_both_ends),
		TEST(test_server_told_first),
		TEST(test_nothing_to_settle),
		TEST(test_port_chosen_later),
		TEST(test_other_namespace),
		TEST(test_numbers_differ),
		TEST(test_beginning_not_seen),
		TEST(test_beginning_not_seen_elsewhere),
		TEST(test_peer_still_open),
		TEST(test_open_is_no_story),
		TEST(test_socket_used_again),
		TEST(test_torn_peer_is_the_one),
		TEST(test_addresses_used_again),
		TEST(test_listener_is_no_story),
		TEST(test_mini_alone),
		TEST(test_without_cookies),
		TEST(test_cap),
		TEST(test_cap_tells_what_is_torn),
		TEST(test_peer_that_makes_room),
		TEST(test_cap_spares_what_is_half_over),
		TEST(test_cap_spares_the_chosen),
		TEST(test_open_at_the_end),
		TEST(test_pick),
		TEST(test_states),
		TEST(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
