// SPDX-License-Identifier: GPL-2.0
/* A tracker that goes on from what a killed one left: nothing missed, nothing told otherwise. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../../user/core/identity.h"
#include "stream.h"
#include "survivor.h"

#define COOKIES 300
#define RECORDS 30000
#define MILLISECOND 1000000ull
#define NOT_TOLD (-2)

union record {
	struct tct_record_header h;
	struct tct_record_sock sock;
	struct tct_record_tw tw;
	struct tct_record_tw_cancel cancel;
};

/* A stream, and what was told of each of its records. */
struct tape {
	union record records[RECORDS];
	int64_t dwell_ns[RECORDS];
	int kind[RECORDS];
	uint64_t repeats;
	struct survivor *survivor;
};

static uint64_t number_of(uint64_t time_ns)
{
	return time_ns / MILLISECOND - 1;
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tape *tape = ctx;
	uint64_t i = number_of(ev->mono_ns);

	assert_in_range(i, 0, RECORDS - 1);
	if (tape->dwell_ns[i] != NOT_TOLD) {
		tape->repeats++;
		assert_int_equal(tape->dwell_ns[i], ev->dwell_ns);
	}
	tape->dwell_ns[i] = ev->dwell_ns;
	survivor_burn(tape->survivor);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tape *tape = ctx;

	tape->kind[number_of(ev->mono_ns)] = (int)ev->kind;
	survivor_burn(tape->survivor);
}

static const void *record_at(void *ctx, uint64_t position)
{
	struct tape *tape = ctx;

	return position < RECORDS ? &tape->records[position] : NULL;
}

/* Where a socket goes from each state; the order of the row is that of chance. */
static const uint8_t nexts[TCT_STATES][4] = {
	[TCT_NONE] = { TCT_SYN_SENT, TCT_SYN_SENT, TCT_LISTEN, TCT_SYN_SENT },
	[TCT_SYN_SENT] = { TCT_ESTABLISHED, TCT_ESTABLISHED, TCT_ESTABLISHED, TCT_CLOSE },
	[TCT_ESTABLISHED] = { TCT_FIN_WAIT1, TCT_CLOSE_WAIT, TCT_CLOSE_WAIT, TCT_CLOSE },
	[TCT_FIN_WAIT1] = { TCT_FIN_WAIT2, TCT_FIN_WAIT2, TCT_CLOSING, TCT_CLOSE },
	[TCT_FIN_WAIT2] = { TCT_TIME_WAIT, TCT_TIME_WAIT, TCT_TIME_WAIT, TCT_CLOSE },
	[TCT_CLOSE_WAIT] = { TCT_LAST_ACK, TCT_LAST_ACK, TCT_LAST_ACK, TCT_CLOSE },
	[TCT_LAST_ACK] = { TCT_CLOSE, TCT_CLOSE, TCT_CLOSE, TCT_CLOSE },
	[TCT_CLOSING] = { TCT_CLOSE, TCT_CLOSE, TCT_CLOSE, TCT_CLOSE },
	[TCT_LISTEN] = { TCT_CLOSE, TCT_CLOSE, TCT_CLOSE, TCT_CLOSE },
	[TCT_TIME_WAIT] = { TCT_CLOSE, TCT_CLOSE, TCT_CLOSE, TCT_CLOSE },
};

static void state_record(union record *rec, uint64_t cookie, enum tct_state from,
			 enum tct_state to, uint64_t time_ns)
{
	rec->sock = stream_state(cookie, from, to, time_ns);
	if (to == TCT_SYN_SENT || to == TCT_LISTEN || to == TCT_LAST_ACK)
		stream_by(&rec->sock, 100 + cookie % 7, "worker");
}

/* A FIN_WAIT2 that hands over sends two records: the mini-socket's, then its own. */
static void make_tape(struct tape *tape)
{
	uint8_t state[COOKIES] = { 0 };
	bool mini[COOKIES] = { 0 };

	for (size_t i = 0; i < RECORDS; i++) {
		size_t c = (size_t)rand() % COOKIES;
		uint64_t cookie = 1000 + c, time_ns = (i + 1) * MILLISECOND;
		enum tct_state from = state[c], to = nexts[from][rand() % 4];

		if (from == TCT_TIME_WAIT) {
			tape->records[i].cancel = stream_cancel(cookie, TCT_TIME_WAIT, time_ns,
								"__run_timers");
			state[c] = TCT_NONE;
			continue;
		}
		if (to == TCT_TIME_WAIT && !mini[c]) {
			tape->records[i].tw = stream_tw(TCT_REC_TW_START, cookie, TCT_TIME_WAIT,
							time_ns);
			mini[c] = true;
			continue;
		}
		if (mini[c])
			to = TCT_TIME_WAIT;
		state_record(&tape->records[i], cookie, from == TCT_NONE ? TCT_CLOSE : from,
			     to == TCT_TIME_WAIT ? TCT_CLOSE : to, time_ns);
		state[c] = to == TCT_CLOSE ? TCT_NONE : to;
		mini[c] = false;
	}
}

static struct tape *tape_new(void)
{
	struct tape *tape = calloc(1, sizeof(*tape));

	assert_non_null(tape);
	for (size_t i = 0; i < RECORDS; i++) {
		tape->dwell_ns[i] = NOT_TOLD;
		tape->kind[i] = NOT_TOLD;
	}
	return tape;
}

static void feed_one(struct survivor *s, const void *rec)
{
	const struct tct_record_header *h = rec;

	assert_int_equal(tct_shards_feed(&s->shards, rec, h->size), h->size);
	s->position++;
	s->now_ns = s->position * MILLISECOND;
}

static void look(struct survivor *s)
{
	tct_shards_settle(&s->shards, s->now_ns);
	if (!tct_shards_tick(&s->shards, s->now_ns))
		return;
	tct_shards_scan_begin(&s->shards, s->now_ns);
	tct_shards_scan_end(&s->shards, s->now_ns);
}

/* One life: until the tape or the fuse ends. */
static bool live_on(struct survivor *s)
{
	const void *rec;

	if (setjmp(s->killed))
		return false;
	while ((rec = s->record(s->ctx, s->position))) {
		feed_one(s, rec);
		if (rand() % 40)
			continue;
		look(s);
		survivor_commit(s);
	}
	return true;
}

static void run(struct survivor *s, struct tape *tape, unsigned int fuse_max)
{
	bool done;

	tape->survivor = s;
	s->record = record_at;
	s->ctx = tape;
	while (true) {
		s->fuse = 0;
		assert_int_equal(survivor_start(s), 0);
		s->fuse = fuse_max ? 1 + (unsigned int)rand() % fuse_max : 0;
		done = live_on(s);
		s->fuse = 0;
		if (done)
			break;
		survivor_bury(s);
	}
	tct_shards_settle(&s->shards, UINT64_MAX - 1);
}

static void expect_same_socket(const struct tct_tracker *a, const struct tct_socket *x,
			       const struct tct_tracker *b, const struct tct_socket *y)
{
	const struct tct_owner *left = tct_tasks_get(&a->tasks, x->owner);
	const struct tct_owner *right = tct_tasks_get(&b->tasks, y->owner);

	assert_int_equal(x->state, y->state);
	assert_int_equal(x->entered_ns, y->entered_ns);
	assert_int_equal(x->flags & ~TCT_SOCK_UNLISTED, y->flags & ~TCT_SOCK_UNLISTED);
	assert_int_equal(x->source, y->source);
	assert_int_equal(!left, !right);
	if (left) {
		assert_int_equal(left->pid, right->pid);
		assert_string_equal(left->comm, right->comm);
	}
	assert_int_equal(!x->closing, !y->closing);
	if (x->closing)
		assert_memory_equal(tct_pool_get(&a->closings, x->closing),
				    tct_pool_get(&b->closings, y->closing),
				    sizeof(struct tct_closing));
}

static void expect_same_mirror(const struct tct_tracker *a, const struct tct_tracker *b)
{
	assert_int_equal(a->mirror.pool.live, b->mirror.pool.live);
	assert_int_equal(a->tasks.pool.live, b->tasks.pool.live);
	assert_int_equal(a->closings.live, b->closings.live);
	assert_memory_equal(a->mirror.by_state, b->mirror.by_state, sizeof(a->mirror.by_state));
	for (uint64_t cookie = 1000; cookie < 1000 + COOKIES; cookie++) {
		for (int mini = 0; mini < 2; mini++) {
			const struct tct_socket *x = tct_mirror_find(&a->mirror, cookie, mini);
			const struct tct_socket *y = tct_mirror_find(&b->mirror, cookie, mini);

			assert_int_equal(!x, !y);
			if (x)
				expect_same_socket(a, x, b, y);
		}
	}
}

/* Two thousand kills later all is as if there had been none. */
static void test_killed_anywhere(void **state)
{
	struct tape *control = tape_new(), *tape = tape_new();
	struct tct_sink sinks[] = {
		{ .ctx = control, .transition = on_transition, .teardown = on_teardown },
		{ .ctx = tape, .transition = on_transition, .teardown = on_teardown },
	};
	struct survivor unharmed = { .memory = survivor_memory_new(), .sink = &sinks[0] };
	struct survivor killed = { .memory = survivor_memory_new(), .sink = &sinks[1] };

	(void)state;
	srand(1);
	make_tape(control);
	memcpy(tape->records, control->records, sizeof(tape->records));
	run(&unharmed, control, 0);
	run(&killed, tape, 60);
	assert_true(killed.lives > 500);
	assert_true(tape->repeats > 500);
	assert_int_equal(control->repeats, 0);
	assert_int_equal(killed.shards.shard[0].received, unharmed.shards.shard[0].received);
	assert_memory_equal(tape->dwell_ns, control->dwell_ns, sizeof(tape->dwell_ns));
	assert_memory_equal(tape->kind, control->kind, sizeof(tape->kind));
	expect_same_mirror(killed.shards.shard, unharmed.shards.shard);
	print_message("%u lives, %llu transitions told again\n", killed.lives,
		      (unsigned long long)tape->repeats);
	survivor_bury(&killed);
	survivor_bury(&unharmed);
	survivor_memory_free(killed.memory);
	survivor_memory_free(unharmed.memory);
	free(control);
	free(tape);
}

static void test_first_of_all(void **state)
{
	const struct tct_sink none = { 0 };
	struct survivor s = { .memory = survivor_memory_new(), .sink = &none };

	(void)state;
	assert_int_equal(survivor_start(&s), 0);
	assert_int_equal(s.shards.shard[0].mirror.pool.live, 0);
	survivor_bury(&s);
	survivor_memory_free(s.memory);
}

/* A leaf of a list, with its order, and what a detector had put aside. */
static void test_order_and_detector(void **state)
{
	const struct tct_sink none = { 0 };
	struct survivor s = { .memory = survivor_memory_new(), .sink = &none };
	struct tct_record_sock rec;
	const struct tct_list *list;

	(void)state;
	assert_int_equal(survivor_start(&s), 0);
	for (uint64_t i = 1; i <= 9; i++) {
		rec = stream_state(i, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 100 * (10 - i));
		feed_one(&s, &rec);
	}
	tct_shards_tick(&s.shards, 10 * SECOND);
	assert_int_equal(s.shards.stuck.part[0].fresh.count, 9);
	survivor_commit(&s);
	survivor_bury(&s);
	assert_int_equal(survivor_start(&s), 0);
	list = &s.shards.shard[0].mirror.lists[0][TCT_CLOSE_WAIT];
	assert_int_equal(list->count, 9);
	assert_int_equal(tct_mirror_at(&s.shards.shard[0].mirror, list->head)->cookie, 9);
	assert_int_equal(tct_mirror_at(&s.shards.shard[0].mirror, list->tail)->cookie, 1);
	assert_true(tct_mirror_at(&s.shards.shard[0].mirror, list->head)->flags & TCT_SOCK_EXACT);
	survivor_bury(&s);
	survivor_memory_free(s.memory);
}

/* What is not committed never was. */
static void test_uncommitted(void **state)
{
	const struct tct_sink none = { 0 };
	struct survivor s = { .memory = survivor_memory_new(), .sink = &none };
	struct tct_record_sock open = stream_state(7, TCT_CLOSE, TCT_SYN_SENT, 100);
	struct tct_record_sock end = stream_state(7, TCT_SYN_SENT, TCT_CLOSE, 200);
	struct tct_record_sock other = stream_state(8, TCT_CLOSE, TCT_SYN_SENT, 300);

	(void)state;
	stream_by(&open, 42, "curl");
	stream_by(&other, 43, "wget");
	assert_int_equal(survivor_start(&s), 0);
	feed_one(&s, &open);
	survivor_commit(&s);
	feed_one(&s, &end);
	feed_one(&s, &other);	/* takes the places of the one that ended */
	assert_int_equal(s.shards.shard[0].mirror.pool.live, 1);
	survivor_bury(&s);
	assert_int_equal(survivor_start(&s), 0);
	assert_int_equal(s.position, 1);
	assert_int_equal(s.shards.shard[0].mirror.pool.live, 1);
	assert_null(tct_mirror_find(&s.shards.shard[0].mirror, 8, false));
	assert_int_equal(tct_shards_owner(&s.shards, 7).pid, 42);
	assert_string_equal(tct_shards_owner(&s.shards, 7).comm, "curl");
	survivor_bury(&s);
	survivor_memory_free(s.memory);
}

static void scribble(struct survivor_memory *memory)
{
	for (int i = 0; i < 40; i++) {
		int pool = rand() % TCT_JOURNAL_POOLS;
		char *at = memory->chunks[pool][0];

		if (at)
			at[(size_t)rand() % (memory->chunk_size[pool] / 8)] = (char)rand();
	}
	memory->log[rand() % 4096] = (char)rand();
	if (rand() % 4 == 0)
		memory->head.log_bytes = (uint32_t)rand() % (2 * SURVIVOR_LOG);
	if (rand() % 4 == 0)
		memory->head.log_batch = memory->head.batch;
}

/* Whatever is in the memory, it ends, and goes on with records. */
static void test_damaged(void **state)
{
	struct tape *tape = tape_new();
	const struct tct_sink none = { 0 };
	struct survivor s = { .memory = survivor_memory_new(), .sink = &none };
	unsigned int refused = 0;

	(void)state;
	srand(2);
	make_tape(tape);
	for (int life = 0; life < 300; life++) {
		int err = survivor_start(&s);

		assert_true(err == 0 || err == -EBADMSG);
		refused += err != 0;
		if (err) {
			survivor_bury(&s);
			survivor_memory_free(s.memory);
			s.memory = survivor_memory_new();
			continue;
		}
		s.position %= RECORDS - 200;
		for (int i = 0; i < 100; i++)
			feed_one(&s, &tape->records[s.position]);
		look(&s);
		survivor_commit(&s);
		for (int i = 0; i < 100; i++)
			feed_one(&s, &tape->records[s.position]);
		survivor_bury(&s);
		scribble(s.memory);
	}
	assert_in_range(refused, 1, 200);
	survivor_memory_free(s.memory);
	free(tape);
}

/* A log that is too small is no ground to go back to. */
static void test_torn(void **state)
{
	const struct tct_sink none = { 0 };
	struct survivor s = { .memory = survivor_memory_new(), .sink = &none };

	(void)state;
	assert_int_equal(survivor_start(&s), 0);
	for (uint64_t i = 1; i <= 200; i++) {
		struct tct_record_sock rec = stream_state(i, TCT_CLOSE, TCT_SYN_SENT, i);

		feed_one(&s, &rec);
	}
	survivor_commit(&s);
	s.journal.log_size = 1024;
	for (uint64_t i = 1; i <= 200; i++) {
		struct tct_record_sock rec = stream_state(i, TCT_SYN_SENT, TCT_ESTABLISHED, 1000 + i);

		feed_one(&s, &rec);
	}
	assert_true(tct_journal_is_full(&s.journal));
	survivor_bury(&s);
	assert_int_equal(survivor_start(&s), -EBADMSG);
	survivor_bury(&s);
	survivor_memory_free(s.memory);
}

/* ... but whole once its batch has ended. */
static void test_torn_and_over(void **state)
{
	const struct tct_sink none = { 0 };
	struct survivor s = { .memory = survivor_memory_new(), .sink = &none };
	struct tct_record_sock rec;

	(void)state;
	assert_int_equal(survivor_start(&s), 0);
	for (uint64_t round = 0; round < 3; round++) {
		for (uint64_t i = 1; i <= 200; i++) {
			rec = stream_state(i, TCT_CLOSE, TCT_SYN_SENT, round * 1000 + i);
			feed_one(&s, &rec);
		}
		survivor_commit(&s);
		s.journal.log_size = round ? SURVIVOR_LOG : 1024;
	}
	rec = stream_state(5, TCT_SYN_SENT, TCT_ESTABLISHED, 9000);
	feed_one(&s, &rec);
	survivor_bury(&s);
	assert_int_equal(survivor_start(&s), 0);
	assert_int_equal(s.shards.shard[0].mirror.pool.live, 200);
	assert_int_equal(tct_mirror_find(&s.shards.shard[0].mirror, 5, false)->state, TCT_SYN_SENT);
	survivor_bury(&s);
	survivor_memory_free(s.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_of_all),
		cmocka_unit_test(test_order_and_detector),
		cmocka_unit_test(test_uncommitted),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_torn_and_over),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_killed_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
