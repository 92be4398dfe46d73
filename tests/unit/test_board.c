// SPDX-License-Identifier: GPL-2.0
/* What is open, as it was told last. */
#include "test.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/sink/board.h"
#include "field.h"
#include "sample.h"

#define HOUR (3600 * SECOND)
#define SERVICES 3

struct fixture {
	struct tct_board board;
	struct tct_sink sink;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return tct_board_init(&f->board, SERVICES, &f->sink);
}

static int tear_down(void **state)
{
	tct_board_fini(&((struct fixture *)*state)->board);
	free(*state);
	return 0;
}

/* A finding whose one holder is that program. */
static void tell(struct fixture *f, uint32_t id, enum tct_status status, const char *comm)
{
	struct tct_finding ev = sample_finding();
	struct tct_holder holder = sample_holder("5");

	holder.cgroup = NULL;
	memset(holder.comm, 0, sizeof(holder.comm));
	memcpy(holder.comm, comm, strlen(comm));
	ev.id = id;
	ev.status = status;
	ev.holders = &holder;
	ev.holder_count = 1;
	f->sink.finding(f->sink.ctx, &ev);
}

static void tell_illegal(struct fixture *f, uint32_t id, uint64_t mono_ns)
{
	struct tct_finding ev = sample_finding();

	ev.id = id;
	ev.rule = "illegal-transition";
	ev.mono_ns = mono_ns;
	ev.to = TCT_LISTEN;
	ev.oldest_ns = TCT_UNKNOWN;
	f->sink.finding(f->sink.ctx, &ev);
}

static const char *service_of(const struct fixture *f, uint32_t id)
{
	const struct tct_board_entry *entry = tct_board_find(&f->board, id);

	assert_non_null(entry);
	return f->board.services.slots[entry->service].name;
}

static uint32_t users_of(const struct fixture *f, const char *name)
{
	const struct tct_services *services = &f->board.services;

	for (uint32_t i = 0; i < services->count; i++) {
		if (!strcmp(services->slots[i].name, name))
			return services->slots[i].users;
	}
	fail_msg("no service %s", name);
	return 0;
}

static json_t *line_of(const struct fixture *f, uint32_t id)
{
	const struct tct_board_entry *entry = tct_board_find(&f->board, id);
	json_t *root;

	assert_non_null(entry);
	assert_non_null(entry->json);
	assert_int_equal(strlen(entry->json), entry->len);
	assert_null(strchr(entry->json, '\n'));
	root = json_loads(entry->json, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static void test_it_has_what_was_told_last(void **state)
{
	struct fixture *f = *state;
	json_t *line;

	tell(f, 7, TCT_OPEN, "web");
	line = line_of(f, 7);
	field_expect_str(line, "status", "open");
	field_expect_str(line, "service", "web");
	json_decref(line);
	tell(f, 7, TCT_UPDATE, "web");
	assert_int_equal(f->board.count, 1);
	line = line_of(f, 7);
	field_expect_str(line, "status", "update");
	field_expect_int(line, "count", 12345678);
	json_decref(line);
	assert_int_equal(tct_board_find(&f->board, 7)->standing_count, 12345678);
	assert_int_equal(users_of(f, "web"), 1);
}

static void test_resolved_is_gone(void **state)
{
	struct fixture *f = *state;

	tell(f, 7, TCT_OPEN, "web");
	tell(f, 7, TCT_RESOLVED, "web");
	assert_int_equal(f->board.count, 0);
	assert_null(tct_board_find(&f->board, 7));
	assert_int_equal(users_of(f, "web"), 0);
	tell(f, 8, TCT_RESOLVED, "web");
	assert_int_equal(f->board.count, 0);
}

/* The first that is told may be an update, when a rule held back what came before. */
static void test_an_update_opens_too(void **state)
{
	struct fixture *f = *state;

	tell(f, 7, TCT_UPDATE, "web");
	assert_int_equal(f->board.count, 1);
	assert_string_equal(service_of(f, 7), "web");
}

static void test_by_id_in_order(void **state)
{
	static const uint32_t ids[] = { 50, 10, 40, 20, 30, 25, 60, 5 };
	static const uint32_t sorted[] = { 5, 10, 20, 25, 30, 40, 50, 60 };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(ids); i++)
		tell(f, ids[i], TCT_OPEN, "web");
	assert_int_equal(f->board.count, COUNT(ids));
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_int_equal(f->board.entries[i].id, sorted[i]);
	tell(f, 25, TCT_RESOLVED, "web");
	assert_int_equal(tct_board_after(&f->board, 0), 0);
	assert_int_equal(tct_board_after(&f->board, 20), 3);
	assert_int_equal(tct_board_after(&f->board, 25), 3);
	assert_int_equal(tct_board_after(&f->board, 60), 7);
	assert_int_equal(tct_board_after(&f->board, UINT32_MAX), 7);
}

/* Its sockets were passed on. */
static void test_another_service_has_it_now(void **state)
{
	struct fixture *f = *state;

	tell(f, 7, TCT_OPEN, "web");
	tell(f, 7, TCT_UPDATE, "worker");
	assert_string_equal(service_of(f, 7), "worker");
	assert_int_equal(users_of(f, "web"), 0);
	assert_int_equal(users_of(f, "worker"), 1);
}

static void test_nobody_holds_it(void **state)
{
	struct fixture *f = *state;
	struct tct_finding ev = sample_finding();

	f->sink.finding(f->sink.ctx, &ev);
	assert_string_equal(service_of(f, ev.id), "none");
}

/* 10,000 services: so many as were asked for have a name. */
static void test_too_many_services(void **state)
{
	struct fixture *f = *state;
	char name[16];

	for (uint32_t i = 1; i <= 10000; i++) {
		snprintf(name, sizeof(name), "svc-%u", i);
		tell(f, i, TCT_OPEN, name);
		tell(f, i, TCT_UPDATE, name);
	}
	assert_int_equal(f->board.count, 10000);
	assert_int_equal(f->board.services.count, SERVICES + 1);
	assert_int_equal(users_of(f, "other"), 10000 - SERVICES);
	assert_string_equal(service_of(f, SERVICES), "svc-3");
	assert_string_equal(service_of(f, SERVICES + 1), "other");
	assert_int_equal(f->board.services.folded, 10000 - SERVICES);
}

static void test_more_findings_than_there_is_room_for(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= TCT_BOARD_MAX + 5; i++)
		tell(f, i, TCT_OPEN, "web");
	assert_int_equal(f->board.count, TCT_BOARD_MAX);
	assert_int_equal(f->board.missed, 5);
	assert_int_equal(users_of(f, "web"), TCT_BOARD_MAX);
	tell(f, 1, TCT_RESOLVED, "web");
	tell(f, TCT_BOARD_MAX + 1, TCT_UPDATE, "web");
	assert_int_equal(f->board.count, TCT_BOARD_MAX);
	assert_non_null(tct_board_find(&f->board, TCT_BOARD_MAX + 1));
}

static void test_an_illegal_transition_stays_for_an_hour(void **state)
{
	struct fixture *f = *state;

	tell_illegal(f, 1, 1 * SECOND);
	tell_illegal(f, 2, 2 * SECOND);
	tell(f, 3, TCT_OPEN, "web");
	tct_board_tick(&f->board, HOUR + 1 * SECOND - 1);
	assert_int_equal(f->board.count, 3);
	tct_board_tick(&f->board, HOUR + 1 * SECOND);
	assert_int_equal(f->board.count, 2);
	assert_null(tct_board_find(&f->board, 1));
	tct_board_tick(&f->board, 1000 * HOUR);
	assert_int_equal(f->board.count, 1);
	assert_non_null(tct_board_find(&f->board, 3));
}

static void test_growth_that_nobody_knows(void **state)
{
	const struct tct_outlook outlook = { .growth_per_s = 2.5, .fd_limit = 1024,
					     .fd_open = 900, .eta_ns = 5 };
	struct fixture *f = *state;
	struct tct_finding ev = sample_finding();

	ev.outlook = &outlook;
	f->sink.finding(f->sink.ctx, &ev);
	assert_true(tct_board_find(&f->board, ev.id)->outlook.growth_per_s == 2.5);
	ev.outlook = NULL;
	f->sink.finding(f->sink.ctx, &ev);
	assert_true(tct_board_find(&f->board, ev.id)->outlook.growth_per_s < 0);
	assert_true(tct_board_find(&f->board, ev.id)->outlook.fd_limit == TCT_UNKNOWN);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_has_what_was_told_last),
		TEST(test_resolved_is_gone),
		TEST(test_an_update_opens_too),
		TEST(test_by_id_in_order),
		TEST(test_another_service_has_it_now),
		TEST(test_nobody_holds_it),
		TEST(test_too_many_services),
		TEST(test_more_findings_than_there_is_room_for),
		TEST(test_an_illegal_transition_stays_for_an_hour),
		TEST(test_growth_that_nobody_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
