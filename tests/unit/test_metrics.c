// SPDX-License-Identifier: GPL-2.0
/* The sink that counts: one event of each kind moves what it is to move, and nothing else. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include "../../user/sink/metrics.h"
#include "sample.h"

#define FIRST_PORT 32768
#define LAST_PORT 60999

struct fixture {
	struct tct_ports ports;
	struct tct_metrics metrics;
	struct tct_counters wanted;
	struct tct_sink sink;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (tct_ports_init(&f->ports, FIRST_PORT, LAST_PORT))
		return -1;
	tct_metrics_init(&f->metrics, &f->ports, &f->sink);
	return 0;
}

static int tear_down(void **state)
{
	tct_ports_fini(&((struct fixture *)*state)->ports);
	free(*state);
	return 0;
}

static void expect(const struct fixture *f)
{
	const struct tct_counters *got = &f->metrics.counters;

	assert_memory_equal(got, &f->wanted, sizeof(*got));
}

/* In that bar, by that socket. */
static void want_bar(struct tct_bars *bars, size_t bar, const struct tct_subject *who, uint64_t ns,
		     uint64_t mono_ns)
{
	bars->bars[bar]++;
	bars->count++;
	bars->sum_ns += ns;
	bars->last[bar] = (struct tct_exemplar){ who->cookie, ns, mono_ns };
}

static struct tct_transition move(enum tct_state from, enum tct_state to, int64_t dwell_ns)
{
	struct tct_transition ev = sample_transition();

	ev.from = from;
	ev.to = to;
	ev.dwell_ns = dwell_ns;
	ev.legal = true;
	return ev;
}

static void test_nothing_yet(void **state)
{
	const struct fixture *f = *state;

	expect(f);
	assert_false(f->metrics.recount);
}

static void test_ready(void **state)
{
	struct fixture *f = *state;
	struct tct_ready ev = sample_ready();

	ev.time_wait_end = NULL;
	f->sink.ready(f->sink.ctx, &ev);
	f->wanted.ready = true;
	strcpy(f->wanted.kernel, ev.kernel);
	strcpy(f->wanted.set_state, "tracepoint");
	strcpy(f->wanted.time_wait, "tracepoint");
	expect(f);
	assert_true(f->metrics.recount);
}

static void test_a_long_name_of_a_kernel(void **state)
{
	struct fixture *f = *state;
	struct tct_ready ev = sample_ready();
	char name[3 * TCT_PROVIDER_LEN];

	memset(name, 'k', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ev.kernel = name;
	f->sink.ready(f->sink.ctx, &ev);
	assert_int_equal(strlen(f->metrics.counters.kernel), TCT_PROVIDER_LEN - 1);
}

static void test_transition(void **state)
{
	struct fixture *f = *state;
	struct tct_transition ev = move(TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);

	f->sink.transition(f->sink.ctx, &ev);
	f->wanted.transitions[TCT_ESTABLISHED][TCT_FIN_WAIT1]++;
	want_bar(&f->wanted.states[TCT_ESTABLISHED], 0, &ev.who, 1000000, ev.mono_ns);
	expect(f);
	ev.dwell_ns = 1000001;	/* a bound is in its bar, what is above it is not */
	f->sink.transition(f->sink.ctx, &ev);
	f->wanted.transitions[TCT_ESTABLISHED][TCT_FIN_WAIT1]++;
	want_bar(&f->wanted.states[TCT_ESTABLISHED], 1, &ev.who, 1000001, ev.mono_ns);
	expect(f);
}

static void test_the_last_bar_has_no_bound(void **state)
{
	struct fixture *f = *state;
	struct tct_transition ev = move(TCT_CLOSE_WAIT, TCT_LAST_ACK, INT64_MAX);
	size_t count;

	tct_histogram_state_bounds(&count);
	f->sink.transition(f->sink.ctx, &ev);
	f->wanted.transitions[TCT_CLOSE_WAIT][TCT_LAST_ACK]++;
	want_bar(&f->wanted.states[TCT_CLOSE_WAIT], count, &ev.who, INT64_MAX, ev.mono_ns);
	expect(f);
}

/* Its beginning was not seen: counted, but of no length. */
static void test_of_unknown_length(void **state)
{
	struct fixture *f = *state;
	struct tct_transition ev = move(TCT_CLOSE_WAIT, TCT_LAST_ACK, TCT_UNKNOWN);

	f->sink.transition(f->sink.ctx, &ev);
	f->wanted.transitions[TCT_CLOSE_WAIT][TCT_LAST_ACK]++;
	expect(f);
}

static void test_illegal(void **state)
{
	struct fixture *f = *state;
	struct tct_transition ev = move(TCT_LISTEN, TCT_TIME_WAIT, TCT_UNKNOWN);

	ev.legal = false;
	f->sink.transition(f->sink.ctx, &ev);
	f->wanted.transitions[TCT_LISTEN][TCT_TIME_WAIT]++;
	f->wanted.illegal++;
	expect(f);
}

/* An exemplar names a socket by its cookie, and an address is none. */
static void test_a_socket_without_a_cookie(void **state)
{
	struct fixture *f = *state;
	struct tct_transition ev = move(TCT_SYN_SENT, TCT_CLOSE, 5);

	ev.who.cookie = TCT_KEY_ADDRESS | 0x1000;
	f->sink.transition(f->sink.ctx, &ev);
	f->wanted.transitions[TCT_SYN_SENT][TCT_CLOSE]++;
	ev.who.cookie = 0;
	want_bar(&f->wanted.states[TCT_SYN_SENT], 0, &ev.who, 5, ev.mono_ns);
	expect(f);
}

static void test_time_wait(void **state)
{
	struct fixture *f = *state;
	struct tct_time_wait ev = sample_time_wait();

	ev.end = TCT_END_EXPIRED;
	ev.duration_ns = 60 * SECOND;
	f->sink.time_wait(f->sink.ctx, &ev);
	want_bar(&f->wanted.ends[TCT_END_EXPIRED], 8, &ev.who, 60 * SECOND, ev.mono_ns);
	ev.end = TCT_END_PURGED;
	ev.duration_ns = TCT_UNKNOWN;
	f->sink.time_wait(f->sink.ctx, &ev);
	expect(f);
}

static void test_teardown(void **state)
{
	struct fixture *f = *state;
	struct tct_teardown ev = sample_teardown();

	for (int kind = 0; kind < TCT_KINDS; kind++) {
		for (int closer = 0; closer < TCT_CLOSERS; closer++) {
			ev.kind = kind;
			ev.closer = closer;
			f->sink.teardown(f->sink.ctx, &ev);
			f->wanted.teardowns[kind][closer]++;
		}
	}
	expect(f);
}

/* A loss is told with what there was so far. */
static void test_loss(void **state)
{
	struct fixture *f = *state;

	for (int where = 0; where < TCT_LOSS_PLACES; where++) {
		struct tct_loss ev = { .where = where, .count = 10 };

		f->sink.loss(f->sink.ctx, &ev);
		ev.count = 12;
		f->sink.loss(f->sink.ctx, &ev);
		f->wanted.losses[where] = 12;
	}
	expect(f);
}

static void test_audit(void **state)
{
	struct fixture *f = *state;
	struct tct_audit ev = { .duration_ns = 7, .drift = { 1, 2, 3 } };

	f->sink.audit(f->sink.ctx, &ev);
	f->wanted.audits = 1;
	f->wanted.audit_ns = 7;
	f->wanted.drift = 6;
	f->wanted.repaired = 6;
	expect(f);
	assert_true(f->metrics.recount);
	ev = (struct tct_audit){ .duration_ns = 9 };
	f->sink.audit(f->sink.ctx, &ev);
	f->wanted.audits = 2;
	f->wanted.audit_ns = 9;
	f->wanted.drift = 0;	/* the last one's */
	expect(f);
}

static void test_flood(void **state)
{
	static uint64_t counts[TCT_STATES][TCT_STATES];
	struct fixture *f = *state;
	struct tct_flood ev = { .over = false };

	f->sink.flood(f->sink.ctx, &ev);
	f->wanted.flood = true;
	f->wanted.floods = 1;
	expect(f);
	counts[TCT_SYN_SENT][TCT_ESTABLISHED] = 100;
	counts[TCT_FIN_WAIT2][TCT_TIME_WAIT] = 99;
	ev = (struct tct_flood){ .over = true, .transitions = 199, .counts = counts };
	f->sink.flood(f->sink.ctx, &ev);
	f->wanted.flood = false;
	f->wanted.transitions[TCT_SYN_SENT][TCT_ESTABLISHED] = 100;
	f->wanted.transitions[TCT_FIN_WAIT2][TCT_TIME_WAIT] = 99;
	expect(f);
}

static void test_ports_of_time_wait(void **state)
{
	struct fixture *f = *state;
	struct tct_transition enters = move(TCT_FIN_WAIT2, TCT_TIME_WAIT, 5);
	struct tct_transition leaves = move(TCT_TIME_WAIT, TCT_CLOSE, 5);

	enters.who.tuple.lport = leaves.who.tuple.lport = FIRST_PORT;
	f->sink.transition(f->sink.ctx, &enters);
	assert_int_equal(tct_ports_most(&f->ports), 1);
	enters.who.tuple.lport = LAST_PORT;
	f->sink.transition(f->sink.ctx, &enters);
	enters.who.tuple.lport = LAST_PORT + 1;
	f->sink.transition(f->sink.ctx, &enters);
	assert_int_equal(tct_ports_most(&f->ports), 2);
	f->sink.transition(f->sink.ctx, &leaves);
	assert_int_equal(tct_ports_most(&f->ports), 1);
	leaves.to = TCT_SYN_RECV;	/* reopened by a SYN */
	leaves.dwell_ns = TCT_UNKNOWN;
	f->sink.transition(f->sink.ctx, &leaves);
	assert_int_equal(tct_ports_most(&f->ports), 0);
}

static void test_without_ports(void **state)
{
	struct fixture *f = *state;
	struct tct_transition ev = move(TCT_FIN_WAIT2, TCT_TIME_WAIT, TCT_UNKNOWN);

	tct_metrics_init(&f->metrics, NULL, &f->sink);
	f->sink.transition(f->sink.ctx, &ev);
	f->wanted.transitions[TCT_FIN_WAIT2][TCT_TIME_WAIT]++;
	expect(f);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_yet),
		TEST(test_ready),
		TEST(test_a_long_name_of_a_kernel),
		TEST(test_transition),
		TEST(test_the_last_bar_has_no_bound),
		TEST(test_of_unknown_length),
		TEST(test_illegal),
		TEST(test_a_socket_without_a_cookie),
		TEST(test_time_wait),
		TEST(test_teardown),
		TEST(test_loss),
		TEST(test_audit),
		TEST(test_flood),
		TEST(test_ports_of_time_wait),
		TEST(test_without_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
