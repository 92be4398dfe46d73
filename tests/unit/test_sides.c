// SPDX-License-Identifier: GPL-2.0
/* Whose port names the service, for sockets that were there before us. */
#include "test.h"

#include <stdlib.h>
#include "../../user/core/sides.h"

struct fixture {
	struct tct_mirror mirror;
	struct tct_mirrors mirrors;
	struct tct_sides sides;
	uint64_t cookie;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	f->mirrors = (struct tct_mirrors){ .count = 1, .mirror[0] = &f->mirror };
	return tct_mirror_init(&f->mirror);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tct_mirror_fini(&f->mirror);
	free(f);
	return 0;
}

static struct tct_socket *seed(struct fixture *f, uint16_t lport, uint16_t rport)
{
	struct tct_socket *sock = tct_mirror_add(&f->mirror, ++f->cookie, false);

	sock->lport = lport;
	sock->rport = rport;
	sock->flags |= TCT_SOCK_SEEDED;
	tct_mirror_enter(&f->mirror, sock, TCT_CLOSE_WAIT, 100);
	return sock;
}

static bool is_local(const struct tct_socket *sock)
{
	return sock->flags & TCT_SOCK_LOCAL_PORT;
}

static void test_listener_decides(void **state)
{
	struct fixture *f = *state;
	const struct tct_socket *ours = seed(f, 50000, 40000), *theirs = seed(f, 40000, 50000);

	tct_sides_listens(&f->sides, 50000);
	assert_int_equal(tct_sides_infer(&f->sides, &f->mirrors), 0);
	assert_true(is_local(ours));
	assert_false(is_local(theirs));
}

/* A thousand clients of one remote port, whose own ports are lower. */
static void test_the_shared_port_decides(void **state)
{
	struct fixture *f = *state;
	const struct tct_socket *first = seed(f, 33000, 55137);

	for (uint16_t i = 1; i < 1000; i++)
		assert_false(is_local(seed(f, 33000 + i, 55137)));
	assert_int_equal(tct_sides_infer(&f->sides, &f->mirrors), 0);
	assert_false(is_local(first));
}

static void test_lower_port_last(void **state)
{
	struct fixture *f = *state;
	const struct tct_socket *server = seed(f, 443, 40000), *client = seed(f, 40001, 22);

	assert_int_equal(tct_sides_infer(&f->sides, &f->mirrors), 0);
	assert_true(is_local(server));
	assert_false(is_local(client));
}

/* One that was seen opening keeps what was seen. */
static void test_known_stays(void **state)
{
	struct fixture *f = *state;
	struct tct_socket *client = seed(f, 443, 40000);

	client->flags &= ~TCT_SOCK_SEEDED;
	assert_int_equal(tct_sides_infer(&f->sides, &f->mirrors), 0);
	assert_false(is_local(client));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_listener_decides),
		TEST(test_the_shared_port_decides),
		TEST(test_lower_port_last),
		TEST(test_known_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
