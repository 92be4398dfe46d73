// SPDX-License-Identifier: GPL-2.0
/* How a user names connections, and which sockets that means. */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "../../user/core/pick.h"
#include "tale.h"

static struct tct_pick good(const char *text)
{
	struct tct_pick pick = { 0 };

	if (tct_pick_parse(text, &pick))
		fail_msg("'%s' was refused", text);
	return pick;
}

static void bad(const char *text)
{
	struct tct_pick pick = { .cookie = 77 };

	if (tct_pick_parse(text, &pick) != -EINVAL)
		fail_msg("'%s' was taken", text);
	assert_int_equal(pick.cookie, 77);
}

static void test_cookie(void **state)
{
	(void)state;
	assert_int_equal(good("1234").by, TCT_PICK_COOKIE);
	assert_int_equal(good("1234").cookie, 1234);
	assert_int_equal(good("sk:4d2").cookie, 1234);
	assert_true(good("9223372036854775807").cookie == INT64_MAX);
}

static void test_cookie_refused(void **state)
{
	(void)state;
	bad("");
	bad("0");
	bad("sk:");
	bad("sk:0");
	bad("sk:-1");
	bad("sk:0x4d2");
	bad("4d2");
	bad("-5");
	bad(" 5");
	bad("5 ");
	bad("9223372036854775808");	/* no cookie is that large */
	bad("18446744073709551616");
}

static void test_endpoint_refused(void **state)
{
	(void)state;
	bad("127.0.0.1:");
	bad("127.0.0.1:0");
	bad("127.0.0.1:65536");
	bad("127.0.0.1:80x");
	bad(":80");
	bad("localhost:80");
	bad("::1:80");
	bad("[::1]");
	bad("[::1:80");
	bad("[]:80");
	bad("127.0.0.1:80-");
	bad("-127.0.0.1:80");
	bad("127.0.0.1:80-127.0.0.1");
	bad("127.0.0.1:80-[::1]:80");
	bad("127.0.0.1:80-127.0.0.1:81-127.0.0.1:82");
	bad("[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80");
}

static void test_by_cookie(void **state)
{
	struct tale_socket client = tale_client(), server = tale_server();
	struct tct_pick pick = good("1");

	(void)state;
	assert_true(tct_pick_is(&pick, &client.who));
	assert_false(tct_pick_is(&pick, &server.who));
	/* it may be the peer of the one that is meant */
	assert_true(tct_pick_may_be(&pick, &server.who));
}

static void test_by_tuple(void **state)
{
	struct tale_socket client = tale_client(), server = tale_server();
	struct tct_pick pick = good("10.0.0.2:80-10.0.0.1:40000");

	(void)state;
	assert_true(tct_pick_is(&pick, &client.who));
	assert_true(tct_pick_is(&pick, &server.who));
	client.who.tuple.lport = 40001;
	assert_false(tct_pick_is(&pick, &client.who));
	assert_false(tct_pick_may_be(&pick, &client.who));
}

static void test_by_endpoint(void **state)
{
	struct tale_socket client = tale_client(), server = tale_server();
	struct tct_pick pick = good("10.0.0.2:80");

	(void)state;
	assert_true(tct_pick_is(&pick, &client.who));
	assert_true(tct_pick_is(&pick, &server.who));
	client.who.tuple.rport = 81;
	assert_false(tct_pick_may_be(&pick, &client.who));
}

/* connect() tells of its SYN before it has a port. */
static void test_port_not_chosen(void **state)
{
	struct tale_socket client = tale_client();
	struct tct_pick pick = good("10.0.0.1:40000-10.0.0.2:80");

	(void)state;
	client.who.tuple.lport = 0;
	assert_true(tct_pick_may_be(&pick, &client.who));
	assert_false(tct_pick_is(&pick, &client.who));
}

static void test_ipv6(void **state)
{
	struct tale_socket client = tale_client();
	struct tct_pick pick = good("[::1]:80-[::1]:40000");

	(void)state;
	client.who.tuple.family = AF_INET6;
	memset(client.who.tuple.laddr, 0, 16);
	client.who.tuple.laddr[15] = 1;
	memcpy(client.who.tuple.raddr, client.who.tuple.laddr, 16);
	assert_true(tct_pick_is(&pick, &client.who));
}

/* A dual-stack listener's sockets show IPv4 peers so. */
static void test_mapped(void **state)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct tale_socket client = tale_client();
	struct tct_tuple *tuple = &client.who.tuple;
	struct tct_pick pick = good("10.0.0.2:80"), same = good("[::ffff:10.0.0.2]:80");

	(void)state;
	tuple->family = AF_INET6;
	memmove(tuple->raddr + 12, tuple->raddr, 4);
	memcpy(tuple->raddr, mapped, sizeof(mapped));
	assert_true(tct_pick_is(&pick, &client.who));
	assert_true(tct_pick_is(&same, &client.who));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_cookie_refused),
		cmocka_unit_test(test_endpoint_refused),
		cmocka_unit_test(test_by_cookie),
		cmocka_unit_test(test_by_tuple),
		cmocka_unit_test(test_by_endpoint),
		cmocka_unit_test(test_port_not_chosen),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
