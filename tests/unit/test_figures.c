// SPDX-License-Identifier: GPL-2.0
/* Counts and ages as they stand now, by state and by service. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "serving.h"
#include "stream.h"

#define SERVICES 5
#define BEGIN (10 * SECOND)
#define NOW (BEGIN + SERVING_LATER_NS + SECOND)
#define FIRST_PORT 32768

struct fixture {
	struct serving *s;
	struct tct_snapshot snapshot;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .s = serving_new(2, SERVICES) };
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	tct_snapshot_clear(&f->snapshot);
	serving_free(f->s);
	return 0;
}

static const struct tct_snapshot *take(struct fixture *f, uint64_t now_ns)
{
	tct_snapshot_clear(&f->snapshot);
	tct_figures_take(&f->s->figures, now_ns, &f->snapshot);
	return &f->snapshot;
}

static const struct tct_service_row *row_of(const struct tct_snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->service_count; i++) {
		if (!strcmp(snapshot->services[i].name, name))
			return &snapshot->services[i];
	}
	fail_msg("no service %s", name);
	return NULL;
}

static const struct tct_rule_count *rule_of(const struct tct_snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->rule_count; i++) {
		if (!strcmp(snapshot->rules[i].rule, name))
			return &snapshot->rules[i];
	}
	fail_msg("no rule %s", name);
	return NULL;
}

static uint32_t open_of(const struct tct_snapshot *snapshot, const char *rule)
{
	const struct tct_rule_count *count = rule_of(snapshot, rule);

	return count->open[TCT_INFO] + count->open[TCT_WARNING] + count->open[TCT_CRITICAL];
}

static void test_not_ready(void **state)
{
	const struct tct_snapshot *snapshot = take(*state, NOW);

	assert_false(snapshot->counters.ready);
	assert_int_equal(snapshot->mirrored, 0);
	assert_int_equal(snapshot->service_count, 0);
	assert_int_equal(open_of(snapshot, "stuck-close-wait"), 0);
	assert_int_equal(snapshot->ports, 60999 - FIRST_PORT + 1);
}

static void test_sockets_by_state(void **state)
{
	struct fixture *f = *state;
	const struct tct_snapshot *snapshot;

	serving_ready(f->s);
	for (uint64_t cookie = 1; cookie <= 30; cookie++) {
		struct tct_record_sock rec = stream_state(cookie, TCT_SYN_SENT, cookie % 3 ?
							  TCT_ESTABLISHED : TCT_CLOSE, 5);

		serving_feed(f->s, &rec);
	}
	snapshot = take(f, NOW);
	assert_int_equal(snapshot->sockets[TCT_ESTABLISHED], 20);
	assert_int_equal(snapshot->mirrored, 20);
	assert_int_equal(snapshot->counters.transitions[TCT_SYN_SENT][TCT_ESTABLISHED], 20);
	assert_int_equal(snapshot->counters.transitions[TCT_SYN_SENT][TCT_CLOSE], 10);
	assert_true(snapshot->events >= 30);
}

static void test_rows_of_services(void **state)
{
	struct fixture *f = *state;
	const struct tct_snapshot *snapshot;
	const struct tct_service_row *row;

	serving_ready(f->s);
	serving_leak(f->s, 1, 3, 80, BEGIN, 42, "web");
	serving_leak(f->s, 101, 4, 81, BEGIN + SECOND / 2, 43, "web");
	serving_leak(f->s, 201, 5, 82, BEGIN, 44, "db");
	snapshot = take(f, NOW);
	row = row_of(snapshot, "web");
	assert_int_equal(row->stuck[TCT_CLOSE_WAIT], 7);
	assert_int_equal(row->states, 1u << TCT_CLOSE_WAIT);
	assert_int_equal(row->oldest_ns, NOW - BEGIN);
	assert_int_equal(row_of(snapshot, "db")->stuck[TCT_CLOSE_WAIT], 5);
	assert_int_equal(row_of(snapshot, "other")->stuck[TCT_CLOSE_WAIT], 0);
	assert_int_equal(row_of(snapshot, "other")->states, 0);
	assert_int_equal(open_of(snapshot, "stuck-close-wait"), 3);
	assert_int_equal(open_of(snapshot, "stuck-last-ack"), 0);
	assert_int_equal(snapshot->folded, 0);
}

/* Between two tellings of a finding its sockets leave: the count is that of now. */
static void test_counts_are_those_of_now(void **state)
{
	struct fixture *f = *state;
	const struct tct_service_row *row;

	serving_ready(f->s);
	serving_leak(f->s, 1, 100, 80, BEGIN, 42, "web");
	for (uint64_t cookie = 1; cookie <= 60; cookie++) {
		struct tct_record_sock rec = stream_state(cookie, TCT_CLOSE_WAIT, TCT_LAST_ACK,
							  NOW - 1);

		serving_feed(f->s, &rec);
	}
	row = row_of(take(f, NOW), "web");
	assert_int_equal(row->stuck[TCT_CLOSE_WAIT], 40);
	assert_int_equal(row->open[0][TCT_INFO] + row->open[0][TCT_WARNING] +
			 row->open[0][TCT_CRITICAL], 40);
}

/* The series of one that leaks no more is still there, with 0. */
static void test_a_service_that_is_well_again(void **state)
{
	struct fixture *f = *state;
	struct tct_record_sock rec = stream_state(1, TCT_CLOSE_WAIT, TCT_LAST_ACK, NOW - 1);
	const struct tct_service_row *row;

	serving_ready(f->s);
	serving_leak(f->s, 1, 1, 80, BEGIN, 42, "web");
	serving_feed(f->s, &rec);
	tct_shards_settle(&f->s->shards, NOW);
	row = row_of(take(f, NOW), "web");
	assert_int_equal(row->states, 1u << TCT_CLOSE_WAIT);
	assert_int_equal(row->stuck[TCT_CLOSE_WAIT], 0);
	assert_true(row->oldest_ns == TCT_UNKNOWN);
	assert_int_equal(open_of(&f->snapshot, "stuck-close-wait"), 0);
}

/* Each a service and a process of its own. */
static void test_too_many_services(void **state)
{
	struct fixture *f = *state;
	const struct tct_snapshot *snapshot;
	char comm[16];

	serving_ready(f->s);
	for (uint32_t i = 0; i < 50; i++) {
		snprintf(comm, sizeof(comm), "svc-%u", i);
		serving_leak(f->s, 1 + 10 * i, 2, 80, BEGIN + i, 100 + i, comm);
	}
	snapshot = take(f, NOW);
	assert_int_equal(snapshot->service_count, SERVICES + 1);
	assert_int_equal(row_of(snapshot, "svc-4")->stuck[TCT_CLOSE_WAIT], 2);
	assert_int_equal(row_of(snapshot, "other")->stuck[TCT_CLOSE_WAIT],
			 2 * (50 - SERVICES));
	assert_int_equal(snapshot->folded, 50 - SERVICES);
}

/* Two that differ by what no label shows are one: the same label twice is no page at all. */
static void test_names_that_look_the_same(void **state)
{
	struct fixture *f = *state;
	const struct tct_snapshot *snapshot;

	serving_ready(f->s);
	serving_leak(f->s, 1, 1, 80, BEGIN, 42, "a\x01");
	serving_leak(f->s, 11, 1, 81, BEGIN, 43, "a\xff");
	serving_leak(f->s, 21, 1, 82, BEGIN, 44, "a\n");
	snapshot = take(f, NOW);
	assert_int_equal(snapshot->service_count, 2);
	assert_int_equal(row_of(snapshot, "a?")->stuck[TCT_CLOSE_WAIT], 3);
}

static void test_illegal(void **state)
{
	struct fixture *f = *state;
	struct tct_record_sock rec = stream_state(1, TCT_LISTEN, TCT_LAST_ACK, BEGIN);
	struct tct_record_sock before = stream_state(1, TCT_CLOSE, TCT_LISTEN, BEGIN - 1);
	const struct tct_snapshot *snapshot;

	serving_ready(f->s);
	serving_feed(f->s, &before);
	serving_feed(f->s, &rec);
	snapshot = take(f, NOW);
	assert_int_equal(snapshot->illegal, 1);
	assert_int_equal(snapshot->counters.illegal, 1);
	assert_int_equal(open_of(snapshot, "illegal-transition"), 1);
}

static void mini(struct serving *s, uint64_t cookie, uint16_t lport, uint64_t time_ns)
{
	struct tct_record_sock rec = stream_state(cookie, TCT_FIN_WAIT1, TCT_FIN_WAIT2, time_ns - 1);
	struct tct_record_tw tw = stream_tw(TCT_REC_TW_START, cookie, TCT_TIME_WAIT, time_ns);

	rec.id.lport = tw.id.lport = lport;
	serving_feed(s, &rec);
	serving_feed(s, &tw);
	rec = stream_state(cookie, TCT_FIN_WAIT2, TCT_CLOSE, time_ns + 1);
	rec.id.lport = lport;
	serving_feed(s, &rec);
}

static void mini_ends(struct serving *s, uint64_t cookie, uint16_t lport, uint64_t time_ns)
{
	struct tct_record_tw_cancel rec = stream_cancel(cookie, TCT_TIME_WAIT, time_ns,
							"__run_timers");

	rec.tw.id.lport = lport;
	serving_feed(s, &rec);
}

static void mini_found(struct serving *s, uint64_t cookie, uint16_t lport)
{
	struct tct_record_tw rec = stream_tw(TCT_REC_TW_SOCK, cookie, TCT_TIME_WAIT, 5);

	rec.id.lport = lport;
	serving_feed(s, &rec);
}

/* Those that were there at the start, and those that came later. */
static void test_ports_in_time_wait(void **state)
{
	struct fixture *f = *state;
	struct serving *s = f->s;

	for (uint16_t i = 0; i < 10; i++)
		mini_found(s, 1 + i, FIRST_PORT + i);
	mini_found(s, 50, 443);		/* a server's */
	serving_ready(s);
	assert_int_equal(take(f, NOW)->sockets[TCT_TIME_WAIT], 11);
	assert_int_equal(f->snapshot.ports_most, 10);
	for (uint16_t i = 0; i < 5; i++)
		mini(s, 101 + i, FIRST_PORT + 100 + i, BEGIN);
	assert_int_equal(take(f, NOW)->ports_most, 15);
	for (uint16_t i = 0; i < 10; i++)
		mini_ends(s, 1 + i, FIRST_PORT + i, BEGIN + SECOND);
	assert_int_equal(take(f, NOW)->ports_most, 5);
	for (uint16_t i = 0; i < 5; i++)
		mini_ends(s, 101 + i, FIRST_PORT + 100 + i, BEGIN + SECOND);
	assert_int_equal(take(f, NOW)->ports_most, 0);
	assert_int_equal(f->snapshot.sockets[TCT_TIME_WAIT], 1);
}

/* While there is a flood nobody is told of mini-sockets: the audit after it makes up for that. */
static void test_ports_after_an_audit(void **state)
{
	struct fixture *f = *state;
	struct serving *s = f->s;
	const struct tct_audit audit = { .mono_ns = BEGIN };

	serving_ready(s);
	for (uint16_t i = 0; i < 5; i++)
		mini(s, 101 + i, FIRST_PORT + i, BEGIN);
	assert_int_equal(take(f, NOW)->ports_most, 5);
	for (uint16_t i = 0; i < 3; i++)	/* as an audit drops them: without a word */
		tct_mirror_remove(&tct_shards_of(&s->shards, 101 + i)->mirror,
				  tct_mirror_find(&tct_shards_of(&s->shards, 101 + i)->mirror,
						  101 + i, true));
	assert_int_equal(take(f, NOW)->ports_most, 5);
	s->sink.audit(s->sink.ctx, &audit);
	assert_int_equal(take(f, NOW)->ports_most, 2);
	assert_int_equal(f->snapshot.counters.audits, 1);
}

/* Somebody follows the advice of the alert: ports that were of no account are now. */
static void test_more_ports_to_choose_from(void **state)
{
	struct fixture *f = *state;
	struct serving *s = f->s;

	serving_ready(s);
	mini(s, 101, FIRST_PORT, BEGIN);
	mini(s, 102, 20000, BEGIN);
	assert_int_equal(take(f, NOW)->ports_most, 1);
	tct_figures_set_ports(&s->figures, 10000, 60999);
	assert_int_equal(take(f, NOW)->ports_most, 2);
	assert_int_equal(f->snapshot.ports, 51000);
	tct_figures_set_ports(&s->figures, 10000, 19999);
	assert_int_equal(take(f, NOW)->ports_most, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_not_ready),
		TEST(test_sockets_by_state),
		TEST(test_rows_of_services),
		TEST(test_counts_are_those_of_now),
		TEST(test_a_service_that_is_well_again),
		TEST(test_too_many_services),
		TEST(test_names_that_look_the_same),
		TEST(test_illegal),
		TEST(test_ports_in_time_wait),
		TEST(test_ports_after_an_audit),
		TEST(test_more_ports_to_choose_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
