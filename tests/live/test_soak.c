// SPDX-License-Identifier: GPL-2.0
/*
 * 32,000 connections that both sides end by chance: none is called illegal or unknown, each has one
 * teardown, and what was opened is what ended and what is still open.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "child.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fixture.h"
#include "mixed.h"
#include "netns.h"
#include "sockets.h"
#include "tracer.h"

#define DRIVERS 2
#define CONNECTIONS 16000	/* of each */
#define KEPT 40
#define ROWS (1u << 18)		/* a power of two, several times the sockets */
#define KINDS_MAX 24
#define REST_MS 20

/* Sockets by cookie; one that is connected again has more lives. */
struct life {
	uint64_t cookie;
	uint32_t opened;
	uint32_t ended;
};

struct books {
	struct life *lives;
	uint64_t netns;
	uint32_t opened;
	uint32_t ended;
	uint32_t twice;		/* ended more often than opened */
	uint32_t illegal;
	struct {
		char name[24];
		uint32_t count;
	} kinds[KINDS_MAX];
};

static struct life *life_of(struct books *books, uint64_t cookie)
{
	uint32_t i = cookie * 0x9e3779b97f4a7c15ULL >> 40;

	for (;; i++) {
		struct life *life = &books->lives[i & (ROWS - 1)];

		if (life->cookie && life->cookie != cookie)
			continue;
		life->cookie = cookie;
		return life;
	}
}

static bool opens(const json_t *event)
{
	return event_has_text(event, "to", "SYN_SENT") || event_has_text(event, "from", "LISTEN");
}

static void enter_transition(struct books *books, const json_t *event)
{
	books->illegal += !event_flag(event, "legal");
	if (!opens(event) || event_has_text(event, "to", "CLOSE"))
		return;
	books->opened++;
	life_of(books, event_number(event, "cookie"))->opened++;
}

static void count_kind(struct books *books, const char *kind)
{
	int i = 0;

	while (books->kinds[i].count && strcmp(books->kinds[i].name, kind))
		fatal_unless(++i < KINDS_MAX, "too many kinds");
	snprintf(books->kinds[i].name, sizeof(books->kinds[i].name), "%s", kind);
	books->kinds[i].count++;
}

static void enter_teardown(struct books *books, const json_t *event)
{
	struct life *life = life_of(books, event_number(event, "cookie"));

	books->ended++;
	books->twice += ++life->ended > life->opened;
	count_kind(books, event_text(event, "kind"));
}

/* Fit for tracer_start_to_file(); keeps what is wrong. */
static bool enter(const json_t *event, void *arg)
{
	struct books *books = arg;

	if (!event_has_number(event, "netns", (int64_t)books->netns))
		return event_has_text(event, "type", "loss");
	if (event_has_text(event, "type", "transition"))
		enter_transition(books, event);
	if (event_has_text(event, "type", "teardown"))
		enter_teardown(books, event);
	return event_has_text(event, "kind", "unknown");
}

static uint32_t count_of(const struct books *books, const char *kind)
{
	for (int i = 0; i < KINDS_MAX; i++) {
		if (!strcmp(books->kinds[i].name, kind))
			return books->kinds[i].count;
	}
	return 0;
}

/* Connections of this namespace in these states, one bit a state as the kernel numbers them. */
static uint32_t in_kernel(uint32_t states)
{
	FILE *file = fopen("/proc/thread-self/net/tcp", "re");
	char line[512];
	unsigned int state;
	uint32_t count = 0;

	fatal_unless(file, "/proc/thread-self/net/tcp");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d: %*s %*s %x", &state) == 1)
			count += states >> state & 1;
	fclose(file);
	return count;
}

#define STATE(name) (1u << TCP_##name)
#define MOVING (STATE(FIN_WAIT1) | STATE(LAST_ACK) | STATE(CLOSING) | STATE(SYN_SENT))
#define OPEN (MOVING | STATE(ESTABLISHED) | STATE(SYN_RECV) | STATE(FIN_WAIT2) | STATE(CLOSE_WAIT))

/* Until nothing waits for a segment that is still under way. */
static void wait_settled(void)
{
	const struct timespec rest = { .tv_nsec = REST_MS * 1000000 };
	uint64_t deadline = deadline_in_ms(TRACER_PATIENCE_MS);

	while (in_kernel(MOVING) && deadline_left_ms(deadline))
		nanosleep(&rest, NULL);
	assert_int_equal(in_kernel(MOVING), 0);
}

struct target {
	const struct books *books;
	uint32_t open;
};

static bool adds_up(struct tracer *t, void *arg)
{
	const struct target *target = arg;

	(void)t;
	return target->books->opened - target->books->ended == target->open;
}

static void print_kinds(const struct books *books)
{
	for (int i = 0; i < KINDS_MAX && books->kinds[i].count; i++)
		print_message("%8u %s\n", books->kinds[i].count, books->kinds[i].name);
}

static uint32_t unended(const struct books *books)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ROWS; i++)
		count += books->lives[i].opened - books->lives[i].ended;
	return count;
}

/* How an end came that waited for its reset while something was lost, nobody can say. */
static void expect_sound(const struct books *books, uint32_t open, int64_t lost)
{
	print_kinds(books);
	print_message("%u opened, %u ended, %u still open in the kernel\n", books->opened,
		      books->ended, open);
	assert_int_equal(books->illegal, 0);
	assert_int_equal(books->twice, 0);
	if (!lost)
		assert_int_equal(count_of(books, "unknown"), 0);
	assert_int_equal(unended(books), books->opened - books->ended);
	assert_in_range(unended(books), open - (open ? TRACER_UNSEEN_MAX : 0), open + TRACER_UNSEEN_MAX);
}

static uint32_t seed(void)
{
	const char *wanted = getenv("TCT_SEED");

	return wanted ? (uint32_t)strtoul(wanted, NULL, 0) : (uint32_t)deadline_now_ns() | 1;
}

static void run_drivers(struct child drivers[DRIVERS], struct mixed loads[DRIVERS])
{
	uint64_t start = deadline_now_ns();

	for (int i = 0; i < DRIVERS; i++)
		drivers[i] = child_start(mixed_drive, &loads[i]);
	for (int i = 0; i < DRIVERS; i++)
		child_await(drivers[i].link);
	print_message("%d connections, %.0f a second; TCT_SEED=%u\n", DRIVERS * CONNECTIONS,
		      DRIVERS * CONNECTIONS * 1e9 / (deadline_now_ns() - start), loads[0].seed);
}

static void test_each_connection_ends_once(void **state)
{
	const char *const args[] = { "-e", "transition,teardown", NULL };
	struct books books = { .lives = calloc(ROWS, sizeof(*books.lives)) };
	const uint32_t start = seed();
	struct mixed loads[DRIVERS] = {
		{ "127.0.8.1", start, CONNECTIONS, KEPT },
		{ "127.0.8.2", start + 2, CONNECTIONS, KEPT },
	};
	struct child drivers[DRIVERS];
	struct target target = { &books, 0 };
	struct tracer *t;

	fatal_unless(books.lives, "memory");
	netns_enter();
	books.netns = netns_inode();
	*state = t = tracer_start_to_file(args, enter, &books);
	run_drivers(drivers, loads);
	wait_settled();
	target.open = in_kernel(OPEN);
	tracer_until(t, adds_up, &target, TRACER_PATIENCE_MS);
	tracer_finish_but_unseen(t);
	expect_sound(&books, target.open, event_number(tracer_summary(t), "lost"));
	for (int i = 0; i < DRIVERS; i++) {
		child_signal(drivers[i].link);
		assert_int_equal(child_wait(&drivers[i]), 0);
	}
	free(books.lives);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST_ALONE(test_each_connection_ends_once),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("soak", tests, NULL, NULL);
}
